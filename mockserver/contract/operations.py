"""Assemble and check each served operation: its effect, envelope, parameters, validators and headers."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import orjson

from mockserver.contract.effects import Effect, Effects, RecordLocator
from mockserver.contract.envelope import Envelope, EnvelopeHints, infer_envelope
from mockserver.contract.examples import example
from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.model import ServedOperation
from mockserver.contract.negotiation import media_types
from mockserver.contract.parameters import typed_parameters
from mockserver.contract.records import Collection
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.contract.tokens import TokenFeatures
from mockserver.errors import FileError, InvalidFiles, Position
from mockserver.formats import uri_template
from mockserver.formats.json_schema import Validator
from mockserver.formats.strict_yaml import Document, Pointer
from mockserver.spec.description import Api, Operation
from mockserver.spec.schemas import Schemas

T = TypeVar("T")


@dataclass(slots=True)
class _Reading:
    """The parts of one API that are read so far. Errors are collected, so that all are reported at once."""

    api: Api
    folder: Path
    display_name: str
    errors: list[FileError]
    effects: Effects = field(default_factory=Effects)
    lifecycles: dict[str, Lifecycle] = field(default_factory=dict)
    collections: dict[str, Collection] = field(default_factory=dict)
    scenarios: dict[str, Scenario] = field(default_factory=dict)
    tokens: dict[str, TokenFeatures] = field(default_factory=dict)
    now: str = ""
    document: Document | None = None
    """The document of the effects, for the positions of errors."""
    config_valid: bool = True
    """Whether effects and lifecycles are valid; otherwise nothing is checked against them."""

    def attempt(self, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except InvalidFiles as error:
            self.errors += error.errors
            return otherwise


def _served_operations(
    reading: _Reading, in_use: Schemas, request_schemas: Mapping[str, dict[str, Any]]
) -> Iterator[ServedOperation]:
    for operation in reading.api.operations:
        try:
            yield _served_operation(reading, operation, in_use, request_schemas.get(operation.id))
        except InvalidFiles as error:
            reading.errors += error.errors


def _served_operation(
    reading: _Reading, operation: Operation, in_use: Schemas, request_schema: dict[str, Any] | None
) -> ServedOperation:
    effect = reading.effects.for_operation(operation.id)
    rule = reading.effects.collections.get(effect.collection)
    reading.errors += _transition_errors(reading, operation, effect)
    validators = {
        status: Validator(schema)
        for (name, status), schema in in_use.items()
        if name == operation.id
    }
    envelope = _envelope(operation, effect, validators, reading) if rule else None
    reading.errors += _member_errors(reading, operation, effect, envelope)
    required = _required_headers(operation)
    token = (reading.effects.access_token or "").lower()
    return ServedOperation(
        api=reading.api,
        operation=operation,
        template=uri_template.parse_template(operation.uri_template),
        effect=effect,
        rule=rule,
        collection=f"{reading.api.id}/{effect.collection}" if rule else "",
        lifecycle=reading.lifecycles.get(effect.collection),
        envelope=envelope,
        parameters=typed_parameters(
            operation.parameters, paged=effect.kind == "list", size=effect.size, page=effect.page
        ),
        validators=validators,
        access_token=token if token in required else None,
        headers=tuple(
            name for name in required if name != token and not _OF_CLIENTS.fullmatch(name)
        ),
        media=media_types(operation),
        body=Validator(request_schema) if request_schema is not None else None,
        example_keys=frozenset(_example_keys(operation, rule, envelope))
        if rule and effect.kind == "create"
        else frozenset(),
    )


def _example_keys(
    operation: Operation, rule: RecordLocator, envelope: Envelope | None
) -> Iterator[str]:
    """Yield the keys, as text, in the documented requests of a creation; a request may be wrapped like the response."""
    for request in operation.requests:
        body = orjson.loads(request.body) if request.is_json and request.body else None
        if (
            isinstance(body, dict)
            and envelope
            and envelope.container
            and body.keys() == {envelope.container}
        ):
            body = body[envelope.container]
        if isinstance(body, dict) and rule.id_field in body:
            yield str(body[rule.id_field])


def _envelope(
    operation: Operation, effect: Effect, validators: Mapping[int, Validator], reading: _Reading
) -> Envelope | None:
    variables = [p.name for p in operation.parameters if p.location == "query"]
    if effect.writes and (
        effect.respond_with == "example" or operation.success_status not in validators
    ):
        return None  # such as a 204 or {"message": "Deleted"}: no record is shown
    position = Position(reading.display_name)
    if reading.document:
        position = reading.document.key_position(("operations", operation.id))
    try:
        if validator := validators.get(operation.success_status or 200):
            hints = EnvelopeHints(
                effect.container,
                effect.total,
                example(operation.json_response(operation.success_status or 200))[0],
            )
            return infer_envelope(validator.schema, variables, effect.kind == "list", hints)
        raise ValueError(
            f"the {operation.success_status} response has no JSON body; expected one that holds the records"
        )
    except ValueError as error:
        raise InvalidFiles([FileError(position, f"{operation.id}: {error}")]) from error


def _transition_errors(
    reading: _Reading, operation: Operation, effect: Effect
) -> Iterator[FileError]:
    """Yield an error for a missing lifecycle, an unknown state, or a state that does not lead to the new one."""
    if effect.kind != "transition" or reading.document is None or not reading.config_valid:
        return
    document, pointer = reading.document, ("operations", operation.id)
    lifecycle = reading.lifecycles.get(effect.collection)
    if lifecycle is None:
        message = f"collection '{effect.collection}' has no lifecycle; a transition needs one in lifecycles.yaml"
        yield FileError(document.key_position(pointer), message)
        return
    positions = [(effect.to_state, document.position((*pointer, "to")))]
    for index, state in enumerate(effect.from_states):
        positions.append((state, document.position((*pointer, "from", index))))
    for state in effect.reject:
        positions.append((state, document.key_position((*pointer, "reject", state))))
    unknown = [(state, position) for state, position in positions if state not in lifecycle.states]
    for state, position in unknown:
        message = f"collection '{effect.collection}' has no state '{state}'; expected one of {', '.join(lifecycle.states)}"
        yield FileError(position, message)
    for index, state in enumerate(effect.from_states):
        if not unknown and effect.to_state not in lifecycle.states[state].next_states:
            message = f"lifecycles.yaml has no transition from '{state}' to '{effect.to_state}'"
            yield document.file_error((*pointer, "from", index), message)


def _member_errors(
    reading: _Reading, operation: Operation, effect: Effect, envelope: Envelope | None
) -> Iterator[FileError]:
    """Yield an error for each member in `timestamps`, `filter` or `search` that the response does not have.

    Members in `timestamps` and `search` must be strings.
    """
    if not envelope or not reading.document:
        return
    members = envelope.item_schema.get("properties", {})
    texts = [name for name, schema in members.items() if "string" in str(schema.get("type"))]
    uses: list[tuple[Pointer, str, list[str]]] = []
    uses += [
        (("timestamps", index), member, texts) for index, member in enumerate(effect.timestamps)
    ]
    uses += [
        (("filter", variable), member, list(members)) for variable, member in effect.filter.items()
    ]
    uses += [(("search", variable), member, texts) for variable, member in effect.search.items()]
    for pointer, member, allowed in uses:
        if member not in allowed:
            kind = "string member" if allowed is texts else "member"
            message = f"the response has no {kind} '{member}'; expected one of {', '.join(allowed) or 'none'}"
            yield reading.document.file_error(("operations", operation.id, *pointer), message)


_OF_CLIENTS = re.compile(
    r"accept|accept-.*|access-control-request-.*|baggage|cache-control|connection|content-(encoding|length|type)|date|dnt|expect"
    r"|forwarded|from|host|if-.*|keep-alive|max-forwards|origin|postman-token|pragma|prefer|priority|proxy-.*|range|referer|sec-.*"
    r"|te|traceparent|tracestate|trailer|transfer-encoding|upgrade|upgrade-insecure-requests|user-agent|via|x-forwarded-.*"
    r"|x-real-ip|x-requested-with"
)
"""Headers with which an HTTP client describes itself, its connection or its message: the API does not require them."""


def _required_headers(operation: Operation) -> list[str]:
    """Return the headers that every documented request of the operation has, in lower case."""
    requests = [
        transaction.request for transaction in operation.transactions if transaction.request
    ]
    if not requests:
        return []
    required = {name.lower() for name, _ in requests[0].headers}
    for request in requests[1:]:
        required &= {name.lower() for name, _ in request.headers}
    return sorted(required)
