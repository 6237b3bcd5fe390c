"""The documented requests of a blueprint, with its example values, as a client sends them."""

import gzip
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
"""Documented request headers that are not sent: the client sets its own values."""
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
    """Return the documented requests of an operation.

    Each is sent with all query variables that have an example, and with the required ones only.
    """
    full = _target(contract, served, with_optional=True)
    minimal = _target(contract, served, with_optional=False)
    requests: list[DocumentedRequest] = []
    for payload in _successful(served.operation):
        requests.append(_request(served.operation.method, full, payload))
        if minimal != full:
            requests.append(_request(served.operation.method, minimal, payload))
    return requests


def _successful(operation: Operation) -> list[Payload | None]:
    """Return the documented requests of success responses, else the first request.

    `None` in the list is an operation without a documented request. An operation without a
    transaction has nothing to send.
    """
    by_id: dict[int, Payload | None] = {}
    for transaction in operation.transactions:
        if 200 <= transaction.status < 300:
            by_id[id(transaction.request)] = transaction.request
    first = [transaction.request for transaction in operation.transactions[:1]]
    return list(by_id.values()) or first


def _target(contract: Contract, served: ServedOperation, with_optional: bool) -> str:
    values = dict(example_values(served, contract.collections.get(served.collection, {})))
    for parameter in served.operation.parameters:
        is_wanted = parameter.required or (with_optional and parameter.example is not None)
        if parameter.location == "query" and is_wanted:
            values[parameter.name] = _query_value(parameter)
    return served.api.base_path + served.template.expand(values)


def _query_value(parameter: Parameter) -> Any:
    candidates = (parameter.example, parameter.default, *parameter.values, _VALUES[parameter.type])
    return next(each for each in candidates if each is not None)


def _request(method: str, target: str, payload: Payload | None) -> DocumentedRequest:
    if payload is None:
        return DocumentedRequest(method, target, (), None, b"")
    headers = []
    is_gzip = False
    for name, value in payload.headers:
        if name.lower() not in _NOT_SENT:
            headers.append((name, value or "any"))
        if name.lower() == "content-encoding" and value.lower() == "gzip":
            is_gzip = True
    body = _body(payload)
    if body and is_gzip:
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
