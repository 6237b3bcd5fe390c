"""Validate requests before they are processed, and responses before they are sent."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from mockserver.config.sandbox_names import strip_sandbox_suffix
from mockserver.contract.model import ServedOperation
from mockserver.contract.parameters import read_arguments
from mockserver.contract.routes import Match
from mockserver.contract.tokens import EXPIRED, TokenFeatures, Tokens, is_allowed
from mockserver.errors import (
    AccessTokenExpired,
    AccessTokenMissing,
    FeatureMissing,
    MalformedRequest,
    RequestBreaksContract,
    ResponseBreaksContract,
    UnsupportedMediaType,
    Violation,
)
from mockserver.formats import exact_json
from mockserver.formats.json_schema import MAX_DEPTH, MAX_REPORTED, exceeds_depth
from mockserver.formats.json_text import abbreviated_json
from mockserver.pipeline.messages import Request
from mockserver.spec.description import is_json

log = logging.getLogger("mockserver")
_AUTHORIZATION = "authorization"
"""The only token header that puts a scheme before the token."""


@dataclass(frozen=True, slots=True)
class ParsedArguments:
    """The parameters of a request, from its path and query."""

    arguments: Mapping[str, Any]
    """The value of each parameter, in its documented type."""
    violations: tuple[Violation, ...]
    notes: tuple[str, ...]
    """The ignored parts of the query, for the journal."""


def parse_arguments(match: Match, query: str) -> ParsedArguments:
    """Return the parameters of a request.

    Raises:
        MalformedRequest: the query is not UTF-8.
    """
    pairs: list[tuple[str, str]] = []
    if query:
        pairs = _query_pairs(query)
    arguments, violations = read_arguments(match.served.parameters, match.variables, pairs)
    return ParsedArguments(arguments, tuple(violations), tuple(_ignored(match.served, pairs)))


def check_token(served: ServedOperation, token_features: TokenFeatures | None) -> None:
    """Check that a token with these features may call the operation.

    Raises:
        AccessTokenExpired: the token has expired.
        FeatureMissing: the token has none of the required features.
    """
    name, required = served.operation.name, served.operation.required_features
    extensions = {"documented": False, "required_features": list(required)}
    if token_features == EXPIRED:
        detail = f"{name}: the token has expired; the blueprint documents no response for this"
        raise AccessTokenExpired(detail, extensions, _challenge(served))
    if not is_allowed(required, token_features):
        actual = ", ".join(token_features or ()) or "none"
        detail = f"{name} requires {' or '.join(required)}, the token has {actual}"
        raise FeatureMissing(f"{detail}; the blueprint documents no response for this", extensions)


def _challenge(served: ServedOperation) -> tuple[tuple[str, str], ...]:
    header = served.access_token or ""
    scheme = _title_case(header)
    if header == _AUTHORIZATION:
        scheme = "Bearer"
    return (("WWW-Authenticate", f'{scheme} realm="{served.api.id}"'),)


def _access_token(header: str, request: Request) -> str:
    """Return the access token without sandbox suffix; empty for none.

    In `Authorization` the token follows the scheme (RFC 9110, section 11.4).
    """
    token = strip_sandbox_suffix(request.headers.get(header, "")).strip()
    if header != _AUTHORIZATION:
        return token
    return token.partition(" ")[2].strip() or token


def _check_access_token(
    served: ServedOperation, header: str, request: Request, tokens: Tokens
) -> None:
    """Check that the request has an access token in `header` that may call the operation."""
    token = _access_token(header, request)
    if not token:
        detail = f"{served.operation.name} requires the header {_title_case(header)}"
        raise AccessTokenMissing(detail, headers=_challenge(served))
    if token in tokens:
        check_token(served, tokens[token])


def check_request(
    match: Match,
    request: Request,
    tokens: Tokens,
    parse: Callable[[Match, str], ParsedArguments] = parse_arguments,
) -> tuple[Mapping[str, Any], Any, tuple[str, ...]]:
    """Return a request's arguments, its JSON body (`None` for none), and notes on ignored parts.

    `parse` is `parse_arguments`, or a cache of it.

    Raises:
        AccessTokenMissing, AccessTokenExpired, FeatureMissing: the token is not sufficient.
        UnsupportedMediaType: the media type of the body is not documented.
        RequestBreaksContract: the request violates the contract. The problem lists all violations.
    """
    served = match.served
    if served.access_token:
        _check_access_token(served, served.access_token, request, tokens)
    parsed = parse(match, request.query)
    violations = list(parsed.violations)
    for name in served.headers:
        if not request.headers.get(name):
            violations.append(Violation(f"header/{_title_case(name)}", "a value", "none"))
    body, body_violations = _read_body(served, request)
    violations += body_violations
    if violations:
        raise RequestBreaksContract(
            f"{served.operation.name}: {_joined(violations)}", _extensions(violations)
        )
    return parsed.arguments, body, parsed.notes


def _query_pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise MalformedRequest("the query is not UTF-8") from error


def _ignored(served: ServedOperation, pairs: list[tuple[str, str]]) -> Iterator[str]:
    """Yield a note for each query variable that the blueprint does not document."""
    documented = {check.parameter.name for check in served.parameters}
    for name, _ in pairs:
        if name not in documented:
            yield f"query/{name} is not documented and was ignored"


def _read_body(served: ServedOperation, request: Request) -> tuple[Any, tuple[Violation, ...]]:
    """Return the body, if it is JSON by the request or the blueprint, and its violations."""
    if not request.body:
        if served.body and served.operation.needs_body:
            return None, (Violation("body", "JSON", "none"),)
        return None, ()
    if not is_json(_request_type(served, request.headers.get("content-type"))):
        return None, ()
    body, syntax = _parsed_body(served, request.body)
    if syntax:
        return None, syntax
    if exceeds_depth(body):
        levels = f"at most {MAX_DEPTH} levels of arrays and objects"
        return None, (Violation("body", levels, "more"),)
    if not served.body:
        return body, ()
    return body, served.body.violations(body, MAX_REPORTED)


def _parsed_body(served: ServedOperation, data: bytes) -> tuple[Any, tuple[Violation, ...]]:
    """Return the JSON of a body, and the violation if it is not JSON."""
    try:
        return exact_json.loads(data), ()
    except exact_json.InexactInteger as error:
        return None, (Violation("body", "exactly representable integers", str(error)),)
    except orjson.JSONDecodeError as error:
        if any(payload.is_text for payload in served.operation.requests):
            # The documented body is not JSON either, in spite of its media type.
            return None, ()
        start = data[:80].decode("utf-8", "replace")
        return None, (Violation("body", "JSON", f"{abbreviated_json(start)} ({error})"),)


def _request_type(served: ServedOperation, content_type: str | None) -> str:
    """Return the media type of a request's body.

    Raises:
        UnsupportedMediaType: the blueprint does not document the media type.
    """
    media_type = served.media.request_type(content_type)
    if media_type is not None:
        return media_type
    documented = served.media.requests
    violation = Violation(
        "header/Content-Type", " or ".join(documented), abbreviated_json(content_type)
    )
    extensions = {"documented": list(documented), **_extensions([violation])}
    headers = (("Accept", ", ".join(documented)),)
    raise UnsupportedMediaType(f"{served.operation.name}: {violation}", extensions, headers)


MAX_EXAMPLE_NOTES = 3
"""Maximum notes about one example body. The load has a warning for each of its violations."""


def check_response(
    served: ServedOperation, status: int, body: Any, on_violation: str
) -> tuple[Violation, ...]:
    """Validate a body against the schema of its status, and return its violations.

    Raises:
        ResponseBreaksContract: there are violations, and `on_violation` is not `warn`.
    """
    validator = served.validators.get(status)
    if validator is None or validator.accepts(body):
        return ()
    violations = validator.violations(body)
    detail = f"{served.operation.name} {status}: {_joined(violations)}"
    log.warning("response breaks contract: %s", detail)
    if on_violation == "warn":
        return violations
    raise ResponseBreaksContract(detail, _extensions(violations))


def example_notes(served: ServedOperation, status: int, body: Any) -> tuple[str, ...]:
    """Return a note for each violation of the schema by the documented example.

    The example is sent as documented: a contract that contradicts itself is not a failure
    of the server.
    """
    validator = served.validators.get(status)
    if validator is None or validator.accepts(body):
        return ()
    violations = validator.violations(body, MAX_EXAMPLE_NOTES)
    return tuple(
        f"the documented example violates its schema at {violation}" for violation in violations
    )


def _joined(violations: Iterable[Violation]) -> str:
    return "; ".join(map(str, violations))


def _extensions(violations: Iterable[Violation]) -> dict[str, Any]:
    return {"violations": [violation.as_json() for violation in violations]}


def _title_case(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
