"""Assemble and check each served operation: effect, envelope, parameters, validators, headers."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from mockserver.contract.api_reading import ApiReading
from mockserver.contract.effect_checks import member_errors, transition_errors
from mockserver.contract.effects import Effect, RecordLocator
from mockserver.contract.envelope import Envelope, EnvelopeHints, infer_envelope
from mockserver.contract.examples import example
from mockserver.contract.model import ServedOperation
from mockserver.contract.negotiation import media_types
from mockserver.contract.parameters import TypedParameter, typed_parameters
from mockserver.contract.required_headers import required_headers
from mockserver.errors import FileMessage, InvalidFiles, Position
from mockserver.formats import uri_template
from mockserver.formats.json_schema import Validator
from mockserver.spec.description import Operation, Payload
from mockserver.spec.schemas import Schemas


def served_operations(
    reading: ApiReading, in_use: Schemas, request_schemas: Mapping[str, dict[str, Any]]
) -> Iterator[ServedOperation]:
    """Yield the valid operations of an API; errors of the others go to `reading`.

    Args:
        reading: The parts of the API.
        in_use: The schema of each documented response.
        request_schemas: Operation id to the schema of its JSON request bodies.
    """
    for operation in reading.api.operations:
        try:
            yield _served_operation(reading, operation, in_use, request_schemas.get(operation.id))
        except InvalidFiles as error:
            reading.errors += error.errors


def _served_operation(
    reading: ApiReading,
    operation: Operation,
    in_use: Schemas,
    request_schema: dict[str, Any] | None,
) -> ServedOperation:
    effect = reading.effects.for_operation(operation.id)
    rule = reading.effects.collections.get(effect.collection)
    reading.errors += transition_errors(reading, operation, effect)
    validators = _validators(operation, in_use)
    collection = ""
    envelope: Envelope | None = None
    example_keys: frozenset[str] = frozenset()
    if rule:
        collection = f"{reading.api.id}/{effect.collection}"
        envelope = _envelope(reading, operation, effect, validators)
        if effect.kind == "create":
            example_keys = frozenset(_example_keys(operation, rule, envelope))
    reading.errors += member_errors(reading, operation, effect, envelope)
    body: Validator | None = None
    if request_schema is not None:
        body = Validator(request_schema)
    token_header = (reading.effects.access_token or "").lower()
    access_token, headers = required_headers(operation, token_header)
    return ServedOperation(
        api=reading.api,
        operation=operation,
        template=uri_template.parse_template(operation.uri_template),
        effect=effect,
        rule=rule,
        collection=collection,
        lifecycle=reading.lifecycles.get(effect.collection),
        envelope=envelope,
        parameters=_parameters(operation, effect),
        validators=validators,
        access_token=access_token,
        headers=headers,
        media=media_types(operation),
        body=body,
        example_keys=example_keys,
    )


def _validators(operation: Operation, in_use: Schemas) -> dict[int, Validator]:
    """Return the validators of an operation's responses, by status."""
    validators: dict[int, Validator] = {}
    for status in operation.statuses:
        schema = in_use.get((operation.id, status))
        if schema is not None:
            validators[status] = Validator(schema)
    return validators


def _parameters(operation: Operation, effect: Effect) -> tuple[TypedParameter, ...]:
    is_paged = effect.kind == "list"
    return typed_parameters(
        operation.parameters, paged=is_paged, size=effect.size, page=effect.page
    )


def _example_keys(
    operation: Operation, rule: RecordLocator, envelope: Envelope | None
) -> Iterator[str]:
    """Yield the keys in the documented requests of a creation, as text."""
    for request in operation.requests:
        body = _json_body(request)
        if envelope:
            body = envelope.unwrap(body)
        if isinstance(body, dict) and rule.id_field in body:
            yield str(body[rule.id_field])


def _json_body(request: Payload) -> Any:
    """Return the documented JSON body of a request; `None` without one."""
    if request.is_json and request.body:
        return orjson.loads(request.body)
    return None


def _envelope(
    reading: ApiReading,
    operation: Operation,
    effect: Effect,
    validators: Mapping[int, Validator],
) -> Envelope | None:
    """Return the envelope of an operation's records; `None` if its response has no record.

    Raises:
        InvalidFiles: The response has no unambiguous container for the records.
    """
    if effect.writes:
        has_schema = operation.success_status in validators
        if effect.respond_with == "example" or not has_schema:
            return None  # such as a 204 or {"message": "Deleted"}
    try:
        return _infer_envelope(operation, effect, validators)
    except ValueError as error:
        position = Position(reading.display_name)
        if reading.document:
            position = reading.document.key_position(("operations", operation.id))
        raise InvalidFiles([FileMessage(position, f"{operation.id}: {error}")]) from error


def _infer_envelope(
    operation: Operation, effect: Effect, validators: Mapping[int, Validator]
) -> Envelope:
    status = operation.success_status or 200
    validator = validators.get(status)
    if validator is None:
        raise ValueError(
            f"the {operation.success_status} response has no JSON body; "
            "expected one that holds the records"
        )
    body, _ = example(operation.json_response(status))
    hints = EnvelopeHints(effect.container, effect.total, body)
    variables = [
        parameter.name for parameter in operation.parameters if parameter.location == "query"
    ]
    return infer_envelope(validator.schema, variables, effect.kind == "list", hints)
