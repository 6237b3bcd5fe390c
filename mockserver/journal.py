"""Exchanges, as the journal keeps them: one request, its answer, and why it was that."""

import itertools
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.errors import Violation
from mockserver.message import Request, Response

BODY = 4096
"""The most bytes of a body that are kept."""
HEADERS = ("prefer", "content-type", "origin", "user-agent")
"""The request's headers that are kept, beside its token: what chooses the answer, and who asked."""
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Move:
    """A change of state that an exchange made."""

    record: str
    """Collection and key: `exports/ID/100`."""
    before: str
    after: str

    def as_json(self) -> dict[str, str]:
        """As exchanges tell it."""
        return {"record": self.record, "from": self.before, "to": self.after}


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why an answer is what it is."""

    why: str
    """In a few words: the preference, scenario, state or default that chose it."""
    scenario: str | None = None
    """The scenario that spoke."""
    transition: Move | None = None


def entry(
    request: Request,
    response: Response,
    *,
    sandbox: str,
    operation: str | None,
    arguments: Mapping[str, Any],
    reasons: Reasons,
    remarks: tuple[str, ...],
    violations: tuple[Violation, ...],
    near_misses: list[dict[str, Any]],
    began: float,
) -> bytes:
    """One exchange as JSON. `began` is `time.perf_counter()` of its beginning."""
    told = {
        "id": f"{os.getpid():x}-{next(_numbers):x}",
        "time": time.time(),
        "sandbox": sandbox,
        "operation": operation,
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": {name: value for name in HEADERS if (value := request.headers.get(name)) is not None},
        "arguments": arguments,
        "status": response.status,
        "why": reasons.why,
        "scenario": reasons.scenario,
        "transition": reasons.transition.as_json() if reasons.transition else None,
        "violations": [violation.as_json() for violation in violations],
        "remarks": remarks,
        "token": masked(request.headers.get("x-access-token")),
        "duration_ms": round((time.perf_counter() - began) * 1000, 3),
        "request_body": shortened(request.body),
        "response_body": shortened(response.body),
    }
    if near_misses:
        told["near_misses"] = near_misses
    return orjson.dumps(told)


def masked(token: str | None) -> str | None:
    """A token as it may be shown: its first three characters and its length; the sandbox on it is no secret."""
    if not token:
        return token
    secret, at, sandbox = token.rpartition("@") if "@" in token else (token, "", "")
    return f"{secret[:3]}…({len(secret)}){at}{sandbox}"


def shortened(body: bytes) -> str | None:
    """A body as text, cut where it is long; `None` for none."""
    if not body:
        return None
    if len(body) <= BODY:
        return body.decode("utf-8", "replace")
    return f"{body[:BODY].decode('utf-8', 'ignore')}… ({len(body)} bytes)"
