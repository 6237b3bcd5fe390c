"""Network faults: the ways in which a network, a proxy or a broken server damages a response.

`web.fault_injection` produces them.
"""

from dataclasses import dataclass

from mockserver.errors import FaultNotSupported


@dataclass(frozen=True, slots=True)
class Fault:
    """One network fault."""

    title: str
    """One sentence for people."""
    runs_operation: bool
    """Whether the operation runs first.

    Its response is then built and validated, and broken only on the network.
    """
    status: int | None = None
    """The status of the page that a proxy sends instead of the response; `None` without one."""
    retry_after: int | None = None
    """The page's `Retry-After`, in seconds."""
    breaks_connection: bool = False
    """Whether it breaks the connection. Not every HTTP server allows this."""
    holds_response: bool = False
    """Whether it keeps a response open, as a delay does."""
    completes_response: bool = False
    """Whether the client gets the whole response of the operation."""

    @property
    def silent(self) -> bool:
        """Return whether the client gets no response, not even a status."""
        return self.breaks_connection and not self.runs_operation


FAULTS: dict[str, Fault] = {
    "reset": Fault(
        "The connection is reset before the server responds.",
        runs_operation=False,
        breaks_connection=True,
    ),
    "empty": Fault(
        "The connection is closed without a response.", runs_operation=False, breaks_connection=True
    ),
    "reset-in-body": Fault(
        "The connection is reset in the middle of the body.",
        runs_operation=True,
        breaks_connection=True,
    ),
    "truncated": Fault(
        "The connection is closed before the whole body is sent.",
        runs_operation=True,
    ),
    "malformed-json": Fault(
        "Half of the body is sent, with a matching length.", runs_operation=True
    ),
    "endless": Fault(
        "The body is sent in chunks, and the last chunk is never sent.",
        runs_operation=True,
        holds_response=True,
    ),
    "slow": Fault(
        "The body is sent slowly, a few bytes at a time.",
        runs_operation=True,
        holds_response=True,
        completes_response=True,
    ),
    "too-many-requests": Fault(
        "A 429 page asks the client to try again later.",
        runs_operation=False,
        status=429,
        retry_after=1,
    ),
    "internal-server-error": Fault(
        "A 500 page reports that the server failed.", runs_operation=False, status=500
    ),
    "bad-gateway": Fault(
        "A proxy's 502 page reports an invalid upstream response.", runs_operation=False, status=502
    ),
    "service-unavailable": Fault(
        "A proxy's 503 page reports that the upstream server is unavailable.",
        runs_operation=False,
        status=503,
        retry_after=1,
    ),
}
"""Name, in scenarios, to the fault."""


def ensure_supported(name: str, connection_owner: str | None) -> None:
    """Check that the HTTP server supports a fault.

    Args:
        name: The fault, a key of `FAULTS`.
        connection_owner: The HTTP server, if it does not expose the connection; otherwise `None`.

    Raises:
        FaultNotSupported: The fault breaks the connection, which the server does not expose.
    """
    if not FAULTS[name].breaks_connection or connection_owner is None:
        return
    supported = [other for other, fault in FAULTS.items() if not fault.breaks_connection]
    raise FaultNotSupported(
        f"fault {name!r} is not supported under {connection_owner}; "
        "start the server with mockserver serve",
        {"fault": name, "server": connection_owner, "faults": supported},
    )
