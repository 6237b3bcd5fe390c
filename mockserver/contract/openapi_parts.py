"""What the OpenAPI documents of the API and of the admin API share: problem responses, and the parameter that names a sandbox."""

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.config.sandbox_names import HEADER, NAME_SCHEMA
from mockserver.contract.model import ServedOperation
from mockserver.errors import (
    AccessTokenExpired,
    AccessTokenMissing,
    BodyTooLarge,
    FaultNotSupported,
    FeatureMissing,
    HeadersTooLarge,
    InternalError,
    KeyConflict,
    MalformedRequest,
    PreferenceNotMet,
    Problem,
    RecordNotFound,
    RequestBreaksContract,
    ResponseBreaksContract,
    SandboxNameInvalid,
    SandboxTooLarge,
    StoreUnavailableProblem,
    TargetTooLong,
    TooManyDelayedResponses,
    TransitionNotAllowed,
    UnsupportedCoding,
    UnsupportedMediaType,
)

SANDBOX = {"name": HEADER, "in": "header", "required": False, "schema": NAME_SCHEMA, "description": "The sandbox."}
"""The parameter that names a sandbox."""
MEDIA_TYPE = "application/problem+json"
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}
"""The problem details object of RFC 9457; each type of problem may have further members."""

ALWAYS: tuple[type[Problem], ...] = (
    RequestBreaksContract,
    MalformedRequest,
    PreferenceNotMet,
    SandboxNameInvalid,
    BodyTooLarge,
    UnsupportedCoding,
    TargetTooLong,
    HeadersTooLarge,
    ResponseBreaksContract,
    InternalError,
    FaultNotSupported,
    StoreUnavailableProblem,
    TooManyDelayedResponses,
)
"""What every operation of the API can answer with."""
_NAMES_A_RECORD = ("retrieve", "transition", "update", "remove")


def problems(served: ServedOperation) -> list[type[Problem]]:
    """Every kind of problem that an operation of the API can answer with."""
    effect = served.effect
    conditions: dict[type[Problem], bool] = {
        AccessTokenMissing: served.access_token is not None,
        AccessTokenExpired: served.access_token is not None,
        FeatureMissing: served.access_token is not None and bool(served.operation.required_features),
        UnsupportedMediaType: not served.media.any_request,
        RecordNotFound: effect.kind in _NAMES_A_RECORD and effect.not_found_status is None,
        TransitionNotAllowed: effect.kind == "update" and served.lifecycle is not None,
        KeyConflict: effect.kind == "create" and effect.conflict_status is None,
        SandboxTooLarge: effect.writes,
    }
    return [*ALWAYS, *(kind for kind, is_possible in conditions.items() if is_possible)]


def responses(kinds: Iterable[type[Problem]]) -> dict[str, dict[str, Any]]:
    """The OpenAPI responses of these kinds of problems, by status, in ascending order."""
    by_status: dict[str, list[type[Problem]]] = {}
    for kind in sorted(kinds, key=lambda kind: (kind.status, kind.slug)):
        by_status.setdefault(str(kind.status), []).append(kind)
    return {status: _response(of_status) for status, of_status in by_status.items()}


def with_problems(documented: Mapping[str, dict[str, Any]], kinds: Iterable[type[Problem]]) -> dict[str, dict[str, Any]]:
    """The documented responses first, each with the problems of its status, then the problems of other statuses."""
    found = dict(documented)
    for status, problem in responses(kinds).items():
        found[status] = _joined(found[status], problem) if status in found else problem
    return found


def _response(kinds: list[type[Problem]]) -> dict[str, Any]:
    types = {"enum": [f"urn:mockserver:problem:{kind.slug}" for kind in kinds]}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": {"type": types}}]}
    described = "; ".join(kind.title for kind in kinds)
    return {"description": described, "content": {MEDIA_TYPE: {"schema": schema}}}


def _joined(documented: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    """A documented response that may be a problem instead; a documented problem has either of two schemas."""
    content, ours = documented.get("content", {}), problem["content"][MEDIA_TYPE]
    if vendors := content.get(MEDIA_TYPE):
        ours = {**vendors, "schema": {"anyOf": [vendors.get("schema", {}), ours["schema"]]}}
    description = f"{documented['description']}, or a problem returned by the mock server: {problem['description']}"
    return {**documented, "description": description, "content": {**content, MEDIA_TYPE: ours}}
