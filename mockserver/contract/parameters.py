"""Validate the variables of a request against the parameters of its operation.

Texts become typed values, or violations.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, cast

from mockserver.errors import Violation
from mockserver.formats.exact_json import LEAST_INTEGER, MOST_INTEGER, is_exact
from mockserver.formats.json_text import abbreviated_json
from mockserver.spec.description import Parameter

MAX_OFFSET = 2**53 - 1
"""The largest number of a record or page.

JSON readers keep larger integers only approximately (RFC 8259, section 6).
"""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or not is_exact(text):
        raise ValueError
    return int(text)


def _number(text: str) -> int | float:
    """Read a number of JSON.

    Without fraction and exponent it stays an integer, because a float may not keep it exactly.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError
    if _INTEGER.fullmatch(text):
        return _integer(text)
    value = float(text)
    if not isfinite(value):
        raise ValueError
    return value


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError
    return text == "true"


TYPES: dict[str, tuple[Callable[[str], Any], str, str]] = {
    "string": (str, "a string", "string"),
    "integer": (_integer, "an integer", "integer"),
    "number": (_number, "a number", "number"),
    "boolean": (_boolean, "true or false", "boolean"),
    "array": (lambda text: text.split(","), "comma-separated values", "array"),
}
"""Type of a parameter: its parser, its description in messages, and its name in JSON Schema."""


@dataclass(frozen=True, slots=True)
class TypedParameter:
    """A parameter of the blueprint with the type and range that its operation requires."""

    parameter: Parameter
    type: str
    minimum: int | None = None
    maximum: int | None = None

    @property
    def expected(self) -> str:
        """The expected value, in words."""
        text = TYPES[self.type][1]
        if self.minimum is not None:
            text += f" from {self.minimum} to {self.maximum}"
        if self.type == "array" and self.parameter.item_type != "string":
            text += f", each {TYPES[self.parameter.item_type][1]}"
        if self.parameter.values:
            text += f", one of {', '.join(map(abbreviated_json, self.parameter.values))}"
        return text

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the parameter, for OpenAPI."""
        values: dict[str, Any] = {}
        if self.parameter.values:
            values["enum"] = list(self.parameter.values)
        default: dict[str, Any] = {}
        if self.parameter.default is not None:
            default["default"] = self.parameter.default
        if self.type == "array":
            item_type = self.parameter.item_type
            items = {"type": item_type, **_bounds(item_type), **values}
            return {"type": "array", "items": items, **default}
        bounds = _bounds(self.type)
        if self.minimum is not None and self.maximum is not None:
            bounds = {"minimum": self.minimum, "maximum": self.maximum}
        return {"type": TYPES[self.type][2], **bounds, **default, **values}

    def parse(self, texts: list[str]) -> Any:
        """Return the value of the parameter.

        Args:
            texts: The texts of the request: one, or several for an array.

        Raises:
            ValueError: A text is not a value of the type.
        """
        if self.type == "array":
            items: list[str] = []
            for text in texts:
                items += text.split(",")
            return [self._parse(self.parameter.item_type, item) for item in items]
        [text] = texts
        value = self._parse(self.type, text)
        if self.minimum is not None and not self.minimum <= value <= cast("int", self.maximum):
            raise ValueError
        return value

    def _parse(self, kind: str, text: str) -> Any:
        if self.parameter.values and text not in map(str, self.parameter.values):
            raise ValueError
        return TYPES[kind][0](text)

    def violation(self, actual: str) -> Violation:
        """Return a violation of this parameter; `actual` describes the value of the request."""
        return Violation(f"{self.parameter.location}/{self.parameter.name}", self.expected, actual)


def _bounds(kind: str) -> dict[str, int]:
    """Return the bounds of integers that are kept exactly; none for other types."""
    if kind != "integer":
        return {}
    return {"minimum": LEAST_INTEGER, "maximum": MOST_INTEGER}


def typed_parameters(
    parameters: tuple[Parameter, ...], paged: bool, size: str = "limit", page: str = ""
) -> tuple[TypedParameter, ...]:
    """Return the typed parameters of an operation.

    Args:
        parameters: The documented parameters.
        paged: Whether the operation returns pages. Its paging parameters are integers with bounds.
        size: The parameter with the page length.
        page: The parameter with the page number; if empty, `offset` selects the first record.
    """
    spans: dict[str, tuple[int, int]] = {}
    if paged:
        spans[size] = (0, 1000)
        if page:
            spans[page] = (1, MAX_OFFSET)
        else:
            spans["offset"] = (0, MAX_OFFSET)
    return tuple(_typed(parameter, spans) for parameter in parameters)


def _typed(parameter: Parameter, spans: Mapping[str, tuple[int, int]]) -> TypedParameter:
    if parameter.name in spans:
        # It counts records or pages, so it is an integer. The documented type is ignored.
        minimum, maximum = spans[parameter.name]
        return TypedParameter(parameter, "integer", minimum, maximum)
    # API Blueprint has no integer type: a number with an integer example is one.
    has_integer_example = isinstance(parameter.example, int)
    has_fraction = isinstance(parameter.default, float)
    if parameter.type == "number" and has_integer_example and not has_fraction:
        return TypedParameter(parameter, "integer")
    return TypedParameter(parameter, parameter.type)


def read_arguments(
    checks: tuple[TypedParameter, ...], path: Mapping[str, str], query: list[tuple[str, str]]
) -> tuple[dict[str, Any], list[Violation]]:
    """Return the values of the parameters in a request, and the violations."""
    arguments: dict[str, Any] = {}
    violations: list[Violation] = []
    for check in checks:
        name = check.parameter.name
        if name in path:
            texts = [path[name]]
        else:
            texts = [value for key, value in query if key == name]
        if not texts:
            if check.parameter.required:
                violations.append(check.violation("none"))
            continue
        if len(texts) > 1 and check.type != "array":
            violations.append(check.violation(f"{len(texts)} values"))
            continue
        try:
            arguments[name] = check.parse(texts)
        except ValueError:
            violations.append(check.violation(f"string {abbreviated_json(','.join(texts))}"))
    return arguments, violations
