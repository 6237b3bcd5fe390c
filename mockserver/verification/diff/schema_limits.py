"""The keywords that limit the values of one kind: a row a keyword."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.formats.json_schema import Schema
from mockserver.verification.diff.schema_differences import DifferenceKind
from mockserver.verification.diff.schema_keywords import KINDS

Bound = tuple[float, int]
"""A limit of numbers, and -1, 0 or 1: the values begin below, at or above it."""
Limits = Mapping[str, Any]
"""The limits of values, each by the name of its row in `LIMITS`."""


def _least_text(limit: Any) -> str:
    if limit == 0:
        return ""
    return str(limit)


def _most_text(limit: Any) -> str:
    if limit == math.inf:
        return ""
    return str(limit)


def _bound_text(bound: Bound) -> str:
    limit, side = bound
    if abs(limit) == math.inf:
        return ""
    if side:
        return f"{limit} (exclusive)"
    return str(limit)


def _set_text(values: frozenset[Any]) -> str:
    return ", ".join(sorted(map(str, values)))


def _flag_text(value: bool) -> str:
    return "true" * value


def _is_greater(old: Any, new: Any) -> bool:
    return bool(new > old)


def _is_less(old: Any, new: Any) -> bool:
    return bool(new < old)


def _has_more(old: frozenset[Any], new: frozenset[Any]) -> bool:
    return not new <= old


def _has_other_divisor(old: frozenset[Any], new: frozenset[Any]) -> bool:
    """Return whether a multiple of all old numbers may be no multiple of a new one."""
    return any(not _is_implied(divisor, old) for divisor in new)


def _is_implied(divisor: Any, others: frozenset[Any]) -> bool:
    if divisor in others:
        return True
    # The multiples of fractions are subject to rounding, so only integers are compared.
    if not float(divisor).is_integer():
        return False
    whole = [int(other) for other in others if float(other).is_integer()]
    return any(other % int(divisor) == 0 for other in whole)


def _union(first: frozenset[Any], second: frozenset[Any]) -> frozenset[Any]:
    return first | second


@dataclass(frozen=True, slots=True)
class Limit:
    """How one limit is read, merged and compared."""

    kind: str
    """The kind of value that it limits."""
    keywords: tuple[str, ...]
    default: Any
    """The limit that accepts any value."""
    read: Callable[[Schema], Any]
    """Return the limit of a schema that has one of the keywords."""
    merge: Callable[[Any, Any], Any]
    """Return the limit of the values that two limits accept."""
    tightens: Callable[[Any, Any], bool]
    """Return whether the second limit may reject a value that the first one accepts."""
    text: Callable[[Any], str]
    changed: DifferenceKind = DifferenceKind.RECUT
    """The kind of a difference if each limit rejects values that the other one accepts."""


def _least(kind: str, keyword: str) -> Limit:
    return Limit(kind, (keyword,), 0, lambda s: s[keyword], max, _is_greater, _least_text)


def _most(kind: str, keyword: str) -> Limit:
    return Limit(kind, (keyword,), math.inf, lambda s: s[keyword], min, _is_less, _most_text)


def _set_of(kind: str, keyword: str, changed: DifferenceKind = DifferenceKind.RECUT) -> Limit:
    def read(schema: Schema) -> frozenset[Any]:
        return frozenset((schema[keyword],))

    tightens = _has_more
    if keyword == "multipleOf":
        tightens = _has_other_divisor
    text = _set_text
    return Limit(kind, (keyword,), frozenset(), read, _union, tightens, text, changed)


def _lower(schema: Schema) -> Bound:
    bounds: list[Bound] = []
    if "minimum" in schema:
        bounds.append((schema["minimum"], 0))
    if "exclusiveMinimum" in schema:
        bounds.append((schema["exclusiveMinimum"], 1))
    return max(bounds)


def _upper(schema: Schema) -> Bound:
    bounds: list[Bound] = []
    if "maximum" in schema:
        bounds.append((schema["maximum"], 0))
    if "exclusiveMaximum" in schema:
        bounds.append((schema["exclusiveMaximum"], -1))
    return min(bounds)


def _is_integer(schema: Schema) -> bool:
    """Return whether a schema accepts integers only, among the numbers."""
    types = schema.get("type", ())
    if isinstance(types, str):
        types = (types,)
    if "integer" in types and "number" not in types:
        return True
    divisor = schema.get("multipleOf")
    return divisor is not None and float(divisor).is_integer()


def _is_unique(schema: Schema) -> bool:
    return bool(schema["uniqueItems"])


def _either(first: bool, second: bool) -> bool:
    return first or second


_LOWER = ("minimum", "exclusiveMinimum")
_UPPER = ("maximum", "exclusiveMaximum")
INTEGER = "integer"
"""The row of integers among the numbers. Its differences are differences of the type."""
LIMITS: dict[str, Limit] = {
    "minLength": _least("string", "minLength"),
    "maxLength": _most("string", "maxLength"),
    "pattern": _set_of("string", "pattern", DifferenceKind.UNDECIDED),
    "format": _set_of("string", "format"),
    INTEGER: Limit(
        "number", ("type", "multipleOf"), False, _is_integer, _either, _is_greater, _flag_text
    ),
    "minimum": Limit("number", _LOWER, (-math.inf, 0), _lower, max, _is_greater, _bound_text),
    "maximum": Limit("number", _UPPER, (math.inf, 0), _upper, min, _is_less, _bound_text),
    "multipleOf": _set_of("number", "multipleOf", DifferenceKind.UNDECIDED),
    "number format": _set_of("number", "format"),
    "minItems": _least("array", "minItems"),
    "maxItems": _most("array", "maxItems"),
    "uniqueItems": Limit(
        "array", ("uniqueItems",), False, _is_unique, _either, _is_greater, _flag_text
    ),
    "minProperties": _least("object", "minProperties"),
    "maxProperties": _most("object", "maxProperties"),
}


def limits_of_kind(kind: str) -> dict[str, Limit]:
    """Return the rows of a kind."""
    return {name: limit for name, limit in LIMITS.items() if limit.kind == kind}


ROWS = {kind: limits_of_kind(kind) for kind in KINDS}
"""The rows of `LIMITS` for each kind."""


def merged_limits(kind: str, schemas: Iterable[Schema]) -> dict[str, Any]:
    """Return the limits of the values of a kind that fit all schemas."""
    limits: dict[str, Any] = {}
    for schema in schemas:
        for name, row in ROWS[kind].items():
            if any(keyword in schema for keyword in row.keywords):
                limits[name] = row.merge(limits.get(name, row.default), row.read(schema))
    if limits.get(INTEGER):
        limits["multipleOf"] = limits.get("multipleOf", frozenset()) - {1}
        _round_bounds(limits)
    return limits


def _round_bounds(limits: dict[str, Any]) -> None:
    """Replace the bounds of integers by the least and the greatest integer."""
    lower, upper = limits.get("minimum"), limits.get("maximum")
    if lower is not None and math.isfinite(lower[0]):
        limits["minimum"] = (math.floor(lower[0]) + 1 if lower[1] else math.ceil(lower[0]), 0)
    if upper is not None and math.isfinite(upper[0]):
        limits["maximum"] = (math.ceil(upper[0]) - 1 if upper[1] else math.floor(upper[0]), 0)


def contradict(limits: Limits) -> bool:
    """Return whether no value is within the limits."""
    for least, most in _RANGES:
        if least in limits and most in limits:
            lower, upper = limits[least], limits[most]
            if not isinstance(lower, tuple):
                lower, upper = (lower, 0), (upper, 0)
            is_open = lower[1] or upper[1]
            if lower[0] > upper[0] or (lower[0] == upper[0] and is_open):
                return True
    return False


_RANGES = (
    ("minLength", "maxLength"),
    ("minimum", "maximum"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
)
