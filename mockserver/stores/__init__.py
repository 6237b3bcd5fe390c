"""Where the sandboxes' states are kept: one protocol, one line in a table for each kind of store."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

Record = Mapping[str, Any]
RecordKey = tuple[str, str]
"""Which record: its collection (`push_notifications/exports`) and its key in it."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What one sandbox has that differs from the shipped records. Never changed: a change makes a new one."""

    records: Mapping[RecordKey, Record | None] = field(default_factory=dict)
    """The records that were changed, whole; `None` for one that is gone."""
    overlaid: Mapping[RecordKey, Record | None] = field(default_factory=dict)
    """Those that were changed while a scenario's cause lay over the records; they go when the causes change."""
    scenarios: tuple[str, ...] = ()
    """Names of the scenarios that are on, in the order in which they were switched on."""


class Store(Protocol):
    """A place for states, by sandbox name. A sandbox that was never changed has the initial state."""

    def read(self, sandbox: str) -> State:
        """The present state. The same object as last time, as long as nothing has changed."""

    def change(self, sandbox: str, change: Callable[[State], tuple[State, T]]) -> T:
        """Put in place the state that `change` makes of the present one, as one step that no other change can part.

        Returns what `change` returns beside the state. When it raises, nothing is changed.
        """

    def forget(self, sandbox: str) -> None:
        """Put a sandbox back to the initial state."""
