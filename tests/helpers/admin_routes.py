"""Calls of every route of the admin API, with valid variables, bodies and queries."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient

from helpers.admin import journal_entries
from helpers.shipped_api import BUSY
from helpers.uploads import counter_blueprint
from mockserver.contract.api_files import ApiFiles
from mockserver.contract.api_folder import load_files
from mockserver.contract.loader import combine
from mockserver.pipeline.loaded_uploads import CompleteApi
from mockserver.pipeline.uploads import UploadReader
from mockserver.sandbox.state import Activation, SandboxState
from mockserver.web.admin import Route

RECORD = {"collection": "push_notifications/exports", "key": f"{BUSY}/102"}
NEW_RECORD = {
    **dict.fromkeys(("name", "title_template", "body_template"), "mine"),
    "id": "00000000-0000-4000-8000-000000000001",
    **dict.fromkeys(("modified", "last_activation"), "2026-01-01T00:00:00Z"),
    **dict.fromkeys(("modified_by", "last_activation_by"), 1),
}
EXPORTED_STATE = SandboxState(scenarios=(Activation("empty-lists"),)).data_json()


def upload_counter(client: FlaskClient, name: str = "counter") -> str:
    """Upload an API without a request, and return its name."""
    uploads = client.application.extensions["mockserver"].uploads
    uploads.accept(UploadReader(load_files, combine, CompleteApi))
    uploads.put("", ApiFiles(name, counter_blueprint(1)))
    return name


def existing_name(client: FlaskClient, route: Route) -> str:
    if route.path.startswith("/apis"):
        return upload_counter(client)
    if route.path.startswith("/sandboxes"):
        return "default"
    return "slow"


def existing_exchange(client: FlaskClient, _: Route) -> str:
    return str(journal_entries(client)[0]["id"])


VARIABLES: dict[str, Callable[[FlaskClient, Route], str]] = {
    "name": existing_name,
    "exchange": existing_exchange,
}
"""Path variable to a function that returns an existing value."""
BODIES: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("PUT", "/scenarios/<name>/state"): [{"state": "on"}, {}],
    ("PUT", "/apis/<name>"): [{"blueprint": counter_blueprint(2)}],
    ("PUT", "/clock"): [{"mode": "frozen", "progression": "time"}],
    ("POST", "/clock/advance"): [{"seconds": 1}],
    ("PUT", "/sandboxes/<name>"): [{"state": EXPORTED_STATE}],
    ("PATCH", "/sandboxes/<name>"): [{"test": "a.spec.ts:1 › is red"}, {"contract": "main"}, {}],
    ("POST", "/records/transition"): [{**RECORD, "to": "canceled"}],
    ("POST", "/records/restore"): [RECORD],
    ("PUT", "/records"): [NEW_RECORD],
    ("PATCH", "/records"): [{"name": "Mine"}],
    ("PUT", "/bindings"): [{"sandbox": "mine"}],
    ("POST", "/session"): [{"token": "any"}],
    ("POST", "/requests/count"): [{}, {"status": 200, "headers": {"Prefer": {"absent": True}}}],
    ("POST", "/requests/find"): [{}, {"unmatched": True}, {"urlPathPattern": "/api/.*"}],
    ("POST", "/near-misses/request"): [{"method": "GET", "url": "/api/push_notifications/trsh"}],
}
"""Valid bodies of a route. All other routes take `{}`."""
QUERIES: dict[tuple[str, str], dict[str, str]] = {
    ("PUT", "/records"): {"collection": "push_notifications/trash", "key": NEW_RECORD["id"]},
    ("PATCH", "/records"): RECORD,
    ("DELETE", "/records"): RECORD,
    ("GET", "/coverage"): {"sandbox": "default"},
}
"""Queries that a route needs. All other routes need none."""


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def target(client: FlaskClient, route: Route, **variables: str) -> str:
    """Return the URL of a route. By default, path variables have existing values."""

    def value(variable: re.Match[str]) -> str:
        name = variable[1]
        if name in variables:
            return variables[name]
        return VARIABLES[name](client, route)

    return "/__admin" + re.sub(r"<(\w+)>", value, route.path)


def call_route(
    client: FlaskClient, route: Route, body: Any = None, query: str = "", **variables: str
) -> Any:
    """Return the response of a route. The default body and query are valid."""
    arguments = {}
    if route.request_schema:
        arguments["json"] = bodies(route)[0] if body is None else body
    query = query or f"?{urlencode(QUERIES.get((route.method, route.path), {}))}"
    path = target(client, route, **variables)
    return client.open(path + query, method=route.method, **arguments)


def bodies(route: Route) -> list[dict[str, Any]]:
    """Return valid bodies of a route."""
    return BODIES.get((route.method, route.path), [{}])
