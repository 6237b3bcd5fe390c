"""Messages held against the contract: requests before they are answered, responses before they leave."""

import logging
from collections.abc import Callable, Mapping
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
"""The one header of tokens that names their scheme first."""


@dataclass(frozen=True, slots=True)
class ParsedArguments:
    """What path and query of a request say."""

    arguments: Mapping[str, Any]
    """The values of the parameters, each of its type."""
    violations: tuple[Violation, ...]
    notes: tuple[str, ...]
    """What was ignored."""


def parse_arguments(match: Match, query: str) -> ParsedArguments:
    """Read a request's path and query. Raises `MalformedRequest`."""
    pairs = _query_pairs(query) if query else []
    arguments, violations = read_arguments(match.served.parameters, match.variables, pairs)
    return ParsedArguments(arguments, tuple(violations), _notes(match.served, pairs))


def check_token(served: ServedOperation, rights: TokenFeatures | None) -> None:
    """Raises `AccessTokenExpired` or `FeatureMissing` where these rights are not enough."""
    name, required = served.operation.name, served.operation.required_features
    told = {"documented": False, "required_features": list(required)}
    if rights == EXPIRED:
        detail = f"{name}: the token is not valid any more; the blueprint documents no such answer"
        raise AccessTokenExpired(detail, told, _challenge(served))
    if not is_allowed(required, rights):
        has, needs = ", ".join(rights or ()) or "none", " or ".join(required)
        raise FeatureMissing(f"{name} requires {needs}, the token has {has}; the blueprint documents no such answer", told)


def _challenge(served: ServedOperation) -> tuple[tuple[str, str], ...]:
    scheme = "Bearer" if served.access_token == _AUTHORIZATION else _title_case(served.access_token or "")
    return (("WWW-Authenticate", f'{scheme} realm="{served.api.id}"'),)


def _access_token(served: ServedOperation, request: Request) -> str:
    """The access token: of `Authorization` what stands behind the scheme (RFC 9110, section 11.4); empty where there is none."""
    token = strip_sandbox_suffix(request.headers.get(served.access_token or "", "")).strip()
    return token.partition(" ")[2].strip() or token if served.access_token == _AUTHORIZATION else token


def check_request(
    match: Match, request: Request, tokens: Tokens, read: Callable[[Match, str], ParsedArguments] = parse_arguments
) -> tuple[Mapping[str, Any], Any, tuple[str, ...]]:
    """The values of the request's parameters, its JSON (`None` for none), and remarks on what was ignored.

    `read` is `given`, or remembers what it gave.

    Raises `AccessTokenMissing`, `AccessTokenExpired`, `FeatureMissing`, `UnsupportedMediaType`, or `RequestBreaksContract` with
    every violation.
    """
    served, headers = match.served, request.headers
    if served.access_token:
        token = _access_token(served, request)
        if not token:
            raise AccessTokenMissing(
                f"{served.operation.name} needs the header {_title_case(served.access_token)}",
                headers=_challenge(served),
            )
        if token in tokens:
            check_token(served, tokens[token])
    found = read(match, request.query)
    violations = list(found.violations)
    missing = (name for name in served.headers if not headers.get(name))
    violations += [Violation(f"header/{_title_case(name)}", "a value", "none") for name in missing]
    body, wrong = _read_body(served, request)
    violations += wrong
    if violations:
        raise RequestBreaksContract(
            f"{served.operation.name}: {'; '.join(map(str, violations))}", {"violations": [v.as_json() for v in violations]}
        )
    return found.arguments, body, found.notes


def _query_pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise MalformedRequest("the query is not UTF-8") from error


def _notes(served: ServedOperation, query: list[tuple[str, str]]) -> tuple[str, ...]:
    """Query variables that the blueprint does not have, for the journal."""
    known = {check.parameter.name for check in served.parameters}
    return tuple(f"query/{name} is not documented, and was ignored" for name, _ in query if name not in known)


def _read_body(served: ServedOperation, request: Request) -> tuple[Any, tuple[Violation, ...]]:
    """The body's JSON, where the request or the blueprint says that it is JSON, and what is wrong with it."""
    if not request.body:
        return None, (Violation("body", "JSON", "none"),) if served.body and served.operation.needs_body else ()
    if not is_json(_request_type(served, request.headers.get("content-type"))):
        return None, ()
    try:
        body = exact_json.loads(request.body)
    except exact_json.InexactInteger as error:
        return None, (Violation("body", "integers that can be kept exactly", str(error)),)
    except orjson.JSONDecodeError as error:
        start = request.body[:80].decode("utf-8", "replace")
        return None, (Violation("body", "JSON", f"{abbreviated_json(start)} ({error})"),)
    if exceeds_depth(body):
        return None, (Violation("body", f"at most {MAX_DEPTH} levels of lists and objects", "more"),)
    return body, served.body.violations(body, MAX_REPORTED) if served.body else ()


def _request_type(served: ServedOperation, content_type: str | None) -> str:
    """Return the media type of a request's body. Raises `UnsupportedMediaType` for one that is not documented."""
    sent = served.media.request_type(content_type)
    if sent is not None:
        return sent
    documented = " or ".join(served.media.requests)
    violation = Violation("header/Content-Type", documented, abbreviated_json(content_type))
    told = {"documented": list(served.media.requests), "violations": [violation.as_json()]}
    headers = (("Accept", ", ".join(served.media.requests)),)
    raise UnsupportedMediaType(f"{served.operation.name}: {violation}", told, headers)


def check_response(served: ServedOperation, status: int, body: Any, on_violation: str) -> tuple[Violation, ...]:
    """Hold a body against the schema of its status; the violations that are let through.

    Raises `ResponseBreaksContract` with every violation, unless `on_violation` is `warn`.
    """
    validator = served.validators.get(status)
    if validator is None or validator.accepts(body):
        return ()
    violations = validator.violations(body)
    text = f"{served.operation.name} {status}: {'; '.join(map(str, violations))}"
    log.warning("response breaks contract: %s", text)
    if on_violation == "warn":
        return violations
    raise ResponseBreaksContract(text, {"violations": [v.as_json() for v in violations]})


def _title_case(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
