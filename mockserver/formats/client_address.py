"""The network addresses of clients, in one form each, and which proxies to trust."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

LOOPBACK = "127.0.0.1"
"""The form of every loopback address: a client of `localhost` connects to 127.0.0.1 or to ::1."""


@lru_cache(maxsize=4096)
def canonical(address: str) -> str:
    """Return the canonical form of an address, or an empty text if it is invalid.

    All loopback addresses have one form. An IPv4 address mapped to IPv6 becomes IPv4.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    if mapped.is_loopback:
        return LOOPBACK
    return str(mapped)


def client_of(peer: str, forwarded: str, trusted: Sequence[str]) -> str:
    """Return the client's address: the right-most forwarded entry that is not a trusted proxy.

    A proxy appends the address of its client, so only the entries of trusted proxies are reliable.

    Args:
        peer: The address of the connection.
        forwarded: The value of `X-Forwarded-For`. Can be empty.
        trusted: The addresses or networks of trusted proxies.
    """
    client = canonical(peer)
    if not forwarded:
        return client
    networks = tuple(trusted)
    for entry in reversed(forwarded.split(",")):
        if not _is_within(client, networks):
            break
        hop = canonical(entry.strip())
        if not hop:
            break  # An invalid entry: the client is the proxy that added it.
        client = hop
    return client


@lru_cache(maxsize=4096)
def _is_within(address: str, networks: tuple[str, ...]) -> bool:
    if not address:
        return False
    return any(ip_address(address) in network for network in _parse_networks(networks))


@lru_cache(maxsize=8)
def _parse_networks(networks: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    # `canonical` gives loopback addresses their one form. It does not accept networks.
    return [ip_network(canonical(text) or text, strict=False) for text in networks]
