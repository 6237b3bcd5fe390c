"""Parts of the OpenAPI documents of both APIs: problem responses and the sandbox parameter."""

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.config.sandbox_names import HEADER, NAME_SCHEMA
from mockserver.contract.model import ServedOperation
from mockserver.errors import (
    AccessTokenExpired,
    AccessTokenMissing,
    BodyTooLarge,
    ContractUnavailable,
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
    SandboxRequired,
    SandboxTooLarge,
    StoreUnavailable,
    TargetTooLong,
    TooManyDelayedResponses,
    TransitionNotAllowed,
    UnsupportedContentCoding,
    UnsupportedMediaType,
)

SANDBOX = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": NAME_SCHEMA,
    "description": "The sandbox.",
}
"""The parameter with the name of a sandbox."""
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
    SandboxRequired,
    BodyTooLarge,
    UnsupportedContentCoding,
    TargetTooLong,
    HeadersTooLarge,
    ResponseBreaksContract,
    InternalError,
    FaultNotSupported,
    StoreUnavailable,
    ContractUnavailable,
    TooManyDelayedResponses,
)
"""Problems that every operation of the API can respond with."""
_NAMES_A_RECORD = ("retrieve", "transition", "update", "remove")


def problems(served: ServedOperation) -> list[type[Problem]]:
    """Return all problems that an operation of the API can respond with."""
    effect = served.effect
    has_token = served.access_token is not None
    conditions: dict[type[Problem], bool] = {
        AccessTokenMissing: has_token,
        AccessTokenExpired: has_token,
        FeatureMissing: has_token and bool(served.operation.required_features),
        UnsupportedMediaType: not served.media.any_request,
        RecordNotFound: effect.kind in _NAMES_A_RECORD and effect.not_found_status is None,
        TransitionNotAllowed: effect.kind == "update" and served.lifecycle is not None,
        KeyConflict: effect.kind == "create" and effect.conflict_status is None,
        SandboxTooLarge: effect.writes,
    }
    possible = [kind for kind, is_possible in conditions.items() if is_possible]
    return [*ALWAYS, *possible]


def responses(kinds: Iterable[type[Problem]]) -> dict[str, dict[str, Any]]:
    """Return the OpenAPI responses of these problems, by status, in ascending order."""
    by_status: dict[str, list[type[Problem]]] = {}
    for kind in sorted(kinds, key=lambda kind: (kind.status, kind.slug)):
        by_status.setdefault(str(kind.status), []).append(kind)
    return {status: _response(of_status) for status, of_status in by_status.items()}


def with_problems(
    documented: Mapping[str, dict[str, Any]], kinds: Iterable[type[Problem]]
) -> dict[str, dict[str, Any]]:
    """Return the documented responses together with the problems.

    Args:
        documented: The documented responses, by status. They come first in the result.
        kinds: The problems.
    """
    merged = dict(documented)
    for status, problem in responses(kinds).items():
        if status in merged:
            merged[status] = _with_problem(merged[status], problem)
        else:
            merged[status] = problem
    return merged


def _response(kinds: list[type[Problem]]) -> dict[str, Any]:
    types = {"enum": [f"urn:mockserver:problem:{kind.slug}" for kind in kinds]}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": {"type": types}}]}
    titles = "; ".join(kind.title for kind in kinds)
    return {"description": titles, "content": {MEDIA_TYPE: {"schema": schema}}}


def _with_problem(documented: dict[str, Any], problem: dict[str, Any]) -> dict[str, Any]:
    """Return a documented response that may also be a problem.

    If the response documents problems itself, either schema is valid.
    """
    content = documented.get("content", {})
    media = problem["content"][MEDIA_TYPE]
    documented_media = content.get(MEDIA_TYPE)
    if documented_media:
        schemas = [documented_media.get("schema", {}), media["schema"]]
        media = {**documented_media, "schema": {"anyOf": schemas}}
    description = (
        f"{documented['description']}, or a problem returned by the mock server: "
        f"{problem['description']}"
    )
    return {**documented, "description": description, "content": {**content, MEDIA_TYPE: media}}
