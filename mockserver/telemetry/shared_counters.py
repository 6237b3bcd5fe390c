"""Counts that the processes of one server make together, and that outlive each of them.

They are words of memory which the processes share from before the fork. Each process adds in a block that is its own, so that
nobody waits for anybody and no addition is lost; who reads adds the blocks up. A block whose process has gone, however it
went, is taken over as it stands by the next that starts: no count ever goes back.

A block has room for the keys, a JSON list a line in the order in which they were first counted, and a word for each.
"""

import fcntl
import mmap
import os
import tempfile
import threading
import weakref
from collections import Counter

import orjson

from mockserver.config.tempfiles import writable_directory

MAX_PROCESSES = 128
"""How many processes may count at once; the workers, and those that replace them meanwhile."""
SLOTS_PER_BLOCK = 2048
"""Keys of one block; what is counted under more is not told."""
_KEY_BYTES = 64 * 1024
"""Bytes of one block for its keys."""
_BLOCK_BYTES = 8 + _KEY_BYTES + 8 * SLOTS_PER_BLOCK
"""Bytes of one block: how long its keys are, its keys, its words. Only memory that was written to is taken up."""

Key = tuple[str | int | None, ...]
"""What is counted: its name, and whatever parts it."""


class SharedCounters:
    """Counts by key. Safe for threads, greenlets and forks; nothing has to be opened or closed."""

    def __init__(self) -> None:
        """Raises `StartError` where no file can be made."""
        self._map = mmap.mmap(-1, 8 + MAX_PROCESSES * _BLOCK_BYTES)
        self._words = memoryview(self._map).cast("Q")
        # Only its locks are used: the system gives back those of a process that was killed.
        self._file, path = tempfile.mkstemp(prefix="mockserver-", dir=writable_directory())
        os.unlink(path)
        weakref.finalize(self, os.close, self._file)
        self._reset_after_fork()
        _INSTANCES.add(self)

    def _reset_after_fork(self) -> None:
        """In a new process: it has no block yet, and no other thread."""
        self._slots: dict[Key, int] = {}
        self._block: int | None = None
        # Held for less than a microsecond, and never while anything waits.
        self._lock = threading.Lock()

    def add(self, key: Key, amount: int = 1) -> None:
        """Count. Costs next to nothing, and raises nothing."""
        at = self._slots.get(key)
        if at is None:
            at = self._slot_for(key)
        with self._lock:
            self._words[at] += amount

    def totals(self) -> Counter[Key]:
        """What all processes have counted, since before the fork."""
        found: Counter[Key] = Counter()
        for block in range(self._words[0]):
            for place, key in enumerate(self._keys(block)):
                found[key] += self._words[_first_slot(block) + place]
        return found

    def _slot_for(self, key: Key) -> int:
        """The word of a key, from now on. Without room it is one that nobody reads."""
        with self._lock:
            if self._block is None:
                self._claim_block()
            if key not in self._slots:
                self._slots[key] = self._register(key)
            return self._slots[key]

    def _register(self, key: Key) -> int:
        block = self._block
        if block is None or len(self._slots) >= SLOTS_PER_BLOCK - 1:
            return _UNREAD_SLOT
        line, start = orjson.dumps(key) + b"\n", _block_start(block)
        length = self._words[start // 8]
        if length + len(line) > _KEY_BYTES:
            return _UNREAD_SLOT
        self._map[start + 8 + length : start + 8 + length + len(line)] = line
        self._words[start // 8] = length + len(line)  # only now does anybody read it
        return _first_slot(block) + len(self._slots)

    def _claim_block(self) -> None:
        """Take the first block that no living process has, with what is counted in it."""
        for block in range(MAX_PROCESSES - 1):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, block)
            except OSError:
                continue
            self._block = block
            self._slots = {key: _first_slot(block) + place for place, key in enumerate(self._keys(block))}
            self._publish_block_count(block + 1)
            return

    def _publish_block_count(self, blocks: int) -> None:
        """Have those who read look at so many blocks at least."""
        fcntl.lockf(self._file, fcntl.LOCK_EX, 1, MAX_PROCESSES)
        self._words[0] = max(self._words[0], blocks)
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, MAX_PROCESSES)

    def _keys(self, block: int) -> list[Key]:
        start = _block_start(block)
        length = self._words[start // 8]
        return [tuple(orjson.loads(line)) for line in self._map[start + 8 : start + 8 + length].splitlines()]


def _block_start(block: int) -> int:
    """The byte at which a block begins."""
    return 8 + block * _BLOCK_BYTES


def _first_slot(block: int) -> int:
    """The first word of a block's counts."""
    return (_block_start(block) + 8 + _KEY_BYTES) // 8


_UNREAD_SLOT = _first_slot(MAX_PROCESSES - 1) + SLOTS_PER_BLOCK - 1
"""A word of the last block, which no process takes."""
_INSTANCES: weakref.WeakSet[SharedCounters] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for counts in _INSTANCES:
        counts._reset_after_fork()


os.register_at_fork(after_in_child=_after_fork_in_child)
