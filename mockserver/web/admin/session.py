"""The admin API of a browser's session: a cookie in place of the admin token."""

import time

import flask

from mockserver.formats.json_schema import Validator
from mockserver.web import admin_token
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.schemas import COUNT, TEXT, Json, nullable, object_of

BEGIN = Validator(object_of(token=TEXT))
SESSION = object_of(expires_at=nullable(COUNT))


def begin(call: AdminCall) -> Json:
    """Set a session cookie in exchange for the admin token. Raises `AdminTokenMissing` for a wrong token.

    `expires_at` is a Unix time, or null if the server requires no token.
    """
    expected = call.server.settings.admin_token
    if not expected:
        return {"expires_at": None}
    if not admin_token.tokens_equal(call.body["token"], expected):
        raise admin_token.unauthorized("token is not the server's admin token")
    expires_at = int(time.time()) + admin_token.SESSION_SECONDS
    value = admin_token.session_value(expected, expires_at)
    _set_cookie(admin_token.cookie_name(expected), value, admin_token.SESSION_SECONDS)
    return {"expires_at": expires_at}


def end(call: AdminCall) -> Json:
    """Delete the browser's session cookie."""
    if token := call.server.settings.admin_token:
        _set_cookie(admin_token.cookie_name(token), "", 0)
    return {"expires_at": None}


def _set_cookie(name: str, value: str, seconds: int) -> None:
    """Set a cookie for all paths, since the admin API of a sandbox is at `/~NAME/__admin`."""
    secure = flask.request.scheme == "https"

    def set_cookie(response: flask.Response) -> flask.Response:
        response.set_cookie(
            name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="Strict"
        )
        return response

    flask.after_this_request(set_cookie)
