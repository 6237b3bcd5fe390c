"""The states that a process has read from a shared store, so that an unchanged one is the same object each time."""

from collections import OrderedDict
from dataclasses import dataclass

from mockserver.sandbox.state import SandboxState

MAX_CACHED_STATES = 64 * 1024 * 1024
"""Bytes of JSON that the states kept may have; the objects made of it are some times larger."""
_ENTRY = 1024
"""What an entry counts beside its JSON."""


@dataclass(slots=True)
class CachedState:
    """A state as it was read."""

    state: SandboxState
    version: int | bytes | None
    """The version that the store gave it; `None` for one that was never changed."""
    size: int
    checked: int = -1
    """When it was last found to be present: a number of the store's."""
    words: bytes | None = None
    """What the processes had told of their changes then; `None` where that does not show that it is present."""


class StateCache:
    """States by sandbox, the least recently used dropped first. Not safe for threads: the store's lock is."""

    def __init__(self, room: int = MAX_CACHED_STATES) -> None:
        self._seen: OrderedDict[str, CachedState] = OrderedDict()
        self._room = room
        self.get = self._seen.get

    def put(self, sandbox: str, seen: CachedState) -> None:
        """Keep it, in place of what was kept for that sandbox."""
        self.drop(sandbox)
        self._seen[sandbox] = seen
        self._room -= seen.size + _ENTRY
        while self._room < 0 and len(self._seen) > 1:
            self.drop(next(iter(self._seen)))

    def drop(self, sandbox: str) -> None:
        """Keep it no more."""
        if seen := self._seen.pop(sandbox, None):
            self._room += seen.size + _ENTRY
