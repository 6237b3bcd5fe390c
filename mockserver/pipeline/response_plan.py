"""The plan for one response: from the `Prefer` header (RFC 7240), then from the active scenarios."""

import random
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mockserver.contract.model import ServedOperation
from mockserver.contract.routes import Match
from mockserver.contract.scenarios.data_variants import VARIANTS
from mockserver.contract.scenarios.scenario import MatchableRequest
from mockserver.contract.tokens import TokenFeatures
from mockserver.errors import PreferenceNotMet
from mockserver.formats.header_text import ascii_text, decoded, text_of
from mockserver.formats.prefer import parse_prefer
from mockserver.pipeline.messages import Request
from mockserver.sandbox.active_scenarios import ActiveScenario
from mockserver.sandbox.journal import Explanation
from mockserver.sandbox.snapshot import Snapshot

_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
STATUS_PREFERENCES = ("code", "status", "statuscode")
"""The spellings of the preference for a documented status."""


@dataclass(frozen=True, slots=True)
class ResponsePlan:
    """The properties of one response that a preference or a scenario sets."""

    status: int | None = None
    """A documented status."""
    example: str | None = None
    """The name of a documented example."""
    data: str | None = None
    """A data variant: a name in `data_variants.VARIANTS`."""
    delay: float | None = None
    """Seconds to wait before the response is built; `None` if nothing sets a delay."""
    fault: str | None = None
    """A network fault: a name in `faults.FAULTS`."""
    token_features: TokenFeatures | None = None
    """The features that replace those of the token; `None` to keep the token's own."""
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


def matchable_request(request: Request, match: Match) -> MatchableRequest:
    """Return the parts of a request that scenarios are matched with."""
    operation_id = match.served.operation.id
    return MatchableRequest(operation_id, match.variables, request.query, request.headers)


def plan_response(
    request: Request, match: Match, snapshot: Snapshot, max_delay: float
) -> ResponsePlan:
    """Return the plan for one request. `max_delay` is in seconds.

    Preferences win over scenarios. Among scenarios, the preferred one wins, then the one that was
    activated last.

    Raises:
        PreferenceNotMet: a documented preference has an invalid value. It lists the valid ones.
    """
    header = request.headers.get("prefer")
    if not header and not snapshot.scenarios:
        return DEFAULT_PLAN
    plan = DEFAULT_PLAN
    if header:
        plan = _plan_preferences(parse_prefer(text_of(header)), match.served, snapshot, max_delay)
    preferred = {active.scenario.name for active in plan.scenarios}
    others = [active for active in snapshot.scenarios if active.scenario.name not in preferred]
    applicable = _applicable(
        (*plan.scenarios, *reversed(others)), matchable_request(request, match)
    )
    plan = _apply_scenarios(plan, applicable, max_delay)
    if plan.scenarios or any(map(_expires_with_overrides, applicable)):
        # A scenario that ends with this request still overrides the records of its response.
        plan = replace(plan, scenarios=(*others, *plan.scenarios))
    return _credit_overrides(plan, (*others, *plan.scenarios), match.served)


def _applicable(
    scenarios: Iterable[ActiveScenario], request: MatchableRequest
) -> list[ActiveScenario]:
    return [active for active in scenarios if active.matches(request) and active.applies_now()]


def _expires_with_overrides(active: ActiveScenario) -> bool:
    """Return whether a scenario overrides records and ends with this request."""
    return bool(active.scenario.records) and active.advanced(applied=True) is None


def _plan_preferences(
    preferences: dict[str, tuple[str, str]],
    served: ServedOperation,
    snapshot: Snapshot,
    max_delay: float,
) -> ResponsePlan:
    """Return the plan of a parsed `Prefer` header. Unknown preferences are ignored (RFC 7240)."""
    plan = DEFAULT_PLAN
    for name, (spelling, value) in preferences.items():
        if name in STATUS_PREFERENCES and plan.status is None:
            plan = replace(plan, status=_status(spelling, value, served))
        elif name == "example":
            examples = served.operation.examples
            plan = replace(
                plan, example=_require_one_of(spelling, value, "examples", examples, served)
            )
        elif name == "data":
            plan = replace(
                plan, data=_require_one_of(spelling, value, "variants", VARIANTS, served)
            )
        elif name == "scenario":
            scenario = snapshot.request_scoped(_scenario(spelling, value, served, snapshot))
            plan = replace(plan, scenarios=(scenario,))
        elif name == "delay":
            plan = replace(plan, delay=_delay(value, max_delay))
        else:
            continue
        applied = ascii_text(f"{spelling}={value}")
        plan = replace(plan, preferences_applied=(*plan.preferences_applied, applied))
    if not plan.preferences_applied:
        return plan
    return replace(plan, reason=f"Prefer: {', '.join(plan.preferences_applied)}")


def _apply_scenarios(
    plan: ResponsePlan, applicable: Iterable[ActiveScenario], max_delay: float
) -> ResponsePlan:
    """Return the plan with unset properties taken from the first scenario that sets them."""
    for active in applicable:
        merged = _merged(plan, active, max_delay)
        if merged != plan or active.scenario.records:
            plan = _credit(merged, active)
    return plan


def _merged(plan: ResponsePlan, active: ActiveScenario, max_delay: float) -> ResponsePlan:
    scenario = active.scenario
    override = scenario.response_at(active.activation.times_applied)
    status, example, delay = plan.status, plan.example, plan.delay
    if status is None and example is None:
        status, example = override.status, override.example
    if delay is None and override.delay:
        delay = min(random.uniform(*override.delay), max_delay)  # noqa: S311
    token_features = plan.token_features
    if token_features is None:
        token_features = scenario.token_features
    return replace(
        plan,
        status=status,
        example=example,
        data=plan.data or override.data,
        fault=plan.fault or override.fault,
        token_features=token_features,
        delay=delay,
    )


def _credit_overrides(
    plan: ResponsePlan, scenarios: Sequence[ActiveScenario], served: ServedOperation
) -> ResponsePlan:
    """Return the plan with the scenarios that override records of the operation as contributors.

    Overrides affect every operation that shows the records, not only the scenario's operations.
    """
    if plan.status is not None and not 200 <= plan.status < 300:
        return plan
    api, _, collection = served.collection.partition("/")
    for active in scenarios:
        scenario = active.scenario
        is_overridden = scenario.api == api and collection in scenario.records
        if is_overridden and scenario.name not in plan.contributors:
            plan = _credit(plan, active)
    return plan


def _credit(plan: ResponsePlan, active: ActiveScenario) -> ResponsePlan:
    name = active.scenario.name
    reasons = [plan.reason, f"scenario {active.label}"]
    return replace(
        plan,
        reason=", ".join(filter(None, reasons)),
        chosen_by=plan.chosen_by or name,
        contributors=plan.contributors | {name},
    )


def _status(spelling: str, value: str, served: ServedOperation) -> int:
    statuses = [str(status) for status in served.operation.statuses]
    return int(_require_one_of(spelling, value, "documented", statuses, served))


def _require_one_of(
    spelling: str, value: str, kind: str, valid: Collection[str], served: ServedOperation
) -> str:
    """Return the valid name that a preference has, as sent or percent-encoded.

    Raises:
        PreferenceNotMet: the value is invalid. The problem lists the valid names in the member `kind`.
    """
    name = value if value in valid else decoded(value)
    if name not in valid:
        listed = [int(each) if each.isdecimal() else each for each in valid]
        raise _not_met(f"{spelling}={value}", kind, listed, served)
    return name


def _scenario(spelling: str, value: str, served: ServedOperation, snapshot: Snapshot) -> str:
    names = []
    for name, scenario in snapshot.contract.scenarios.items():
        if scenario.progression is not None:
            continue  # a progression affects later requests, so one request cannot prefer it
        if served.operation.id in scenario.operations or scenario.records:
            names.append(name)
    return _require_one_of(spelling, value, "scenarios", sorted(names), served)


def _delay(value: str, max_delay: float) -> float:
    if not _NUMBER.fullmatch(value) or float(value) > max_delay:
        detail = f"delay={value}: expected a number of seconds from 0 to {max_delay:g}"
        raise PreferenceNotMet(detail, {"maximum": max_delay})
    return float(value)


def _not_met(
    preference: str, kind: str, valid: list[Any], served: ServedOperation
) -> PreferenceNotMet:
    listed = ", ".join(map(str, valid)) or "none"
    detail = f"{preference}: unknown for {served.operation.name}; expected one of {listed}"
    return PreferenceNotMet(detail, {"preference": preference, kind: valid})
