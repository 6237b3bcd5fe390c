"""Faults on the wire: what a network, a proxy or a broken server does to an answer. `web.faulty` makes them."""

from dataclasses import dataclass

from mockserver.errors import FaultNotPossible


@dataclass(frozen=True, slots=True)
class WireFault:
    """One way in which an answer goes wrong on its way."""

    title: str
    """One sentence for people."""
    operates: bool
    """Whether the operation has happened by then: its answer is made and validated, and broken only on the wire."""
    status: int | None = None
    """The status of the page that a proxy would send in place of the answer; `None` where there is no such page."""
    retry_after: int | None = None
    """Seconds that the page asks the client to wait."""
    cuts: bool = False
    """Whether it takes a hold of the connection that not every server gives."""
    waits: bool = False
    """Whether it keeps an answer open, as a delay does."""

    @property
    def silent(self) -> bool:
        """Whether the client gets no answer at all, not even a status."""
        return self.cuts and not self.operates


FAULTS: dict[str, WireFault] = {
    "reset": WireFault("The connection is reset before anything is answered.", operates=False, cuts=True),
    "empty": WireFault("The connection is closed without an answer.", operates=False, cuts=True),
    "reset-in-body": WireFault("The connection is reset within the body.", operates=True, cuts=True),
    "truncated": WireFault("The connection is closed within the body, whose full length was announced.", operates=True),
    "malformed-json": WireFault("The body breaks off, and says that it is whole.", operates=True),
    "endless": WireFault("The body comes in chunks, and the last one never comes.", operates=True, waits=True),
    "slow": WireFault("The body drips in, a few bytes at a time.", operates=True, waits=True),
    "too-many-requests": WireFault("Too many requests: try again later.", operates=False, status=429, retry_after=1),
    "internal-server-error": WireFault("A page that says that the server failed.", operates=False, status=500),
    "bad-gateway": WireFault("A proxy's page: the server behind it answered nonsense.", operates=False, status=502),
    "service-unavailable": WireFault("A proxy's page: the server behind it is away.", operates=False, status=503, retry_after=1),
}
"""Name, as scenarios write it, to the fault."""


def check_possible(name: str, keeper: str | None) -> None:
    """Raises `FaultNotPossible` for a fault that cuts the connection, where `keeper`, a server, keeps that to itself."""
    if FAULTS[name].cuts and keeper is not None:
        possible = [each for each, fault in FAULTS.items() if not fault.cuts]
        raise FaultNotPossible(
            f"{name}: {keeper} gives no hold of the connection, so that it cannot be cut here; gunicorn does",
            {"fault": name, "server": keeper, "faults": possible},
        )
