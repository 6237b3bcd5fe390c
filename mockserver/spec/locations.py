"""Rewrite URLs in response headers.

URLs on the vendor's host become paths of this server. Paths get the prefix of a sandbox's base URL.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from mockserver.spec.description import Api, Operation, Payload, Transaction

_URLS = {
    "location": re.compile(r"(?P<before>)(?P<url>\S.*)"),
    "content-location": re.compile(r"(?P<before>)(?P<url>\S.*)"),
    "link": re.compile(r"(?P<before><\s*)(?P<url>[^<>\s][^<>]*)"),
    "refresh": re.compile(r"(?P<before>url\s*=\s*['\"]?)(?P<url>[^\s'\"]+)", re.IGNORECASE),
}
"""Lower-case header name to the pattern of its URLs (RFC 9110, 8.7 and 10.2.2; RFC 8288)."""
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_DEFAULT_PORTS = {"http": 80, "https": 443}

Headers = tuple[tuple[str, str], ...]


def map_urls(headers: Headers, change: Callable[[str], str]) -> Headers:
    """Return the headers with `change` applied to each URL."""
    return tuple((name, _map_value(name, value, change)) for name, value in headers)


def _map_value(name: str, value: str, change: Callable[[str], str]) -> str:
    pattern = _URLS.get(name.lower())
    if pattern is None:
        return value
    return pattern.sub(lambda match: match["before"] + change(match["url"]), value)


def with_prefix(url: str, prefix: str) -> str:
    """Return a path of this server with a prefix. Other URLs stay the same."""
    is_path = url.startswith("/") and not url.startswith("//")
    if not is_path:
        return url
    return prefix + url


def with_local_urls(api: Api) -> Api:
    """Return the API with paths of this server in place of URLs on the vendor's host."""
    host = urlsplit(api.host)
    if not host.hostname:
        return api
    operations = [_local_operation(operation, host) for operation in api.operations]
    return replace(api, operations=tuple(operations))


def _local_operation(operation: Operation, host: SplitResult) -> Operation:
    transactions = [_local_transaction(transaction, host) for transaction in operation.transactions]
    return replace(operation, transactions=tuple(transactions))


def _local_transaction(transaction: Transaction, host: SplitResult) -> Transaction:
    return replace(transaction, response=_local_response(transaction.response, host))


def _local_response(response: Payload, host: SplitResult) -> Payload:
    headers = map_urls(response.headers, lambda url: _local_url(url, host))
    if headers == response.headers:
        return response
    return replace(response, headers=headers)


def _local_url(url: str, host: SplitResult) -> str:
    try:
        parts = urlsplit(url)
        is_vendor_url = _is_on_host(parts, host)
    except ValueError:
        return url
    if not is_vendor_url:
        return url
    # A URL with two slashes at the start names another host (RFC 3986, section 4.2).
    path = "/" + parts.path.lstrip("/")
    return parts._replace(scheme="", netloc="", path=path).geturl()


def _is_on_host(parts: SplitResult, host: SplitResult) -> bool:
    """Return whether a URL is on a host. The port matters only on this machine."""
    if parts.scheme not in ("http", "https", ""):
        return False
    name = _host_name(parts)
    if name != _host_name(host):
        return False
    return name not in _LOOPBACK or _port(parts, host.scheme) == _port(host, host.scheme)


def _host_name(parts: SplitResult) -> str:
    return (parts.hostname or "").rstrip(".")


def _port(parts: SplitResult, default_scheme: str) -> int | None:
    return parts.port or _DEFAULT_PORTS.get(parts.scheme or default_scheme)
