"""Control operations on the session of a browser: a cookie that stands for the admin token."""

import time

import flask

from mockserver.formats.json_schema import Validator
from mockserver.web import admin_token
from mockserver.web.admin.call import AdminCall, Json
from mockserver.web.admin.schemas import COUNT, TEXT, nullable, object_of

BEGIN = Validator(object_of(token=TEXT))
SESSION = object_of(until=nullable(COUNT))


def begin(call: AdminCall) -> Json:
    """Take the token, and give a cookie that stands for it; `until`, a Unix time, or null where no token is needed.

    Raises `AdminTokenMissing` for another token.
    """
    wanted = call.server.settings.admin_token
    if not wanted:
        return {"until": None}
    if not admin_token.tokens_equal(call.body["token"], wanted):
        raise admin_token.unauthorized("expected the server's admin token as token, got another")
    until = int(time.time()) + admin_token.SESSION_SECONDS
    _set_cookie(admin_token.cookie_name(wanted), admin_token.session_value(wanted, until), admin_token.SESSION_SECONDS)
    return {"until": until}


def end(call: AdminCall) -> Json:
    """Let the browser forget its cookie."""
    if wanted := call.server.settings.admin_token:
        _set_cookie(admin_token.cookie_name(wanted), "", 0)
    return {"until": None}


def _set_cookie(name: str, value: str, seconds: int) -> None:
    """For all paths, since the control plane of a sandbox is at `/~NAME/__admin`."""
    secure = flask.request.scheme == "https"

    def put(response: flask.Response) -> flask.Response:
        response.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="Strict")
        return response

    flask.after_this_request(put)
