"""Filters of the journal. Each compares one member of an exchange with a value."""

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

ExchangeTest = Callable[[Json], bool]
"""A function that returns whether an exchange matches."""


def _unchanged(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter, whose value a client sends."""

    schema: Schema
    """The schema of the value."""
    matches: Callable[[Json, Any], bool]
    """Takes an exchange and the parsed value. Returns whether the exchange matches."""
    parse: Callable[[Any], Any] = _unchanged
    """Takes and returns the value. Raises `ValueError` with the form that the value must have."""

    def test_for(self, value: Any) -> ExchangeTest:
        """Return a test for this value.

        Raises:
            ValueError: see `parse`.
        """
        parsed_value = self.parse(value)

        def test(exchange: Json) -> bool:
            return self.matches(exchange, parsed_value)

        return test


def is_unmatched(exchange: Json) -> bool:
    """Return whether no operation matched the request."""
    return exchange["operation"] is None


def _is_equal(member: str, exchange: Json, value: Any) -> bool:
    return bool(exchange[member] == value)


def _is_same_text(member: str, exchange: Json, value: str) -> bool:
    """Compare texts, ignoring case."""
    text: str = exchange[member] or ""
    return text.casefold() == value.casefold()


def _is_present(member: str, exchange: Json, value: bool) -> bool:
    """Compare whether a member has content with `value`."""
    return bool(exchange[member]) == value


def _has_method(exchange: Json, value: str) -> bool:
    return value.upper() == "ANY" or _is_same_text("method", exchange, value)


def _has_scenario(exchange: Json, name: str) -> bool:
    """Return whether a scenario contributed to the response. `reason` names all that did."""
    if exchange["scenario"] == name:
        return True
    reasons = exchange["reason"].split(", ")
    return any(f"{reason} ".startswith(f"scenario {name} ") for reason in reasons)


def _has_no_operation(exchange: Json, value: bool) -> bool:
    return is_unmatched(exchange) == value


def _is_later(exchange: Json, timestamp: float) -> bool:
    return bool(exchange["time"] > timestamp)


def _parse_date(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError) as error:
        raise ValueError("a date and time such as 2026-11-02T09:00:00Z") from error


FILTERS: dict[str, Filter] = {
    "operation": Filter(TEXT, partial(_is_same_text, "operation")),
    "method": Filter(TEXT, _has_method),
    "path": Filter(TEXT, partial(_is_same_text, "path")),
    "status": Filter(SMALL_COUNT, partial(_is_equal, "status")),
    "scenario": Filter(TEXT, _has_scenario),
    "violations": Filter(BOOLEAN, partial(_is_present, "violations")),
    "transition": Filter(BOOLEAN, partial(_is_present, "transition")),
    "unmatched": Filter(BOOLEAN, _has_no_operation),
}
"""The filters of queries and bodies, by name."""
QUERY_FILTERS: dict[str, Filter] = {
    **FILTERS,
    "since": Filter({"type": "string", "format": "date-time"}, _is_later, _parse_date),
}
"""The filters of queries, by name."""


def matches_all(
    values: Mapping[str, Any], filters: Mapping[str, Filter], location: str = ""
) -> ExchangeTest:
    """Return a test of whether an exchange matches all values.

    Args:
        values: name of a filter to its value, which is valid against the schema of the filter.
        filters: by name.
        location: the prefix of the pointers in violations.

    Raises:
        AdminRequestInvalid: values cannot be parsed.
    """
    tests: list[ExchangeTest] = []
    violations: list[Violation] = []
    for name, value in values.items():
        try:
            tests.append(filters[name].test_for(value))
        except ValueError as error:
            violations.append(Violation(f"{location}/{name}", str(error), abbreviated_json(value)))
    raise_invalid(violations)

    def test_all(exchange: Json) -> bool:
        return all(test(exchange) for test in tests)

    return test_all
