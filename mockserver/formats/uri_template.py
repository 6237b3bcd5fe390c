"""URI templates as API Blueprint uses them: a path, then a query.

Source: RFC 6570. `uri_segment` lists the expressions of a path, `uri_query` those of a query. A
fragment is dropped, because clients never send it. `{x:3}` is read as `{x}`, because a record
cannot be found by the first letters of its key.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from mockserver.formats.uri_query import ComposedValue, Query, parse_query
from mockserver.formats.uri_segment import Form, Segment, encoded_value, parse_path

# The first alternative consumes an expression, so that only its start decides.
_QUERY_START = re.compile(r"\{(?![?&])[^{}]*\}|(?P<start>\{[?&]|\?)")
_FRAGMENT_START = re.compile(r"\{(?!#)[^{}]*\}|(?P<start>\{#|#)")
_EXPRESSION = re.compile(r"\{[^{}]*\}")
_BRACES = re.compile(r"(?:[^{}]|\{[^{}]*\})*")
_PREFIX = re.compile(r"\{[^{}]*:\d+[^{}]*\}")
_ENCODED_BY_CLIENTS = re.compile(r"[\s\"<>\\^`|]")

Subject = Literal["fragment", "duplicate", "prefix", "ignored text", "braced name", "character"]


class Remark(NamedTuple):
    """One part of a template that is read in another way than it is written."""

    subject: Subject
    text: str
    """The part."""


@dataclass(frozen=True, slots=True)
class UriTemplate:
    """A parsed URI template."""

    text: str
    """As written in the blueprint."""
    segments: tuple[Segment, ...]
    query: tuple[str, ...] = ()
    """The names of the query variables as requests write them, in order."""
    fixed: tuple[tuple[str, str], ...] = ()
    """The query's literal parts, decoded: name and value. Each request must have them."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Query variables with another name in the blueprint: `user` and `id` for `?user={id}`."""
    lists: tuple[str, ...] = ()
    """The query variables with `*`, which a request repeats for each item of a list."""
    composed: tuple[ComposedValue, ...] = ()
    """The query variables whose values contain other variables."""
    remarks: tuple[Remark, ...] = ()

    @property
    def path(self) -> tuple[str, ...]:
        """Return the names of the path variables, in order."""
        names: dict[str, None] = {}
        for segment in self.segments:
            for variable in segment.variables:
                names[variable.name] = None
        return tuple(names)

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the names in the blueprint: the path variables, then the query variables."""
        described = dict(self.renamed)
        composed = {value.name: value.variables for value in self.composed}
        names = list(self.path)
        for name in self.query:
            names += composed.get(name, (described.get(name, name),))
        return tuple(names)

    @property
    def rests(self) -> tuple[str, ...]:
        """Return the names of the path variables whose values may contain slashes."""
        names: list[str] = []
        for segment in self.segments:
            names += (variable.name for variable in segment.variables if variable.is_rest)
        return tuple(names)

    @property
    def pattern(self) -> tuple[Form, ...]:
        """Return the forms of the segments: a text, `None` for a variable, or a mixed form.

        Templates with the same pattern have the same paths.
        """
        return tuple(segment.form for segment in self.segments)

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
            for value in self._query_values(name, values.get(name)):
                pairs.append(f"{quote(name, safe='')}={encoded_value(value)}")
        if not pairs:
            return path
        return f"{path}?{'&'.join(pairs)}"

    def _query_values(self, name: str, value: Any) -> list[Any]:
        """Return the values of the pairs of a query variable."""
        if value is None:
            return []
        if name in self.lists and isinstance(value, list | tuple):
            return list(value)
        return [value]


def is_below(path: str, base_path: str) -> bool:
    """Return whether a path is the base path or below it. An empty base path contains all."""
    return path.startswith(base_path) and path[len(base_path) : len(base_path) + 1] in ("/", "")


def parse_template(text: str) -> UriTemplate:
    """Return the parts of a URI template.

    Raises:
        ValueError: The template is invalid. The message names the expected form.
    """
    if not text.startswith(("/", "{/")):
        raise ValueError(f"invalid URI template {text!r}; expected a slash at its start")
    if not _BRACES.fullmatch(text):
        raise ValueError(f"unbalanced braces in {text!r}; expected {{name}}")
    sent, fragment = _split(_FRAGMENT_START, text)
    path, tail = _split(_QUERY_START, sent)
    segments = parse_path(path)
    query = parse_query(tail)
    names = _path_names(segments)
    in_both = [name for name in query.names if name in names]
    remarks = (*_remarks(sent, fragment, query), *_duplicates([*names, *in_both]))
    query = query.without(in_both)
    return UriTemplate(
        text,
        segments,
        query.names,
        query.fixed,
        query.renamed,
        query.lists,
        query.composed,
        remarks,
    )


def _split(start: re.Pattern[str], text: str) -> tuple[str, str]:
    """Return the text before the first match of `start` outside of other expressions, and the rest.

    The second text is empty if there is none.
    """
    for match in start.finditer(text):
        if match["start"]:
            return text[: match.start()], text[match.start() :]
    return text, ""


def _path_names(segments: tuple[Segment, ...]) -> list[str]:
    names: list[str] = []
    for segment in segments:
        names += (variable.name for variable in segment.variables)
    return names


def _remarks(sent: str, fragment: str, query: Query) -> Iterator[Remark]:
    if fragment:
        yield Remark("fragment", fragment)
    prefix = _PREFIX.search(sent)
    if prefix:
        yield Remark("prefix", prefix.group())
    for text in query.ignored:
        yield Remark("ignored text", text)
    for name in query.named:
        yield Remark("braced name", name)
    character = _ENCODED_BY_CLIENTS.search(_EXPRESSION.sub("", sent))
    if character:
        yield Remark("character", character.group())


def _duplicates(names: list[str]) -> Iterator[Remark]:
    """Yield a remark for each name that is not unique."""
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Remark("duplicate", name)
