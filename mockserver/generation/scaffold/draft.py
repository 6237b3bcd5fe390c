"""What an inferred API says, as plain values: what `yaml_files` makes YAML of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.generation.scaffold.responses import ResponseShape


@dataclass(frozen=True, slots=True)
class OperationDraft:
    """One operation: its effect, or none, and why."""

    id: str
    label: str
    """Method and URI template, as people know it."""
    reason: str
    """A sentence: why it was taken so, or why nothing was inferred."""
    effect: Mapping[str, Any] | None = None
    """Its entry in effects.yaml; `None` for one that answers its example."""
    response: ResponseShape | None = None
    """What it shows of records; `None` where it shows none."""
    collection: str = ""
    """Whose records it is about; empty for an operation without an effect."""


@dataclass(frozen=True, slots=True)
class CollectionDraft:
    """One collection: how its records are found, and made."""

    name: str
    reason: str
    rule: Mapping[str, Any]
    """Its entry in effects.yaml."""
    count: int
    examples: Sequence[Mapping[str, Any]]
    """The records that the blueprint shows."""
    fields: Mapping[str, Any]
    """Each member's recipe."""
    states: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The member that may name a state, to the states; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that was inferred of one API."""

    operations: tuple[OperationDraft, ...]
    collections: tuple[CollectionDraft, ...]
    access_token: str | None
    now: str
    """The fixtures' date."""

    @property
    def not_inferred(self) -> tuple[OperationDraft, ...]:
        """The operations of which nothing was inferred."""
        return tuple(each for each in self.operations if each.effect is None)
