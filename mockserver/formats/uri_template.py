"""URI templates as API Blueprint uses them: path segments `{name}`, then a query.

The query has variables `{?a,b}` and `{&c}`, and literal parts: `?x=1`, `?q={q}`.

Source: RFC 6570, sections 3.2.2 (simple expansion), 3.2.8 and 3.2.9 (form-style query). `{?a*}` is
read as `{?a}`, because requests may always repeat a list's variable. The other expressions of the
RFC (`{+x}`, `{#x}`, `{x*}` in a path, `{x:3}`) are rejected, because the router compares segments.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

_NAME = re.compile(r"(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+(?:\.(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+)*")
_QUERY_START = re.compile(r"\{[?&]|\?")
_QUERY = re.compile(r"\{[?&](?P<names>[^{}]*)\}")
_LITERAL = re.compile(
    r"[?&](?:(?P<key>[^{}?&=#\s]+)(?:=(?:\{(?P<variable>[^{}]*)\}|(?P<value>[^{}?&#\s]*)))?"
    r"|\{(?P<names>[^{}?&]+)\})"
)
_INVALID = re.compile(r"[\s?#\"<>\\^`|]")


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a path between two slashes: a literal text or a variable."""

    literal: str | None = None
    """The decoded text; empty after a slash at the end of the path."""
    variable: str | None = None

    @property
    def display_text(self) -> str:
        """Return the decoded text, or the variable in braces."""
        if self.variable is None:
            return self.literal or ""
        return f"{{{self.variable}}}"

    def expand(self, values: Mapping[str, Any]) -> str:
        """Return the percent-encoded segment for these values."""
        if self.variable is None:
            return quote(self.literal or "", safe="")
        return _without_dot_steps(_encoded(values[self.variable]))


@dataclass(frozen=True, slots=True)
class UriTemplate:
    """A parsed URI template."""

    text: str
    """As written in the blueprint."""
    segments: tuple[Segment, ...]
    query: tuple[str, ...]
    """The names of the query variables as requests write them, in order."""
    fixed: tuple[tuple[str, str], ...] = ()
    """The query's literal parts, decoded: name and value. Each request must have them."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Query variables with another name in the blueprint: `user` and `id` for `?user={id}`."""

    @property
    def path(self) -> tuple[str, ...]:
        """Return the names of the path variables, in order."""
        return tuple(segment.variable for segment in self.segments if segment.variable is not None)

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the names in the blueprint: the path variables, then the query variables."""
        described = dict(self.renamed)
        return (*self.path, *(described.get(name, name) for name in self.query))

    @property
    def pattern(self) -> tuple[str | None, ...]:
        """Return the literal segments, with `None` for a variable.

        Templates with the same pattern have the same paths.
        """
        return tuple(segment.literal for segment in self.segments)

    @property
    def display_text(self) -> str:
        """Return the decoded path for messages, without the query: `/exports/{export_id}`."""
        return "".join("/" + segment.display_text for segment in self.segments)

    def expand(self, values: Mapping[str, Any]) -> str:
        """Return the percent-encoded URI for these values.

        A query variable without a value, or with `None`, is left out.

        Raises:
            ValueError: A path variable has no value.
        """
        missing = [name for name in self.path if values.get(name) is None]
        if missing:
            raise ValueError(f"{self.text} needs a value for {', '.join(missing)}")
        path = "".join("/" + segment.expand(values) for segment in self.segments)
        pairs = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in self.fixed]
        for name in self.query:
            value = values.get(name)
            if value is not None:
                pairs.append(f"{quote(name, safe='')}={_encoded(value)}")
        if not pairs:
            return path
        return f"{path}?{'&'.join(pairs)}"


def is_below(path: str, base_path: str) -> bool:
    """Return whether a path is the base path or below it. An empty base path contains all."""
    return path.startswith(base_path) and path[len(base_path) : len(base_path) + 1] in ("/", "")


def parse_template(text: str) -> UriTemplate:
    """Return the parts of a URI template.

    Raises:
        ValueError: The template is invalid. The message names the expected form.
    """
    if not text.startswith("/"):
        raise ValueError(f"invalid URI template {text!r}; expected a slash at its start")
    path, tail = _split_query(text)
    segments = tuple(_parse_segment(part) for part in path[1:].split("/"))
    query = _parse_query(tail)
    template = UriTemplate(text, segments, query.names, query.fixed, query.renamed)
    _check_unique((*template.path, *template.query))
    _check_unique(template.variables)
    return template


def _split_query(text: str) -> tuple[str, str]:
    """Return the path of a template, and the rest from the first query expression."""
    start = _QUERY_START.search(text)
    if start is None:
        return text, ""
    return text[: start.start()], text[start.start() :]


def _check_unique(names: tuple[str, ...]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"duplicate variable {name!r}; expected each name once")


def _parse_segment(part: str) -> Segment:
    if "{" in part or "}" in part:
        if part[0] != "{" or part[-1] != "}" or "{" in part[1:] or "}" in part[:-1]:
            expected = "expected text or one variable, {name} between two slashes"
            raise ValueError(f"invalid path segment {part!r}; {expected}")
        return Segment(variable=_checked_name(part[1:-1]))
    invalid = _INVALID.search(part)
    if invalid:
        expected = "expected text, {name}, or {?name} at the end"
        raise ValueError(f"invalid character {invalid.group()!r} in a path; {expected}")
    try:
        return Segment(literal=unquote(part, errors="strict"))
    except UnicodeDecodeError:
        raise ValueError(f"invalid percent-encoding {part!r}; expected UTF-8") from None


@dataclass(frozen=True, slots=True)
class _Query:
    names: tuple[str, ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()

    def with_part(self, part: re.Match[str]) -> "_Query":
        """Return the query with one more expression or literal part."""
        if part["names"] is not None:
            query = self
            for text in part["names"].split(","):
                name = _checked_name(text.strip().removesuffix("*"))
                query = query._with_variable(_decoded(name), name)
            return query
        values = part.groupdict()
        key = _decoded(values["key"])
        if values["variable"] is not None:
            return self._with_variable(key, _checked_name(values["variable"].strip()))
        return replace(self, fixed=(*self.fixed, (key, _decoded(values["value"] or ""))))

    def _with_variable(self, name: str, documented_name: str) -> "_Query":
        """Return the query with one more variable.

        Args:
            name: The name in requests.
            documented_name: The name under which the blueprint describes the variable.
        """
        query = replace(self, names=(*self.names, name))
        if name == documented_name:
            return query
        return replace(query, renamed=(*self.renamed, (name, documented_name)))


def _parse_query(tail: str) -> _Query:
    query = _Query()
    index = 0
    while index < len(tail):
        part = _QUERY.match(tail, index) or _LITERAL.match(tail, index)
        if not part:
            expected = "expected query variables {?a,b}, or a=1 or a={a} after a ?"
            raise ValueError(f"invalid query {tail[index:]!r}; {expected}")
        query = query.with_part(part)
        index = part.end()
    return query


def _decoded(text: str) -> str:
    """Return the decoded text of a literal part of the query."""
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"invalid percent-encoding {text!r}; expected UTF-8") from None


def _checked_name(name: str) -> str:
    """Return the name of a variable if it is valid."""
    if not _NAME.fullmatch(name):
        expected = "expected a name of letters, digits, _ and ., without operators"
        raise ValueError(f"invalid variable '{{{name}}}'; {expected}")
    return name


def _without_dot_steps(text: str) -> str:
    """Return a segment that clients do not change. They remove the segments `.` and `..`."""
    if text in (".", ".."):
        return text.replace(".", "%2E")
    return text


def _encoded(value: Any) -> str:
    """Return the percent-encoded text of a value. The items of a list are separated by commas."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(map(_encoded, value))
    return quote(str(value), safe="")
