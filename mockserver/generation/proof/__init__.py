"""Prove that documented exchanges work: send each operation its documented requests.

    contract --requests--> bytes --server--> bytes --reader--> Reply

A strict reader reads each response as HTTP. The server is an argument, so `generation` does not
import one.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from urllib.parse import quote

from mockserver.contract.model import Contract, ServedOperation
from mockserver.errors import FileMessage
from mockserver.generation.proof.reader import Reply, Send, UnreadableResponse, exchange
from mockserver.generation.proof.requests import DocumentedRequest, documented_requests

__all__ = ["Failure", "Send", "prove"]

_PROBLEM = "urn:mockserver:problem:"
_HINTS = {
    "record-not-found": "add a record with this key or document a 404",
    "key-conflict": "remove the record or document a 409",
    "request-breaks-contract": "correct the documented request or its schema",
    "response-breaks-contract": "correct the example or its schema",
    "access-token-missing": "document a value for the token's header",
    "access-token-expired": "document another token or change tokens.yaml",
    "feature-missing": "document another token or change tokens.yaml",
    "internal-error": "please report it",
}
"""Slug of a problem to advice."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An operation with a failed documented exchange."""

    operation_id: str
    problem: FileMessage


def prove(contract: Contract, send: Send) -> list[Failure]:
    """Send each operation its documented requests, with each documented status and example.

    Args:
        contract: The contract that the server serves.
        send: Sends a request to a server with a separate store and the default settings.

    Returns:
        The first failure of each operation that has one.
    """
    with _captured_errors() as errors:
        proof = _Proof(contract, send, errors)
        failures = map(proof.failure_of, contract.served)
        return [failure for failure in failures if failure]


class _Failed(Exception):
    """A failed documented exchange; the text has the reason."""


class _Proof:
    def __init__(self, contract: Contract, send: Send, errors: list[str]) -> None:
        self._contract, self._send, self._errors = contract, send, errors
        self._sandboxes = map("proof-{}".format, count(1))

    def failure_of(self, served: ServedOperation) -> Failure | None:
        """Return the first failure of an operation; `None` if all its documented exchanges work."""
        try:
            self._prove(served)
        except _Failed as error:
            return Failure(served.operation.id, FileMessage(served.operation.position, str(error)))
        return None

    def _prove(self, served: ServedOperation) -> None:
        requests = documented_requests(self._contract, served)
        if not requests:
            return
        expected = _expected_statuses(served)
        statuses = [self._ask(served, request, expected) for request in requests]
        for preference, status in _preferences(served, statuses[0]):
            self._ask(served, replace(requests[0], prefer=preference), (status,))

    def _ask(
        self, served: ServedOperation, request: DocumentedRequest, expected: tuple[int, ...]
    ) -> int:
        """Return the status of the response. Raises `_Failed` for an undocumented response."""
        self._errors.clear()
        try:
            reply = exchange(self._send, request, next(self._sandboxes))
        except UnreadableResponse as error:
            raise _Failed(f"{request}: invalid HTTP response: {error}") from error
        mistake = self._mistake(reply, expected) or _body_mistake(served, reply)
        if mistake:
            raise _Failed(f"{request}: the response is {mistake}")
        return reply.status

    def _mistake(self, reply: Reply, expected: tuple[int, ...]) -> str:
        """Return the difference from a documented response, with advice; empty without one."""
        documented = " or ".join(map(str, expected))
        problem = reply.problem
        if problem:
            slug = str(problem["type"]).removeprefix(_PROBLEM)
            detail = "; ".join([str(problem["detail"]), *self._errors])
            message = f"{reply.status}, problem {slug} ({detail}); expected {documented}"
            return f"{message}: {_HINTS[slug]}" if slug in _HINTS else message
        if reply.status not in expected:
            return f"{reply.status}; expected {documented}"
        return ""


def _body_mistake(served: ServedOperation, reply: Reply) -> str:
    """Return the difference of a body from the documented one; empty without one.

    Examples can break their schema, and a JSON body can be documented as text: these are warnings
    about the blueprint.
    """
    transactions = served.operation.transactions_for(reply.status)
    is_text = any(transaction.response.is_text for transaction in transactions)
    if reply.json_error and not is_text:
        return f"not JSON: {reply.json_error}"
    violations = reply.header("X-Mock-Violations")
    if violations and served.envelope and reply.status == served.operation.success_status:
        hint = _HINTS["response-breaks-contract"]
        return f"invalid according to its schema ({violations} violations); {hint}"
    return ""


def _expected_statuses(served: ServedOperation) -> tuple[int, ...]:
    """Return the documented statuses, except that for an invalid body."""
    invalid = served.effect.invalid_status
    return tuple(status for status in served.operation.statuses if status != invalid)


def _preferences(served: ServedOperation, success: int) -> Iterator[tuple[str, int]]:
    """Yield the possible values of `Prefer`, each with the status of its response.

    These are each other status that the operation can return, and each example.
    """
    for status in served.operation.statuses:
        # An operation with an effect has one success response.
        has_response = not 200 <= status < 300 or served.effect.kind == "example"
        if has_response and status != success:
            yield f"code={status}", status
    for name, transaction in served.operation.examples.items():
        yield f"example={quote(name, safe='')}", transaction.status


@contextmanager
def _captured_errors() -> Iterator[list[str]]:
    """Capture the log of the server, and provide the text of each logged exception."""
    log = logging.getLogger("mockserver")
    errors: list[str] = []

    class Capture(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info and record.exc_info[1]:
                error = record.exc_info[1]
                errors.append(f"{type(error).__name__}: {error}")

    handler, propagate = Capture(), log.propagate
    log.addHandler(handler)
    log.propagate = False
    try:
        yield errors
    finally:
        log.propagate = propagate
        log.removeHandler(handler)
