"""Run the operation of a request, in the sandbox's store or on its current snapshot."""

from collections.abc import Callable

from mockserver.contract.coverage.observers import NO_BODY
from mockserver.contract.model import ServedOperation
from mockserver.contract.negotiation import MediaTypes, Negotiation
from mockserver.errors import RequestBreaksContract
from mockserver.pipeline.coverage import OperationCoverage
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.invalid_bodies import invalid_body_status, plan_invalid_body
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.responder import (
    ExplainedResponse,
    Observe,
    build_response,
    observe_nothing,
)
from mockserver.pipeline.response_plan import DEFAULT_PLAN, ResponsePlan
from mockserver.sandbox.sandboxes import Sandboxes
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import SandboxState

_Build = Callable[[Snapshot], tuple[SandboxState, ExplainedResponse]]


def run_operation(
    exchange: Exchange,
    served: ServedOperation,
    plan: ResponsePlan,
    sandboxes: Sandboxes,
    on_violation: str,
) -> Response:
    """Run the operation, return its response, and note the explanation in the exchange.

    If no response could show the written record because of the body, the response is the documented
    one for an invalid body. `on_violation` is `refuse` or `warn`.

    Raises:
        Problem: see `build_response`.
    """
    try:
        return _run(exchange, served, plan, sandboxes, on_violation)
    except RequestBreaksContract as problem:
        status = invalid_body_status(served, problem)
        exchange.note_violations(problem)
        invalid = plan_invalid_body(plan, status)
        return _run(exchange, served, invalid, sandboxes, on_violation)


def _run(
    exchange: Exchange,
    served: ServedOperation,
    plan: ResponsePlan,
    sandboxes: Sandboxes,
    on_violation: str,
) -> Response:
    """Run the operation as planned.

    An operation that writes is one change of the sandbox. A read uses the current snapshot.
    """
    request, arguments, body = exchange.request, exchange.arguments, exchange.body
    observe, media, negotiation = _observation(exchange), served.media, None
    is_head = request.method == "HEAD"
    if media.by_accept or media.by_request:
        negotiation = _negotiation(media, request)

    def build(current: Snapshot) -> tuple[SandboxState, ExplainedResponse]:
        exchange.check_contract(current)
        planned = current.with_scenarios_for_request(plan.scenarios)
        if is_head and planned.advances_on_read:
            # A HEAD response does not show the record, so it must not advance it.
            planned = planned.without_polling()
        return build_response(
            planned, served, plan, arguments, body, on_violation, negotiation, observe
        )

    snapshot = exchange.snapshot or sandboxes.snapshot(exchange.sandbox)
    exchange.test = snapshot.state.test
    polls = snapshot.advances_on_read and served.effect.kind == "retrieve" and not is_head
    if served.effect.writes or polls:
        explained = sandboxes.change(exchange.sandbox, build)
    else:
        key_plan = None
        if plan is not DEFAULT_PLAN:
            key_plan = plan
        # One path has several operations. After a reload, an operation of the former contract has
        # another `id`.
        key = (id(served), request.path, request.segments, request.query, negotiation, key_plan)
        explained = snapshot.cached_response(key) or _build_and_cache(snapshot, key, build)
        is_default = key_plan is None and not explained.response.violations
        if is_default and snapshot.contract.owns(served):
            exchange.repeatable_in = snapshot
    exchange.covered = explained.covered
    if exchange.coverage and (body is not None or plan is not DEFAULT_PLAN or is_head):
        exchange.covered = _covered_items(exchange, exchange.coverage, plan, explained, observe)
    exchange.explanation = explained.explanation
    exchange.notes += explained.notes
    return explained.response


def _observation(exchange: Exchange) -> Observe:
    """Return what finds the items of an exchange, without the body of its request."""
    if exchange.coverage is None:
        return observe_nothing
    if exchange.violations:  # an invalid request covers nothing, its documented response does
        return exchange.coverage.response_items
    return exchange.coverage.exchange_items


def _covered_items(
    exchange: Exchange,
    coverage: OperationCoverage,
    plan: ResponsePlan,
    explained: ExplainedResponse,
    observe: Observe,
) -> int:
    """Return the items of an exchange that may differ from those of its explained response."""
    covered = explained.covered
    if covered and exchange.request.method == "HEAD":
        covered = observe(exchange.arguments, explained.response, NO_BODY, None)
    if covered and exchange.body is not None and not exchange.violations:
        covered |= coverage.request_items(exchange.arguments, exchange.body)
    if plan is not DEFAULT_PLAN:
        covered |= coverage.of_contract.scenarios(plan)
    return covered


def _negotiation(media: MediaTypes, request: Request) -> Negotiation:
    content_type, accept = request.headers.get("content-type"), request.headers.get("accept")
    return media.negotiation(content_type, accept, has_body=bool(request.body))


def _build_and_cache(snapshot: Snapshot, key: object, build: _Build) -> ExplainedResponse:
    _, explained = build(snapshot)
    if not explained.response.violations:
        snapshot.cache_response(key, explained)
    return explained
