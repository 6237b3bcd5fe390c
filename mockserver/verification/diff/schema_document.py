"""One JSON Schema document: its references, and the schemas that apply to one value."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from mockserver.formats.json_pointer import child, pointer_steps
from mockserver.formats.json_schema import Schema
from mockserver.verification.diff import schema_keywords

Node = tuple[Any, ...]
"""The schemas that apply to one value: it is valid if it fits all of them.

A schema is an object, or `False`, which accepts no value.
"""
ANY: Node = ()
"""The node that accepts any value."""
NOTHING: Node = (False,)
"""The node that accepts no value."""


def node_of(schemas: Iterable[Any]) -> Node:
    """Return the node of these schemas, without the schemas that accept any value."""
    distinct: dict[int, Any] = {}
    for schema in schemas:
        if schema is False:
            return NOTHING
        if schema is not True:
            distinct[id(schema)] = schema
    return tuple(distinct.values())


def node_key(node: Node) -> frozenset[int]:
    """Return the identity of a node. Two nodes of the same schemas are the same."""
    return frozenset(map(id, node))


class Document:
    """A schema with its definitions. It must not change during the comparison."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._resources = dict(_embedded_resources(root))
        self._targets: dict[tuple[int, str], Any] = {}
        self._parts: dict[frozenset[int], Node] = {}

    def target(self, schema: Schema) -> Any:
        """Return the schema that `$ref` names; `None` if it is not in the document."""
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#"):
            return None
        resource = self._resources.get(id(schema), self._root)
        key = (id(resource), reference)
        if key not in self._targets:
            self._targets[key] = _find(resource, unquote(reference[1:]))
        return self._targets[key]

    def parts(self, node: Node) -> Node:
        """Return the schemas of a node, with those that `$ref` and `allOf` name.

        A schema that only refers to others is left out. The result is `NOTHING` if a schema
        accepts no value.
        """
        key = node_key(node)
        if key not in self._parts:
            self._parts[key] = self._collect(node)
        return self._parts[key]

    def _collect(self, node: Node) -> Node:
        parts: dict[int, Any] = {}
        seen: set[int] = set()
        pending = list(reversed(node))
        while pending:
            schema = pending.pop()
            if schema is False or (isinstance(schema, dict) and schema.get("not") in (True, {})):
                return NOTHING
            if not isinstance(schema, dict) or id(schema) in seen:
                continue
            seen.add(id(schema))
            if self._restricts(schema):
                parts[id(schema)] = schema
            pending += reversed(schema.get("allOf", ()))
            target = self.target(schema)
            if target is not None:
                pending.append(target)
        return tuple(parts.values())

    def _restricts(self, schema: Schema) -> bool:
        """Return whether a schema has more than references and definitions."""
        for keyword in schema:
            if keyword == "$ref":
                if self.target(schema) is None:
                    return True
            elif keyword != "allOf" and keyword not in schema_keywords.IGNORED:
                return True
        return False

    def accepts_any(self, node: Node) -> bool:
        """Return whether a node has annotations only."""
        for part in self.parts(node):
            if part is False:
                return False
            for keyword in part:
                is_effective = keyword not in schema_keywords.IGNORED and keyword != "allOf"
                if is_effective and not schema_keywords.is_annotation(keyword):
                    return False
        return True

    def resolved(self, schema: Any) -> Any:
        """Return a schema; if it is a reference and nothing else, the schema that it names."""
        for _ in range(100):
            if not isinstance(schema, dict) or "$ref" not in schema:
                return schema
            others = schema.keys() - schema_keywords.IGNORED - {"$ref"}
            if not all(map(schema_keywords.is_annotation, others)):
                return schema
            target = self.target(schema)
            if target is None:
                return schema
            schema = target
        return schema


def _find(resource: Schema, pointer: str) -> Any:
    """Return the schema at a JSON pointer; `None` if it does not exist."""
    if pointer and not pointer.startswith("/"):
        return None
    value: Any = resource
    for step in pointer_steps(pointer):
        value = child(value, step)
    if isinstance(value, dict | bool):
        return value
    return None


def _embedded_resources(root: Schema) -> Iterator[tuple[int, Schema]]:
    """Yield each object below an embedded schema with `$id`, and that schema.

    References in it are relative to it. The identity of an object is its key.
    """
    pending: list[tuple[Any, Schema]] = [(root, root)]
    while pending:
        value, resource = pending.pop()
        if isinstance(value, list):
            pending += [(item, resource) for item in value]
        elif isinstance(value, dict):
            if isinstance(value.get("$id"), str):
                resource = value
            if resource is not root:
                yield id(value), resource
            pending += [(item, resource) for item in value.values()]
