"""Convert WSGI environs (PEP 3333) to requests of the pipeline, and its responses to WSGI."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from mockserver.errors import BodyTooLarge, MalformedRequest, TargetTooLong
from mockserver.formats.client_address import client_of
from mockserver.formats.content_coding import decode
from mockserver.pipeline.messages import Request, Response
from mockserver.web.statuses import UNMEASURED, status_text
from mockserver.web.targets import MAX_TARGET, decode_path, path_of, segments_of

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]

SANDBOX = "mockserver.sandbox"
"""The key of the sandbox name from the base URL in an environ; the fast path sets it."""
PACES_STREAMS = "mockserver.paces_streams"
"""The key of an environ whose server waits after each `PAUSE` of an event stream, without a thread."""
MAX_DRAINED = 8 * 1024 * 1024
"""The maximum number of bytes that are read and discarded of a body that is too large."""


class EnvironHeaders(Mapping[str, str]):
    """The headers of a WSGI environ, by lower-case name, without a copy."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Environ) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        value: str = self._environ[_variable(name)]
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """See `Mapping`. Its own implementation is faster, and every request uses it."""
        return self._environ.get(_variable(name), default)

    def __iter__(self) -> Iterator[str]:
        for key in self._environ:
            if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                yield key.removeprefix("HTTP_").replace("_", "-").lower()

    def __len__(self) -> int:
        return sum(1 for _ in self)


@lru_cache(maxsize=256)
def _variable(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def parse_request(
    environ: Environ, max_body: int, trusted_proxies: tuple[str, ...] = ()
) -> Request:
    """Return the request of an environ; `X-Forwarded-For` of `trusted_proxies` is trusted.

    Raises `MalformedRequest`, `TargetTooLong`, `BodyTooLarge` or `UnsupportedContentCoding`.
    """
    path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    if len(path) + len(query) > MAX_TARGET:
        raise TargetTooLong(
            f"path and query have {len(path) + len(query)} bytes, expected at most {MAX_TARGET}"
        )
    raw, segments = environ.get("RAW_URI"), None
    # WSGI decodes `PATH_INFO` (PEP 3333). gunicorn and Werkzeug leave the request's own target in `RAW_URI`.
    if raw and "%2" in raw:
        segments = segments_of(raw, environ.get("SCRIPT_NAME", ""), path)
    path = path_of(segments) if segments else decode_path(path)
    body = (
        _body(environ, max_body)
        if environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING")
        else b""
    )
    if body and "HTTP_CONTENT_ENCODING" in environ:
        body = decode(body, environ["HTTP_CONTENT_ENCODING"], max_body)
    address = environ.get("REMOTE_ADDR") or ""
    if trusted_proxies:
        address = client_of(address, environ.get("HTTP_X_FORWARDED_FOR", ""), trusted_proxies)
    return Request(
        environ["REQUEST_METHOD"],
        path,
        query,
        EnvironHeaders(environ),
        body,
        environ.get(SANDBOX),
        address,
        _connection_owner(environ),
        segments,
    )


def _connection_owner(environ: Environ) -> str | None:
    """Return the name of a server that keeps the socket to itself; `None` if the socket is accessible."""
    return None if socket_of(environ) else environ.get("SERVER_SOFTWARE") or "this server"


def socket_of(environ: Environ) -> Any:
    """Return the connection's socket; `None` if the server keeps it to itself."""
    return environ.get("gunicorn.socket") or environ.get("werkzeug.socket")


def _body(environ: Environ, maximum: int) -> bytes:
    """Return the body. Reads one byte more than allowed, to detect a chunked body that is too large."""
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and int(length) > maximum:
        _drain_body(environ["wsgi.input"], int(length))
        raise BodyTooLarge(f"the body has {length} bytes, expected at most {maximum}")
    size = int(length) if length.isdecimal() else maximum + 1
    body = _read(environ["wsgi.input"], size)
    if len(body) > maximum:
        _drain_body(environ["wsgi.input"], MAX_DRAINED)
        raise BodyTooLarge(f"the body has more than {maximum} bytes")
    if length.isdecimal() and len(body) < int(length):
        raise MalformedRequest(f"the body ended after {len(body)} of {length} bytes")
    return body


def _read(body: Any, size: int) -> bytes:
    """Read from a WSGI input. Each server has its own exceptions for a body that is cut off or whose chunks are malformed.

    Raises `MalformedRequest`.
    """
    try:
        data: bytes = body.read(size)
    except Exception as error:
        raise MalformedRequest("the body is cut off, or its chunks are malformed") from error
    return data


def _drain_body(body: Any, size: int) -> None:
    """Read and discard the `size` bytes of a body, at most `MAX_DRAINED`.

    A socket that is closed with unread bytes is reset, and browsers would not receive the response.
    Werkzeug's server passes the socket itself: a read beyond the body would wait for the client.
    """
    remaining = min(size, MAX_DRAINED)
    while remaining > 0 and (chunk := _read(body, min(remaining, 65536))):
        remaining -= len(chunk)


def start_wsgi_response(
    response: Response, method: str, start_response: StartResponse
) -> Iterable[bytes]:
    """Pass a response to a WSGI server. The response to HEAD has the length of the response to GET."""
    headers = list(response.headers)
    if response.status not in UNMEASURED:
        headers.append(("Content-Length", str(len(response.body))))
    start_response(status_text(response.status), headers)
    return () if method == "HEAD" or not response.body else (response.body,)
