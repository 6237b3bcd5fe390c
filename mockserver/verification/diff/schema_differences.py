"""The differences of two JSON Schemas, and their effect on the valid values."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class DifferenceKind(Enum):
    """The kinds of differences between an old and a new schema."""

    MEMBER_ADDED = "member added"
    MEMBER_REMOVED = "member removed"
    BECAME_REQUIRED = "became required"
    BECAME_OPTIONAL = "became optional"
    NARROWED = "narrowed"
    """The new schema rejects values that the old schema accepts."""
    WIDENED = "widened"
    """The new schema accepts values that the old schema rejects."""
    RECUT = "re-cut"
    """Both: the schema is narrowed and widened, such as from `string` to `integer`."""
    ENUM_ADDED = "enum value added"
    ENUM_REMOVED = "enum value removed"
    UNDECIDED = "undecided"
    """The schemas differ, and the comparison cannot decide the effect."""
    TEXT_CHANGED = "text changed"
    EXAMPLE_CHANGED = "example changed"


ANNOTATIONS = frozenset((DifferenceKind.TEXT_CHANGED, DifferenceKind.EXAMPLE_CHANGED))
"""The kinds that never affect a value."""


@dataclass(frozen=True, slots=True)
class SchemaDifference:
    """One difference between an old and a new schema."""

    pointer: str
    """The member with the difference: `/exports/*/status`. `*` is any item or other member."""
    kind: DifferenceKind
    keyword: str
    """The keyword of JSON Schema that differs."""
    old: str
    """The old value of the keyword, as text for people; empty if there is none."""
    new: str
    required: bool = False
    """Whether a member that was added or removed is required."""
    narrows: bool = False
    """Whether a value of the old schema may be invalid in the new one."""
    widens: bool = False
    """Whether a value of the new schema may be invalid in the old one."""


def accepts_old_values(differences: Iterable[SchemaDifference]) -> bool:
    """Return whether the new schema accepts each value of the old one. `True` is proved."""
    return not any(difference.narrows for difference in differences)


def accepts_new_values(differences: Iterable[SchemaDifference]) -> bool:
    """Return whether the old schema accepts each value of the new one. `True` is proved."""
    return not any(difference.widens for difference in differences)
