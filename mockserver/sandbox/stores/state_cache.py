"""A cache of the states of a shared store, so that an unchanged state stays the same object."""

from collections import OrderedDict
from dataclasses import dataclass

from mockserver.sandbox.state import SandboxState

MAX_CACHED_BYTES = 64 * 1024 * 1024
"""Bytes of JSON of the cached states. The Python objects need several times as much."""
_ENTRY_OVERHEAD = 1024
"""Bytes that an entry counts in addition to its JSON."""


@dataclass(slots=True)
class CachedState:
    """A state as it was read from the store."""

    state: SandboxState
    version: int | bytes | None
    """The version in the store; `None` for a state that was never changed."""
    size: int
    """Bytes of its JSON."""
    data_version: int = -1
    """The version of the SQLite file at which the state was last known to be current."""
    counters: bytes | None = None
    """The change counters of all processes at that moment; `None` if a change was in progress."""


class StateCache:
    """States by sandbox.

    The oldest entry is dropped first. Not safe for threads: callers hold a lock.
    """

    def __init__(self, max_bytes: int = MAX_CACHED_BYTES) -> None:
        self._states: OrderedDict[str, CachedState] = OrderedDict()
        self._free_bytes = max_bytes
        self.get = self._states.get

    def put(self, sandbox: str, cached: CachedState) -> None:
        """Cache the state of a sandbox, in place of an older one."""
        self.drop(sandbox)
        self._states[sandbox] = cached
        self._free_bytes -= cached.size + _ENTRY_OVERHEAD
        while self._free_bytes < 0 and len(self._states) > 1:
            self.drop(next(iter(self._states)))

    def drop(self, sandbox: str) -> None:
        """Remove the state of a sandbox."""
        cached = self._states.pop(sandbox, None)
        if cached is not None:
            self._free_bytes += cached.size + _ENTRY_OVERHEAD
