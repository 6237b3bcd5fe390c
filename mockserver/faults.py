"""Faults on the wire: what a network, a proxy or a broken server does to an answer. `web.faulty` makes them."""

from dataclasses import dataclass


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


FAULTS: dict[str, WireFault] = {
    "reset": WireFault("The connection is reset before anything is answered.", operates=False),
    "empty": WireFault("The connection is closed without an answer.", operates=False),
    "reset-in-body": WireFault("The connection is reset within the body.", operates=True),
    "truncated": WireFault("The connection is closed within the body, whose full length was announced.", operates=True),
    "malformed-json": WireFault("The body breaks off, and says that it is whole.", operates=True),
    "endless": WireFault("The body comes in chunks, and the last one never comes.", operates=True),
    "slow": WireFault("The body drips in, a few bytes at a time.", operates=True),
    "too-many-requests": WireFault("Too many requests: try again later.", operates=False, status=429, retry_after=1),
    "internal-server-error": WireFault("A page that says that the server failed.", operates=False, status=500),
    "bad-gateway": WireFault("A proxy's page: the server behind it answered nonsense.", operates=False, status=502),
    "service-unavailable": WireFault("A proxy's page: the server behind it is away.", operates=False, status=503, retry_after=1),
}
"""Name, as scenarios write it, to the fault."""
