"""Which pages may call the admin API: a page that a developer has open must not control the mock server.

Three headers reveal a request of a foreign page: `Host` (DNS rebinding), `Origin` (fetch, forms, event streams) and
`Sec-Fetch-Site` (images, scripts, frames). In addition `admin.call.read_body` requires JSON bodies.
"""

from mockserver.config.settings import Settings
from mockserver.errors import HostNotAllowed, OriginNotAllowed
from mockserver.pipeline.messages import Response
from mockserver.web.cors import Cors
from mockserver.web.hosts import is_allowed_host, is_loopback, name_of
from mockserver.web.wsgi import Environ, EnvironHeaders

MAX_ADMIN_BODY = 16 * 1024 * 1024
"""The maximum size of an admin request in bytes: an imported sandbox."""
HEADERS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
)
"""Headers of every guarded response, unless its view sets them."""


class AdminAccess:
    """Decides whether a request may come from the page that sent it."""

    def __init__(self, settings: Settings) -> None:
        self._hosts = frozenset(name.lower().removesuffix(".") for name in settings.allowed_hosts)
        self.cors = Cors((origin.lower() for origin in settings.admin_origins), loopback=False)

    def check_host(self, environ: Environ) -> None:
        """Raise `HostNotAllowed` for a missing host, and for a name that anybody can resolve to this machine."""
        host = environ.get("HTTP_HOST", "")
        if not is_allowed_host(host, self._hosts):
            raise HostNotAllowed(
                "Host must be an IP address, localhost, a name without a dot or a configured name, got "
                f"{host[:100] or 'none'}; allow the name with "
                f"--allowed-hosts {name_of(host) or 'NAME'} (MOCKSERVER_ALLOWED_HOSTS)"
            )

    def check_origin(self, environ: Environ) -> None:
        """Raise `OriginNotAllowed` for a request from a page of another origin, or from an image or script of such a page."""
        origin = environ.get("HTTP_ORIGIN")
        server_origin = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '').lower()}"
        if origin is None:
            _check_site(environ)
        elif origin == "null" or (origin != server_origin and not self.cors.allows(origin)):
            example = "ORIGIN" if origin == "null" else origin[:100]
            raise OriginNotAllowed(
                f"cross-origin request refused: expected a page of {server_origin}, got {origin[:100]}; "
                f"allow the origin with --admin-origin {example} (MOCKSERVER_ADMIN_ORIGINS)"
            )

    def preflight(self, environ: Environ) -> Response | None:
        """Return the response to a preflight of a page with a configured origin; `None` for any other request."""
        origin = environ.get("HTTP_ORIGIN")
        if (
            environ["REQUEST_METHOD"] != "OPTIONS"
            or not origin
            or "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in environ
        ):
            return None
        if not self.cors.allows(origin):
            return None
        return self.cors.preflight(origin, EnvironHeaders(environ), ())


def open_admin_warning(settings: Settings, address: str, port: int) -> str | None:
    """Return a warning if other machines can call the admin API without a token, otherwise `None`."""
    if settings.admin_token or is_loopback(address):
        return None
    host = f"[{address}]" if ":" in address else address
    return f"The admin API on {host}:{port} is not protected. Set --admin-token (MOCKSERVER_ADMIN_TOKEN) to require a token."


def _check_site(environ: Environ) -> None:
    """Check a request without Origin.

    curl, our own page and links send such requests, but so do images, scripts and frames of other pages.
    """
    site = environ.get("HTTP_SEC_FETCH_SITE", "none")
    navigates = (
        environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
        and environ.get("HTTP_SEC_FETCH_DEST") == "document"
    )
    opens_page = navigates and environ["REQUEST_METHOD"] in ("GET", "HEAD")
    if site not in ("none", "same-origin") and not opens_page:
        raise OriginNotAllowed(
            f"cross-site request refused (Sec-Fetch-Site: {site[:20]}); "
            "allow fetch of an origin with --admin-origin (MOCKSERVER_ADMIN_ORIGINS)"
        )
