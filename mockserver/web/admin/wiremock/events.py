"""Exchanges as WireMock's clients read them: the JSON of the journal with additional members.

A serve event is an exchange with its request as the member `request`. A logged request is an
exchange with the members of its request at the top level. Both are built when a client reads
them, from the data of the journal entry alone.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote

from mockserver.formats.json_schema import Schema
from mockserver.web.admin.exchange_schemas import EXCHANGE, SOMETIMES
from mockserver.web.admin.schemas import (
    BOOLEAN,
    COUNT,
    INTEGER,
    TEXT,
    TEXTS,
    Json,
    map_of,
    nullable,
    object_of,
)

_REQUEST: dict[str, Schema] = {
    "url": TEXT,
    "absoluteUrl": TEXT,
    "queryParams": map_of(object_of(key=TEXT, values=TEXTS)),
    "method": TEXT,
    "clientIp": nullable(TEXT),
    "headers": map_of(TEXT),
    "cookies": map_of(TEXT),
    "browserProxyRequest": BOOLEAN,
    "loggedDate": COUNT,
    "loggedDateString": TEXT,
    "body": TEXT,
    "bodyAsBase64": TEXT,
}
LOGGED_REQUEST: Schema = object_of(SOMETIMES, **{**EXCHANGE, **_REQUEST})
"""An exchange with the members of its request at the top level."""
STUB = object_of(id=TEXT, name=TEXT)
SERVE_EVENT: Schema = object_of(
    SOMETIMES,
    **EXCHANGE,
    request=object_of(**_REQUEST),
    response=object_of(status=INTEGER),
    responseDefinition=object_of(status=INTEGER, fromConfiguredStub=BOOLEAN),
    stubMapping=nullable(STUB),
    wasMatched=BOOLEAN,
)
"""An exchange with its request as a member."""


def request_target(exchange: Mapping[str, Any]) -> str:
    """Return path and query as sent. Only the set of escaped characters in the path may differ."""
    path = quote(exchange["path"], safe="/:@!$&'()*+,;=~")
    if not exchange["query"]:
        return path
    return f"{path}?{exchange['query']}"


def query_values(exchange: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the values of each query parameter, in the order of the request."""
    return parse_qs(exchange["query"], keep_blank_values=True)


def logged_request(exchange: Json, url: str) -> Json:
    """Return an exchange as a logged request. `url` is the URL of the server."""
    return {**exchange, **_request_json(exchange, url)}


def serve_event(exchange: Json, url: str) -> Json:
    """Return an exchange as a serve event. Its stub mapping is the operation."""
    operation, status = exchange["operation"], exchange["status"]
    stub = None
    if operation:
        stub = stub_json(operation)
    return {
        **exchange,
        "request": _request_json(exchange, url),
        "response": {"status": status},
        "responseDefinition": {"status": status, "fromConfiguredStub": operation is not None},
        "stubMapping": stub,
        "wasMatched": operation is not None,
    }


def stub_json(operation: str) -> Json:
    """Return an operation in the form of WireMock's stub mapping."""
    return {"id": operation, "name": operation}


def _request_json(exchange: Json, url: str) -> Json:
    target, body = request_target(exchange), exchange["request_body"] or ""
    headers = dict(exchange["headers"])
    if exchange["token"]:
        headers["x-access-token"] = exchange["token"]
    query = {}
    for name, values in query_values(exchange).items():
        query[name] = {"key": name, "values": values}
    return {
        "url": target,
        "absoluteUrl": url + target,
        "queryParams": query,
        "method": exchange["method"],
        "clientIp": None,
        "headers": headers,
        "cookies": {},
        "browserProxyRequest": False,
        "loggedDate": int(exchange["time"] * 1000),
        "loggedDateString": _date_text(exchange["time"]),
        "body": body,
        "bodyAsBase64": b64encode(body.encode()).decode(),
    }


def _date_text(timestamp: float) -> str:
    text = datetime.fromtimestamp(timestamp, UTC).isoformat(timespec="seconds")
    return text.replace("+00:00", "Z")
