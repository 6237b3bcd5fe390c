"""The admin token, and the session cookie for browsers, which cannot always send a header."""

import hashlib
import hmac
import time

from werkzeug.http import parse_cookie

from mockserver.errors import AdminTokenMissing
from mockserver.web.wsgi import Environ

SESSION_SECONDS = 12 * 3600
"""The duration of a session, in seconds."""
_MAX_DIGITS = 12
"""The maximum number of digits of a Unix time in a cookie."""


def tokens_equal(text: str, token: str) -> bool:
    """Compare a text with the token in constant time."""
    return hmac.compare_digest(text.encode("utf-8", "surrogatepass"), token.encode())


def is_authorized(environ: Environ, token: str) -> bool:
    """Return whether a request has the token.

    It is the header `Authorization` or `X-Mock-Admin-Token`, or a valid session cookie.
    """
    scheme, _, bearer_token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        bearer_token = ""
    sessions = parse_cookie(environ.get("HTTP_COOKIE", "")).getlist(cookie_name(token))
    return (
        tokens_equal(bearer_token.strip(), token)
        or tokens_equal(environ.get("HTTP_X_MOCK_ADMIN_TOKEN", ""), token)
        or any(is_valid_session(session, token) for session in sessions)
    )


def unauthorized(detail: str) -> AdminTokenMissing:
    """Return the problem of a request without the token.

    A 401 has a challenge in the header WWW-Authenticate (RFC 9110, section 15.5.2).
    """
    return AdminTokenMissing(detail, headers=(("WWW-Authenticate", 'Bearer realm="admin API"'),))


def cookie_name(token: str) -> str:
    """Return the cookie's name. Ports of a host share cookies, so the name depends on the token."""
    return f"mockserver-session-{_signed('name', token)[:8]}"


def session_value(token: str, until: int) -> str:
    """Return a signed cookie value that is valid until a Unix time.

    The value does not contain the token, and the server does not store the value.
    """
    return f"{until}.{_signed(f'session {until}', token)}"


def is_valid_session(value: str, token: str) -> bool:
    """Return whether a cookie value has a correct signature and has not expired."""
    until = value.partition(".")[0]
    if not (until.isascii() and until.isdecimal() and len(until) <= _MAX_DIGITS):
        return False
    return tokens_equal(value, session_value(token, int(until))) and int(until) > time.time()


def _signed(text: str, token: str) -> str:
    return hmac.new(token.encode(), text.encode(), hashlib.sha256).hexdigest()
