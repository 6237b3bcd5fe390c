"""URI templates as API Blueprint uses them: path segments `{name}`, then a query.

The query has variables `{?a,b}` and `{&c}`, and literal parts: `?x=1`, `?q={q}`.

Source: RFC 6570, sections 3.2.2 (simple expansion), 3.2.8 and 3.2.9 (form-style query). `{?a*}` is read as `{?a}`: requests may
always repeat a list's variable. The other expressions of the RFC (`{+x}`, `{#x}`, `{x*}` in a path, `{x:3}`) are rejected:
the router compares segments.
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
_STRANGE = re.compile(r"[\s?#\"<>\\^`|]")


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a path between two slashes: either a text or a variable."""

    literal: str | None = None
    """Decoded, as paths are compared; empty before a slash at the path's end."""
    variable: str | None = None


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
    """Of `?user={id}`: the query variable `user`, and `id`, the name under which the blueprint describes it."""

    @property
    def path(self) -> tuple[str, ...]:
        """Return the names of the path variables, in order."""
        return tuple(segment.variable for segment in self.segments if segment.variable is not None)

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the names that the blueprint describes: the path variables, then the query variables."""
        described = dict(self.renamed)
        return (*self.path, *(described.get(name, name) for name in self.query))

    @property
    def pattern(self) -> tuple[str | None, ...]:
        """Return the path segments, `None` for a variable. Templates with the same pattern have the same paths."""
        return tuple(segment.literal for segment in self.segments)

    @property
    def display_text(self) -> str:
        """Return the decoded path for messages, without the query: `/exports/{export_id}`."""
        return "".join(
            f"/{s.literal if s.variable is None else f'{{{s.variable}}}'}" for s in self.segments
        )

    def expand(self, values: Mapping[str, Any]) -> str:
        """Return the percent-encoded URI for these values, without the query variables that have no value or `None`.

        Raises:
            ValueError: A path variable has no value.
        """
        missing = [name for name in self.path if values.get(name) is None]
        if missing:
            raise ValueError(f"{self.text} needs a value for {', '.join(missing)}")
        parts = [
            _in_path(_encoded(values[s.variable]))
            if s.variable
            else quote(s.literal or "", safe="")
            for s in self.segments
        ]
        pairs = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in self.fixed]
        pairs += [
            f"{quote(name, safe='')}={_encoded(values[name])}"
            for name in self.query
            if values.get(name) is not None
        ]
        return "/" + "/".join(parts) + ("?" + "&".join(pairs) if pairs else "")


def is_below(path: str, base_path: str) -> bool:
    """Return whether a path is the base path, or below it. Every path is below the empty one."""
    return path.startswith(base_path) and path[len(base_path) : len(base_path) + 1] in ("/", "")


def parse_template(text: str) -> UriTemplate:
    """Parse a URI template. Raises `ValueError` with a message that says what was expected."""
    if not text.startswith("/"):
        raise ValueError(f"invalid URI template {text!r}; expected a slash at its start")
    start = _QUERY_START.search(text)
    path, tail = (text[: start.start()], text[start.start() :]) if start else (text, "")
    segments = tuple(_segment(part) for part in path[1:].split("/"))
    query = _query(tail)
    template = UriTemplate(text, segments, query.names, query.fixed, query.renamed)
    for names in ((*template.path, *template.query), template.variables):
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"duplicate variable: {twice}; expected each name once")
    return template


def _segment(part: str) -> Segment:
    if "{" in part or "}" in part:
        if part[0] != "{" or part[-1] != "}" or "{" in part[1:] or "}" in part[:-1]:
            raise ValueError(
                f"invalid path segment: {part}; expected text or one variable, {{name}} between two slashes"
            )
        return Segment(variable=_name(part[1:-1]))
    strange = _STRANGE.search(part)
    if strange:
        raise ValueError(
            f"invalid character in a path: {strange.group()!r}; expected text, {{name}}, or {{?name}} at the end"
        )
    try:
        return Segment(literal=unquote(part, errors="strict"))
    except UnicodeDecodeError:
        raise ValueError(f"invalid percent-encoding: {part}; expected UTF-8") from None


@dataclass(frozen=True, slots=True)
class _Query:
    names: tuple[str, ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()

    def with_part(self, part: re.Match[str]) -> "_Query":
        """Return the query with one more expression or literal part."""
        if part["names"] is not None:
            names = [_name(name.strip().removesuffix("*")) for name in part["names"].split(",")]
            return self._with_variables([(_decoded(name), name) for name in names])
        values = part.groupdict()
        key = _decoded(values["key"])
        if values["variable"] is not None:
            return self._with_variables([(key, _name(values["variable"].strip()))])
        return replace(self, fixed=(*self.fixed, (key, _decoded(values["value"] or ""))))

    def _with_variables(self, variables: list[tuple[str, str]]) -> "_Query":
        """Return the query with more variables: each as requests write it, and as the blueprint describes it."""
        names = (*self.names, *(key for key, _ in variables))
        renamed = (*self.renamed, *(pair for pair in variables if pair[0] != pair[1]))
        return replace(self, names=names, renamed=renamed)


def _query(tail: str) -> _Query:
    query = _Query()
    at = 0
    while at < len(tail):
        part = _QUERY.match(tail, at) or _LITERAL.match(tail, at)
        if not part:
            raise ValueError(
                f"{tail[at:]} is not understood; expected query variables {{?a,b}}, or a=1 or a={{a}} after a ?"
            )
        query = query.with_part(part)
        at = part.end()
    return query


def _decoded(text: str) -> str:
    """Return a literal part of the query as requests are compared with it."""
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"invalid percent-encoding: {text}; expected UTF-8") from None


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"invalid variable: {{{name}}}; expected a name of letters, digits, _ and ., without operators"
        )
    return name


def _in_path(text: str) -> str:
    """Return a segment that clients send as it is: they take the dots of `.` and `..` for steps in the path."""
    return text.replace(".", "%2E") if text in (".", "..") else text


def _encoded(value: Any) -> str:
    words = {True: "true", False: "false"} if isinstance(value, bool) else {}
    text = (
        ",".join(map(_encoded, value))
        if isinstance(value, list | tuple)
        else quote(words.get(value, str(value)), safe="")
    )
    return text
