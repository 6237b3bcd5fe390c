"""Which items of a contract each test covers, and how much of it a store keeps."""

import heapq
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

MAX_KEYS = 10_000
"""The maximum number of kept keys.

Beyond it, those that covered no further item for the longest time are merged into the rest.
"""
_MAX_ITEM_SETS = 1024
_SLACK = 1000
"""The number of keys above the maximum that a table has before it merges the oldest."""


class CoverageKey(NamedTuple):
    """Who covers items: one test of one contract."""

    contract: str
    """The name of the contract; empty for a contract without one."""
    sandbox: str
    test: str
    """The title of the test that the sandbox has; empty before it has one."""

    @property
    def rest(self) -> "CoverageKey":
        """The key of the items whose tests are not kept any more. No sandbox has its name."""
        return CoverageKey(self.contract, "", "")


Entry = tuple[float, CoverageKey, tuple[str, ...]]
"""The Unix time at which an item was last added, the key, and the items."""


class StoredCoverage(NamedTuple):
    """The coverage in a store at one moment."""

    items: Mapping[CoverageKey, Collection[str]]
    """The covered items of each key."""
    is_complete: bool
    """Whether the store could keep all items. With a full disk it cannot."""


class CoverageTable:
    """The covered items by key. Not safe for threads: callers hold a lock.

    The items of one key are the bits of a number, because many tests cover the same few hundred.
    """

    def __init__(self, max_keys: int = MAX_KEYS) -> None:
        self._max_keys = max_keys
        self._numbers: dict[str, int] = {}
        """The number of the bit of each item."""
        self._covered: dict[CoverageKey, int] = {}
        self._times: dict[CoverageKey, float] = {}
        """The Unix time at which an item was last added to a key. The rests have none."""
        self._bits_of = lru_cache(_MAX_ITEM_SETS)(self._new_bits_of)
        """Returns the bits of some items. Many tests cover the same items."""

    def add(self, key: CoverageKey, items: tuple[str, ...], now: float) -> None:
        """Add items to those of a key. `now` is the Unix time at which they were covered."""
        bits = self._bits_of(items)
        self._covered[key] = self._covered.get(key, 0) | bits
        if key != key.rest:
            self._times[key] = max(now, self._times.get(key, now))
            if len(self._times) > self._max_keys + _SLACK:
                self._trim()

    def items(self) -> dict[CoverageKey, tuple[str, ...]]:
        """Return the items of each key."""
        return {key: items for _, key, items in self.entries()}

    def entries(self) -> list[Entry]:
        """Return each key with its time and its items. The time of a rest is 0."""
        self._trim()
        items = list(self._numbers)
        entries = []
        for key, bits in self._covered.items():
            covered = tuple(items[number] for number in _numbers_of(bits))
            entries.append((self._times.get(key, 0.0), key, covered))
        return entries

    def _new_bits_of(self, items: tuple[str, ...]) -> int:
        bits = 0
        for item in items:
            bits |= 1 << self._numbers.setdefault(item, len(self._numbers))
        return bits

    def _trim(self) -> None:
        """Merge the oldest keys into their rests, if there are too many keys."""
        surplus = len(self._times) - self._max_keys
        for key in heapq.nsmallest(surplus, self._times, self._times.__getitem__):
            bits = self._covered.pop(key) | self._covered.get(key.rest, 0)
            self._covered[key.rest] = bits
            del self._times[key]


def _numbers_of(bits: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
