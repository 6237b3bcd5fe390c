"""The variables of a request, held against their parameters: text in, typed values and violations out."""

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
"""The largest number of a record or page: the largest integer that every reader of JSON has exactly (RFC 8259, section 6)."""

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
"""Type of a parameter: how its text is read, how that is told, and the type's name in JSON Schema."""


@dataclass(frozen=True, slots=True)
class TypedParameter:
    """One parameter as requests are held against it: what the blueprint says, narrowed by what the operation does with it."""

    parameter: Parameter
    type: str
    minimum: int | None = None
    maximum: int | None = None

    @property
    def expected(self) -> str:
        """What a value has to be, in words."""
        span = f" from {self.minimum} to {self.maximum}" if self.minimum is not None else ""
        if self.type == "array" and self.parameter.item_type != "string":
            span = f", each {TYPES[self.parameter.item_type][1]}"
        among = ", one of " + ", ".join(map(abbreviated_json, self.parameter.values)) if self.parameter.values else ""
        return f"{TYPES[self.type][1]}{span}{among}"

    def schema(self) -> dict[str, Any]:
        """The parameter's JSON Schema, for OpenAPI."""
        values = {"enum": list(self.parameter.values)} if self.parameter.values else {}
        default = {} if self.parameter.default is None else {"default": self.parameter.default}
        if self.type == "array":
            item = self.parameter.item_type
            return {"type": "array", "items": {"type": item, **_bounds(item), **values}, **default}
        bounds = _bounds(self.type) if self.minimum is None else {"minimum": self.minimum, "maximum": self.maximum}
        return {"type": TYPES[self.type][2], **bounds, **default, **values}

    def parse(self, texts: list[str]) -> Any:
        """Return the value of a parameter that is given once, or of an array that may be repeated.

        Raises `ValueError` where a text is not a value of the type.
        """
        if self.type == "array":
            items = [item for text in texts for item in text.split(",")]
            return [self._read(self.parameter.item_type, item) for item in items]
        [text] = texts
        value = self._read(self.type, text)
        if self.minimum is not None and not self.minimum <= value <= cast("int", self.maximum):
            raise ValueError
        return value

    def _read(self, kind: str, text: str) -> Any:
        if self.parameter.values and text not in map(str, self.parameter.values):
            raise ValueError
        return TYPES[kind][0](text)

    def violation(self, actual: str) -> Violation:
        """That this parameter is broken; `actual` is what was there instead, in words."""
        return Violation(f"{self.parameter.location}/{self.parameter.name}", self.expected, actual)


def _bounds(kind: str) -> dict[str, int]:
    """Return the bounds of a type that JSON Schema has to be given: those of integers that are kept exactly."""
    return {"minimum": LEAST_INTEGER, "maximum": MOST_INTEGER} if kind == "integer" else {}


def typed_parameters(
    parameters: tuple[Parameter, ...], paged: bool, size: str = "limit", page: str = ""
) -> tuple[TypedParameter, ...]:
    """The checks of one operation's parameters; those of a `paged` one that say which page have bounds."""
    spans = {size: (0, 1000), page or "offset": (1 if page else 0, MAX_OFFSET)} if paged else {}
    return tuple(_check(parameter, spans) for parameter in parameters)


def _check(parameter: Parameter, spans: Mapping[str, tuple[int, int]]) -> TypedParameter:
    if parameter.name in spans:  # whatever its type, a string unless told: it counts records
        return TypedParameter(parameter, "integer", *spans[parameter.name])
    # API Blueprint has no integer; a number that is only ever shown whole is one.
    whole = parameter.type == "number" and isinstance(parameter.example, int) and not isinstance(parameter.default, float)
    return TypedParameter(parameter, "integer" if whole else parameter.type)


def read_arguments(
    checks: tuple[TypedParameter, ...], path: Mapping[str, str], query: list[tuple[str, str]]
) -> tuple[dict[str, Any], list[Violation]]:
    """The values of the parameters that were given, and everything that is wrong with them."""
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
