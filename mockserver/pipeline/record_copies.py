"""Copies of records with other keys, which fill a list of any length."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mockserver.contract.effects import RecordLocator
from mockserver.contract.record_types import Record
from mockserver.formats.exact_json import LEAST_INTEGER, MOST_INTEGER
from mockserver.sandbox.record_view import RecordView

STEP = 1_000_000
"""The least distance between the number of a record and those of its copies."""


class RecordCopies:
    """Makes copies of the records of a collection. The same copy has the same key every time.

    The key differs from those of all records and copies, if the schema allows such a key.
    """

    def __init__(
        self, view: RecordView, locator: RecordLocator, is_valid: Callable[[Record], bool]
    ) -> None:
        """Take the records.

        Args:
            view: has the records.
            locator: how a key identifies a record.
            is_valid: returns whether a record may be in the list.
        """
        self._view = view
        self._locator = locator
        self._is_valid = is_valid
        self._step = 0

    @property
    def key_member(self) -> str:
        """The member that differs in a copy."""
        return self._locator.id_field

    def copy(self, record: Record, turn: int) -> Record:
        """Return a copy of a record; the record itself if the schema allows no other key.

        `turn` is the number of earlier copies and the record, from 1.
        """
        for key in self._other_keys(record.get(self.key_member), turn):
            copied = {**record, self.key_member: key}
            if self._locator.key_of(copied) not in self._view and self._is_as_valid(copied, record):
                return copied
        return record

    def _is_as_valid(self, copied: Record, record: Record) -> bool:
        """Return whether a copy is valid, or the record is not valid either."""
        return self._is_valid(copied) or not self._is_valid(record)

    def _other_keys(self, key: Any, turn: int) -> Iterator[int | str]:
        """Yield the possible keys of a copy, the best first."""
        if isinstance(key, str):
            yield f"{key}-{turn}"
            yield str(uuid5(NAMESPACE_URL, f"{key}/{turn}"))
        if isinstance(key, int):
            if not self._step:
                self._step = _step(self._view, self._locator)
            for step in (self._step, STEP):
                yield from _numbers_at(key, turn * step)


def _numbers_at(key: int, distance: int) -> Iterator[int]:
    """Yield the number at a distance from a key: a larger one, else a smaller one."""
    if key + distance <= MOST_INTEGER:
        yield key + distance
    elif key - distance >= LEAST_INTEGER:
        yield key - distance


def _step(view: RecordView, locator: RecordLocator) -> int:
    """Return a multiple of `STEP` that is larger than the difference of any two keys."""
    keys = []
    for record_key in view:
        number = record_key
        if locator.parent_member:
            number = record_key.rpartition("/")[2]
        if number.removeprefix("-").isdecimal():
            keys.append(int(number))
    span = max(keys, default=0) - min(keys, default=0)
    return (span // STEP + 1) * STEP
