"""Compare the members of two objects, and the items of two arrays."""

import math
from collections.abc import Callable, Iterator
from typing import Any

from mockserver.formats.json_pointer import to_pointer
from mockserver.verification.diff.schema_branch import Branch
from mockserver.verification.diff.schema_differences import (
    DifferenceKind,
    SchemaDifference,
    accepts_new_values,
    accepts_old_values,
    undecided,
    value_difference,
)
from mockserver.verification.diff.schema_document import Node
from mockserver.verification.diff.schema_equality import same_schema
from mockserver.verification.diff.schema_rules import (
    limit_differences,
    listing_differences,
    opaque_differences,
)
from mockserver.verification.diff.schema_shapes import Shapes
from mockserver.verification.diff.schema_texts import type_text

CompareNodes = Callable[[Node, Node], tuple[SchemaDifference, ...]]
"""Return the differences of two nodes."""


class StructureComparison:
    """Compares objects and arrays.

    Args:
        old: The shapes of the old document.
        new: The shapes of the new document.
        compare: The function that compares two members or items.
    """

    def __init__(self, old: Shapes, new: Shapes, compare: CompareNodes) -> None:
        self._old, self._new, self._compare = old, new, compare

    def object_differences(self, old: Branch, new: Branch) -> Iterator[SchemaDifference]:
        """Yield the differences between two branches of objects."""
        yield from listing_differences(old, new)
        old_implied = implied_object_limits(self._old, old)
        new_implied = implied_object_limits(self._new, new)
        yield from limit_differences(old, new, old_implied, new_implied)
        old_names = known_names(self._old, old)
        new_names = known_names(self._new, new)
        for name in {**old.names, **new.names}:
            if name in old_names and name in new_names:
                differences = self._changed(old, new, name)
            elif name in new_names:
                differences = self._added(old, new, name)
            elif name in old_names:
                differences = self._removed(old, new, name)
            else:
                differences = self._forbidden(old, new, name)
            for difference in differences:
                yield difference.below(to_pointer([name]))
        yield from self._other_members(old, new)
        yield from opaque_differences(old, new)

    def _added(self, old: Branch, new: Branch, name: str) -> Iterator[SchemaDifference]:
        """Yield the difference of a member that only the new schema names."""
        required = name in new.required
        old_node, new_node = old.member(name), new.member(name)
        if self._old.accepts_nothing(old_node):
            narrows, widens = required, True
        else:
            differences = self._compare(old_node, new_node)
            narrows = not accepts_old_values(differences)
            widens = not accepts_new_values(differences)
            if (narrows or widens) and not self._old.document.accepts_any(old_node):
                # The old object is a map, in which the member has another type.
                yield from self._changed(old, new, name)
                return
            narrows = narrows or required
        text = type_text(self._new.shape(new_node))
        kind = DifferenceKind.MEMBER_ADDED
        yield SchemaDifference("", kind, "properties", "", text, required, narrows, widens)

    def _removed(self, old: Branch, new: Branch, name: str) -> Iterator[SchemaDifference]:
        """Yield the difference of a member that only the old schema names."""
        required = name in old.required
        old_node, new_node = old.member(name), new.member(name)
        if self._new.accepts_nothing(new_node):
            narrows, widens = True, required
        else:
            differences = self._compare(old_node, new_node)
            narrows = not accepts_old_values(differences)
            widens = required or not accepts_new_values(differences)
        text = type_text(self._old.shape(old_node))
        kind = DifferenceKind.MEMBER_REMOVED
        yield SchemaDifference("", kind, "properties", text, "", required, narrows, widens)

    def _changed(self, old: Branch, new: Branch, name: str) -> Iterator[SchemaDifference]:
        """Yield the differences of a member that both schemas name."""
        was_required, is_required = name in old.required, name in new.required
        if is_required and not was_required:
            kind = DifferenceKind.BECAME_REQUIRED
            yield SchemaDifference("", kind, "required", "optional", "required", narrows=True)
        elif was_required and not is_required:
            kind = DifferenceKind.BECAME_OPTIONAL
            yield SchemaDifference("", kind, "required", "required", "optional", widens=True)
        yield from self._compare(old.member(name), new.member(name))

    def _forbidden(self, old: Branch, new: Branch, name: str) -> Iterator[SchemaDifference]:
        """Yield the difference of a member that one schema forbids, and no schema lists."""
        was_forbidden = self._old.accepts_nothing(old.member(name))
        is_forbidden = self._new.accepts_nothing(new.member(name))
        if was_forbidden and not is_forbidden:
            yield value_difference(
                "properties", "forbidden", "not listed", narrows=False, widens=True
            )
        elif is_forbidden and not was_forbidden:
            yield value_difference(
                "properties", "not listed", "forbidden", narrows=True, widens=False
            )

    def _other_members(self, old: Branch, new: Branch) -> Iterator[SchemaDifference]:
        """Yield the differences of the members that neither schema names."""
        if old.has_patterns or new.has_patterns:
            yield from _pattern_differences(old, new)
            return
        old_node, new_node = old.other_members, new.other_members
        old_text = self._openness(self._old, old_node)
        new_text = self._openness(self._new, new_node)
        if _CLOSED in (old_text, new_text):
            if old_text != new_text:
                narrows = new_text == _CLOSED
                yield value_difference(
                    "additionalProperties", old_text, new_text, narrows=narrows, widens=not narrows
                )
            return
        for difference in self._compare(old_node, new_node):
            yield difference.below("/*")

    def _openness(self, shapes: Shapes, node: Node) -> str:
        """Return which other members an object may have."""
        if shapes.accepts_nothing(node):
            return _CLOSED
        return f"other members: {type_text(shapes.shape(node))}"

    def array_differences(self, old: Branch, new: Branch) -> Iterator[SchemaDifference]:
        """Yield the differences between two branches of arrays."""
        yield from listing_differences(old, new)
        old_implied = implied_array_limits(self._old, old)
        new_implied = implied_array_limits(self._new, new)
        yield from limit_differences(old, new, old_implied, new_implied)
        old_length = old_implied.get("maxItems", math.inf)
        new_length = new_implied.get("maxItems", math.inf)
        prefix_length = max(old.prefix_length, new.prefix_length)
        for index in range(prefix_length + 1):
            step: str | int = index
            if index == prefix_length:
                step = "*"
            # An item that one side cannot have does not narrow or widen the values there.
            narrows, widens = index < old_length, index < new_length
            if not narrows and not widens:
                break
            for difference in self._compare(old.item(index), new.item(index)):
                limited = difference.limited(narrows=narrows, widens=widens)
                if limited is not None:
                    yield limited.below(to_pointer([step]))
        yield from opaque_differences(old, new)


_CLOSED = "no other members"


def known_names(shapes: Shapes, branch: Branch) -> dict[str, None]:
    """Return the names of the members that a schema lists, without those that it forbids.

    If it requires a member and forbids it, no object is valid.
    """
    names: dict[str, None] = {}
    for name in branch.names:
        if name in branch.required or not shapes.accepts_nothing(branch.member(name)):
            names[name] = None
    return names


def implied_object_limits(shapes: Shapes, branch: Branch) -> dict[str, Any]:
    """Return the limits that objects are within by their required and their possible members."""
    limits = dict(branch.limits)
    limits["minProperties"] = max(limits.get("minProperties", 0), len(branch.required))
    if not branch.has_patterns and shapes.accepts_nothing(branch.other_members):
        count = len(known_names(shapes, branch))
        limits["maxProperties"] = min(limits.get("maxProperties", math.inf), count)
    return limits


def implied_array_limits(shapes: Shapes, branch: Branch) -> dict[str, Any]:
    """Return the limits that arrays are within by their possible items."""
    limits = dict(branch.limits)
    for index in range(branch.prefix_length + 1):
        if shapes.accepts_nothing(branch.item(index)):
            limits["maxItems"] = min(limits.get("maxItems", math.inf), index)
            break
    if limits.get("maxItems", math.inf) <= 1:
        limits["uniqueItems"] = True
    return limits


def _pattern_differences(old: Branch, new: Branch) -> Iterator[SchemaDifference]:
    """Yield a difference unless the patterns, and all that depends on them, are the same."""
    old_parts, new_parts = _pattern_parts(old), _pattern_parts(new)
    if len(old_parts) == len(new_parts):
        pairs = zip(old_parts, new_parts, strict=True)
        if all(same_schema(old.document, a, new.document, b) for a, b in pairs):
            return
    yield undecided("patternProperties", _patterns_text(old_parts), _patterns_text(new_parts))


def _pattern_parts(branch: Branch) -> list[dict[str, Any]]:
    """Return the keywords of each schema that decide about members that it does not list."""
    parts = []
    for part in branch.parts:
        keywords = {name: part[name] for name in _PATTERN_KEYWORDS if name in part}
        if keywords:
            parts.append(keywords)
    return parts


_PATTERN_KEYWORDS = ("patternProperties", "additionalProperties")


def _patterns_text(parts: list[dict[str, Any]]) -> str:
    patterns: list[str] = []
    for part in parts:
        patterns += part.get("patternProperties", {})
    return ", ".join(patterns)
