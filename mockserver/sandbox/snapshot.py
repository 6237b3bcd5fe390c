"""One sandbox at one moment: its records, active scenarios, and cached responses."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.model import Contract
from mockserver.contract.record_types import Record, RecordKey
from mockserver.contract.scenarios.scenario import MatchableRequest
from mockserver.contract.timestamps import later
from mockserver.sandbox.active_scenarios import ActiveScenario, active_scenarios
from mockserver.sandbox.record_timeline import RecordTimeline
from mockserver.sandbox.record_view import RecordView
from mockserver.sandbox.state import Activation, SandboxState

_MAX_CACHED_RESPONSES = 512


class Snapshot:
    """One sandbox at one moment. Immutable: a changed state results in another snapshot."""

    def __init__(
        self, contract: Contract, state: SandboxState, scenarios: tuple[ActiveScenario, ...] = ()
    ) -> None:
        """Take a contract and a state.

        `scenarios` replace the active scenarios of the state, for one request.
        """
        self.contract = contract
        self.state = state
        self.now = state.clock.now(contract.start)
        """The time that the sandbox's clock shows: `YYYY-MM-DD HH:MM:SS`."""
        active = active_scenarios(contract, state.scenarios, state.clock, self.now)
        self._active_names = frozenset(one.scenario.name for one in active)
        self.scenarios = scenarios or active
        """The active scenarios, the newest last."""
        self._sandbox_has_overrides = _any_overrides(active)
        self._request_scoped: dict[str, ActiveScenario] = {}
        self._views: dict[str, RecordView] = {}
        self._responses: dict[object, Any] = {}

    @property
    def activated(self) -> list[str]:
        """The names of the activated scenarios that the contract has."""
        names = [activation.name for activation in self.state.scenarios]
        return [name for name in names if name in self.contract.scenarios]

    @property
    def has_overrides(self) -> bool:
        """Whether an active scenario overrides records."""
        return _any_overrides(self.scenarios)

    @property
    def discards_changes(self) -> bool:
        """Whether no change is kept: overrides of records end with this request."""
        if self.has_overrides and not self._sandbox_has_overrides:
            return True
        return any(active.request_scoped and active.scenario.records for active in self.scenarios)

    @property
    def has_stateful_scenarios(self) -> bool:
        """Whether the response of an active scenario depends on earlier requests."""
        return any(active.scenario.is_stateful for active in self.scenarios)

    @property
    def advances_on_read(self) -> bool:
        """Whether each read of a record advances it."""
        return self.progression == "polls"

    @property
    def progression(self) -> str:
        """How records advance: from the newest scenario that sets it, else from the clock."""
        for active in reversed(self.scenarios):
            if active.scenario.progression:
                return active.scenario.progression
        return self.state.clock.progression

    def without_polling(self) -> "Snapshot":
        """Return this snapshot, with reads that advance no record."""
        scenarios = []
        for active in self.scenarios:
            scenarios.append(replace(active, scenario=replace(active.scenario, progression=None)))
        clock = replace(self.state.clock, progression="manual")
        return Snapshot(self.contract, replace(self.state, clock=clock), tuple(scenarios))

    def activate(self, activations: tuple[Activation, ...]) -> SandboxState:
        """Return the state with exactly these scenarios active.

        If this changes the progression, records advance from the current time on.
        """
        state = self.with_scenarios(activations)
        if Snapshot(self.contract, state)._progression_choice() == self._progression_choice():
            return state
        state = self.materialized()
        clock = replace(state.clock, progression_started_at=state.clock.seconds())
        return Snapshot(self.contract, replace(state, clock=clock)).with_scenarios(activations)

    def _progression_choice(self) -> tuple[str, str, float]:
        """Return the progression, the scenario that sets it, and its activation time.

        The name is empty if the clock sets the progression.
        """
        for active in reversed(self.scenarios):
            scenario = active.scenario
            if scenario.progression:
                return scenario.progression, scenario.name, active.activation.activated_at
        return self.state.clock.progression, "", 0.0

    def materialized(self) -> SandboxState:
        """Return the state with the records as the clock has advanced them.

        They keep these values when the progression changes.
        """
        changes: dict[RecordKey, Record] = {}
        overlay: dict[RecordKey, Record] = {}
        for collection in self.contract.lifecycles:
            if collection in self.contract.collections:
                advanced, advanced_overlay = self.records(collection).progress()
                changes |= advanced
                overlay |= advanced_overlay
        if not changes and not overlay:
            return self.state
        return replace(
            self.state,
            records={**self.state.records, **changes},
            overlay={**self.state.overlay, **overlay},
        )

    def records(self, collection: str) -> RecordView:
        """Return the records of `API/COLLECTION` by key, in the order of the fixtures."""
        view = self._views.get(collection)
        if view is None:
            view = self._views[collection] = self._new_view(collection)
        return view

    def _new_view(self, collection: str) -> RecordView:
        """Return a view with the data of all layers, see `record_layers`."""
        state = self.without_expired()
        shipped = self.contract.collections[collection]
        changes, overlay = state.records, state.overlay
        if not self.has_overrides:
            overlay = {}
        start = self._progression_start()
        timeline = RecordTimeline(self.contract, collection, self.scenarios, self.now, start)
        return RecordView(shipped, collection, changes, overlay, timeline)

    def _progression_start(self) -> str | None:
        """Return the time from which the clock advances records; `None` if it does not."""
        if self.progression != "time":
            return None
        return later(self.contract.start, self.state.clock.progression_started_at)

    def state_after(self, changes: Mapping[RecordKey, Record | None]) -> SandboxState:
        """Return the state with `changes` applied; `None` deletes a record.

        While a scenario overrides records, changes go to the overlay, which is discarded when the
        scenario ends.
        """
        if not changes or self.discards_changes:
            return self.state
        if self._sandbox_has_overrides:
            return replace(self.state, overlay={**self.state.overlay, **changes})
        return replace(self.state, records={**self.state.records, **changes})

    def request_scoped(self, scenario: str) -> ActiveScenario:
        """Return a scenario, active for one request only."""
        if scenario not in self._request_scoped:
            activation = Activation(scenario, activated_at=self.state.clock.seconds())
            active = ActiveScenario(
                self.contract.scenarios[scenario], activation, request_scoped=True
            )
            self._request_scoped[scenario] = active
        return self._request_scoped[scenario]

    def with_scenarios_for_request(self, scenarios: tuple[ActiveScenario, ...]) -> "Snapshot":
        """Return this snapshot with exactly these scenarios active; for none, itself."""
        if not scenarios:
            return self
        return Snapshot(self.contract, self.state, scenarios)

    def without_expired(self) -> SandboxState:
        """Return the state without expired scenarios and the changes that end with them."""
        kept = []
        for activation in self.state.scenarios:
            name = activation.name
            # A scenario that this contract lacks has not expired; another contract may have it.
            if name in self._active_names or name not in self.contract.scenarios:
                kept.append(activation)
        return self.with_scenarios(tuple(kept))

    def with_scenarios(self, activations: tuple[Activation, ...]) -> SandboxState:
        """Return the state with these activations.

        If the overrides change, the overlay is discarded.
        """
        if activations == self.state.scenarios:
            return self.state
        overlay = self.state.overlay
        if self._overriding(self.state.scenarios) != self._overriding(activations):
            overlay = {}
        return replace(self.state, scenarios=activations, overlay=overlay)

    def _overriding(self, activations: tuple[Activation, ...]) -> list[str]:
        """Return the names of the activated scenarios that override records."""
        return self.contract.overriding(activation.name for activation in activations)

    def counters_for(self, request: MatchableRequest) -> tuple[ActiveScenario, ...]:
        """Return the scenarios that count this request."""
        counting = []
        for active in self.scenarios:
            if active.scenario.is_stateful and active.matches(request):
                counting.append(active)
        return tuple(counting)

    def after_request(self, request: MatchableRequest, applied: Container[str]) -> SandboxState:
        """Return the state after a request, with counts advanced and exhausted scenarios off.

        `applied` contains the names of the scenarios that applied to the response.
        """
        counters = {active.scenario.name: active for active in self.counters_for(request)}
        activations = []
        for activation in self.state.scenarios:
            name = activation.name
            advanced: Activation | None = activation
            if name in counters:
                advanced = counters[name].advanced(applied=name in applied)
            if advanced is not None:
                activations.append(advanced)
        return self.with_scenarios(tuple(activations))

    def cached_response(self, key: object) -> Any:
        """Return a validated response of this snapshot; `None` for none.

        It is current, as the snapshot is.
        """
        return self._responses.get(key)

    def cache_response(self, key: object, response: Any) -> None:
        """Keep a validated response for equal requests."""
        if len(self._responses) >= _MAX_CACHED_RESPONSES:
            self._responses.clear()
        self._responses[key] = response


def _any_overrides(scenarios: Iterable[ActiveScenario]) -> bool:
    return any(active.scenario.records for active in scenarios)
