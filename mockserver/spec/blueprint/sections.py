"""Blocks -> the tree of sections: which heading and which list item is what, and what it holds.

Source: API Blueprint 1A, "Section types" and "Predefined sections". Two tables say it all: `HEADINGS` and `ITEMS`. A heading or
item that is in neither is text, unless it comes so close to one that it must have been meant as one: that is a fault.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from mockserver.errors import Position
from mockserver.spec.blueprint.markdown import Block, Source

_METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|LINK|UNLINK|COPY|MOVE|LOCK|UNLOCK|SEARCH"
_METHOD = rf"(?P<method>{_METHODS})"
_URI = r"(?P<uri>[/{][^\[\]]*)"
_TYPE = r"\s*(?:\((?P<type>[^()]*)\))?:?"
MAX_CHARACTERS = 1000
"""Characters of a heading or of an item that is a section; on a longer one no pattern is tried."""


@dataclass(frozen=True, slots=True)
class SectionKind:
    """One kind of section: how it is written, and where it may stand."""

    name: str
    parents: frozenset[str]
    syntax: str
    """How it is written, as messages show it."""
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a blueprint."""

    kind: str
    text: str
    """Of its heading or item, as typed; of the whole blueprint, the API's name."""
    position: Position
    match: re.Match[str] | None
    """How its kind's pattern fits the text."""
    blocks: tuple[Block, ...]
    """Its blocks that are no sections."""
    sections: tuple["Section", ...]

    def capture(self, name: str) -> str:
        """The part of the text that the pattern calls so; empty where there is none."""
        return (self.match[name] or "").strip() if self.match and name in self.match.re.groupindex else ""

    def capture_position(self, name: str) -> Position:
        """Where this part stands."""
        offset = self.match.start(name) if self.match and self.capture(name) else 0
        return Position(self.position.file, self.position.line, self.position.column + offset)

    def subsections(self, *kinds: str) -> list["Section"]:
        """The sections of these kinds directly in it."""
        return [section for section in self.sections if section.kind in kinds]


def _kind(name: str, parents: str, syntax: str, pattern: str) -> SectionKind:
    return SectionKind(name, frozenset(parents.split()), syntax, re.compile(pattern, re.IGNORECASE if name not in _CASED else 0))


# Methods are written in capitals (RFC 9110, section 9.1), MSON's own headings with one: `### sample` is a type's name.
_CASED = ("action", "resource", "facet")

HEADINGS = (
    # A name with brackets is a resource's: `## Group [/groups/{id}]`.
    _kind("group", "api", "# Group NAME", rf"group\s+(?P<name>(?!.*\[\s*(?:(?:{_METHODS})\b|[/{{])).+)"),
    _kind("structures", "api", "# Data Structures", r"data structures"),
    _kind("action", "api group", "# METHOD /URI", rf"{_METHOD}\s+{_URI}"),
    _kind("action", "resource", "## METHOD", _METHOD),
    _kind("action", "api group resource", "## NAME [METHOD /URI]", rf"(?P<name>.*)\[\s*{_METHOD}\s+{_URI}\]"),
    _kind("action", "resource", "## NAME [METHOD]", rf"(?P<name>.*)\[\s*{_METHOD}\s*\]"),
    _kind("resource", "api group", "# NAME [/URI]", rf"(?P<name>.*)\[\s*{_URI}\]"),
    _kind("resource", "api group", "# /URI", r"(?P<uri>/.*)"),
    _kind("facet", "structure", "### Properties", r"(?:Properties|Items|Members|Sample|Default)(?::.*)?"),
    _kind("structure", "structures", "## NAME (TYPE)", r"(?P<name>[^()\[\]]+?)\s*(?:\(.*)?"),
)
"""Sections that start with a heading; the first that fits is it. Of what is open, all is closed that it cannot stand parents."""

ITEMS = (
    _kind("relation", "action", "+ Relation: NAME", r"relation:\s*(?P<relation>\S+)"),
    _kind("parameters", "resource action", "+ Parameters", r"parameters?:?"),
    _kind("attributes", "resource action request response model", "+ Attributes (TYPE)", r"attributes?:?\s*(?:\(.*)?"),
    _kind("model", "resource", "+ Model (MEDIA TYPE)", rf"model{_TYPE}"),
    _kind("request", "action", "+ Request NAME (MEDIA TYPE)", rf"request(?:\s+(?P<name>[^()]*))?{_TYPE}"),
    _kind("response", "action", "+ Response STATUS (MEDIA TYPE)", rf"response(?:\s+(?P<status>[^\s():]+))?{_TYPE}"),
    _kind("headers", "request response model", "+ Headers", r"headers?:?"),
    _kind("body", "request response model", "+ Body", r"body:?"),
    _kind("schema", "request response model", "+ Schema", r"schema:?"),
)
"""Sections that start with a list item."""

_NESTING = frozenset(name for kind in ITEMS for name in kind.parents)
_ITEM_WORDS = [kind.name for kind in ITEMS]
_OPEN_BRACKET = re.compile(rf"[^\[]*\[\s*(?:[/{{]|{_METHOD}\b)[^\]]*")
_NO_METHOD = re.compile(r"[^\[]*\[\s*(?P<word>[A-Za-z]+)(?:\s+/[^\]]*)?\s*\]")
_ITEM_SHAPE = re.compile(r"(?P<word>[A-Z][A-Za-z]*)(?:\s+[^\s(]+)?(?:\s*\(.*)?:?")


_LIST = re.compile(r"[-+*]\s")
_NUMBERED_RESPONSE = re.compile(r"response\s+[0-9]", re.IGNORECASE)


@dataclass(slots=True)
class _OpenSection:
    """A section while its end is not known yet."""

    kind: str
    text: str
    position: Position
    match: re.Match[str] | None = None
    blocks: list[Block] = field(default_factory=list)
    sections: list["_OpenSection"] = field(default_factory=list)


def read_sections(source: Source, blocks: Iterable[Block]) -> Section:
    """The whole blueprint as a section of kind `api`; what is wrong goes to the source's faults."""
    whole = _OpenSection("api", "", Position(source.file))
    path = [whole]
    for block in blocks:
        if block.kind != "heading":
            path[-1].blocks.append(block)
        elif found := _heading_kind(source, block, path):
            kind, match = found
            while path[-1].kind not in kind.parents:
                path.pop()
            section = _OpenSection(kind.name, block.text, block.position, match)
            path[-1].sections.append(section)
            path.append(section)
        elif whole.text or whole.sections:
            path[-1].blocks.append(block)
        else:
            whole.text, whole.position = block.text, block.position
    return _finish(source, whole)


def _heading_kind(source: Source, block: Block, path: list[_OpenSection]) -> tuple[SectionKind, re.Match[str]] | None:
    if len(block.text) > MAX_CHARACTERS:
        source.add_error(block.position, f"the heading has {len(block.text)} characters; expected at most {MAX_CHARACTERS}")
        return None
    is_open = {section.kind for section in path}
    fitting = [(kind, match) for kind in HEADINGS if (match := kind.pattern.fullmatch(block.text))]
    placed = next((fit for fit in fitting if fit[0].parents & is_open), None)
    if placed is None or placed[0].name == "structure":
        _report_heading(source, block, [kind for kind, _ in fitting])
    return placed


def _report_heading(source: Source, block: Block, fitting: list[SectionKind]) -> None:
    """Tell of a heading that was meant as a section; keep quiet of one that is only text."""
    method = _NO_METHOD.fullmatch(block.text)
    if any(kind.name == "action" for kind in fitting):
        source.add_error(block.position, f"the action {block.text} is outside a resource; expected `# NAME [/URI]` before it")
    elif _OPEN_BRACKET.fullmatch(block.text):
        source.add_error(block.position, f"unclosed bracket in {block.text!r}; expected ] at the end")
    elif method and method["word"].upper() in _METHODS.split("|"):
        source.add_error(block.position, f"the method {method['word']} is not in upper case; expected {method['word'].upper()}")
    elif method and method["word"].isupper():
        source.add_error(block.position, f"unknown method {method['word']}; expected one of {_METHODS.replace('|', ', ')}")


def _finish(source: Source, section: _OpenSection) -> Section:
    inner = [_finish(source, each) for each in section.sections]
    return _section(source, section, section.blocks, inner)


def _section(source: Source, head: _OpenSection, blocks: Iterable[Block], inner: list[Section]) -> Section:
    prose, items = _split_blocks(source, head.kind, blocks) if head.kind in _NESTING else (list(blocks), [])
    return Section(head.kind, head.text, head.position, head.match, tuple(prose), (*items, *inner))


def _split_blocks(source: Source, parent: str, blocks: Iterable[Block]) -> tuple[list[Block], list[Section]]:
    """The blocks that are text, and the items that are sections; text between such items belongs to nobody: a fault."""
    prose: list[Block] = []
    items: list[Section] = []
    behind = False
    for block in blocks:
        found = _item_kind(block, parent) if block.kind == "item" else None
        if found:
            head = _OpenSection(found[0].name, block.text, block.position, found[1])
            items.append(_section(source, head, block.children, []))
            behind = True
        elif block.kind == "item" and (behind or _resembles_section(block.text)):
            _report_item(source, block, parent)
        elif block.kind == "heading" or not behind:
            _check_text(source, block, parent)
            prose.append(block)
            behind = False
        elif block.kind in ("paragraph", "code", "other"):
            source.add_error(block.position, f"unexpected text; expected it inside or before `+ {items[-1].text[:60]}`")
    return prose, items


def _item_kind(block: Block, parent: str) -> tuple[SectionKind, re.Match[str]] | None:
    text = block.text.rstrip()
    allowed = [kind for kind in ITEMS if parent in kind.parents and len(text) <= MAX_CHARACTERS]
    return next(((kind, match) for kind in allowed if (match := kind.pattern.fullmatch(text))), None)


def _report_item(source: Source, block: Block, parent: str) -> None:
    forms = ", ".join(f"`{kind.syntax}`" for kind in ITEMS if parent in kind.parents)
    source.add_error(block.position, f"unknown section {block.text[:60]!r} in the {parent}; expected one of {forms}")


def _check_text(source: Source, block: Block, parent: str) -> None:
    """Refuse the list that is code, since it is indented below nothing."""
    if parent in ("resource", "action") and block.is_indented_code and _LIST.match(block.text):
        source.add_error(block.position, "indented list without a section; expected a section before it, such as `+ Parameters`")


def _resembles_section(text: str) -> bool:
    """Whether an item must have been meant as a section: `Respone 200`, `Response 404 Not Found`, `Body` in an action."""
    if len(text) > MAX_CHARACTERS or _NUMBERED_RESPONSE.match(text):
        return text[:MAX_CHARACTERS].lower().startswith(tuple(_ITEM_WORDS))
    shape = _ITEM_SHAPE.fullmatch(text.rstrip())
    return bool(shape and get_close_matches(shape["word"].lower(), _ITEM_WORDS, 1, 0.8))
