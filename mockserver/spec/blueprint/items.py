"""Build the sections that start with a list item, such as `+ Response 200`.

A section at a wrong level, and a body outside its section, are read where they belong.

Source: API Blueprint 1A, "Nested sections" and "Payload section".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mockserver.errors import Position
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import Block, Source, indented_blocks
from mockserver.spec.blueprint.section_kinds import (
    ITEMS,
    PARENTS_OF_ITEMS,
    PAYLOADS,
    KindMatch,
    item_kind,
    loose_payload,
    misplaced_kind,
    misspelled_kind,
    resembles_section,
)

_LIST = re.compile(r"[-+*]\s")
_ITEM = re.compile(r"[-+*]\s+(?P<text>.*)")
_DATA = re.compile(r"\s*[\[{<]")
"""The start of a JSON or XML body, and not of a Markdown link."""
_LINK = re.compile(r"\s*\[[^\]]*\]\s?[(\[]")
_ASSETS = ("body", "schema")


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a blueprint."""

    kind: str
    """The name of the kind of section; `api` for the root section."""
    text: str
    """The text of the heading or item, as typed. For the root section, the name of the API."""
    position: Position
    match: re.Match[str] | None
    """The match of a pattern of the kind with the text."""
    blocks: tuple[Block, ...]
    """The blocks that are not sections."""
    sections: tuple["Section", ...]

    @property
    def has_content(self) -> bool:
        """Whether the section has more than its heading or item."""
        return bool(self.blocks or self.sections)

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


def read_items(
    source: Source, parent: str, blocks: Sequence[Block]
) -> tuple[list[Block], list[Section]]:
    """Return the blocks that are text, and the sections that start with a list item.

    Args:
        source: Messages are added to the source.
        parent: The kind of the parent.
        blocks: The blocks of the parent.
    """
    reader = _ItemReader(source, parent)
    for block in blocks:
        reader.read(block)
    return reader.content, reader.items


class _ItemReader:
    """Reads the blocks of one section in their order."""

    def __init__(self, source: Source, parent: str) -> None:
        self.source = source
        self.parent = parent
        self.content: list[Block] = []
        self.items: list[Section] = []
        self._follows_item = False
        """Whether no heading or text is between the last item and the present block."""
        self._can_have_body = False
        """Whether no heading is between them."""
        self._open_brackets = 0
        """The number of open brackets in a body that was added to the last item."""

    def read(self, block: Block) -> None:
        """Add a block to the text, or to the sections."""
        if self._is_indented_section(block):
            for inner_block in indented_blocks(self.source, block):
                self.read(inner_block)
        elif block.kind == "item" and self._read_item(block):
            self._follows_item = self._can_have_body = True
            self._open_brackets = 0
        elif block.kind == "heading":
            self.content.append(block)
            self._follows_item = self._can_have_body = False
        elif not (self.items and self._read_body(block)):
            self._read_text(block)

    def _read_item(self, block: Block) -> bool:
        """Add the sections that an item starts. Return whether there are any."""
        text = block.text.rstrip()
        match = item_kind(text, self.parent)
        if match:
            self.items += _item_sections(self.source, block, match)
            return True
        return (
            self._read_loose_payload(block, text)
            or self._read_misspelled(block, text)
            or self._read_misplaced(block, text)
        )

    def _read_misspelled(self, block: Block, text: str) -> bool:
        match = misspelled_kind(text, self.parent)
        if match is None:
            return False
        message = f"unknown section {text[:60]!r}; expected `{match.kind.syntax}`"
        self.source.report(messages.MISSPELLED_SECTION, block.position, message)
        self.items += _item_sections(self.source, block, match)
        return True

    def _read_loose_payload(self, block: Block, text: str) -> bool:
        """Read a request or response with additional text, such as `Response 404 Not Found`."""
        if self.parent not in ("action", "resource", *PAYLOADS):
            return False
        match = loose_payload(text)
        if match is None or not (self.parent == "action" or _is_certain(match)):
            return False
        if item_kind(text, "action") is None:
            message = f"unexpected text in `+ {text[:60]}`; expected `{match.kind.syntax}`"
            self.source.report(messages.PAYLOAD_TEXT, block.position, message)
        if self.parent in PAYLOADS:
            self._report_misplaced(block, match, "the action")
        self.items += _item_sections(self.source, block, match)
        return True

    def _read_misplaced(self, block: Block, text: str) -> bool:
        """Read a body or schema next to its request or response."""
        match = misplaced_kind(text)
        if match is None or match.kind.name not in _ASSETS or not self.items:
            return False
        last = self.items[-1]
        if last.kind not in PAYLOADS or last.subsections(match.kind.name):
            return False
        self._report_misplaced(block, match, f"`+ {last.text[:60]}`")
        sections = _item_sections(self.source, block, match)
        self.items[-1] = replace(last, sections=(*last.sections, *sections))
        return True

    def _report_misplaced(self, block: Block, match: KindMatch, owner: str) -> None:
        message = f"`+ {match.kind.name.title()}` is in the {self.parent}; expected it in {owner}"
        self.source.report(messages.MISPLACED_SECTION, block.position, message)

    def _read_body(self, block: Block) -> bool:
        """Add a block to the last item if it is the body, or a part of it."""
        last = self.items[-1]
        continues = self._open_brackets > 0
        if not self._can_have_body or not (continues or _is_data(block)):
            return False
        extended = _with_body(last, block, continues)
        if extended is None:
            return self._read_body_of_payload(block)
        if not continues:
            self._report_body(block)
        self.items[-1] = extended
        self._open_brackets += _open_brackets(block)
        return True

    def _read_body_of_payload(self, block: Block) -> bool:
        """Add a body after the other sections of a payload."""
        if self.parent not in PAYLOADS or any(item.kind == "body" for item in self.items):
            return False
        self._report_body(block)
        self.items.append(Section("body", "Body", block.position, None, (block,), ()))
        return True

    def _report_body(self, block: Block) -> None:
        message = "the text is outside its section; expected it in `+ Body`, indented by 8 spaces"
        self.source.report(messages.MISPLACED_BODY, block.position, message)

    def _read_text(self, block: Block) -> None:
        """Add text, and report text after an item and what resembles a section."""
        if block.kind == "item" and resembles_section(block.text.rstrip()):
            self._report_item(block)
            if self.parent in PAYLOADS:
                # As content of the payload, the item would be its body.
                section = Section("text", block.text, block.position, None, (block,), ())
                self.items.append(section)
                return
        elif self._follows_item and block.kind in ("paragraph", "code", "other", "item"):
            message = f"unexpected text after `+ {self.items[-1].text[:60]}`"
            expected = "expected it inside or before this section"
            self.source.report(
                messages.TEXT_AFTER_SECTION, block.position, f"{message}; {expected}"
            )
        elif block.is_indented_code and _LIST.match(block.text) and self.parent not in PAYLOADS:
            message = "indented list without a section"
            expected = "expected a section before it, such as `+ Parameters`"
            self.source.report(messages.UNKNOWN_SECTION, block.position, f"{message}; {expected}")
        if self._follows_item and block.kind in ("html", "rule"):
            return
        self._follows_item = False
        self.content.append(block)

    def _report_item(self, block: Block) -> None:
        kinds = [kind for kind in ITEMS if self.parent in kind.parents]
        expected = ", ".join(f"`{kind.syntax}`" for kind in kinds)
        message = f"unknown section {block.text[:60]!r} in the {self.parent}"
        text = f"{message}; expected one of {expected}"
        self.source.report(messages.UNKNOWN_SECTION, block.position, text)

    def _is_indented_section(self, block: Block) -> bool:
        """Return whether a block is a section that is indented like code. If so, report it."""
        item = block.is_indented_code and _ITEM.match(block.text)
        if not item or self.parent not in ("resource", "action"):
            return False
        text = item["text"].rstrip()
        if self.items and loose_payload(self.items[-1].text) and not self.items[-1].has_content:
            # It is the body of the request or response before it.
            return False
        if item_kind(text, self.parent) is None and item_kind(text, "action") is None:
            return False
        message = f"`+ {text[:60]}` is indented like code; expected it at the start of the line"
        self.source.report(messages.INDENTED_LIST, block.position, message)
        return True


def _item_sections(source: Source, block: Block, match: KindMatch) -> list[Section]:
    """Return the section of an item, and the requests and responses that are nested in it."""
    kind = match.kind.name
    content: list[Block] = list(block.children)
    items: list[Section] = []
    hoisted: tuple[str, ...] = ("request", "response")
    if kind in PARENTS_OF_ITEMS:
        content, items = read_items(source, kind, block.children)
    elif kind == "headers":
        content, items = _nested_in_headers(source, block)
        hoisted = _ASSETS
    nested = [item for item in items if item.kind in hoisted]
    sections = [item for item in items if item not in nested]
    if kind in PAYLOADS and sections:
        content, sections = _with_first_code_as_body(source, content, sections)
    section = Section(
        kind, block.text, block.position, match.match, tuple(content), tuple(sections)
    )
    return [section, *nested]


def _nested_in_headers(source: Source, headers: Block) -> tuple[list[Block], list[Section]]:
    """Return the lines of headers, and the bodies and schemas nested below them."""
    content: list[Block] = []
    items: list[Section] = []
    for block in headers.children:
        match = misplaced_kind(block.text.rstrip())
        if block.kind == "item" and match and match.kind.name in _ASSETS:
            message = f"`+ {block.text[:60]}` is in `+ Headers`; expected it next to the headers"
            source.report(messages.MISPLACED_SECTION, block.position, message)
            items += _item_sections(source, block, match)
        else:
            content.append(block)
    return content, items


def _with_first_code_as_body(
    source: Source, content: list[Block], sections: list[Section]
) -> tuple[list[Block], list[Section]]:
    """Return the content of a payload without its code, which becomes the body."""
    codes = [block for block in content if block.kind == "code" and block.text.strip()]
    if not codes or any(section.kind == "body" for section in sections):
        return content, sections
    message = "the text is outside its section; expected it in `+ Body`, indented by 8 spaces"
    source.report(messages.MISPLACED_BODY, codes[0].position, message)
    body = Section("body", "Body", codes[0].position, None, (codes[0],), ())
    others = [block for block in content if block is not codes[0]]
    return others, [body, *sections]


def _is_certain(match: KindMatch) -> bool:
    """Return whether an item is a request or response also outside an action."""
    captures = match.match.groupdict()
    return bool(captures.get("status") or captures.get("type"))


def _open_brackets(block: Block) -> int:
    """Return how many brackets of a paragraph are not closed in it."""
    if block.kind == "code":
        return 0
    openings = block.text.count("{") + block.text.count("[")
    return openings - block.text.count("}") - block.text.count("]")


def _is_data(block: Block) -> bool:
    """Return whether a block after a section is a body, and not a description."""
    if not block.text.strip():
        return False
    if block.kind in ("code", "html"):
        return not _LIST.match(block.text) and not block.text.startswith("<!--")
    is_data = block.kind == "paragraph" and _DATA.match(block.text)
    return bool(is_data and not _LINK.match(block.text))


def _with_body(item: Section, block: Block, continues: bool) -> Section | None:
    """Return the item with a block as its body; `None` if the item has a body, or can have none.

    Args:
        item: A payload, body or schema.
        block: The block.
        continues: Whether the item has the first part of the same body.
    """
    if item.kind in _ASSETS and (continues or not item.blocks):
        return replace(item, blocks=(*item.blocks, block))
    if item.kind not in PAYLOADS:
        return None
    if item.sections:
        return _with_body_section(item, block, continues)
    if continues or not item.blocks:
        return replace(item, blocks=(*item.blocks, block))
    return None


def _with_body_section(item: Section, block: Block, continues: bool) -> Section | None:
    """Return a payload that has nested sections, with a block as its body."""
    last = item.sections[-1]
    if last.kind in _ASSETS and (continues or not last.blocks):
        extended = replace(last, blocks=(*last.blocks, block))
        return replace(item, sections=(*item.sections[:-1], extended))
    if item.subsections("body"):
        return None
    body = Section("body", "Body", block.position, None, (block,), ())
    return replace(item, sections=(*item.sections, body))
