"""What is nested in an MSON type: its members, items or values, and the sections that show values of it.

Source: MSON, "Type sections" (Properties, Items, Members, Sample, Default) and "Mixin type", "One of type".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from mockserver.errors import Position
from mockserver.spec.blueprint.markdown import Block

MIXIN = re.compile(r"[Ii]nclude\s+(?P<name>[^(:]+)")
ONE_OF = re.compile(r"[Oo]ne [Oo]f\s*")

_LIST = re.compile(r"(?:Properties|Items|Members|Values)\s*")
_SHOWN = re.compile(r"(?P<word>Sample|Default)(?::\s*(?P<text>.*))?")


@dataclass(slots=True)
class Nested:
    """The blocks nested in a type, sorted."""

    prose: list[Block] = field(default_factory=list)
    items: list[Block] = field(default_factory=list)
    facet: str = ""
    """How the section is called that the items stand in; empty where they stand free."""
    samples: list[tuple[str, Position]] = field(default_factory=list)
    defaults: list[tuple[str, Position]] = field(default_factory=list)
    shown: list[Block] = field(default_factory=list)
    """The items within Sample and Default: of an object, its members with their values."""


def read_nested(blocks: Iterable[Block]) -> Nested:
    """Sort what is nested in a type."""
    nested = Nested()
    for block in blocks:
        text = block.text.rstrip() if block.kind == "item" else ""
        if _LIST.fullmatch(text):
            nested.facet = text
            nested.items += inner_items(block)
        elif shown := _SHOWN.fullmatch(text):
            _take_shown(nested, block, shown)
        elif block.kind == "item":
            nested.items.append(block)
        elif block.kind != "rule":
            nested.prose.append(block)
    return nested


def inner_items(block: Block) -> list[Block]:
    """The items directly in an item."""
    return [child for child in block.children if child.kind == "item"]


def _take_shown(nested: Nested, block: Block, shown: re.Match[str]) -> None:
    values = nested.samples if shown["word"] == "Sample" else nested.defaults
    if shown["text"]:
        at = Position(block.position.file, block.position.line, block.position.column + shown.start("text"))
        values.append((shown["text"], at))
    values += [(child.text, child.position) for child in block.children if child.kind != "rule" and child.text]
    nested.shown += inner_items(block)
