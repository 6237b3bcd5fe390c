"""The control API as OpenAPI 3.1, through apispec: all of it from the table of routes."""

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
    StoreUnavailableProblem,
    TargetTooLong,
    UnsupportedCoding,
)
from mockserver.web.admin.route import Route
from mockserver.web.admin.schemas import TEXT
from mockserver.web.admin_guard import NO_TOKEN_REQUIRED

ALWAYS: tuple[type[Problem], ...] = (
    HostNotAllowed,
    OriginNotAllowed,
    SandboxNameInvalid,
    TargetTooLong,
    InternalError,
    StoreUnavailableProblem,
)
"""What every control operation may tell."""
WITH_BODY: tuple[type[Problem], ...] = (AdminRequestInvalid, MalformedRequest, NotJson, UnsupportedCoding, BodyTooLarge)
WITH_QUERY: tuple[type[Problem], ...] = (AdminRequestInvalid,)
_DESCRIPTION = (
    "What testers and CI jobs steer the mock server with. Each operation is for one sandbox: that of the base URL, "
    f"`/~NAME/__admin/...`, else of the header `{HEADER}`, else `default`."
)


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The OpenAPI document; a route's schemas are those that its calls are held against."""
    info = {"description": _DESCRIPTION}
    spec = APISpec(title="mockserver control API", version=__version__, openapi_version="3.1.0", info=info)
    spec.components.schema("Problem", PROBLEM)
    for route in routes:
        path = "/__admin" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.path)
        spec.path(path=path, operations={route.method.lower(): _operation(route)})
    return spec.to_dict()


def problems(route: Route) -> list[type[Problem]]:
    """Every kind of problem that the operation may tell."""
    token = () if f"/__admin{route.path}" in NO_TOKEN_REQUIRED else (AdminTokenMissing,)
    found = (*ALWAYS, *token, *(WITH_BODY if route.request_schema else ()), *(WITH_QUERY if route.query else ()), *route.problems)
    return list(dict.fromkeys(found))


def _operation(route: Route) -> dict[str, Any]:
    segments = route.path.strip("/").split("/")
    told: dict[str, Any] = {
        "operationId": "-".join([route.method.lower(), *(segment.strip("<>") for segment in segments)]),
        "summary": route.summary,
        "tags": [route.response.__module__.rpartition(".")[2]],
        "parameters": [*_path_parameters(route), *_query_parameters(route), SANDBOX],
        "responses": {"200": _responses(route), **responses(problems(route))},
    }
    if route.request_schema:
        # Without a body there is no Content-Type, and the call is refused.
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": route.request_schema.schema}}}
    return told


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"<(?:\w+:)?(\w+)>", route.path)
    schema = NAME_SCHEMA if route.path.startswith("/sandboxes/") else TEXT
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in route.query.items()]


def _responses(route: Route) -> dict[str, Any]:
    return {"description": route.summary, "content": {route.media: {"schema": route.response_schema or {}}}}
