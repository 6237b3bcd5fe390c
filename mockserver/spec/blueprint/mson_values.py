"""Read the values of MSON types: samples, defaults, and the values of enums.

A value that does not fit its type is a warning, and is not used.
"""

from collections.abc import Iterable, Iterator

from mockserver.errors import Position
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import Source
from mockserver.spec.blueprint.mson_line import (
    has_unusual_notation,
    parse_scalar,
    split_values,
    strip_backticks,
)
from mockserver.spec.description import DataType, Scalar

ValueText = tuple[str, Position]
"""The text of a value, and its position."""


def scalar_values(
    source: Source, texts: Iterable[ValueText], data: DataType, kind: str, nullable: bool = False
) -> tuple[Scalar, ...]:
    """Return the values of these texts. Texts that are not of the kind are reported."""
    values: list[Scalar] = []
    for text, position in texts:
        try:
            value = parse_scalar(text, kind, nullable or data.nullable)
            if data.integer and isinstance(value, float):
                raise ValueError(f"{text[:60]!r} is not an integer")
        except ValueError as error:
            message = f"{error}; expected a value of type {kind}"
            source.report(messages.INVALID_VALUE, position, message)
            continue
        if has_unusual_notation(text, value):
            message = f"unusual notation {text[:60]!r}; expected {str(value).lower()}"
            source.report(messages.VALUE_NOTATION, position, message)
        values.append(value)
    return tuple(values)


def enum_samples(
    source: Source, texts: Iterable[ValueText], data: DataType, nullable: bool = False
) -> tuple[Scalar, ...]:
    """Return the values of these texts. Texts that are not values of the enum are reported."""
    allowed: dict[str, Scalar] = {}
    for value in data.values:
        if value is not None:
            allowed[str(value)] = value
    values: list[Scalar] = []
    for text, position in _separate_values(texts, allowed):
        name = strip_backticks(text)
        if name == "null" and (nullable or data.nullable):
            values.append(None)
        elif name in allowed:
            values.append(allowed[name])
        else:
            message = f"{name[:60]!r} is not a value of the enum"
            expected = f"expected one of {', '.join(allowed)}"
            source.report(messages.INVALID_VALUE, position, f"{message}; {expected}"[:300])
    return tuple(values)


def _separate_values(texts: Iterable[ValueText], allowed: dict[str, Scalar]) -> Iterator[ValueText]:
    """Yield each value of the texts. A text with commas can be one value of an enum."""
    for text, position in texts:
        if strip_backticks(text) in allowed:
            yield text, position
            continue
        for value in split_values(text):
            yield value, position


def split_samples(samples: Iterable[ValueText]) -> list[ValueText]:
    """Return the values in the samples of an array. A sample can have several values."""
    values: list[ValueText] = []
    for text, position in samples:
        for value in split_values(text):
            values.append((value, position))
    return values


def without_asterisks(text: str) -> str:
    """Return a variable value such as `*5*` as a literal one (MSON, "Variable Value")."""
    stripped = text.strip()
    if len(stripped) > 2 and stripped[0] == stripped[-1] == "*":
        return stripped[1:-1]
    return stripped
