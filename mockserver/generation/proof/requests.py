"""The requests that a blueprint documents, with the values that it shows, as a client would send them."""

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
"""Documented request headers that the client decides: the body's length, the page that asks, what the proof asks for."""
_VALUES = {"boolean": True, "number": 1, "integer": 1, "string": "1", "array": "1"}
"""What is sent for a required query variable of which nothing is shown."""


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
    targets = dict.fromkeys(_target(contract, served, everything) for everything in (True, False))
    payloads = list(_successful(served.operation))
    return [_request(served.operation.method, target, payload) for payload in payloads for target in targets]


def _successful(operation: Operation) -> Iterator[Payload | None]:
    """The documented requests that lead to a success; where none does, the first; `None` where none is documented."""
    by_request = {id(each.request): each.request for each in operation.transactions if 200 <= each.status < 300}
    yield from by_request.values() or [operation.transactions[0].request]


def _target(contract: Contract, served: ServedOperation, everything: bool) -> str:
    values = dict(example_values(served, contract.collections.get(served.collection, {})))
    for parameter in served.operation.parameters:
        if parameter.location == "query" and (parameter.required or (everything and parameter.example is not None)):
            values[parameter.name] = _query_value(parameter)
    return served.api.base_path + served.template.expand(values)


def _query_value(parameter: Parameter) -> Any:
    shown = (parameter.example, parameter.default, *parameter.values, _VALUES[parameter.type])
    return next(each for each in shown if each is not None)


def _request(method: str, target: str, payload: Payload | None) -> DocumentedRequest:
    if payload is None:
        return DocumentedRequest(method, target, (), None, b"")
    headers = [(name, value or "any") for name, value in payload.headers if name.lower() not in _NOT_SENT]
    body = _body(payload)
    if body and any(name.lower() == "content-encoding" and value.lower() == "gzip" for name, value in payload.headers):
        headers.append(("Content-Encoding", "gzip"))
        body = gzip.compress(body)
    return DocumentedRequest(method, target, tuple(headers), _content_type(payload), body)


def _content_type(payload: Payload) -> str | None:
    """The documented one; of a text without one, what a page's `fetch` sends."""
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
