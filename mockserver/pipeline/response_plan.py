"""What one request is to be answered with: its `Prefer` header (RFC 7240), else the scenarios that are on."""

import random
import re
from collections.abc import Collection, Iterable
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
    """How one request is to be answered, where it is not simply by what the records say."""

    status: int | None = None
    """A documented status."""
    example: str | None = None
    """The name of a documented example."""
    data: str | None = None
    """A shape of the data, see `data_variants.SHAPES`."""
    delay: float | None = None
    """Seconds to wait before the answer is made; `None` where nothing says."""
    fault: str | None = None
    """What the wire is to do to the answer, see `faults.FAULTS`."""
    token_features: TokenFeatures | None = None
    """What the token may do, whatever it may otherwise; `None` where nothing says."""
    scenarios: tuple[ActiveScenario, ...] = ()
    """The scenarios that this request sees, where those are not the ones that the next sees too."""
    contributors: frozenset[str] = frozenset()
    """The scenarios that had a say."""
    reason: str = ""
    """What chose any of these; empty where the records do."""
    chosen_by: str | None = None
    """The scenario that chose any of them."""
    preferences_applied: tuple[str, ...] = ()
    """The preferences that were met, as `Preference-Applied` says them."""

    @property
    def counted_scenarios(self) -> frozenset[str]:
        """The scenarios for whose counts this answer matters: not those that were preferred."""
        return self.contributors - {on.scenario.name for on in self.scenarios if on.request_scoped}

    @property
    def explanation(self) -> Explanation:
        """Itself, as the reasons of an answer."""
        return Explanation(self.reason, self.chosen_by)


DEFAULT_PLAN = ResponsePlan()


def matchable_request(request: Request, match: Match) -> MatchableRequest:
    """Return the parts of a request to an operation that scenarios look at."""
    return MatchableRequest(match.served.operation.id, match.variables, request.query, request.headers)


def plan_response(request: Request, match: Match, world: Snapshot, max_delay: float) -> ResponsePlan:
    """What a request is to be answered with.

    Raises `PreferenceNotMet`, which lists what could be preferred, for a documented preference that cannot be met.
    """
    header = request.headers.get("prefer")
    if not header and not world.scenarios:
        return DEFAULT_PLAN
    matchable = matchable_request(request, match)
    wish = _plan_preferences(parse_prefer(text_of(header)), match.served, world, max_delay) if header else DEFAULT_PLAN
    others = [on for on in world.scenarios if on.scenario.name not in {each.scenario.name for each in wish.scenarios}]
    fitting = [on for on in (*wish.scenarios, *reversed(others)) if on.matches(matchable) and on.applies_now()]
    wish = _apply_scenarios(wish, fitting, max_delay)
    if wish.scenarios or any(on.scenario.records and on.advanced(True) is None for on in fitting):
        wish = replace(wish, scenarios=(*others, *wish.scenarios))  # what goes off by itself now still holds for this one
    return _credit_overrides(wish, [*others, *wish.scenarios], match.served)


def _plan_preferences(
    preferences: dict[str, tuple[str, str]], served: ServedOperation, world: Snapshot, max_delay: float
) -> ResponsePlan:
    wish = DEFAULT_PLAN
    for name, (written, value) in preferences.items():
        if name in STATUS_PREFERENCES and wish.status is None:
            wish = replace(wish, status=_status(written, value, served))
        elif name == "example":
            wish = replace(wish, example=_require_one_of(written, value, "examples", served.operation.examples, served))
        elif name == "data":
            wish = replace(wish, data=_require_one_of(written, value, "shapes", VARIANTS, served))
        elif name == "scenario":
            wish = replace(wish, scenarios=(world.request_scoped(_scenario(written, value, served, world)),))
        elif name == "delay":
            wish = replace(wish, delay=_delay(value, max_delay))
        else:
            continue
        wish = replace(wish, preferences_applied=(*wish.preferences_applied, ascii_text(f"{written}={value}")))
    return replace(wish, reason=f"Prefer: {', '.join(wish.preferences_applied)}") if wish.preferences_applied else wish


def _apply_scenarios(wish: ResponsePlan, speaking: Iterable[ActiveScenario], max_delay: float) -> ResponsePlan:
    """What the preferences leave open is filled by the scenarios that speak, the latest first."""
    for on in speaking:
        scenario, doing = on.scenario, on.scenario.response_at(on.activation.times_applied)
        says_answer = wish.status is None and wish.example is None
        told = replace(
            wish,
            status=doing.status if says_answer else wish.status,
            example=doing.example if says_answer else wish.example,
            data=wish.data or doing.data,
            fault=wish.fault or doing.fault,
            token_features=scenario.token_features if wish.token_features is None else wish.token_features,
            delay=min(random.uniform(*doing.delay), max_delay) if wish.delay is None and doing.delay else wish.delay,  # noqa: S311
        )
        if told != wish or scenario.records:
            wish = _credit(told, on)
    return wish


def _credit_overrides(wish: ResponsePlan, scenarios: Iterable[ActiveScenario], served: ServedOperation) -> ResponsePlan:
    """A cause has its say in every operation that shows its records, and not only in those that it names."""
    for on in scenarios if wish.status is None or 200 <= wish.status < 300 else ():
        cause, api, name = on.scenario.records, *served.collection.partition("/")[::2]
        if name in cause and on.scenario.api == api and on.scenario.name not in wish.contributors:
            wish = _credit(wish, on)
    return wish


def _credit(wish: ResponsePlan, on: ActiveScenario) -> ResponsePlan:
    why = ", ".join(filter(None, [wish.reason, f"scenario {on.label}"]))
    name = on.scenario.name
    return replace(wish, reason=why, chosen_by=wish.chosen_by or name, contributors=wish.contributors | {name})


def _status(written: str, value: str, served: ServedOperation) -> int:
    return int(
        _require_one_of(written, value, "documented", {str(status): status for status in served.operation.statuses}, served)
    )


def _require_one_of(written: str, value: str, kind: str, possible: Collection[str], served: ServedOperation) -> str:
    """The name that a value means: as it stands, or percent-encoded."""
    name = value if value in possible else decoded(value)
    if name not in possible:
        listed = [int(each) if each.isdecimal() else each for each in possible]
        raise _not_met(f"{written}={value}", kind, listed, served)
    return name


def _scenario(written: str, value: str, served: ServedOperation, world: Snapshot) -> str:
    # One look moves no record on for the next, so a progression has nothing to say for one request.
    known = {name: each for name, each in world.contract.scenarios.items() if each.progression is None}
    speaking = {name for name, each in known.items() if served.operation.id in each.operations or each.records}
    return _require_one_of(written, value, "scenarios", sorted(speaking), served)


def _delay(value: str, max_delay: float) -> float:
    if not _NUMBER.fullmatch(value) or float(value) > max_delay:
        raise PreferenceNotMet(f"delay={value}: expected seconds, a number from 0 to {max_delay:g}", {"most": max_delay})
    return float(value)


def _not_met(preference: str, kind: str, possible: list[Any], served: ServedOperation) -> PreferenceNotMet:
    listed = ", ".join(map(str, possible)) or "none"
    return PreferenceNotMet(f"{preference}: {served.operation.name} has {listed}", {"preference": preference, kind: possible})
