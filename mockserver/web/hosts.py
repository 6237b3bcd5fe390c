"""Names in `Host` headers, and which of them are safe from DNS rebinding."""

import re
from collections.abc import Collection
from functools import lru_cache
from ipaddress import ip_address

_VALID_HOST = re.compile(rb"(\[[0-9A-Za-z:.%_-]+\]|[!$&'()*+,;=%0-9A-Za-z._~-]+)(:[0-9]*)?")
"""A host with a port, as in a URL (RFC 3986, section 3.2)."""
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", re.IGNORECASE)


@lru_cache(maxsize=256)
def is_host(value: bytes) -> bool:
    """Return whether the value of a Host header is valid; it is empty for a target without a host (RFC 9112, section 3.2)."""
    return not value or _VALID_HOST.fullmatch(value) is not None


def name_of(host: str) -> str:
    """Return the name in a Host header, in lower case and without port; empty if the header is invalid."""
    match = _HOST.fullmatch(host)
    return match[1].lower() if match else ""


def is_allowed_host(host: str, allowed: Collection[str]) -> bool:
    """Return whether a Host header is an address, `localhost` or below it, a name without a dot, or an allowed name.

    The owner of a domain can let its names resolve to 127.0.0.1 (DNS rebinding), but nobody owns these names.
    """
    name = name_of(host)
    if not name:
        return False
    if _is_address(name) or "." not in name:
        return True
    # A dot at the end makes a name absolute: `localhost.` is this machine, but `evil.` is not a name of a container.
    name = name.removesuffix(".")
    return name == "localhost" or name.endswith(".localhost") or name in allowed


def is_loopback(address: str) -> bool:
    """Return whether only this machine can reach a socket's address."""
    return ip_address(address.partition("%")[0]).is_loopback


def _is_address(name: str) -> bool:
    address = name[1:-1] if name.startswith("[") else name
    try:
        ip_address(address)
    except ValueError:
        return False
    return True
