"""The OpenAPI 3.1 document of the admin API. apispec builds it from the table of routes."""

import re
from collections.abc import Iterable
from typing import Any

from apispec import APISpec

from mockserver import __version__
from mockserver.config.sandbox_names import HEADER, NAME_SCHEMA
from mockserver.contract.openapi_parts import PROBLEM, SANDBOX, responses
from mockserver.errors import (
    AdminRequestInvalid,
    AdminTokenMissing,
    BodyTooLarge,
    HostNotAllowed,
    InternalError,
    MalformedRequest,
    NotJson,
    OriginNotAllowed,
    Problem,
    SandboxNameInvalid,
    StoreUnavailable,
    TargetTooLong,
    UnsupportedContentCoding,
)
from mockserver.web.admin import apis
from mockserver.web.admin.route import Route
from mockserver.web.admin.schemas import TEXT
from mockserver.web.admin_guard import NO_TOKEN_REQUIRED

ALWAYS: tuple[type[Problem], ...] = (
    HostNotAllowed,
    OriginNotAllowed,
    SandboxNameInvalid,
    TargetTooLong,
    InternalError,
    StoreUnavailable,
)
"""The problems of every route."""
WITH_BODY: tuple[type[Problem], ...] = (
    AdminRequestInvalid,
    MalformedRequest,
    NotJson,
    UnsupportedContentCoding,
    BodyTooLarge,
)
WITH_QUERY: tuple[type[Problem], ...] = (AdminRequestInvalid,)
_DESCRIPTION = (
    "The API with which testers and CI jobs control the mock server. Each call is for one sandbox. "
    f"The base URL `/~NAME/__admin/...` or the header `{HEADER}` selects the sandbox. "
    "The default is `default`."
)
_NAMES = {"sandboxes": NAME_SCHEMA, "apis": apis.NAME_SCHEMA}
"""First segment of a path to the schema of the name after it."""
_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
"""A variable of a Flask rule."""


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """Return the OpenAPI document. Its schemas also validate the calls."""
    info = {"description": _DESCRIPTION}
    spec = APISpec(
        title="mockserver admin API", version=__version__, openapi_version="3.1.0", info=info
    )
    spec.components.schema("Problem", PROBLEM)
    for route in routes:
        path = "/__admin" + _VARIABLE.sub(r"{\1}", route.path)
        spec.path(path=path, operations={route.method.lower(): _operation(route)})
    return spec.to_dict()


def problems(route: Route) -> list[type[Problem]]:
    """Return the classes of all problems that a route may respond with."""
    kinds = list(ALWAYS)
    if f"/__admin{route.path}" not in NO_TOKEN_REQUIRED:
        kinds.append(AdminTokenMissing)
    if route.request_schema:
        kinds += WITH_BODY
    if route.query:
        kinds += WITH_QUERY
    return list(dict.fromkeys([*kinds, *route.problems]))


def _operation(route: Route) -> dict[str, Any]:
    members: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [_tag(route)],
        "parameters": [*_path_parameters(route), *_query_parameters(route), SANDBOX],
        "responses": {**_responses(route), **responses(problems(route))},
    }
    if route.request_schema:
        # A call without a body has no Content-Type, and is rejected.
        members["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": route.request_schema.schema}},
        }
    return members


def _operation_id(route: Route) -> str:
    """Return the id of a route, such as `get-sandboxes-name`."""
    parts = [route.method.lower()]
    for segment in route.path.strip("/").split("/"):
        parts.append(segment.strip("<>"))
    return "-".join(parts)


def _tag(route: Route) -> str:
    """Return the group of a route, which is the module of its view."""
    return route.view.__module__.rpartition(".")[2]


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    names = _VARIABLE.findall(route.path)
    schema = _NAMES.get(route.path.split("/")[1], TEXT)
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    parameters = []
    for name, schema in route.query["properties"].items():
        is_required = name in route.query["required"]
        parameters.append({"name": name, "in": "query", "required": is_required, "schema": schema})
    return parameters


def _responses(route: Route) -> dict[str, Any]:
    response = {
        "description": route.summary,
        "content": {route.media: {"schema": route.response_schema or {}}},
    }
    return {str(status): response for status in route.statuses}
