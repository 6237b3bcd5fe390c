"""URLs in response headers: those on the vendor's host become paths of this server, and paths go below a sandbox's base URL."""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from mockserver.spec.description import Api, Payload, Transaction

_URLS = {
    "location": re.compile(r"(?P<before>)(?P<url>\S.*)"),
    "content-location": re.compile(r"(?P<before>)(?P<url>\S.*)"),
    "link": re.compile(r"(?P<before><\s*)(?P<url>[^<>\s][^<>]*)"),
    "refresh": re.compile(r"(?P<before>url\s*=\s*['\"]?)(?P<url>[^\s'\"]+)", re.IGNORECASE),
}
"""Lower-case name of a response header to where its URLs stand (RFC 9110, sections 8.7 and 10.2.2; RFC 8288)."""
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_PORTS = {"http": 80, "https": 443}

Headers = tuple[tuple[str, str], ...]


def with_urls(headers: Headers, change: Callable[[str], str]) -> Headers:
    """Return the same headers, each URL in them changed."""
    return tuple((name, _changed(name, value, change)) for name, value in headers)


def _changed(name: str, value: str, change: Callable[[str], str]) -> str:
    pattern = _URLS.get(name.lower())
    return pattern.sub(lambda match: match["before"] + change(match["url"]), value) if pattern else value


def below(url: str, path: str) -> str:
    """Return a path of this server below another path; any other URL as it is."""
    is_path = url.startswith("/") and not url.startswith("//")
    return path + url if is_path else url


def with_local_urls(api: Api) -> Api:
    """Return the same API, where no response header leads to the vendor's host: its URLs are paths of this server."""
    host = urlsplit(api.host)
    if not host.hostname:
        return api

    def local(transaction: Transaction) -> Transaction:
        return replace(transaction, response=_local_response(transaction.response, host))

    operations = (replace(each, transactions=tuple(map(local, each.transactions))) for each in api.operations)
    return replace(api, operations=tuple(operations))


def _local_response(response: Payload, host: SplitResult) -> Payload:
    headers = with_urls(response.headers, lambda url: _local_url(url, host))
    return response if headers == response.headers else replace(response, headers=headers)


def _local_url(url: str, host: SplitResult) -> str:
    try:
        parts = urlsplit(url)
        is_vendor = _is_on(parts, host)
    except ValueError:
        return url
    if not is_vendor:
        return url
    # Two slashes at the start would name another host.
    path = "/" + parts.path.lstrip("/")
    query = f"?{parts.query}" if parts.query else ""
    return path + query + (f"#{parts.fragment}" if parts.fragment else "")


def _is_on(parts: SplitResult, host: SplitResult) -> bool:
    """Whether a URL is on the vendor's host: on any port, but on this machine other ports are other people's servers."""
    name = (parts.hostname or "").rstrip(".")
    if parts.scheme not in ("http", "https", "") or name != (host.hostname or "").rstrip("."):
        return False
    return name not in _LOOPBACK or _port(parts, host.scheme) == _port(host, host.scheme)


def _port(parts: SplitResult, scheme: str) -> int | None:
    return parts.port or _PORTS.get(parts.scheme or scheme)
