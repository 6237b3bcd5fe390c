"""One call of a control operation, and its body."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from mockserver.errors import AdminRequestInvalid, NotJson, Violation
from mockserver.formats import exact_json
from mockserver.formats.json_schema import MAX_DEPTH, MAX_REPORTED, Schema, Validator, closed_object, exceeds_depth
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.web.event_streams import EventStreams

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventStream:
    """An answer that goes on: server-sent events."""

    pieces: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Text:
    """An answer that is no JSON, in the media type of its route."""

    content: str


@dataclass(frozen=True, slots=True)
class AdminCall:
    """What a control operation is given."""

    server: MockServer
    sandbox: str
    body: Mapping[str, Any]
    """Of POST and PUT; empty for the others."""
    query: Mapping[str, str]
    """As sent; see `asked`."""
    request: Request
    """As it arrived."""
    streams: EventStreams
    """The event streams of this process."""
    url: str = ""
    """Where the server was asked: `http://localhost:8080`."""

    def validate_body(self, validator: Validator) -> None:
        """Raises `ControlRequestInvalid` with every way in which the body is not as this schema says."""
        raise_invalid(validator.violations(self.body, MAX_REPORTED))

    def query_params(self, variables: Mapping[str, Schema]) -> Json:
        """The query's variables, each of the type that its schema has.

        Raises `ControlRequestInvalid` for a variable that is not among these, or whose value is not as its schema says.
        """
        values = {name: _typed(text, variables.get(name, {})) for name, text in self.query.items()}
        known = Validator(closed_object([], **variables))
        raise_invalid([replace(each, pointer=f"query{each.pointer}") for each in known.violations(values)])
        return values


def _typed(text: str, schema: Schema) -> Any:
    """A query variable's text as a value of its type; the text itself where it cannot be one."""
    kind = schema.get("type")
    if kind == "integer" and text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


def raise_invalid(violations: tuple[Violation, ...] | list[Violation]) -> None:
    """Raises `ControlRequestInvalid` for these violations; nothing for none."""
    if violations:
        told = "; ".join(map(str, violations))
        raise AdminRequestInvalid(told, {"violations": [violation.as_json() for violation in violations]})


def read_body(method: str, content_type: str | None, data: bytes) -> Mapping[str, Any]:
    """The body of a call.

    Raises `NotJson` for a body of another type: a form or a text is what other people's pages can send without asking.
    Raises `ControlRequestInvalid` for what is not a JSON object, or nests too deep.
    """
    if method not in ("POST", "PUT", "PATCH"):
        return {}
    if (content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise NotJson(f"expected Content-Type: application/json, got {content_type or 'none'}")
    try:
        body = exact_json.loads(data or b"{}")
    except exact_json.InexactInteger as error:
        raise AdminRequestInvalid(f"in the body {error}") from error
    except orjson.JSONDecodeError as error:
        raise AdminRequestInvalid(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise AdminRequestInvalid("expected a JSON object as the body")
    if exceeds_depth(body):
        raise AdminRequestInvalid(f"the body nests deeper than {MAX_DEPTH} levels")
    return body
