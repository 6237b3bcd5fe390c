"""The inferred API as plain values, from which `yaml_files` renders YAML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.generation.scaffold.responses import ResponseShape


@dataclass(frozen=True, slots=True)
class OperationDraft:
    """An operation with its effect, if any, and the reason."""

    id: str
    label: str
    """Method and URI template."""
    reason: str
    """Why the effect was inferred, or why none was."""
    effect: Mapping[str, Any] | None = None
    """Its entry in effects.yaml; `None` if it returns its documented example."""
    response: ResponseShape | None = None
    """The shape of its response; `None` if it returns no records."""
    collection: str = ""
    """The name of its collection; empty for an operation without an effect."""
    invalid: int | None = None
    """The documented status for an invalid body; `None` if there is none."""

    @property
    def entry(self) -> Mapping[str, Any]:
        """Its whole entry in effects.yaml; empty if it has none."""
        entry = dict(self.effect or {})
        if self.invalid:
            entry["invalid"] = self.invalid
        return entry


@dataclass(frozen=True, slots=True)
class CollectionDraft:
    """A collection: how its records are found and generated."""

    name: str
    reason: str
    rule: Mapping[str, Any]
    """Its entry in effects.yaml."""
    count: int
    examples: Sequence[Mapping[str, Any]]
    """The example records of the blueprint."""
    fields: Mapping[str, Any]
    """The recipe of each member."""
    states: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """A member that may be the state, to its states; empty without one."""

    @property
    def id_field(self) -> str:
        """The member that is compared with the key."""
        name: str = self.rule.get("id_field", "id")
        return name


@dataclass(frozen=True, slots=True)
class Draft:
    """The inferred parts of one API."""

    operations: tuple[OperationDraft, ...]
    collections: tuple[CollectionDraft, ...]
    access_token: str | None
    now: str
    """The fixtures' date."""

    @property
    def inferred(self) -> tuple[OperationDraft, ...]:
        """The operations with an inferred effect."""
        return tuple(each for each in self.operations if each.effect is not None)

    @property
    def not_inferred(self) -> tuple[OperationDraft, ...]:
        """The operations without an inferred effect."""
        return tuple(each for each in self.operations if each.effect is None)
