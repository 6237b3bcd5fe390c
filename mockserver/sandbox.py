"""Sandboxes: the shipped records as one client's state and scenarios make them."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from mockserver.causes import caused
from mockserver.clock import later
from mockserver.contract import Contract
from mockserver.errors import SandboxTooLarge, UnknownScenario
from mockserver.lifecycles import progressed
from mockserver.scenarios import Scenario
from mockserver.stores import Record, RecordKey, State, StateTooLarge, Store

_KEPT = 512
_WORLDS = 256
T = TypeVar("T")


class World:
    """One sandbox at one moment. Never changed; a changed state makes another."""

    def __init__(self, contract: Contract, state: State, preferred: tuple[str, ...] = ()) -> None:
        self.contract = contract
        self.state = state
        self.now = state.clock.now(contract.start)
        """The stamp that the sandbox's clock shows."""
        names = [name for name in (*state.scenarios, *preferred) if name in contract.scenarios]
        self.scenarios: tuple[Scenario, ...] = tuple(contract.scenarios[name] for name in dict.fromkeys(names))
        """Those that are on, the one switched on last at the end."""
        self._records: dict[str, Mapping[str, Record]] = {}
        self._kept: dict[object, Any] = {}

    @property
    def caused(self) -> bool:
        """Whether a scenario lays other records over the sandbox's own."""
        return any(scenario.cause for scenario in self.scenarios)

    @property
    def polled(self) -> bool:
        """Whether a look at a record moves it on."""
        return self.state.clock.progression == "polls"

    def unpolled(self) -> "World":
        """This world where a look moves nothing on."""
        return World(self.contract, replace(self.state, clock=replace(self.state.clock, progression="manual")))

    def settled(self) -> State:
        """The state with what the clock has made of the records written down, so that it stays when the progression changes."""
        changes: dict[RecordKey, Record | None] = {}
        for collection in self.contract.lifecycles:
            before = self._overlaid(collection) if collection in self.contract.collections else {}
            after = self._progressed(collection, before)
            changes |= {(collection, key): record for key, record in after.items() if record is not before[key]}
        return self.after(changes)

    def records(self, collection: str) -> Mapping[str, Record]:
        """The records of `API/COLLECTION` by key, in the order of the fixtures."""
        if collection not in self._records:
            self._records[collection] = self._progressed(collection, self._overlaid(collection))
        return self._records[collection]

    def _overlaid(self, collection: str) -> Mapping[str, Record]:
        records = _with(self.contract.collections[collection], collection, self.state.records)
        if not self.caused:
            return records
        api, _, name = collection.partition("/")
        members: dict[str, Any] = {}
        for scenario in self.scenarios:
            members |= scenario.cause.get(name, {}) if scenario.api == api else {}
        if members:
            lifecycle, now = self.contract.lifecycles.get(collection), self.contract.now[api]
            records = {key: caused(record, members, lifecycle, now) for key, record in records.items()}
        return _with(records, collection, self.state.overlaid)

    def _progressed(self, collection: str, records: Mapping[str, Record]) -> Mapping[str, Record]:
        """What the clock has made of the records since the progression was chosen."""
        clock, lifecycle = self.state.clock, self.contract.lifecycles.get(collection)
        if clock.progression != "time" or lifecycle is None:
            return records
        since = later(self.contract.start, clock.progresses_from)
        return {key: progressed(record, lifecycle, self.now, since) for key, record in records.items()}

    def after(self, changes: Mapping[RecordKey, Record | None]) -> State:
        """The state with these records changed; what happens under a cause goes when the cause goes."""
        if not changes:
            return self.state
        if any(self.contract.scenarios[name].cause for name in self.state.scenarios if name in self.contract.scenarios):
            return replace(self.state, overlaid={**self.state.overlaid, **changes})
        return replace(self.state, records={**self.state.records, **changes})

    def preferring(self, scenario: str) -> "World":
        """This world as it is while that scenario is on too."""
        return World(self.contract, self.state, (scenario,))

    def kept(self, key: object) -> Any:
        """An answer that was made and validated in this very world; nothing that it was made from has changed since."""
        return self._kept.get(key)

    def keep(self, key: object, answer: Any) -> None:
        """Keep a validated answer for the next request that asks the same."""
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[key] = answer


def _with(records: Mapping[str, Record], collection: str, changes: Mapping[RecordKey, Record | None]) -> Mapping[str, Record]:
    own = {key: record for (name, key), record in changes.items() if name == collection}
    return {key: record for key, record in {**records, **own}.items() if record is not None} if own else records


class Sandboxes:
    """All sandboxes of a store. Every method may raise `StoreUnavailable`."""

    def __init__(self, contract: Contract, store: Store) -> None:
        self.contract = contract
        self._store = store
        self._worlds: OrderedDict[str, World] = OrderedDict()

    def open(self, name: str) -> World:
        """The present world of a sandbox; the same one as long as its state is, and its clock shows the same."""
        return self._world(name, self._store.read(name))

    def change(self, name: str, change: Callable[[World], tuple[State, T]]) -> T:
        """Change a sandbox in one step: `change` is given its present world, and returns the state to be and a result.

        Raises `SandboxTooLarge`, and what `change` raises; nothing is changed then.
        """
        try:
            return self._store.change(name, lambda state: change(self._world(name, state)))
        except StateTooLarge as error:
            raise SandboxTooLarge(str(error)) from error

    def replace(self, name: str, state: State) -> None:
        """Give a sandbox this state, whatever it had but for its bindings. Raises `SandboxTooLarge`."""
        try:
            self._store.change(name, lambda before: (replace(state, bindings=before.bindings), None))
        except StateTooLarge as error:
            raise SandboxTooLarge(str(error)) from error

    def switch_on(self, name: str, scenario: str) -> None:
        """Switch a scenario on, as the last of those that are on. Raises `UnknownScenario`."""
        self._known(scenario)
        self._switch(name, scenario, lambda on: (*(each for each in on if each != scenario), scenario))

    def switch_off(self, name: str, scenario: str) -> None:
        """Switch a scenario off; nothing happens where it is off already. Raises `UnknownScenario`."""
        self._known(scenario)
        self._switch(name, scenario, lambda on: tuple(each for each in on if each != scenario))

    def reset(self, name: str) -> None:
        """Put a sandbox back to how it started; the addresses bound in it stay bound."""
        if self._store.read(name).bindings:
            initial = self._store.read("")  # no sandbox has this name, so it is the state that all start with
            self._store.change(name, lambda state: (replace(initial, bindings=state.bindings), None))
            self._store.clear_log(name)
        else:
            self._store.forget(name)
        self._worlds.pop(name, None)

    def _world(self, name: str, state: State) -> World:
        world = self._worlds.get(name)
        if (
            world is not None
            and world.state is state
            and world.contract is self.contract
            and (state.clock.since is None or world.now == state.clock.now(self.contract.start))
        ):
            return world
        world = self._worlds[name] = World(self.contract, state)
        if len(self._worlds) > _WORLDS:
            self._worlds.popitem(last=False)
        return world

    def _switch(self, name: str, scenario: str, switched: Callable[[tuple[str, ...]], tuple[str, ...]]) -> None:
        def step(world: World) -> tuple[State, None]:
            state = world.state
            on = switched(state.scenarios)
            alters_records = bool(self.contract.scenarios[scenario].cause) and set(on) != set(state.scenarios)
            return replace(state, scenarios=on, overlaid={} if alters_records else state.overlaid), None

        self.change(name, step)

    def _known(self, scenario: str) -> None:
        if scenario not in self.contract.scenarios:
            names = sorted(self.contract.scenarios)
            raise UnknownScenario(f"there is no scenario {scenario}", {"scenarios": names})
