"""What one sandbox has that differs from the shipped records, and its JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.scenarios import Switched
from mockserver.sandbox.clock import Clock

Record = Mapping[str, Any]
RecordKey = tuple[str, str]
"""Which record: its collection (`push_notifications/exports`) and its key in it."""
Records = Mapping[RecordKey, Record | None]


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """One sandbox. Never changed: a change makes a new one."""

    records: Records = field(default_factory=dict)
    """The records that were changed, whole; `None` for one that is gone."""
    overlaid: Records = field(default_factory=dict)
    """Those that were changed while a scenario's cause lay over the records; they go when the causes change."""
    scenarios: tuple[Switched, ...] = ()
    """The scenarios that are on, in the order in which they were switched on."""
    clock: Clock = field(default_factory=Clock)
    bindings: Mapping[str, str] = field(default_factory=dict)
    """Address of a client to the sandbox of its requests that name none; those of the sandbox `default` count."""

    def as_json(self) -> dict[str, Any]:
        """The state as JSON; `from_json` makes an equal one of it."""
        return {
            "records": _listed(self.records),
            "overlaid": _listed(self.overlaid),
            "scenarios": [each.as_json() for each in self.scenarios],
            "clock": self.clock.as_json(),
            "bindings": dict(self.bindings),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "State":
        """The state that `as_json` told. Raises `KeyError`, `TypeError` or `ValueError` for what it cannot have told."""
        return cls(
            _mapped(value["records"]),
            _mapped(value["overlaid"]),
            tuple(Switched.from_json(each) for each in value["scenarios"]),
            Clock.from_json(value["clock"]),
            dict(value.get("bindings", {})),
        )


def _listed(records: Records) -> list[list[Any]]:
    return [[collection, key, record] for (collection, key), record in records.items()]


def _mapped(listed: list[list[Any]]) -> Records:
    return {(collection, key): record for collection, key, record in listed}
