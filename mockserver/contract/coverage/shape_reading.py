"""Read the shape of a schema, with its references and alternatives merged.

A shape has one level. Its members are schemas, so a recursive schema has no end here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract.coverage.schema_parts import (
    ANY,
    NEVER,
    AllOf,
    AnyOf,
    Part,
    Plain,
    below,
    referenced,
)
from mockserver.contract.coverage.shape import Shape, all_of, any_of

_Known = dict[int, tuple[Any, Shape | None]]
"""The shapes of one level, by the identity of their schemas, which are kept alive here."""


def shape_of(part: Part) -> Shape | None:
    """Return the shape of a schema; `None` if no value fits."""
    return _shape_of(part, {})


def _shape_of(part: Part, known: _Known) -> Shape | None:
    """Return the shape of a schema, and add it to the known ones.

    If alternatives refer to each other, reading each of them once saves exponential time.
    """
    subject: Any = part
    if isinstance(part, Plain):
        subject = part.schema
    if id(subject) not in known:
        known[id(subject)] = subject, _new_shape(part, known)
    return known[id(subject)][1]


def _new_shape(part: Part, known: _Known) -> Shape | None:
    if isinstance(part, AllOf):
        return all_of(_shape_of(inner, known) for inner in part.parts)
    if isinstance(part, AnyOf):
        shapes = [_shape_of(inner, known) for inner in part.parts]
        return any_of([shape for shape in shapes if shape is not None])
    if part.schema is False:
        return None
    if not isinstance(part.schema, dict):
        return Shape()
    inner_shapes = [_shape_of(inner, known) for inner in _applied(part)]
    return all_of([_own_shape(part), *inner_shapes])


def _own_shape(part: Plain) -> Shape | None:
    """Return the shape of a schema's own keywords, without the schemas that it applies."""
    schema, most = part.schema, part.schema.get("maxItems")
    kinds = _kinds(schema.get("type"))
    values = _values(schema)
    if values == []:
        return None
    null = _null(kinds, values)
    named_values: tuple[Any, ...] | None = None
    if values is not None:
        named_values = tuple(value for value in values if value is not None)
    first_items = tuple(below(part, item) for item in schema.get("prefixItems", ()))
    if schema.get("items") is False:
        most = min(len(first_items), schema.get("maxItems", len(first_items)))
    return Shape(
        kinds,
        null,
        named_values,
        {name: below(part, member) for name, member in _named_members(schema).items()},
        frozenset(schema.get("required", ())),
        _others(part),
        first_items,
        below(part, schema.get("items", True)),
        schema.get("minItems", 0),
        most,
    )


def _kinds(types: Any) -> frozenset[str] | None:
    if types is None:
        return None
    if isinstance(types, str):
        return frozenset((types,))
    return frozenset(types)


def _values(schema: Mapping[str, Any]) -> list[Any] | None:
    """Return the values of an enum or a constant; `None` without one."""
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values


def _null(kinds: frozenset[str] | None, values: list[Any] | None) -> bool | None:
    if values is not None:
        return None in values and (kinds is None or "null" in kinds)
    if kinds is None:
        return None
    return "null" in kinds


def _named_members(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that a schema names. A required one need not have a schema."""
    members = dict(schema.get("properties", {}))
    for name in schema.get("required", ()):
        members.setdefault(name, True)
    return members


def _others(part: Plain) -> Part:
    """Return the schema of the members without a name in the schema."""
    patterns = [below(part, member) for member in part.schema.get("patternProperties", {}).values()]
    others = below(part, part.schema.get("additionalProperties", True))
    if not patterns:
        return others
    if others is NEVER:
        return AnyOf(tuple(patterns))
    return AnyOf((*patterns, others))


def _applied(part: Plain) -> Iterator[Part]:
    """Yield the schemas that also apply to the value itself."""
    schema = part.schema
    for keyword in ("$ref", "$dynamicRef"):
        if keyword in schema:
            yield referenced(part, schema[keyword])
    for inner in schema.get("allOf", ()):
        yield below(part, inner)
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            yield AnyOf(tuple(below(part, inner) for inner in schema[keyword]))
    yield from _conditional(part)


def _conditional(part: Plain) -> Iterator[Part]:
    """Yield the schemas that apply to some values."""
    schema = part.schema
    if "if" in schema:
        branches = (schema.get("then", True), schema.get("else", True))
        yield AnyOf(tuple(below(part, inner) for inner in branches))
    for inner in schema.get("dependentSchemas", {}).values():
        yield AnyOf((ANY, below(part, inner)))
    if schema.get("not") in ({}, True):
        yield NEVER
