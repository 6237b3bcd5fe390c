"""URI templates as API Blueprint uses them: whole path segments `{name}`, then query variables `{?a,b}` and `{&c}`.

Source: RFC 6570, sections 3.2.2 (simple expansion), 3.2.8 and 3.2.9 (form-style query). What else that RFC has (`{+x}`,
`{#x}`, `{x*}`, `{x:3}`) is refused: the router tells operations apart by whole segments.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

_NAME = re.compile(r"(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+(?:\.(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+)*")
_QUERY_START = re.compile(r"\{[?&]")
_QUERY = re.compile(r"\{[?&]([^{}]*)\}")
_STRANGE = re.compile(r"[\s?#\"<>\\^`|]")


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a path, between slashes: a text or a variable, exactly one of them."""

    literal: str | None = None
    """Decoded, as paths are compared; empty before a slash at the path's end."""
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class UriTemplate:
    """One URI template, taken apart."""

    text: str
    """As written in the blueprint."""
    segments: tuple[Segment, ...]
    query: tuple[str, ...]
    """The names of the query variables, in order."""

    @property
    def path(self) -> tuple[str, ...]:
        """The names of the path's variables, in order."""
        return tuple(segment.variable for segment in self.segments if segment.variable is not None)

    @property
    def shown(self) -> str:
        """The path as it is told, without the query: `/exports/{export_id}`; its texts decoded."""
        return "".join(f"/{s.literal if s.variable is None else f'{{{s.variable}}}'}" for s in self.segments)

    def expand(self, values: Mapping[str, Any]) -> str:
        """The URI that these values make, percent-encoded; query variables without a value, or with `None`, are left out.

        Raises `ValueError` when a variable of the path has no value.
        """
        missing = [name for name in self.path if values.get(name) is None]
        if missing:
            raise ValueError(f"{self.text} needs a value for {', '.join(missing)}")
        parts = [_encoded(values[s.variable]) if s.variable else quote(s.literal or "", safe="") for s in self.segments]
        pairs = [f"{name}={_encoded(values[name])}" for name in self.query if values.get(name) is not None]
        return "/" + "/".join(parts) + ("?" + "&".join(pairs) if pairs else "")


def parse(text: str) -> UriTemplate:
    """Take a URI template apart. Raises `ValueError` with a sentence that says what was expected."""
    if not text.startswith("/"):
        raise ValueError(f"{text} is no URI template; expected a slash at its beginning")
    start = _QUERY_START.search(text)
    path, tail = (text[: start.start()], text[start.start() :]) if start else (text, "")
    segments = tuple(_segment(part) for part in path[1:].split("/"))
    query = _query(tail)
    names = [segment.variable for segment in segments if segment.variable] + list(query)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise ValueError(f"the variable {twice} is there twice; expected each once")
    return UriTemplate(text, segments, query)


def _segment(part: str) -> Segment:
    if "{" in part or "}" in part:
        if part[0] != "{" or part[-1] != "}" or "{" in part[1:] or "}" in part[:-1]:
            raise ValueError(f"{part} is neither a text nor one variable; expected {{name}} between two slashes")
        return Segment(variable=_name(part[1:-1]))
    strange = _STRANGE.search(part)
    if strange:
        raise ValueError(f"{strange.group()!r} cannot be in a path; expected a text, {{name}}, or {{?name}} at the end")
    try:
        return Segment(literal=unquote(part, errors="strict"))
    except UnicodeDecodeError:
        raise ValueError(f"{part} is no percent-encoded UTF-8") from None


def _query(tail: str) -> tuple[str, ...]:
    names: list[str] = []
    at = 0
    while at < len(tail):
        found = _QUERY.match(tail, at)
        if not found:
            raise ValueError(f"{tail[at:]} is not understood; expected nothing behind the query variables {{?a,b}}")
        names += [_name(name.strip()) for name in found.group(1).split(",")]
        at = found.end()
    return tuple(names)


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{{{name}}} is no variable; expected a name of letters, digits, _ and ., without operators")
    return name


def _encoded(value: Any) -> str:
    words = {True: "true", False: "false"} if isinstance(value, bool) else {}
    text = ",".join(map(_encoded, value)) if isinstance(value, list | tuple) else quote(words.get(value, str(value)), safe="")
    return text
