"""Read `+ Parameters`: the variables of a URI template.

A value that does not fit its type is documented, and never sent.

Source: API Blueprint 1A, "URI parameters section". The syntax before 1A9 is read too:
`+ name = `default` (type, `example`) ... text`.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.items import Section
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.mson_line import parse_scalar, split_values, strip_backticks
from mockserver.spec.blueprint.mson_types import Types
from mockserver.spec.blueprint.parameter_line import ParameterLine, read_parameter_line
from mockserver.spec.description import DataType, Parameter, Scalar

ParameterType = Literal["string", "number", "integer", "boolean", "array"]
ItemType = Literal["string", "number", "integer", "boolean"]


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
            parameter = _Reader(source, types, block).parameter()
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


class _Reader:
    """Reads one parameter."""

    def __init__(self, source: Source, types: Types, block: Block) -> None:
        self._source = source
        self._types = types
        self._position = block.position
        self._block = block
        self._line = read_parameter_line(source, block, types.names)
        self._unfit: dict[str, str] = {}
        """The texts that do not fit the type: `example` and `default`."""

    def parameter(self) -> Parameter:
        """Return the parameter."""
        data, nested_description = self._data_type()
        line = self._line.signature
        kind = _type(data, self._line)
        item_type = _item_type(data, self._line)
        values = _values(data)
        example = self._value("example", self._example_text(), kind, values)
        if example is None and not self._unfit:
            example = _first_sample(data)
        default = self._value("default", self._default_text(), kind, values)
        if default is None:
            default = data.default
        return Parameter(
            name=line.name,
            location="query",
            type=kind,
            required="optional" not in line.flags,
            description="\n\n".join(filter(None, [line.description, nested_description])),
            example=example,
            default=default,
            values=values,
            position=self._position,
            item_type=item_type,
            unfit_example=self._unfit.get("example", ""),
            unfit_default=self._unfit.get("default", ""),
        )

    def _data_type(self) -> tuple[DataType, str]:
        """Return the type of the parameter, and its nested description."""
        line = self._line.signature
        # The value of a scalar is read later, because its text is kept if it does not fit.
        data, description = self._types.data_type(replace(line, value=None), self._block.children)
        if data.kind == "array" and line.value:
            data, description = self._types.data_type(line, self._block.children)
        if data.kind == "object":
            expected = "expected a string, number, boolean, enum or array"
            message = f"the parameter {line.name[:60]!r} is an object; {expected}"
            self._source.report(messages.OBJECT_PARAMETER, self._position, message)
            data = DataType("string")
        choices = self._line.choices
        if choices:
            data = replace(data, kind="enum", values=(*data.values, *choices))
        return data, description

    def _example_text(self) -> str:
        line = self._line.signature
        if "default" in line.flags or not line.value:
            return self._line.example
        return line.value

    def _default_text(self) -> str:
        line = self._line.signature
        if "default" in line.flags and line.value:
            return line.value
        return self._line.default

    def _value(
        self, role: str, text: str, kind: ParameterType, values: tuple[Scalar, ...]
    ) -> Scalar:
        """Return the value of a text; `None` without one, or if it does not fit the type."""
        flags = self._line.signature.flags
        if not text or ("nullable" in flags and strip_backticks(text) == "null"):
            return None
        if kind == "array":
            # Commas with spaces would be part of the items.
            return ",".join(split_values(strip_backticks(text)))
        try:
            value = _scalar(text, kind)
        except ValueError as error:
            message = f"{error}; expected a value of type {kind}"
        else:
            if not values or value in values:
                return value
            expected = ", ".join(map(str, values))
            message = (
                f"the {role} {str(value)[:60]!r} is not one of the values; expected {expected}"
            )
        self._source.report(messages.INVALID_PARAMETER_VALUE, self._position, message)
        self._unfit[role] = strip_backticks(text)
        return None


def _scalar(text: str, kind: ParameterType) -> Scalar:
    """Return the value that a text has as a string, number, integer or boolean.

    Raises:
        ValueError: The text is not a value of this type.
    """
    if kind == "boolean":
        return parse_scalar(strip_backticks(text).lower(), kind)
    if kind != "integer":
        return parse_scalar(text, kind)
    value = parse_scalar(text, "number")
    if isinstance(value, float):
        raise ValueError(f"{text[:60]!r} is not an integer")
    return value


def _values(data: DataType) -> tuple[Scalar, ...]:
    """Return the values of an enum, or of the enum that is the item type of an array."""
    if data.kind == "array" and len(data.items) == 1:
        return data.items[0].values
    return data.values


def _item_type(data: DataType, line: ParameterLine) -> ItemType:
    """Return the type of an array's items: `integer` if all their samples are integers."""
    if data.kind != "array" or len(data.items) != 1:
        return "string"
    item = data.items[0]
    item_type = _kind(item)
    if item_type == "number" and (line.is_integer or _has_integers(item.samples)):
        return "integer"
    return item_type


def _has_integers(samples: tuple[Scalar, ...]) -> bool:
    """Return whether there are samples, and all are integers."""
    return bool(samples) and all(type(sample) is int for sample in samples)


def _type(data: DataType, line: ParameterLine) -> ParameterType:
    """Return the type of a parameter's values."""
    if data.kind == "array":
        return "array"
    kind = _kind(data)
    if kind == "number" and line.is_integer:
        return "integer"
    return kind


def _kind(data: DataType) -> Literal["string", "number", "boolean"]:
    """Return the type of a scalar. For an enum, this is the type in its brackets."""
    kind = data.kind
    if kind == "enum" and data.items:
        kind = data.items[0].kind
    if kind == "number" or kind == "boolean":
        return kind
    return "string"


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
