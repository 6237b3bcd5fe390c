"""The gate of the control plane: a page that a developer happens to have open must not steer the mock server.

Three things give a foreign page's request away: the name in `Host` (DNS rebinding), `Origin` (fetch, forms, event streams) and
`Sec-Fetch-Site` (pictures, scripts, frames). A fourth, a body that is declared as JSON, is held by `admin.call.read_body`.
Where a token is set, it is asked for on top.

Whatever Flask answers stands behind the gate unless it is named as free: what is added later is closed by itself.
"""

from collections.abc import Iterable

import flask

from mockserver.config.settings import Settings
from mockserver.errors import HostNotAllowed, OriginNotAllowed
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.web import admin_token
from mockserver.web.cors import Cors
from mockserver.web.hosts import is_allowed_host, is_loopback, name_of
from mockserver.web.wsgi import Environ, EnvironHeaders

HEADERS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
)
"""What every answer from behind the gate says to browsers, unless its view says something else."""
NO_TOKEN_REQUIRED = ("/", "/__admin", "/__admin/", "/__admin/health", "/__admin/version", "/__admin/session")
"""Flask rules behind the gate that need no token: health checks, the panel's page, and where it hands a token in."""
PANEL = "/__admin/panel/"
"""What the rules of the panel's files begin with: they hold no secret either."""


class AdminGuard:
    """Says whether a request may go on to the control plane."""

    def __init__(self, settings: Settings) -> None:
        self._hosts = frozenset(name.lower().removesuffix(".") for name in settings.allowed_hosts)
        self._token = settings.admin_token
        self.cors = Cors((origin.lower() for origin in settings.admin_origins), loopback=False)

    def check_host(self, environ: Environ) -> None:
        """Raises `HostRefused` for a name that anybody may have pointed here, and for none."""
        host = environ.get("HTTP_HOST", "")
        if not is_allowed_host(host, self._hosts):
            raise HostNotAllowed(
                "expected an IP address, localhost, a name without a dot or a configured name as Host, got "
                f"{host[:100] or 'none'}; --allowed-hosts {name_of(host) or 'NAME'} (MOCKSERVER_ALLOWED_HOSTS) lets that name in"
            )

    def check_origin(self, environ: Environ) -> None:
        """Raises `OriginRefused` for a call from a page, or a part of a page, of another origin."""
        origin = environ.get("HTTP_ORIGIN")
        own = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '').lower()}"
        if origin is None:
            _check_site(environ)
        elif origin == "null" or (origin != own and not self.cors.allows(origin)):
            named = "ORIGIN" if origin == "null" else origin[:100]
            raise OriginNotAllowed(
                f"expected a call from a page of {own}, got one from {origin[:100]}; "
                f"--admin-origin {named} (MOCKSERVER_ADMIN_ORIGINS) lets pages of that origin in"
            )

    def check_token(self, environ: Environ) -> None:
        """Raises `AdminTokenMissing` for a request without the token, where one is set."""
        if self._token and not admin_token.is_authorized(environ, self._token):
            raise admin_token.unauthorized(
                "expected the token of --admin-token (MOCKSERVER_ADMIN_TOKEN) as Authorization: Bearer TOKEN or as "
                "X-Mock-Admin-Token: TOKEN, or the cookie of POST /__admin/session; got none that is right"
            )

    def preflight(self, environ: Environ) -> Response | None:
        """The answer to a browser that asks on behalf of a page whose origin is configured; nothing for any other request."""
        origin = environ.get("HTTP_ORIGIN")
        if environ["REQUEST_METHOD"] != "OPTIONS" or not origin or "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in environ:
            return None
        return self.cors.preflight(origin, EnvironHeaders(environ), ()) if self.cors.allows(origin) else None


def add(app: flask.Flask, server: MockServer, public: Iterable[str]) -> None:
    """Put every view of the application behind the gate, but those whose names are `free`.

    Flask's choice of a view decides, not the look of the path. Only where Flask found none does the path: a 404 or 405 of the
    control plane is told to nobody who may not call it.
    """
    gate, open_to_all = AdminGuard(server.settings), frozenset(public)

    def guarded() -> bool:
        if flask.request.url_rule is None:
            return f"{flask.request.path}/".startswith("/__admin/")
        return flask.request.endpoint not in open_to_all

    def enter() -> flask.Response | None:
        if not guarded():
            return None
        environ, rule = flask.request.environ, flask.request.url_rule
        gate.check_host(environ)
        gate.check_origin(environ)
        if preflight := gate.preflight(environ):
            return _bodiless(preflight)
        if rule is None or not (rule.rule in NO_TOKEN_REQUIRED or rule.rule.startswith(PANEL)):
            gate.check_token(environ)
        return None

    def leave(response: flask.Response) -> flask.Response:
        if guarded():
            for name, value in (*HEADERS, *gate.cors.headers(flask.request.environ.get("HTTP_ORIGIN"))):
                response.headers.setdefault(name, value)
        return response

    app.before_request(enter)
    app.after_request(leave)


def open_admin_warning(settings: Settings, address: str, port: int) -> str | None:
    """Return the warning for an admin API that other machines reach without a token; otherwise `None`."""
    if settings.admin_token or is_loopback(address):
        return None
    host = f"[{address}]" if ":" in address else address
    return f"The admin API on {host}:{port} is not protected. Set --admin-token (MOCKSERVER_ADMIN_TOKEN) to require a token."


def _check_site(environ: Environ) -> None:
    """Without Origin come curl, our own pages, the address bar and links; but pictures, scripts and frames of others as well."""
    site = environ.get("HTTP_SEC_FETCH_SITE", "none")
    opened = environ.get("HTTP_SEC_FETCH_MODE") == "navigate" and environ.get("HTTP_SEC_FETCH_DEST") == "document"
    if site not in ("none", "same-origin") and not (opened and environ["REQUEST_METHOD"] in ("GET", "HEAD")):
        raise OriginNotAllowed(
            "expected a call from a page of this server, or a page that somebody opens, got a part of another page "
            f"(Sec-Fetch-Site: {site[:20]}); the origins of --admin-origin (MOCKSERVER_ADMIN_ORIGINS) get in by fetch with CORS"
        )


def _bodiless(response: Response) -> flask.Response:
    made = flask.Response(status=response.status, headers=list(response.headers))
    del made.headers["Content-Type"]
    return made
