"""Repair example bodies and schemas that people wrote as almost JSON.

Comments, trailing commas and omission marks (`...`) are replaced by spaces, so that the layout and
all positions stay. Nothing else is changed: a repair that could mean two things is not a repair.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from mockserver.spec.blueprint.json_errors import find_json_error

_TOKEN = re.compile(
    r"""
      (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<comment>//[^\n]*|/\*.*?\*/|\#[^\n]*)
    | (?P<unclosed>/\*.*)
    | (?P<omission>\.{2,}|…)
    | (?P<comma>,)
    | (?P<opening>[\[{])
    | (?P<closing>[\]}])
    | (?P<space>\s+)
    | (?P<other>[^\s,\[\]{}"./\#…]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)

RepairKind = Literal["comment", "trailing comma", "omission"]


class Repair(NamedTuple):
    """One part of a text that was replaced by spaces."""

    start: int
    end: int
    kind: RepairKind


class RepairedJson(NamedTuple):
    """The JSON that a text means."""

    text: str
    """Valid JSON, as long as the original text."""
    repairs: tuple[Repair, ...]
    """The parts that were removed, in the order of the text; not empty."""


class _Token(NamedTuple):
    kind: str
    start: int
    end: int


def repair_json(text: str) -> RepairedJson | None:
    """Return the JSON that a text means; `None` if there is nothing to repair, or no way to."""
    repairs: list[Repair] = []
    content: list[_Token] = []
    for token in _tokens(text):
        if token.kind == "comment":
            repairs.append(Repair(token.start, token.end, "comment"))
        elif token.kind != "space":
            content.append(token)
    repairs += _omissions(content)
    removed = {repair.start for repair in repairs}
    repairs += _trailing_commas([token for token in content if token.start not in removed])
    if not repairs:
        return None
    repairs.sort()
    json_text = _blank(text, repairs)
    if find_json_error(json_text):
        return None
    return RepairedJson(json_text, tuple(repairs))


def repair_summary(repaired: RepairedJson) -> str:
    """Return what was removed, for a message: `2 comments, 1 trailing comma`."""
    counts: dict[str, int] = {}
    for repair in repaired.repairs:
        counts[repair.kind] = counts.get(repair.kind, 0) + 1
    return ", ".join(_counted(kind, count) for kind, count in counts.items())


def _counted(kind: str, count: int) -> str:
    plural = "s" if count > 1 else ""
    return f"{count} {kind}{plural}"


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        yield _Token(match.lastgroup or "other", match.start(), match.end())


def _omissions(tokens: list[_Token]) -> Iterator[Repair]:
    """Yield each omission mark that stands for items or members, with the comma before it.

    In `[1, ..., 9]` one comma stays. A mark in place of a value, as in `"a": ...`, is not removed.
    """
    for index, token in enumerate(tokens):
        if token.kind != "omission" or index == 0:
            continue
        before = tokens[index - 1]
        if before.kind == "comma":
            yield Repair(before.start, token.end, "omission")
        elif before.kind == "opening":
            yield Repair(token.start, token.end, "omission")
            after = tokens[index + 1] if index + 1 < len(tokens) else token
            if after.kind == "comma":
                yield Repair(after.start, after.end, "omission")
        elif before.kind in ("closing", "string", "other"):
            # `[{"id": 1} ...]`: the comma before the mark is missing too.
            yield Repair(token.start, token.end, "omission")


def _trailing_commas(tokens: list[_Token]) -> Iterator[Repair]:
    for index, token in enumerate(tokens):
        is_last = index + 1 == len(tokens) or tokens[index + 1].kind == "closing"
        if token.kind == "comma" and is_last:
            yield Repair(token.start, token.end, "trailing comma")


def _blank(text: str, repairs: Iterable[Repair]) -> str:
    """Return the text with spaces in place of the repaired parts; line breaks stay."""
    pieces = []
    end = 0
    for repair in repairs:
        pieces.append(text[end : repair.start])
        pieces.append(re.sub(r"[^\n]", " ", text[repair.start : repair.end]))
        end = max(end, repair.end)
    pieces.append(text[end:])
    return "".join(pieces)
