"""The network addresses of clients, in one form each, and which proxies to trust."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

LOOPBACK = "127.0.0.1"
"""The form of every loopback address: a client of `localhost` connects to 127.0.0.1 or to ::1."""


@lru_cache(maxsize=4096)
def canonical(address: str) -> str:
    """Return one form of an address: loopback is one, an IPv4 address in IPv6 is IPv4. Return an empty text if it is invalid."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return LOOPBACK if mapped.is_loopback else str(mapped)


def client_of(peer: str, forwarded: str, trusted: Sequence[str]) -> str:
    """Return the client's address: the right-most entry of `X-Forwarded-For` that is not a trusted proxy.

    A proxy appends the address of its client, so that only the entries of trusted proxies are reliable.
    `trusted` are addresses or networks. An invalid entry ends the search: the client is the proxy that added it.
    """
    client, hops = canonical(peer), forwarded.split(",") if forwarded else []
    while hops and _is_within(client, tuple(trusted)) and (hop := canonical(hops.pop().strip())):
        client = hop
    return client


@lru_cache(maxsize=4096)
def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    return bool(address) and any(ip_address(address) in network for network in _read(networks))


@lru_cache(maxsize=8)
def _read(networks: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    # All loopback addresses have one form.
    return [ip_network(canonical(text) or text, strict=False) for text in networks]
