"""Control operations on the session of a browser: a cookie that stands for the admin token."""

import time

import flask

from mockserver.formats.json_schema import Validator
from mockserver.web import admin_token
from mockserver.web.admin.call import Call, Json
from mockserver.web.admin.schemas import COUNT, TEXT, an_object, or_null

BEGIN = Validator(an_object(token=TEXT))
SESSION = an_object(until=or_null(COUNT))


def begin(call: Call) -> Json:
    """Take the token, and give a cookie that stands for it; `until`, a Unix time, or null where no token is needed.

    Raises `AdminTokenMissing` for another token.
    """
    wanted = call.server.settings.admin_token
    if not wanted:
        return {"until": None}
    if not admin_token.same(call.body["token"], wanted):
        raise admin_token.refused("expected the server's admin token as token, got another")
    until = int(time.time()) + admin_token.LASTS
    _set_cookie(admin_token.cookie(wanted), admin_token.session(wanted, until), admin_token.LASTS)
    return {"until": until}


def end(call: Call) -> Json:
    """Let the browser forget its cookie."""
    if wanted := call.server.settings.admin_token:
        _set_cookie(admin_token.cookie(wanted), "", 0)
    return {"until": None}


def _set_cookie(name: str, value: str, seconds: int) -> None:
    """For all paths, since the control plane of a sandbox is at `/~NAME/__admin`."""
    secure = flask.request.scheme == "https"

    def put(response: flask.Response) -> flask.Response:
        response.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="Strict")
        return response

    flask.after_this_request(put)
