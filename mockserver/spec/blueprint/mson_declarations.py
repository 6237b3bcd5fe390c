"""Find the type that a name means: a base type or a declared type.

Source: MSON, "Named Types" and "Base Types".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mockserver.config.similar_names import similar_name
from mockserver.errors import Position
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_line import Signature, TypeName
from mockserver.spec.blueprint.mson_names import (
    PRIMITIVES,
    BaseType,
    base_type,
    meant_type,
)
from mockserver.spec.blueprint.mson_nested import read_nested
from mockserver.spec.description import Primitive

SCALARS = ("string", "number", "boolean")
IMPLIED_KINDS: dict[str, Primitive] = {"Items": "array", "Members": "enum", "Values": "enum"}
"""The section of nested items to the type that it implies."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """The line and the blocks that declare a named type."""

    name: str
    line: Signature
    blocks: tuple[Block, ...]

    @property
    def position(self) -> Position:
        """The position of the declaration, which identifies the type."""
        return self.line.position


class Declarations:
    """The declared types of a blueprint by name."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._by_name: dict[str, Declaration] = {}
        self._by_lower_name: dict[str, Declaration] = {}
        self._kinds: dict[str, Primitive] = {}

    def __iter__(self) -> Iterator[Declaration]:
        return iter(self._by_name.values())

    def add(self, declaration: Declaration) -> None:
        """Register a type. Of several types with one name, the first one is used."""
        name, position = declaration.name, declaration.position
        first = self._by_name.setdefault(name, declaration)
        self._by_lower_name.setdefault(name.lower(), declaration)
        if first is not declaration:
            message = f"duplicate type {name!r} (first defined on line {first.position.line})"
            text = f"{message}; expected each name once"
            self._source.report(messages.DUPLICATE_TYPE, position, text)
        elif name in PRIMITIVES:
            message = f"{name!r} is a base type of MSON; expected another name"
            self._source.report(messages.RESERVED_TYPE, position, message)

    def find(self, type_name: TypeName) -> Declaration | BaseType | None:
        """Return the type of this name, with a message unless the name is exact.

        The result is `None` if the name is unknown.
        """
        found = self.look_up(type_name.name)
        if found is None:
            self._report_unknown(type_name)
        elif isinstance(found, Declaration) and found.name != type_name.name:
            self._report_meaning(type_name, found.name)
        elif isinstance(found, BaseType) and base_type(type_name.name) is None:
            self._report_meaning(type_name, found.text)
        return found

    def look_up(self, name: str) -> Declaration | BaseType | None:
        """Return the type of this name without a message; `None` if the name is unknown."""
        if name in PRIMITIVES:
            return base_type(name)
        return self._by_name.get(name) or meant_type(name) or self._by_lower_name.get(name.lower())

    def kind(self, declaration: Declaration) -> Primitive:
        """Return the base type of a declared type."""
        names: list[str] = []
        kind: Primitive | None = None
        found: Declaration | BaseType | None = declaration
        while kind is None and isinstance(found, Declaration):
            if found.name in names:
                kind = "object"
                break
            names.append(found.name)
            kind = self._kinds.get(found.name) or _own_kind(found)
            if kind is None and found.line.type:
                found = self.look_up(found.line.type.name)
        if kind is None:
            kind = _kind_of_base(found)
        self._kinds.update(dict.fromkeys(names, kind))
        return kind

    def _report_meaning(self, type_name: TypeName, meaning: str) -> None:
        text = f"{type_name.name[:60]!r} is not a type of MSON; expected {meaning}"
        self._source.report(messages.TYPE_NAME, type_name.position, text)

    def _report_unknown(self, type_name: TypeName) -> None:
        message = f"unknown type {type_name.name[:60]!r}"
        expected = f"expected {', '.join(PRIMITIVES)} or a data structure"
        similar = similar_name(type_name.name, [*PRIMITIVES, *self._by_name])
        if similar:
            expected += f" (did you mean {similar}?)"
        self._source.report(messages.UNKNOWN_TYPE, type_name.position, f"{message}; {expected}")


def _own_kind(declaration: Declaration) -> Primitive | None:
    """Return the base type that a declaration has itself; `None` if it extends another type."""
    nested = read_nested(declaration.blocks)
    type_name = declaration.line.type
    if type_name is None:
        return IMPLIED_KINDS.get(nested.facet, "object")
    base = base_type(type_name.name)
    if base and base.kind in SCALARS and nested.facet in ("Members", "Values"):
        return "enum"
    return None


def _kind_of_base(found: Declaration | BaseType | None) -> Primitive:
    if isinstance(found, BaseType):
        return found.kind
    return "string"
