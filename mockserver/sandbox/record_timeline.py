"""The records of one collection of a sandbox at one moment, computed from the layers that change them.

The layers, in the order in which they apply:

1. the shipped records;
2. the changes made by operations and testers;
3. the record overrides of active scenarios, in order of activation;
4. the overlay: changes made while overrides were active;
5. the record overrides of the scenario that one request prefers.

With the progression `time` the clock also advances the records: before each override to the time of
its activation, and at the end to the current time.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from mockserver.contract.lifecycles import Lifecycle, advance_to, state_at
from mockserver.contract.model import Contract
from mockserver.contract.record_index import MISSING
from mockserver.contract.record_types import Record
from mockserver.contract.scenarios.record_overrides import apply_overrides
from mockserver.contract.scenarios.scenario import RequestMatcher
from mockserver.contract.timestamps import later
from mockserver.sandbox.active_scenarios import ActiveScenario


@dataclass(frozen=True, slots=True)
class _Override:
    """The override of one scenario for the records of one collection."""

    members: Mapping[str, Any]
    matcher: RequestMatcher
    activated_at: str
    advanced_to: str
    """The time until which the clock advances a record before the override applies."""

    def replaces(self, member: str, lifecycle: Lifecycle | None) -> bool:
        """Return whether the override replaces a field as a whole, or does not change it."""
        if any(name.startswith(f"{member}.") for name in self.members):
            return False
        if lifecycle is None or ".".join(lifecycle.state) not in self.members:
            return True
        return member not in _changed_with_state(lifecycle)


class RecordTimeline:
    """What changes the records of one collection, except the changes and the overlay. Immutable."""

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
        self._progression_start = progression_start if self._lifecycle else None
        self._activated: list[_Override] = []
        self._preferred: list[_Override] = []
        self._activations: list[tuple[Any, ...]] = []
        for active in scenarios:
            override = _override(contract, collection, active, now_text)
            if override is not None:
                overrides = self._preferred if active.request_scoped else self._activated
                overrides.append(override)
                self._activations.append(_identity(active))
        self._overrides = [*self._activated, *self._preferred]

    @property
    def changes_nothing(self) -> bool:
        """Whether there is no override and no progression of the collection."""
        return not self._activations and self._progression_start is None

    @property
    def advances_records(self) -> bool:
        """Whether the clock advances records of the collection."""
        return self._progression_start is not None

    @property
    def identity(self) -> Hashable:
        """A value that only timelines of the same contract and collection with equal results share."""
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

    def record(self, below: Record | None, *overlaid: Record | None) -> Record | None:
        """Return a record as it is now; `None` if it does not exist.

        `below` and `overlaid` are as for `layered`.
        """
        record, overridden_at = self.layered(below, *overlaid)
        return None if record is None else self.advanced(record, overridden_at)

    def values_of_shipped(self, records: Iterable[Record], member: str) -> Iterator[Any]:
        """Yield a field of each record as it is now, in a sandbox that has not changed the records."""
        value_of: Callable[[Record, str], Any] = self._value
        if not self.advances_records and all(
            override.replaces(member, self._lifecycle) for override in self._overrides
        ):
            value_of = self._replaced_value
        elif not self._overrides and self._lifecycle and self._lifecycle.state == (member,):
            value_of = self._advanced_state
        for record in records:
            yield value_of(record, member)

    def _value(self, record: Record, member: str) -> Any:
        record, overridden_at = self._overridden(record, self._overrides, "")
        return self.advanced(record, overridden_at).get(member, MISSING)

    def _replaced_value(self, record: Record, member: str) -> Any:
        """Return the same as `_value` if every override replaces the field as a whole, which is much faster."""
        value = record.get(member, MISSING)
        for override in self._overrides:
            if member in override.members and override.matcher.matches_record(
                record, self._member_of_variable
            ):
                value = override.members[member]
        return value

    def _advanced_state(self, record: Record, member: str) -> Any:
        """Return the same as `_value` for the state of a record without overrides, which is much faster."""
        if self._lifecycle is None or self._progression_start is None:
            return record.get(member, MISSING)
        return state_at(record, self._lifecycle, self._now, self._progression_start)

    def layered(self, below: Record | None, *overlaid: Record | None) -> tuple[Record | None, str]:
        """Return a record with all layers, before the final advance, and the time of its last override.

        Args:
            below: the record without overrides; `None` if it does not exist.
            overlaid: the record in the overlay, or `None` if the overlay deletes it; nothing if it is not in the overlay.
        """
        record, overridden_at = below, ""
        if record is not None:
            record, overridden_at = self._overridden(record, self._activated, overridden_at)
        if overlaid:
            record = overlaid[0]
        if record is not None:
            record, overridden_at = self._overridden(record, self._preferred, overridden_at)
        return record, overridden_at

    def advanced(self, record: Record, overridden_at: str = "") -> Record:
        """Return a record advanced by the clock until now, since its last override."""
        return self._advance(record, self._now, overridden_at)

    def _overridden(
        self, record: Record, overrides: list[_Override], overridden_at: str
    ) -> tuple[Record, str]:
        for override in overrides:
            if override.matcher.matches_record(record, self._member_of_variable):
                advanced = self._advance(record, override.advanced_to, overridden_at)
                record = apply_overrides(
                    advanced, override.members, self._lifecycle, override.activated_at
                )
                overridden_at = override.activated_at
        return record, overridden_at

    def _advance(self, record: Record, timestamp: str, overridden_at: str) -> Record:
        if self._lifecycle is None or self._progression_start is None:
            return record
        return advance_to(
            record, self._lifecycle, timestamp, max(overridden_at, self._progression_start)
        )


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
    return _Override(members, active.scenario.match, activated_at, min(activated_at, now_text))


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
