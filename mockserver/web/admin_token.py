"""The admin token: who shows it, and the cookie that stands for it where a browser can send no header."""

import hashlib
import hmac
import time

from werkzeug.http import parse_cookie

from mockserver.errors import AdminTokenMissing
from mockserver.web.wsgi import Environ

SESSION_SECONDS = 12 * 3600
"""Seconds that a session lasts."""
_UNTIL = 12
"""The most digits of a Unix time in a cookie."""


def tokens_equal(given: str, token: str) -> bool:
    """Whether a text is the token. How long it takes tells nothing of where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode())


def is_authorized(environ: Environ, token: str) -> bool:
    """Whether a request shows the token: in `Authorization`, in `X-Mock-Admin-Token`, or as a session's cookie."""
    scheme, _, bearer = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    given = bearer.strip() if scheme.lower() == "bearer" else ""
    sessions = parse_cookie(environ.get("HTTP_COOKIE", "")).getlist(cookie_name(token))
    return (
        tokens_equal(given, token)
        or tokens_equal(environ.get("HTTP_X_MOCK_ADMIN_TOKEN", ""), token)
        or any(is_valid_session(each, token) for each in sessions)
    )


def unauthorized(detail: str) -> AdminTokenMissing:
    """The problem of a call without the token; a 401 has to name the way in (RFC 9110, section 15.5.2)."""
    return AdminTokenMissing(detail, headers=(("WWW-Authenticate", 'Bearer realm="control plane"'),))


def cookie_name(token: str) -> str:
    """The cookie's name. A browser has one jar for all ports of a host, so that each token needs a name of its own."""
    return f"mockserver-session-{_signed('name', token)[:8]}"


def session_value(token: str, until: int) -> str:
    """A cookie's value that stands for the token until a Unix time. It does not tell the token, and nothing has to be kept."""
    return f"{until}.{_signed(f'session {until}', token)}"


def is_valid_session(value: str, token: str) -> bool:
    """Whether a cookie's value is of a session that has not ended."""
    until = value.partition(".")[0]
    if not (until.isascii() and until.isdecimal() and len(until) <= _UNTIL):
        return False
    return tokens_equal(value, session_value(token, int(until))) and int(until) > time.time()


def _signed(text: str, token: str) -> str:
    return hmac.new(token.encode(), text.encode(), hashlib.sha256).hexdigest()
