"""Names in the header `Host`, and a check against DNS rebinding."""

import re
from collections.abc import Collection
from functools import lru_cache
from ipaddress import ip_address

_VALID_HOST = re.compile(rb"(\[[0-9A-Za-z:.%_-]+\]|[!$&'()*+,;=%0-9A-Za-z._~-]+)(:[0-9]*)?")
"""A host with a port, as in a URL (RFC 3986, section 3.2)."""
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", re.IGNORECASE)


@lru_cache(maxsize=256)
def is_host(value: bytes) -> bool:
    """Return whether the value of a Host header is valid (RFC 9112, section 3.2).

    The value is empty if the target has no host.
    """
    return not value or _VALID_HOST.fullmatch(value) is not None


def name_of(host: str) -> str:
    """Return the name in a Host header, in lower case without its port.

    The name is empty if the header is invalid.
    """
    match = _HOST.fullmatch(host)
    if match is None:
        return ""
    return match[1].lower()


def is_allowed_host(host: str, names: Collection[str]) -> bool:
    """Return whether a Host header is safe from DNS rebinding.

    The owner of a domain can let its names resolve to 127.0.0.1. Nobody owns the safe hosts: an IP
    address, a name without a dot, `localhost` and names below it. The configured `names` are also
    allowed.
    """
    name = name_of(host)
    if not name:
        return False
    if _is_address(name) or "." not in name:
        return True
    # A dot at the end makes a name absolute. `localhost.` is this machine, but `evil.` is a domain.
    name = name.removesuffix(".")
    return name == "localhost" or name.endswith(".localhost") or name in names


def is_loopback(address: str) -> bool:
    """Return whether only this machine can reach a socket's address."""
    return ip_address(address.partition("%")[0]).is_loopback


def _is_address(name: str) -> bool:
    address = name
    if name.startswith("["):  # IPv6
        address = name[1:-1]
    try:
        ip_address(address)
    except ValueError:
        return False
    return True
