"""Names in `Host` headers, and which of them a stranger cannot have pointed to this machine."""

import re
from collections.abc import Collection
from ipaddress import ip_address

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", re.IGNORECASE)


def name_of(host: str) -> str:
    """The name of a Host header, in lower case and without its port; empty for what is none."""
    found = _HOST.fullmatch(host)
    return found[1].lower() if found else ""


def is_allowed_host(host: str, allowed: Collection[str]) -> bool:
    """Whether a Host header is an address, `localhost` or below it, a name without a dot, or an allowed name.

    Whoever owns a domain can have its names resolve to 127.0.0.1 (DNS rebinding), but nobody owns these.
    """
    name = name_of(host)
    if not name:
        return False
    if _is_address(name) or "." not in name:
        return True
    # A dot at the end makes a name absolute: `localhost.` is still this machine, but `evil.` is no name of a container.
    name = name.removesuffix(".")
    return name == "localhost" or name.endswith(".localhost") or name in allowed


def is_loopback(address: str) -> bool:
    """Whether a socket's address is reached from this machine only."""
    return ip_address(address.partition("%")[0]).is_loopback


def _is_address(name: str) -> bool:
    try:
        ip_address(name[1:-1] if name.startswith("[") else name)
    except ValueError:
        return False
    return True
