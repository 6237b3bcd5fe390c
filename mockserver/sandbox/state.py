"""What one sandbox has that differs from the shipped records, and its JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.contract.records import Records
from mockserver.sandbox.clock import Clock


@dataclass(frozen=True, slots=True)
class Activation:
    """One scenario that is switched on in a sandbox, and how far it has come."""

    name: str
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """The members of its definition that are another here, see `definition.OVERRIDES`."""
    activated_at: float = 0.0
    """What the sandbox's clock was ahead of the fixtures' date when it was switched on, in seconds."""
    matched_requests: int = 0
    """How many requests were meant since."""
    times_applied: int = 0
    """For how many of them it spoke."""

    def as_json(self) -> dict[str, Any]:
        """As JSON, for `from_json`."""
        told = {"name": self.name, "overrides": self.overrides, "since": self.activated_at}
        return {**told, "matched": self.matched_requests, "spoken": self.times_applied}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Activation":
        """What `as_json` told."""
        return cls(value["name"], value["overrides"], value["since"], value["matched"], value["spoken"])


@dataclass(frozen=True, slots=True, eq=False)
class SandboxState:
    """One sandbox. Never changed: a change makes a new one."""

    records: Records = field(default_factory=dict)
    """The records that were changed, whole; `None` for one that is gone."""
    overlay: Records = field(default_factory=dict)
    """Those that were changed while a scenario's cause lay over the records; they go when the causes change."""
    scenarios: tuple[Activation, ...] = ()
    """The scenarios that are on, in the order in which they were switched on."""
    clock: Clock = field(default_factory=Clock)
    bindings: Mapping[str, str] = field(default_factory=dict)
    """Address of a client to the sandbox of its requests that name none; those of the sandbox `default` count."""

    def with_binding(self, address: str, sandbox: str | None) -> "SandboxState":
        """Return the state of `default` in which the address is bound to the sandbox; to none for `None`."""
        if self.bindings.get(address) == sandbox:
            return self
        others = {each: name for each, name in self.bindings.items() if each != address}
        return replace(self, bindings=others if sandbox is None else {**others, address: sandbox})

    def as_json(self) -> dict[str, Any]:
        """The state as JSON; `from_json` makes an equal one of it."""
        return {
            "records": _listed(self.records),
            "overlaid": _listed(self.overlay),
            "scenarios": [each.as_json() for each in self.scenarios],
            "clock": self.clock.as_json(),
            "bindings": dict(self.bindings),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "SandboxState":
        """The state that `as_json` told. Raises `KeyError`, `TypeError` or `ValueError` for what it cannot have told."""
        return cls(
            _mapped(value["records"]),
            _mapped(value["overlaid"]),
            tuple(Activation.from_json(each) for each in value["scenarios"]),
            Clock.from_json(value["clock"]),
            dict(value.get("bindings", {})),
        )


def _listed(records: Records) -> list[list[Any]]:
    return [[collection, key, record] for (collection, key), record in records.items()]


def _mapped(listed: list[list[Any]]) -> Records:
    return {(collection, key): record for collection, key, record in listed}
