"""One sandbox at one moment: its records as scenarios and the clock make them, and the responses made from them."""

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.model import Contract
from mockserver.contract.records import Record, RecordKey
from mockserver.contract.scenarios.scenario import MatchableRequest
from mockserver.contract.timestamps import later
from mockserver.sandbox.active_scenarios import On, all_on
from mockserver.sandbox.record_timeline import RecordTimeline
from mockserver.sandbox.state import State, Switched

_KEPT = 512


class World:
    """One sandbox at one moment. Never changed; a changed state makes another."""

    def __init__(self, contract: Contract, state: State, seen: tuple[On, ...] = ()) -> None:
        self.contract = contract
        self.state = state
        self.now = state.clock.now(contract.start)
        """The stamp that the sandbox's clock shows."""
        present = all_on(contract, state.scenarios, state.clock, self.now)
        self._present = frozenset(on.scenario.name for on in present)
        self.scenarios = seen or present
        """Those that are on, the one switched on last at the end; or those that one request sees instead."""
        self._stays_caused = any(on.scenario.cause for on in present)
        self._named: dict[str, On] = {}
        self._records: dict[str, Mapping[str, Record]] = {}
        self._kept: dict[object, Any] = {}

    @property
    def caused(self) -> bool:
        """Whether a scenario lays other records over the sandbox's own."""
        return any(on.scenario.cause for on in self.scenarios)

    @property
    def polled(self) -> bool:
        """Whether a look at a record moves it on."""
        return self.progression == "polls"

    @property
    def progression(self) -> str:
        """What moves records on: what the scenario says that was switched on last and says anything, else the clock."""
        return next((p for on in reversed(self.scenarios) if (p := on.scenario.progression)), self.state.clock.progression)

    def unpolled(self) -> "World":
        """This world where a look moves nothing on."""
        still = tuple(replace(on, scenario=replace(on.scenario, progression=None)) for on in self.scenarios)
        clock = replace(self.state.clock, progression="manual")
        return World(self.contract, replace(self.state, clock=clock), still)

    def switched(self, on: tuple[Switched, ...]) -> State:
        """The state with these scenarios on. Where another progression is chosen so, the records move on from now."""
        after = self.with_scenarios(on)
        if World(self.contract, after)._choice() == self._choice():
            return after
        state = self.settled()
        now = state.clock.seconds()
        state = replace(state, clock=replace(state.clock, progresses_from=now))
        return World(self.contract, state).with_scenarios(on)

    def _choice(self) -> tuple[str, str, float]:
        """The progression, and the scenario that has chosen it since when; without a name where the clock has."""
        for on in reversed(self.scenarios):
            if on.scenario.progression:
                return on.scenario.progression, on.scenario.name, on.switched.since
        return self.state.clock.progression, "", 0.0

    def settled(self) -> State:
        """The state with what the clock has made of the records written down, so that it stays when the progression changes."""
        state = self.state
        own, overlaid = self._timeline().progress()
        if not own and not overlaid:
            return state
        return replace(
            state,
            records={**state.records, **own},
            overlaid={**state.overlaid, **overlaid},
        )

    def records(self, collection: str) -> Mapping[str, Record]:
        """The records of `API/COLLECTION` by key, in the order of the fixtures."""
        if collection not in self._records:
            self._records[collection] = self._timeline().records(collection)
        return self._records[collection]

    def _timeline(self) -> RecordTimeline:
        state = self.tidied()
        return RecordTimeline(self.contract, state.records, state.overlaid, self.scenarios, self.now, self._progresses_from())

    def _progresses_from(self) -> str | None:
        """The stamp from which the clock moves records on; `None` where it does not."""
        if self.progression != "time":
            return None
        return later(self.contract.start, self.state.clock.progresses_from)

    def after(self, changes: Mapping[RecordKey, Record | None]) -> State:
        """The state with these records changed; what happens under a cause goes when the cause goes: at once, if it is gone."""
        if not changes or (self.caused and not self._stays_caused):
            return self.state
        if self._stays_caused:
            return replace(self.state, overlaid={**self.state.overlaid, **changes})
        return replace(self.state, records={**self.state.records, **changes})

    def named(self, scenario: str) -> On:
        """A scenario as it is on for one request."""
        if scenario not in self._named:
            switched = Switched(scenario, since=self.state.clock.seconds())
            self._named[scenario] = On(self.contract.scenarios[scenario], switched, for_one=True)
        return self._named[scenario]

    def seeing(self, scenarios: tuple[On, ...]) -> "World":
        """This world as it is while these scenarios are on, and no others; for none, itself."""
        return World(self.contract, self.state, scenarios) if scenarios else self

    def tidied(self) -> State:
        """The state without the scenarios whose time is over, and without what happened under their causes."""
        known, present = self.contract.scenarios, self._present
        return self.with_scenarios(tuple(each for each in self.state.scenarios if each.name in present or each.name not in known))

    def with_scenarios(self, on: tuple[Switched, ...]) -> State:
        """The state with these scenarios on; what happened while a cause lay over the records goes when the causes change."""
        if on == self.state.scenarios:
            return self.state
        before, after = (self.contract.causes(each.name for each in some) for some in (self.state.scenarios, on))
        return replace(self.state, scenarios=on, overlaid=self.state.overlaid if before == after else {})

    def counting(self, request: MatchableRequest) -> tuple[On, ...]:
        """The scenarios for which it matters that this request was there."""
        return tuple(on for on in self.scenarios if on.scenario.counts and on.fits(request))

    def counted(self, request: MatchableRequest, spoke: Container[str]) -> State:
        """The state after a request for which these scenarios spoke: what counts has counted it, and what is spent is off."""
        met = {on.scenario.name: on for on in self.counting(request)}
        after = [met[on.name].after(on.name in spoke) if on.name in met else on for on in self.state.scenarios]
        return self.with_scenarios(tuple(each for each in after if each is not None))

    def kept(self, key: object) -> Any:
        """An answer that was made and validated in this very world; nothing that it was made from has changed since."""
        return self._kept.get(key)

    def keep(self, key: object, answer: Any) -> None:
        """Keep a validated answer for the next request that asks the same."""
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[key] = answer
