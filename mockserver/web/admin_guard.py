"""The guard before the admin API. It checks the calling page (`admin_access`) and the admin token.

The guard protects every Flask view that is not listed as public, so a new route is protected by
default.
"""

from collections.abc import Iterable

import flask
from werkzeug.routing import Rule

from mockserver.config.settings import Settings
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
    """Guard every view of the application, except the views with the names in `public`."""
    guard = AdminGuard(server.settings, frozenset(public))
    app.before_request(guard.check)
    app.after_request(guard.add_headers)


class AdminGuard:
    """Checks each guarded request before its view, and adds headers to each guarded response.

    The view that Flask has chosen decides whether a request is guarded. If Flask found no view,
    the path decides: only clients that may call the admin API receive its 404s and 405s.
    """

    def __init__(self, settings: Settings, public: frozenset[str]) -> None:
        self._access = AdminAccess(settings)
        self._token = settings.admin_token
        self._public = public

    def check(self) -> flask.Response | None:
        """Return the response to a preflight; `None` lets Flask call the view.

        Raises:
            HostNotAllowed: see `AdminAccess.check_host`.
            OriginNotAllowed: see `AdminAccess.check_origin`.
            AdminTokenMissing: the route requires the token, and the request does not have it.
        """
        if not self._is_guarded():
            return None
        environ = flask.request.environ
        self._access.check_host(environ)
        self._access.check_origin(environ)
        preflight = self._access.preflight(environ)
        if preflight:
            return _without_content_type(preflight)
        if _requires_token(flask.request.url_rule):
            self._check_token(environ)
        return None

    def add_headers(self, response: flask.Response) -> flask.Response:
        """Add the headers of the admin API that the view has not set."""
        if not self._is_guarded():
            return response
        origin = flask.request.environ.get("HTTP_ORIGIN")
        for name, value in (*HEADERS, *self._access.cors.headers(origin)):
            response.headers.setdefault(name, value)
        return response

    def _is_guarded(self) -> bool:
        if flask.request.url_rule is None:
            return f"{flask.request.path}/".startswith("/__admin/")
        return flask.request.endpoint not in self._public

    def _check_token(self, environ: Environ) -> None:
        """Raise `AdminTokenMissing` if the server has a token and the request does not."""
        if self._token and not admin_token.is_authorized(environ, self._token):
            raise admin_token.unauthorized(
                "expected the token of --admin-token (MOCKSERVER_ADMIN_TOKEN) as "
                "Authorization: Bearer TOKEN or as X-Mock-Admin-Token: TOKEN, or the cookie of "
                "POST /__admin/session; got none of them, or a wrong one"
            )


def _requires_token(rule: Rule | None) -> bool:
    """Return whether a route requires the token. A request without a route does too."""
    if rule is None:
        return True
    return rule.rule not in NO_TOKEN_REQUIRED and not rule.rule.startswith(PANEL)


def _without_content_type(response: Response) -> flask.Response:
    """Return a response without a body as Flask's, without the media type that Flask adds."""
    flask_response = flask.Response(status=response.status, headers=list(response.headers))
    del flask_response.headers["Content-Type"]
    return flask_response
