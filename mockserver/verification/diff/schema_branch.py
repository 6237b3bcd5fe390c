"""The values of one kind that fit several schemas."""

from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from mockserver.formats.json_equality import value_key
from mockserver.formats.json_schema import Schema, Validator
from mockserver.verification.diff import schema_keywords, schema_limits
from mockserver.verification.diff.schema_document import Document, Node, node_of

_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_ALL_VALUES: dict[str, tuple[Any, ...]] = {"null": (None,), "boolean": (False, True)}
"""The kinds that have few values."""
_STRUCTURE = frozenset(
    (
        "required",
        "properties",
        "patternProperties",
        "additionalProperties",
        "prefixItems",
        "items",
    )
)
"""The keywords that restrict members and items."""
SCALARS = ("null", "boolean", "number", "string")


class Opaque(NamedTuple):
    """A part of a schema that the comparison does not follow."""

    keyword: str
    schema: Schema


class Branch:
    """The values of one kind that fit all schemas of `parts`, and all `alternatives`.

    Args:
        document: The document of the schemas.
        kind: The kind of the values.
        parts: The schemas. Their keywords `$ref`, `allOf`, `anyOf` and `oneOf` are ignored.
        alternatives: The keywords `anyOf` and `oneOf` that are compared as text.
        values: All values that the branch accepts. By default, those that the schemas list.
    """

    def __init__(
        self,
        document: Document,
        kind: str,
        parts: Node,
        alternatives: tuple[Opaque, ...] = (),
        values: dict[str, Any] | None = None,
    ) -> None:
        self.document, self.kind, self.parts = document, kind, parts
        self.alternatives = alternatives
        self.limits = schema_limits.merged_limits(kind, parts)
        self.opaque = (*alternatives, *_opaque_keywords(document, kind, parts))
        self.values = values
        if values is None:
            self.values = self._listed_values()

    def _listed_values(self) -> dict[str, Any] | None:
        """Return the values by their keys; `None` if the schemas do not list them."""
        listed: dict[str, Any] | None = None
        if self.kind in _ALL_VALUES:
            listed = {value_key(value): value for value in _ALL_VALUES[self.kind]}
        for part in self.parts:
            for values in _lists_of_values(part):
                by_key = {value_key(value): value for value in values}
                listed = _common(listed, by_key)
        if listed is None:
            return None
        return {key: value for key, value in listed.items() if self._accepts(value)}

    def _accepts(self, value: Any) -> bool:
        """Return whether a listed value has the kind and is within the limits."""
        if _KINDS[type(value)] != self.kind:
            return False
        return self.kind not in SCALARS or self.within_limits(value)

    def within_limits(self, value: Any) -> bool:
        """Return whether a scalar is within the limits of all schemas."""
        if not self.limits:
            return True
        keywords = {"type"}
        for row in schema_limits.ROWS[self.kind].values():
            keywords.update(row.keywords)
        schemas = []
        for part in self.parts:
            schemas.append({name: part[name] for name in keywords if name in part})
        return Validator({"allOf": schemas}).accepts(value)

    @property
    def is_empty(self) -> bool:
        """Return whether the limits or the listed values accept no value."""
        return self.values == {} or schema_limits.contradict(self.limits)

    @property
    def is_finite(self) -> bool:
        """Return whether the branch lists its values, and they are scalars."""
        return self.values is not None and self.kind in SCALARS

    @property
    def has_structure(self) -> bool:
        """Return whether the schemas restrict members or items."""
        if self.kind in SCALARS:
            return False
        return any(not _STRUCTURE.isdisjoint(part) for part in self.parts)

    @cached_property
    def required(self) -> dict[str, None]:
        """Return the names of the required members of an object."""
        names: dict[str, None] = {}
        if self.kind != "object":
            return names
        for part in self.parts:
            names.update(dict.fromkeys(part.get("required", ())))
        return names

    @cached_property
    def names(self) -> dict[str, None]:
        """Return the names of all members of an object that the schemas list."""
        names: dict[str, None] = {}
        if self.kind != "object":
            return names
        for part in self.parts:
            names.update(dict.fromkeys(part.get("properties", ())))
        return names | self.required

    def member(self, name: str) -> Node:
        """Return the node of a member of an object."""
        schemas: list[Any] = []
        for part in self.parts:
            schemas += _member_schemas(part, name)
        return node_of(schemas)

    @property
    def has_patterns(self) -> bool:
        """Return whether patterns decide which schemas apply to other members."""
        return any(part.get("patternProperties") for part in self.parts)

    @property
    def other_members(self) -> Node:
        """Return the node of the members that are not listed, if there are no patterns."""
        return node_of(part.get("additionalProperties", True) for part in self.parts)

    @cached_property
    def prefix_length(self) -> int:
        """Return the number of items that have a separate schema."""
        return max((len(part.get("prefixItems", ())) for part in self.parts), default=0)

    def item(self, index: int) -> Node:
        """Return the node of an item of an array."""
        schemas: list[Any] = []
        for part in self.parts:
            prefix = part.get("prefixItems", ())
            if index < len(prefix):
                schemas.append(prefix[index])
            else:
                schemas.append(part.get("items", True))
        return node_of(schemas)


def _member_schemas(part: Schema, name: str) -> Iterator[Any]:
    """Yield the schemas of a member in one schema of its object."""
    is_listed = False
    properties = part.get("properties", {})
    if name in properties:
        is_listed = True
        yield properties[name]
    for pattern, schema in part.get("patternProperties", {}).items():
        if _matches(pattern, name):
            is_listed = True
            yield schema
    if not is_listed and "additionalProperties" in part:
        yield part["additionalProperties"]


@lru_cache(maxsize=10_000)
def _matches(pattern: str, name: str) -> bool:
    return Validator({"pattern": pattern}).accepts(name)


def _lists_of_values(part: Schema) -> Iterator[list[Any]]:
    if "enum" in part:
        yield part["enum"]
    if "const" in part:
        yield [part["const"]]


def _common(first: dict[str, Any] | None, second: dict[str, Any]) -> dict[str, Any]:
    if first is None:
        return second
    return {key: value for key, value in first.items() if key in second}


def _opaque_keywords(document: Document, kind: str, parts: Node) -> Iterator[Opaque]:
    """Yield the parts of schemas that the comparison does not follow."""
    for part in parts:
        for keyword in part:
            opaque = _opaque(document, kind, part, keyword)
            if opaque is not None:
                yield opaque


def _opaque(document: Document, kind: str, part: Schema, keyword: str) -> Opaque | None:
    if keyword in schema_keywords.OPAQUE:
        kinds, keywords = schema_keywords.OPAQUE[keyword]
        if kind not in kinds:
            return None
        return Opaque(keyword, {name: part[name] for name in keywords if name in part})
    if keyword in schema_keywords.UNEVALUATED:
        if kind != schema_keywords.UNEVALUATED[keyword]:
            return None
        return Opaque(keyword, part)
    if keyword == "$ref" and document.target(part) is None:
        return Opaque(keyword, part)
    if schema_keywords.is_unknown(keyword):
        return Opaque(keyword, {keyword: part[keyword]})
    return None
