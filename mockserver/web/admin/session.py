"""The admin API of a browser's session: a cookie that replaces the admin token."""

import time

import flask

from mockserver.formats.json_schema import Validator
from mockserver.web import admin_token
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.schemas import COUNT, TEXT, Json, nullable, object_of

BEGIN = Validator(object_of(token=TEXT))
SESSION = object_of(expires_at=nullable(COUNT))


def begin(call: AdminCall) -> Json:
    """Set a session cookie in exchange for the admin token.

    Return its expiry as a Unix time, or null if the server requires no token.

    Raises:
        AdminTokenMissing: the token is wrong.
    """
    token = call.server.settings.admin_token
    if not token:
        return {"expires_at": None}
    if not admin_token.tokens_equal(call.body["token"], token):
        raise admin_token.unauthorized("token is not the server's admin token")
    expires_at = int(time.time()) + admin_token.SESSION_SECONDS
    value = admin_token.session_value(token, expires_at)
    _set_cookie(admin_token.cookie_name(token), value, admin_token.SESSION_SECONDS)
    return {"expires_at": expires_at}


def end(call: AdminCall) -> Json:
    """Delete the browser's session cookie."""
    token = call.server.settings.admin_token
    if token:
        _set_cookie(admin_token.cookie_name(token), "", 0)
    return {"expires_at": None}


def _set_cookie(name: str, value: str, seconds: int) -> None:
    """Set a cookie for all paths, because the admin API of a sandbox is at `/~NAME/__admin`."""
    secure = flask.request.scheme == "https"

    def set_cookie(response: flask.Response) -> flask.Response:
        response.set_cookie(
            name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="Strict"
        )
        return response

    flask.after_this_request(set_cookie)
