"""Validate the variables of a request against their parameters: text in, typed values and violations out."""

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
"""The largest number of a record or page: the largest integer that JSON readers keep exactly (RFC 8259, section 6)."""

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text) or not is_exact(text):
        raise ValueError
    return int(text)


def _number(text: str) -> int | float:
    """Read a number of JSON. One without fraction and exponent stays an integer, since a float may not keep it."""
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
        span = f" from {self.minimum} to {self.maximum}" if self.minimum is not None else ""
        if self.type == "array" and self.parameter.item_type != "string":
            span = f", each {TYPES[self.parameter.item_type][1]}"
        choices = (
            ", one of " + ", ".join(map(abbreviated_json, self.parameter.values))
            if self.parameter.values
            else ""
        )
        return f"{TYPES[self.type][1]}{span}{choices}"

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the parameter, for OpenAPI."""
        values = {"enum": list(self.parameter.values)} if self.parameter.values else {}
        default = {} if self.parameter.default is None else {"default": self.parameter.default}
        if self.type == "array":
            item = self.parameter.item_type
            return {"type": "array", "items": {"type": item, **_bounds(item), **values}, **default}
        bounds = (
            _bounds(self.type)
            if self.minimum is None
            else {"minimum": self.minimum, "maximum": self.maximum}
        )
        return {"type": TYPES[self.type][2], **bounds, **default, **values}

    def parse(self, texts: list[str]) -> Any:
        """Return the value of a parameter that is given once, or of an array that may be repeated.

        Raises `ValueError` where a text is not a value of the type.
        """
        if self.type == "array":
            items = [item for text in texts for item in text.split(",")]
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
    return {"minimum": LEAST_INTEGER, "maximum": MOST_INTEGER} if kind == "integer" else {}


def typed_parameters(
    parameters: tuple[Parameter, ...], paged: bool, size: str = "limit", page: str = ""
) -> tuple[TypedParameter, ...]:
    """Return the typed parameters of an operation. Paging parameters of a `paged` operation are integers with bounds."""
    spans = {size: (0, 1000), page or "offset": (1 if page else 0, MAX_OFFSET)} if paged else {}
    return tuple(_typed(parameter, spans) for parameter in parameters)


def _typed(parameter: Parameter, spans: Mapping[str, tuple[int, int]]) -> TypedParameter:
    if parameter.name in spans:  # an integer whatever its documented type: it counts records
        return TypedParameter(parameter, "integer", *spans[parameter.name])
    # API Blueprint has no integer type: a number with an integer example is one.
    is_integer = (
        parameter.type == "number"
        and isinstance(parameter.example, int)
        and not isinstance(parameter.default, float)
    )
    return TypedParameter(parameter, "integer" if is_integer else parameter.type)


def read_arguments(
    checks: tuple[TypedParameter, ...], path: Mapping[str, str], query: list[tuple[str, str]]
) -> tuple[dict[str, Any], list[Violation]]:
    """Return the values of the parameters in a request, and the violations."""
    arguments: dict[str, Any] = {}
    violations: list[Violation] = []
    for check in checks:
        name = check.parameter.name
        texts = [path[name]] if name in path else [value for key, value in query if key == name]
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
