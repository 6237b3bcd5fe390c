"""Build the response from the plan: run the effect, encode the body, validate the result."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import orjson

from mockserver.contract.coverage.observers import NO_BODY
from mockserver.contract.envelope import Envelope
from mockserver.contract.examples import example
from mockserver.contract.model import ServedOperation
from mockserver.contract.negotiation import Negotiation, Representation, represent, success_status
from mockserver.contract.scenarios.data_variants import VARIANTS, VariantContext
from mockserver.contract.scenarios.faults import FAULTS
from mockserver.contract.scenarios.list_lengths import list_length
from mockserver.errors import PreferenceNotMet, Violation
from mockserver.formats.documented_headers import TOTAL_COUNT_HEADERS
from mockserver.formats.header_text import wsgi_text
from mockserver.pipeline.effects import EFFECTS, EffectResult, list_of_length
from mockserver.pipeline.messages import Response
from mockserver.pipeline.response_plan import ResponsePlan
from mockserver.pipeline.validation import check_response, example_notes
from mockserver.sandbox.journal import Explanation, Transition
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import SandboxState
from mockserver.spec.description import Payload, charset
from mockserver.spec.locations import Headers

Observe = Callable[[Mapping[str, Any], Response, Any, Sequence[Any] | None], int]
"""Returns the items that an exchange covers without the body of its request, as a bit set.

The arguments are the parameters of the request, the response, its JSON (else `NO_BODY`), and the
records that the JSON shows unchanged (else `None`).
"""


def observe_nothing(*_exchange: object) -> int:
    """Return no items."""
    return 0


@dataclass(frozen=True, slots=True)
class ExplainedResponse:
    """A response, and why it was chosen."""

    response: Response
    explanation: Explanation
    notes: tuple[str, ...] = ()
    """Notes for the journal."""
    covered: int = 0
    """The items that the exchange covers, without the body of its request, as a bit set."""


def build_response(
    snapshot: Snapshot,
    served: ServedOperation,
    plan: ResponsePlan,
    arguments: Mapping[str, Any],
    body: Any,
    on_violation: str,
    negotiation: Negotiation | None = None,
    observe: Observe = observe_nothing,
) -> tuple[SandboxState, ExplainedResponse]:
    """Return the validated response, and the state of the sandbox after it.

    `arguments` are the parameters of the request, `body` is its JSON, and `on_violation` is
    `refuse` or `warn`. `observe` returns the items that the exchange covers.

    Raises:
        PreferenceNotMet: the planned status cannot be returned with the current records.
        RecordNotFound, KeyConflict, TransitionNotAllowed: the blueprint documents no response for
            this case.
        RequestBreaksContract, ResponseBreaksContract: the record, or the response, violates the
            contract.
    """
    applied: Headers = ()
    if plan.preferences_applied:
        applied = (("Preference-Applied", ", ".join(plan.preferences_applied)),)
    planned = _response_without_operation(plan, applied)
    if planned:
        return snapshot.state, ExplainedResponse(planned, plan.explanation)
    result = _run_effect(snapshot, served, plan, arguments, body, negotiation)
    representation = represent(served.operation, result.status, negotiation, plan.example)
    is_example = _is_example(served, result, representation)
    content = _content(served, result, plan, representation)
    violations: tuple[Violation, ...] = ()
    notes = _notes(representation, negotiation) + result.notes
    observed: Any = NO_BODY
    if _is_checked(representation.response, content):
        observed = content
        if is_example:
            notes += example_notes(served, result.status, content)
        else:
            violations = check_response(served, result.status, content, on_violation)
    headers = _headers(representation.response, result)
    if representation.several:
        headers += (("Vary", "Accept"),)
    headers += applied
    if violations:
        headers += (("X-Mock-Violations", str(len(violations))),)
    response = Response(
        result.status, headers, _encode(representation.response, content), violations, plan.fault
    )
    reason = plan.reason or _reason(result, representation)
    explanation = Explanation(reason, plan.chosen_by, _transition(snapshot, result))
    covered = 0
    if _is_documented(response):
        covered = observe(arguments, response, observed, _shown_records(result, plan, is_example))
    return snapshot.state_after(result.changes), ExplainedResponse(
        response, explanation, notes, covered
    )


def _response_without_operation(plan: ResponsePlan, applied: Headers) -> Response | None:
    """Return the response of a plan that does not run the operation, else `None`."""
    if plan.fault and not FAULTS[plan.fault].runs_operation:
        return Response(FAULTS[plan.fault].status or 500, applied, fault=plan.fault)
    undocumented = plan.undocumented
    if undocumented is None:
        return None
    headers = (*undocumented.headers, *applied)
    return Response(
        undocumented.status, headers, undocumented.body, fault=plan.fault, is_documented=False
    )


def _is_checked(payload: Payload, content: Any) -> bool:
    """Return whether the schema of the status applies to the content.

    The schema describes the JSON response. The same status may also have a text or empty response.
    """
    return isinstance(content, dict | list) or (payload.is_json and payload.documents_body)


def _is_documented(response: Response) -> bool:
    """Return whether the client gets a whole response as the contract documents it."""
    if response.violations:
        return False
    return response.fault is None or FAULTS[response.fault].completes_response


def _shown_records(
    result: EffectResult, plan: ResponsePlan, is_example: bool
) -> Sequence[Any] | None:
    """Return the records that a response shows, `None` if it changes them or shows others.

    A record that was just changed is another object each time.
    """
    if is_example or plan.data is not None or result.changes:
        return None
    if isinstance(result.content, list):
        return result.content
    return (result.content,)


def _transition(snapshot: Snapshot, result: EffectResult) -> Transition | None:
    """Return the change of a lifecycle state that the sandbox keeps, if there was one."""
    if snapshot.discards_changes:
        return None
    return result.transition


def _reason(result: EffectResult, representation: Representation) -> str:
    payload = representation.response
    if result.content is not None and representation.several and not payload.is_json:
        return f"the documented example of {payload.content_type}"
    return result.reason


def _notes(representation: Representation, negotiation: Negotiation | None) -> tuple[str, ...]:
    if representation.acceptable or negotiation is None:
        return ()
    sent = representation.response.content_type or "a response without a media type"
    return (f"header/Accept: {negotiation.accept} matches no documented media type; sent {sent}",)


def _run_effect(
    snapshot: Snapshot,
    served: ServedOperation,
    plan: ResponsePlan,
    arguments: Mapping[str, Any],
    body: Any,
    negotiation: Negotiation | None,
) -> EffectResult:
    """Return the result of the operation.

    A forced error skips the effect, so that nothing changes. A forced success must be the status
    that the effect itself has.
    """
    if plan.example is not None:
        return EffectResult(served.operation.examples[plan.example].status)
    if plan.status is not None and not 200 <= plan.status < 300:
        return EffectResult(plan.status)
    kind, length = served.effect.kind, list_length(plan.data)
    if kind == "list" and length is not None:
        result = list_of_length(snapshot, served, arguments, length)
    else:
        result = EFFECTS[kind](snapshot, served, arguments, body)
    if negotiation and kind == "example":
        result = replace(result, status=success_status(served.operation, negotiation))
    if plan.status is None:
        return result
    if result.status != plan.status and kind != "example":
        cause = f"with the current records it returns {result.status}"
        raise PreferenceNotMet(
            f"{served.operation.name}: cannot force {plan.status}; {cause}",
            {"expected": plan.status, "actual": result.status},
        )
    return replace(result, status=plan.status)


def _is_example(
    served: ServedOperation, result: EffectResult, representation: Representation
) -> bool:
    """Return whether the content is the documented example, and not from records."""
    if result.content is None or served.envelope is None:
        return True
    return representation.several and not representation.response.is_json


def _content(
    served: ServedOperation,
    result: EffectResult,
    plan: ResponsePlan,
    representation: Representation,
) -> Any:
    """Return the content of the response: the records, or the documented example."""
    envelope = served.envelope
    if envelope is None or _is_example(served, result, representation):
        return example(representation.response)[0]
    if isinstance(result.content, list):
        content = [envelope.item(record) for record in result.content]
    else:
        content = envelope.item(result.content)
    if isinstance(plan.data, str) and plan.data in VARIANTS:
        content = VARIANTS[plan.data](content, _variant_context(served, envelope))
    return envelope.wrap(content, result.echo)


def _headers(payload: Payload, result: EffectResult) -> Headers:
    """Return the documented headers, with the values of the records in place of the example's."""
    headers = _wsgi_headers(payload.content_type, payload.headers)
    if result.location:
        headers = _with_value(headers, {"location"}, result.location)
    if result.total is not None:
        headers = _with_value(headers, TOTAL_COUNT_HEADERS, str(result.total))
    return headers


def _with_value(headers: Headers, names: Container[str], value: str) -> Headers:
    """Return the headers, with this value for each header in `names` (in lower case)."""
    changed = []
    for name, documented in headers:
        if name.lower() in names:
            changed.append((name, value))
        else:
            changed.append((name, documented))
    return tuple(changed)


@lru_cache(maxsize=1024)
def _wsgi_headers(content_type: str | None, headers: Headers) -> Headers:
    """Return the documented headers in the encoding of WSGI."""
    if content_type:
        headers = (("Content-Type", content_type), *headers)
    return tuple((name, wsgi_text(value)) for name, value in headers)


def _variant_context(served: ServedOperation, envelope: Envelope) -> VariantContext:
    id_field = ""
    if served.rule:
        id_field = served.rule.id_field
    return VariantContext(envelope.item_schema, id_field)


def _encode(payload: Payload, content: Any) -> bytes:
    if content is None and payload.body is None:
        return b""
    if isinstance(content, str) and not payload.is_json:
        return content.encode(charset(payload.content_type))
    return orjson.dumps(content)
