"""Exchanges, as the journal keeps them: one request, its answer, and why it was that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from mockserver.errors import Violation
from mockserver.formats.header_text import text_of

MAX_BODY_BYTES = 4096
"""The most bytes of a body that are kept."""
RECORDED_HEADERS = ("prefer", "content-type", "origin", "user-agent", "traceparent", "tracestate")
"""The request's headers that are kept, beside its token: what chooses the answer, who asked, and in which trace (W3C)."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state that an exchange made."""

    record: str
    """Collection and key: `exports/ID/100`."""
    before: str
    after: str

    def as_json(self) -> dict[str, str]:
        """As exchanges tell it."""
        return {"record": self.record, "from": self.before, "to": self.after}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an answer is what it is."""

    reason: str
    """In a few words: the preference, scenario, state or default that chose it."""
    scenario: str | None = None
    """The scenario that spoke."""
    transition: Transition | None = None


class JournalEntry(NamedTuple):
    """One exchange as it is noted. It is encoded when it is written or read: most of a busy sandbox's never are."""

    id: tuple[str, int]
    """The process, and the number among its exchanges."""
    finished_at: float
    """Unix time of its end."""
    address: str
    """The client's; empty where it is not known. Not told by the journal."""
    duration: float
    """From its beginning to its end."""
    sandbox: str
    operation: str | None
    """Id of the operation; `None` where there was none."""
    method: str
    path: str
    query: str
    headers: Mapping[str, str | None]
    """Those of `HEADERS` that the request had, by lower-case name; `None` for one that it did not have."""
    token: str | None
    arguments: Mapping[str, Any]
    """The values of its parameters."""
    status: int
    fault: str | None
    """What the wire did to the answer."""
    explanation: Explanation
    violations: tuple[Violation, ...]
    notes: tuple[str, ...]
    near_misses: list[dict[str, Any]]
    request_body: bytes
    """As much of it as is kept, see `BODY`."""
    request_bytes: int
    """How many it had."""
    response_body: bytes
    response_bytes: int

    @property
    def entry_id(self) -> str:
        """Its id, as the journal tells it."""
        return f"{self.id[0]}-{self.id[1]:x}"

    def to_json(self) -> bytes:
        """The exchange as the journal's JSON."""
        reasons = self.explanation
        told = {
            "id": self.entry_id,
            "time": self.finished_at,
            "sandbox": self.sandbox,
            "operation": self.operation,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": {name: text_of(value) for name, value in self.headers.items() if value is not None},
            "arguments": self.arguments,
            "status": self.status,
            "fault": self.fault,
            "why": reasons.reason,
            "scenario": reasons.scenario,
            "transition": reasons.transition.as_json() if reasons.transition else None,
            "violations": [violation.as_json() for violation in self.violations],
            "remarks": self.notes,
            "token": mask_token(self.token),
            "duration_ms": round(self.duration * 1000, 3),
            "request_body": truncate_body(self.request_body, self.request_bytes),
            "response_body": truncate_body(self.response_body, self.response_bytes),
        }
        if self.near_misses:
            told["near_misses"] = self.near_misses
        return orjson.dumps(told)


def mask_token(token: str | None) -> str | None:
    """A token as it may be shown: its first three characters and its length; the sandbox on it is no secret."""
    if not token:
        return token
    secret, at, sandbox = token.rpartition("@") if "@" in token else (token, "", "")
    return f"{secret[:3]}…({len(secret)}){at}{sandbox}"


def truncate_body(body: bytes, length: int) -> str | None:
    """A body as text, of which this is the beginning; `None` for none."""
    if not length:
        return None
    if length == len(body):
        return body.decode("utf-8", "replace")
    return f"{body.decode('utf-8', 'ignore')}… ({length} bytes)"
