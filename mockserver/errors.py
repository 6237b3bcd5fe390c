"""The exceptions of the package, in one tree.

* MockServerError
  * InvalidFiles
  * UsageError
  * StartError
  * Problem
    * RequestBreaksContract
    * MalformedRequest
    * AccessTokenMissing
    * AccessTokenExpired
    * FeatureMissing
    * AdminTokenMissing
    * HostNotAllowed
    * OriginNotAllowed
    * UnknownOperation
    * RecordNotFound
    * TransitionNotAllowed
    * KeyConflict
    * UnknownScenario
    * RouteNotFound
    * MethodNotAllowed
    * BodyTooLarge
    * RequestTimeout
    * TargetTooLong
    * HeadersTooLarge
    * UnsupportedMediaType
    * UnsupportedContentCoding
    * NotJson
    * PreferenceNotMet
    * SandboxNameInvalid
    * SandboxTooLarge
    * UnknownSandbox
    * UnknownExchange
    * TooManyStreams
    * StoreUnavailable
    * AdminRequestInvalid
    * ResponseBreaksContract
    * FaultNotSupported
    * TooManyDelayedResponses
    * InternalError

A Problem is also a response: RFC 9457, `application/problem+json`. One name serves all: the slug of
`RecordNotFound` is `record-not-found`.

A FileError and a Violation are values: they are collected, and reported together.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

_MAX_COMPARED = 100
"""Characters of a name that are compared with others: the time grows with the square of the length."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A position in a file. Lines and columns start at 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class FileError:
    """An error in a file that a user wrote; `message` says what was expected."""

    position: Position
    message: str

    def __str__(self) -> str:
        return f"{self.position}: {self.message}"


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a message breaks the contract."""

    pointer: str
    """JSON pointer (RFC 6901) into the body, or `query/limit`, `path/export_id`, `header/X-Access-Token`."""
    expected: str
    actual: str
    schema_pointer: str = ""
    """JSON pointer to the keyword of the schema that failed; empty if no schema was involved."""

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: expected {self.expected}, got {self.actual}"

    def as_json(self) -> dict[str, str]:
        """Return the violation as JSON, for a problem: `pointer`, `expected`, `actual`, `schema_pointer`."""
        return {
            "pointer": self.pointer,
            "expected": self.expected,
            "actual": self.actual,
            "schema_pointer": self.schema_pointer,
        }


class MockServerError(Exception):
    """The base class of every error of this package."""


class InvalidFiles(MockServerError):
    """Files cannot be used. `errors` are all reasons, sorted by file and line, each once."""

    def __init__(self, errors: Iterable[FileError]) -> None:
        self.errors = tuple(sorted(set(errors)))
        super().__init__("\n".join(map(str, self.errors)))


class UsageError(MockServerError):
    """An argument or a setting is invalid."""


class StartError(MockServerError):
    """The server cannot start on this machine; the message says why."""


def run_all(*steps: Callable[[], Any]) -> list[Any]:
    """Run steps that do not depend on each other, and return their results in order.

    Every step runs, even if another one fails.

    Raises:
        MockServerError: The error of the only step that failed.
        ExceptionGroup: The errors of all steps that failed, in order and not nested.
    """
    results: list[Any] = []
    errors: list[Exception] = []
    for step in steps:
        try:
            results.append(step())
        except* MockServerError as group:
            errors += group.exceptions
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup("several steps failed", errors)
    return results


def similar_name(name: str, candidates: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the candidate that is most similar to `name`, for a hint in a message; an empty text if none is similar."""
    from difflib import get_close_matches  # noqa: PLC0415 - only messages about a mistake need it

    matches = get_close_matches(name[:_MAX_COMPARED], sorted(candidates), 1, cutoff)
    return matches[0] if matches else ""


@dataclass(eq=False)
class Problem(MockServerError):
    """An error response of the mock server. `detail` describes this occurrence; `extensions` are further members."""

    detail: str
    extensions: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()

    slug: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __str__(self) -> str:
        return f"{self.title}: {self.detail}"

    def as_json(self) -> dict[str, Any]:
        """Return the problem details object of RFC 9457, section 3."""
        head = {
            "type": f"urn:mockserver:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
        }
        return {**head, "detail": self.detail, **self.extensions}


class RequestBreaksContract(Problem):
    """Parameters, headers or body of the request break the contract of the blueprint."""

    slug, status, title = "request-breaks-contract", 400, "Request breaks the contract"


class MalformedRequest(Problem):
    """The request cannot be read: for example, its path is not UTF-8."""

    slug, status, title = "malformed-request", 400, "Malformed request"


class AccessTokenMissing(Problem):
    """`X-Access-Token` is missing or empty, and the operation requires it."""

    slug, status, title = "access-token-missing", 401, "Access token required"


class AccessTokenExpired(Problem):
    """The token has expired. The blueprint documents no such response."""

    slug, status, title = "access-token-expired", 401, "Access token expired"


class FeatureMissing(Problem):
    """The token has none of the features that the operation requires. The blueprint documents no such response."""

    slug, status, title = "feature-missing", 403, "Access token lacks a required feature"


class AdminTokenMissing(Problem):
    """The server has an admin token, and the request to its admin API does not contain it."""

    slug, status, title = "admin-token-missing", 401, "Admin token required"


class HostNotAllowed(Problem):
    """The `Host` of the request to the admin API is not allowed: anybody may have pointed that name to this machine."""

    slug, status, title = "host-not-allowed", 403, "Host not allowed"


class OriginNotAllowed(Problem):
    """A page of another origin called the admin API."""

    slug, status, title = "origin-not-allowed", 403, "Origin not allowed"


class UnknownOperation(Problem):
    """No operation of the blueprint has this path."""

    slug, status, title = "unknown-operation", 404, "Unknown operation"


class RecordNotFound(Problem):
    """The record does not exist: the blueprint documents no response for that, or an admin request named it."""

    slug, status, title = "record-not-found", 404, "Record not found"


class TransitionNotAllowed(Problem):
    """The lifecycle does not allow the transition that an admin request or an update asks for."""

    slug, status, title = "transition-not-allowed", 409, "Transition not allowed"


class KeyConflict(Problem):
    """A record with this key already exists, and the blueprint documents no response for that."""

    slug, status, title = "key-conflict", 409, "Record already exists"


class UnknownScenario(Problem):
    """No scenario has this name."""

    slug, status, title = "unknown-scenario", 404, "Unknown scenario"


class RouteNotFound(Problem):
    """Neither the admin API, the panel nor the documentation has this path."""

    slug, status, title = "route-not-found", 404, "Route not found"


class MethodNotAllowed(Problem):
    """The path exists, but not with this method; `Allow` lists its methods."""

    slug, status, title = "method-not-allowed", 405, "Method not allowed"


class BodyTooLarge(Problem):
    """The request's body is longer than the limit."""

    slug, status, title = "body-too-large", 413, "Request body too large"


class RequestTimeout(Problem):
    """The request is incomplete, and no byte arrived for some time (`--read-timeout`)."""

    slug, status, title = "request-timeout", 408, "Request timeout"


class TargetTooLong(Problem):
    """The request's target (path and query) is longer than the limit."""

    slug, status, title = "target-too-long", 414, "Request target too long"


class HeadersTooLarge(Problem):
    """The request has more or longer headers than the limits."""

    slug, status, title = "headers-too-large", 431, "Request headers too large"


class UnsupportedMediaType(Problem):
    """The request's body has a media type that the blueprint does not document for the operation."""

    slug, status, title = "unsupported-media-type", 415, "Unsupported media type"


class UnsupportedContentCoding(Problem):
    """The request body has a content coding other than gzip."""

    slug, status, title = "unsupported-content-coding", 415, "Unsupported content coding"


class NotJson(Problem):
    """An admin request has a body whose media type is not JSON."""

    slug, status, title = "not-json", 415, "Request body must be JSON"


class PreferenceNotMet(Problem):
    """`Prefer` or a scenario asks for a response that the contract does not have for this operation."""

    slug, status, title = "preference-not-met", 400, "Preference cannot be met"


class SandboxNameInvalid(Problem):
    """The name of the sandbox is invalid."""

    slug, status, title = "sandbox-name-invalid", 400, "Invalid sandbox name"


class SandboxTooLarge(Problem):
    """The change would exceed the limit of bytes of one sandbox's state; nothing was changed."""

    slug, status, title = "sandbox-too-large", 507, "Sandbox size limit exceeded"


class UnknownSandbox(Problem):
    """The sandbox was never used, or was deleted or evicted."""

    slug, status, title = "unknown-sandbox", 404, "Unknown sandbox"


class UnknownExchange(Problem):
    """The sandbox's journal has no exchange with this id."""

    slug, status, title = "unknown-exchange", 404, "Unknown exchange"


class TooManyStreams(Problem):
    """The limit of open event streams is reached."""

    slug, status, title = "too-many-streams", 503, "Too many event streams"


class StoreUnavailable(Problem):
    """The store does not respond, or cannot save the change, for example because its disk is full.

    Nothing has changed, unless `unknown` is true: then the change may have been made, and only its
    confirmation was lost.
    """

    slug, status, title = "store-unavailable", 503, "Store unavailable"

    def __init__(
        self, reason: str, extensions: Mapping[str, Any] | None = None, *, unknown: bool = False
    ) -> None:
        detail = f"{reason}; the change may have been made anyway" if unknown else reason
        super().__init__(detail, extensions or {}, (("Retry-After", "1"),))
        self.unknown = unknown


class AdminRequestInvalid(Problem):
    """An admin request has an invalid body or query."""

    slug, status, title = "admin-request-invalid", 400, "Invalid admin request"


class ResponseBreaksContract(Problem):
    """The response that was built breaks the contract; nothing was changed."""

    slug, status, title = "response-breaks-contract", 500, "Response breaks the contract"


class FaultNotSupported(Problem):
    """A scenario asks for a fault that this HTTP server cannot produce; nothing was changed."""

    slug, status, title = "fault-not-supported", 501, "Fault not supported by this server"


class TooManyDelayedResponses(Problem):
    """The limit of delayed responses is reached; nothing was changed."""

    slug, status, title = "too-many-delayed-responses", 503, "Too many delayed responses"


class InternalError(Problem):
    """A bug of the mock server."""

    slug, status, title = "internal-error", 500, "Internal server error"


PROBLEMS: tuple[type[Problem], ...] = tuple(
    sorted(Problem.__subclasses__(), key=lambda kind: (kind.status, kind.slug))
)
"""Every class of problem, by status and slug; `docs/errors.md` shows how to provoke each."""
