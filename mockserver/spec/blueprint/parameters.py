"""`+ Parameters` -> what is known of the variables of a URI template.

Source: API Blueprint 1A, "URI parameters section"; and as it was before 1A9: `+ name = `default` (type, `example`) ... text`.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from mockserver.errors import Position
from mockserver.formats.uri_template import UriTemplate
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_line import parse_scalar, parse_signature, strip_backticks
from mockserver.spec.blueprint.mson_types import Types
from mockserver.spec.blueprint.sections import Section
from mockserver.spec.description import DataType, Parameter, Scalar

ParameterType = Literal["string", "number", "boolean", "array"]


def read_parameters(source: Source, types: Types, sections: Iterable[Section]) -> dict[str, Parameter]:
    """The parameters of `+ Parameters` sections, by name; their place is not known yet."""
    found: dict[str, Parameter] = {}
    for section in sections:
        items = [block for block in section.blocks if block.kind == "item"]
        if not items:
            source.add_error(
                section.position, "empty parameters section; expected items `+ NAME: EXAMPLE (TYPE, required) - TEXT`"
            )
        for block in items:
            parameter = _parameter(source, types, block)
            if parameter.name in found:
                first = found[parameter.name].position.line
                source.add_error(
                    block.position,
                    f"duplicate parameter {parameter.name} (first defined on line {first}); expected each name once",
                )
            found[parameter.name] = parameter
    return found


def _parameter(source: Source, types: Types, block: Block) -> Parameter:
    line = parse_signature(source, block.text, block.position, (" - ", " ... "))
    name, _, old_default = (line.name, None, None) if line.value else line.name.partition("=")
    data, nested = types.data_type(replace(line, name=strip_backticks(name)), block.children)
    if data.kind == "object":
        source.add_error(
            block.position,
            f"the parameter {strip_backticks(name)[:60]} is an object; expected a string, number, boolean, enum or array",
        )
    default = _old_value(source, old_default, data, block.position) if old_default else data.default
    old_example = _old_value(source, line.literals[0], data, block.position) if line.literals else None
    return Parameter(
        name=strip_backticks(name),
        location="query",
        type=_type(data),
        required="optional" not in line.flags,
        description="\n\n".join(filter(None, [line.description, nested])),
        example=next((each for each in _samples(data) if each is not None), old_example),
        default=default,
        values=_values(data),
        position=block.position,
        item_type=_item_type(data),
    )


def _values(data: DataType) -> tuple[Scalar, ...]:
    """Return the values of an enum, or of the enum that an array's items are."""
    return data.items[0].values if data.kind == "array" and len(data.items) == 1 else data.values


def _item_type(data: DataType) -> Literal["string", "number", "integer", "boolean"]:
    """Return the type of an array's items: a number that is only ever shown whole is an integer, as in a body."""
    if data.kind != "array" or len(data.items) != 1:
        return "string"
    item = data.items[0]
    kind = _type(item)
    if kind == "number" and item.samples and all(type(sample) is int for sample in item.samples):
        return "integer"
    return kind if kind in ("number", "boolean") else "string"


def _type(data: DataType) -> ParameterType:
    """The type that a parameter's values have; an enum has it from its brackets."""
    inner = data.items[0].kind if data.kind == "enum" and data.items else data.kind
    return inner if inner in ("string", "number", "boolean", "array") else "string"


def _samples(data: DataType) -> tuple[Scalar, ...]:
    """What is shown of a parameter; of an array, its values parted by commas."""
    if data.kind != "array":
        return data.samples
    shown = [str(value) for item in data.items for value in item.samples]
    return (",".join(shown),) if shown else ()


def _old_value(source: Source, text: str, data: DataType, at: Position) -> Scalar:
    try:
        return parse_scalar(text, _type(data) if _type(data) != "array" else "string")
    except ValueError as error:
        source.add_error(at, f"{error}; expected a value of type {_type(data)}")
        return None


def template_parameters(template: UriTemplate, known: dict[str, Parameter], at: Position) -> tuple[Parameter, ...]:
    """The parameters of a template in its order. A variable that is declared nowhere is a string, and required in the path."""
    path = [_in_path(known.get(name) or _undeclared(name, at)) for name in template.path]
    described = dict(template.renamed)
    query = [known.get(described.get(name, name)) or _undeclared(name, at) for name in template.query]
    return (*path, *(replace(parameter, name=name) for parameter, name in zip(query, template.query, strict=True)))


def _in_path(parameter: Parameter) -> Parameter:
    # A path without one of its parts is another path.
    return replace(parameter, location="path", required=True)


def _undeclared(name: str, at: Position) -> Parameter:
    return Parameter(name, "query", "string", False, "", None, None, (), at)
