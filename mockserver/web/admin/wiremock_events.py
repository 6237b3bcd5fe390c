"""Exchanges as the control plane tells them: the journal's own members, and beside them those that WireMock's clients read.

What WireMock calls a serve event is an exchange, with its request as `request`; what it calls a logged request has the members of
that request at its top. They are made from the journal's entry when it is read, and say no more than it knows.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote

from mockserver.formats.json_schema import Schema
from mockserver.web.admin.call import Json
from mockserver.web.admin.schemas import (
    ANYTHING,
    BOOLEAN,
    COUNT,
    INTEGER,
    NUMBER,
    TEXT,
    TEXTS,
    array_of,
    map_of,
    nullable,
    object_of,
)

VIOLATION = object_of(pointer=TEXT, expected=TEXT, actual=TEXT, schema_pointer=TEXT)
TRANSITION = object_of(**{"record": TEXT, "from": TEXT, "to": TEXT})
NEAR_MISS = object_of(operation=TEXT, method=TEXT, uri_template=TEXT, distance=NUMBER, differences=TEXTS)
_OWN = {
    "id": TEXT,
    "time": NUMBER,
    "sandbox": TEXT,
    "operation": nullable(TEXT),
    "method": TEXT,
    "path": TEXT,
    "query": TEXT,
    "headers": map_of(TEXT),
    "arguments": map_of(ANYTHING),
    "status": INTEGER,
    "fault": nullable(TEXT),
    "why": TEXT,
    "scenario": nullable(TEXT),
    "transition": nullable(TRANSITION),
    "violations": array_of(VIOLATION),
    "remarks": TEXTS,
    "token": nullable(TEXT),
    "duration_ms": NUMBER,
    "request_body": nullable(TEXT),
    "response_body": nullable(TEXT),
}
_SOMETIMES = {"near_misses": array_of(NEAR_MISS)}
_LOGGED = {
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
LOGGED: Schema = object_of(_SOMETIMES, **{**_OWN, **_LOGGED})
"""An exchange with the members of its request at its top."""
STUB = object_of(id=TEXT, name=TEXT)
EVENT: Schema = object_of(
    _SOMETIMES,
    **_OWN,
    request=object_of(**_LOGGED),
    response=object_of(status=INTEGER),
    responseDefinition=object_of(status=INTEGER, fromConfiguredStub=BOOLEAN),
    stubMapping=nullable(STUB),
    wasMatched=BOOLEAN,
)
"""An exchange with its request as a member."""


def target(entry: Mapping[str, Any]) -> str:
    """Path and query as they were sent, but for the choice of what is escaped in the path."""
    path = quote(entry["path"], safe="/:@!$&'()*+,;=~")
    return f"{path}?{entry['query']}" if entry["query"] else path


def queried(entry: Mapping[str, Any]) -> dict[str, list[str]]:
    """The query's variables, each with its values in the order in which they were sent."""
    return parse_qs(entry["query"], keep_blank_values=True)


def logged(entry: Json, url: str) -> Json:
    """An entry as a logged request; `url` is where the server is."""
    return {**entry, **_request(entry, url)}


def event(entry: Json, url: str) -> Json:
    """An entry as a serve event. `operation` stands for the stub mapping; the response's body is our `response_body`."""
    operation, status = entry["operation"], entry["status"]
    return {
        **entry,
        "request": _request(entry, url),
        "response": {"status": status},
        "responseDefinition": {"status": status, "fromConfiguredStub": operation is not None},
        "stubMapping": stub(operation) if operation else None,
        "wasMatched": operation is not None,
    }


def stub(operation: str) -> Json:
    """An operation as WireMock would name what answered."""
    return {"id": operation, "name": operation}


def _request(entry: Json, url: str) -> Json:
    sent, at, body = target(entry), entry["time"], entry["request_body"] or ""
    token = {"x-access-token": entry["token"]} if entry["token"] else {}
    return {
        "url": sent,
        "absoluteUrl": url + sent,
        "queryParams": {name: {"key": name, "values": values} for name, values in queried(entry).items()},
        "method": entry["method"],
        "clientIp": None,
        "headers": {**entry["headers"], **token},
        "cookies": {},
        "browserProxyRequest": False,
        "loggedDate": int(at * 1000),
        "loggedDateString": datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "body": body,
        "bodyAsBase64": b64encode(body.encode()).decode(),
    }
