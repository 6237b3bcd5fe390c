"""What the processes of one store tell each other: a few shared words of memory.

Word 0 is the generation: whoever wants all to write what they hold back raises it. Each process has a slot of two words: its
process id, and the generation that it has last answered. A process first looks at the generation, then writes, then answers.

Behind the slots each process has one more word, which counts its changes of the states: odd while it makes one. As long as
none is odd and all are what they were, nothing has changed, and no file has to be asked.
"""

import fcntl
import mmap
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mockserver.sandbox.stores.store import StoreUnavailable

MAX_PROCESSES = 255
_SIZE = 8 * (2 + 3 * MAX_PROCESSES)
_FIRST_COUNTER = 2 + 2 * MAX_PROCESSES
"""The first of the words that count changes."""
_ODD_BITS = sum(1 << 64 * index for index in range(MAX_PROCESSES))
"""The lowest bit of each of those words."""
_POLL_SECONDS = 0.002
LOCK_SECONDS = 5.0
"""Seconds for which the file's lock is waited for."""


def prepare(path: Path) -> None:
    """Make the file where it is missing. Raises `OSError`."""
    with path.open("ab") as file:
        file.truncate(_SIZE)


class SharedMemory:
    """The shared words, and this process's slot in them. Make it after the fork."""

    def __init__(self, path: Path) -> None:
        """Raises `StoreUnavailable` if the file cannot be opened, or has no free slot."""
        try:
            self._file = path.open("r+b")
            self._map = mmap.mmap(self._file.fileno(), _SIZE)
        except (OSError, ValueError) as error:
            raise StoreUnavailable(f"{path.name}: {error}") from error
        self._words = memoryview(self._map).cast("Q")
        self._counters = memoryview(self._map)[8 * _FIRST_COUNTER :]
        self.change_counters = self._counters.tobytes
        """The words that count changes, as they are now."""
        self._thread_lock = threading.Lock()
        try:
            self._slot = self._claim_slot()
        except StoreUnavailable:
            self._release()
            raise

    def generation(self) -> int:
        """The present generation."""
        return self._words[0]

    def acknowledge(self, generation: int) -> None:
        """Everything that this process held when the generation was this one is written."""
        self._words[self._slot + 1] = generation

    def acknowledged(self) -> int:
        """The generation that this process has last answered."""
        return self._words[self._slot + 1]

    def request_flush(self) -> int:
        """Ask all to write; returns the generation to wait for."""
        with self._locked():
            self._words[0] += 1
            return self._words[0]

    def wait(self, generation: int, seconds: float) -> None:
        """Until every other living process has answered, or the patience (seconds) is over."""
        until = time.monotonic() + seconds
        waited_for = [slot for slot in _SLOTS if slot != self._slot and self._words[slot]]
        while waited_for := [slot for slot in waited_for if self._words[slot + 1] < generation and self._is_alive(slot)]:
            if time.monotonic() > until:
                return
            time.sleep(_POLL_SECONDS)

    @contextmanager
    def mark_change(self) -> Iterator[None]:
        """Around a change of the states: told before it is committed, and again when it is over.

        For who holds the lock of this process's transactions; so nobody else counts this word.
        """
        self._words[self._own_counter] += 1
        try:
            yield
        finally:
            self._words[self._own_counter] += 1

    def stable_counters(self) -> bytes | None:
        """The words that count changes; `None` while one is being made, or was being made by a process that was killed."""
        words = self.change_counters()
        return None if int.from_bytes(words, sys.byteorder) & _ODD_BITS else words

    def close(self) -> None:
        """Give the slot back."""
        self._words[self._slot] = 0
        self._release()

    def _release(self) -> None:
        self._counters.release()
        self._words.release()
        self._map.close()
        self._file.close()

    def _claim_slot(self) -> int:
        with self._locked():
            for slot in _SLOTS:
                if not self._is_alive(slot):
                    self._words[slot + 1] = self._words[0]
                    self._words[slot] = os.getpid()
                    self._own_counter = _FIRST_COUNTER + slot // 2 - 1
                    self._words[self._own_counter] += (
                        self._words[self._own_counter] & 1
                    )  # its last owner was killed within a change
                    return slot
        raise StoreUnavailable(f"more than {MAX_PROCESSES} processes use one store")

    def _lock_file(self) -> None:
        """Lock the file, held for microseconds. Raises `StoreUnavailable` where a process holds it that was stopped meanwhile."""
        until = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > until:
                    raise StoreUnavailable("another process holds the lock of the store, and does not go on") from error
                time.sleep(_POLL_SECONDS)
            else:
                return

    def _is_alive(self, slot: int) -> bool:
        pid = self._words[slot]
        if not pid:
            return False
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # The file's lock parts processes, the other one the threads of this process. Both are held for microseconds.
        with self._thread_lock:
            self._lock_file()
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


_SLOTS = range(2, 2 + 2 * MAX_PROCESSES, 2)
