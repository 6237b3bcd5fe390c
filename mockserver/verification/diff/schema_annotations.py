"""Compare the annotations of two nodes: texts and examples, which never affect a value."""

from collections.abc import Iterator
from typing import Any

from mockserver.formats.json_equality import value_key
from mockserver.formats.json_text import abbreviated_json
from mockserver.verification.diff.schema_differences import DifferenceKind, SchemaDifference
from mockserver.verification.diff.schema_document import Document, Node
from mockserver.verification.diff.schema_keywords import EXAMPLES, is_annotation

Annotations = dict[str, dict[str, Any]]
"""The values of each keyword, by their keys."""


def annotation_differences(
    old: Document, old_node: Node, new: Document, new_node: Node
) -> Iterator[SchemaDifference]:
    """Yield the annotations that differ."""
    old_annotations = annotations(old, old_node)
    new_annotations = annotations(new, new_node)
    for keyword in {**old_annotations, **new_annotations}:
        old_values = old_annotations.get(keyword, {})
        new_values = new_annotations.get(keyword, {})
        if old_values.keys() == new_values.keys():
            continue
        kind = DifferenceKind.TEXT_CHANGED
        if keyword in EXAMPLES:
            kind = DifferenceKind.EXAMPLE_CHANGED
        yield SchemaDifference("", kind, keyword, _text(old_values), _text(new_values))


def annotations(document: Document, node: Node) -> Annotations:
    """Return the annotations of a node and of its alternatives."""
    values: Annotations = {}
    parts = document.parts(node)
    for part in parts:
        _add(values, part)
        for schema in _alternatives(part):
            for inner in document.parts((schema,)):
                _add(values, inner)
    return values


def _alternatives(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        for keyword in ("anyOf", "oneOf"):
            for schema in part.get(keyword, ()):
                if isinstance(schema, dict):
                    yield schema


def _add(values: Annotations, part: Any) -> None:
    if not isinstance(part, dict):
        return
    for keyword, value in part.items():
        if is_annotation(keyword):
            values.setdefault(keyword, {})[value_key(value)] = value


def _text(values: dict[str, Any]) -> str:
    return ", ".join(map(abbreviated_json, values.values()))
