"""The scenarios that are on in a sandbox at one moment: each as its overrides make it, and as far as it has come."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mockserver.contract.model import Contract
from mockserver.contract.scenarios.definition import made
from mockserver.contract.scenarios.scenario import MatchableRequest, Scenario
from mockserver.sandbox.clock import Clock
from mockserver.sandbox.state import Switched


@dataclass(frozen=True, slots=True, eq=False)
class On:
    """One scenario that is on."""

    scenario: Scenario
    switched: Switched
    for_one: bool = False
    """Whether it is on for one request alone, which prefers it: then it always speaks."""

    def fits(self, request: MatchableRequest) -> bool:
        """Return whether it is meant for a request."""
        if request.operation_id not in self.scenario.operations:
            return False
        return self.for_one or self.scenario.matching.fits(request)

    def speaks(self) -> bool:
        """Whether it speaks for the next request that it is meant for."""
        return self.for_one or self.scenario.speaks(self.switched.matched)

    def after(self, spoke: bool) -> Switched | None:
        """How far it has come after a request that it was meant for; `None` when it goes off by itself."""
        spoken = self.switched.spoken + spoke
        if self.scenario.is_spent(spoken):
            return None
        return replace(self.switched, matched=self.switched.matched + 1, spoken=spoken)

    @property
    def told(self) -> str:
        """Itself, as the reason of an answer: with how often it has spoken, where that matters."""
        name, scenario, number = self.scenario.name, self.scenario, self.switched.spoken + 1
        if self.for_one:
            return name
        if scenario.times:
            return f"{name} ({number} of {scenario.times})"
        return f"{name} (answer {number})" if scenario.counts else name


def all_on(contract: Contract, switched: tuple[Switched, ...], clock: Clock, now: str) -> tuple[On, ...]:
    """Those of the scenarios switched on that the contract has and whose time is not over."""
    known = (each for each in switched if each.name in contract.scenarios)
    found = (On(overridden(contract.scenarios[each.name], each.overrides), each) for each in known)
    return tuple(on for on in found if not _is_over(on, clock, now))


def overridden(scenario: Scenario, overrides: Mapping[str, object]) -> Scenario:
    """The scenario with some members of its definition replaced."""
    if not overrides:
        return scenario
    definition = {"seed": scenario.seed, **scenario.definition, **overrides}
    return replace(made(scenario.name, scenario.api, definition, scenario.at), definition={**scenario.definition, **overrides})


def carried(contract: Contract, switched: Switched) -> Switched:
    """The scenario as another server is to have it: with the seed that it draws by, where that is this server's own."""
    scenario = overridden(contract.scenarios[switched.name], switched.overrides)
    if scenario.probability == 1 or not scenario.seed or "seed" in scenario.definition:
        return switched
    return replace(switched, overrides={**switched.overrides, "seed": scenario.seed})


def _is_over(on: On, clock: Clock, now: str) -> bool:
    until = on.scenario.until
    if until is None:
        return False
    return now >= until if isinstance(until, str) else clock.seconds() >= on.switched.since + until
