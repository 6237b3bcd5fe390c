"""Compare one branch of values with another one, by the table of each keyword."""

from collections.abc import Iterator
from dataclasses import replace

from mockserver.formats.json_text import abbreviated_json
from mockserver.verification.diff.schema_branch import Branch, Opaque
from mockserver.verification.diff.schema_differences import (
    DifferenceKind,
    SchemaDifference,
    undecided,
    value_difference,
)
from mockserver.verification.diff.schema_equality import same_schema
from mockserver.verification.diff.schema_keywords import is_unknown
from mockserver.verification.diff.schema_limits import INTEGER, ROWS, Limits
from mockserver.verification.diff.schema_texts import type_name, values_text


def scalar_differences(old: Branch, new: Branch) -> Iterator[SchemaDifference]:
    """Yield the differences between two branches of scalars of one kind."""
    if old.is_finite and new.is_finite:
        yield from listed_value_differences(old, new)
    elif old.is_finite:
        narrows = not _are_within(old, new)
        old_text = values_text(old)
        yield value_difference("enum", old_text, "", narrows=narrows, widens=True)
    elif new.is_finite:
        widens = not _are_within(new, old)
        new_text = values_text(new)
        yield value_difference("enum", "", new_text, narrows=True, widens=widens)
    else:
        yield from limit_differences(old, new, old.limits, new.limits)
    yield from opaque_differences(old, new)


def _are_within(listed: Branch, other: Branch) -> bool:
    """Return whether all values of a branch are within the limits of another one."""
    return all(map(other.within_limits, (listed.values or {}).values()))


def listed_value_differences(old: Branch, new: Branch) -> Iterator[SchemaDifference]:
    """Yield each value that one of two enumerations lacks."""
    old_values, new_values = old.values or {}, new.values or {}
    for key, value in old_values.items():
        if key not in new_values:
            yield enum_difference(DifferenceKind.ENUM_REMOVED, abbreviated_json(value))
    for key, value in new_values.items():
        if key not in old_values:
            yield enum_difference(DifferenceKind.ENUM_ADDED, abbreviated_json(value))


def enum_difference(kind: DifferenceKind, value: str) -> SchemaDifference:
    """Return the difference of a value that was added to an enumeration, or removed."""
    if kind is DifferenceKind.ENUM_REMOVED:
        return SchemaDifference("", kind, "enum", value, "", narrows=True)
    return SchemaDifference("", kind, "enum", "", value, widens=True)


def listing_differences(old: Branch, new: Branch) -> Iterator[SchemaDifference]:
    """Yield the differences between the enumerations of arrays or objects."""
    if old.values is not None and new.values is not None:
        yield from listed_value_differences(old, new)
    elif old.values is not None:
        yield value_difference("enum", values_text(old), "", narrows=False, widens=True)
    elif new.values is not None:
        yield value_difference("enum", "", values_text(new), narrows=True, widens=False)


def limit_differences(
    old: Branch, new: Branch, old_implied: Limits, new_implied: Limits
) -> Iterator[SchemaDifference]:
    """Yield the differences of the limits of two branches of one kind.

    Args:
        old: The old branch.
        new: The new branch.
        old_implied: The limits that the old values are within, by other keywords too: `required`
            implies a minimum of members.
        new_implied: The limits that the new values are within.
    """
    for name, row in ROWS[old.kind].items():
        old_limit = old.limits.get(name, row.default)
        new_limit = new.limits.get(name, row.default)
        narrows = row.tightens(old_implied.get(name, old_limit), new_limit)
        widens = row.tightens(new_implied.get(name, new_limit), old_limit)
        if not narrows and not widens:
            continue
        if name == INTEGER:
            old_type, new_type = type_name("number", (old,)), type_name("number", (new,))
            yield value_difference("type", old_type, new_type, narrows=narrows, widens=widens)
            continue
        difference = value_difference(
            row.keywords[0],
            row.text(old_limit),
            row.text(new_limit),
            narrows=narrows,
            widens=widens,
        )
        if narrows and widens:
            difference = replace(difference, kind=row.changed)
        yield difference


def opaque_differences(old: Branch, new: Branch) -> Iterator[SchemaDifference]:
    """Yield the keywords that are compared as text and differ."""
    for keyword in dict.fromkeys(item.keyword for item in (*old.opaque, *new.opaque)):
        old_items = [item for item in old.opaque if item.keyword == keyword]
        new_items = [item for item in new.opaque if item.keyword == keyword]
        widens = not _are_implied(old, old_items, new, new_items)
        narrows = not _are_implied(new, new_items, old, old_items)
        if not narrows and not widens:
            continue
        difference = undecided(keyword, _opaque_text(old_items), _opaque_text(new_items))
        if not is_unknown(keyword):
            difference = replace(difference, narrows=narrows, widens=widens)
        yield difference


def _are_implied(
    branch: Branch, items: list[Opaque], other: Branch, other_items: list[Opaque]
) -> bool:
    """Return whether each item is the same as an item of the other branch."""
    for item in items:
        if not any(
            same_schema(branch.document, item.schema, other.document, other_item.schema)
            for other_item in other_items
        ):
            return False
    return True


def _opaque_text(items: list[Opaque]) -> str:
    texts = [abbreviated_json(item.schema.get(item.keyword)) for item in items]
    return ", ".join(texts)
