"""Filters in a body: our filters, and those of WireMock's request patterns."""

from collections.abc import Mapping, Sequence
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
    ValuePattern,
    compile_regex,
)

Patterns = Mapping[str, ValuePattern]
"""Name of a header or query parameter to its pattern."""


def _split_target(text: str) -> tuple[str, str]:
    """Return the decoded path and the query of a target."""
    path, _, query = text.partition("?")
    return unquote(path), query


def _has_url(exchange: Json, path_and_query: tuple[str, str]) -> bool:
    return (exchange["path"], exchange["query"]) == path_and_query


def _has_path(exchange: Json, path: str) -> bool:
    return bool(exchange["path"] == path)


def _url_matches(exchange: Json, matches: TextTest) -> bool:
    return matches(request_target(exchange))


def _path_matches(exchange: Json, matches: TextTest) -> bool:
    return matches(request_target({**exchange, "query": ""}))


def _compile_query(patterns: Mapping[str, Any]) -> Patterns:
    return {name: ValuePattern(pattern) for name, pattern in patterns.items()}


def _query_matches(exchange: Json, patterns: Patterns) -> bool:
    return _all_match(query_values(exchange), patterns)


def _compile_headers(patterns: Mapping[str, Any]) -> Patterns:
    unknown = [name for name in patterns if name.lower() not in RECORDED_HEADERS]
    if unknown:
        raise ValueError(f"only headers that the journal keeps: {', '.join(RECORDED_HEADERS)}")
    return {name.lower(): ValuePattern(pattern) for name, pattern in patterns.items()}


def _headers_match(exchange: Json, patterns: Patterns) -> bool:
    headers = {name: [value] for name, value in exchange["headers"].items()}
    return _all_match(headers, patterns)


def _all_match(values: Mapping[str, Sequence[str]], patterns: Patterns) -> bool:
    """Return whether the values of each name match the pattern of this name."""
    return all(pattern.matches(values.get(name, ())) for name, pattern in patterns.items())


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
"""Member of a body to its filter."""
REQUEST_PATTERN = Validator(
    {
        "type": "object",
        "properties": {name: filter_.schema for name, filter_ in FILTERS.items()},
        "additionalProperties": False,
    }
)
"""A body with filters. An exchange has to match all of them."""
