"""The differences of two JSON Schemas, and their effect on the valid values."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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

    def below(self, pointer: str) -> "SchemaDifference":
        """Return the difference as one of the schema that has its schema at a pointer."""
        return replace(self, pointer=pointer + self.pointer)

    def limited(self, *, narrows: bool, widens: bool) -> "SchemaDifference | None":
        """Return the difference where some of its effects are impossible.

        The result is `None` if no effect is left.

        Args:
            narrows: Whether the place of the difference lets it narrow the values.
            widens: Whether the place of the difference lets it widen the values.
        """
        if (narrows or not self.narrows) and (widens or not self.widens):
            return self
        limited = replace(self, narrows=self.narrows and narrows, widens=self.widens and widens)
        if not limited.narrows and not limited.widens:
            return None
        if self.kind is DifferenceKind.RECUT:
            return replace(limited, kind=kind_of_effect(limited.narrows, limited.widens))
        return limited


def kind_of_effect(narrows: bool, widens: bool) -> DifferenceKind:
    """Return the kind of a difference that narrows the values, widens them, or both."""
    if narrows and widens:
        return DifferenceKind.RECUT
    if narrows:
        return DifferenceKind.NARROWED
    return DifferenceKind.WIDENED


def value_difference(
    keyword: str, old: str, new: str, *, narrows: bool, widens: bool
) -> SchemaDifference:
    """Return the difference of a keyword with a known effect."""
    kind = kind_of_effect(narrows, widens)
    return SchemaDifference("", kind, keyword, old, new, narrows=narrows, widens=widens)


def undecided(keyword: str, old: str, new: str) -> SchemaDifference:
    """Return a difference whose effect is unknown."""
    kind = DifferenceKind.UNDECIDED
    return SchemaDifference("", kind, keyword, old, new, narrows=True, widens=True)


def accepts_old_values(differences: Iterable[SchemaDifference]) -> bool:
    """Return whether the new schema accepts each value of the old one. `True` is proved."""
    return not any(difference.narrows for difference in differences)


def accepts_new_values(differences: Iterable[SchemaDifference]) -> bool:
    """Return whether the old schema accepts each value of the new one. `True` is proved."""
    return not any(difference.widens for difference in differences)
