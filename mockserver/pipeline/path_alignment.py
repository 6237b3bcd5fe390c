"""Align a request's path with a URI template, segment by segment, at the lowest cost.

The cost is the edit distance of Wagner and Fischer, with segments instead of letters. Mistakes that
clients often make are cheap: a wrong base path, or an extra slash.
"""

import re
from collections.abc import Callable
from difflib import SequenceMatcher
from typing import NamedTuple

MAX_CHARACTERS = 80
"""Characters of a segment that are compared."""

# Costs in hundredths of a segment. They are integers, so that equal costs are equal.
_MISSING, _EXTRA, _UNLIKE, _LEAST_UNLIKE = 100, 100, 130, 15
_MISSING_BASE, _USUAL_BASE, _OTHER_BASE = 30, 30, 50
"""Low, because a wrong base path is the most frequent mistake and is equal for all operations."""
_MISSING_VARIABLE, _EMPTY_VARIABLE = 60, 40
_VARIABLE = 5
"""Above 0, so that a match with a literal is better than a match with a variable."""
_SLASH, _LETTER_CASE = 10, 10
_BASE = re.compile(r"v\d[\w.]*|api|rest", re.IGNORECASE)
"""Segments that are common in base paths."""


class Step(NamedTuple):
    """One segment of a URI template, the base path included."""

    text: str
    is_variable: bool
    is_base: bool


class Edit(NamedTuple):
    """One pair of an alignment: a step of the template and a segment of the request."""

    step: Step | None
    """`None` for an extra segment."""
    segment: str | None
    """`None` for a missing segment."""
    in_base: bool


class Alignment(NamedTuple):
    """The alignment of some first steps and segments: its last pair, linked to the previous one."""

    cost: int
    edit: Edit | None = None
    previous: "Alignment | None" = None


Row = list[Alignment]
"""The alignments of one prefix of a template with each prefix of a request's path."""
Unlikeness = Callable[[str, str], int]
"""Returns the cost of one literal in place of another: `unlikeness_of`, or a cache of it."""


def first_row(segments: tuple[str, ...]) -> Row:
    """Return the row of the empty prefix of a template."""
    row = [Alignment(0)]
    for segment in segments:
        row.append(_with_extra(row[-1], segment, True))
    return row


def next_row(above: Row, step: Step, segments: tuple[str, ...], unlikeness: Unlikeness) -> Row:
    """Return the row of a prefix that is one step longer.

    Of equal costs, an extra segment comes last.
    """
    row = [_with_missing(above[0], step)]
    for column, segment in enumerate(segments, 1):
        pair = above[column - 1].cost + _pair_cost(step, segment, unlikeness)
        missing = above[column].cost + _missing_cost(step)
        extra = row[-1].cost + _extra_cost(segment, step.is_base)
        if extra <= pair and extra <= missing:
            row.append(_with_extra(row[-1], segment, step.is_base))
        elif missing <= pair:
            row.append(_with_missing(above[column], step))
        else:
            row.append(Alignment(pair, Edit(step, segment, step.is_base), above[column - 1]))
    return row


def _with_extra(previous: Alignment, segment: str, in_base: bool) -> Alignment:
    return Alignment(previous.cost + _extra_cost(segment, in_base), Edit(None, segment, in_base), previous)


def _with_missing(previous: Alignment, step: Step) -> Alignment:
    return Alignment(previous.cost + _missing_cost(step), Edit(step, None, step.is_base), previous)


def _extra_cost(segment: str, in_base: bool) -> int:
    if segment == "":
        return _SLASH
    return _USUAL_BASE if in_base and _BASE.fullmatch(segment) else _EXTRA


def _missing_cost(step: Step) -> int:
    if step.text == "":
        return _SLASH
    if step.is_base:
        return _MISSING_BASE
    return _MISSING_VARIABLE if step.is_variable else _MISSING


def _pair_cost(step: Step, segment: str, unlikeness: Unlikeness) -> int:
    if step.is_variable:
        return _VARIABLE if segment else _EMPTY_VARIABLE
    cost = unlikeness(step.text, segment)
    if step.is_base:
        return min(cost, _USUAL_BASE if _BASE.fullmatch(segment) else _OTHER_BASE)
    return cost


def unlikeness_of(expected: str, actual: str) -> int:
    """Return the cost of one literal in place of another; 0 for equal literals."""
    if expected == actual:
        return 0
    if expected.casefold() == actual.casefold():
        return _LETTER_CASE
    expected, actual = expected[:MAX_CHARACTERS], actual[:MAX_CHARACTERS]
    ratio = SequenceMatcher(None, expected, actual, autojunk=False).ratio()
    return max(_LEAST_UNLIKE, round(_UNLIKE * (1 - ratio)))


def edits_of(alignment: Alignment) -> list[Edit]:
    """Return the pairs of an alignment, in order."""
    edits = []
    while alignment.edit is not None and alignment.previous is not None:
        edits.append(alignment.edit)
        alignment = alignment.previous
    return edits[::-1]
