"""Compare two JSON Schemas (2020-12) of one message body, member by member.

Each difference has its effect on the values that a schema accepts. Without a difference that
narrows, each value of the old schema is valid in the new one.
"""

from collections.abc import Iterator
from dataclasses import replace

from mockserver.formats.json_schema import MAX_DEPTH, Schema, exceeds_depth
from mockserver.verification.diff.schema_alternatives import AlternativesComparison
from mockserver.verification.diff.schema_annotations import annotation_differences
from mockserver.verification.diff.schema_branch import SCALARS, Branch
from mockserver.verification.diff.schema_differences import (
    SchemaDifference,
    kind_of_effect,
    undecided,
)
from mockserver.verification.diff.schema_document import Document, Node
from mockserver.verification.diff.schema_equality import same_schema
from mockserver.verification.diff.schema_members import StructureComparison
from mockserver.verification.diff.schema_memory import PairMemory
from mockserver.verification.diff.schema_rules import scalar_differences
from mockserver.verification.diff.schema_shapes import Shapes
from mockserver.verification.diff.schema_types import type_differences

MAX_SCHEMA_DEPTH = 200
"""Maximum levels of lists and objects in a schema. Deeper schemas are compared as text."""
MAX_STEPS = 50_000
"""Maximum number of pairs of subschemas and of their differences in one comparison.

Many recursive types that all refer to each other have an exponential number of differences.
"""
MAX_DIFFERENCES = 5000
"""Maximum differences below one member. Those with the shortest pointers are kept."""


def compare_schemas(old: Schema, new: Schema) -> tuple[SchemaDifference, ...]:
    """Return the differences between two valid schemas, with their effects.

    The first differences are those of the body itself, then those of its members in the order of
    the schemas.
    """
    old_document, new_document = Document(old), Document(new)
    if exceeds_depth(old, MAX_SCHEMA_DEPTH) or exceeds_depth(new, MAX_SCHEMA_DEPTH):
        if same_schema(old_document, old, new_document, new):
            return ()
        text = f"more than {MAX_SCHEMA_DEPTH} levels"
        return (undecided("", text, text),)
    return _Comparison(old_document, new_document).node_differences((old,), (new,))


class _Comparison:
    """Compares two documents. The same pair of subschemas is compared once."""

    def __init__(self, old: Document, new: Document) -> None:
        self._old, self._new = Shapes(old), Shapes(new)
        self._memory = PairMemory()
        self._structure = StructureComparison(self._old, self._new, self.node_differences)
        self._alternatives = AlternativesComparison(self._old, self._new, self._branch_differences)
        self._step_count = 0

    def node_differences(self, old: Node, new: Node) -> tuple[SchemaDifference, ...]:
        """Return the differences between two nodes. Pointers begin at the nodes."""
        pair = self._old.key(old), self._new.key(new)
        known = self._memory.recall(pair)
        if known is not None:
            return known
        self._step_count += 1
        if self._memory.depth >= MAX_DEPTH or self._step_count > MAX_STEPS:
            return self._differences_as_text(old, new)
        self._memory.begin(pair)
        differences = tuple(dict.fromkeys(self._differences(old, new)))
        differences = _limited(differences)
        self._step_count += len(differences)
        self._memory.end(pair, differences)
        return differences

    def _differences_as_text(self, old: Node, new: Node) -> tuple[SchemaDifference, ...]:
        """Return no difference if two nodes have the same schemas, else an undecided one."""
        if len(old) == len(new):
            documents = self._old.document, self._new.document
            pairs = zip(old, new, strict=True)
            if all(same_schema(documents[0], a, documents[1], b) for a, b in pairs):
                return ()
        reason = "too many levels or subschemas to compare"
        return (undecided("", reason, reason),)

    def _differences(self, old: Node, new: Node) -> Iterator[SchemaDifference]:
        yield from annotation_differences(self._old.document, old, self._new.document, new)
        old_shape, new_shape = self._old.shape(old), self._new.shape(new)
        differences = list(type_differences(old_shape, new_shape))
        for kind, branches in old_shape.items():
            if kind in new_shape:
                differences += self._kind_differences(branches, new_shape[kind])
        yield from _merged_types(differences)

    def _kind_differences(
        self, old: tuple[Branch, ...], new: tuple[Branch, ...]
    ) -> Iterator[SchemaDifference]:
        if len(old) == len(new) == 1:
            yield from self._branch_differences(old[0], new[0])
        else:
            yield from self._alternatives.differences(old, new)

    def _branch_differences(self, old: Branch, new: Branch) -> tuple[SchemaDifference, ...]:
        if old.kind in SCALARS:
            return tuple(scalar_differences(old, new))
        if old.kind == "array":
            return tuple(self._structure.array_differences(old, new))
        return tuple(self._structure.object_differences(old, new))


def _limited(differences: tuple[SchemaDifference, ...]) -> tuple[SchemaDifference, ...]:
    """Return the differences, without the deepest ones if there are too many."""
    if len(differences) <= MAX_DIFFERENCES:
        return differences
    by_depth = sorted(differences, key=lambda item: item.pointer.count("/"))
    more = undecided("", "", f"more than {MAX_DIFFERENCES} differences")
    return (*by_depth[:MAX_DIFFERENCES], more)


def _merged_types(differences: list[SchemaDifference]) -> Iterator[SchemaDifference]:
    """Yield the differences, with one for all changes of the type of the node."""
    types = [item for item in differences if item.keyword == "type" and item.pointer == ""]
    if len(types) > 1:
        narrows = any(item.narrows for item in types)
        widens = any(item.widens for item in types)
        kind = kind_of_effect(narrows, widens)
        yield replace(types[0], kind=kind, narrows=narrows, widens=widens)
    else:
        yield from types
    for item in differences:
        if item not in types:
            yield item
