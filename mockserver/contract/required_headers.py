"""The request headers that an operation requires, taken from its documented requests."""

import re

from mockserver.spec.description import Operation

_OF_CLIENTS = re.compile(
    r"accept|accept-.*|access-control-request-.*|baggage|cache-control|connection"
    r"|content-(encoding|length|type)|date|dnt|expect|forwarded|from|host|if-.*|keep-alive"
    r"|max-forwards|origin|postman-token|pragma|prefer|priority|proxy-.*|range|referer|sec-.*"
    r"|te|traceparent|tracestate|trailer|transfer-encoding|upgrade|upgrade-insecure-requests"
    r"|user-agent|via|x-forwarded-.*|x-real-ip|x-requested-with"
)
"""Headers in which an HTTP client describes itself, its connection or its message.

The API does not require them.
"""


def required_headers(operation: Operation, token_header: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the header with the access token and the other required headers, in lower case.

    Args:
        operation: The operation.
        token_header: The header with the API's access token, in lower case; empty without one.

    Returns:
        The header with the access token, `None` if the operation documents none; and the others.
    """
    common = _common_headers(operation)
    others = [name for name in common if name != token_header and not _OF_CLIENTS.fullmatch(name)]
    if token_header in common:
        return token_header, tuple(others)
    return None, tuple(others)


def optional_headers(operation: Operation) -> set[str]:
    """Return the headers that some documented requests have, and others lack, in lower case."""
    names: set[str] = set()
    for request in operation.requests:
        names |= {name.lower() for name, _ in request.headers}
    names.difference_update(_common_headers(operation))
    return {name for name in names if not _OF_CLIENTS.fullmatch(name)}


def _common_headers(operation: Operation) -> list[str]:
    """Return the headers that every documented request of the operation has, in lower case."""
    common: set[str] | None = None
    for request in operation.requests:
        names = {name.lower() for name, _ in request.headers}
        if common is None:
            common = names
        common &= names
    return sorted(common or ())
