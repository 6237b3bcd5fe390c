"""The kinds of sections, and the recognition of a section by its heading or list item.

Two tables define every section: `HEADINGS` and `ITEMS`. A heading or item that fits neither is
text.

Source: API Blueprint 1A, "Section types" and "Section basics".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from mockserver.config.similar_names import similar_name

METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|LINK|UNLINK|COPY|MOVE|LOCK|UNLOCK|SEARCH"
"""The methods that are served. CONNECT is for proxies only."""
_METHOD = rf"(?P<method>{METHODS})"
_URI = r"(?P<uri>(?:[/{]|https?://)(?:[^\[\]]|\[[^\[\]]*\])*?)"
"""A URI in brackets can have brackets: `/users?filter[name]={name}`."""
_PATH_URI = r"(?P<uri>[/{].*)"
_TYPE = r"\s*(?:\((?P<type>[^()]*)\))?:?"
MAX_CHARACTERS = 1000
"""Maximum length of a heading or item that is a section. No pattern is tried on a longer one."""


@dataclass(frozen=True, slots=True)
class SectionKind:
    """One kind of section: its syntax, and its possible parents."""

    name: str
    parents: frozenset[str]
    """Names of the kinds that this kind can be nested in."""
    syntax: str
    """The form to show in messages."""
    pattern: re.Pattern[str]


class KindMatch(NamedTuple):
    """The kind of section that a text starts."""

    kind: SectionKind
    match: re.Match[str]


def _section_kind(name: str, parents: str, syntax: str, pattern: str) -> SectionKind:
    flags = re.IGNORECASE
    if name in _CASE_SENSITIVE:
        flags = re.NOFLAG
    return SectionKind(name, frozenset(parents.split()), syntax, re.compile(pattern, flags))


# Methods are case-sensitive (RFC 9110, section 9.1), and so are MSON's type sections.
_CASE_SENSITIVE = ("action", "resource", "facet")

HEADINGS = (
    # A name with a URI in brackets is a resource: `## Group [/groups/{id}]`.
    _section_kind(
        "group",
        "api",
        "# Group NAME",
        rf"group:?(?:\s+(?P<name>(?!.*\[\s*(?:(?:{METHODS})\b|[/{{])).*))?",
    ),
    _section_kind("structures", "api", "# Data Structures", r"data structures?:?"),
    _section_kind("action", "api group", "# METHOD /URI", rf"{_METHOD}\s+{_PATH_URI}"),
    _section_kind("action", "resource", "## METHOD", _METHOD),
    _section_kind(
        "action",
        "api group resource",
        "## NAME [METHOD /URI]",
        rf"(?P<name>.*?)\[\s*{_METHOD}\s+{_URI}\s*\]",
    ),
    _section_kind("action", "resource", "## NAME [METHOD]", rf"(?P<name>.*)\[\s*{_METHOD}\s*\]"),
    _section_kind("resource", "api group", "# NAME [/URI]", rf"(?P<name>.*?)\[\s*{_URI}\s*\]"),
    _section_kind("resource", "api group", "# /URI", r"(?P<uri>/.*)"),
    _section_kind(
        "facet",
        "structure",
        "### Properties",
        r"(?:Properties|Items|Members|Sample|Default)(?::.*)?",
    ),
    _section_kind(
        "structure", "structures", "## NAME (TYPE)", r"(?P<name>[^()\[\]]+?)\s*(?:\(.*)?"
    ),
)
"""Sections that start with a heading; the first kind that fits is used.

A heading closes the open sections that cannot be its parent.
"""

ITEMS = (
    _section_kind("relation", "action", "+ Relation: NAME", r"relation:\s*(?P<relation>\S+)"),
    _section_kind("parameters", "resource action request", "+ Parameters", r"parameters?:?"),
    _section_kind(
        "attributes",
        "resource action request response model",
        "+ Attributes (TYPE)",
        r"attributes?:?\s*(?:\(.*)?",
    ),
    _section_kind("model", "resource", "+ Model (MEDIA TYPE)", rf"model{_TYPE}"),
    _section_kind(
        "request",
        "action",
        "+ Request NAME (MEDIA TYPE)",
        rf"request:?(?:\s+(?P<name>[^()]*?))?{_TYPE}",
    ),
    _section_kind(
        "response",
        "action",
        "+ Response STATUS (MEDIA TYPE)",
        rf"response:?(?:\s+(?P<status>[^\s():]+))?{_TYPE}",
    ),
    _section_kind("headers", "resource action request response model", "+ Headers", r"headers?:?"),
    _section_kind("body", "request response model", "+ Body", rf"body{_TYPE}"),
    _section_kind("schema", "request response model", "+ Schema", rf"schema{_TYPE}"),
)
"""Sections that start with a list item."""

PARENTS_OF_ITEMS = frozenset[str]().union(*(kind.parents for kind in ITEMS))
_ITEM_FORM = re.compile(r"(?P<word>[A-Z][A-Za-z]*)(?:\s+[^\s(]+)?(?:\s*\(.*)?:?")
PAYLOADS = ("request", "response", "model")


_ITEM_NAMES = [kind.name for kind in ITEMS]
_MEDIA_TYPE = r"[\w.+*-]+/[\w.+*-]+[^()\[\]]*"
_LOOSE_PAYLOADS = {
    "request": (
        re.compile(rf"request\b:?\s*(?P<name>.*?)\s*\((?P<type>{_MEDIA_TYPE})\)?.*", re.IGNORECASE),
        re.compile(r"request\b:?\s+(?P<name>.*)", re.IGNORECASE),
    ),
    "response": (
        re.compile(
            r"response\b:?\s*(?P<status>[1-5](?:[0-9]{2}|xx))\b[^(\[/]*?"
            rf"[\s(\[](?P<type>{_MEDIA_TYPE})[)\]]?.*",
            re.IGNORECASE,
        ),
        re.compile(
            rf"response\b:?\s*[(\[](?P<type>{_MEDIA_TYPE})[)\]]\s*(?P<status>[1-5][0-9]{{2}})\b.*",
            re.IGNORECASE,
        ),
        re.compile(r"response\b:?\s*(?P<status>[1-5](?:[0-9]{2}|xx))\b.*", re.IGNORECASE),
    ),
}
"""Forms of requests and responses with more text than API Blueprint 1A allows."""
_FIRST_WORD = re.compile(r"[A-Za-z]+")
_SIMILARITY = 0.8
"""Minimum similarity (difflib's ratio) of a misspelled item to the name of a section."""


def item_kind(text: str, parent: str) -> KindMatch | None:
    """Return the kind of section that an item starts in this parent."""
    return _first_match(text, [kind for kind in ITEMS if parent in kind.parents])


def misplaced_kind(text: str) -> KindMatch | None:
    """Return the kind of section that an item starts in another parent."""
    return _first_match(text, ITEMS)


def _first_match(text: str, kinds: Iterable[SectionKind]) -> KindMatch | None:
    if len(text) > MAX_CHARACTERS:
        return None
    for kind in kinds:
        match = kind.pattern.fullmatch(text)
        if match:
            return KindMatch(kind, match)
    return None


def loose_payload(text: str) -> KindMatch | None:
    """Return the request or response that an item with additional text starts.

    Examples are `Response 404 Not Found`, `Response 200 application/json` and `Respone 200`.
    """
    if len(text) > MAX_CHARACTERS:
        return None
    word = _FIRST_WORD.match(text)
    if word is None or word[0][0] not in "Rr":
        return None
    name = _payload_name(word[0].lower(), text)
    if not name:
        return None
    # Spaces keep the positions of what follows a misspelled name.
    spelled = name + text[word.end() :]
    for kind in ITEMS:
        if kind.name == name:
            for pattern in (kind.pattern, *_LOOSE_PAYLOADS[name]):
                match = pattern.fullmatch(spelled)
                if match:
                    return KindMatch(kind, match)
    return None


def _payload_name(word: str, text: str) -> str:
    """Return `request` or `response` for a word, perhaps misspelled; else an empty text."""
    if word in _LOOSE_PAYLOADS:
        return word
    # Only a text with a status is likely to mean a response.
    if re.search("[0-9]{3}", text):
        return similar_name(word, _LOOSE_PAYLOADS, _SIMILARITY)
    return ""


def misspelled_kind(text: str, parent: str) -> KindMatch | None:
    """Return the kind of section in this parent that a misspelled item means: `Paramters`."""
    form = _ITEM_FORM.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if form is None:
        return None
    name = similar_name(form["word"].lower(), _ITEM_NAMES, _SIMILARITY)
    if not name:
        return None
    return item_kind(name + text[form.end("word") :], parent)


def resembles_section(text: str) -> bool:
    """Return whether an item looks like a misspelled section, for example `Heders`."""
    if len(text) > MAX_CHARACTERS:
        return False
    word = _ITEM_FORM.fullmatch(text)
    return bool(word and similar_name(word["word"].lower(), _ITEM_NAMES, _SIMILARITY))
