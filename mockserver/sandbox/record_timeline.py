"""The layers of a record that depend on time: the overrides of scenarios, and the clock.

`record_layers` lists all layers of a record. With the progression `time` the clock also advances a
record before each override, to the time of its activation.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from mockserver.contract.lifecycles import Lifecycle, advance_to, state_at
from mockserver.contract.model import Contract
from mockserver.contract.record_index import MISSING
from mockserver.contract.record_types import Record
from mockserver.contract.scenarios.record_overrides import apply_overrides
from mockserver.contract.scenarios.scenario import RequestMatcher
from mockserver.contract.timestamps import later
from mockserver.sandbox.active_scenarios import ActiveScenario


class LayeredRecord(NamedTuple):
    """A record with some layers applied."""

    record: Record | None
    """`None` if it does not exist."""
    overridden_at: str = ""
    """The time of its last override. The clock advances the record from then on."""
    has_overridden_state: bool = False
    """Whether an override sets its state. Polls then do not advance it."""


@dataclass(frozen=True, slots=True)
class _Override:
    """The override of one scenario for the records of one collection."""

    members: Mapping[str, Any]
    matcher: RequestMatcher
    activated_at: str
    advanced_to: str
    """The time until which the clock advances a record before the override applies."""
    sets_state: bool

    def replaces(self, member: str, lifecycle: Lifecycle | None) -> bool:
        """Return whether the override replaces a field as a whole, or does not change it."""
        if any(name.startswith(f"{member}.") for name in self.members):
            return False
        if lifecycle is None or not self.sets_state:
            return True
        return member not in _changed_with_state(lifecycle)


class RecordTimeline:
    """The overrides and the clock, for the records of one collection. Immutable."""

    def __init__(
        self,
        contract: Contract,
        collection: str,
        scenarios: Iterable[ActiveScenario],
        now_text: str,
        progression_start: str | None,
    ) -> None:
        """Take the active scenarios of a sandbox.

        Args:
            contract: has the lifecycles.
            collection: `API/COLLECTION`.
            scenarios: in order of activation.
            now_text: the time that the sandbox's clock shows.
            progression_start: when the clock begins to advance records; `None` if it does not.
        """
        self._lifecycle = contract.lifecycles.get(collection)
        self._member_of_variable = contract.members_of(collection)
        self._now = now_text
        self._progression_start = None
        if self._lifecycle:
            self._progression_start = progression_start
        self._activated: list[_Override] = []
        self._preferred: list[_Override] = []
        self._activations: list[tuple[Any, ...]] = []
        for active in scenarios:
            override = _override(contract, collection, active, now_text)
            if override is None:
                continue
            if active.request_scoped:
                self._preferred.append(override)
            else:
                self._activated.append(override)
            self._activations.append(_identity(active))
        self._overrides = [*self._activated, *self._preferred]

    @property
    def changes_nothing(self) -> bool:
        """Whether the collection has neither an override nor a progression."""
        return not self._activations and self._progression_start is None

    @property
    def advances_records(self) -> bool:
        """Whether the clock advances records of the collection."""
        return self._progression_start is not None

    @property
    def identity(self) -> Hashable:
        """A value that only equal timelines of the same contract and collection share."""
        if self._progression_start is None:
            return tuple(self._activations), None, None
        return tuple(self._activations), self._progression_start, self._now

    @cached_property
    def varied_members(self) -> frozenset[str]:
        """The fields of records that may change."""
        members = set()
        changes_state = self.advances_records
        for override in self._overrides:
            for name in override.members:
                field_path = tuple(name.split("."))
                members.add(field_path[0])
                if self._lifecycle and field_path == self._lifecycle.state:
                    changes_state = True
        if self._lifecycle and changes_state:
            members.update(_changed_with_state(self._lifecycle), self._lifecycle.state[:1])
        return frozenset(members)

    def values_of_shipped(self, records: Iterable[Record], member: str) -> Iterator[Any]:
        """Yield a field of each shipped record as it is now, in a sandbox without changes."""
        value_of = self._fastest_value_of(member)
        for record in records:
            yield value_of(record, member)

    def _fastest_value_of(self, member: str) -> Callable[[Record, str], Any]:
        is_state = self._lifecycle is not None and self._lifecycle.state == (member,)
        if is_state and not self._overrides:
            return self._advanced_state
        if self.advances_records:
            return self._value
        for override in self._overrides:
            if not override.replaces(member, self._lifecycle):
                return self._value
        return self._replaced_value

    def _value(self, record: Record, member: str) -> Any:
        layered = self._apply(self._overrides, LayeredRecord(record))
        current = self.advanced(layered).record
        if current is None:
            return MISSING
        return current.get(member, MISSING)

    def _replaced_value(self, record: Record, member: str) -> Any:
        """Return the same as `_value`, faster, if every override replaces the field as a whole."""
        value = record.get(member, MISSING)
        for override in self._overrides:
            if member in override.members and override.matcher.matches_record(
                record, self._member_of_variable
            ):
                value = override.members[member]
        return value

    def _advanced_state(self, record: Record, member: str) -> Any:
        """Return the same as `_value`, faster, for the state of a record without overrides."""
        if self._lifecycle is None or self._progression_start is None:
            return record.get(member, MISSING)
        return state_at(record, self._lifecycle, self._now, self._progression_start)

    def with_overrides(self, layered: LayeredRecord) -> LayeredRecord:
        """Apply the overrides of the active scenarios, in order of activation."""
        return self._apply(self._activated, layered)

    def with_preferred_overrides(self, layered: LayeredRecord) -> LayeredRecord:
        """Apply the overrides of the scenario that one request prefers."""
        return self._apply(self._preferred, layered)

    def advanced(self, layered: LayeredRecord) -> LayeredRecord:
        """Advance a record to the current time, from the time of its last override."""
        record, overridden_at, _ = layered
        if record is None:
            return layered
        return layered._replace(record=self._advance(record, self._now, overridden_at))

    def _apply(self, overrides: list[_Override], layered: LayeredRecord) -> LayeredRecord:
        record, overridden_at, has_overridden_state = layered
        if record is None:
            return layered
        for override in overrides:
            if override.matcher.matches_record(record, self._member_of_variable):
                advanced = self._advance(record, override.advanced_to, overridden_at)
                record = apply_overrides(
                    advanced, override.members, self._lifecycle, override.activated_at
                )
                overridden_at = override.activated_at
                has_overridden_state = has_overridden_state or override.sets_state
        return LayeredRecord(record, overridden_at, has_overridden_state)

    def _advance(self, record: Record, timestamp: str, overridden_at: str) -> Record:
        if self._lifecycle is None or self._progression_start is None:
            return record
        since = max(overridden_at, self._progression_start)
        return advance_to(record, self._lifecycle, timestamp, since)


def _override(
    contract: Contract, collection: str, active: ActiveScenario, now_text: str
) -> _Override | None:
    """Return the override of a scenario for the records of a collection; `None` for none."""
    api, _, name = collection.partition("/")
    members: Mapping[str, Any] = active.scenario.records.get(name, {})
    if not members or active.scenario.api != api:
        return None
    activated_at = later(contract.start, active.activation.activated_at)
    # The clock may have been set back since the activation.
    advanced_to = min(activated_at, now_text)
    lifecycle = contract.lifecycles.get(collection)
    sets_state = lifecycle is not None and ".".join(lifecycle.state) in members
    return _Override(members, active.scenario.match, activated_at, advanced_to, sets_state)


def _identity(active: ActiveScenario) -> tuple[Any, ...]:
    """Return a value that only equal activations of the same contract share."""
    activation = active.activation
    overrides = orjson.dumps(activation.overrides, option=orjson.OPT_SORT_KEYS)
    return activation.name, overrides, activation.activated_at, active.request_scoped


def _changed_with_state(lifecycle: Lifecycle) -> set[str]:
    """Return the fields of a record that a transition may change in addition to the state."""
    field_paths = [lifecycle.history]
    if lifecycle.counts:
        field_paths += [lifecycle.counts.total, *lifecycle.counts.parts]
    return {field_path[0] for field_path in field_paths if field_path}
