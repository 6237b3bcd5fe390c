"""Which exchanges of the journal are meant: our own filters, and the request patterns of WireMock's clients beside them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from mockserver.errors import Violation
from mockserver.formats.json_schema import Schema, Validator, closed_object
from mockserver.formats.json_text import abbreviated_json
from mockserver.sandbox.journal import RECORDED_HEADERS
from mockserver.web.admin.call import Json, raise_invalid
from mockserver.web.admin.request_patterns import PATTERN, REGEX, fitting, matching
from mockserver.web.admin.schemas import BOOLEAN, SMALL_COUNT, TEXT
from mockserver.web.admin.wiremock_events import queried, target

Test = Callable[[Json], bool]
"""Whether an exchange is meant."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to say which exchanges are meant."""

    schema: Schema
    """Of the value that is wanted."""
    test: Callable[[Any], Test]
    """Given that value. Raises `ValueError` that says what was expected, where the schema cannot tell."""


def _same(name: str) -> Callable[[str], Test]:
    return lambda wanted: lambda exchange: (exchange[name] or "").casefold() == wanted.casefold()


def _equal(name: str) -> Callable[[Any], Test]:
    return lambda wanted: lambda exchange: bool(exchange[name] == wanted)


def _whether(name: str) -> Callable[[bool], Test]:
    return lambda wanted: lambda exchange: bool(exchange[name]) == wanted


def _method(wanted: str) -> Test:
    return (lambda _: True) if wanted.upper() == "ANY" else _same("method")(wanted)


def _since(wanted: str) -> Test:
    try:
        stamp = datetime.fromisoformat(wanted)
    except ValueError as error:
        raise ValueError("a date and time, 2026-11-02T09:00:00Z") from error
    return lambda exchange: bool(exchange["time"] > stamp.timestamp())


def _url(wanted: str) -> Test:
    path, _, query = wanted.partition("?")
    return lambda exchange: exchange["path"] == unquote(path) and exchange["query"] == query


def _regex(seen: Callable[[Json], str]) -> Callable[[str], Test]:
    def made(wanted: str) -> Test:
        fits = matching(wanted)
        return lambda exchange: fits(seen(exchange))

    return made


def _query(wanted: Mapping[str, Any]) -> Test:
    tests = {name: fitting(pattern) for name, pattern in wanted.items()}

    def test(exchange: Json) -> bool:
        sent = queried(exchange)
        return all(fits(sent.get(name, ())) for name, fits in tests.items())

    return test


def _headers(wanted: Mapping[str, Any]) -> Test:
    unknown = [name for name in wanted if name.lower() not in RECORDED_HEADERS]
    if unknown:
        raise ValueError(f"no other headers than those that the journal keeps: {', '.join(RECORDED_HEADERS)}")
    tests = {name.lower(): fitting(pattern) for name, pattern in wanted.items()}

    def test(exchange: Json) -> bool:
        sent = exchange["headers"]
        return all(fits([sent[name]] if name in sent else []) for name, fits in tests.items())

    return test


OWN: dict[str, Filter] = {
    "operation": Filter(TEXT, _same("operation")),
    "method": Filter(TEXT, _method),
    "path": Filter(TEXT, _same("path")),
    "status": Filter(SMALL_COUNT, _equal("status")),
    "scenario": Filter(TEXT, _equal("scenario")),
    "violations": Filter(BOOLEAN, _whether("violations")),
    "transition": Filter(BOOLEAN, _whether("transition")),
    "unmatched": Filter(BOOLEAN, lambda wanted: lambda exchange: (exchange["operation"] is None) == wanted),
}
"""Our own filters, as query variables and as members of a body."""
QUERY: dict[str, Filter] = {**OWN, "since": Filter({"type": "string", "format": "date-time"}, _since)}
"""Those of a query."""
BODY: dict[str, Filter] = {
    **OWN,
    "url": Filter(TEXT, _url),
    "urlPath": Filter(TEXT, lambda wanted: lambda exchange: bool(exchange["path"] == unquote(wanted))),
    "urlPattern": Filter(REGEX, _regex(target)),
    "urlPathPattern": Filter(REGEX, _regex(lambda exchange: target({**exchange, "query": ""}))),
    "queryParameters": Filter({"type": "object", "additionalProperties": PATTERN}, _query),
    "headers": Filter({"type": "object", "additionalProperties": PATTERN}, _headers),
}
"""Those of a body: our own, and what WireMock has in a request pattern."""
TAKEN = Validator(closed_object([], **{name: filter.schema for name, filter in BODY.items()}))
"""A body of filters; an exchange is meant when it fits all of them."""


def matches_all(wanted: Mapping[str, Any], filters: Mapping[str, Filter], place: str = "") -> Test:
    """Whether an exchange fits all that is wanted; values are as their schemas say.

    Raises `ControlRequestInvalid` for a value that cannot be used all the same; `place` comes before its pointer.
    """
    tests, wrong = [], []
    for name, value in wanted.items():
        try:
            tests.append(filters[name].test(value))
        except ValueError as error:
            wrong.append(Violation(f"{place}/{name}", str(error), abbreviated_json(value)))
    raise_invalid(wrong)
    return lambda exchange: all(test(exchange) for test in tests)
