"""Build the tree of sections from blocks of Markdown.

Two tables define every section: `HEADINGS` and `ITEMS`. A heading or list item that fits neither is
text. It is an error if it closely resembles a section, such as `+ Respons 404`.

Source: API Blueprint 1A, "Section types" and "Section basics".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from mockserver.errors import Position, similar_name
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import Block, Source

_METHODS = (
    "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|LINK|UNLINK|COPY|MOVE|LOCK|UNLOCK|SEARCH"
)
_METHOD = rf"(?P<method>{_METHODS})"
_URI = r"(?P<uri>[/{][^\[\]]*)"
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


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a blueprint."""

    kind: str
    """The name of the kind of section; `api` for the root section."""
    text: str
    """The text of the heading or item, as typed. For the root section, the name of the API."""
    position: Position
    match: re.Match[str] | None
    """The match of the kind's pattern with the text."""
    blocks: tuple[Block, ...]
    """The blocks that are not sections."""
    sections: tuple["Section", ...]

    def capture(self, name: str) -> str:
        """Return what the pattern captured as `name`, or an empty string."""
        if self.match is None or name not in self.match.re.groupindex:
            return ""
        return (self.match[name] or "").strip()

    def capture_position(self, name: str) -> Position:
        """Return the position of what the pattern captured as `name`, else that of the section."""
        offset = 0
        if self.match and self.capture(name):
            offset = self.match.start(name)
        return Position(self.position.file, self.position.line, self.position.column + offset)

    def subsections(self, *kinds: str) -> list["Section"]:
        """Return the direct subsections of these kinds."""
        return [section for section in self.sections if section.kind in kinds]


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
        rf"group\s+(?P<name>(?!.*\[\s*(?:(?:{_METHODS})\b|[/{{])).+)",
    ),
    _section_kind("structures", "api", "# Data Structures", r"data structures"),
    _section_kind("action", "api group", "# METHOD /URI", rf"{_METHOD}\s+{_URI}"),
    _section_kind("action", "resource", "## METHOD", _METHOD),
    _section_kind(
        "action",
        "api group resource",
        "## NAME [METHOD /URI]",
        rf"(?P<name>.*)\[\s*{_METHOD}\s+{_URI}\]",
    ),
    _section_kind("action", "resource", "## NAME [METHOD]", rf"(?P<name>.*)\[\s*{_METHOD}\s*\]"),
    _section_kind("resource", "api group", "# NAME [/URI]", rf"(?P<name>.*)\[\s*{_URI}\]"),
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
    _section_kind("parameters", "resource action", "+ Parameters", r"parameters?:?"),
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
        rf"request(?:\s+(?P<name>[^()]*))?{_TYPE}",
    ),
    _section_kind(
        "response",
        "action",
        "+ Response STATUS (MEDIA TYPE)",
        rf"response(?:\s+(?P<status>[^\s():]+))?{_TYPE}",
    ),
    _section_kind("headers", "request response model", "+ Headers", r"headers?:?"),
    _section_kind("body", "request response model", "+ Body", r"body:?"),
    _section_kind("schema", "request response model", "+ Schema", r"schema:?"),
)
"""Sections that start with a list item."""

_PARENTS_OF_ITEMS = frozenset[str]().union(*(kind.parents for kind in ITEMS))
_ITEM_NAMES = [kind.name for kind in ITEMS]
_OPEN_BRACKET = re.compile(rf"[^\[]*\[\s*(?:[/{{]|{_METHOD}\b)[^\]]*")
_BRACKETED_WORD = re.compile(r"[^\[]*\[\s*(?P<word>[A-Za-z]+)(?:\s+/[^\]]*)?\s*\]")
_ITEM_FORM = re.compile(r"(?P<word>[A-Z][A-Za-z]*)(?:\s+[^\s(]+)?(?:\s*\(.*)?:?")
_SIMILARITY = 0.8
"""Minimum similarity (difflib's ratio) of a misspelled item to the name of a section."""

_LIST = re.compile(r"[-+*]\s")
_NUMBERED_RESPONSE = re.compile(r"response\s+[0-9]", re.IGNORECASE)

KindMatch = tuple[SectionKind, re.Match[str]]


@dataclass(slots=True)
class _OpenSection:
    """A section whose end has not been reached yet."""

    kind: str
    text: str
    position: Position
    match: re.Match[str] | None = None
    blocks: list[Block] = field(default_factory=list)
    sections: list["_OpenSection"] = field(default_factory=list)


def read_sections(source: Source, blocks: Iterable[Block]) -> Section:
    """Return the blueprint as one section of kind `api`. Errors are added to the source."""
    root = _OpenSection("api", "", Position(source.file))
    path = [root]
    for block in blocks:
        if block.kind != "heading":
            path[-1].blocks.append(block)
            continue
        kind_match = _heading_kind(source, block, path)
        if kind_match:
            _open_section(path, block, kind_match)
        elif root.text or root.sections:
            path[-1].blocks.append(block)
        else:
            # API Blueprint 1A, "API name & overview section".
            root.text, root.position = block.text, block.position
    return _close(source, root)


def _open_section(path: list[_OpenSection], block: Block, kind_match: KindMatch) -> None:
    """Start the section of a heading, and close the sections that cannot be its parent."""
    kind, match = kind_match
    while path[-1].kind not in kind.parents:
        path.pop()
    section = _OpenSection(kind.name, block.text, block.position, match)
    path[-1].sections.append(section)
    path.append(section)


def _heading_kind(source: Source, block: Block, path: list[_OpenSection]) -> KindMatch | None:
    """Return the kind of section that a heading starts below the open sections, and its match."""
    if len(block.text) > MAX_CHARACTERS:
        message = f"the heading has {len(block.text)} characters; expected at most {MAX_CHARACTERS}"
        source.report(messages.LONG_HEADING, block.position, message)
        return None
    open_kinds = {section.kind for section in path}
    selected: KindMatch | None = None
    names = set()
    for kind in HEADINGS:
        match = kind.pattern.fullmatch(block.text)
        if match is None:
            continue
        names.add(kind.name)
        if selected is None and kind.parents & open_kinds:
            selected = kind, match
    # Every heading below `# Data Structures` can be the name of a type, also a misspelled action.
    if selected is None or selected[0].name == "structure":
        _check_heading(source, block, looks_like_action="action" in names)
    return selected


def _check_heading(source: Source, block: Block, looks_like_action: bool) -> None:
    """Add an error for a heading that resembles an action or resource. Other headings are text."""
    bracketed = _BRACKETED_WORD.fullmatch(block.text)
    word = bracketed["word"] if bracketed else ""
    if looks_like_action:
        message = f"the action {block.text!r} is outside a resource"
        message = f"{message}; expected `# NAME [/URI]` before it"
        kind = messages.ACTION_OUTSIDE_RESOURCE
    elif _OPEN_BRACKET.fullmatch(block.text):
        message = f"unclosed bracket in {block.text!r}; expected ] at the end"
        kind = messages.UNCLOSED_HEADING
    elif word and word.upper() in _METHODS.split("|"):
        message = f"the method {word!r} is not in upper case; expected {word.upper()}"
        kind = messages.LOWER_CASE_METHOD
    elif word.isupper():
        message = f"unknown method {word!r}; expected one of {_METHODS.replace('|', ', ')}"
        kind = messages.UNKNOWN_METHOD
    else:
        return
    source.report(kind, block.position, message)


def _close(source: Source, section: _OpenSection) -> Section:
    subsections = [_close(source, subsection) for subsection in section.sections]
    return _section(source, section, section.blocks, subsections)


def _section(
    source: Source, head: _OpenSection, blocks: Iterable[Block], subsections: list[Section]
) -> Section:
    """Return a section from its head, its blocks and the sections that start with a heading."""
    content = list(blocks)
    items: list[Section] = []
    if head.kind in _PARENTS_OF_ITEMS:
        content, items = _split_blocks(source, head.kind, content)
    sections = (*items, *subsections)
    return Section(head.kind, head.text, head.position, head.match, tuple(content), sections)


def _split_blocks(
    source: Source, parent: str, blocks: Iterable[Block]
) -> tuple[list[Block], list[Section]]:
    """Return the blocks that are text, and the items that are sections.

    Text after an item belongs to no section, which is an error. Text after a heading is a
    description again.
    """
    content: list[Block] = []
    items: list[Section] = []
    follows_item = False
    for block in blocks:
        kind_match = _item_kind(block, parent)
        if kind_match:
            kind, match = kind_match
            head = _OpenSection(kind.name, block.text, block.position, match)
            items.append(_section(source, head, block.children, []))
            follows_item = True
        elif block.kind == "item" and (follows_item or _resembles_section(block.text)):
            _report_item(source, block, parent)
        elif block.kind == "heading" or not follows_item:
            _check_indentation(source, block, parent)
            content.append(block)
            follows_item = False
        elif block.kind in ("paragraph", "code", "other"):
            message = f"unexpected text; expected it inside or before `+ {items[-1].text[:60]}`"
            source.report(messages.TEXT_AFTER_SECTION, block.position, message)
    return content, items


def _item_kind(block: Block, parent: str) -> KindMatch | None:
    """Return the kind of section that a block starts in this parent, and its match."""
    text = block.text.rstrip()
    if block.kind != "item" or len(text) > MAX_CHARACTERS:
        return None
    for kind in ITEMS:
        if parent in kind.parents:
            match = kind.pattern.fullmatch(text)
            if match:
                return kind, match
    return None


def _report_item(source: Source, block: Block, parent: str) -> None:
    expected = ", ".join(f"`{kind.syntax}`" for kind in ITEMS if parent in kind.parents)
    message = f"unknown section {block.text[:60]!r} in the {parent}; expected one of {expected}"
    source.report(messages.UNKNOWN_SECTION, block.position, message)


def _check_indentation(source: Source, block: Block, parent: str) -> None:
    """Add an error for a list that is a code block in CommonMark, because of its indentation."""
    is_list = block.is_indented_code and _LIST.match(block.text)
    if is_list and parent in ("resource", "action"):
        message = (
            "indented list without a section; expected a section before it, such as `+ Parameters`"
        )
        source.report(messages.INDENTED_LIST, block.position, message)


def _resembles_section(text: str) -> bool:
    """Return whether an item looks like a misspelled or misplaced section.

    Examples are `Respone 200`, `Response 404 Not Found`, and `Body` in an action.
    """
    if len(text) > MAX_CHARACTERS or _NUMBERED_RESPONSE.match(text):
        return text[:MAX_CHARACTERS].lower().startswith(tuple(_ITEM_NAMES))
    match = _ITEM_FORM.fullmatch(text.rstrip())
    return bool(match and similar_name(match["word"].lower(), _ITEM_NAMES, _SIMILARITY))
