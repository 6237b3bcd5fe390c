"""The shipped records of one collection, with indexes.

One record or a page of them is found without reading all.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from mockserver.contract.record_index import MISSING, RecordIndex
from mockserver.contract.record_types import Record

_MAX_VARIATIONS = 8

Values = Callable[[Iterable[Record], str], Iterable[Any]]
"""Returns the values of a field of these records, in order; `MISSING` for a record without it."""


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
            variation: Equal for functions `values` with equal results. The latest indexes are kept.
            varied: The fields that may differ.
            values: Returns the changed values. It is called when one of the fields is first used.
        """
        index = self._variations.get(variation)
        if index is None:
            records = self._records

            def varied_values(member: str) -> Iterable[Any]:
                return values(records.values(), member)

            index = RecordIndex(len(self), varied_values, self._index, varied)
            self._variations[variation] = index
            if len(self._variations) > _MAX_VARIATIONS:
                self._variations.popitem(last=False)
        return index

    def _values(self, member: str) -> Iterator[Any]:
        for record in self._records.values():
            yield record.get(member, MISSING)

    def prepare(self, filtered: Iterable[str], searched: Iterable[str]) -> None:
        """Index these fields now, before the server forks and before the first request.

        Args:
            filtered: The fields whose values are compared.
            searched: The fields whose texts are searched.
        """
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
