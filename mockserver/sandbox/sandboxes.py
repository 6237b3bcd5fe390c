"""Sandboxes: the shipped records as one client's state and scenarios make them."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from mockserver.contract.model import Contract
from mockserver.errors import SandboxTooLarge, UnknownScenario
from mockserver.sandbox.clock import Clock
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import Activation, SandboxState
from mockserver.sandbox.stores.store import StateTooLarge, Store

_MAX_SNAPSHOTS = 256
T = TypeVar("T")


class Sandboxes:
    """All sandboxes of a store. Every method may raise `StoreUnavailable`."""

    def __init__(self, contract: Contract, store: Store) -> None:
        self.contract = contract
        self._store = store
        self._snapshots: OrderedDict[str, Snapshot] = OrderedDict()

    def snapshot(self, name: str) -> Snapshot:
        """The present world of a sandbox; the same one as long as its state is, and its clock shows the same."""
        return self._snapshot(name, self._store.read(name))

    def change(self, name: str, change: Callable[[Snapshot], tuple[SandboxState, T]]) -> T:
        """Change a sandbox in one step: `change` is given its present world, and returns the state to be and a result.

        Raises `SandboxTooLarge`, and what `change` raises; nothing is changed then.
        """
        try:
            return self._store.change(name, lambda state: change(self._current_snapshot(name, state)))
        except StateTooLarge as error:
            raise SandboxTooLarge(str(error)) from error

    def replace(self, name: str, state: SandboxState) -> None:
        """Give a sandbox this state, whatever it had but for its bindings. Raises `SandboxTooLarge`."""
        try:
            self._store.change(name, lambda before: (replace(state, bindings=before.bindings), None))
        except StateTooLarge as error:
            raise SandboxTooLarge(str(error)) from error

    def switch_on(self, name: str, scenario: str, overrides: Mapping[str, Any] | None = None) -> None:
        """Switch a scenario on, as the last of those that are on and from its beginning. Raises `UnknownScenario`."""
        self._require_scenario(scenario)
        self._switch(name, scenario, lambda clock: (Activation(scenario, overrides or {}, clock.seconds()),))

    def switch_off(self, name: str, scenario: str) -> None:
        """Switch a scenario off; nothing happens where it is off already. Raises `UnknownScenario`."""
        self._require_scenario(scenario)
        self._switch(name, scenario, lambda _: ())

    def set_scenarios(self, name: str, scenarios: tuple[str, ...]) -> None:
        """Have these scenarios on, from their beginning, and no others. Raises `UnknownScenario`."""
        for scenario in scenarios:
            self._require_scenario(scenario)

        def step(world: Snapshot) -> tuple[SandboxState, None]:
            now = world.state.clock.seconds()
            return world.activate(tuple(Activation(scenario, activated_at=now) for scenario in scenarios)), None

        self.change(name, step)

    def reset(self, name: str) -> None:
        """Put a sandbox back to how it started; the addresses bound in it stay bound."""
        if self._store.read(name).bindings:
            initial = self._store.read("")  # no sandbox has this name, so it is the state that all start with
            self._store.change(name, lambda state: (replace(initial, bindings=state.bindings), None))
            self._store.clear_journal(name)
        else:
            self._store.delete(name)
        self._snapshots.pop(name, None)

    def _current_snapshot(self, name: str, state: SandboxState) -> Snapshot:
        """The world to change: what went off by itself is off for good, even if the clock is put back."""
        world = self._snapshot(name, state)
        tidy = world.without_expired()
        return world if tidy is state else Snapshot(self.contract, tidy)

    def _snapshot(self, name: str, state: SandboxState) -> Snapshot:
        world = self._snapshots.get(name)
        if (
            world is not None
            and world.state is state
            and world.contract is self.contract
            and (state.clock.running_since is None or world.now == state.clock.now(self.contract.start))
        ):
            return world
        world = self._snapshots[name] = Snapshot(self.contract, state)
        if len(self._snapshots) > _MAX_SNAPSHOTS:
            self._snapshots.popitem(last=False)
        return world

    def _switch(self, name: str, scenario: str, after: Callable[[Clock], tuple[Activation, ...]]) -> None:
        def step(world: Snapshot) -> tuple[SandboxState, None]:
            others = tuple(each for each in world.state.scenarios if each.name != scenario)
            return world.activate((*others, *after(world.state.clock))), None

        self.change(name, step)

    def _require_scenario(self, scenario: str) -> None:
        if scenario not in self.contract.scenarios:
            names = sorted(self.contract.scenarios)
            raise UnknownScenario(f"there is no scenario {scenario}", {"scenarios": names})
