"""Exchanges as the control plane tells them: the journal's own members, and beside them those that WireMock's clients read.

What WireMock calls a serve event is an exchange, with its request as `request`; what it calls a logged request has the members of
that request at its top. They are made from the journal's entry when it is read, and say no more than it knows.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote

from mockserver.web.admin.call import Json
from mockserver.web.admin.schemas import (
    ANYTHING,
    BOOLEAN,
    COUNT,
    INTEGER,
    NUMBER,
    TEXT,
    TEXTS,
    Schema,
    a_list,
    a_map,
    an_object,
    or_null,
)

VIOLATION = an_object(pointer=TEXT, expected=TEXT, actual=TEXT, schema_pointer=TEXT)
TRANSITION = an_object(**{"record": TEXT, "from": TEXT, "to": TEXT})
NEAR_MISS = an_object(operation=TEXT, method=TEXT, uri_template=TEXT, distance=NUMBER, differences=TEXTS)
_OWN = {
    "id": TEXT,
    "time": NUMBER,
    "sandbox": TEXT,
    "operation": or_null(TEXT),
    "method": TEXT,
    "path": TEXT,
    "query": TEXT,
    "headers": a_map(TEXT),
    "arguments": a_map(ANYTHING),
    "status": INTEGER,
    "fault": or_null(TEXT),
    "why": TEXT,
    "scenario": or_null(TEXT),
    "transition": or_null(TRANSITION),
    "violations": a_list(VIOLATION),
    "remarks": TEXTS,
    "token": or_null(TEXT),
    "duration_ms": NUMBER,
    "request_body": or_null(TEXT),
    "response_body": or_null(TEXT),
}
_SOMETIMES = {"near_misses": a_list(NEAR_MISS)}
_LOGGED = {
    "url": TEXT,
    "absoluteUrl": TEXT,
    "queryParams": a_map(an_object(key=TEXT, values=TEXTS)),
    "method": TEXT,
    "clientIp": or_null(TEXT),
    "headers": a_map(TEXT),
    "cookies": a_map(TEXT),
    "browserProxyRequest": BOOLEAN,
    "loggedDate": COUNT,
    "loggedDateString": TEXT,
    "body": TEXT,
    "bodyAsBase64": TEXT,
}
LOGGED: Schema = an_object(_SOMETIMES, **{**_OWN, **_LOGGED})
"""An exchange with the members of its request at its top."""
STUB = an_object(id=TEXT, name=TEXT)
EVENT: Schema = an_object(
    _SOMETIMES,
    **_OWN,
    request=an_object(**_LOGGED),
    response=an_object(status=INTEGER),
    responseDefinition=an_object(status=INTEGER, fromConfiguredStub=BOOLEAN),
    stubMapping=or_null(STUB),
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
