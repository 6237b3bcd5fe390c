"""All sandboxes of a store: read, change, reset, and switch their scenarios."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from mockserver.contract.model import Contract
from mockserver.errors import UnknownScenario
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import Activation, SandboxState
from mockserver.sandbox.stores.store import Store

_MAX_SNAPSHOTS = 256
T = TypeVar("T")


class Sandboxes:
    """The sandboxes of a store. Every method may raise `StoreUnavailable`."""

    def __init__(self, contract: Contract, store: Store) -> None:
        self.contract = contract
        self._store = store
        self._snapshots: OrderedDict[str, Snapshot] = OrderedDict()

    def snapshot(self, name: str) -> Snapshot:
        """Return the current snapshot: the same object until its state or time changes."""
        return self._snapshot(name, self._store.read(name))

    def current_snapshot(self, name: str) -> Snapshot | None:
        """Return the current snapshot if this takes no call of the store, otherwise `None`."""
        state = self._store.peek(name)
        if state is None:
            return None
        return self._snapshot(name, state)

    def change(self, name: str, change: Callable[[Snapshot], tuple[SandboxState, T]]) -> T:
        """Change a sandbox atomically, and return the result of `change`.

        `change` gets the current snapshot, and returns the new state and a result. If it raises,
        nothing changes.

        Raises:
            SandboxTooLarge: the new state exceeds the limit. Nothing changes.
        """
        return self._store.change(name, lambda state: change(self._current_snapshot(name, state)))

    def replace(self, name: str, state: SandboxState) -> None:
        """Replace the state of a sandbox, except its bindings, test and contract.

        Raises:
            SandboxTooLarge: the new state exceeds the limit. Nothing changes.
        """
        self._store.change(name, lambda before: (state.assigned_like(before), None))

    def switch_on(
        self, name: str, scenario: str, overrides: Mapping[str, Any] | None = None
    ) -> None:
        """Activate a scenario as the newest one. If it is active already, it starts again.

        Raises:
            UnknownScenario: the scenario is unknown.
        """
        self._require_scenario(scenario)

        def activate(snapshot: Snapshot) -> tuple[SandboxState, None]:
            seconds = snapshot.state.clock.seconds()
            activation = Activation(scenario, overrides or {}, seconds)
            return snapshot.activate((*_others(snapshot, scenario), activation)), None

        self.change(name, activate)

    def switch_off(self, name: str, scenario: str) -> None:
        """Deactivate a scenario. Nothing changes if it is not active.

        Raises:
            UnknownScenario: the scenario is unknown.
        """
        self._require_scenario(scenario)
        self.change(name, lambda snapshot: (snapshot.activate(_others(snapshot, scenario)), None))

    def set_scenarios(self, name: str, scenarios: tuple[str, ...]) -> None:
        """Activate exactly these scenarios. Each of them starts again.

        Raises:
            UnknownScenario: the scenario is unknown.
        """
        for scenario in scenarios:
            self._require_scenario(scenario)

        def activate(snapshot: Snapshot) -> tuple[SandboxState, None]:
            seconds = snapshot.state.clock.seconds()
            activations = [Activation(scenario, activated_at=seconds) for scenario in scenarios]
            return snapshot.activate(tuple(activations)), None

        self.change(name, activate)

    def reset(self, name: str) -> None:
        """Reset a sandbox to its initial state, except its bindings, test and contract."""
        self._restart(name, self._store.read(name))

    def delete(self, name: str) -> None:
        """Delete a sandbox, except its bindings."""
        bindings = self._store.read(name).bindings
        self._restart(name, SandboxState(bindings=bindings))

    def assign_test(self, name: str, test: str) -> None:
        """Set the title of the test that uses a sandbox; an empty one removes it.

        Raises:
            SandboxTooLarge: the new state exceeds the limit. Nothing changes.
        """
        self._store.change(name, lambda state: (replace(state, test=test), None))

    def _restart(self, name: str, assigned: SandboxState) -> None:
        """Return a sandbox to its initial state, with the assigned members of another state."""
        if assigned.is_assigned:
            # No sandbox has the empty name, so this is the initial state of all.
            initial = self._store.read("").assigned_like(assigned)
            self._store.change(name, lambda _: (initial, None))
            self._store.clear_journal(name)
        else:
            self._store.delete(name)
        self._snapshots.pop(name, None)

    def _current_snapshot(self, name: str, state: SandboxState) -> Snapshot:
        """Return the snapshot to change.

        An expired scenario stays off, even if the clock is set back.
        """
        snapshot = self._snapshot(name, state)
        current = snapshot.without_expired()
        if current is state:
            return snapshot
        return Snapshot(self.contract, current)

    def _snapshot(self, name: str, state: SandboxState) -> Snapshot:
        snapshot = self._snapshots.get(name)
        # Inline, because every request runs this.
        if snapshot is not None and snapshot.state is state and snapshot.contract is self.contract:
            if state.clock.running_since is None:
                return snapshot
            if snapshot.now == state.clock.now(self.contract.start):
                return snapshot
        snapshot = Snapshot(self.contract, state)
        self._snapshots[name] = snapshot
        if len(self._snapshots) > _MAX_SNAPSHOTS:
            self._snapshots.popitem(last=False)
        return snapshot

    def _require_scenario(self, scenario: str) -> None:
        if scenario not in self.contract.scenarios:
            names = sorted(self.contract.scenarios)
            raise UnknownScenario(f"unknown scenario {scenario!r}", {"scenarios": names})


def _others(snapshot: Snapshot, scenario: str) -> tuple[Activation, ...]:
    """Return the activations of all scenarios except one."""
    activations = snapshot.state.scenarios
    return tuple(activation for activation in activations if activation.name != scenario)
