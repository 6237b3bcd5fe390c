"""Network faults: what a network, a proxy or a broken server does to a response. `web.fault_injection` makes them."""

from dataclasses import dataclass

from mockserver.errors import FaultNotSupported


@dataclass(frozen=True, slots=True)
class Fault:
    """One network fault."""

    title: str
    """One sentence for people."""
    runs_operation: bool
    """Whether the operation runs first: its response is made and validated, and broken only on the network."""
    status: int | None = None
    """The status of the page that a proxy sends instead of the response; `None` without such a page."""
    retry_after: int | None = None
    """The page's `Retry-After`, in seconds."""
    breaks_connection: bool = False
    """Whether it breaks the connection, which not every server allows."""
    holds_response: bool = False
    """Whether it keeps a response open, as a delay does."""

    @property
    def silent(self) -> bool:
        """Return whether the client gets no response, not even a status."""
        return self.breaks_connection and not self.runs_operation


FAULTS: dict[str, Fault] = {
    "reset": Fault(
        "The connection is reset before anything is answered.",
        runs_operation=False,
        breaks_connection=True,
    ),
    "empty": Fault(
        "The connection is closed without an answer.", runs_operation=False, breaks_connection=True
    ),
    "reset-in-body": Fault(
        "The connection is reset within the body.", runs_operation=True, breaks_connection=True
    ),
    "truncated": Fault(
        "The connection is closed within the body, whose full length was announced.",
        runs_operation=True,
    ),
    "malformed-json": Fault("The body breaks off, and says that it is whole.", runs_operation=True),
    "endless": Fault(
        "The body comes in chunks, and the last one never comes.",
        runs_operation=True,
        holds_response=True,
    ),
    "slow": Fault(
        "The body drips in, a few bytes at a time.", runs_operation=True, holds_response=True
    ),
    "too-many-requests": Fault(
        "Too many requests: try again later.", runs_operation=False, status=429, retry_after=1
    ),
    "internal-server-error": Fault(
        "A page that says that the server failed.", runs_operation=False, status=500
    ),
    "bad-gateway": Fault(
        "A proxy's page: the server behind it answered nonsense.", runs_operation=False, status=502
    ),
    "service-unavailable": Fault(
        "A proxy's page: the server behind it is away.",
        runs_operation=False,
        status=503,
        retry_after=1,
    ),
}
"""Name, in scenarios, to the fault."""


def ensure_supported(name: str, connection_owner: str | None) -> None:
    """Check that the HTTP server supports a fault. `connection_owner` is a server that does not expose the connection.

    Raises:
        FaultNotSupported: the fault breaks the connection, which this server does not expose.
    """
    if FAULTS[name].breaks_connection and connection_owner is not None:
        possible = [each for each, fault in FAULTS.items() if not fault.breaks_connection]
        raise FaultNotSupported(
            f"fault {name!r} is not supported under {connection_owner}; start the server with mockserver serve",
            {"fault": name, "server": connection_owner, "faults": possible},
        )
