"""Recognize the section that a heading starts, also a heading with a small mistake.

A mistake is repaired only if the heading, as typed, starts no section.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import Block, Source
from mockserver.spec.blueprint.messages import MessageKind
from mockserver.spec.blueprint.section_kinds import (
    HEADINGS,
    MAX_CHARACTERS,
    METHODS,
    KindMatch,
    SectionKind,
    item_kind,
    loose_payload,
)

_COMMENT = re.compile(r"<!--.*?-->")
_ESCAPE = re.compile(r"\\(?=[\[\]{}_*`])")
_NO_SPACE = re.compile(r" {0,3}#{1,6}[^\s#]")
_AND = r"\s*(?:,|\||/|\band\b|\bor\b)\s*"
_METHOD_LIST = re.compile(
    rf"(?P<start>[^\[]*\[\s*)(?P<methods>(?:{METHODS})(?:{_AND}(?:{METHODS}))+)"
    r"(?P<end>(?:\s+[/{].*)?\s*\])",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(_AND, re.IGNORECASE)
_OPEN_BRACKET = re.compile(rf"[^\[]*\[\s*(?:[/{{]|(?:{METHODS})\b)[^\]]*", re.IGNORECASE)
_CLOSED_TWICE = re.compile(r"(?P<text>[^\[]*\[[^\[\]]*\])\]+")
_TEXT_AFTER_BRACKET = re.compile(
    rf"(?P<text>[^\[]*\[\s*(?:(?:{METHODS})\b[^\]]*|[/{{][^\]]*)\])(?:\s*[^\s(\]].*|\s+\(.*)",
    re.IGNORECASE,
)
_METHOD_OF_ANY_CASE = re.compile(
    rf"(?P<start>(?:[^\[]*\[\s*)?)(?P<method>{METHODS})(?P<end>\s*\]?|\s+[/{{].*)", re.IGNORECASE
)
_UNKNOWN_METHOD = re.compile(r"[^\[]*\[\s*(?P<word>[A-Za-z]+)(?:\s+[^\]]*)?\s*\]")
_WITHOUT_SLASH = re.compile(
    rf"(?P<start>[^\[]*\[\s*(?:(?:{METHODS})\s+(?=[\w.-]+[/?{{\]])|(?=[\w.-]+/)(?!https?:)))"
    r"(?P<path>[\w.-][^\[\]\s]*\])",
    re.IGNORECASE,
)
_UNSERVED = SectionKind(
    "unserved", frozenset(("api", "group", "resource")), "", re.compile(".*", re.DOTALL)
)


class _Repair(NamedTuple):
    """One way to repair a heading."""

    kind: MessageKind
    problem: str
    """The second part of a sentence that starts with the heading."""
    repaired: Callable[[str], str]
    """Return the repaired text, or the same text."""


def heading_kinds(
    source: Source, blocks: Sequence[Block], index: int, open_kinds: Collection[str]
) -> list[KindMatch]:
    """Return the sections that a heading starts: one for each of its methods; empty if it is text.

    Args:
        source: Messages are added to the source.
        blocks: The heading and the blocks around it.
        index: The index of the heading.
        open_kinds: The kinds of the open sections.
    """
    block = blocks[index]
    if len(block.text) > MAX_CHARACTERS:
        message = f"the heading has {len(block.text)} characters; expected at most {MAX_CHARACTERS}"
        source.report(messages.LONG_HEADING, block.position, message)
        return []
    matches = _heading_kinds(source, blocks, index, open_kinds)
    if matches and _NO_SPACE.match(source.lines[block.start - 1]):
        message = f"no space before {block.text[:60]!r}; expected one after the last #"
        source.report(messages.HEADING_WITHOUT_SPACE, block.position, message)
    return matches


def _heading_kinds(
    source: Source, blocks: Sequence[Block], index: int, open_kinds: Collection[str]
) -> list[KindMatch]:
    block = blocks[index]
    text = _ESCAPE.sub("", _COMMENT.sub("", block.text)).strip()
    selected = _select(text, open_kinds)
    if selected and selected.kind.name != "structure":
        return [selected]
    is_action = _has_payload(blocks, index)
    repaired = _several(source, block, text, open_kinds) or _repaired(
        source, block, text, open_kinds, is_action
    )
    if repaired:
        return repaired
    if selected is None and _is_unserved(source, block, text, is_action):
        match = _UNSERVED.pattern.fullmatch(text)
        return [KindMatch(_UNSERVED, match)] if match else []
    return [selected] if selected else []


def _select(text: str, open_kinds: Collection[str]) -> KindMatch | None:
    """Return the first kind of section that a text starts below the open sections."""
    for kind in HEADINGS:
        if not kind.parents.isdisjoint(open_kinds):
            match = kind.pattern.fullmatch(text)
            if match:
                return KindMatch(kind, match)
    return None


def _has_payload(blocks: Sequence[Block], index: int) -> bool:
    """Return whether a request or response follows a heading, before the next heading."""
    for position in range(index + 1, len(blocks)):
        block = blocks[position]
        if block.kind == "heading":
            return False
        if block.kind == "item":
            text = block.text.rstrip()
            match = item_kind(text, "action") or loose_payload(text)
            if match and match.kind.name in ("request", "response"):
                return True
    return False


def _several(
    source: Source, block: Block, text: str, open_kinds: Collection[str]
) -> list[KindMatch]:
    """Return the actions of a heading with several methods: `List [GET, POST]`."""
    listed = _METHOD_LIST.fullmatch(text)
    if listed is None:
        return []
    methods = dict.fromkeys(_SEPARATOR.split(listed["methods"].upper()))
    matches = []
    for method in methods:
        match = _select(f"{listed['start']}{method}{listed['end']}", open_kinds)
        if match:
            matches.append(match)
    if matches:
        message = f"{block.text[:60]!r} has several methods; expected one heading for each method"
        source.report(messages.SEVERAL_METHODS, block.position, message)
    return matches


def _repaired(
    source: Source, block: Block, text: str, open_kinds: Collection[str], is_action: bool
) -> list[KindMatch]:
    """Return the section of a heading with mistakes that have one meaning."""
    applied = []
    for repair in _REPAIRS:
        repaired = repair.repaired(text)
        if repaired == text:
            continue
        applied.append(repair)
        text = repaired
        match = _select(text, open_kinds)
        if match is None or match.kind.name == "structure":
            continue
        if match.kind.name == "action" and not is_action and _is_doubtful(text, applied):
            return []
        for repair_applied in applied:
            message = f"{block.text[:60]!r} {repair_applied.problem}"
            source.report(repair_applied.kind, block.position, message)
        return [match]
    return []


def _is_doubtful(text: str, applied: list[_Repair]) -> bool:
    """Return whether a repaired heading of an action can be the heading of a description.

    Examples are `### Get` and `### What [GET] returns`.
    """
    kinds = [repair.kind for repair in applied]
    return "[" not in text or messages.TEXT_AFTER_BRACKET in kinds


def _closed(text: str) -> str:
    if _OPEN_BRACKET.fullmatch(text):
        return f"{text.rstrip()}]"
    return text


def _closed_once(text: str) -> str:
    match = _CLOSED_TWICE.fullmatch(text)
    return match["text"] if match else text


def _without_text_after(text: str) -> str:
    match = _TEXT_AFTER_BRACKET.fullmatch(text)
    return match["text"] if match else text


def _with_slash(text: str) -> str:
    match = _WITHOUT_SLASH.fullmatch(text)
    return f"{match['start']}/{match['path']}" if match else text


def _upper_case_method(text: str) -> str:
    match = _METHOD_OF_ANY_CASE.fullmatch(text)
    if match is None:
        return text
    return f"{match['start']}{match['method'].upper()}{match['end']}"


_REPAIRS = (
    _Repair(messages.UNCLOSED_HEADING, "has an unclosed bracket; expected ] at the end", _closed),
    _Repair(messages.UNCLOSED_HEADING, "is closed twice; expected one ]", _closed_once),
    _Repair(
        messages.TEXT_AFTER_BRACKET,
        "has text after its bracket; expected it in the description",
        _without_text_after,
    ),
    _Repair(
        messages.MISSING_SLASH, "has a path without a slash; expected / at its start", _with_slash
    ),
    _Repair(
        messages.LOWER_CASE_METHOD,
        "has a method that is not in upper case; expected one such as GET",
        _upper_case_method,
    ),
)


def _is_unserved(source: Source, block: Block, text: str, is_action: bool) -> bool:
    """Return whether a heading is an action that cannot be served. Such a heading is reported."""
    if any(kind.name == "action" and kind.pattern.fullmatch(text) for kind in HEADINGS):
        message = f"the action {block.text[:60]!r} is outside a resource"
        message = f"{message}; expected `# NAME [/URI]` before it"
        source.report(messages.ACTION_OUTSIDE_RESOURCE, block.position, message)
        return True
    bracketed = _UNKNOWN_METHOD.fullmatch(text)
    if bracketed and is_action:
        expected = f"expected one of {METHODS.replace('|', ', ')}"
        message = f"unknown method {bracketed['word'][:60]!r}; {expected}"
        source.report(messages.UNKNOWN_METHOD, block.position, message)
        return True
    return False
