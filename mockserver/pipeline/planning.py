"""Plan the response to an exchange, and count the request for scenarios that depend on counts."""

from mockserver.contract.model import ServedOperation
from mockserver.contract.routes import Match
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.messages import Request
from mockserver.pipeline.response_plan import (
    DEFAULT_PLAN,
    ResponsePlan,
    matchable_request,
    plan_response,
)
from mockserver.pipeline.validation import check_token
from mockserver.sandbox.sandboxes import Sandboxes
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import SandboxState

MAX_IMMEDIATE_RECORDS = 1000
"""The maximum number of records in a collection whose list is built on an event loop."""


def is_slow(request: Request, served: ServedOperation, snapshot: Snapshot) -> bool:
    """Return whether the response to a read may take too long for an event loop."""
    if served.effect.kind != "list":
        return False
    if snapshot.scenarios or request.headers.get("prefer"):
        return True  # they can make a list of any length
    return len(snapshot.contract.collections.get(served.collection, ())) > MAX_IMMEDIATE_RECORDS


def plan_exchange(
    exchange: Exchange,
    match: Match,
    snapshot: Snapshot | None,
    sandboxes: Sandboxes,
    max_delay: float,
) -> ResponsePlan:
    """Return the plan for the response, and note its explanation in the exchange.

    `snapshot` is the current one; `None` if it was not read yet. `max_delay` is in seconds.

    Raises:
        PreferenceNotMet: a preference has an invalid value.
        AccessTokenExpired, FeatureMissing: a scenario replaces the features of the token.
    """
    if snapshot is None:
        snapshot = sandboxes.snapshot(exchange.sandbox)
    if snapshot.scenarios:
        plan = _plan_and_count(exchange, match, snapshot, sandboxes, max_delay)
    else:
        plan = plan_response(exchange.request, match, snapshot, max_delay)
    if plan is not DEFAULT_PLAN:
        exchange.explanation = plan.explanation
    if plan.token_features is not None and match.served.access_token:
        if exchange.coverage:
            # The problem of such a token is what the scenario is for.
            exchange.covered = exchange.coverage.of_contract.scenarios(plan)
            exchange.test = snapshot.state.test
        check_token(match.served, plan.token_features)
    return plan


def _plan_and_count(
    exchange: Exchange,
    match: Match,
    snapshot: Snapshot,
    sandboxes: Sandboxes,
    max_delay: float,
) -> ResponsePlan:
    """Return the plan, and count the request for the scenarios that depend on counts.

    Planning and counting are one change of the sandbox, so that two requests never get the same
    count.
    """
    request = exchange.request
    matchable = matchable_request(request, match)
    if not snapshot.counters_for(matchable):
        return plan_response(request, match, snapshot, max_delay)

    def plan_and_count(current: Snapshot) -> tuple[SandboxState, ResponsePlan]:
        exchange.check_contract(current)
        plan = plan_response(request, match, current, max_delay)
        return current.after_request(matchable, plan.counted_scenarios), plan

    return sandboxes.change(exchange.sandbox, plan_and_count)
