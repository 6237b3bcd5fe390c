"""The exceptions of the package, in one tree.

    MockServerError
    ├── InvalidFiles     errors in files that users write: every FileError, with FILE:LINE:COLUMN
    ├── UsageError       invalid arguments or settings: the command line exits with 2
    ├── StartError       the server cannot start on this machine (a port in use, a read-only folder)
    └── Problem          an error response of the mock server, RFC 9457 `application/problem+json`
        └── one class for each `type`, in PROBLEMS

A FileError and a Violation are values: they are collected, and reported together.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
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
        return {"pointer": self.pointer, "expected": self.expected, "actual": self.actual, "schema_pointer": self.schema_pointer}


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
        head = {"type": f"urn:mockserver:problem:{self.slug}", "title": self.title, "status": self.status}
        return {**head, "detail": self.detail, **self.extensions}


class RequestBreaksContract(Problem):
    """Parameters, headers or body of the request are not as the blueprint says."""

    slug, status, title = "request-breaks-contract", 400, "The request breaks the contract"


class MalformedRequest(Problem):
    """The request cannot be read at all: its path is not UTF-8, say."""

    slug, status, title = "malformed-request", 400, "The request cannot be read"


class AccessTokenMissing(Problem):
    """`X-Access-Token` is missing or empty, and the operation's blueprint shows it."""

    slug, status, title = "access-token-missing", 401, "An access token is needed"


class AccessTokenExpired(Problem):
    """The token is one of those that are not valid any more. The blueprint documents no such answer."""

    slug, status, title = "access-token-expired", 401, "The access token is not valid any more"


class FeatureMissing(Problem):
    """The token has none of the features that the operation requires. The blueprint documents no such answer."""

    slug, status, title = "feature-missing", 403, "The access token lacks a feature"


class AdminTokenMissing(Problem):
    """The server has an admin token, and the call to its control plane does not show it."""

    slug, status, title = "admin-token-missing", 401, "The admin token is needed"


class HostNotAllowed(Problem):
    """The control plane was called under a name that anybody may have pointed to this machine."""

    slug, status, title = "host-refused", 403, "The control plane has another name"


class OriginNotAllowed(Problem):
    """A page of another origin called the control plane."""

    slug, status, title = "origin-refused", 403, "Other pages may not steer the mock server"


class UnknownOperation(Problem):
    """No operation of the blueprint has this path."""

    slug, status, title = "unknown-operation", 404, "No such operation"


class RecordNotFound(Problem):
    """The record does not exist: the blueprint documents no answer for that, or a control operation named it."""

    slug, status, title = "record-not-found", 404, "No such record"


class TransitionNotAllowed(Problem):
    """A record was to be moved, by hand or by an update, to a state that its present one does not lead to."""

    slug, status, title = "transition-refused", 409, "The record cannot move there"


class KeyConflict(Problem):
    """A record was to be created with the key of one that is there, and the blueprint documents no answer for that."""

    slug, status, title = "key-taken", 409, "The record is there already"


class UnknownScenario(Problem):
    """A scenario was named that does not exist."""

    slug, status, title = "unknown-scenario", 404, "No such scenario"


class RouteNotFound(Problem):
    """Nothing of the mock server itself is at this path."""

    slug, status, title = "unknown-route", 404, "No such page"


class MethodNotAllowed(Problem):
    """The path exists, with other methods; `Allow` names them."""

    slug, status, title = "method-not-allowed", 405, "The path has no such method"


class LengthRequired(Problem):
    """The request's body comes in chunks, and the server that is used cannot tell whether it is whole."""

    slug, status, title = "length-required", 411, "The body needs a length"


class BodyTooLarge(Problem):
    """The request's body is longer than the limit."""

    slug, status, title = "body-too-large", 413, "The body is too large"


class TargetTooLong(Problem):
    """The request's target (path and query) is longer than the limit."""

    slug, status, title = "target-too-long", 414, "The URL is too long"


class HeadersTooLarge(Problem):
    """The request has more or longer headers than the limits."""

    slug, status, title = "headers-too-large", 431, "The headers are too large"


class UnsupportedMediaType(Problem):
    """The request's body has a media type that the blueprint does not document for the operation."""

    slug, status, title = "unsupported-media-type", 415, "Unsupported media type"


class UnsupportedCoding(Problem):
    """The request's body has a content coding other than gzip."""

    slug, status, title = "unsupported-content-coding", 415, "Unsupported content coding"


class NotJson(Problem):
    """A control operation was called with a body that is not declared as JSON."""

    slug, status, title = "not-json", 415, "The body has to be JSON"


class PreferenceNotMet(Problem):
    """`Prefer` or a scenario asks for an answer that the contract does not have for this operation."""

    slug, status, title = "preference-not-met", 400, "The preference cannot be met"


class SandboxNameInvalid(Problem):
    """The sandbox that was named cannot be one."""

    slug, status, title = "sandbox-name-invalid", 400, "No such name for a sandbox"


class SandboxTooLarge(Problem):
    """The change would make the sandbox larger than the limit; nothing was changed."""

    slug, status, title = "sandbox-too-large", 507, "The sandbox is full"


class UnknownSandbox(Problem):
    """The sandbox has never been used, or was dropped."""

    slug, status, title = "unknown-sandbox", 404, "No such sandbox"


class UnknownExchange(Problem):
    """The sandbox's journal has no exchange of that id."""

    slug, status, title = "unknown-exchange", 404, "No such exchange"


class EventsNotServed(Problem):
    """The server that is used has no room for event streams."""

    slug, status, title = "events-not-served", 501, "Event streams are not served here"


class TooManyStreams(Problem):
    """As many event streams are open as there may be."""

    slug, status, title = "too-many-streams", 503, "Too many event streams"


class StoreUnavailableProblem(Problem):
    """The store does not answer, or cannot take the change."""

    slug, status, title = "store-unavailable", 503, "The store does not answer"


class AdminRequestInvalid(Problem):
    """A control operation was called with a body that it cannot use."""

    slug, status, title = "control-request-invalid", 400, "The control request cannot be used"


class ResponseBreaksContract(Problem):
    """The response was made, and would have broken the contract; nothing was changed."""

    slug, status, title = "response-breaks-contract", 500, "The response would break the contract"


class FaultNotSupported(Problem):
    """A scenario asks for a fault on the wire that this server cannot make; nothing was changed."""

    slug, status, title = "fault-not-possible", 501, "The fault cannot be made here"


class TooManyDelayedResponses(Problem):
    """An answer was to wait, by a delay or a fault, and as many wait already as may; nothing was changed."""

    slug, status, title = "too-many-waiting", 503, "Too many answers are waiting"


class InternalError(Problem):
    """A fault of the mock server itself."""

    slug, status, title = "internal-fault", 500, "The mock server failed"


PROBLEMS: tuple[type[Problem], ...] = tuple(sorted(Problem.__subclasses__(), key=lambda kind: (kind.status, kind.slug)))
"""Every kind of problem; `docs/errors.md` shows how to provoke each."""
