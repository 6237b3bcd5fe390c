"""The documented requests of a blueprint, with its example values, as a client sends them."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.contract.examples import example_values
from mockserver.contract.model import Contract, ServedOperation
from mockserver.spec.description import Operation, Parameter, Payload

_NOT_SENT = frozenset(
    (
        "content-length",
        "transfer-encoding",
        "content-encoding",
        "origin",
        "access-control-request-method",
        "access-control-request-headers",
        "x-mock-sandbox",
        "prefer",
    )
)
"""Documented request headers that the client sets itself: length, origin, sandbox and preference."""
_VALUES = {"boolean": True, "number": 1, "integer": 1, "string": "1", "array": "1"}
"""Values of required query variables without an example."""


@dataclass(frozen=True, slots=True)
class DocumentedRequest:
    """One documented request."""

    method: str
    target: str
    """Path and query, percent-encoded."""
    headers: tuple[tuple[str, str], ...]
    content_type: str | None
    body: bytes
    prefer: str = ""

    def __str__(self) -> str:
        preferring = f" with Prefer: {self.prefer}" if self.prefer else ""
        return f"the documented request {self.method} {self.target}{preferring}"


def documented_requests(contract: Contract, served: ServedOperation) -> list[DocumentedRequest]:
    """Return the documented requests of an operation: with every query variable that has an example, then the required ones."""
    targets = dict.fromkeys(
        _target(contract, served, with_optional) for with_optional in (True, False)
    )
    payloads = list(_successful(served.operation))
    return [
        _request(served.operation.method, target, payload)
        for payload in payloads
        for target in targets
    ]


def _successful(operation: Operation) -> Iterator[Payload | None]:
    """Yield the documented requests of success responses, else the first; `None` without a documented request."""
    by_request = {
        id(each.request): each.request
        for each in operation.transactions
        if 200 <= each.status < 300
    }
    yield from by_request.values() or [operation.transactions[0].request]


def _target(contract: Contract, served: ServedOperation, with_optional: bool) -> str:
    values = dict(example_values(served, contract.collections.get(served.collection, {})))
    for parameter in served.operation.parameters:
        if parameter.location == "query" and (
            parameter.required or (with_optional and parameter.example is not None)
        ):
            values[parameter.name] = _query_value(parameter)
    return served.api.base_path + served.template.expand(values)


def _query_value(parameter: Parameter) -> Any:
    candidates = (parameter.example, parameter.default, *parameter.values, _VALUES[parameter.type])
    return next(each for each in candidates if each is not None)


def _request(method: str, target: str, payload: Payload | None) -> DocumentedRequest:
    if payload is None:
        return DocumentedRequest(method, target, (), None, b"")
    headers = [
        (name, value or "any") for name, value in payload.headers if name.lower() not in _NOT_SENT
    ]
    body = _body(payload)
    if body and any(
        name.lower() == "content-encoding" and value.lower() == "gzip"
        for name, value in payload.headers
    ):
        headers.append(("Content-Encoding", "gzip"))
        body = gzip.compress(body)
    return DocumentedRequest(method, target, tuple(headers), _content_type(payload), body)


def _content_type(payload: Payload) -> str | None:
    """Return the documented content type; for a text without one, that of `fetch` in browsers."""
    if payload.content_type or not payload.body:
        return payload.content_type
    try:
        orjson.loads(payload.body)
    except orjson.JSONDecodeError:
        return "text/plain;charset=UTF-8"
    return None


def _body(payload: Payload) -> bytes:
    text = payload.body or ""
    media_type = (payload.content_type or "").lower()
    if media_type.startswith("multipart/"):  # RFC 2046, section 4.1.1
        return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
    return text.encode()
