"""The records of one collection in one sandbox at one moment, each computed when it is needed."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from mockserver.contract.record_index import Criterion, index_in, meets_all
from mockserver.contract.record_types import Record, RecordKey, Records
from mockserver.contract.shipped_records import ShippedRecords
from mockserver.sandbox.record_layers import RecordLayers
from mockserver.sandbox.record_timeline import RecordTimeline

_EXISTS: Record = {}


class _Run(NamedTuple):
    """Some successive records of a selection: a part of its positions, or one changed record."""

    start: int
    stop: int
    key: str | None = None
    """The key of the changed record; `None` for a part of the positions."""


class _Selection(NamedTuple):
    """The records that meet some criteria, in order."""

    positions: Sequence[int]
    """The positions of the shipped records that meet the criteria, as shipped."""
    runs: list[_Run]
    total: int


class _Difference(NamedTuple):
    """The changed, deleted and new records of a sandbox, without overrides and clock."""

    changed: list[tuple[int, str]]
    """The positions and keys of the changed and deleted shipped records, in order."""
    missing: set[str]
    """The keys of the changed records that are not at their position any more."""
    new_keys: list[str]
    """All keys of changes that were not shipped."""
    appended: list[str]
    """The keys of the records that come after the shipped ones, in order."""


class RecordView(Mapping[str, Record]):
    """The records by key, in the order of the fixtures, then in order of creation. Immutable.

    The time to read a record does not depend on the number of records. The same is true for a page,
    if the criteria use only fields that the timeline does not change. For other fields, all records
    are computed once for each timeline.
    """

    def __init__(
        self,
        shipped: ShippedRecords,
        collection: str,
        changes: Records,
        overlay: Records,
        timeline: RecordTimeline,
    ) -> None:
        """Take the layers of the records.

        Args:
            shipped: the shipped records.
            collection: `API/COLLECTION`.
            changes: the changed records of all collections; `None` for a deleted one.
            overlay: the records of all collections that were changed while overrides were active;
                `None` for a deleted one.
            timeline: the overrides and the clock.
        """
        self._shipped = shipped
        self._collection = collection
        self._changes = changes
        self._overlay = overlay
        self._timeline = timeline
        self._layers = RecordLayers(collection, shipped, changes, overlay, timeline)
        self._selections: dict[tuple[Criterion, ...], _Selection] = {}

    def __getitem__(self, key: str) -> Record:
        record = self._layers.record(key)
        if record is None:
            raise KeyError(key)
        return record

    def get(self, key: str, default: Any = None) -> Any:
        """Return the record; `default` if it does not exist."""
        record = self._layers.record(key)
        if record is None:
            return default
        return record

    def __contains__(self, key: object) -> bool:
        return self._layers.exists(str(key))

    def __len__(self) -> int:
        return self._select(()).total

    def __iter__(self) -> Iterator[str]:
        return self._keys(self._select(()), 0, len(self))

    def page(
        self, criteria: tuple[Criterion, ...], start: int, limit: int
    ) -> tuple[list[Record], int]:
        """Return some records that meet all criteria, and the number of all that do.

        Args:
            criteria: what the records have to meet.
            start: the number of records before the page, at least 0.
            limit: the maximum number of records on the page, at least 0.
        """
        selection = self._select(criteria)
        records = [self[key] for key in self._keys(selection, start, limit)]
        return records, selection.total

    def _keys(self, selection: _Selection, start: int, limit: int) -> Iterator[str]:
        """Yield the keys of a part of a selection."""
        keys, positions = self._shipped.keys_in_order, selection.positions
        for run in selection.runs:
            size = run.stop - run.start
            if limit <= 0:
                return
            if start >= size:
                start -= size
                continue
            stop = min(run.stop, run.start + start + limit)
            if run.key is not None:
                yield run.key
            else:
                for position in positions[run.start + start : stop]:
                    yield keys[position]
            limit -= stop - run.start - start
            start = 0

    def _select(self, criteria: tuple[Criterion, ...]) -> _Selection:
        selection = self._selections.get(criteria)
        if selection is None:
            selection = self._selections[criteria] = self._new_selection(criteria)
        return selection

    def has_overridden_state(self, key: str) -> bool:
        """Return whether an active scenario overrides the state of the record."""
        return self._layers.has_overridden_state(key)

    def progress(self) -> tuple[dict[RecordKey, Record], dict[RecordKey, Record]]:
        """Return the records that the clock has advanced, see `RecordLayers.progress`."""
        if not self._timeline.advances_records:
            return {}, {}
        return self._layers.progress((*self._shipped.keys_in_order, *self._difference.new_keys))

    def _new_selection(self, criteria: tuple[Criterion, ...]) -> _Selection:
        """Return the selection of the shipped records, corrected by the changes of the sandbox."""
        positions, difference = self._positions(criteria), self._difference
        runs: list[_Run] = []
        done = 0
        for position, key in difference.changed:
            index, is_selected = index_in(positions, position, done)
            runs.append(_Run(done, index))
            done = index + is_selected
            if key not in difference.missing and self._meets(key, criteria):
                runs.append(_Run(0, 1, key))
        runs.append(_Run(done, len(positions)))
        for key in difference.appended:
            if self._meets(key, criteria):
                runs.append(_Run(0, 1, key))
        total = sum(run.stop - run.start for run in runs)
        return _Selection(positions, runs, total)

    def _positions(self, criteria: tuple[Criterion, ...]) -> Sequence[int]:
        """Return the positions of the shipped records that meet the criteria now."""
        timeline = self._timeline
        members = [criterion.member for criterion in criteria]
        if timeline.changes_nothing or timeline.varied_members.isdisjoint(members):
            return self._shipped.index().select(criteria)
        index = self._shipped.varied_index(
            timeline.identity, timeline.varied_members, timeline.values_of_shipped
        )
        return index.select(criteria)

    def _meets(self, key: str, criteria: tuple[Criterion, ...]) -> bool:
        return not criteria or meets_all(self[key], criteria)

    @cached_property
    def _difference(self) -> _Difference:
        changes = _of_collection(self._changes, self._collection)
        overlay = _of_collection(self._overlay, self._collection)
        changed, missing, new_keys = [], set(), []
        for key in {**changes, **overlay}:
            position = self._shipped.position(key)
            if position is None:
                new_keys.append(key)
                continue
            changed.append((position, key))
            if changes.get(key, _EXISTS) is None or overlay.get(key, _EXISTS) is None:
                missing.add(key)
        appended = _new_records(changes, overlay, self._shipped)
        for key, record in overlay.items():
            # A record that was deleted without overrides, and created with them, is new too.
            if record is not None and self._layers.without_overrides(key) is None:
                appended.append(key)
        return _Difference(sorted(changed), missing, new_keys, appended)


def _new_records(
    changes: Mapping[str, Record | None],
    overlay: Mapping[str, Record | None],
    shipped: ShippedRecords,
) -> list[str]:
    """Return the keys of the new records in `changes` that the overlay does not delete."""
    keys = []
    for key, record in changes.items():
        if record is None or key in shipped:
            continue
        if overlay.get(key, _EXISTS) is not None:
            keys.append(key)
    return keys


def _of_collection(records: Records, collection: str) -> dict[str, Record | None]:
    return {key: record for (name, key), record in records.items() if name == collection}
