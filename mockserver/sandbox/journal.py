"""Journal entries: one request, its response, and the explanation of the response."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import orjson

from mockserver.errors import Violation
from mockserver.formats.header_text import text_of

MAX_BODY_BYTES = 4096
"""Bytes of a body that an entry keeps."""
RECORDED_HEADERS = ("prefer", "content-type", "origin", "user-agent", "traceparent", "tracestate")
"""The request headers that an entry keeps: for the response, the client and its trace (W3C)."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of a record's lifecycle state."""

    record: str
    """Collection and key: `exports/ID/100`."""
    before: str
    after: str

    def as_json(self) -> dict[str, str]:
        """Return the transition as JSON, for journal entries."""
        return {"record": self.record, "from": self.before, "to": self.after}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a response was chosen."""

    reason: str
    """The preference, scenario, record state or default that decided, in a few words."""
    scenario: str | None = None
    """The scenario that decided."""
    transition: Transition | None = None


class JournalEntry(NamedTuple):
    """One finished exchange.

    It is encoded only when it is written or read: most entries of a busy sandbox never are.
    """

    id: tuple[str, int]
    """The process, and the number of the exchange in it."""
    finished_at: float
    """Unix time in seconds."""
    address: str
    """The client's address; empty if it is unknown. The journal does not show it."""
    duration: float
    """Seconds."""
    sandbox: str
    contract: str
    """The name of the contract; empty for the main one, which the JSON does not show."""
    operation: str | None
    """The id of the operation; `None` for an unmatched request."""
    method: str
    path: str
    query: str
    headers: Mapping[str, str | None]
    """Each of `RECORDED_HEADERS`, by lower-case name; `None` for a missing one."""
    token: str | None
    arguments: Mapping[str, Any]
    """The values of the request's parameters."""
    status: int
    fault: str | None
    """The network fault that was applied to the response."""
    explanation: Explanation
    violations: tuple[Violation, ...]
    notes: tuple[str, ...]
    near_misses: list[dict[str, Any]]
    request_body: bytes
    """The first `MAX_BODY_BYTES` of the body."""
    request_bytes: int
    """The length of the complete body."""
    response_body: bytes
    response_bytes: int

    @property
    def entry_id(self) -> str:
        """The id, as text."""
        return f"{self.id[0]}-{self.id[1]:x}"

    def to_json(self) -> bytes:
        """Return the exchange as JSON."""
        headers = {name: value for name, value in self.headers.items() if value is not None}
        return _join(
            _constant_parts(self), self.id, self.finished_at, self.duration, headers, self.token
        )


HeaderFields = Sequence[tuple[bytes, bytes]]
"""The headers of a request as they were received: lower-case names, and values."""
_ConstantParts = tuple[bytes, bytes, bytes]
"""JSON members before the headers, before the token, and after the duration."""


class EntryTemplate:
    """Creates the entries of exchanges that have the same request and response.

    Only id, time, duration, recorded headers and token differ. The other members of the JSON are
    encoded once, when the first entry is encoded.
    """

    __slots__ = ("_entry_or_parts", "_to_json")

    def __init__(self, entry: JournalEntry) -> None:
        """Create the template from a finished exchange."""
        self._entry_or_parts: JournalEntry | _ConstantParts = entry
        self._to_json = self._encode

    def entry(
        self,
        exchange_id: tuple[str, int],
        finished_at: float,
        duration: float,
        headers: HeaderFields,
    ) -> Callable[[], bytes]:
        """Return the entry of a later exchange, for `Store.append`.

        It returns the same JSON as `JournalEntry.to_json`. It keeps a reference to `headers`, and
        reads them when it is encoded.
        """
        return partial(self._to_json, exchange_id, finished_at, duration, headers)

    def _encode(
        self,
        exchange_id: tuple[str, int],
        finished_at: float,
        duration: float,
        headers: HeaderFields,
    ) -> bytes:
        # One attribute, so that two threads may encode at the same time.
        parts = self._entry_or_parts
        if isinstance(parts, JournalEntry):
            parts = self._entry_or_parts = _constant_parts(parts)
        recorded = recorded_headers(headers)
        token = recorded.pop(_TOKEN_HEADER, None)
        return _join(parts, exchange_id, finished_at, duration, recorded, token)


_TOKEN_HEADER = "x-access-token"  # noqa: S105 - the name of a header
_DECODED_HEADERS = {name.encode(): name for name in (*RECORDED_HEADERS, _TOKEN_HEADER)}


def recorded_headers(headers: HeaderFields) -> dict[str, str]:
    """Return the headers that an entry needs, as WSGI has them, in the order of `RECORDED_HEADERS`.

    The token is last. The values of a repeated header are joined by a comma.
    """
    values: dict[str, str] = {}
    for encoded_name, encoded_value in headers:
        name = _DECODED_HEADERS.get(encoded_name)
        if name is not None:
            value = encoded_value.decode("latin-1")
            if name in values:
                value = f"{values[name]},{value}"
            values[name] = value
    return {name: values[name] for name in _DECODED_HEADERS.values() if name in values}


def _constant_parts(entry: JournalEntry) -> _ConstantParts:
    """Return the members of an entry's JSON that are the same for each entry of a template."""
    explanation = entry.explanation
    transition = None
    if explanation.transition:
        transition = explanation.transition.as_json()
    request = {
        "sandbox": entry.sandbox,
        "operation": entry.operation,
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
    }
    if entry.contract:
        request["contract"] = entry.contract
    response = {
        "arguments": entry.arguments,
        "status": entry.status,
        "fault": entry.fault,
        "reason": explanation.reason,
        "scenario": explanation.scenario,
        "transition": transition,
        "violations": [violation.as_json() for violation in entry.violations],
        "notes": entry.notes,
    }
    bodies: dict[str, Any] = {
        "request_body": truncate_body(entry.request_body, entry.request_bytes),
        "response_body": truncate_body(entry.response_body, entry.response_bytes),
    }
    if entry.near_misses:
        bodies["near_misses"] = entry.near_misses
    return _members(request), _members(response), _members(bodies)


def _members(value: dict[str, Any]) -> bytes:
    """Return the members of a JSON object, without its braces."""
    return orjson.dumps(value)[1:-1]


def _join(
    parts: _ConstantParts,
    exchange_id: tuple[str, int],
    finished_at: float,
    duration: float,
    headers: Mapping[str, str],
    token: str | None,
) -> bytes:
    """Return an entry's JSON: its constant members, and the others spliced between them."""
    request, response, bodies = parts
    process, number = exchange_id
    return b'{"id":"%b-%x","time":%b,%b,"headers":%b,%b,"token":%b,"duration_ms":%b,%b}' % (
        process.encode(),
        number,
        orjson.dumps(finished_at),
        request,
        orjson.dumps({name: text_of(value) for name, value in headers.items()}),
        response,
        orjson.dumps(mask_token(token)),
        orjson.dumps(round(duration * 1000, 3)),
        bodies,
    )


def mask_token(token: str | None) -> str | None:
    """Return the first three characters of a token, its length, and its sandbox suffix."""
    if not token:
        return token
    secret, separator, sandbox = token, "", ""
    if "@" in token:
        secret, separator, sandbox = token.rpartition("@")
    return f"{secret[:3]}…({len(secret)}){separator}{sandbox}"


def truncate_body(body: bytes, length: int) -> str | None:
    """Return the kept part of a body as text; `None` for no body.

    `length` is the length of the complete body in bytes.
    """
    if not length:
        return None
    if length == len(body):
        return body.decode("utf-8", "replace")
    return f"{body.decode('utf-8', 'ignore')}… ({length} bytes)"
