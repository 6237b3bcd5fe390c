"""The state of one sandbox, as a difference from the shipped records, and its JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.contract.record_types import Records
from mockserver.sandbox.clock import Clock


@dataclass(frozen=True, slots=True)
class Activation:
    """The activation of one scenario in a sandbox, with its counts."""

    name: str
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """Members that replace those of the scenario's definition, see `definition.OVERRIDES`."""
    activated_at: float = 0.0
    """Seconds after the fixtures' date that the sandbox's clock showed at the activation."""
    matched_requests: int = 0
    """Requests since the activation that the scenario matches."""
    times_applied: int = 0
    """Responses that the scenario applied to."""

    def as_json(self) -> dict[str, Any]:
        """Return the activation as JSON, for `from_json`."""
        return {
            "name": self.name,
            "overrides": self.overrides,
            "activated_at": self.activated_at,
            "matched_requests": self.matched_requests,
            "times_applied": self.times_applied,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Activation":
        """Return the activation that `as_json` was called on."""
        return cls(
            value["name"],
            value["overrides"],
            value["activated_at"],
            value["matched_requests"],
            value["times_applied"],
        )


@dataclass(frozen=True, slots=True, eq=False)
class SandboxState:
    """The state of one sandbox. Immutable."""

    records: Records = field(default_factory=dict)
    """The complete changed records; `None` for a deleted one."""
    overlay: Records = field(default_factory=dict)
    """The records changed while a scenario overrode records.

    Discarded when the overrides change.
    """
    scenarios: tuple[Activation, ...] = ()
    """The active scenarios, in order of activation."""
    clock: Clock = field(default_factory=Clock)
    bindings: Mapping[str, str] = field(default_factory=dict)
    """Client address to the sandbox for requests that name none.

    Only those of `default` are used.
    """
    test: str = ""
    """The full title of the test that uses the sandbox; empty if nobody has named it."""
    contract: str = ""
    """The name of the contract that the sandbox has chosen; empty for the default."""

    @property
    def is_assigned(self) -> bool:
        """Whether the state has a member that a reset keeps, see `assigned_like`."""
        return bool(self.bindings or self.test or self.contract)

    def assigned_like(self, other: "SandboxState") -> "SandboxState":
        """Return the state with bindings, test and contract of another one.

        They are not data of the API, so a reset and an import keep them.
        """
        return replace(self, bindings=other.bindings, test=other.test, contract=other.contract)

    def with_binding(self, address: str, sandbox: str | None) -> "SandboxState":
        """Return the state with the address bound to a sandbox; `None` removes the binding."""
        if self.bindings.get(address) == sandbox:
            return self
        bindings = {other: name for other, name in self.bindings.items() if other != address}
        if sandbox is not None:
            bindings[address] = sandbox
        return replace(self, bindings=bindings)

    def data_json(self) -> dict[str, Any]:
        """Return the state without bindings, test and contract, for `from_json`."""
        return {
            "records": _encode_records(self.records),
            "overlay": _encode_records(self.overlay),
            "scenarios": [activation.as_json() for activation in self.scenarios],
            "clock": self.clock.as_json(),
        }

    def as_json(self) -> dict[str, Any]:
        """Return the state as JSON, for `from_json`."""
        return {
            **self.data_json(),
            "bindings": dict(self.bindings),
            "test": self.test,
            "contract": self.contract,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "SandboxState":
        """Return the state that `as_json` was called on.

        Raises:
            KeyError, TypeError, ValueError: `value` is not the JSON of a state.
        """
        return cls(
            _decode_records(value["records"]),
            _decode_records(value["overlay"]),
            tuple(map(Activation.from_json, value["scenarios"])),
            Clock.from_json(value["clock"]),
            dict(value.get("bindings", {})),
            value.get("test", ""),
            value.get("contract", ""),
        )


def _encode_records(records: Records) -> list[list[Any]]:
    return [[collection, key, record] for (collection, key), record in records.items()]


def _decode_records(encoded: list[list[Any]]) -> Records:
    return {(collection, key): record for collection, key, record in encoded}
