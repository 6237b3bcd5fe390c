"""The response of a scenario's `response`, which the blueprint does not document."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.formats.header_text import TOKEN, wsgi_text
from mockserver.formats.json_schema import Schema, closed_object
from mockserver.spec.description import charset

TEXT: Schema = {"type": ["string", "number", "boolean"]}
RESPONSE: Schema = closed_object(
    ["status"],
    status={"type": "integer", "minimum": 200, "maximum": 599},
    headers={"type": "object", "additionalProperties": TEXT},
    body={"type": ["object", "array", "string", "number", "boolean"]},
)
"""The value of `response`."""
SERVER_HEADERS = {
    "connection": "the server decides when a connection ends",
    "content-length": "the server computes the length of the body",
    "date": "the server sends the time",
    "keep-alive": "the server decides when a connection ends",
    "preference-applied": "the server sends the preferences of the request",
    "proxy-connection": "the server decides when a connection ends",
    "server": "the server sends its own name",
    "te": "it is a header of requests",
    "trailer": "the server sends no trailers",
    "transfer-encoding": "the server decides how to send the body",
    "upgrade": "the server supports no other protocol",
}
"""Header in lower case to the reason why a scenario cannot set it."""
SERVER_PREFIXES = {
    "access-control-": "the server sends CORS headers, see the setting --cors-origin",
    "x-mock-": "the server describes each response with these headers",
}
"""Start of a header in lower case to the reason why a scenario cannot set it."""
_WITHOUT_BODY = (204, 205, 304)
"""Statuses of responses that never have a body (RFC 9110)."""
_NAME = re.compile(TOKEN)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_JSON_TYPE = "application/json"
_TEXT_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class UndocumentedResponse:
    """A response that the blueprint does not document."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    """In the form of WSGI."""
    body: bytes = b""


def build_undocumented(value: Mapping[str, Any]) -> UndocumentedResponse:
    """Build the response of a value without `undocumented_errors`."""
    headers = []
    for name, header_value in value.get("headers", {}).items():
        headers.append((name, wsgi_text(text_of_value(header_value))))
    if "body" not in value:
        return UndocumentedResponse(value["status"], tuple(headers))
    body = value["body"]
    content_type = _content_type(value)
    if content_type is None:
        content_type = _JSON_TYPE
        if isinstance(body, str):
            content_type = _TEXT_TYPE
        headers.insert(0, ("Content-Type", content_type))
    if isinstance(body, str):
        return UndocumentedResponse(
            value["status"], tuple(headers), body.encode(charset(content_type))
        )
    return UndocumentedResponse(value["status"], tuple(headers), orjson.dumps(body))


def undocumented_errors(value: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """Yield each error that `RESPONSE` cannot find: pointer, message, whether a key is wrong."""
    if "body" in value and value["status"] in _WITHOUT_BODY:
        yield ("body",), f"a {value['status']} response has no body; expected no 'body'", True
    elif isinstance(value.get("body"), str):
        yield from _encoding_errors(value)
    names: dict[str, str] = {}
    for name, header_value in value.get("headers", {}).items():
        reason = _reason_against(name)
        first_name = names.setdefault(name.lower(), name)
        if reason:
            message = f"'{name}' cannot be set: {reason}; expected another header"
            yield ("headers", name), message, True
        elif first_name != name:
            message = f"'{name}' is the same header as '{first_name}'; expected one of them"
            yield ("headers", name), message, True
        if _CONTROL.search(text_of_value(header_value)):
            message = "the value has a control character; expected one line of text"
            yield ("headers", name), message, False


def _reason_against(name: str) -> str | None:
    """Return why a scenario cannot set a header; `None` if it can."""
    if not _NAME.fullmatch(name):
        return "the name has a character that header names cannot have"
    for prefix, reason in SERVER_PREFIXES.items():
        if name.lower().startswith(prefix):
            return reason
    return SERVER_HEADERS.get(name.lower())


def _encoding_errors(value: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """Yield an error for a text that the charset of the `Content-Type` cannot encode."""
    name = charset(_content_type(value))
    try:
        value["body"].encode(name)
    except (LookupError, ValueError):
        yield ("body",), f"the charset {name!r} cannot encode the text; expected utf-8", False


def _content_type(value: Mapping[str, Any]) -> str | None:
    for name, header_value in value.get("headers", {}).items():
        if name.lower() == "content-type":
            return text_of_value(header_value)
    return None


def text_of_value(value: Any) -> str:
    """Return the text that a value stands for in a request or a response."""
    text = str(value)
    if isinstance(value, bool):
        return text.lower()
    return text
