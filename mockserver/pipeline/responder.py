"""From what is to be answered to the response: its status, its body, and whether they keep the contract."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import orjson

from mockserver.contract.examples import example
from mockserver.contract.model import Served
from mockserver.contract.negotiation import Negotiation, Representation, represent, success
from mockserver.contract.scenarios.data_variants import SHAPES, Frame
from mockserver.contract.scenarios.faults import FAULTS
from mockserver.errors import PreferenceNotMet, Problem
from mockserver.formats.documented_headers import TOTAL_COUNT_HEADERS
from mockserver.formats.header_text import wsgi_text
from mockserver.pipeline.effects import EFFECTS, Outcome
from mockserver.pipeline.messages import Response
from mockserver.pipeline.response_plan import Wish
from mockserver.pipeline.validation import check_response
from mockserver.sandbox.journal import Reasons
from mockserver.sandbox.snapshot import World
from mockserver.sandbox.state import State
from mockserver.spec.description import Payload, charset
from mockserver.spec.locations import Headers


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, and why it is that."""

    response: Response
    reasons: Reasons
    remarks: tuple[str, ...] = ()
    """What the journal notes of it."""


def respond(
    world: World,
    served: Served,
    arguments: Mapping[str, Any],
    wish: Wish,
    on_violation: str,
    negotiation: Negotiation | None = None,
) -> tuple[State, Answer]:
    """The answer, validated, and the state that the sandbox has after it.

    Raises `PreferenceNotMet`, `NotInCollection` or `ResponseBreaksContract`; the state is then as it was.
    """
    applied = (("Preference-Applied", ", ".join(wish.applied)),) if wish.applied else ()
    if wish.fault and not FAULTS[wish.fault].operates:
        broken = Response(FAULTS[wish.fault].status or 500, applied, fault=wish.fault)
        return world.state, Answer(broken, Reasons(wish.why, wish.spoke))
    outcome = _outcome(world, served, arguments, wish, negotiation)
    chosen = represent(served.operation, outcome.status, negotiation, wish.example)
    payload, body = chosen.response, _body(served, outcome, wish, chosen)
    # A status may have a response that is text, or empty, beside the JSON that its schema is of.
    is_checked = isinstance(body, dict | list) or (payload.is_json and payload.shows_body)
    violations = check_response(served, outcome.status, body, on_violation) if is_checked else ()
    warned = (("X-Mock-Violations", str(len(violations))),) if violations else ()
    varied = (("Vary", "Accept"),) if chosen.several else ()
    headers = _headers(payload, outcome) + varied + applied + warned
    is_example = outcome.content is not None and chosen.several and not payload.is_json
    why = f"the documented example of {payload.content_type}" if is_example else outcome.why
    reasons = Reasons(wish.why or why, wish.spoke, outcome.move)
    response = Response(outcome.status, headers, _encoded(payload, body), violations, wish.fault)
    return world.after(outcome.changes), Answer(response, reasons, _remarks(chosen, negotiation))


def _remarks(chosen: Representation, negotiation: Negotiation | None) -> tuple[str, ...]:
    if chosen.acceptable or negotiation is None:
        return ()
    sent = chosen.response.content_type or "a response without a media type"
    return (f"header/Accept: {negotiation.accept} has no documented media type; {sent} was sent",)


def _outcome(world: World, served: Served, arguments: Mapping[str, Any], wish: Wish, negotiation: Negotiation | None) -> Outcome:
    """A forced error changes nothing; a forced success has to be what the operation itself comes to."""
    if wish.example is not None:
        return Outcome(served.operation.examples[wish.example].status)
    if wish.status is not None and not 200 <= wish.status < 300:
        return Outcome(wish.status)
    outcome = EFFECTS[served.effect.kind](world, served, arguments)
    if negotiation and served.effect.kind == "example":
        outcome = replace(outcome, status=success(served.operation, negotiation))
    if wish.status is not None and outcome.status != wish.status and served.effect.kind != "example":
        raise PreferenceNotMet(
            f"{served.operation.name} was to answer {wish.status}, but with these records it answers {outcome.status}",
            {"wanted": wish.status, "answers": outcome.status},
        )
    return outcome if wish.status is None else replace(outcome, status=wish.status)


def _body(served: Served, outcome: Outcome, wish: Wish, chosen: Representation) -> Any:
    """Return the body that is sent. The records are shown as JSON; another type has its documented example."""
    documented = chosen.response
    if outcome.content is None or served.envelope is None or (chosen.several and not documented.is_json):
        return example(documented)[0]
    item = served.envelope.item
    content = [item(each) for each in outcome.content] if isinstance(outcome.content, list) else item(outcome.content)
    shaped = SHAPES[wish.data](content, _frame(served, outcome)) if wish.data else content
    return served.envelope.around(shaped, outcome.echo)


def _headers(payload: Payload, outcome: Outcome) -> Headers:
    """The documented headers, with what the records say in place of what the example says."""
    headers = _sent(payload.content_type, payload.headers)
    if outcome.location:
        headers = tuple((name, outcome.location if name.lower() == "location" else value) for name, value in headers)
    if outcome.total is not None:
        total = str(outcome.total)
        headers = tuple((name, total if name.lower() in TOTAL_COUNT_HEADERS else value) for name, value in headers)
    return headers


@lru_cache(maxsize=1024)
def _sent(content_type: str | None, headers: Headers) -> Headers:
    """The documented headers as WSGI has them."""
    typed = (("Content-Type", content_type),) if content_type else ()
    return tuple((name, wsgi_text(value)) for name, value in (*typed, *headers))


def _frame(served: Served, outcome: Outcome) -> Frame:
    schema = served.envelope.item_schema if served.envelope else {}
    return Frame(schema, served.rule.member if served.rule else "", outcome.echo.get(served.effect.size) or 0)


def _encoded(payload: Payload, body: Any) -> bytes:
    if body is None and payload.body is None:
        return b""
    if isinstance(body, str) and not payload.is_json:
        return body.encode(charset(payload.content_type))
    return orjson.dumps(body)


def told(problem: Problem) -> Response:
    """A problem as the response that says it."""
    return Response(
        problem.status, (("Content-Type", "application/problem+json"), *problem.headers), orjson.dumps(problem.as_json())
    )
