"""The active scenarios of a sandbox at one moment, with their overrides and progress."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mockserver.contract.model import Contract
from mockserver.contract.scenarios.definition import build_scenario
from mockserver.contract.scenarios.scenario import MatchableRequest, Scenario
from mockserver.sandbox.clock import Clock
from mockserver.sandbox.state import Activation


@dataclass(frozen=True, slots=True, eq=False)
class ActiveScenario:
    """One active scenario."""

    scenario: Scenario
    activation: Activation
    request_scoped: bool = False
    """Whether it is active for one request only, which prefers it. It then always applies."""

    def matches(self, request: MatchableRequest) -> bool:
        """Return whether the scenario is meant for a request."""
        if request.operation_id not in self.scenario.operations:
            return False
        return self.request_scoped or self.scenario.match.matches_request(request)

    def applies_now(self) -> bool:
        """Return whether the scenario applies to the next request that it matches."""
        if self.request_scoped:
            return True
        return self.scenario.applies_to_nth(self.activation.matched_requests)

    def advanced(self, applied: bool) -> Activation | None:
        """Return the activation after one more matched request; `None` if the scenario ends.

        `applied` is whether the scenario applied to the response.
        """
        times_applied = self.activation.times_applied + applied
        if self.scenario.exhausted(times_applied):
            return None
        matched_requests = self.activation.matched_requests + 1
        return replace(
            self.activation, matched_requests=matched_requests, times_applied=times_applied
        )

    @property
    def label(self) -> str:
        """The name for explanations; with the number of the response if that matters."""
        name, number = self.scenario.name, self.activation.times_applied + 1
        if self.request_scoped:
            return name
        if self.scenario.times:
            return f"{name} ({number} of {self.scenario.times})"
        if self.scenario.is_stateful:
            return f"{name} (response {number})"
        return name


def active_scenarios(
    contract: Contract, activations: tuple[Activation, ...], clock: Clock, now_text: str
) -> tuple[ActiveScenario, ...]:
    """Return the activated scenarios that the contract has and that have not expired.

    `now_text` is the time that `clock` shows.
    """
    result = []
    for activation in activations:
        if activation.name not in contract.scenarios:
            continue
        scenario = with_overrides(contract.scenarios[activation.name], activation.overrides)
        active = ActiveScenario(scenario, activation)
        if not _is_expired(active, clock, now_text):
            result.append(active)
    return tuple(result)


def with_overrides(scenario: Scenario, overrides: Mapping[str, object]) -> Scenario:
    """Return the scenario with some members of its definition replaced."""
    if not overrides:
        return scenario
    definition = {"seed": scenario.seed, **scenario.definition, **overrides}
    overridden = build_scenario(scenario.name, scenario.api, definition, scenario.position)
    return replace(overridden, definition={**scenario.definition, **overrides})


def portable(contract: Contract, activation: Activation) -> Activation:
    """Return an activation that behaves the same on another server.

    If a random scenario defines no seed, the result contains the seed of this server.
    """
    scenario = with_overrides(contract.scenarios[activation.name], activation.overrides)
    if not scenario.is_random or not scenario.seed or "seed" in scenario.definition:
        return activation
    return replace(activation, overrides={**activation.overrides, "seed": scenario.seed})


def _is_expired(active: ActiveScenario, clock: Clock, now_text: str) -> bool:
    until = active.scenario.until
    if until is None:
        return False
    if isinstance(until, str):
        return now_text >= until
    return clock.seconds() >= active.activation.activated_at + until
