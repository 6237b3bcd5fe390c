"""Align a request's path with a URI template, segment by segment, at the lowest cost.

The cost is the edit distance of Wagner and Fischer, with segments instead of letters. Frequent
mistakes have a low cost: a wrong base path, or an extra slash.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from mockserver.formats.uri_segment import MixedForm

MAX_CHARACTERS = 80
"""Characters of a segment that are compared."""

# Costs in hundredths of a segment. They are integers, so that equal costs are equal.
_MISSING, _EXTRA, _UNLIKE, _LEAST_UNLIKE = 100, 100, 130, 15
_MISSING_BASE, _USUAL_BASE, _OTHER_BASE = 30, 30, 50
"""Low, because a wrong base path is the most frequent mistake and is equal for all operations."""
_MISSING_VARIABLE, _EMPTY_VARIABLE = 60, 40
_VARIABLE = 5
"""Above 0, so that a match with a literal is better than a match with a variable."""
_MIXED, _OTHER_FORM = 4, 50
"""The costs of a segment that has the form of a mixed step, or another form."""
_SLASH, _LETTER_CASE = 10, 10
_BASE = re.compile(r"v\d[\w.]*|api|rest", re.IGNORECASE)
"""Segments that are common in base paths."""


class Step(NamedTuple):
    """One segment of a URI template, the base path included."""

    text: str
    is_variable: bool
    is_base: bool
    form: MixedForm | None = None
    """The form of a mixed segment (`{id}.json`) or a rest (`{+path}`); `None` for others."""
    is_rest: bool = False
    """Whether the step may match several segments."""

    def matches(self, segment: str) -> bool:
        """Return whether a segment that is not empty matches; for a rest, its first segment."""
        if self.form is None:
            return self.is_variable or self.text == segment
        if self.is_rest:
            return segment.startswith(self.form.texts[0])
        return self.form.values(segment) is not None


class Edit(NamedTuple):
    """One pair of an alignment: a step of the template and a segment of the request."""

    step: Step | None
    """`None` for an extra segment."""
    segment: str | None
    """`None` for a missing segment."""
    in_base: bool


class StepCosts(NamedTuple):
    """The costs of one step with the segments of one request. Many steps have equal costs."""

    missing: int
    in_base: bool
    is_rest: bool
    pairs: tuple[int, ...]
    """The cost of each segment in place of the step."""


class Row(NamedTuple):
    """The alignments of one prefix of a template with each prefix of a request's path."""

    costs: list[int]
    moves: list[str]
    """The last move of each alignment: `pair`, or a `missing` or an `extra` segment."""


class Literals:
    """The distinct literals of the templates, compared with a segment all at once.

    The similarity of two texts is their share of common letters, as in
    `difflib.SequenceMatcher.quick_ratio`. Texts without a common pair of adjacent letters are not
    similar. A set of letters or pairs is an integer, with a bit for each letter or pair.
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
        letters, pairs = self._known(_letters(folded)), self._known(_pairs(folded))
        costs = [_UNLIKE] * len(self._literals)
        for index, literal_pairs in enumerate(self._pairs):
            if not pairs & literal_pairs:
                continue
            literal_letters, literal_length = self._literals[index]
            common = (letters & literal_letters).bit_count()
            length = len(folded) + literal_length or 1
            costs[index] = max(_LEAST_UNLIKE, _UNLIKE - 2 * _UNLIKE * common // length)
        for index in self._in_lower_case.get(segment.casefold(), ()):
            costs[index] = _LETTER_CASE
        if segment in self.indexes:
            costs[self.indexes[segment]] = 0
        return costs

    def _known(self, parts: Iterable[tuple[Any, ...]]) -> int:
        """Return the bits of those letters or pairs that any literal has."""
        bits = 0
        for part in parts:
            bits |= self._bits.get(part, 0)
        return bits


def _letters(text: str) -> set[tuple[Any, ...]]:
    """Return each letter with its number among the equal letters of a text."""
    counts: Counter[str] = Counter()
    letters: set[tuple[Any, ...]] = set()
    for letter in text:
        counts[letter] += 1
        letters.add((letter, counts[letter]))
    return letters


def _pairs(text: str) -> set[tuple[Any, ...]]:
    """Return the pairs of adjacent letters, with an empty text before and after the letters."""
    return set(pairwise(("", *text, "")))


class SegmentCosts:
    """The costs of the segments of one request."""

    def __init__(self, segments: tuple[str, ...], literals: Literals) -> None:
        self._segments = segments
        self._literals = literals
        self._by_literal: list[tuple[int, ...]] = list(
            zip(*map(literals.costs, segments), strict=True)
        )
        self._of_variable = tuple(map(_variable_cost, segments))
        self._base_costs = tuple(map(_base_cost, segments))
        self._extra = tuple(map(_extra_cost, segments))
        self._extra_in_base = tuple(map(_extra_cost_in_base, segments))
        self._extra_in_rest = (_VARIABLE,) * len(segments)

    def of_step(self, step: Step) -> StepCosts:
        """Return the costs of a step."""
        pairs: tuple[int, ...] = ()
        if step.is_variable:
            pairs = self._of_variable
        elif self._segments:
            pairs = self._by_literal[self._literals.indexes[step.text]]
        if step.form:
            pairs = tuple(map(partial(_mixed_cost, step), self._segments, pairs))
        if step.is_base:
            pairs = tuple(map(min, pairs, self._base_costs))
        return StepCosts(_missing_cost(step), step.is_base, step.is_rest, pairs)

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
        extras = self._extra
        if step.in_base:
            extras = self._extra_in_base
        elif step.is_rest:
            extras = self._extra_in_rest
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


def _variable_cost(segment: str) -> int:
    """Return the cost of a segment in place of a variable."""
    if segment == "":
        return _EMPTY_VARIABLE
    return _VARIABLE


def _mixed_cost(step: Step, segment: str, cost: int) -> int:
    """Return the cost of a segment in place of a mixed step or a rest.

    `cost` is the cost of the segment in place of the step's text.
    """
    if segment and step.matches(segment):
        return _MIXED
    if step.form and segment.startswith(step.form.texts[0]):
        return min(cost, _OTHER_FORM)
    return cost


def _extra_cost(segment: str) -> int:
    if segment == "":
        return _SLASH
    return _EXTRA


def _extra_cost_in_base(segment: str) -> int:
    if _BASE.fullmatch(segment):
        return _USUAL_BASE
    return _extra_cost(segment)


def _missing_cost(step: Step) -> int:
    if step.text == "":
        return _SLASH
    if step.is_base:
        return _MISSING_BASE
    if step.is_variable:
        return _MISSING_VARIABLE
    return _MISSING


def _base_cost(segment: str) -> int:
    """Return the maximum cost of a segment in place of a step of the base path."""
    if _BASE.fullmatch(segment):
        return _USUAL_BASE
    return _OTHER_BASE


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
        # Before the first step, a segment is an extra one in the base path.
        in_base = True
        if line:
            in_base = steps[line - 1].is_base
        step, segment = None, None
        if move != "extra":
            line -= 1
            step = steps[line]
        elif line and steps[line - 1].is_rest:
            # The rest has this segment too, with any text.
            step = steps[line - 1]._replace(form=None, is_variable=True)
        if move != "missing":
            column -= 1
            segment = segments[column]
        edits.append(Edit(step, segment, in_base))
    return edits[::-1]
