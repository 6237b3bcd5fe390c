"""Content negotiation: choose among the documented media types.

`Content-Type` selects the documented request, `Accept` the representation of the response.

Source: RFC 9110, sections 8.3 (Content-Type) and 12.5.1 (Accept).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from mockserver.spec.description import Operation, Payload, Transaction, media_type, type_parameters

_ITEM = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,])+')
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
    """Whether other types are accepted.

    This is so if the blueprint has a request body without a type, or no request body.
    """
    by_request: bool = False
    """Whether the request type selects the response."""
    by_accept: bool = False
    """Whether a status has responses of several types."""

    def request_type(self, content_type: str | None) -> str | None:
        """Return the type of a request body; `None` for a type that is rejected.

        Args:
            content_type: The header. Without it, the type is the first documented one, or empty if
                the blueprint accepts any.
        """
        if content_type:
            sent = media_type(content_type)
            if self.any_request or any(_includes(documented, sent) for documented in self.requests):
                return sent
            return None
        if self.any_request:
            return ""
        return self.requests[0]

    def negotiation(
        self, content_type: str | None, accept: str | None, has_body: bool
    ) -> Negotiation:
        """Return the headers of a request that select a response."""
        request_type: str | None = None
        if self.by_request and has_body:
            request_type = self.request_type(content_type)
        if not self.by_accept:
            accept = None
        return Negotiation(request_type, accept)


def media_types(operation: Operation) -> MediaTypes:
    """Return the media types of an operation."""
    requests: list[str] = []
    has_untyped_body = False
    for request in operation.requests:
        name = media_type(request.content_type)
        if name and name not in requests:
            requests.append(name)
        if request.documents_body and not name:
            has_untyped_body = True
    by_accept = any(
        len(_types(operation.transactions_for(status))) > 1 for status in operation.statuses
    )
    return MediaTypes(
        requests=tuple(requests),
        any_request=has_untyped_body or not requests,
        by_request=len(requests) > 1,
        by_accept=by_accept,
    )


def success_status(operation: Operation, negotiation: Negotiation | None) -> int:
    """Return the success status for a request of the sent type: the first 2xx, else the first."""
    transactions = _of_request(operation.transactions, negotiation)
    for transaction in transactions:
        if 200 <= transaction.status < 300:
            return transaction.status
    return transactions[0].status


def represent(
    operation: Operation, status: int, negotiation: Negotiation | None, name: str | None = None
) -> Representation:
    """Select the response of a documented status, or of the example `name`, for a request.

    If `Accept` includes none of the media types, the first one is selected.
    """
    transactions = operation.transactions_for(status)
    if name is not None:
        transactions = tuple(
            transaction for transaction in transactions if transaction.label == name
        )
    if negotiation is None:
        return Representation(transactions[0].response)
    by_type: dict[str, Payload] = {}
    for transaction in _of_request(transactions, negotiation):
        response = transaction.response
        by_type.setdefault(response.content_type or "", response)
    offered = tuple(by_type)
    several = len(_types(transactions)) > 1
    best: str | None = offered[0]
    if several and negotiation.accept:
        best = preferred(negotiation.accept, offered)
    if best is None:
        return Representation(by_type[offered[0]], several, acceptable=False)
    return Representation(by_type[best], several)


def _of_request(
    transactions: tuple[Transaction, ...], negotiation: Negotiation | None
) -> tuple[Transaction, ...]:
    """Return the transactions whose request has the sent type; all if none has."""
    sent = negotiation.request_type if negotiation else None
    if sent is None:
        return transactions
    same: list[Transaction] = []
    for transaction in transactions:
        request = transaction.request
        if request and _includes(media_type(request.content_type), sent):
            same.append(transaction)
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
    """Return the media type with the highest quality in an `Accept` header.

    Args:
        accept: The header.
        offered: The media types of the response. At equal quality the first one is returned.

    Returns:
        The media type; `None` if the header accepts none of them.
    """
    items = map(str.strip, _ITEM.findall(accept))
    ranges = [_range(item) for item in items if item]
    if not ranges:
        return offered[0]
    best: str | None = None
    best_rating = (0.0, 0)
    for content_type in offered:
        quality, specificity = _rating(ranges, content_type)
        if quality > 0 and (quality, specificity) > best_rating:
            best, best_rating = content_type, (quality, specificity)
    return best


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
        if self.type in ("*/*", "*"):
            return 1
        return 0


def _range(item: str) -> _Range:
    quality = 1.0
    parameters: set[tuple[str, str]] = set()
    for name, value in _parameters(item):
        if name == "q":
            if _QUALITY.fullmatch(value):
                quality = float(value)
            break  # later parameters do not belong to the media type
        parameters.add((name, value))
    return _Range(media_type(item), frozenset(parameters), quality)


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parameters of a media type without the charset, since JSON has only one."""
    for name, value in type_parameters(text):
        if name != "charset":
            yield name, value


def _rating(ranges: list[_Range], content_type: str) -> tuple[float, int]:
    """Return the quality of the most specific range for a media type, and its specificity."""
    name = media_type(content_type)
    parameters = frozenset(_parameters(content_type))
    rating = (0.0, 0)
    for media_range in ranges:
        specificity = media_range.specificity(name, parameters)
        if specificity > rating[1]:
            rating = (media_range.quality, specificity)
    return rating
