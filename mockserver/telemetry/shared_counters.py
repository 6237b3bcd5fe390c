"""Counters that the processes of one server share, and that survive each process.

The counters are words of memory, mapped before the fork. The memory is divided into blocks, one for
each process. A process counts in its block, so that no process waits and no increment is lost. A
reader adds the blocks. When a process ends, even by SIGKILL, the next new process continues the
block, so that no counter decreases.

A block contains its keys, one JSON list for each line, in the order of first use. After the keys it
has one word for each key. The last word of a block is the amount that the process holds.
"""

import mmap
import tempfile
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Sequence

import orjson

from mockserver.config import file_locks, processes
from mockserver.config.tempfiles import writable_directory

MAX_PROCESSES = 128
"""Processes that may count at the same time: the workers, and the new ones that replace them."""
SLOTS_PER_BLOCK = 2048
"""Keys of one block. Further keys are not counted."""
_KEY_BYTES = 64 * 1024
"""Bytes of the keys of one block."""
_BLOCK_BYTES = 8 + _KEY_BYTES + 8 * SLOTS_PER_BLOCK
"""Bytes of one block: 8 for the length of its keys, then its keys, then its words.

Only written pages occupy memory.
"""

Key = tuple[str | int | None, ...]
"""The name of a counter, followed by the values of its labels."""


class SharedCounters:
    """Counters by key. Safe for threads and forks. They need no open or close."""

    def __init__(self, killed: Key = ("killed",)) -> None:
        """Map the memory. Call it before the fork.

        `killed` is the counter for the amounts that killed processes held.

        Raises:
            StartError: no temporary file can be created.
        """
        self._killed = killed
        self._map = mmap.mmap(-1, 8 + MAX_PROCESSES * _BLOCK_BYTES)
        self._words = memoryview(self._map).cast("Q")
        # The file is only for locks, which the system releases when a process is killed.
        directory = writable_directory()
        self._file = tempfile.TemporaryFile(prefix="mockserver-", dir=directory)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self._reset_after_fork()
        _INSTANCES.add(self)

    def _reset_after_fork(self) -> None:
        """Reset a new process, which has no block yet and only one thread."""
        self._slots: dict[Key, int] = {}
        self._block: int | None = None
        self._held_slot = _UNREAD_SLOT
        # Held for less than a microsecond.
        self._lock = threading.Lock()

    def add(self, key: Key, amount: int = 1) -> None:
        """Add an amount to a counter. Fast, and raises nothing."""
        slot = self._slots.get(key)
        if slot is None:
            slot = self._claim_slot(key)
        with self._lock:
            self._words[slot] += amount

    def event_counter(
        self, event: Key, total: Key, buckets: Sequence[Key]
    ) -> Callable[[int, int], None]:
        """Return a function that counts one event. It takes the index of a bucket, and an amount.

        The function adds 1 to `event` and to the bucket, and the amount to `total`. It is faster
        than three calls of `add`, and also works after a fork.
        """
        owner: threading.Lock | None = None
        slots_of_bucket: dict[int, tuple[int, ...]] = {}
        words = self._words

        def count(bucket: int, amount: int) -> None:
            nonlocal owner
            if owner is not self._lock:  # the first call in this process
                slots_of_bucket.clear()
                owner = self._lock
            slots = slots_of_bucket.get(bucket)
            if slots is None:
                keys = (event, buckets[bucket], total)
                slots = tuple(map(self._claim_slot, keys))
                slots_of_bucket[bucket] = slots
            event_slot, bucket_slot, total_slot = slots
            with owner:
                words[event_slot] += 1
                words[bucket_slot] += 1
                words[total_slot] += amount

        return count

    def hold(self, amount: int) -> None:
        """Publish the amount that is lost if this process is killed now. Fast, and raises nothing.

        After a kill, the next process that claims the block adds the amount to the counter
        `killed`.
        """
        if self._block is None:
            with self._lock:
                if self._block is None:
                    self._claim_block()
        self._words[self._held_slot] = amount

    def totals(self) -> Counter[Key]:
        """Return the sum of all processes for each key."""
        totals: Counter[Key] = Counter()
        for block in range(self._words[0]):
            for key, slot in self._slots_in(block).items():
                totals[key] += self._words[slot]
        return totals

    def _claim_slot(self, key: Key) -> int:
        """Return the slot of a key, claimed if it is new; `_UNREAD_SLOT` if the block is full."""
        with self._lock:
            if self._block is None:
                self._claim_block()
            if key not in self._slots:
                self._slots[key] = self._register(key)
            return self._slots[key]

    def _register(self, key: Key) -> int:
        """Add a key to the block, and return its slot; `_UNREAD_SLOT` if the block is full."""
        block = self._block
        if block is None or len(self._slots) >= SLOTS_PER_BLOCK - 1:
            return _UNREAD_SLOT
        line = orjson.dumps(key) + b"\n"
        length_word, first_byte = _block_start(block) // 8, _first_key_byte(block)
        length = self._words[length_word]
        if length + len(line) > _KEY_BYTES:
            return _UNREAD_SLOT
        self._map[first_byte + length : first_byte + length + len(line)] = line
        self._words[length_word] = length + len(line)  # readers see the key from now on
        return _first_slot(block) + len(self._slots)

    def _claim_block(self) -> None:
        """Claim the first block that no living process has, with its counters."""
        for block in range(MAX_PROCESSES - 1):
            if not file_locks.claim_byte(self._file, block):
                continue
            self._block = block
            self._slots = self._slots_in(block)
            self._publish_block_count(block + 1)
            self._held_slot = _first_slot(block) + SLOTS_PER_BLOCK - 1
            self._count_killed()
            return

    def _count_killed(self) -> None:
        """Count the amount that the last process of this block held, if it was killed."""
        amount = self._words[self._held_slot]
        if amount:
            self._words[self._held_slot] = 0
            if self._killed not in self._slots:
                self._slots[self._killed] = self._register(self._killed)
            self._words[self._slots[self._killed]] += amount

    def _publish_block_count(self, blocks: int) -> None:
        """Make readers include this number of blocks, at least."""
        file_locks.lock_byte(self._file, MAX_PROCESSES)
        self._words[0] = max(self._words[0], blocks)
        file_locks.unlock_byte(self._file, MAX_PROCESSES)

    def _slots_in(self, block: int) -> dict[Key, int]:
        """Return the slot of each key of a block."""
        length, first_byte = self._words[_block_start(block) // 8], _first_key_byte(block)
        slots = {}
        slot = _first_slot(block)
        for line in self._map[first_byte : first_byte + length].splitlines():
            slots[tuple(orjson.loads(line))] = slot
            slot += 1
        return slots


def _block_start(block: int) -> int:
    """Return the first byte of a block, which begins with the length of its keys."""
    return 8 + block * _BLOCK_BYTES


def _first_key_byte(block: int) -> int:
    return _block_start(block) + 8


def _first_slot(block: int) -> int:
    """Return the index of the first counter of a block, in words."""
    return (_first_key_byte(block) + _KEY_BYTES) // 8


_UNREAD_SLOT = _first_slot(MAX_PROCESSES - 1) + SLOTS_PER_BLOCK - 1
"""A word of the last block, which no process claims."""
_INSTANCES: weakref.WeakSet[SharedCounters] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for counters in _INSTANCES:
        counters._reset_after_fork()


processes.call_after_fork(_after_fork_in_child)
