"""Compare the requests of two operations."""

from collections.abc import Iterator, Sequence

from mockserver.spec.description import Payload
from mockserver.verification.diff.bodies import (
    are_undecided,
    bodiless_types,
    example_findings,
    json_findings,
    json_first,
    other_schema_findings,
    parameter_changes,
    type_names,
    types_of,
)
from mockserver.verification.diff.findings import Finding, Touch
from mockserver.verification.diff.matching import OperationPair
from mockserver.verification.diff.schema_findings import REQUEST, Body, Comparison


def request_findings(pair: OperationPair) -> Iterator[Finding]:
    """Yield the changes of the requests."""
    yield from _bodiless_types(pair)
    old = [request for request in pair.old.requests if request.documents_body]
    new = [request for request in pair.new.requests if request.documents_body]
    if not old and not new:
        return
    if not old or not new:
        yield _request_body_finding(pair, bool(new))
        return
    findings = [
        *_necessity(pair),
        *_request_types(old, new),
        *_type_parameters(old, new),
        *_request_schemas(pair, old, new),
    ]
    yield from findings
    if not findings:
        yield from example_findings("request", Touch(("request",)), old, new)


def _bodiless_types(pair: OperationPair) -> Iterator[Finding]:
    """Yield a finding if a media type without a body is gone or new."""
    old, new = bodiless_types(pair.old.requests), bodiless_types(pair.new.requests)
    gone = old.keys() - types_of(pair.new.requests).keys()
    added = new.keys() - types_of(pair.old.requests).keys()
    if gone or added:
        yield Finding("UNDECIDED", "request", type_names(sorted(gone)), type_names(sorted(added)))


def _type_parameters(old: Sequence[Payload], new: Sequence[Payload]) -> Iterator[Finding]:
    for old_payload, new_payload in parameter_changes(old, new):
        yield Finding(
            "UNDECIDED",
            "request",
            old_payload.content_type or "",
            new_payload.content_type or "",
            old_payload.position,
            new_payload.position,
        )


def _request_body_finding(pair: OperationPair, is_new: bool) -> Finding:
    if not is_new:
        return Finding("REQ-REMOVED", "request", "a body", "", touch=Touch(("request",)))
    rule = "REQ-ADDED"
    if pair.new.needs_body:
        rule = "REQ-REQUIRED"
    return Finding(rule, "request", "", "a body")


def _necessity(pair: OperationPair) -> Iterator[Finding]:
    """Yield a finding if each request of one side only has a body."""
    if pair.new.needs_body and not pair.old.needs_body:
        yield Finding("REQ-REQUIRED", "request", "an optional body", "a required body")
    if pair.old.needs_body and not pair.new.needs_body:
        yield Finding("REQ-WIDENED", "request", "a required body", "an optional body")


def _request_types(old: Sequence[Payload], new: Sequence[Payload]) -> Iterator[Finding]:
    old_types, new_types = types_of(old), types_of(new)
    if are_undecided(old_types, new_types):
        yield Finding("UNDECIDED", "request", type_names(old_types), type_names(new_types))
        return
    for name, payload in old_types.items():
        if name not in new_types:
            yield Finding(
                "REQ-TYPE-REMOVED", "request", name, "", payload.position, new[0].position
            )
    for name, payload in new_types.items():
        if name not in old_types:
            yield Finding("REQ-WIDENED", "request", "", name, old[0].position, payload.position)


def _request_schemas(
    pair: OperationPair, old: Sequence[Payload], new: Sequence[Payload]
) -> Iterator[Finding]:
    old_body = Body(pair.old_api.api, json_first(old))
    new_body = Body(pair.new_api.api, json_first(new))
    old_schema = pair.old_api.requests.get(pair.old.id)
    new_schema = pair.new_api.requests.get(pair.new.id)
    comparison = Comparison(REQUEST, "request", None, old_body, new_body)
    yield from json_findings(comparison, (old, new), (old_schema, new_schema))
    yield from other_schema_findings(comparison, old, new)
