"""The shipped records of one collection, with what finds one or a page of them without reading all."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from mockserver.contract.record_index import MISSING, RecordIndex
from mockserver.contract.record_types import Record

_MAX_VARIATIONS = 8

Values = Callable[[Iterable[Record], str], Iterable[Any]]
"""Returns the values of a field of these records, in order; `MISSING` where a record lacks it."""


class ShippedRecords(Mapping[str, Record]):
    """The records of a collection by key, in the order of the file. Immutable."""

    def __init__(self, records: Mapping[str, Record]) -> None:
        self._records = records
        self.keys_in_order = tuple(records)
        self._positions = {key: position for position, key in enumerate(self.keys_in_order)}
        self._index = RecordIndex(len(self.keys_in_order), self._values)
        self._variations: OrderedDict[Hashable, RecordIndex] = OrderedDict()

    def __getitem__(self, key: str) -> Record:
        return self._records[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys_in_order)

    def __len__(self) -> int:
        return len(self.keys_in_order)

    def __contains__(self, key: object) -> bool:
        return key in self._positions

    def position(self, key: str) -> int | None:
        """Return the position of a record; `None` for an unknown key."""
        return self._positions.get(key)

    def index(self) -> RecordIndex:
        """Return the index of the records as shipped."""
        return self._index

    def varied_index(
        self, variation: Hashable, varied: frozenset[str], values: Values
    ) -> RecordIndex:
        """Return the index of the shipped records with some fields changed.

        Args:
            variation: equal for functions `values` with equal results. The indexes of the latest ones are kept.
            varied: the fields that may differ.
            values: is called when one of these fields is first used to find records.
        """
        index = self._variations.get(variation)
        if index is None:
            records = self._records
            index = RecordIndex(
                len(self), lambda member: values(records.values(), member), self._index, varied
            )
            self._variations[variation] = index
            if len(self._variations) > _MAX_VARIATIONS:
                self._variations.popitem(last=False)
        return index

    def _values(self, member: str) -> Iterator[Any]:
        for record in self._records.values():
            yield record.get(member, MISSING)

    def prepare(self, filtered: Iterable[str], searched: Iterable[str]) -> None:
        """Index these fields now, before the first request needs them and before the server forks."""
        for member in filtered:
            self._index.values_of(member)
        for member in searched:
            self._index.texts_of(member)

    def numbers(self) -> Iterator[int]:
        """Yield the last parts of the keys, as far as they are numbers."""
        for key in self.keys_in_order:
            last_part = key.rpartition("/")[2]
            if last_part.isdecimal():
                yield int(last_part)

    @cached_property
    def greatest_number(self) -> int:
        """The greatest of `numbers`; 0 for none."""
        return max(self.numbers(), default=0)
