"""States in the memory of one process."""

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from mockserver.stores import State

T = TypeVar("T")


class MemoryStore:
    """A `Store` for one process, with any number of threads or greenlets."""

    def __init__(self, initial: State) -> None:
        self._initial = initial
        self._states: dict[str, State] = {}
        # One lock for all sandboxes: it is held for microseconds, and never while anything waits.
        self._lock = Lock()

    def read(self, sandbox: str) -> State:
        """See `Store`."""
        return self._states.get(sandbox, self._initial)

    def change(self, sandbox: str, change: Callable[[State], tuple[State, T]]) -> T:
        """See `Store`."""
        with self._lock:
            state, result = change(self.read(sandbox))
            self._states[sandbox] = state
            return result

    def forget(self, sandbox: str) -> None:
        """See `Store`."""
        with self._lock:
            self._states.pop(sandbox, None)
