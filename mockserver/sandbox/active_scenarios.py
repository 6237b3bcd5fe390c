"""The scenarios that are on in a sandbox at one moment: each as its overrides make it, and as far as it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mockserver.contract.model import Contract
from mockserver.contract.scenarios.definition import build_scenario
from mockserver.contract.scenarios.scenario import MatchableRequest, Scenario
from mockserver.sandbox.clock import Clock
from mockserver.sandbox.state import Activation


@dataclass(frozen=True, slots=True, eq=False)
class ActiveScenario:
    """One scenario that is on."""

    scenario: Scenario
    activation: Activation
    request_scoped: bool = False
    """Whether it is on for one request alone, which prefers it: then it always speaks."""

    def matches(self, request: MatchableRequest) -> bool:
        """Return whether it is meant for a request."""
        if request.operation_id not in self.scenario.operations:
            return False
        return self.request_scoped or self.scenario.match.matches_request(request)

    def applies_now(self) -> bool:
        """Whether it speaks for the next request that it is meant for."""
        return self.request_scoped or self.scenario.applies_to_nth(self.activation.matched_requests)

    def advanced(self, spoke: bool) -> Activation | None:
        """How far it has come after a request that it was meant for; `None` when it goes off by itself."""
        spoken = self.activation.times_applied + spoke
        if self.scenario.exhausted(spoken):
            return None
        return replace(self.activation, matched_requests=self.activation.matched_requests + 1, times_applied=spoken)

    @property
    def label(self) -> str:
        """Itself, as the reason of an answer: with how often it has spoken, where that matters."""
        name, scenario, number = self.scenario.name, self.scenario, self.activation.times_applied + 1
        if self.request_scoped:
            return name
        if scenario.times:
            return f"{name} ({number} of {scenario.times})"
        return f"{name} (answer {number})" if scenario.is_stateful else name


def active_scenarios(contract: Contract, switched: tuple[Activation, ...], clock: Clock, now: str) -> tuple[ActiveScenario, ...]:
    """Those of the scenarios switched on that the contract has and whose time is not over."""
    known = (each for each in switched if each.name in contract.scenarios)
    found = (ActiveScenario(with_overrides(contract.scenarios[each.name], each.overrides), each) for each in known)
    return tuple(on for on in found if not _is_over(on, clock, now))


def with_overrides(scenario: Scenario, overrides: Mapping[str, object]) -> Scenario:
    """The scenario with some members of its definition replaced."""
    if not overrides:
        return scenario
    definition = {"seed": scenario.seed, **scenario.definition, **overrides}
    return replace(
        build_scenario(scenario.name, scenario.api, definition, scenario.position),
        definition={**scenario.definition, **overrides},
    )


def portable(contract: Contract, switched: Activation) -> Activation:
    """The scenario as another server is to have it: with the seed that it draws by, where that is this server's own."""
    scenario = with_overrides(contract.scenarios[switched.name], switched.overrides)
    if scenario.probability == 1 or not scenario.seed or "seed" in scenario.definition:
        return switched
    return replace(switched, overrides={**switched.overrides, "seed": scenario.seed})


def _is_over(on: ActiveScenario, clock: Clock, now: str) -> bool:
    until = on.scenario.until
    if until is None:
        return False
    return now >= until if isinstance(until, str) else clock.seconds() >= on.activation.activated_at + until
