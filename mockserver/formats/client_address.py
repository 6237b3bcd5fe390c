"""The network addresses of clients: one text for each, and whom to believe about them behind a proxy."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

LOOPBACK = "127.0.0.1"
"""Stands for every loopback address: a program that is told `localhost` takes either of two, and not always the same."""


@lru_cache(maxsize=4096)
def canonical(address: str) -> str:
    """One text for each address: loopback is one, an IPv4 address within IPv6 is itself; empty for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None) or found
    return LOOPBACK if mapped.is_loopback else str(mapped)


def client_of(peer: str, forwarded: str, trusted: Sequence[str]) -> str:
    """The address of the client behind `peer`: of the hops that `X-Forwarded-For` names, the last that no trusted proxy is.

    A proxy adds whom it was asked by at the end, so what stands before an untrusted hop is only that hop's word.
    `trusted` are addresses or networks. What is no address ends the search: its proxy is then the client.
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
    # Loopback is one, whichever was written.
    return [ip_network(canonical(text) or text, strict=False) for text in networks]
