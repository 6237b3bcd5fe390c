"""Sandboxes: the shipped records as one client's state and scenarios make them."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from mockserver.contract.model import Contract
from mockserver.errors import SandboxTooLarge, UnknownScenario
from mockserver.sandbox.clock import Clock
from mockserver.sandbox.snapshot import World
from mockserver.sandbox.state import State, Switched
from mockserver.sandbox.stores.store import StateTooLarge, Store

_WORLDS = 256
T = TypeVar("T")


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
            return self._store.change(name, lambda state: change(self._tidied(name, state)))
        except StateTooLarge as error:
            raise SandboxTooLarge(str(error)) from error

    def replace(self, name: str, state: State) -> None:
        """Give a sandbox this state, whatever it had but for its bindings. Raises `SandboxTooLarge`."""
        try:
            self._store.change(name, lambda before: (replace(state, bindings=before.bindings), None))
        except StateTooLarge as error:
            raise SandboxTooLarge(str(error)) from error

    def switch_on(self, name: str, scenario: str, overrides: Mapping[str, Any] | None = None) -> None:
        """Switch a scenario on, as the last of those that are on and from its beginning. Raises `UnknownScenario`."""
        self._known(scenario)
        self._switch(name, scenario, lambda clock: (Switched(scenario, overrides or {}, clock.seconds()),))

    def switch_off(self, name: str, scenario: str) -> None:
        """Switch a scenario off; nothing happens where it is off already. Raises `UnknownScenario`."""
        self._known(scenario)
        self._switch(name, scenario, lambda _: ())

    def switch_all(self, name: str, scenarios: tuple[str, ...]) -> None:
        """Have these scenarios on, from their beginning, and no others. Raises `UnknownScenario`."""
        for scenario in scenarios:
            self._known(scenario)

        def step(world: World) -> tuple[State, None]:
            now = world.state.clock.seconds()
            return world.switched(tuple(Switched(scenario, since=now) for scenario in scenarios)), None

        self.change(name, step)

    def reset(self, name: str) -> None:
        """Put a sandbox back to how it started; the addresses bound in it stay bound."""
        if self._store.read(name).bindings:
            initial = self._store.read("")  # no sandbox has this name, so it is the state that all start with
            self._store.change(name, lambda state: (replace(initial, bindings=state.bindings), None))
            self._store.clear_log(name)
        else:
            self._store.forget(name)
        self._worlds.pop(name, None)

    def _tidied(self, name: str, state: State) -> World:
        """The world to change: what went off by itself is off for good, even if the clock is put back."""
        world = self._world(name, state)
        tidy = world.tidied()
        return world if tidy is state else World(self.contract, tidy)

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

    def _switch(self, name: str, scenario: str, after: Callable[[Clock], tuple[Switched, ...]]) -> None:
        def step(world: World) -> tuple[State, None]:
            others = tuple(each for each in world.state.scenarios if each.name != scenario)
            return world.switched((*others, *after(world.state.clock))), None

        self.change(name, step)

    def _known(self, scenario: str) -> None:
        if scenario not in self.contract.scenarios:
            names = sorted(self.contract.scenarios)
            raise UnknownScenario(f"there is no scenario {scenario}", {"scenarios": names})
