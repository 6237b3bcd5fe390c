"""The query of a URI template: `{?a,b}`, `{&c}`, `?a={a}`, and literal parts such as `?x=1`.

Source: RFC 6570, sections 3.2.8 and 3.2.9. The operator can be missing or outside the braces:
`?{a,b}`, which many blueprints have.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import unquote_plus

from mockserver.formats.uri_segment import variable_name

_VARIABLES = re.compile(r"[?&]?\{\s*[?&+]?(?P<names>[^{}]*)\}")
_PAIR = re.compile(
    r"[?&](?P<key>[^{}?&=]+)(?:=(?P<value>(?:[^{}?&]|\{(?!\s*[?&])[^{}]*\})*))?", re.ASCII
)
_NAMED_PAIR = re.compile(
    r"[?&]\{\s*(?P<name>[^{}?&,=+*]+)\}(?P<rest>[^{}?&=]*)=(?P<value>[^{}?&]*)"
)
_SEPARATOR = re.compile(r"[?&]")
_OTHER = re.compile(r"[^?&{/][^?&{]*")
_EXPRESSION = re.compile(r"\{([^{}]*)\}")
_DEFAULT = re.compile(r"=[^,&;|]*")
_OTHER_SEPARATOR = re.compile(r"\s*[&;|?]\s*|(?<=[^,\s])\s+(?=[^,\s])")


@dataclass(frozen=True, slots=True)
class ComposedValue:
    """A query variable whose value has texts and several variables: `?at={lat},{lon}`."""

    name: str
    """The name in requests: `at`."""
    texts: tuple[str, ...]
    """The decoded texts: one more than there are variables."""
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query."""

    names: tuple[str, ...] = ()
    """The variables as requests write them, in order."""
    fixed: tuple[tuple[str, str], ...] = ()
    """The literal parts, decoded: name and value."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Variables with another name in the blueprint: `user` and `id` for `?user={id}`."""
    lists: tuple[str, ...] = ()
    """The variables with `*`, which a request repeats for each item of a list."""
    composed: tuple[ComposedValue, ...] = ()
    named: tuple[str, ...] = ()
    """The names of literal parts that are in braces: `{a}=1`."""
    ignored: tuple[str, ...] = ()
    """Texts without a meaning, such as `=1` in `{?a=1}`."""

    def without(self, names: Iterable[str]) -> "Query":
        """Return the query without these variables."""
        kept = tuple(name for name in self.names if name not in names)
        return replace(self, names=kept)


def parse_query(text: str) -> Query:
    """Return the parts of a query, from its first `?` or expression on.

    Raises:
        ValueError: The query is invalid. The message names the expected form.
    """
    query = Query()
    index = 0
    while index < len(text):
        if part := _NAMED_PAIR.match(text, index):
            key = _decoded(part["name"].strip() + part["rest"])
            query = replace(_with_pair(query, key, part["value"]), named=(*query.named, key))
        elif part := _VARIABLES.match(text, index):
            query = _with_variables(query, part["names"])
        elif part := _PAIR.match(text, index):
            query = _with_pair(query, _decoded(part["key"]), part["value"])
        elif part := _OTHER.match(text, index):
            query = replace(query, ignored=(*query.ignored, part.group()))
        elif not (part := _SEPARATOR.match(text, index)):
            expected = "expected query variables {?a,b}, or a=1 or a={a} after a ?"
            raise ValueError(f"invalid query {text[index:]!r}; {expected}")
        index = part.end()
    return query


def _with_variables(query: Query, text: str) -> Query:
    """Return the query with the variables of an expression.

    Default values, and separators other than a comma, are ignored.
    """
    without_defaults = _DEFAULT.sub("", text).strip()
    ignored = _DEFAULT.findall(text) + _OTHER_SEPARATOR.findall(without_defaults)
    query = replace(query, ignored=(*query.ignored, *ignored))
    names = _OTHER_SEPARATOR.sub(",", without_defaults).split(",")
    # An empty name among others is a comma too many.
    for part in list(filter(str.strip, names)) or names:
        documented_name = variable_name(part)
        name = _decoded(documented_name)
        query = _with_variable(query, name, documented_name)
        if part.strip().endswith("*") and name not in query.lists:
            query = replace(query, lists=(*query.lists, name))
    return query


def _with_variable(query: Query, name: str, documented_name: str) -> Query:
    """Return the query with one more variable; a second one with the same name is the same one."""
    if name in query.names:
        return query
    query = replace(query, names=(*query.names, name))
    if name == documented_name:
        return query
    return replace(query, renamed=(*query.renamed, (name, documented_name)))


def _with_pair(query: Query, key: str, value: str | None) -> Query:
    """Return the query with one more pair: a literal part, a variable, or a composed value."""
    first, *others = _EXPRESSION.split(value or "")
    if not others:
        return replace(query, fixed=(*query.fixed, (key, _decoded(first))))
    if not first and others[1:] == [""]:
        # `a={}` is a variable with the name of its pair.
        return _with_variable(query, key, variable_name(others[0].strip() or key))
    texts = tuple(map(_decoded, (first, *others[1::2])))
    variables = tuple(map(variable_name, others[0::2]))
    composed = (*query.composed, ComposedValue(key, texts, variables))
    return replace(_with_variable(query, key, key), composed=composed)


def _decoded(text: str) -> str:
    """Return the decoded text of a literal part of the query."""
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError(f"invalid percent-encoding {text!r}; expected UTF-8") from None
