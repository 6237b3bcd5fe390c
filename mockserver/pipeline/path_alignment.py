"""Align a request's path with a URI template, segment by segment, at the lowest cost.

The cost is the edit distance of Wagner and Fischer, with segments instead of letters. Mistakes that
clients often make are cheap: a wrong base path, or an extra slash.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

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


class StepCosts(NamedTuple):
    """The costs of one step with the segments of one request. Many steps of a contract have equal costs."""

    missing: int
    in_base: bool
    pairs: tuple[int, ...]
    """The cost of each segment in place of the step."""


class Row(NamedTuple):
    """The alignments of one prefix of a template with each prefix of a request's path."""

    costs: list[int]
    moves: list[str]
    """The last pair of each alignment: `pair`, or one of a `missing` or an `extra` segment."""


class Literals:
    """The distinct literals of the templates, compared with a segment all at once.

    The likeness of two texts is the share of common letters, as of `difflib.SequenceMatcher.quick_ratio`. Texts without
    a common pair of adjacent letters are unlike. Letters and pairs are the bits of an integer.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._bits: dict[tuple[Any, ...], int] = {}
        """The bit of each letter with its number in a text, and of each pair of letters."""
        self.indexes: dict[str, int] = {}
        """The position of each literal in the results of `costs`."""
        self._in_lower_case: dict[str, list[int]] = {}
        self._literals: list[tuple[int, int]] = []
        """The letters and the length of each literal."""
        self._pairs: list[int] = []
        """The pairs of letters of each literal."""
        for text in dict.fromkeys(texts):
            folded = text[:MAX_CHARACTERS].casefold()
            for part in (*_letters(folded), *_pairs(folded)):
                self._bits.setdefault(part, 1 << len(self._bits))
            self.indexes[text] = len(self._literals)
            self._in_lower_case.setdefault(text.casefold(), []).append(len(self._literals))
            self._literals.append((self._known(_letters(folded)), len(folded)))
            self._pairs.append(self._known(_pairs(folded)))

    def costs(self, segment: str) -> list[int]:
        """Return the cost of a segment in place of each literal; 0 for an equal one."""
        folded = segment[:MAX_CHARACTERS].casefold()
        letters, pairs, length = (
            self._known(_letters(folded)),
            self._known(_pairs(folded)),
            len(folded),
        )
        costs = [_UNLIKE] * len(self._literals)
        similar = [index for index, other in enumerate(self._pairs) if pairs & other]
        for index in similar:
            other_letters, other_length = self._literals[index]
            common = (letters & other_letters).bit_count()
            costs[index] = max(
                _LEAST_UNLIKE, _UNLIKE - 2 * _UNLIKE * common // (length + other_length or 1)
            )
        for index in self._in_lower_case.get(segment.casefold(), ()):
            costs[index] = _LETTER_CASE
        if segment in self.indexes:
            costs[self.indexes[segment]] = 0
        return costs

    def _known(self, parts: Iterable[tuple[Any, ...]]) -> int:
        """Return the bits of those letters or pairs that any literal has."""
        return sum(self._bits.get(part, 0) for part in parts)


def _letters(text: str) -> set[tuple[Any, ...]]:
    """Return each letter with its number among the equal letters of a text."""
    counts: Counter[str] = Counter()
    letters: set[tuple[Any, ...]] = set()
    for letter in text:
        counts[letter] += 1
        letters.add((letter, counts[letter]))
    return letters


def _pairs(text: str) -> set[tuple[Any, ...]]:
    """Return the pairs of adjacent letters. The empty text is before the first letter and after the last."""
    return set(pairwise(("", *text, "")))


class SegmentCosts:
    """The costs of the segments of one request."""

    def __init__(self, segments: tuple[str, ...], literals: Literals) -> None:
        self._segments = segments
        self._literals = literals
        self._by_literal: list[tuple[int, ...]] = list(
            zip(*map(literals.costs, segments), strict=True)
        )
        self._of_variable = tuple(_VARIABLE if segment else _EMPTY_VARIABLE for segment in segments)
        self._extra = [_extra_cost(segment, False) for segment in segments]
        self._extra_in_base = [_extra_cost(segment, True) for segment in segments]

    def of_step(self, step: Step) -> StepCosts:
        """Return the costs of a step."""
        if step.is_variable:
            pairs = self._of_variable
        else:
            pairs = self._by_literal[self._literals.indexes[step.text]] if self._segments else ()
        if step.is_base:
            pairs = tuple(
                min(cost, _base_cost(segment))
                for cost, segment in zip(pairs, self._segments, strict=True)
            )
        return StepCosts(_missing_cost(step), step.is_base, pairs)

    def first_row(self) -> Row:
        """Return the row of the empty prefix of a template."""
        costs = [0]
        for extra in self._extra_in_base:
            costs.append(costs[-1] + extra)
        return Row(costs, ["extra"] * len(costs))

    def next_row(self, above: Row, step: StepCosts) -> Row:
        """Return the row of a prefix that is one step longer.

        Of equal costs, an extra segment comes last.
        """
        extras = self._extra_in_base if step.in_base else self._extra
        last = above.costs[0] + step.missing
        costs, moves = [last], ["missing"]
        diagonal = above.costs[0]
        for upper, pair, extra in zip(above.costs[1:], step.pairs, extras, strict=True):
            move, cost = "pair", diagonal + pair
            if upper + step.missing <= cost:
                move, cost = "missing", upper + step.missing
            if last + extra <= cost:
                move, cost = "extra", last + extra
            costs.append(cost)
            moves.append(move)
            diagonal, last = upper, cost
        return Row(costs, moves)


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


def _base_cost(segment: str) -> int:
    """Return the maximum cost of a segment in place of a step of the base path."""
    return _USUAL_BASE if _BASE.fullmatch(segment) else _OTHER_BASE


def edits_of(rows: Sequence[Row], steps: Sequence[Step], segments: tuple[str, ...]) -> list[Edit]:
    """Return the pairs of the best alignment of a template, in order.

    Args:
        rows: the rows of all prefixes of the template, the shortest first.
        steps: the steps of the template.
        segments: the segments of the request's path.
    """
    edits = []
    line, column = len(steps), len(segments)
    while line or column:
        move = rows[line].moves[column]
        step = None if move == "extra" else steps[line - 1]
        segment = None if move == "missing" else segments[column - 1]
        # Before the first step, a segment is an extra one in the base path.
        in_base = steps[line - 1].is_base if line else True
        edits.append(Edit(step, segment, in_base))
        line -= step is not None
        column -= segment is not None
    return edits[::-1]
