"""All sandboxes of a store: read, change, reset, and switch their scenarios."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from mockserver.contract.model import Contract
from mockserver.errors import AdminRequestInvalid, ContractUnavailable
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import Activation, SandboxState
from mockserver.sandbox.stores.store import Store

_MAX_SNAPSHOTS = 256
T = TypeVar("T")


class Sandboxes:
    """The sandboxes of a store.

    Every method may raise `StoreUnavailable`. Methods that need the contract of a sandbox may raise
    `ContractUnavailable`.
    """

    def __init__(self, contracts: Mapping[str, Contract], store: Store) -> None:
        """Take the contracts by the name that a sandbox chooses; `""` is the default."""
        self._contracts = contracts
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

        def activate(snapshot: Snapshot) -> tuple[SandboxState, None]:
            snapshot.contract.scenario(scenario)
            seconds = snapshot.state.clock.seconds()
            activation = Activation(scenario, overrides or {}, seconds)
            return snapshot.activate((*_others(snapshot, scenario), activation)), None

        self.change(name, activate)

    def switch_off(self, name: str, scenario: str) -> None:
        """Deactivate a scenario. Nothing changes if it is not active.

        Raises:
            UnknownScenario: the scenario is unknown.
        """

        def deactivate(snapshot: Snapshot) -> tuple[SandboxState, None]:
            snapshot.contract.scenario(scenario)
            return snapshot.activate(_others(snapshot, scenario)), None

        self.change(name, deactivate)

    def set_scenarios(self, name: str, scenarios: Iterable[str]) -> None:
        """Activate exactly these scenarios. Each of them starts again.

        A scenario that the contract of the sandbox lacks has no effect.
        """

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

    def assign(self, name: str, members: Mapping[str, str]) -> bool:
        """Set `test` or `contract` of a sandbox, and return whether its data were reset.

        `test` is the title of the test that uses the sandbox; an empty one removes it. An empty
        `contract` returns to the default. Another contract has other records and scenarios, so
        it resets records, scenarios and clock. The journal stays.

        Raises:
            AdminRequestInvalid: the server does not serve the contract. Nothing changes.
            SandboxTooLarge: the new state exceeds the limit. Nothing changes.
        """
        contract = members.get("contract", "")
        if contract not in self._contracts:
            names = self._names()
            detail = f"unknown contract {contract!r}; expected one of {', '.join(names)}"
            raise AdminRequestInvalid(detail, {"contracts": names})
        initial = self._store.read("")

        def assign(before: SandboxState) -> tuple[SandboxState, bool]:
            test = members.get("test", before.test)
            state = replace(before, test=test, contract=members.get("contract", before.contract))
            if (state.test, state.contract) == (before.test, before.contract):
                return before, False
            # Compared by identity: the default contract has a name too.
            if self._contracts.get(state.contract) is self._contracts.get(before.contract):
                return state, False
            return initial.assigned_like(state), True

        return self._store.change(name, assign)

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
        return Snapshot(snapshot.contract, current)

    def _snapshot(self, name: str, state: SandboxState) -> Snapshot:
        snapshot = self._snapshots.get(name)
        # Inline, because every request runs this.
        if snapshot is not None and snapshot.state is state:
            if state.clock.running_since is None:
                return snapshot
            if snapshot.now == state.clock.now(snapshot.contract.start):
                return snapshot
        snapshot = Snapshot(self._contract_of(state), state)
        self._snapshots[name] = snapshot
        if len(self._snapshots) > _MAX_SNAPSHOTS:
            self._snapshots.popitem(last=False)
        return snapshot

    def _contract_of(self, state: SandboxState) -> Contract:
        """Return the contract that a state has chosen.

        Raises:
            ContractUnavailable: the server does not serve it.
        """
        contract = self._contracts.get(state.contract)
        if contract is None:
            names = self._names()
            detail = (
                f"the sandbox has the contract {state.contract!r}, which this server does not "
                f"serve; start it with --contract {state.contract}=..., or choose another one: "
                f"{', '.join(names)}"
            )
            raise ContractUnavailable(detail, {"contracts": names})
        return contract

    def _names(self) -> list[str]:
        """Return the names of the contracts, as a sandbox chooses them."""
        return [name for name in self._contracts if name]


def _others(snapshot: Snapshot, scenario: str) -> tuple[Activation, ...]:
    """Return the activations of all scenarios except one."""
    activations = snapshot.state.scenarios
    return tuple(activation for activation in activations if activation.name != scenario)
