"""Collect the definitions (`$defs`) of the named types that a schema refers to."""

import re
from collections.abc import Callable, Iterator, Mapping

from mockserver.errors import Position
from mockserver.formats.json_schema import Schema
from mockserver.spec.description import DataType

_SPECIAL = re.compile(r"[^A-Za-z0-9_.-]+")


class Definitions:
    """The names of the definitions in the schemas of one API. A type has one name in all."""

    def __init__(self, types: Mapping[Position, DataType]) -> None:
        self._types = types
        self._names: dict[Position, str] = {}
        for position, data in sorted(types.items(), key=_file_and_line):
            name = _SPECIAL.sub("_", data.name or "").strip("_") or "Type"
            taken = set(self._names.values())
            number = 2
            unique_name = name
            while unique_name in taken:
                unique_name = f"{name}_{number}"
                number += 1
            self._names[position] = unique_name

    def reference(self, position: Position) -> Schema:
        """Return the schema that refers to a named type."""
        return {"$ref": f"#/$defs/{self._names[position]}"}

    def used_in(
        self, data: DataType, schema_of: Callable[[Position, DataType], Schema]
    ) -> dict[str, Schema]:
        """Return the definitions that the schema of a type needs, by name."""
        definitions: dict[str, Schema] = {}
        pending = list(_references(data))
        seen: set[Position] = set()
        while pending:
            position = pending.pop()
            if position in seen:
                continue
            seen.add(position)
            referenced = self._types[position]
            definitions[self._names[position]] = schema_of(position, referenced)
            pending += _references(referenced)
        return dict(sorted(definitions.items()))


def _file_and_line(item: tuple[Position, DataType]) -> tuple[str, int, int]:
    position, _ = item
    return position.file, position.line, position.column


def _references(data: DataType) -> Iterator[Position]:
    """Yield the declarations that a type refers to."""
    if data.reference is not None:
        yield data.reference
    for member in (*data.members, *data.variables):
        yield from _references(member.type)
    for item in data.items:
        yield from _references(item)
    for choice in data.one_of:
        for alternative in choice:
            for member in alternative:
                yield from _references(member.type)
