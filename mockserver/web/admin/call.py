"""One call of the admin API, with its query and body."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from mockserver.contract.model import Contract
from mockserver.errors import AdminRequestInvalid, NotJson
from mockserver.formats import exact_json
from mockserver.formats.json_schema import MAX_DEPTH, MAX_REPORTED, Schema, Validator, exceeds_depth
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.web.admin.schemas import Json
from mockserver.web.admin.violations import raise_invalid
from mockserver.web.event_streams import EventStreams

_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class EventStream:
    """A response of server-sent events. It has no end."""

    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Text:
    """A text response. Its media type is that of the route."""

    content: str


@dataclass(frozen=True, slots=True)
class Created:
    """A JSON response with the status 201."""

    content: Json


@dataclass(frozen=True, slots=True)
class AdminCall:
    """The arguments of an admin route."""

    server: MockServer
    sandbox: str
    body: Mapping[str, Any]
    """The body of POST, PUT and PATCH; empty for other methods."""
    query: Mapping[str, str]
    """The query parameters as sent; see `query_params`."""
    request: Request
    """The request as received."""
    streams: EventStreams
    """The event streams of this process."""
    url: str = ""
    """The server's URL that the client has used: `http://localhost:8080`."""

    @property
    def contract(self) -> Contract:
        """The contract of the call's sandbox.

        Raises:
            ContractUnavailable: the sandbox has chosen a contract that is not served.
        """
        return self.server.contract_of(self.sandbox).contract

    def validate_body(self, validator: Validator) -> None:
        """Validate the body.

        Raises:
            AdminRequestInvalid: with all violations.
        """
        raise_invalid(validator.violations(self.body, MAX_REPORTED))

    def query_params(self, schema: Schema) -> Json:
        """Return the query parameters as values of the types in the schema.

        Raises:
            AdminRequestInvalid: a parameter is unknown, missing or invalid.
        """
        properties = schema["properties"]
        values = {}
        for name, text in self.query.items():
            values[name] = _typed(text, properties.get(name, {}))
        violations = []
        for violation in Validator(schema).violations(values):
            violations.append(replace(violation, pointer=f"query{violation.pointer}"))
        raise_invalid(violations)
        return values


def _typed(text: str, schema: Schema) -> Any:
    """Return a query parameter as a value of its type, or unchanged if it has another type."""
    kind = schema.get("type")
    if kind == "integer" and text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    if kind == "boolean":
        return _BOOLEANS.get(text, text)
    return text


def read_body(method: str, content_type: str | None, data: bytes) -> Mapping[str, Any]:
    """Return the body of a call.

    Raises:
        NotJson: the media type is not JSON. Pages of other origins can send other types, such as
            forms, without a preflight.
        AdminRequestInvalid: the body is not a JSON object, or is nested too deep.
    """
    if method not in ("POST", "PUT", "PATCH"):
        return {}
    if (content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise NotJson(f"Content-Type must be application/json, got {content_type or 'none'}")
    try:
        body = exact_json.loads(data or b"{}")
    except exact_json.InexactInteger as error:
        raise AdminRequestInvalid(f"in the body {error}") from error
    except orjson.JSONDecodeError as error:
        raise AdminRequestInvalid(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise AdminRequestInvalid("the body must be a JSON object")
    if exceeds_depth(body):
        raise AdminRequestInvalid(f"the body is nested deeper than {MAX_DEPTH} levels")
    return body
