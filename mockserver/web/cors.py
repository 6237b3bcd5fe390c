"""Which pages may read the API's answers: Cross-Origin Resource Sharing, as the Fetch standard has it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from mockserver.formats.header_text import TOKEN
from mockserver.pipeline.messages import Response

EXPOSED = ("Allow", "Preference-Applied", "Retry-After", "WWW-Authenticate", "X-Mock-Sandbox", "X-Mock-Violations")
"""The mock server's own headers that a page may read."""
_TOKENS = re.compile(rf"{TOKEN}(\s*,\s*{TOKEN})*")
_VARY = (("Vary", "Origin"),)


class Cors:
    """The rule for a set of configured origins; loopback origins are let in beside them unless `loopback` is off."""

    def __init__(self, origins: Iterable[str], documented_headers: Iterable[str] = (), *, loopback: bool = True) -> None:
        self._origins, self._loopback = frozenset(origins), loopback
        self._exposed = ", ".join(dict.fromkeys((*EXPOSED, *documented_headers)))
        self.headers = lru_cache(maxsize=256)(self._headers)

    def allows(self, origin: str) -> bool:
        """Whether pages of this origin may read the answers."""
        return origin in self._origins or "*" in self._origins or (self._loopback and is_loopback(origin))

    def _headers(self, origin: str | None) -> tuple[tuple[str, str], ...]:
        """What an answer says to a page of this origin. The origin is echoed: `*` would shut out credentials."""
        if origin is None or not self.allows(origin):
            return _VARY
        return (
            *_VARY,
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", self._exposed),
        )

    def preflight(self, origin: str, headers: Mapping[str, str], methods: Iterable[str]) -> Response:
        """The answer to a browser that asks before it sends.

        A path or method that does not exist is let through: the page then reads the problem, not a bare network error.
        """
        if not self.allows(origin):
            return Response(204, _VARY)
        wanted = headers.get("access-control-request-headers", "")
        method = headers["access-control-request-method"]
        known = dict.fromkeys((*methods, *([method] if _TOKENS.fullmatch(method) else [])))
        names = (("Access-Control-Allow-Headers", wanted),) if _TOKENS.fullmatch(wanted) else ()
        return Response(
            204,
            (
                ("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Allow-Credentials", "true"),
                ("Access-Control-Allow-Methods", ", ".join(known)),
                *names,
                ("Access-Control-Max-Age", "600"),
            ),
        )


def with_one_vary(response: Response) -> Response:
    """Return the response with one Vary header, which names what all of its Vary headers name (RFC 9110, section 12.5.5)."""
    values = [value for name, value in response.headers if name.lower() == "vary"]
    names: dict[str, str] = {}
    for name in filter(None, map(str.strip, ",".join(values).split(","))):
        names.setdefault(name.lower(), name)
    merged = "*" if "*" in names else ", ".join(names.values())
    others = tuple(header for header in response.headers if header[0].lower() != "vary")
    return replace(response, headers=(*others, ("Vary", merged)))


@lru_cache(maxsize=256)
def is_loopback(origin: str) -> bool:
    """Whether an origin is this very machine: `localhost`, a name under it, or a loopback address, on any port."""
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
