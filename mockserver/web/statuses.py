"""Statuses of HTTP responses (RFC 9110, section 15)."""

from http import HTTPStatus

UNMEASURED = (204, 304)
"""Statuses of responses without a Content-Length (RFC 9110, section 8.6).

The length in a 304 would be the length of the 200.
"""


def status_text(status: int) -> str:
    """Return a status with its reason phrase: `404 Not Found`."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"
