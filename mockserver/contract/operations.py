"""TODO."""

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
    """What one API's folders gave so far; faults are collected, so that all are told at once."""

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
    """The effects, for the places of what is wrong in them."""
    config_valid: bool = True
    """Whether effects and lifecycles are right; what is held against them is not judged where they are not."""

    def attempt(self, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except InvalidFiles as error:
            self.errors += error.errors
            return otherwise


def _served_operations(reading: _Reading, in_use: Schemas, asked: Mapping[str, dict[str, Any]]) -> Iterator[ServedOperation]:
    for operation in reading.api.operations:
        try:
            yield _served_operation(reading, operation, in_use, asked.get(operation.id))
        except InvalidFiles as error:
            reading.errors += error.errors


def _served_operation(reading: _Reading, operation: Operation, in_use: Schemas, asked: dict[str, Any] | None) -> ServedOperation:
    effect = reading.effects.for_operation(operation.id)
    rule = reading.effects.collections.get(effect.collection)
    reading.errors += _transition_errors(reading, operation, effect)
    validators = {status: Validator(schema) for (name, status), schema in in_use.items() if name == operation.id}
    shape = _envelope(operation, effect, validators, reading) if rule else None
    reading.errors += _member_errors(reading, operation, effect, shape)
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
        envelope=shape,
        parameters=typed_parameters(operation.parameters, paged=effect.kind == "list", size=effect.size, page=effect.page),
        validators=validators,
        access_token=token if token in required else None,
        headers=tuple(name for name in required if name != token and not _OF_CLIENTS.fullmatch(name)),
        media=media_types(operation),
        body=Validator(asked) if asked is not None else None,
        example_keys=frozenset(_example_keys(operation, rule, shape)) if rule and effect.kind == "create" else frozenset(),
    )


def _example_keys(operation: Operation, rule: RecordLocator, shape: Envelope | None) -> Iterator[str]:
    """The keys, as text, that the documented requests of a creation give; they may hold the record as the response does."""
    for request in operation.requests:
        body = orjson.loads(request.body) if request.is_json and request.body else None
        if isinstance(body, dict) and shape and shape.container and body.keys() == {shape.container}:
            body = body[shape.container]
        if isinstance(body, dict) and rule.id_field in body:
            yield str(body[rule.id_field])


def _envelope(operation: Operation, effect: Effect, validators: Mapping[int, Validator], reading: _Reading) -> Envelope | None:
    variables = [p.name for p in operation.parameters if p.location == "query"]
    if effect.writes and (effect.respond_with == "example" or operation.success not in validators):
        return None  # a 204, say, or {"message": "Deleted"}: nothing of the record is shown
    at = reading.document.key_position(("operations", operation.id)) if reading.document else Position(reading.display_name)
    try:
        if validator := validators.get(operation.success or 200):
            told = EnvelopeHints(effect.container, effect.total, example(operation.json_response(operation.success or 200))[0])
            return infer_envelope(validator.schema, variables, effect.kind == "list", told)
        raise ValueError(f"its {operation.success} shows no JSON; expected some, for the records to go into")
    except ValueError as error:
        raise InvalidFiles([FileError(at, f"{operation.id}: {error}")]) from error


def _transition_errors(reading: _Reading, operation: Operation, effect: Effect) -> Iterator[FileError]:
    """A transition needs a lifecycle that has its states, and leads from each of them to the new one."""
    if effect.kind != "transition" or reading.document is None or not reading.config_valid:
        return
    document, pointer = reading.document, ("operations", operation.id)
    lifecycle = reading.lifecycles.get(effect.collection)
    if lifecycle is None:
        message = f"{effect.collection} has no lifecycle; expected one in lifecycles.yaml for its transition"
        yield FileError(document.key_position(pointer), message)
        return
    named: list[tuple[Pointer, str]] = [((*pointer, "to"), effect.to_state)]
    named += [((*pointer, "from", index), state) for index, state in enumerate(effect.from_states)]
    named += [((*pointer, "refuse", state), state) for state in effect.reject]
    unknown = [(at, state) for at, state in named if state not in lifecycle.states]
    for at, state in unknown:
        message = f"{effect.collection} has no state {state}; expected one of {', '.join(lifecycle.states)}"
        yield FileError(document.key_position(at) if at[-2] == "refuse" else document.position(at), message)
    for index, state in enumerate(effect.from_states):
        if not unknown and effect.to_state not in lifecycle.states[state].next_states:
            yield document.file_error(
                (*pointer, "from", index), f"lifecycles.yaml does not lead from {state} to {effect.to_state}"
            )


def _member_errors(reading: _Reading, operation: Operation, effect: Effect, shape: Envelope | None) -> Iterator[FileError]:
    """What is searched, compared or stamped has to be shown; text, where it is searched or stamped."""
    members = shape.item_schema.get("properties", {}) if shape else {}
    texts = [name for name, schema in members.items() if "string" in str(schema.get("type"))]
    for index, member in enumerate(effect.timestamps):
        if shape and reading.document and member not in texts:
            message = f"{effect.collection} shows no text {member} to stamp; expected one of {', '.join(texts)}"
            yield reading.document.file_error(("operations", operation.id, "stamps", index), message)
    for variable, member in effect.filter.items():
        if shape and reading.document and member not in members:
            message = f"{effect.collection} shows no {member} to compare; expected one of {', '.join(members)}"
            yield reading.document.file_error(("operations", operation.id, "where", variable), message)
    for variable, member in effect.search.items():
        if shape and reading.document and member not in texts:
            at: Pointer = ("operations", operation.id, "search", variable)
            message = f"{effect.collection} shows no text {member} to search; expected one of {', '.join(texts)}"
            yield reading.document.file_error(at, message)


_OF_CLIENTS = re.compile(
    r"accept|accept-.*|access-control-request-.*|baggage|cache-control|connection|content-(encoding|length|type)|date|dnt|expect"
    r"|forwarded|from|host|if-.*|keep-alive|max-forwards|origin|postman-token|pragma|prefer|priority|proxy-.*|range|referer|sec-.*"
    r"|te|traceparent|tracestate|trailer|transfer-encoding|upgrade|upgrade-insecure-requests|user-agent|via|x-forwarded-.*"
    r"|x-real-ip|x-requested-with"
)
"""Headers by which an HTTP client describes itself, its connection or its message: an example request merely shows them."""


def _required_headers(operation: Operation) -> list[str]:
    """The headers that every request of the operation shows, in lower case."""
    shown_by = [{name.lower() for name, _ in t.request.headers} for t in operation.transactions if t.request]
    return sorted(set.intersection(*shown_by)) if shown_by else []
