"""One call of a control operation, and its body."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.errors import ControlRequestInvalid, NotJson, Violation
from mockserver.json_schema import Validator
from mockserver.message import Request
from mockserver.pipeline import MockServer
from mockserver.web.streams import Streams

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that goes on: server-sent events."""

    pieces: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Call:
    """What a control operation is given."""

    server: MockServer
    sandbox: str
    body: Mapping[str, Any]
    """Of POST and PUT; empty for the others."""
    query: Mapping[str, str]
    request: Request
    """As it arrived."""
    streams: Streams
    """The event streams of this process."""

    def expect(self, validator: Validator) -> None:
        """Raises `ControlRequestInvalid` with every way in which the body is not as this schema says."""
        refuse(validator.violations(self.body))


def refuse(violations: tuple[Violation, ...] | list[Violation]) -> None:
    """Raises `ControlRequestInvalid` for these violations; nothing for none."""
    if violations:
        told = "; ".join(map(str, violations))
        raise ControlRequestInvalid(told, {"violations": [violation.as_json() for violation in violations]})


def read_body(method: str, content_type: str | None, data: bytes) -> Mapping[str, Any]:
    """The body of a call.

    Raises `NotJson` for a body of another type: a form or a text is what other people's pages can send without asking.
    Raises `ControlRequestInvalid` for what is not a JSON object.
    """
    if method not in ("POST", "PUT", "PATCH"):
        return {}
    if (content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise NotJson(f"expected Content-Type: application/json, got {content_type or 'none'}")
    try:
        body = orjson.loads(data or b"{}")
    except orjson.JSONDecodeError as error:
        raise ControlRequestInvalid(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise ControlRequestInvalid("expected a JSON object as the body")
    return body
