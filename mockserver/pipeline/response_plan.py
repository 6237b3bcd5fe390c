"""The plan for one response, merged from partial plans.

Each source gives a partial plan: the `Prefer` header (RFC 7240), the scenario that it prefers, and
the active scenarios, the newest first. Each property is taken from the first source that sets it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from mockserver.contract.model import ServedOperation
from mockserver.contract.routes import Match
from mockserver.contract.scenarios.scenario import MatchableRequest
from mockserver.contract.scenarios.undocumented import UndocumentedResponse
from mockserver.contract.tokens import TokenFeatures
from mockserver.pipeline.messages import Request
from mockserver.pipeline.preferences import Preferences, parse_preferences
from mockserver.sandbox.active_scenarios import ActiveScenario
from mockserver.sandbox.journal import Explanation
from mockserver.sandbox.snapshot import Snapshot

NO_PREFERENCES = Preferences({}, ())


@dataclass(frozen=True, slots=True)
class ResponsePlan:
    """The properties of one response that a preference or a scenario sets."""

    status: int | None = None
    """A documented status."""
    example: str | None = None
    """The name of a documented example."""
    data: str | int | None = None
    """A data variant: a name in `list_lengths.DATA_NAMES`, or the number of records in a list."""
    delay: float | None = None
    """Seconds to wait before the response is built; `None` if nothing sets a delay."""
    fault: str | None = None
    """A network fault: a name in `faults.FAULTS`."""
    undocumented: UndocumentedResponse | None = None
    """The response to return instead of a documented one."""
    token_features: TokenFeatures | None = None
    """The features that replace those of the token; `None` to keep those of the token."""
    scenarios: tuple[ActiveScenario, ...] = ()
    """Scenarios for this request only; empty for the active scenarios of the sandbox."""
    contributors: frozenset[str] = frozenset()
    """The names of the scenarios that set something."""
    reason: str = ""
    """Which preferences and scenarios set something; empty for none."""
    chosen_by: str | None = None
    """The first scenario that set something."""
    preferences_applied: tuple[str, ...] = ()
    """The preferences that were applied, as in the header `Preference-Applied`."""

    @property
    def counted_scenarios(self) -> frozenset[str]:
        """The contributors whose counts include this response: all except preferred scenarios."""
        preferred = {active.scenario.name for active in self.scenarios if active.request_scoped}
        return self.contributors - preferred

    @property
    def explanation(self) -> Explanation:
        """The explanation of a response that follows this plan."""
        return Explanation(self.reason, self.chosen_by)


DEFAULT_PLAN = ResponsePlan()
"""The plan that sets nothing. Only the records decide."""


class PartialPlan(NamedTuple):
    """The properties that one source sets."""

    reason: str
    """The source, as the journal shows it."""
    values: Mapping[str, Any]
    """The set properties, by their names in `ResponsePlan`.

    Status, example and undocumented response are one property, `response`, so that one source sets
    all of them.
    """
    scenario: str | None = None
    """The name of the scenario; `None` for the `Prefer` header."""
    always_contributes: bool = False
    """Whether the source contributes even if other sources set all of its properties."""


def matchable_request(request: Request, match: Match) -> MatchableRequest:
    """Return the parts of a request that scenarios are matched with."""
    operation_id = match.served.operation.id
    return MatchableRequest(operation_id, match.variables, request.query, request.headers)


def plan_response(
    request: Request, match: Match, snapshot: Snapshot, max_delay: float
) -> ResponsePlan:
    """Return the plan for one request. `max_delay` is in seconds.

    Raises:
        PreferenceNotMet: a documented preference has an invalid value. It lists the valid ones.
    """
    header = request.headers.get("prefer")
    if not header and not snapshot.scenarios:
        return DEFAULT_PLAN
    preferences = NO_PREFERENCES
    if header:
        preferences = parse_preferences(header, match.served, snapshot.contract, max_delay)
    preferred_name = preferences.values.get("scenario")
    scenarios = _by_activation(snapshot, preferred_name)

    applicable = _applicable(reversed(scenarios), matchable_request(request, match))
    partials = []
    if preferences.applied:
        partials.append(_preferred_plan(preferences))
    for active in applicable:
        partials.append(_partial_plan(active, max_delay))
    values, contributors = _merge(partials)
    status, example, undocumented = values.pop("response", (None, None, None))
    shows_records = status is None or 200 <= status < 300
    if shows_records and undocumented is None:
        contributors += _record_overrides(scenarios, contributors, match.served)
    if not preferred_name and not any(map(_expires_with_overrides, applicable)):
        scenarios = ()
    if not contributors and not scenarios:
        return DEFAULT_PLAN
    names = [partial.scenario for partial in contributors if partial.scenario]
    return ResponsePlan(
        status,
        example,
        undocumented=undocumented,
        scenarios=scenarios,
        contributors=frozenset(names),
        reason=", ".join(partial.reason for partial in contributors),
        chosen_by=next(iter(names), None),
        preferences_applied=preferences.applied,
        **values,
    )


def _by_activation(snapshot: Snapshot, preferred_name: str | None) -> tuple[ActiveScenario, ...]:
    """Return the active scenarios, the newest last; the preferred one is the newest."""
    if preferred_name is None:
        return snapshot.scenarios
    scenarios = []
    for active in snapshot.scenarios:
        if active.scenario.name != preferred_name:
            scenarios.append(active)
    return (*scenarios, snapshot.request_scoped(preferred_name))


def _applicable(
    scenarios: Iterable[ActiveScenario], request: MatchableRequest
) -> list[ActiveScenario]:
    return [active for active in scenarios if active.matches(request) and active.applies_now()]


def _merge(partials: Iterable[PartialPlan]) -> tuple[dict[str, Any], list[PartialPlan]]:
    """Return each property from the first partial plan that sets it, and the contributing plans."""
    values: dict[str, Any] = {}
    contributors = []
    for partial in partials:
        contributes = partial.always_contributes
        for name, value in partial.values.items():
            if name not in values:
                values[name] = value
                contributes = True
        if contributes:
            contributors.append(partial)
    return values, contributors


def _expires_with_overrides(active: ActiveScenario) -> bool:
    """Return whether a scenario overrides records and ends with this request.

    It still overrides the records of the response, so the response needs it.
    """
    return bool(active.scenario.records) and active.advanced(applied=True) is None


def _preferred_plan(preferences: Preferences) -> PartialPlan:
    """Return the partial plan of a `Prefer` header."""
    values = dict(preferences.values)
    values.pop("scenario", None)
    response = values.pop("status", None), values.pop("example", None), None
    if any(part is not None for part in response):
        values["response"] = response
    reason = f"Prefer: {', '.join(preferences.applied)}"
    return PartialPlan(reason, values, always_contributes=True)


def _partial_plan(active: ActiveScenario, max_delay: float) -> PartialPlan:
    """Return the partial plan of a scenario that applies to the request."""
    scenario = active.scenario
    override = scenario.response_at(active.activation.times_applied)
    values: dict[str, Any] = {}
    response = override.status, override.example, override.undocumented
    if any(part is not None for part in response):
        values["response"] = response
    if override.data is not None:
        values["data"] = override.data
    if override.fault:
        values["fault"] = override.fault
    delay = scenario.delay_of(override, active.activation.matched_requests)
    if delay is not None:
        values["delay"] = min(delay, max_delay)
    if scenario.token_features is not None:
        values["token_features"] = scenario.token_features
    overrides_records = bool(scenario.records)
    return PartialPlan(_reason(active), values, scenario.name, overrides_records)


def _record_overrides(
    scenarios: Iterable[ActiveScenario],
    contributors: Iterable[PartialPlan],
    served: ServedOperation,
) -> Iterator[PartialPlan]:
    """Yield a partial plan for each further scenario that overrides records of the operation.

    Overrides affect every operation that shows the records, not only the scenario's operations.
    """
    names = [partial.scenario for partial in contributors]
    api, _, collection = served.collection.partition("/")
    for active in scenarios:
        scenario = active.scenario
        if scenario.api == api and collection in scenario.records and scenario.name not in names:
            yield PartialPlan(_reason(active), {}, scenario.name)


def _reason(active: ActiveScenario) -> str:
    return f"scenario {active.label}"
