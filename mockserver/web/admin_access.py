"""Check which pages may call the admin API: a foreign page in a browser must not control it.

Three headers reveal a request of a foreign page: `Host` (DNS rebinding), `Origin` (fetch, forms,
event streams) and `Sec-Fetch-Site` (images, scripts, frames). In addition, `admin.call.read_body`
requires JSON bodies.
"""

from mockserver.config.settings import Settings
from mockserver.errors import HostNotAllowed, OriginNotAllowed
from mockserver.pipeline.messages import Response
from mockserver.web.cors import Cors
from mockserver.web.hosts import is_allowed_host, is_loopback, name_of
from mockserver.web.wsgi import Environ, EnvironHeaders

MAX_ADMIN_BODY = 16 * 1024 * 1024
"""The maximum size of an admin request in bytes. Imported sandboxes are the largest requests."""
_UPLOADS = "/__admin/apis/"
"""The prefix of the paths of uploads, whose size is a setting."""
HEADERS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
)
"""Headers of every guarded response. A view can set other values."""


class AdminAccess:
    """Decides whether the page that sent a request may call the admin API."""

    def __init__(self, settings: Settings) -> None:
        self._hosts = frozenset(name.lower().removesuffix(".") for name in settings.allowed_hosts)
        self.cors = Cors((origin.lower() for origin in settings.admin_origins), loopback=False)

    def check_host(self, environ: Environ) -> None:
        """Check that an attacker cannot let the name of the host resolve to this machine.

        Raises:
            HostNotAllowed: the host is missing or invalid, or its name is not allowed.
        """
        host = environ.get("HTTP_HOST", "")
        if is_allowed_host(host, self._hosts):
            return
        raise HostNotAllowed(
            "Host must be an IP address, localhost, a name without a dot or a configured name, "
            f"got {host[:100] or 'none'}; allow the name with "
            f"--allowed-hosts {name_of(host) or 'NAME'} (MOCKSERVER_ALLOWED_HOSTS)"
        )

    def check_origin(self, environ: Environ) -> None:
        """Check that a request does not come from a page of another origin.

        Raises:
            OriginNotAllowed: the page, or an image, script or frame in the page, sent the request.
        """
        origin = environ.get("HTTP_ORIGIN")
        server_origin = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '').lower()}"
        if origin is None:
            _check_site(environ)
        elif origin == "null" or (origin != server_origin and not self.cors.allows(origin)):
            raise OriginNotAllowed(_origin_detail(server_origin, origin[:100]))

    def preflight(self, environ: Environ) -> Response | None:
        """Return the response to a preflight of a configured origin, otherwise `None`."""
        if environ["REQUEST_METHOD"] != "OPTIONS":
            return None
        if "HTTP_ACCESS_CONTROL_REQUEST_METHOD" not in environ:
            return None
        origin = environ.get("HTTP_ORIGIN")
        if not origin or not self.cors.allows(origin):
            return None
        return self.cors.preflight(origin, EnvironHeaders(environ), ())


def max_admin_body(settings: Settings, path: str) -> int:
    """Return the maximum size of the body of a request to a path of the server, in bytes."""
    if path.startswith(_UPLOADS):
        return settings.max_upload
    return MAX_ADMIN_BODY


def open_admin_warning(settings: Settings, address: str, port: int) -> str | None:
    """Return a warning if other machines can call the admin API without a token, else `None`."""
    if settings.admin_token or is_loopback(address):
        return None
    host = address
    if ":" in address:
        host = f"[{address}]"
    return (
        f"The admin API on {host}:{port} is not protected. "
        "Set --admin-token (MOCKSERVER_ADMIN_TOKEN) to require a token."
    )


def _origin_detail(server_origin: str, origin: str) -> str:
    """Return the detail of the problem, with the option that allows the origin."""
    value = origin
    if origin == "null":  # the origin of a sandboxed page, which cannot be allowed
        value = "ORIGIN"
    return (
        f"cross-origin request refused: expected a page of {server_origin}, got {origin}; "
        f"allow the origin with --admin-origin {value} (MOCKSERVER_ADMIN_ORIGINS)"
    )


def _check_site(environ: Environ) -> None:
    """Check a request without the header Origin.

    curl, the control panel and links send such requests. So do images, scripts and frames of
    other pages, and those are rejected.

    Raises:
        OriginNotAllowed: a part of another page sent the request.
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
