"""The exceptions of the package, in one tree.

* MockServerError
  * InvalidFiles
  * UsageError
  * StartError
  * Problem: `PROBLEMS` lists its subclasses

A Problem is also a response (RFC 9457). The slug of `RecordNotFound` is `record-not-found`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A position in a file. Lines and columns start at 1. Line 0 is the whole file or folder."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class FileMessage:
    """An error or a warning about a user's file."""

    position: Position
    message: str
    """What is wrong, and what is expected."""
    severity: Severity = "error"
    code: str = ""
    """The code of its kind, for example `B410`. Only messages about blueprints have one."""
    outcome: str = ""
    """The sentence that states what was made of the input; can be empty."""

    def __str__(self) -> str:
        if not self.code:
            return f"{self.position}: {self.explanation}"
        return f"{self.position}: {self.explanation} [{self.code}]"

    @property
    def labelled(self) -> str:
        """The message with its severity, if this is a warning."""
        if self.is_error:
            return str(self)
        return str(self).replace(f"{self.position}: ", f"{self.position}: warning: ", 1)

    @property
    def explanation(self) -> str:
        """What is wrong, and what was made of it."""
        if not self.outcome:
            return self.message
        return f"{self.message}. {self.outcome}"

    @property
    def is_error(self) -> bool:
        """Whether this is an error, not a warning."""
        return self.severity == "error"


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a message breaks the contract."""

    pointer: str
    """JSON pointer (RFC 6901) into the body, or `query/limit`, `path/export_id`, `header/NAME`."""
    expected: str
    actual: str
    schema_pointer: str = ""
    """JSON pointer to the keyword of the schema that failed; empty if no schema was involved."""

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: expected {self.expected}, got {self.actual}"

    def as_json(self) -> dict[str, str]:
        """Return the violation as a JSON object, for a problem."""
        # dataclasses.asdict would copy all values.
        return {name: getattr(self, name) for name in self.__slots__}


class MockServerError(Exception):
    """The base class of every error of this package."""


class InvalidFiles(MockServerError):
    """Files cannot be used. `errors` has all messages without repetition, by file and line."""

    def __init__(self, errors: Iterable[FileMessage]) -> None:
        self.errors = tuple(sorted(set(errors)))
        super().__init__("\n".join(error.labelled for error in self.errors))


class UsageError(MockServerError):
    """An argument or a setting is invalid."""


class StartError(MockServerError):
    """The server cannot start on this machine, for the reason in the message."""


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


@dataclass(eq=False)
class Problem(MockServerError):
    """An error response of the mock server."""

    detail: str
    """Description of this occurrence."""
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """Additional members of the problem details object."""
    headers: tuple[tuple[str, str], ...] = ()

    slug: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]

    def __str__(self) -> str:
        return f"{self.title}: {self.detail}"

    def as_json(self) -> dict[str, Any]:
        """Return the problem details object of RFC 9457, section 3."""
        kind = f"urn:mockserver:problem:{self.slug}"
        head = {"type": kind, "title": self.title, "status": self.status}
        return {**head, "detail": self.detail, **self.extensions}


class RequestBreaksContract(Problem):
    """Parameters, headers or body of the request break the contract of the blueprint."""

    slug, status, title = "request-breaks-contract", 400, "Request breaks the contract"


class MalformedRequest(Problem):
    """The request cannot be read: for example, its path is not UTF-8."""

    slug, status, title = "malformed-request", 400, "Malformed request"


class AccessTokenMissing(Problem):
    """The header with the access token is missing or empty, and the operation requires it."""

    slug, status, title = "access-token-missing", 401, "Access token required"


class AccessTokenExpired(Problem):
    """The token has expired. The blueprint documents no such response."""

    slug, status, title = "access-token-expired", 401, "Access token expired"


class FeatureMissing(Problem):
    """The token lacks a required feature. The blueprint documents no such response."""

    slug, status, title = "feature-missing", 403, "Access token lacks a required feature"


class AdminTokenMissing(Problem):
    """The server has an admin token, and the request to its admin API does not contain it."""

    slug, status, title = "admin-token-missing", 401, "Admin token required"


class HostNotAllowed(Problem):
    """The `Host` of an admin request is not allowed: anybody can point a name to this machine."""

    slug, status, title = "host-not-allowed", 403, "Host not allowed"


class OriginNotAllowed(Problem):
    """A page of another origin called the admin API."""

    slug, status, title = "origin-not-allowed", 403, "Origin not allowed"


class UnknownOperation(Problem):
    """No operation of the blueprint has this path."""

    slug, status, title = "unknown-operation", 404, "Unknown operation"


class RecordNotFound(Problem):
    """The record does not exist, and the blueprint documents no response for that."""

    slug, status, title = "record-not-found", 404, "Record not found"


class TransitionNotAllowed(Problem):
    """The lifecycle does not allow the transition that an admin request or update requires."""

    slug, status, title = "transition-not-allowed", 409, "Transition not allowed"


class KeyConflict(Problem):
    """A record with this key already exists, and the blueprint documents no response for that."""

    slug, status, title = "key-conflict", 409, "Record already exists"


class UnknownScenario(Problem):
    """No scenario has this name."""

    slug, status, title = "unknown-scenario", 404, "Unknown scenario"


class ContractUnavailable(Problem):
    """The sandbox has chosen a contract that the server does not serve, or has just changed it."""

    slug, status, title = "contract-unavailable", 503, "Contract of the sandbox unavailable"


class ApiInvalid(Problem):
    """An uploaded API is invalid, conflicts with another one or exceeds a limit."""

    slug, status, title = "api-invalid", 422, "Invalid API"


class UploadNotServed(Problem):
    """Another upload is in progress, or a process does not serve an upload yet."""

    slug, status, title = "upload-not-served", 503, "Upload not served"


class RouteNotFound(Problem):
    """The admin API, the panel and the documentation do not have this path."""

    slug, status, title = "route-not-found", 404, "Route not found"


class MethodNotAllowed(Problem):
    """The path does not have this method. `Allow` lists its methods."""

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
    """The body has a media type that the blueprint does not document for the operation."""

    slug, status, title = "unsupported-media-type", 415, "Unsupported media type"


class UnsupportedContentCoding(Problem):
    """The request body has a content coding other than gzip."""

    slug, status, title = "unsupported-content-coding", 415, "Unsupported content coding"


class NotJson(Problem):
    """An admin request has a body whose media type is not JSON."""

    slug, status, title = "not-json", 415, "Request body must be JSON"


class PreferenceNotMet(Problem):
    """`Prefer` or a scenario requests a response that the operation does not have."""

    slug, status, title = "preference-not-met", 400, "Preference cannot be met"


class SandboxNameInvalid(Problem):
    """The name of the sandbox is invalid."""

    slug, status, title = "sandbox-name-invalid", 400, "Invalid sandbox name"


class SandboxRequired(Problem):
    """The request names no sandbox, and the server requires one (`--require-sandbox`)."""

    slug, status, title = "sandbox-required", 400, "Sandbox required"


class SandboxTooLarge(Problem):
    """The change would exceed the size limit of one sandbox, in bytes. Nothing was changed."""

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
    """The store does not respond, or cannot save the change: for example, its disk is full."""

    slug, status, title = "store-unavailable", 503, "Store unavailable"

    def __init__(
        self, reason: str, extensions: Mapping[str, Any] | None = None, *, unknown: bool = False
    ) -> None:
        if unknown:
            reason = f"{reason}; the change may have been made anyway"
        super().__init__(reason, extensions or {}, (("Retry-After", "1"),))
        self.unknown = unknown
        """Whether the store may have made the change. Otherwise nothing was changed."""


class AdminRequestInvalid(Problem):
    """An admin request has an invalid body or query."""

    slug, status, title = "admin-request-invalid", 400, "Invalid admin request"


class ResponseBreaksContract(Problem):
    """The response that was built breaks the contract. Nothing was changed."""

    slug, status, title = "response-breaks-contract", 500, "Response breaks the contract"


class FaultNotSupported(Problem):
    """A scenario requests a fault that this HTTP server cannot produce. Nothing was changed."""

    slug, status, title = "fault-not-supported", 501, "Fault not supported by this server"


class TooManyDelayedResponses(Problem):
    """The limit of delayed responses is reached. Nothing was changed."""

    slug, status, title = "too-many-delayed-responses", 503, "Too many delayed responses"


class InternalError(Problem):
    """A bug of the mock server."""

    slug, status, title = "internal-error", 500, "Internal server error"


PROBLEMS: tuple[type[Problem], ...] = tuple(
    sorted(Problem.__subclasses__(), key=lambda kind: (kind.status, kind.slug))
)
"""All classes of problems, by status and slug. `docs/errors.md` has an example for each."""
