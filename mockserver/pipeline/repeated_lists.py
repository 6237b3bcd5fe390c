"""Lists of any length: the records of a list, repeated."""

from collections.abc import Iterator
from typing import NamedTuple

from mockserver.contract.record_index import Criterion, meets_all
from mockserver.contract.record_types import Record
from mockserver.pipeline.record_copies import RecordCopies
from mockserver.sandbox.record_view import RecordView

Criteria = tuple[Criterion, ...]


class ListCriteria(NamedTuple):
    """Selects the records of a list."""

    parent: Criteria
    """The criteria for all records of the list."""
    search: Criteria
    """The criteria of the request's search and filters."""


class RepeatedPage(NamedTuple):
    """A page of a list whose records are repeated."""

    records: list[Record]
    total: int
    """The number of all matching records of the list."""
    copy_count: int
    """The number of records of the page that are copies."""


def repeated_page(
    view: RecordView,
    criteria: ListCriteria,
    length: int,
    bounds: tuple[int, int],
    copies: RecordCopies | None,
) -> RepeatedPage:
    """Return a page of a list whose records are repeated.

    A search or a filter finds the records in the whole list, so all pages and totals agree.

    Args:
        view: has the records.
        criteria: select the records.
        length: The number of records of the list, before search and filters.
        bounds: The number of records before the page, and its maximum length.
        copies: makes the copies; `None` if the records have no keys.
    """
    start, limit = bounds
    if copies and any(criterion.member == copies.key_member for criterion in criteria.search):
        matching = list(_matching_copies(view, criteria, length, copies))
        page, total = matching[start : start + limit], len(matching)
    else:
        repeated = _RepeatedList(view, criteria, length)
        page, total = list(repeated.page(start, limit, copies)), repeated.total
    copy_count = sum(turn > 0 for _, turn in page)
    return RepeatedPage([record for record, _ in page], total, copy_count)


def _matching_copies(
    view: RecordView, criteria: ListCriteria, length: int, copies: RecordCopies
) -> Iterator[tuple[Record, int]]:
    """Yield all matching records of a list, each with the number of its earlier copies.

    The key of each copy has to meet the criteria too.
    """
    records, size = view.page(criteria.parent, 0, length)
    if not size:
        return
    for index in range(length):
        turn, position = divmod(index, size)
        record = records[position]
        if turn:
            record = copies.copy(record, turn)
        if meets_all(record, criteria.search):
            yield record, turn


class _RepeatedList:
    """The records of a list, repeated from the first one until the list has a length.

    The copies of a record meet the criteria that the record meets.
    """

    def __init__(self, view: RecordView, criteria: ListCriteria, length: int) -> None:
        self._view = view
        self._criteria = (*criteria.parent, *criteria.search)
        _, size = view.page(criteria.parent, 0, 0)
        _, self._matching = view.page(self._criteria, 0, 0)
        self.total = 0
        """The number of records in the list that meet all criteria."""
        if self._matching:
            turns, rest = divmod(length, size)
            self.total = turns * self._matching + _matching_among_first(view, criteria, rest)

    def page(
        self, start: int, limit: int, copies: RecordCopies | None
    ) -> Iterator[tuple[Record, int]]:
        """Yield the records of a page, each with the number of its earlier copies."""
        index, stop = start, min(start + limit, self.total)
        while index < stop:
            turn, position = divmod(index, self._matching)
            records, _ = self._view.page(self._criteria, position, stop - index)
            for record in records:
                if turn and copies:
                    record = copies.copy(record, turn)
                yield record, turn
            index += len(records)


def _matching_among_first(view: RecordView, criteria: ListCriteria, number: int) -> int:
    """Return how many of the first records of a list meet the criteria of a search."""
    if not criteria.search:
        return number
    records, _ = view.page(criteria.parent, 0, number)
    return sum(meets_all(record, criteria.search) for record in records)
