"""The records of a sandbox and the pages of a list, with all layers applied to all records.

The server computes only the records that it needs. The tests compare the results.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.contract.lifecycles import advance_to
from mockserver.contract.model import Contract, ServedOperation
from mockserver.contract.record_types import Record, RecordKey, Records
from mockserver.contract.scenarios.record_overrides import apply_overrides
from mockserver.contract.timestamps import later
from mockserver.sandbox.active_scenarios import ActiveScenario
from mockserver.sandbox.snapshot import Snapshot


class PlainRecords:
    """The records of one sandbox at one moment. Immutable."""

    def __init__(
        self,
        contract: Contract,
        changes: Records,
        overlay: Records,
        scenarios: Iterable[ActiveScenario],
        now_text: str,
        progression_start: str | None,
    ) -> None:
        """Take the changed records of a sandbox and its active scenarios.

        Args:
            contract: has the shipped records.
            changes: records changed without overrides; `None` for a deleted one.
            overlay: records changed while overrides were active; `None` for a deleted one.
            scenarios: in order of activation.
            now_text: the time that the sandbox's clock shows.
            progression_start: when the clock begins to advance records; `None` if it does not.
        """
        self._contract = contract
        self._changes = changes
        self._overlay = overlay
        overriding = tuple(active for active in scenarios if active.scenario.records)
        self._activated = tuple(active for active in overriding if not active.request_scoped)
        self._preferred = tuple(active for active in overriding if active.request_scoped)
        self._now = now_text
        self._progression_start = progression_start
        self._overridden_at: dict[RecordKey, str] = {}
        """The activation time of the last override of a record."""

    def records(self, collection: str) -> Mapping[str, Record]:
        """Return the records of `API/COLLECTION` by key, in the order of the fixtures."""
        return self._advance_all(collection, self._layered(collection))

    def progress(self) -> tuple[dict[RecordKey, Record], dict[RecordKey, Record]]:
        """Return the records that the clock has advanced: below the overrides, and in the overlay.

        Merged into `changes` and `overlay`, they result in the records of this moment.
        """
        changes: dict[RecordKey, Record] = {}
        overlay: dict[RecordKey, Record] = {}
        for collection in self._contract.lifecycles:
            if collection not in self._contract.collections:
                continue
            layered = self._layered(collection)
            for key, record in self._records_without_overrides(collection).items():
                advanced = self._advance(collection, record, self._now)
                if advanced is not record:
                    changes[collection, key] = advanced
            for key, record in self._advance_all(collection, layered).items():
                is_changed = record is not layered[key] or (collection, key) in changes
                if is_changed and self._is_overlaid((collection, key)):
                    overlay[collection, key] = record
        return changes, overlay

    def _advance_all(self, collection: str, records: Mapping[str, Record]) -> Mapping[str, Record]:
        """Return the records as the clock has advanced them until now."""
        if self._progression_start is None or collection not in self._contract.lifecycles:
            return records
        return {
            key: self._record_at(collection, key, record, self._now)
            for key, record in records.items()
        }

    def _is_overlaid(self, key: RecordKey) -> bool:
        """Return whether an override or the overlay determines a record."""
        return key in self._overridden_at or key in self._overlay

    def _records_without_overrides(self, collection: str) -> Mapping[str, Record]:
        """Return the shipped records with the changes made without overrides."""
        return _with_changes(self._contract.collections[collection], collection, self._changes)

    def _layered(self, collection: str) -> Mapping[str, Record]:
        """Return the records with all layers, before the final advance to the current time."""
        records = self._records_without_overrides(collection)
        for active in self._activated:
            records = self._overridden(collection, records, active)
        if self._activated or self._preferred:
            records = _with_changes(records, collection, self._overlay)
        for active in self._preferred:
            records = self._overridden(collection, records, active)
        return records

    def _overridden(
        self, collection: str, records: Mapping[str, Record], active: ActiveScenario
    ) -> Mapping[str, Record]:
        """Return the records with the overrides of a scenario, as of the time of its activation."""
        api, _, name = collection.partition("/")
        members: Mapping[str, Any] = active.scenario.records.get(name, {})
        if not members or active.scenario.api != api:
            return records
        lifecycle = self._contract.lifecycles.get(collection)
        matcher, field_of_variable = active.scenario.match, self._contract.members_of(collection)
        activated_at = later(self._contract.start, active.activation.activated_at)
        # The clock may have been set back since the activation.
        advanced_to = min(activated_at, self._now)
        overridden = dict(records)
        for key, record in records.items():
            if matcher.matches_record(record, field_of_variable):
                advanced = self._record_at(collection, key, record, advanced_to)
                overridden[key] = apply_overrides(advanced, members, lifecycle, activated_at)
                self._overridden_at[collection, key] = activated_at
        return overridden

    def _record_at(self, collection: str, key: str, record: Record, timestamp: str) -> Record:
        """Return the record advanced by the clock until `timestamp`, since its last override."""
        overridden_at = self._overridden_at.get((collection, key), "")
        return self._advance(collection, record, timestamp, overridden_at)

    def _advance(self, collection: str, record: Record, timestamp: str, since: str = "") -> Record:
        lifecycle = self._contract.lifecycles.get(collection)
        if lifecycle is None or self._progression_start is None:
            return record
        return advance_to(record, lifecycle, timestamp, max(since, self._progression_start))


def _with_changes(
    records: Mapping[str, Record], collection: str, changes: Records
) -> Mapping[str, Record]:
    changed = {key: record for (name, key), record in changes.items() if name == collection}
    if not changed:
        return records
    return {key: record for key, record in {**records, **changed}.items() if record is not None}


def plain_records(snapshot: Snapshot) -> PlainRecords:
    """Return the records of a snapshot, computed plainly."""
    start = None
    if snapshot.progression == "time":
        start = later(snapshot.contract.start, snapshot.state.clock.progression_started_at)
    state = snapshot.without_expired()
    return PlainRecords(
        snapshot.contract, state.records, state.overlay, snapshot.scenarios, snapshot.now, start
    )


def plain_list(
    records: Iterable[Record], served: ServedOperation, arguments: Mapping[str, Any]
) -> list[Record]:
    """Return the records that a list operation selects, on all pages."""
    effect, locator = served.effect, served.rule
    selected = list(records)
    if locator and locator.parent:
        parent = str(arguments[locator.parent])
        selected = [record for record in selected if str(record[locator.parent]) == parent]
    for variable, member in effect.search.items():
        text = str(arguments.get(variable, "")).casefold()
        if text:
            selected = [
                record for record in selected if text in str(record.get(member, "")).casefold()
            ]
    for variable, member in effect.filter.items():
        if variable in arguments:
            requested = arguments[variable]
            selected = [record for record in selected if _is_one_of(record.get(member), requested)]
    return selected


def _is_one_of(value: Any, requested: Any) -> bool:
    """Return whether a field has a requested value, compared by type or as text."""
    values = requested if isinstance(requested, list) else [requested]
    return value in values or str(value) in map(str, values)
