"""HTTP messages as the rooms below the wire see them: no Flask, no WSGI."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mockserver.errors import Violation
from mockserver.spec.locations import below, with_urls


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as it arrived."""

    method: str
    path: str
    """Decoded, from the server's root: `/api/push_notifications/trash`. A slash that was encoded stays `%2F`."""
    query: str = ""
    """As sent, without the question mark."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name: `x-access-token`."""
    body: bytes = b""
    sandbox: str | None = None
    """The sandbox that the base URL named (`/~NAME/...`); `None` where it named none. `path` is without it."""
    address: str = ""
    """The network address of the client; empty where it is not known."""
    connection_owner: str | None = None
    """The server, where it keeps the connection to itself: faults that cut it cannot be made. `None` where it does not."""
    segments: tuple[str, ...] | None = None
    """The decoded parts of a path in which a slash was encoded; `None` for any other path, which its slashes part."""


@dataclass(frozen=True, slots=True)
class Response:
    """One response, as it will leave."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    """Without Content-Length: the wire counts."""
    body: bytes = b""
    violations: tuple[Violation, ...] = ()
    """In which ways the body breaks the contract, where it was let through all the same."""
    fault: str | None = None
    """What the wire is to do to it: a name of `faults.FAULTS`."""

    def with_location_prefix(self, path: str) -> "Response":
        """This response, the URLs of this server in its headers below a path."""
        return replace(self, headers=with_urls(self.headers, lambda url: below(url, path)))

    def with_headers(self, headers: tuple[tuple[str, str], ...]) -> "Response":
        """This response with more headers. Written out, since every response is sent through it."""
        return Response(self.status, self.headers + headers, self.body, self.violations, self.fault)
