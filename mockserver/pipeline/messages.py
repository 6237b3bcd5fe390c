"""HTTP requests and responses, independent of Flask and WSGI."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mockserver.errors import Violation
from mockserver.spec.locations import map_urls, with_prefix


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request."""

    method: str
    path: str
    """Percent-decoded, from the server's root: `/api/push_notifications/trash`.

    An encoded slash stays `%2F`.
    """
    query: str = ""
    """As sent, without the question mark."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name: `x-access-token`."""
    body: bytes = b""
    sandbox: str | None = None
    """The sandbox in the base URL (`/~NAME/...`), which is not in `path`; `None` for none."""
    address: str = ""
    """The client's network address; empty if it is unknown."""
    connection_owner: str | None = None
    """The HTTP server, if it does not expose the connection for faults; else `None`."""
    segments: tuple[str, ...] | None = None
    """The decoded segments of a path that contains an encoded slash; `None` for any other path."""


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    """Without Content-Length, which the WSGI adapter adds."""
    body: bytes = b""
    violations: tuple[Violation, ...] = ()
    """Contract violations of the body that were only warned about."""
    fault: str | None = None
    """The network fault to apply to the response: a name in `faults.FAULTS`."""
    is_documented: bool = True
    """Whether it is not the `response` of a scenario."""

    def with_location_prefix(self, path: str) -> "Response":
        """Return this response with a path prefix in each URL of this server in its headers."""
        return replace(self, headers=map_urls(self.headers, lambda url: with_prefix(url, path)))

    def with_headers(self, headers: tuple[tuple[str, str], ...]) -> "Response":
        """Return this response with more headers."""
        # Not `replace`, which is slower: this runs for every response.
        return Response(
            self.status,
            self.headers + headers,
            self.body,
            self.violations,
            self.fault,
            self.is_documented,
        )
