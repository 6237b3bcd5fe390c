"""From what is to be answered to the response: its status, its body, and whether they keep the contract."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import orjson

from mockserver.contract.examples import example
from mockserver.contract.model import ServedOperation
from mockserver.contract.negotiation import Negotiation, Representation, represent, success
from mockserver.contract.scenarios.data_variants import VARIANTS, VariantContext
from mockserver.contract.scenarios.faults import FAULTS
from mockserver.errors import PreferenceNotMet, Problem
from mockserver.formats.documented_headers import TOTAL_COUNT_HEADERS
from mockserver.formats.header_text import wsgi_text
from mockserver.pipeline.effects import EFFECTS, EffectResult
from mockserver.pipeline.messages import Response
from mockserver.pipeline.response_plan import ResponsePlan
from mockserver.pipeline.validation import check_response
from mockserver.sandbox.journal import Explanation
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import SandboxState
from mockserver.spec.description import Payload, charset
from mockserver.spec.locations import Headers


@dataclass(frozen=True, slots=True)
class ExplainedResponse:
    """A response, and why it is that."""

    response: Response
    explanation: Explanation
    notes: tuple[str, ...] = ()
    """What the journal notes of it."""


def build_response(
    world: Snapshot,
    served: ServedOperation,
    arguments: Mapping[str, Any],
    wish: ResponsePlan,
    on_violation: str,
    negotiation: Negotiation | None = None,
) -> tuple[SandboxState, ExplainedResponse]:
    """The answer, validated, and the state that the sandbox has after it.

    Raises `PreferenceNotMet`, `NotInCollection` or `ResponseBreaksContract`; the state is then as it was.
    """
    applied = (("Preference-Applied", ", ".join(wish.preferences_applied)),) if wish.preferences_applied else ()
    if wish.fault and not FAULTS[wish.fault].runs_operation:
        broken = Response(FAULTS[wish.fault].status or 500, applied, fault=wish.fault)
        return world.state, ExplainedResponse(broken, Explanation(wish.reason, wish.chosen_by))
    outcome = _run_effect(world, served, arguments, wish, negotiation)
    chosen = represent(served.operation, outcome.status, negotiation, wish.example)
    payload, body = chosen.response, _body(served, outcome, wish, chosen)
    # A status may have a response that is text, or empty, beside the JSON that its schema is of.
    is_checked = isinstance(body, dict | list) or (payload.is_json and payload.shows_body)
    violations = check_response(served, outcome.status, body, on_violation) if is_checked else ()
    warned = (("X-Mock-Violations", str(len(violations))),) if violations else ()
    varied = (("Vary", "Accept"),) if chosen.several else ()
    headers = _headers(payload, outcome) + varied + applied + warned
    is_example = outcome.content is not None and chosen.several and not payload.is_json
    why = f"the documented example of {payload.content_type}" if is_example else outcome.reason
    reasons = Explanation(wish.reason or why, wish.chosen_by, outcome.transition)
    response = Response(outcome.status, headers, _encode(payload, body), violations, wish.fault)
    return world.state_after(outcome.changes), ExplainedResponse(response, reasons, _notes(chosen, negotiation))


def _notes(chosen: Representation, negotiation: Negotiation | None) -> tuple[str, ...]:
    if chosen.acceptable or negotiation is None:
        return ()
    sent = chosen.response.content_type or "a response without a media type"
    return (f"header/Accept: {negotiation.accept} has no documented media type; {sent} was sent",)


def _run_effect(
    world: Snapshot, served: ServedOperation, arguments: Mapping[str, Any], wish: ResponsePlan, negotiation: Negotiation | None
) -> EffectResult:
    """A forced error changes nothing; a forced success has to be what the operation itself comes to."""
    if wish.example is not None:
        return EffectResult(served.operation.examples[wish.example].status)
    if wish.status is not None and not 200 <= wish.status < 300:
        return EffectResult(wish.status)
    outcome = EFFECTS[served.effect.kind](world, served, arguments)
    if negotiation and served.effect.kind == "example":
        outcome = replace(outcome, status=success(served.operation, negotiation))
    if wish.status is not None and outcome.status != wish.status and served.effect.kind != "example":
        raise PreferenceNotMet(
            f"{served.operation.name} was to answer {wish.status}, but with these records it answers {outcome.status}",
            {"wanted": wish.status, "answers": outcome.status},
        )
    return outcome if wish.status is None else replace(outcome, status=wish.status)


def _body(served: ServedOperation, outcome: EffectResult, wish: ResponsePlan, chosen: Representation) -> Any:
    """Return the body that is sent. The records are shown as JSON; another type has its documented example."""
    documented = chosen.response
    if outcome.content is None or served.envelope is None or (chosen.several and not documented.is_json):
        return example(documented)[0]
    item = served.envelope.item
    content = [item(each) for each in outcome.content] if isinstance(outcome.content, list) else item(outcome.content)
    shaped = VARIANTS[wish.data](content, _variant_context(served, outcome)) if wish.data else content
    return served.envelope.wrap(shaped, outcome.echo)


def _headers(payload: Payload, outcome: EffectResult) -> Headers:
    """The documented headers, with what the records say in place of what the example says."""
    headers = _wsgi_headers(payload.content_type, payload.headers)
    if outcome.location:
        headers = tuple((name, outcome.location if name.lower() == "location" else value) for name, value in headers)
    if outcome.total is not None:
        total = str(outcome.total)
        headers = tuple((name, total if name.lower() in TOTAL_COUNT_HEADERS else value) for name, value in headers)
    return headers


@lru_cache(maxsize=1024)
def _wsgi_headers(content_type: str | None, headers: Headers) -> Headers:
    """The documented headers as WSGI has them."""
    typed = (("Content-Type", content_type),) if content_type else ()
    return tuple((name, wsgi_text(value)) for name, value in (*typed, *headers))


def _variant_context(served: ServedOperation, outcome: EffectResult) -> VariantContext:
    schema = served.envelope.item_schema if served.envelope else {}
    return VariantContext(schema, served.rule.id_field if served.rule else "", outcome.echo.get(served.effect.size) or 0)


def _encode(payload: Payload, body: Any) -> bytes:
    if body is None and payload.body is None:
        return b""
    if isinstance(body, str) and not payload.is_json:
        return body.encode(charset(payload.content_type))
    return orjson.dumps(body)


def problem_response(problem: Problem) -> Response:
    """A problem as the response that says it."""
    return Response(
        problem.status, (("Content-Type", "application/problem+json"), *problem.headers), orjson.dumps(problem.as_json())
    )
