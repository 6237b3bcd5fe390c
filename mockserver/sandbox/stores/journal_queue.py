"""The journal entries of one process that its store has not written yet.

Any thread appends an entry, without waiting for the store. One thread at a time writes the entries.
The limits of the journal also limit the queue, because the store would trim further entries at
once. A busy sandbox has many thousands of such entries, so the queue drops them when the next ones
arrive.
"""

import logging
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from itertools import chain
from operator import itemgetter
from threading import Lock
from typing import TypeVar

from mockserver.sandbox.stores.store import EncodeEntry, OnLost, OnUnwritten, StoreLimits

T = TypeVar("T")
HOLD_SECONDS = 0.001
"""Seconds in which a writer keeps the GIL. The event loop waits for about as long."""
PAUSE_SECONDS = 0.0001
"""Seconds until a writer takes the GIL back. The event loop needs some of them to wake up."""

QueuedEntry = tuple[float, str, EncodeEntry]
"""Unix time, sandbox and entry."""
EncodedEntry = tuple[str, float, bytes]
"""Sandbox, Unix time and JSON."""
log = logging.getLogger("mockserver")


def paced(items: Iterable[T]) -> Iterator[T]:
    """Yield the items, and release the GIL regularly meanwhile."""
    deadline = time.perf_counter() + HOLD_SECONDS
    for item in items:
        yield item
        if time.perf_counter() > deadline:
            time.sleep(PAUSE_SECONDS)
            deadline = time.perf_counter() + HOLD_SECONDS


class JournalQueue:
    """The unwritten entries, and the last use of each sandbox. Create it after the fork.

    The caller of `take`, `encode`, `written` and `lose` holds a lock, so that only one thread
    writes.
    """

    def __init__(self, limits: StoreLimits, on_lost: OnLost, on_unwritten: OnUnwritten) -> None:
        self._limits, self._on_lost, self._on_unwritten = limits, on_lost, on_unwritten
        self._max_uses = 2 * limits.sandboxes
        self._lock = Lock()
        """Held for microseconds, and never while the store works."""
        self._new: dict[str, deque[QueuedEntry]] = {}
        """The newest entries of each sandbox, oldest first."""
        self._new_count = 0
        self._taken: list[QueuedEntry] = []
        """Entries that a writer has taken, and has not written yet."""
        self._new_uses: dict[str, float] = {}
        self._taken_uses: dict[str, float] = {}
        self.publish()

    def append(self, sandbox: str, entry: EncodeEntry) -> None:
        """Add an entry, and mark its sandbox as used now. Fast, and raises nothing."""
        with self._lock:
            now = self._mark_used(sandbox)
            entries = self._new.get(sandbox)
            if entries is None:
                entries = self._new[sandbox] = deque(maxlen=self._limits.exchanges)
            if len(entries) < self._limits.exchanges:
                self._new_count += 1
            entries.append((now, sandbox, entry))
        self.publish()

    def mark_used(self, sandbox: str) -> None:
        """Mark a sandbox as used now."""
        with self._lock:
            self._mark_used(sandbox)

    def _mark_used(self, sandbox: str) -> float:
        """Mark a sandbox as used now, and return the Unix time.

        During an outage of the store the uses of twice as many sandboxes are kept as the store
        allows, then the least recent use is dropped. The store evicts that sandbox later.
        """
        now, uses = time.time(), self._new_uses
        uses.pop(sandbox, None)
        uses[sandbox] = now
        if len(uses) > self._max_uses:
            del uses[next(iter(uses))]
        return now

    def publish(self) -> None:
        """Publish the number of unwritten entries.

        Threads may do so in another order than they append. So the writer repeats it regularly.
        """
        self._on_unwritten(len(self._taken) + self._new_count)

    def take(self) -> tuple[list[QueuedEntry], dict[str, float]]:
        """Return the entries to write, oldest first, and the Unix time of each sandbox's last use.

        They stay unwritten until `written` is called.
        """
        with self._lock:
            new, self._new = self._new, {}
            new_uses, self._new_uses = self._new_uses, {}
            self._new_count = 0
        self._taken = self._within_limits(self._taken + _in_order(new.values()))
        self._taken_uses.update(new_uses)
        surplus = len(self._taken_uses) - self._max_uses
        if surplus > 0:
            for name in sorted(self._taken_uses, key=self._taken_uses.__getitem__)[:surplus]:
                del self._taken_uses[name]
        return self._taken, self._taken_uses

    def encode(self, entries: Iterable[QueuedEntry]) -> list[EncodedEntry]:
        """Return the entries as JSON. An entry that cannot be encoded is lost."""
        encoded = []
        for timestamp, sandbox, entry in paced(entries):
            try:
                encoded.append((sandbox, timestamp, entry()))
            except Exception:
                log.exception("a journal entry of %s cannot be encoded", sandbox)
                self._on_lost(1)
        return encoded

    def written(self, count: int) -> None:
        """Remove the oldest entries, which are written now."""
        self._taken = self._taken[count:]
        self.publish()

    def uses_written(self) -> None:
        """Remove the times of use, which are written now."""
        self._taken_uses = {}

    def lose(self) -> None:
        """Count the unwritten entries as lost."""
        entries, _ = self.take()
        self._on_lost(len(entries))
        self.written(len(entries))

    def unwritten(self, sandbox: str) -> list[EncodeEntry]:
        """Return the unwritten entries of a sandbox, oldest first."""
        with self._lock:
            new = list(self._new.get(sandbox, ()))
        return [entry for _, name, entry in paced(self._taken + new) if name == sandbox]

    def _within_limits(self, entries: list[QueuedEntry]) -> list[QueuedEntry]:
        """Return the entries that the limits of the journal keep."""
        entries = entries[-self._limits.total_exchanges :]
        if len(entries) <= self._limits.exchanges:
            return entries
        counts = Counter(sandbox for _, sandbox, _ in paced(entries))
        surplus = {name: count - self._limits.exchanges for name, count in counts.items()}
        kept = []
        for entry in paced(entries):
            if surplus[entry[1]] > 0:
                surplus[entry[1]] -= 1
            else:
                kept.append(entry)
        return kept


def _in_order(queues: Iterable[Iterable[QueuedEntry]]) -> list[QueuedEntry]:
    """Return the entries of all sandboxes, oldest first."""
    return sorted(chain.from_iterable(queues), key=itemgetter(0))
