"""Find the records of a collection by their fields.

Indexes replace reading all records for each request.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mockserver.contract.record_types import Record

_MAX_CACHED_SELECTIONS = 16
MISSING = object()
"""The value of a field that a record lacks."""


@dataclass(frozen=True, slots=True)
class IsOneOf:
    """Accepts a record with one of several values in a field, compared by type or as text."""

    member: str
    values: tuple[Any, ...] = field(compare=False)
    """JSON values that are neither lists nor objects."""
    texts: tuple[str, ...]
    """The values as text. Python's `1` and `True` are equal, their texts are not."""
    numbers: tuple[int | float, ...]
    """The values that are numbers or booleans."""

    def accepts(self, record: Record) -> bool:
        """Return whether a record meets the criterion."""
        value = record.get(self.member)
        return value in self.values or str(value) in self.texts

    def positions(self, index: "RecordIndex") -> Sequence[int]:
        """Return the positions of the accepted records, in order."""
        values = index.values_of(self.member)
        parts: list[list[int]] = []
        for text in self.texts:
            if text in values.by_text:
                parts.append(values.by_text[text])
        for number in self.numbers:
            if number in values.by_number:
                parts.append(values.by_number[number])
        if len(parts) == 1:
            return parts[0]
        return sorted(set().union(*parts))


@dataclass(frozen=True, slots=True)
class Contains:
    """Accepts a record with a text in a field, in any letter case."""

    member: str
    text: str
    """In lower case, by `str.casefold`."""

    def accepts(self, record: Record) -> bool:
        """Return whether a record meets the criterion."""
        return self.text in _searched_text(record.get(self.member, MISSING))

    def positions(self, index: "RecordIndex") -> Sequence[int]:
        """Return the positions of the accepted records, in order."""
        positions: list[int] = []
        for position, text in enumerate(index.texts_of(self.member)):
            if self.text in text:
                positions.append(position)
        return positions


Criterion = IsOneOf | Contains


def is_one_of(member: str, values: Iterable[Any]) -> IsOneOf:
    """Return the criterion for a field with one of these values."""
    values = tuple(values)
    numbers = tuple(value for value in values if isinstance(value, int | float))
    return IsOneOf(member, values, tuple(map(str, values)), numbers)


class _Values(NamedTuple):
    """The values of one field, each with the positions of the records that have it."""

    by_text: dict[str, list[int]]
    by_number: dict[int | float, list[int]]


class RecordIndex:
    """The positions of records by the values of their fields.

    Each field is indexed when it is first used.
    """

    def __init__(
        self,
        size: int,
        values: Callable[[str], Iterable[Any]],
        unvaried: "RecordIndex | None" = None,
        varied: frozenset[str] = frozenset(),
    ) -> None:
        """Take the records.

        Args:
            size: The number of records.
            values: Returns the values of a field of all records, in order; `MISSING` for a record
                without the field.
            unvaried: The index of the same records as shipped, for the fields that are equal.
            varied: The fields that may differ from those in `unvaried`.
        """
        self._size = size
        self._yield_values = values
        self._unvaried = unvaried
        self._varied = varied
        self._values: dict[str, _Values] = {}
        self._texts: dict[str, list[str]] = {}
        self._selections: OrderedDict[tuple[Criterion, ...], Sequence[int]] = OrderedDict()

    def select(self, criteria: tuple[Criterion, ...]) -> Sequence[int]:
        """Return the positions of the records that meet all criteria, in order.

        The result is shared. Do not change it.
        """
        if self._unvaried and not any(criterion.member in self._varied for criterion in criteria):
            return self._unvaried.select(criteria)
        if not criteria:
            return range(self._size)
        if len(criteria) == 1 and isinstance(criteria[0], IsOneOf):
            return criteria[0].positions(self)
        selection = self._selections.get(criteria)
        if selection is None:
            selection = self._selections[criteria] = self._intersection(criteria)
            if len(self._selections) > _MAX_CACHED_SELECTIONS:
                self._selections.popitem(last=False)
        return selection

    def values_of(self, member: str) -> _Values:
        """Return the positions of the records by their value of a field."""
        if self._unvaried and member not in self._varied:
            return self._unvaried.values_of(member)
        values = self._values.get(member)
        if values is None:
            values = self._values[member] = self._index(member)
        return values

    def texts_of(self, member: str) -> list[str]:
        """Return the text of a field of each record, for a search in any letter case."""
        if self._unvaried and member not in self._varied:
            return self._unvaried.texts_of(member)
        texts = self._texts.get(member)
        if texts is None:
            texts = list(map(_searched_text, self._yield_values(member)))
            self._texts[member] = texts
        return texts

    def _index(self, member: str) -> _Values:
        values = _Values({}, {})
        for position, value in enumerate(self._yield_values(member)):
            if value is MISSING:
                value = None
            values.by_text.setdefault(str(value), []).append(position)
            if isinstance(value, int | float):
                values.by_number.setdefault(value, []).append(position)
        return values

    def _intersection(self, criteria: tuple[Criterion, ...]) -> Sequence[int]:
        selections = sorted((criterion.positions(self) for criterion in criteria), key=len)
        common = set(selections[0]).intersection(*selections[1:])
        return sorted(common)


def meets_all(record: Record, criteria: Iterable[Criterion]) -> bool:
    """Return whether a record meets all criteria."""
    return all(criterion.accepts(record) for criterion in criteria)


def index_in(positions: Sequence[int], position: int, start: int = 0) -> tuple[int, bool]:
    """Find a position in an ordered list.

    Args:
        positions: The list.
        position: The position to find.
        start: The first index to search.

    Returns:
        The index at which the list has the position or would have it, and whether it has it.
    """
    index = bisect_left(positions, position, start)
    return index, index < len(positions) and positions[index] == position


def _searched_text(value: Any) -> str:
    if value is MISSING:
        return ""
    return str(value).casefold()
