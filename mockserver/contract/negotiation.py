"""Content negotiation: `Content-Type` selects the documented request, `Accept` the representation of the response.

Source: RFC 9110, sections 8.3 (Content-Type) and 12.5.1 (Accept).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from mockserver.spec.description import Operation, Payload, Transaction, media_type

_ITEM = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,])+')
_PARAMETER = re.compile(r';\s*([^\s;=,]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,]*)')
_QUALITY = re.compile(r"0(\.[0-9]*)?|1(\.0*)?")


@dataclass(frozen=True, slots=True)
class Negotiation:
    """The request headers that select a response."""

    request_type: str | None = None
    """The media type of the request body; `None` if it selects nothing."""
    accept: str | None = None
    """The request's `Accept` header."""


@dataclass(frozen=True, slots=True)
class Representation:
    """The selected response among those of its status."""

    response: Payload
    several: bool = False
    """Whether the status has several media types."""
    acceptable: bool = True
    """Whether the request's `Accept` includes its media type."""


@dataclass(frozen=True, slots=True)
class MediaTypes:
    """The media types of one operation."""

    requests: tuple[str, ...] = ()
    """The documented types of request bodies, in lower case and without parameters."""
    any_request: bool = True
    """Whether other types are accepted: the blueprint has a request body without a type, or no body at all."""
    by_request: bool = False
    """Whether the request type selects the response."""
    by_accept: bool = False
    """Whether a status has responses of several types."""

    def request_type(self, content_type: str | None) -> str | None:
        """Return the type of a request body; `None` for a type that is rejected.

        Without a header it is the first documented type, or empty if the blueprint has a body without a type.
        """
        if not content_type:
            return "" if self.any_request else self.requests[0]
        sent = media_type(content_type)
        if self.any_request or any(_includes(documented, sent) for documented in self.requests):
            return sent
        return None

    def negotiation(
        self, content_type: str | None, accept: str | None, has_body: bool
    ) -> Negotiation:
        """Return the headers of a request that select a response."""
        request_type = self.request_type(content_type) if self.by_request and has_body else None
        return Negotiation(request_type, accept if self.by_accept else None)


def media_types(operation: Operation) -> MediaTypes:
    """Return the media types of an operation."""
    types = [
        media_type(request.content_type) for request in operation.requests if request.content_type
    ]
    requests = tuple(dict.fromkeys(types))
    untyped = any(
        request.documents_body and not request.content_type for request in operation.requests
    )
    by_accept = any(
        len(_types(operation.transactions_for(status))) > 1 for status in operation.statuses
    )
    return MediaTypes(requests, untyped or not requests, len(requests) > 1, by_accept)


def success_status(operation: Operation, negotiation: Negotiation | None) -> int:
    """Return the success status for a request of the sent type: the first 2xx, else the first."""
    statuses = [
        transaction.status for transaction in _of_request(operation.transactions, negotiation)
    ]
    return next((status for status in statuses if 200 <= status < 300), statuses[0])


def represent(
    operation: Operation, status: int, negotiation: Negotiation | None, name: str | None = None
) -> Representation:
    """Select the response of a documented status, or of the example `name`, for a request.

    If `Accept` includes none of the media types, the first one is selected.
    """
    transactions = operation.transactions_for(status)
    if name is not None:
        transactions = tuple(each for each in transactions if each.label == name)
    if negotiation is None:
        return Representation(transactions[0].response)
    responses = [transaction.response for transaction in _of_request(transactions, negotiation)]
    types = _types(transactions)
    offered = tuple(dict.fromkeys(response.content_type or "" for response in responses))
    best = (
        preferred(negotiation.accept, offered)
        if negotiation.accept and len(types) > 1
        else offered[0]
    )
    response = next(each for each in responses if best is None or (each.content_type or "") == best)
    return Representation(response, len(types) > 1, best is not None)


def _of_request(
    transactions: tuple[Transaction, ...], negotiation: Negotiation | None
) -> tuple[Transaction, ...]:
    """Return the transactions whose request has the sent type; all if none has."""
    sent = negotiation.request_type if negotiation else None
    if sent is None:
        return transactions
    same = [
        each
        for each in transactions
        if each.request and _includes(media_type(each.request.content_type), sent)
    ]
    return tuple(same) or transactions


def _types(transactions: Iterable[Transaction]) -> set[str]:
    return {(transaction.response.content_type or "").lower() for transaction in transactions}


def _includes(documented: str, sent: str) -> bool:
    """Return whether a documented type, or range (`image/*`), includes the sent type."""
    if documented == sent or documented == "*/*":
        return True
    return documented.endswith("/*") and sent.startswith(documented[:-1])


@lru_cache(maxsize=1024)
def preferred(accept: str, offered: tuple[str, ...]) -> str | None:
    """Return the media type with the highest quality in an `Accept` header; `None` if it accepts none."""
    ranges = [_range(item.strip()) for item in _ITEM.findall(accept) if item.strip()]
    if not ranges:
        return offered[0]
    rated = [(_rating(ranges, content_type), content_type) for content_type in offered]
    rating, content_type = max(rated, key=lambda each: each[0])
    return content_type if rating[0] > 0 else None


@dataclass(frozen=True, slots=True)
class _Range:
    type: str
    parameters: frozenset[tuple[str, str]]
    quality: float

    def specificity(self, content_type: str, parameters: frozenset[tuple[str, str]]) -> int:
        """Return how specific this range is for a media type; 0 if it does not match."""
        if self.type == content_type and self.parameters <= parameters:
            return 3 + len(self.parameters)
        if self.type.endswith("/*") and content_type.startswith(self.type[:-1]):
            return 2
        return 1 if self.type in ("*/*", "*") else 0


def _range(item: str) -> _Range:
    weight, parameters = 1.0, set()
    for name, value in _parameters(item):
        if name == "q":
            weight = float(value) if _QUALITY.fullmatch(value) else 1.0
            break  # later parameters do not belong to the media type
        parameters.add((name, value))
    return _Range(media_type(item), frozenset(parameters), weight)


def _parameters(text: str) -> list[tuple[str, str]]:
    """Return the parameters of a media type without the charset, since JSON has only one."""
    pairs = [(name.lower(), value.strip('"').lower()) for name, value in _PARAMETER.findall(text)]
    return [pair for pair in pairs if pair[0] != "charset"]


def _rating(ranges: list[_Range], content_type: str) -> tuple[float, int]:
    """Return the quality of the most specific range for a media type, and its specificity."""
    name, parameters = media_type(content_type), frozenset(_parameters(content_type))
    closest = max(ranges, key=lambda each: each.specificity(name, parameters))
    specificity = closest.specificity(name, parameters)
    return (closest.quality, specificity) if specificity else (0.0, 0)
