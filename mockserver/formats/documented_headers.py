"""Documented response headers: which are sent, which are counts, which the server sets itself."""

import re

_FRAMING = "the HTTP server frames the body"
_CODING = "the body is sent without a content coding"
_HOP = "it describes one connection, which the HTTP server controls"
_CORS = "CORS headers depend on the page that sends the request"
_SERVER = "the HTTP server sets it"
_OURS = "the mock server sets it"

NOT_SENT = {
    "content-length": _FRAMING,
    "transfer-encoding": _FRAMING,
    "trailer": _FRAMING,
    "te": _FRAMING,
    "content-encoding": _CODING,
    "connection": _HOP,
    "keep-alive": _HOP,
    "upgrade": _HOP,
    "http2-settings": _HOP,
    "date": _SERVER,
    "server": _SERVER,
    "preference-applied": _OURS,
    "x-mock-sandbox": _OURS,
    "x-mock-violations": _OURS,
}
"""Lower-case names of response headers that are not sent, with the reason.

Source: RFC 9110, sections 7.6.1 and 8.6.
"""
NOT_SENT_PREFIXES = {"proxy-": _HOP, "access-control-": _CORS}

TOTAL_COUNT_HEADERS = frozenset(
    (
        "x-total-count",
        "x-total",
        "x-totalcount",
        "x-total-items",
        "x-total-records",
        "x-total-results",
        "x-total-elements",
        "x-total-entries",
        "x-pagination-total-count",
        "x-pagination-total",
        "x-pagination-count",
        "x-list-count",
        "x-record-count",
        "x-records-count",
        "x-result-count",
        "x-results-count",
        "total-count",
        "total",
        "total-items",
        "total-records",
        "total-results",
        "pagination-total-count",
        "pagination-total",
        "pagination-count",
    )
)
"""Lower-case names of response headers with the number of records on all pages."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


def reason_not_sent(name: str) -> str | None:
    """Return why a documented response header is not sent; `None` if it is sent."""
    lower = name.lower()
    if lower in NOT_SENT:
        return NOT_SENT[lower]
    for prefix, reason in NOT_SENT_PREFIXES.items():
        if lower.startswith(prefix):
            return reason
    return None


def control_character(value: str) -> int | None:
    """Return the index of the first invalid character of a header value, or `None`.

    Source: RFC 9110, section 5.5.
    """
    match = _CONTROL.search(value)
    return match.start() if match else None
