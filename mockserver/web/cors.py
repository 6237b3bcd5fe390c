"""Cross-Origin Resource Sharing (CORS, Fetch standard): which pages may read responses."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from mockserver.formats.header_text import TOKEN
from mockserver.pipeline.messages import Response

EXPOSED = (
    "Allow",
    "Preference-Applied",
    "Retry-After",
    "WWW-Authenticate",
    "X-Mock-Sandbox",
    "X-Mock-Violations",
)
"""The headers of the server itself that a page may read."""
_TOKENS = re.compile(rf"{TOKEN}(\s*,\s*{TOKEN})*")
_VARY = (("Vary", "Origin"),)


class Cors:
    """The allowed origins: the configured ones and, with `loopback`, those of this machine."""

    def __init__(
        self,
        origins: Iterable[str],
        documented_headers: Iterable[str] = (),
        *,
        loopback: bool = True,
    ) -> None:
        self._origins, self._loopback = frozenset(origins), loopback
        self._exposed = ", ".join(dict.fromkeys((*EXPOSED, *documented_headers)))
        self.headers = lru_cache(maxsize=256)(self._headers)

    def allows(self, origin: str) -> bool:
        """Return whether pages of this origin may read responses."""
        return (
            origin in self._origins
            or "*" in self._origins
            or (self._loopback and is_loopback(origin))
        )

    def _headers(self, origin: str | None) -> tuple[tuple[str, str], ...]:
        """Return the CORS headers for an origin.

        They name the origin, because browsers reject `*` for requests with credentials.
        """
        if origin is None or not self.allows(origin):
            return _VARY
        return (
            *_VARY,
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", self._exposed),
        )

    def preflight(
        self, origin: str, headers: Mapping[str, str], methods: Iterable[str]
    ) -> Response:
        """Return the response to a preflight request.

        Unknown paths and methods are allowed, so that the page can read the problem. Otherwise the
        page would only get a network error.
        """
        if not self.allows(origin):
            return Response(204, _VARY)
        requested_method = headers["access-control-request-method"]
        allow_methods = list(methods)
        if _TOKENS.fullmatch(requested_method) and requested_method not in allow_methods:
            allow_methods.append(requested_method)
        requested_headers = headers.get("access-control-request-headers", "")
        allow_headers: tuple[tuple[str, str], ...] = ()
        if _TOKENS.fullmatch(requested_headers):
            allow_headers = (("Access-Control-Allow-Headers", requested_headers),)
        return Response(
            204,
            (
                ("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Allow-Credentials", "true"),
                ("Access-Control-Allow-Methods", ", ".join(allow_methods)),
                *allow_headers,
                ("Access-Control-Max-Age", "600"),
            ),
        )


def with_one_vary(response: Response) -> Response:
    """Return the response with its Vary headers merged into one (RFC 9110, section 12.5.5)."""
    names: dict[str, str] = {}
    other_headers = []
    for header in response.headers:
        if header[0].lower() != "vary":
            other_headers.append(header)
            continue
        for part in header[1].split(","):
            name = part.strip()
            if name:
                names.setdefault(name.lower(), name)
    value = ", ".join(names.values())
    if "*" in names:
        value = "*"
    return replace(response, headers=(*other_headers, ("Vary", value)))


@lru_cache(maxsize=256)
def is_loopback(origin: str) -> bool:
    """Return whether an origin is on this machine, on any port.

    Its host is `localhost`, a name below `localhost`, or a loopback address.
    """
    try:
        parts = urlsplit(origin)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or parts.path or parts.query or parts.fragment:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
