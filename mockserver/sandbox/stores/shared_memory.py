"""Words of memory that the processes of one SQLite store share.

Word 0 is the generation. A process that needs the queued entries of all processes increments it.

Each process has a slot of two words: its process id with its start time, and the last generation
that it acknowledged.
A process reads the generation, then writes its queue, then acknowledges that generation. Another
file of this form has the generation of the uploaded APIs (see `sqlite_uploads`).

After the slots, each process has one change counter, which is odd during a change of the states. As
long as all counters are even and unchanged, no state has changed, and no file has to be read.

The last two words are the generation of the coverage, and whether it is incomplete.

A platform without forks has one process. It locks the file as long as it uses the store.
"""

import errno
import mmap
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from mockserver.config import file_locks, processes
from mockserver.errors import StoreUnavailable

MAX_PROCESSES = 255
_FIRST_COUNTER = 2 + 2 * MAX_PROCESSES
"""The word of the first change counter."""
_COVERAGE_GENERATION = _FIRST_COUNTER + MAX_PROCESSES
_COVERAGE_INCOMPLETE = _COVERAGE_GENERATION + 1
_SIZE = 8 * (_COVERAGE_INCOMPLETE + 1)
_ODD_BITS = sum(1 << 64 * index for index in range(MAX_PROCESSES))
"""The lowest bit of each change counter."""
_POLL_SECONDS = 0.002
LOCK_SECONDS = 5.0
"""Timeout for the lock of the file."""
_IN_USE = "another server uses it; on this platform, one server can use the file of a store"


def prepare(path: Path) -> None:
    """Create the file if it is missing.

    Raises:
        OSError: it cannot be written.
    """
    with _open(path, "ab") as file:
        file.truncate(_SIZE)


def _open(path: Path, mode: Literal["ab", "r+b"]) -> BinaryIO:
    """Open the file. Without forks, lock it until it is closed.

    Raises:
        OSError: the file cannot be opened, or another server has locked it.
    """
    file = path.open(mode)
    if not processes.CAN_FORK:
        try:
            file_locks.try_lock(file)
        except BlockingIOError as error:
            file.close()
            raise OSError(errno.EBUSY, _IN_USE) from error
    return file


class SharedMemory:
    """The shared words, and this process's slot in them. Create it after the fork."""

    def __init__(self, path: Path) -> None:
        """Map the file, and claim a slot.

        Raises:
            StoreUnavailable: the file cannot be opened, or has no free slot.
        """
        try:
            self._file = _open(path, "r+b")
            self._map = mmap.mmap(self._file.fileno(), _SIZE)
        except (OSError, ValueError) as error:
            raise StoreUnavailable(f"{path.name}: {error}") from error
        self._words = memoryview(self._map).cast("Q")
        self._counters = memoryview(self._map)[8 * _FIRST_COUNTER : 8 * _COVERAGE_GENERATION]
        self.change_counters = self._counters.tobytes
        """Returns the current change counters of all processes, as bytes."""
        self._thread_lock = threading.Lock()
        try:
            self._slot = self._claim_slot()
        except StoreUnavailable:
            self._release()
            raise

    def generation(self) -> int:
        """Return the current generation."""
        return self._words[0]

    def acknowledge(self, generation: int) -> None:
        """Publish that this process has done its work for this generation."""
        self._words[self._slot + 1] = generation

    def acknowledged(self) -> int:
        """Return the last generation that this process acknowledged."""
        return self._words[self._slot + 1]

    def next_generation(self) -> int:
        """Begin the next generation, and return it. Each process has to acknowledge it.

        Raises:
            StoreUnavailable: another process holds the lock of the file too long.
        """
        with self._locked():
            self._words[0] += 1
            return self._words[0]

    def wait(self, generation: int, seconds: float) -> bool:
        """Wait until every other living process has acknowledged, for some seconds at most.

        Return whether all have.
        """
        deadline = time.monotonic() + seconds
        for slot in _SLOTS:
            if slot == self._slot:
                continue
            while self._is_pending(slot, generation):
                if time.monotonic() > deadline:
                    return False
                time.sleep(_POLL_SECONDS)
        return True

    def _is_pending(self, slot: int, generation: int) -> bool:
        """Return whether the process of a slot lives, and has not acknowledged a generation."""
        return self._words[slot + 1] < generation and self._is_alive(slot)

    @contextmanager
    def mark_change(self) -> Iterator[None]:
        """Mark the body of the `with` statement as a change of the states.

        The caller holds the lock of this process's transactions, so that no other thread counts.
        """
        self._words[self._own_counter] += 1
        try:
            yield
        finally:
            self._words[self._own_counter] += 1

    def stable_counters(self) -> bytes | None:
        """Return the change counters; `None` during a change, or after a kill during one."""
        counters = self.change_counters()
        if int.from_bytes(counters, sys.byteorder) & _ODD_BITS:
            return None
        return counters

    def coverage_generation(self) -> int:
        """Return the generation of the coverage."""
        return self._words[_COVERAGE_GENERATION]

    @contextmanager
    def begin_coverage(self) -> Iterator[int]:
        """Begin another generation of the coverage, which is complete, and yield it.

        No process begins the next one before the end of the `with` statement.

        Raises:
            StoreUnavailable: another process holds the lock of the file too long.
        """
        with self._locked():
            self._words[_COVERAGE_INCOMPLETE] = 0
            self._words[_COVERAGE_GENERATION] += 1
            yield self._words[_COVERAGE_GENERATION]

    def mark_coverage_incomplete(self) -> None:
        """Note that items of this generation of the coverage could not be written."""
        self._words[_COVERAGE_INCOMPLETE] = 1

    def is_coverage_complete(self) -> bool:
        """Return whether all items of this generation of the coverage were written."""
        return not self._words[_COVERAGE_INCOMPLETE]

    def close(self) -> None:
        """Free the slot, and unmap the file."""
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
                    self._words[slot] = _identity(os.getpid())
                    self._own_counter = _FIRST_COUNTER + slot // 2 - 1
                    # An odd counter: the last owner of the slot was killed during a change.
                    self._words[self._own_counter] += self._words[self._own_counter] & 1
                    return slot
        raise StoreUnavailable(f"more than {MAX_PROCESSES} processes use one store")

    def _lock_file(self) -> None:
        """Lock the file. Processes hold the lock for a few milliseconds at most.

        Raises:
            StoreUnavailable: a process that was stopped (SIGSTOP) holds the lock.
        """
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                file_locks.try_lock(self._file)
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    raise StoreUnavailable(
                        "another process holds the lock of the store and does not release it"
                    ) from error
                time.sleep(_POLL_SECONDS)
            else:
                return

    def _is_alive(self, slot: int) -> bool:
        word = self._words[slot]
        pid = word & _PID_BITS
        if not (pid and processes.CAN_FORK):
            return False
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        # A slot of an earlier version has no start time.
        return word in (pid, _identity(pid))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # One lock excludes threads of this process, the other excludes processes.
        with self._thread_lock:
            if not processes.CAN_FORK:
                yield
                return
            self._lock_file()
            try:
                yield
            finally:
                file_locks.unlock(self._file)


def _identity(pid: int) -> int:
    """Return the id of a process with its start time, which differs if the id is used again.

    A container that starts again has the same ids. Without `/proc`, the start time is 0.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return pid
    # The name of the program is in parentheses, and may contain any byte.
    start_time = int(stat.rpartition(b")")[2].split()[_START_TIME])
    return pid | (start_time & _PID_BITS) << 32


_PID_BITS = 0xFFFFFFFF
_START_TIME = 19
"""The place of the start time in `/proc/PID/stat` (see proc(5)), after the name of the program."""
_SLOTS = range(2, 2 + 2 * MAX_PROCESSES, 2)
