"""Filters of the journal: each compares one member of an exchange with an expected value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from mockserver.errors import Violation
from mockserver.formats.json_schema import Schema
from mockserver.formats.json_text import abbreviated_json
from mockserver.web.admin.schemas import BOOLEAN, SMALL_COUNT, TEXT, Json
from mockserver.web.admin.violations import raise_invalid

Test = Callable[[Json], bool]
"""Whether an exchange matches."""


def _unchanged(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter."""

    schema: Schema
    """Of the expected value."""
    matches: Callable[[Json, Any], bool]
    """Takes an exchange and the parsed value."""
    parse: Callable[[Any], Any] = _unchanged
    """Takes the expected value. Raises `ValueError` with the expected form, for values that the schema cannot check."""


def is_unmatched(exchange: Json) -> bool:
    """Return whether no operation matched the request."""
    return exchange["operation"] is None


def _is_equal(name: str, exchange: Json, expected: Any) -> bool:
    return bool(exchange[name] == expected)


def _is_same_text(name: str, exchange: Json, expected: str) -> bool:
    text: str = exchange[name] or ""
    return text.casefold() == expected.casefold()


def _is_present(name: str, exchange: Json, expected: bool) -> bool:
    return bool(exchange[name]) == expected


def _has_method(exchange: Json, expected: str) -> bool:
    return expected.upper() == "ANY" or _is_same_text("method", exchange, expected)


def _has_no_operation(exchange: Json, expected: bool) -> bool:
    return is_unmatched(exchange) == expected


def _is_later(exchange: Json, timestamp: float) -> bool:
    return bool(exchange["time"] > timestamp)


def _parse_date(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError) as error:
        raise ValueError("a date and time, 2026-11-02T09:00:00Z") from error


FILTERS: dict[str, Filter] = {
    "operation": Filter(TEXT, partial(_is_same_text, "operation")),
    "method": Filter(TEXT, _has_method),
    "path": Filter(TEXT, partial(_is_same_text, "path")),
    "status": Filter(SMALL_COUNT, partial(_is_equal, "status")),
    "scenario": Filter(TEXT, partial(_is_equal, "scenario")),
    "violations": Filter(BOOLEAN, partial(_is_present, "violations")),
    "transition": Filter(BOOLEAN, partial(_is_present, "transition")),
    "unmatched": Filter(BOOLEAN, _has_no_operation),
}
"""The filters of a query and of a body, by name."""
QUERY_FILTERS: dict[str, Filter] = {
    **FILTERS,
    "since": Filter({"type": "string", "format": "date-time"}, _is_later, _parse_date),
}


def matches_all(
    expected: Mapping[str, Any], filters: Mapping[str, Filter], location: str = ""
) -> Test:
    """Return a test whether an exchange matches all expected values, which fulfil the schemas.

    `location` is the prefix of the pointers in violations. Raises `AdminRequestInvalid` for values that cannot be parsed.
    """
    tests: list[Test] = []
    violations: list[Violation] = []
    for name, value in expected.items():
        try:
            tests.append(_test(filters[name], value))
        except ValueError as error:
            violations.append(Violation(f"{location}/{name}", str(error), abbreviated_json(value)))
    raise_invalid(violations)

    def test(exchange: Json) -> bool:
        return all(matches(exchange) for matches in tests)

    return test


def _test(filter_: Filter, value: Any) -> Test:
    expected = filter_.parse(value)

    def test(exchange: Json) -> bool:
        return filter_.matches(exchange, expected)

    return test
