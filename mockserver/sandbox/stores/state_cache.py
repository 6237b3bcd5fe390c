"""The states that a process has read from a shared store, so that an unchanged one is the same object each time."""

from collections import OrderedDict
from dataclasses import dataclass

from mockserver.sandbox.state import SandboxState

MAX_CACHED_BYTES = 64 * 1024 * 1024
"""Bytes of JSON that the states kept may have; the objects made of it are some times larger."""
_ENTRY_OVERHEAD = 1024
"""What an entry counts beside its JSON."""


@dataclass(slots=True)
class CachedState:
    """A state as it was read."""

    state: SandboxState
    version: int | bytes | None
    """The version that the store gave it; `None` for one that was never changed."""
    size: int
    data_version: int = -1
    """When it was last found to be present: a number of the store's."""
    counters: bytes | None = None
    """What the processes had told of their changes then; `None` where that does not show that it is present."""


class StateCache:
    """States by sandbox, the least recently used dropped first. Not safe for threads: the store's lock is."""

    def __init__(self, max_bytes: int = MAX_CACHED_BYTES) -> None:
        self._states: OrderedDict[str, CachedState] = OrderedDict()
        self._free_bytes = max_bytes
        self.get = self._states.get

    def put(self, sandbox: str, seen: CachedState) -> None:
        """Keep it, in place of what was kept for that sandbox."""
        self.drop(sandbox)
        self._states[sandbox] = seen
        self._free_bytes -= seen.size + _ENTRY_OVERHEAD
        while self._free_bytes < 0 and len(self._states) > 1:
            self.drop(next(iter(self._states)))

    def drop(self, sandbox: str) -> None:
        """Keep it no more."""
        if seen := self._states.pop(sandbox, None):
            self._free_bytes += seen.size + _ENTRY_OVERHEAD
