"""How one process asks all others of the same store to write what they hold back: a few shared words of memory.

Word 0 is the generation: whoever wants all to write raises it. Each process has a slot of two words: its process id, and the
generation that it has last answered. A process first looks at the generation, then writes, then answers.
"""

import fcntl
import mmap
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mockserver.stores import StoreUnavailable

PROCESSES = 255
_SIZE = 8 * (2 + 2 * PROCESSES)
_PAUSE = 0.002


def prepare(path: Path) -> None:
    """Make the file where it is missing. Raises `OSError`."""
    with path.open("ab") as file:
        file.truncate(_SIZE)


class Barrier:
    """The shared words, and this process's slot in them. Make it after the fork."""

    def __init__(self, path: Path) -> None:
        """Raises `StoreUnavailable` if the file cannot be opened, or has no free slot."""
        try:
            self._file = path.open("r+b")
            self._map = mmap.mmap(self._file.fileno(), _SIZE)
        except (OSError, ValueError) as error:
            raise StoreUnavailable(f"{path.name}: {error}") from error
        self._words = memoryview(self._map).cast("Q")
        self._threads = threading.Lock()
        self._slot = self._taken()

    def asked(self) -> int:
        """The present generation."""
        return self._words[0]

    def answer(self, generation: int) -> None:
        """Everything that this process held when the generation was this one is written."""
        self._words[self._slot + 1] = generation

    def answered(self) -> int:
        """The generation that this process has last answered."""
        return self._words[self._slot + 1]

    def ask(self) -> int:
        """Ask all to write; returns the generation to wait for."""
        with self._locked():
            self._words[0] += 1
            return self._words[0]

    def wait(self, generation: int, patience: float) -> None:
        """Until every other living process has answered, or the patience (seconds) is over."""
        until = time.monotonic() + patience
        waited_for = [slot for slot in _SLOTS if slot != self._slot and self._words[slot]]
        while waited_for := [slot for slot in waited_for if self._words[slot + 1] < generation and self._lives(slot)]:
            if time.monotonic() > until:
                return
            time.sleep(_PAUSE)

    def close(self) -> None:
        """Give the slot back."""
        self._words[self._slot] = 0
        self._words.release()
        self._map.close()
        self._file.close()

    def _taken(self) -> int:
        with self._locked():
            for slot in _SLOTS:
                if not self._lives(slot):
                    self._words[slot + 1] = self._words[0]
                    self._words[slot] = os.getpid()
                    return slot
        raise StoreUnavailable(f"more than {PROCESSES} processes use one store")

    def _lives(self, slot: int) -> bool:
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
        with self._threads:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


_SLOTS = range(2, 2 + 2 * PROCESSES, 2)
