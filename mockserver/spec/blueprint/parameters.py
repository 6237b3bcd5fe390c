"""Read `+ Parameters`: the variables of a URI template.

Source: API Blueprint 1A, "URI parameters section". The syntax before 1A9 is read too:
`+ name = `default` (type, `example`) ... text`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from mockserver.errors import Position
from mockserver.formats.uri_template import UriTemplate
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_line import parse_scalar, parse_signature, strip_backticks
from mockserver.spec.blueprint.mson_types import Types
from mockserver.spec.blueprint.sections import Section
from mockserver.spec.description import DataType, Parameter, Scalar

ParameterType = Literal["string", "number", "boolean", "array"]


def read_parameters(
    source: Source, types: Types, sections: Iterable[Section]
) -> dict[str, Parameter]:
    """Return the parameters of `+ Parameters` sections by name, without their location."""
    parameters: dict[str, Parameter] = {}
    for section in sections:
        items = [block for block in section.blocks if block.kind == "item"]
        if not items:
            expected = "expected items `+ NAME: EXAMPLE (TYPE, required) - TEXT`"
            text = f"empty parameters section; {expected}"
            source.report(messages.EMPTY_PARAMETERS, section.position, text)
        for block in items:
            parameter = _parameter(source, types, block)
            first = parameters.get(parameter.name)
            if first:
                message = (
                    f"duplicate parameter {parameter.name!r} "
                    f"(first defined on line {first.position.line})"
                )
                text = f"{message}; expected each name once"
                source.report(messages.DUPLICATE_PARAMETER, block.position, text)
            parameters[parameter.name] = parameter
    return parameters


def _parameter(source: Source, types: Types, block: Block) -> Parameter:
    line = parse_signature(source, block.text, block.position, (" - ", " ... "))
    name, old_default = line.name, ""
    if not line.value:
        name, _, old_default = line.name.partition("=")
    name = strip_backticks(name)
    data, nested_description = types.data_type(replace(line, name=name), block.children)
    if data.kind == "object":
        expected = "expected a string, number, boolean, enum or array"
        message = f"the parameter {name[:60]!r} is an object; {expected}"
        source.report(messages.OBJECT_PARAMETER, block.position, message)
    default, old_example = data.default, None
    if old_default:
        default = _old_value(source, old_default, data, block.position)
    if line.literals:
        old_example = _old_value(source, line.literals[0], data, block.position)
    example = _first_sample(data)
    if example is None:
        example = old_example
    return Parameter(
        name=name,
        location="query",
        type=_type(data),
        required="optional" not in line.flags,
        description="\n\n".join(filter(None, [line.description, nested_description])),
        example=example,
        default=default,
        values=_values(data),
        position=block.position,
        item_type=_item_type(data),
    )


def _values(data: DataType) -> tuple[Scalar, ...]:
    """Return the values of an enum, or of the enum that is the item type of an array."""
    if data.kind == "array" and len(data.items) == 1:
        return data.items[0].values
    return data.values


def _item_type(data: DataType) -> Literal["string", "number", "integer", "boolean"]:
    """Return the type of an array's items: `integer` if all their samples are integers."""
    if data.kind != "array" or len(data.items) != 1:
        return "string"
    item = data.items[0]
    item_type = _type(item)
    if item_type == "number" and _has_integers(item.samples):
        return "integer"
    if item_type == "number" or item_type == "boolean":
        return item_type
    return "string"


def _has_integers(samples: tuple[Scalar, ...]) -> bool:
    """Return whether there are samples, and all are integers."""
    return bool(samples) and all(type(sample) is int for sample in samples)


def _type(data: DataType) -> ParameterType:
    """Return the type of a parameter's values. For an enum, this is the type in its brackets."""
    kind = data.kind
    if kind == "enum" and data.items:
        kind = data.items[0].kind
    if kind == "enum" or kind == "object":
        return "string"
    return kind


def _first_sample(data: DataType) -> Scalar:
    """Return the first sample of a parameter that is not null, or `None`."""
    for sample in _samples(data):
        if sample is not None:
            return sample
    return None


def _samples(data: DataType) -> tuple[Scalar, ...]:
    """Return the samples of a parameter: for an array, one comma-separated text."""
    if data.kind != "array":
        return data.samples
    samples: list[str] = []
    for item in data.items:
        samples += map(str, item.samples)
    if not samples:
        return ()
    return (",".join(samples),)


def _old_value(source: Source, text: str, data: DataType, position: Position) -> Scalar:
    """Return a default or example in the syntax before 1A9."""
    value_type = kind = _type(data)
    if value_type == "array":
        kind = "string"
    try:
        return parse_scalar(text, kind)
    except ValueError as error:
        text = f"{error}; expected a value of type {value_type}"
        source.report(messages.INVALID_PARAMETER_VALUE, position, text)
        return None


def template_parameters(
    template: UriTemplate, documented: Mapping[str, Parameter], position: Position
) -> tuple[Parameter, ...]:
    """Return the parameters of a template: path variables, then query variables.

    An undocumented variable is a string. It is required in the path, and optional in the query.

    Args:
        template: The URI template.
        documented: The documented parameters by name.
        position: The position of undocumented parameters.
    """
    path = [documented.get(name) or _undocumented(name, position) for name in template.path]
    # A path without one of its segments is another path.
    parameters = [replace(parameter, location="path", required=True) for parameter in path]
    documented_names = dict(template.renamed)
    for name in template.query:
        parameter = documented.get(documented_names.get(name, name))
        if parameter is None:
            parameter = _undocumented(name, position)
        parameters.append(replace(parameter, name=name))
    return tuple(parameters)


def _undocumented(name: str, position: Position) -> Parameter:
    return Parameter(name, "query", "string", False, "", None, None, (), position)
