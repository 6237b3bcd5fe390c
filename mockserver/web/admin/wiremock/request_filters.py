"""Filters of a body: our own, and those of WireMock's request patterns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from mockserver.formats.json_schema import Validator
from mockserver.sandbox.journal import RECORDED_HEADERS
from mockserver.web.admin.journal_filters import FILTERS as OUR_FILTERS
from mockserver.web.admin.journal_filters import Filter
from mockserver.web.admin.schemas import TEXT, Json
from mockserver.web.admin.wiremock.events import query_values, request_target
from mockserver.web.admin.wiremock.request_patterns import (
    PATTERN,
    REGEX,
    TextTest,
    compile_pattern,
    compile_regex,
)

Patterns = Mapping[str, Callable[[Sequence[str]], bool]]
"""A compiled pattern for each header or query parameter."""


def _split_target(text: str) -> tuple[str, str]:
    path, _, query = text.partition("?")
    return unquote(path), query


def _has_url(exchange: Json, expected: tuple[str, str]) -> bool:
    return (exchange["path"], exchange["query"]) == expected


def _has_path(exchange: Json, expected: str) -> bool:
    return bool(exchange["path"] == expected)


def _url_matches(exchange: Json, matches: TextTest) -> bool:
    return matches(request_target(exchange))


def _path_matches(exchange: Json, matches: TextTest) -> bool:
    return matches(request_target({**exchange, "query": ""}))


def _compile_query(patterns: Mapping[str, Any]) -> Patterns:
    return {name: compile_pattern(pattern) for name, pattern in patterns.items()}


def _query_matches(exchange: Json, patterns: Patterns) -> bool:
    sent = query_values(exchange)
    return all(matches(sent.get(name, ())) for name, matches in patterns.items())


def _compile_headers(patterns: Mapping[str, Any]) -> Patterns:
    unknown = [name for name in patterns if name.lower() not in RECORDED_HEADERS]
    if unknown:
        raise ValueError(f"only headers that the journal keeps: {', '.join(RECORDED_HEADERS)}")
    return {name.lower(): compile_pattern(pattern) for name, pattern in patterns.items()}


def _headers_match(exchange: Json, patterns: Patterns) -> bool:
    sent = {name: [value] for name, value in exchange["headers"].items()}
    return all(matches(sent.get(name, ())) for name, matches in patterns.items())


_PATTERNS = {"type": "object", "additionalProperties": PATTERN}
FILTERS: dict[str, Filter] = {
    **OUR_FILTERS,
    "url": Filter(TEXT, _has_url, _split_target),
    "urlPath": Filter(TEXT, _has_path, unquote),
    "urlPattern": Filter(REGEX, _url_matches, compile_regex),
    "urlPathPattern": Filter(REGEX, _path_matches, compile_regex),
    "queryParameters": Filter(_PATTERNS, _query_matches, _compile_query),
    "headers": Filter(_PATTERNS, _headers_match, _compile_headers),
}
"""The filters of a body, by member."""
REQUEST_PATTERN = Validator(
    {
        "type": "object",
        "properties": {name: filter_.schema for name, filter_ in FILTERS.items()},
        "additionalProperties": False,
    }
)
"""A body of filters; an exchange has to match all of them."""
