"""The guard before the admin API: the pages of `admin_access`, and the admin token if the server has one.

The guard protects every Flask view that is not named as public, so a new route is protected by default.
"""

from collections.abc import Iterable

import flask

from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.web import admin_token
from mockserver.web.admin_access import HEADERS, AdminAccess
from mockserver.web.wsgi import Environ

NO_TOKEN_REQUIRED = (
    "/",
    "/__admin",
    "/__admin/",
    "/__admin/health",
    "/__admin/version",
    "/__admin/session",
)
"""Guarded Flask rules that require no token: health checks, the panel's page, and the session."""
PANEL = "/__admin/panel/"
"""The prefix of the rules of the panel's files, which contain no secret."""


def add(app: flask.Flask, server: MockServer, public: Iterable[str]) -> None:
    """Guard every view of the application except those named `public`.

    The view that Flask has chosen decides, not the path. If Flask found no view, the path decides: only clients that may call the
    admin API learn about its 404s and 405s.
    """
    access, token = AdminAccess(server.settings), server.settings.admin_token
    public_views = frozenset(public)

    def is_guarded() -> bool:
        if flask.request.url_rule is None:
            return f"{flask.request.path}/".startswith("/__admin/")
        return flask.request.endpoint not in public_views

    def check() -> flask.Response | None:
        if not is_guarded():
            return None
        environ, rule = flask.request.environ, flask.request.url_rule
        access.check_host(environ)
        access.check_origin(environ)
        if preflight := access.preflight(environ):
            return _bodiless(preflight)
        if rule is None or not (rule.rule in NO_TOKEN_REQUIRED or rule.rule.startswith(PANEL)):
            _check_token(environ, token)
        return None

    def add_headers(response: flask.Response) -> flask.Response:
        if is_guarded():
            for name, value in (
                *HEADERS,
                *access.cors.headers(flask.request.environ.get("HTTP_ORIGIN")),
            ):
                response.headers.setdefault(name, value)
        return response

    app.before_request(check)
    app.after_request(add_headers)


def _check_token(environ: Environ, token: str) -> None:
    """Raise `AdminTokenMissing` for a request without the token, if the server has one."""
    if token and not admin_token.is_authorized(environ, token):
        raise admin_token.unauthorized(
            "expected the token of --admin-token (MOCKSERVER_ADMIN_TOKEN) as Authorization: Bearer TOKEN or as "
            "X-Mock-Admin-Token: TOKEN, or the cookie of POST /__admin/session; got none of them, or a wrong one"
        )


def _bodiless(response: Response) -> flask.Response:
    bodiless = flask.Response(status=response.status, headers=list(response.headers))
    del bodiless.headers["Content-Type"]
    return bodiless
