"""The records of one sandbox at one moment, in the order in which things happened to them.

First what operations and testers changed, then the causes of scenarios as they were switched on, then what was changed on top
of these, then the cause that one request prefers. In between the clock moves records on, where it does.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.contract.lifecycles import advance_to
from mockserver.contract.model import Contract
from mockserver.contract.records import Record, RecordKey, Records
from mockserver.contract.scenarios.record_overrides import apply_overrides
from mockserver.contract.timestamps import later
from mockserver.sandbox.active_scenarios import ActiveScenario


class RecordTimeline:
    """The records of one sandbox at one moment. Never changed."""

    def __init__(
        self,
        contract: Contract,
        own: Records,
        overlaid: Records,
        scenarios: Iterable[ActiveScenario],
        now: str,
        progresses_from: str | None,
    ) -> None:
        """Take what was changed without and under causes (`own`, `overlaid`), and the scenarios that are on.

        `now` is the stamp that the sandbox's clock shows. `progresses_from` is the one from which the clock moves records on;
        `None` where it does not.
        """
        self._contract = contract
        self._changes = own
        self._overlay = overlaid
        self._scenarios = tuple(on for on in scenarios if on.scenario.records)
        self._now = now
        self._progression_start = progresses_from
        self._overridden_at: dict[RecordKey, str] = {}
        """The stamp of the cause that was laid over a record last."""

    def records(self, collection: str) -> Mapping[str, Record]:
        """The records of `API/COLLECTION` by key, in the order of the fixtures."""
        return self._advance_all(collection, self._layered(collection))

    def progress(self) -> tuple[dict[RecordKey, Record], dict[RecordKey, Record]]:
        """What the clock has made of records: of the sandbox's own, and of those that lie over them.

        Written down in the two places that `__init__` names, both make the records that there are now.
        """
        own: dict[RecordKey, Record] = {}
        overlaid: dict[RecordKey, Record] = {}
        for collection in self._contract.lifecycles:
            if collection not in self._contract.collections:
                continue
            before, over = self._own_records(collection), self._layered(collection)
            after = {key: self._advance(collection, each, self._now) for key, each in before.items()}
            changed = {key for key, record in after.items() if record is not before[key]}
            own |= {(collection, key): after[key] for key in changed}
            for key, record in self._advance_all(collection, over).items():
                is_new = record is not over[key] or key in changed
                if is_new and self._is_overlaid((collection, key)):
                    overlaid[collection, key] = record
        return own, overlaid

    def _advance_all(self, collection: str, records: Mapping[str, Record]) -> Mapping[str, Record]:
        """The records as the clock has made them by now."""
        if self._progression_start is None or collection not in self._contract.lifecycles:
            return records
        return {key: self._record_at(collection, key, record, self._now) for key, record in records.items()}

    def _is_overlaid(self, key: RecordKey) -> bool:
        """Whether a record is another than the sandbox's own one, or would be when that changes."""
        return key in self._overridden_at or key in self._overlay

    def _own_records(self, collection: str) -> Mapping[str, Record]:
        return _with_changes(self._contract.collections[collection], collection, self._changes)

    def _layered(self, collection: str) -> Mapping[str, Record]:
        """The records without what the clock made of them after all else."""
        records = self._own_records(collection)
        if not self._scenarios:
            return records
        for on in self._scenarios:
            records = records if on.request_scoped else self._overridden(collection, records, on)
        records = _with_changes(records, collection, self._overlay)
        for on in self._scenarios:
            records = self._overridden(collection, records, on) if on.request_scoped else records
        return records

    def _overridden(self, collection: str, records: Mapping[str, Record], on: ActiveScenario) -> Mapping[str, Record]:
        """The records with the cause of a scenario laid over what they were when it was switched on."""
        api, _, name = collection.partition("/")
        members: Mapping[str, Any] = on.scenario.records.get(name, {})
        if not members or on.scenario.api != api:
            return records
        lifecycle = self._contract.lifecycles.get(collection)
        means, of = on.scenario.match.matches_record, self._contract.members_of(collection)
        stamp = later(self._contract.start, on.activation.activated_at)
        lived_until = min(stamp, self._now)  # the clock may have been put back since
        after = dict(records)
        for key, record in records.items():
            if means(record, of):
                after[key] = apply_overrides(self._record_at(collection, key, record, lived_until), members, lifecycle, stamp)
                self._overridden_at[collection, key] = stamp
        return after

    def _record_at(self, collection: str, key: str, record: Record, stamp: str) -> Record:
        """The record as the clock has made it by a stamp, since the last cause that was laid over it."""
        return self._advance(collection, record, stamp, self._overridden_at.get((collection, key), ""))

    def _advance(self, collection: str, record: Record, stamp: str, since: str = "") -> Record:
        lifecycle = self._contract.lifecycles.get(collection)
        if lifecycle is None or self._progression_start is None:
            return record
        return advance_to(record, lifecycle, stamp, max(since, self._progression_start))


def _with_changes(records: Mapping[str, Record], collection: str, changes: Records) -> Mapping[str, Record]:
    own = {key: record for (name, key), record in changes.items() if name == collection}
    return {key: record for key, record in {**records, **own}.items() if record is not None} if own else records
