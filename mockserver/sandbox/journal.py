"""Journal entries: one request, its response, and the explanation of the response."""

from collections.abc import Mapping
from dataclasses import dataclass
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
    operation: str | None
    """Id of the operation; `None` for an unmatched request."""
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
        explanation, transition = self.explanation, self.explanation.transition
        headers = {name: text_of(value) for name, value in self.headers.items() if value is not None}
        entry = {
            "id": self.entry_id,
            "time": self.finished_at,
            "sandbox": self.sandbox,
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": headers,
            "arguments": self.arguments,
            "status": self.status,
            "fault": self.fault,
            "reason": explanation.reason,
            "scenario": explanation.scenario,
            "transition": transition.as_json() if transition else None,
            "violations": [violation.as_json() for violation in self.violations],
            "notes": self.notes,
            "token": mask_token(self.token),
            "duration_ms": round(self.duration * 1000, 3),
            "request_body": truncate_body(self.request_body, self.request_bytes),
            "response_body": truncate_body(self.response_body, self.response_bytes),
        }
        if self.near_misses:
            entry["near_misses"] = self.near_misses
        return orjson.dumps(entry)


def mask_token(token: str | None) -> str | None:
    """Return a token as it may be shown: its first three characters, its length, and its sandbox."""
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
