"""Compare the types of two nodes."""

from collections.abc import Iterator

from mockserver.formats.json_text import abbreviated_json
from mockserver.verification.diff.schema_branch import Branch
from mockserver.verification.diff.schema_differences import (
    DifferenceKind,
    SchemaDifference,
    value_difference,
)
from mockserver.verification.diff.schema_rules import enum_difference
from mockserver.verification.diff.schema_shapes import Shape
from mockserver.verification.diff.schema_texts import type_text


def type_differences(old: Shape, new: Shape) -> Iterator[SchemaDifference]:
    """Yield the differences of the kinds of values that two nodes accept.

    Values of an enumeration count as values, not as types, if both nodes are enumerations with
    values of a common type.
    """
    are_listed = not _listed_kinds(old).isdisjoint(_listed_kinds(new))
    narrows = widens = False
    for kind, branches in old.items():
        if kind in new:
            continue
        if are_listed and _is_listed(branches):
            yield from _values(DifferenceKind.ENUM_REMOVED, branches)
        else:
            narrows = True
    for kind, branches in new.items():
        if kind in old:
            continue
        if are_listed and _is_listed(branches):
            yield from _values(DifferenceKind.ENUM_ADDED, branches)
        else:
            widens = True
    if narrows or widens:
        old_text, new_text = type_text(old), type_text(new)
        yield value_difference("type", old_text, new_text, narrows=narrows, widens=widens)


def _values(kind: DifferenceKind, branches: tuple[Branch, ...]) -> Iterator[SchemaDifference]:
    for branch in branches:
        for value in (branch.values or {}).values():
            yield enum_difference(kind, abbreviated_json(value))


def _listed_kinds(shape: Shape) -> set[str]:
    return {kind for kind, branches in shape.items() if _is_listed(branches)}


def _is_listed(branches: tuple[Branch, ...]) -> bool:
    """Return whether the values of a kind are those of an enumeration."""
    kind = branches[0].kind
    if kind == "null":
        return False
    if kind == "boolean" and len(branches[0].values or ()) > 1:
        return False
    return all(branch.is_finite for branch in branches)
