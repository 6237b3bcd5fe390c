"""Lists of any length: the records of a list, repeated."""

from collections.abc import Iterator

from mockserver.contract.record_index import Criterion, meets_all
from mockserver.contract.record_types import Record
from mockserver.sandbox.record_view import RecordView

Criteria = tuple[Criterion, ...]


class RepeatedList:
    """The records of a list, repeated from the first one until the list has a length.

    A search or a filter finds the records in the whole list, so all pages and totals agree.
    """

    def __init__(self, view: RecordView, parent: Criteria, search: Criteria, length: int) -> None:
        """Take the records.

        Args:
            view: has the records.
            parent: The criteria for the records of the list.
            search: The criteria of the request's search and filters.
            length: The number of records of the list, before search and filters.
        """
        self._view = view
        self._criteria = (*parent, *search)
        _, size = view.page(parent, 0, 0)
        _, self._matching = view.page(self._criteria, 0, 0)
        self.total = 0
        """The number of records in the list that meet all criteria."""
        if self._matching:
            turns, rest = divmod(length, size)
            self.total = turns * self._matching + _matching_among_first(view, parent, search, rest)

    def page(self, start: int, limit: int) -> Iterator[tuple[Record, int]]:
        """Yield the records of a page, each with the number of its earlier copies."""
        index, stop = start, min(start + limit, self.total)
        while index < stop:
            turn, position = divmod(index, self._matching)
            records, _ = self._view.page(self._criteria, position, stop - index)
            for record in records:
                yield record, turn
            index += len(records)


def _matching_among_first(view: RecordView, parent: Criteria, search: Criteria, number: int) -> int:
    """Return how many of the first records of a list meet the criteria of a search."""
    if not search:
        return number
    records, _ = view.page(parent, 0, number)
    return sum(meets_all(record, search) for record in records)
