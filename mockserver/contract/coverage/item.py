"""One item of contract coverage."""

from dataclasses import dataclass

from mockserver.errors import Position

KINDS = ("operation", "status", "parameter", "request", "response", "list", "scenario")
"""The kinds of items, in the order of reports."""


@dataclass(frozen=True, slots=True)
class CoverageItem:
    """One part of the contract that an exchange covers or not."""

    id: str
    """Stable and unique in the contract: `list-all-exports query limit maximum`."""
    kind: str
    """One of `KINDS`."""
    operation: str
    """The id of its operation; empty for a scenario."""
    label: str
    """The item in words, next to the name of its operation."""
    position: Position
    """Its line in the blueprint. For a scenario, its file."""
    operations: tuple[str, ...] = ()
    """The ids of the operations that a scenario applies to; empty for other items."""
