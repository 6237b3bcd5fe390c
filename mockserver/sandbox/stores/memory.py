"""A store in the memory of one process."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import TypeVar

import orjson

from mockserver.sandbox.coverage import CoverageKey, CoverageTable, StoredCoverage
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.store import (
    EncodeEntry,
    OnLost,
    OnUnwritten,
    SandboxInfo,
    Store,
    StoreLimits,
    check_size,
    ignore,
    invalid_store_url,
)
from mockserver.sandbox.stores.uploads import MemoryUploads

T = TypeVar("T")


@dataclass(slots=True)
class _Sandbox:
    state: SandboxState
    size: int = 0
    """Bytes of its state as JSON; 0 for the initial state."""
    created_at: float = field(default_factory=time.time)
    last_used: float = field(default_factory=time.time)
    journal: deque[EncodeEntry] = field(default_factory=deque)


class MemoryStore:
    """A `Store` for one process, with any number of threads."""

    shared = False
    is_persistent = False

    def __init__(self, initial: SandboxState, limits: StoreLimits | None = None) -> None:
        self._initial = initial
        self._limits = limits or StoreLimits()
        self._sandboxes: OrderedDict[str, _Sandbox] = OrderedDict()
        self._evicted = 0
        self.uploads = MemoryUploads()
        self._journal_order: deque[str] = deque()
        """The sandbox of each journal entry, oldest entry first."""
        self._coverage = CoverageTable()
        self._coverage_generation = 0
        self._change_lock = RLock()
        """Held during a change, which may take many milliseconds."""
        self._lock = Lock()
        """Held for microseconds while sandboxes or journals change, and never during a wait."""

    def open(self, on_lost: OnLost = ignore, on_unwritten: OnUnwritten = ignore) -> None:
        """See `Store`."""

    def close(self) -> None:
        """See `Store`."""

    def check(self) -> None:
        """See `Store`."""

    def check_writes(self) -> None:
        """See `Store`."""

    def read(self, sandbox: str) -> SandboxState:
        """See `Store`."""
        stored = self._sandboxes.get(sandbox)
        if stored is None:
            return self._initial
        return stored.state

    def peek(self, sandbox: str) -> SandboxState | None:
        """See `Store`."""
        return self.read(sandbox)

    def change(self, sandbox: str, change: Callable[[SandboxState], tuple[SandboxState, T]]) -> T:
        """See `Store`."""
        with self._change_lock:
            before = self.read(sandbox)
            state, result = change(before)
            if state is not before:
                size = len(orjson.dumps(state.as_json()))
                check_size(size, self._limits)
                with self._lock:
                    stored = self._use(sandbox)
                    stored.state, stored.size = state, size
            return result

    def delete(self, sandbox: str) -> bool:
        """See `Store`."""
        with self._change_lock, self._lock:
            return self._sandboxes.pop(sandbox, None) is not None

    def sandboxes(self) -> list[SandboxInfo]:
        """See `Store`."""
        infos = []
        with self._lock:
            for name, stored in reversed(self._sandboxes.items()):
                infos.append(SandboxInfo(name, stored.size, stored.created_at, stored.last_used))
        return infos

    def count(self) -> int:
        """See `Store`."""
        return len(self._sandboxes)

    def append(self, sandbox: str, entry: EncodeEntry) -> None:
        """See `Store`."""
        with self._lock:
            journal = self._use(sandbox).journal
            journal.append(entry)
            self._journal_order.append(sandbox)
            if len(journal) > self._limits.exchanges:
                journal.popleft()
            if len(self._journal_order) > self._limits.total_exchanges:
                self._drop_oldest_entry()

    def journal(self, sandbox: str, limit: int | None = None) -> list[bytes]:
        """See `Store`."""
        entries: list[EncodeEntry] = []
        with self._lock:
            stored = self._sandboxes.get(sandbox)
            if stored:
                entries = list(stored.journal)
        if limit is not None:
            entries = entries[-limit:]
        return [entry() for entry in entries]

    def clear_journal(self, sandbox: str) -> None:
        """See `Store`."""
        with self._lock:
            stored = self._sandboxes.get(sandbox)
            if stored:
                stored.journal.clear()

    def evicted(self) -> int:
        """See `Store`."""
        return self._evicted

    def coverage_generation(self) -> int:
        """See `Store`."""
        return self._coverage_generation

    def add_coverage(self, key: CoverageKey, items: tuple[str, ...]) -> None:
        """See `Store`."""
        with self._lock:
            self._coverage.add(key, items, time.time())

    def coverage(self) -> StoredCoverage:
        """See `Store`."""
        with self._lock:
            return StoredCoverage(self._coverage.items(), is_complete=True)

    def clear_coverage(self) -> None:
        """See `Store`."""
        with self._lock:
            self._coverage = CoverageTable()
            self._coverage_generation += 1

    def _use(self, name: str) -> _Sandbox:
        """Return a sandbox, created if it is missing, as the most recently used one."""
        stored = self._sandboxes.get(name)
        if stored is None:
            stored = self._sandboxes[name] = _Sandbox(self._initial)
            if len(self._sandboxes) > self._limits.sandboxes:
                self._sandboxes.popitem(last=False)
                self._evicted += 1
        else:
            stored.last_used = time.time()
            self._sandboxes.move_to_end(name)
        return stored

    def _drop_oldest_entry(self) -> None:
        # The entry may be deleted already, with its sandbox or by the limit of one sandbox.
        stored = self._sandboxes.get(self._journal_order.popleft())
        if stored and stored.journal:
            stored.journal.popleft()


def open_memory(url: str, initial: SandboxState, limits: StoreLimits) -> Store:
    """Return the store of `memory:`.

    Raises:
        UsageError: the URL is invalid.
    """
    if url not in ("memory:", "memory://"):
        raise invalid_store_url(url)
    return MemoryStore(initial, limits)
