"""Sort the blocks nested in an MSON type into members, samples, defaults and prose.

Source: MSON, "Type Sections", "Mixin Type" and "One Of Type".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from mockserver.errors import Position
from mockserver.spec.blueprint.markdown import Block

MIXIN = re.compile(
    r"(?:[Ii]nclude\s+(?P<name>[^(:]+?)|Include\s+\((?P<bracketed>[^(),]+)\))\s*(?:\(.*)?"
)
REFERENCE = re.compile(r"[Rr]ef(?:erence)?:?\s+(?P<name>[^(:]+?)\s*(?:\(.*)?")
"""A mixin in an older notation, which is not in MSON."""
ONE_OF = re.compile(r"[Oo]ne [Oo]f\s*")

_MEMBER_SECTION = re.compile(r"(?:Properties|Items|Members|Values)\s*")
_VALUE_SECTION = re.compile(r"(?P<word>Sample|Default)(?::\s*(?P<text>.*))?")


@dataclass(slots=True)
class Nested:
    """The blocks nested in a type, sorted."""

    prose: list[Block] = field(default_factory=list)
    items: list[Block] = field(default_factory=list)
    """The members of an object, the items of an array, or the values of an enum."""
    facet: str = ""
    """The section that contains the items (MSON, "Member Type Separator"); can be empty."""
    samples: list[tuple[str, Position]] = field(default_factory=list)
    defaults: list[tuple[str, Position]] = field(default_factory=list)
    value_items: list[Block] = field(default_factory=list)
    """The items in Sample and Default. For an object, these are its members with their values."""

    @property
    def has_contents(self) -> bool:
        """Whether the blocks extend or change the type."""
        return bool(self.items or self.samples or self.defaults or self.value_items)


def read_nested(blocks: Iterable[Block]) -> Nested:
    """Sort the blocks nested in a type."""
    nested = Nested()
    for block in blocks:
        if block.kind == "item":
            _add_item(nested, block)
        elif block.kind != "rule":
            nested.prose.append(block)
    return nested


def _add_item(nested: Nested, block: Block) -> None:
    """Add a list item: a section with members, a section with values, or one member."""
    text = block.text.rstrip()
    value_section = _VALUE_SECTION.fullmatch(text)
    if _MEMBER_SECTION.fullmatch(text):
        nested.facet = text
        nested.items += child_items(block)
    elif value_section:
        _add_values(nested, block, value_section)
    else:
        nested.items.append(block)


def child_items(block: Block) -> list[Block]:
    """Return the items nested directly in an item."""
    return [child for child in block.children if child.kind == "item"]


def _add_values(nested: Nested, block: Block, match: re.Match[str]) -> None:
    """Add the values of a Sample or Default section: after its colon, or nested in it."""
    values = nested.samples
    if match["word"] == "Default":
        values = nested.defaults
    if match["text"]:
        start = block.position
        position = Position(start.file, start.line, start.column + match.start("text"))
        values.append((match["text"], position))
    for child in block.children:
        if child.kind != "rule" and child.text:
            values.append((child.text, child.position))
    nested.value_items += child_items(block)
