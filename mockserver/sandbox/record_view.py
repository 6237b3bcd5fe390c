"""The records of one collection in one sandbox at one moment, each computed when it is needed."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from mockserver.contract.record_index import Criterion, index_in, meets_all
from mockserver.contract.record_types import Record, RecordKey, Records
from mockserver.contract.shipped_records import ShippedRecords
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
    """The positions of the shipped records that meet the criteria if the sandbox has not changed them."""
    runs: list[_Run]
    total: int


class _Difference(NamedTuple):
    """The records of a sandbox that differ from the shipped ones, without those that only the timeline changes."""

    changed: list[tuple[int, str]]
    """The positions and keys of the changed and deleted shipped records, in order."""
    missing: set[str]
    """The keys of those that are not at their position any more."""
    new_keys: list[str]
    """All keys of changes that were not shipped."""
    appended: list[str]
    """The keys of the records that come after the shipped ones, in order."""


class RecordView(Mapping[str, Record]):
    """The records by key: in the order of the fixtures, then new ones in order of creation. Immutable.

    A record costs the same however many there are. So does a page, if the criteria use only fields that the timeline
    does not change. For other fields, all records are computed once for each timeline.
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
            changes: records of all collections, changed without overrides; `None` for a deleted one.
            overlay: records of all collections, changed while overrides were active; `None` for a deleted one.
            timeline: the overrides and the progression.
        """
        self._shipped = shipped
        self._collection = collection
        self._changes = changes
        self._overlay = overlay
        self._timeline = timeline
        self._is_plain = timeline.changes_nothing
        self._selections: dict[tuple[Criterion, ...], _Selection] = {}

    def __getitem__(self, key: str) -> Record:
        record: Record | None = self.get(key)
        if record is None:
            raise KeyError(key)
        return record

    def get(self, key: str, default: Any = None) -> Any:
        """Return the record; `default` if it does not exist."""
        record = self._without_overrides(key)
        # Most requests of most servers have no scenario and no progression.
        if self._overlay or not self._is_plain:
            record = self._timeline.record(record, *self._overlaid(key))
        return default if record is None else record

    def __contains__(self, key: object) -> bool:
        name = (self._collection, str(key))
        if name in self._overlay:
            return self._overlay[name] is not None
        if name in self._changes:
            return self._changes[name] is not None
        return key in self._shipped

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

    def progress(self) -> tuple[dict[RecordKey, Record], dict[RecordKey, Record]]:
        """Return the records that the clock has advanced: without overrides, and in the overlay.

        Merged into the changes and the overlay, they result in the records of this moment.
        """
        changes: dict[RecordKey, Record] = {}
        overlay: dict[RecordKey, Record] = {}
        if not self._timeline.advances_records:
            return changes, overlay
        difference = self._difference
        for key in (*self._shipped.keys_in_order, *difference.new_keys):
            name = (self._collection, key)
            below = self._without_overrides(key)
            if below is not None:
                advanced = self._timeline.advanced(below)
                if advanced is not below:
                    changes[name] = advanced
            layered, overridden_at = self._timeline.layered(below, *self._overlaid(key))
            if layered is None or not (overridden_at or name in self._overlay):
                continue
            record = self._timeline.advanced(layered, overridden_at)
            if record is not layered or name in changes:
                overlay[name] = record
        return changes, overlay

    def _without_overrides(self, key: str) -> Record | None:
        """Return the record as shipped, or as changed without overrides; `None` if it does not exist."""
        name = (self._collection, key)
        if name in self._changes:
            return self._changes[name]
        return self._shipped.get(key)

    def _overlaid(self, key: str) -> tuple[Record | None, ...]:
        """Return the record in the overlay, `None` if the overlay deletes it; nothing if the overlay lacks it."""
        name = (self._collection, key)
        return (self._overlay[name],) if name in self._overlay else ()

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
        """Return the positions of the shipped records that meet the criteria, as the timeline shows them."""
        timeline = self._timeline
        if self._is_plain or not any(
            criterion.member in timeline.varied_members for criterion in criteria
        ):
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
        appended = []
        for key, record in changes.items():
            if (
                key not in self._shipped
                and record is not None
                and overlay.get(key, _EXISTS) is not None
            ):
                appended.append(key)
        for key, record in overlay.items():
            # A record that was deleted without overrides, and created with them, is new too.
            if record is not None and self._without_overrides(key) is None:
                appended.append(key)
        return _Difference(sorted(changed), missing, new_keys, appended)


def _of_collection(records: Records, collection: str) -> dict[str, Record | None]:
    return {key: record for (name, key), record in records.items() if name == collection}
