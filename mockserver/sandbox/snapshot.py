"""One sandbox at one moment: its records as scenarios and the clock make them, and the responses made from them."""

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.model import Contract
from mockserver.contract.records import Record, RecordKey
from mockserver.contract.scenarios.scenario import MatchableRequest
from mockserver.contract.timestamps import later
from mockserver.sandbox.active_scenarios import ActiveScenario, active_scenarios
from mockserver.sandbox.record_timeline import RecordTimeline
from mockserver.sandbox.state import Activation, SandboxState

_MAX_CACHED_RESPONSES = 512


class Snapshot:
    """One sandbox at one moment. Never changed; a changed state makes another."""

    def __init__(self, contract: Contract, state: SandboxState, scenarios: tuple[ActiveScenario, ...] = ()) -> None:
        self.contract = contract
        self.state = state
        self.now = state.clock.now(contract.start)
        """The stamp that the sandbox's clock shows."""
        present = active_scenarios(contract, state.scenarios, state.clock, self.now)
        self._active_names = frozenset(on.scenario.name for on in present)
        self.scenarios = scenarios or present
        """Those that are on, the one switched on last at the end; or those that one request sees instead."""
        self._sandbox_has_overrides = any(on.scenario.records for on in present)
        self._request_scoped: dict[str, ActiveScenario] = {}
        self._records: dict[str, Mapping[str, Record]] = {}
        self._responses: dict[object, Any] = {}

    @property
    def has_overrides(self) -> bool:
        """Whether a scenario lays other records over the sandbox's own."""
        return any(on.scenario.records for on in self.scenarios)

    @property
    def advances_on_read(self) -> bool:
        """Whether a look at a record moves it on."""
        return self.progression == "polls"

    @property
    def progression(self) -> str:
        """What moves records on: what the scenario says that was switched on last and says anything, else the clock."""
        return next((p for on in reversed(self.scenarios) if (p := on.scenario.progression)), self.state.clock.progression)

    def without_polling(self) -> "Snapshot":
        """This world where a look moves nothing on."""
        still = tuple(replace(on, scenario=replace(on.scenario, progression=None)) for on in self.scenarios)
        clock = replace(self.state.clock, progression="manual")
        return Snapshot(self.contract, replace(self.state, clock=clock), still)

    def activate(self, on: tuple[Activation, ...]) -> SandboxState:
        """The state with these scenarios on. Where another progression is chosen so, the records move on from now."""
        after = self.with_scenarios(on)
        if Snapshot(self.contract, after)._progression_choice() == self._progression_choice():
            return after
        state = self.materialized()
        now = state.clock.seconds()
        state = replace(state, clock=replace(state.clock, progression_started_at=now))
        return Snapshot(self.contract, state).with_scenarios(on)

    def _progression_choice(self) -> tuple[str, str, float]:
        """The progression, and the scenario that has chosen it since when; without a name where the clock has."""
        for on in reversed(self.scenarios):
            if on.scenario.progression:
                return on.scenario.progression, on.scenario.name, on.activation.activated_at
        return self.state.clock.progression, "", 0.0

    def materialized(self) -> SandboxState:
        """The state with what the clock has made of the records written down, so that it stays when the progression changes."""
        state = self.state
        own, overlaid = self._timeline().progress()
        if not own and not overlaid:
            return state
        return replace(
            state,
            records={**state.records, **own},
            overlay={**state.overlay, **overlaid},
        )

    def records(self, collection: str) -> Mapping[str, Record]:
        """The records of `API/COLLECTION` by key, in the order of the fixtures."""
        if collection not in self._records:
            self._records[collection] = self._timeline().records(collection)
        return self._records[collection]

    def _timeline(self) -> RecordTimeline:
        state = self.without_expired()
        return RecordTimeline(self.contract, state.records, state.overlay, self.scenarios, self.now, self._progression_start())

    def _progression_start(self) -> str | None:
        """The stamp from which the clock moves records on; `None` where it does not."""
        if self.progression != "time":
            return None
        return later(self.contract.start, self.state.clock.progression_started_at)

    def state_after(self, changes: Mapping[RecordKey, Record | None]) -> SandboxState:
        """The state with these records changed; what happens under a cause goes when the cause goes: at once, if it is gone."""
        if not changes or (self.has_overrides and not self._sandbox_has_overrides):
            return self.state
        if self._sandbox_has_overrides:
            return replace(self.state, overlay={**self.state.overlay, **changes})
        return replace(self.state, records={**self.state.records, **changes})

    def request_scoped(self, scenario: str) -> ActiveScenario:
        """A scenario as it is on for one request."""
        if scenario not in self._request_scoped:
            switched = Activation(scenario, activated_at=self.state.clock.seconds())
            self._request_scoped[scenario] = ActiveScenario(self.contract.scenarios[scenario], switched, request_scoped=True)
        return self._request_scoped[scenario]

    def with_scenarios_for_request(self, scenarios: tuple[ActiveScenario, ...]) -> "Snapshot":
        """This world as it is while these scenarios are on, and no others; for none, itself."""
        return Snapshot(self.contract, self.state, scenarios) if scenarios else self

    def without_expired(self) -> SandboxState:
        """The state without the scenarios whose time is over, and without what happened under their causes."""
        known, present = self.contract.scenarios, self._active_names
        return self.with_scenarios(tuple(each for each in self.state.scenarios if each.name in present or each.name not in known))

    def with_scenarios(self, on: tuple[Activation, ...]) -> SandboxState:
        """The state with these scenarios on; what happened while a cause lay over the records goes when the causes change."""
        if on == self.state.scenarios:
            return self.state
        before, after = (self.contract.overriding(each.name for each in some) for some in (self.state.scenarios, on))
        return replace(self.state, scenarios=on, overlay=self.state.overlay if before == after else {})

    def counters_for(self, request: MatchableRequest) -> tuple[ActiveScenario, ...]:
        """The scenarios for which it matters that this request was there."""
        return tuple(on for on in self.scenarios if on.scenario.is_stateful and on.matches(request))

    def after_request(self, request: MatchableRequest, spoke: Container[str]) -> SandboxState:
        """The state after a request for which these scenarios spoke: what counts has counted it, and what is spent is off."""
        met = {on.scenario.name: on for on in self.counters_for(request)}
        after = [met[on.name].advanced(on.name in spoke) if on.name in met else on for on in self.state.scenarios]
        return self.with_scenarios(tuple(each for each in after if each is not None))

    def cached_response(self, key: object) -> Any:
        """An answer that was made and validated in this very world; nothing that it was made from has changed since."""
        return self._responses.get(key)

    def cache_response(self, key: object, answer: Any) -> None:
        """Keep a validated answer for the next request that asks the same."""
        if len(self._responses) >= _MAX_CACHED_RESPONSES:
            self._responses.clear()
        self._responses[key] = answer
