"""Convert WSGI environs (PEP 3333) to requests, and responses to WSGI."""

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
"""The key of an environ for the sandbox in the base URL. The fast path sets it."""
PACES_STREAMS = "mockserver.paces_streams"
"""The key of an environ whose server itself waits at each `PAUSE` of an event stream."""
MAX_DRAINED = 8 * 1024 * 1024
"""The maximum number of bytes that are discarded of a body that is too large."""


class EnvironHeaders(Mapping[str, str]):
    """The headers of a WSGI environ, by lower-case name, without a copy."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Environ) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        value: str = self._environ[_variable(name)]
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """See `Mapping`. Every request uses this faster implementation."""
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
    if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        return key
    return f"HTTP_{key}"


def parse_request(
    environ: Environ, max_body: int, trusted_proxies: tuple[str, ...] = ()
) -> Request:
    """Return the request of an environ. `X-Forwarded-For` is trusted if a trusted proxy sent it.

    Raises:
        MalformedRequest: the path is not UTF-8, or the body cannot be read.
        TargetTooLong: path and query are longer than `MAX_TARGET`.
        BodyTooLarge: the body has more than `max_body` bytes.
        UnsupportedContentCoding: the compression of the body is not supported.
    """
    path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    size = len(path) + len(query)
    if size > MAX_TARGET:
        raise TargetTooLong(f"path and query have {size} bytes, expected at most {MAX_TARGET}")
    raw, segments = environ.get("RAW_URI"), None
    # WSGI decodes `PATH_INFO` (PEP 3333). gunicorn and Werkzeug keep the sent target in `RAW_URI`.
    if raw and "%2" in raw:
        segments = segments_of(raw, environ.get("SCRIPT_NAME", ""), path)
    if segments:
        path = path_of(segments)
    else:
        path = decode_path(path)
    body = _decoded_body(environ, max_body)
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
    """Return the name of a server that gives no access to its socket, otherwise `None`."""
    if socket_of(environ):
        return None
    return environ.get("SERVER_SOFTWARE") or "this server"


def socket_of(environ: Environ) -> Any:
    """Return the connection's socket; `None` if the server gives no access to it."""
    return environ.get("gunicorn.socket") or environ.get("werkzeug.socket")


def _decoded_body(environ: Environ, maximum: int) -> bytes:
    """Return the body after decompressing it; empty for a request without a body."""
    has_body = environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING")
    if not has_body:
        return b""
    body = _body(environ, maximum)
    if body and "HTTP_CONTENT_ENCODING" in environ:
        return decode(body, environ["HTTP_CONTENT_ENCODING"], maximum)
    return body


def _body(environ: Environ, maximum: int) -> bytes:
    """Return the body as sent."""
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdecimal():
        return _measured_body(environ["wsgi.input"], int(length), maximum)
    # One byte more than allowed, to detect a chunked body that is too large.
    body = _read(environ["wsgi.input"], maximum + 1)
    if len(body) > maximum:
        _drain_body(environ["wsgi.input"], MAX_DRAINED)
        raise BodyTooLarge(f"the body has more than {maximum} bytes")
    return body


def _measured_body(stream: Any, length: int, maximum: int) -> bytes:
    """Return a body with a Content-Length."""
    if length > maximum:
        _drain_body(stream, length)
        raise BodyTooLarge(f"the body has {length} bytes, expected at most {maximum}")
    body = _read(stream, length)
    if len(body) < length:
        raise MalformedRequest(f"the body ended after {len(body)} of {length} bytes")
    return body


def _read(stream: Any, size: int) -> bytes:
    """Read from a WSGI input.

    Raises:
        MalformedRequest: the body is cut off, or its chunks are malformed.
    """
    try:
        data: bytes = stream.read(size)
    except Exception as error:  # each WSGI server raises other exceptions
        raise MalformedRequest("the body is cut off, or its chunks are malformed") from error
    return data


def _drain_body(stream: Any, size: int) -> None:
    """Read and discard the `size` bytes of a body, at most `MAX_DRAINED`.

    Closing a socket with unread bytes resets it, and browsers would lose the response. Werkzeug's
    server passes the socket itself, so a read beyond the body would wait for the client.
    """
    remaining = min(size, MAX_DRAINED)
    while remaining > 0 and (chunk := _read(stream, min(remaining, 65536))):
        remaining -= len(chunk)


def start_wsgi_response(
    response: Response, method: str, start_response: StartResponse
) -> Iterable[bytes]:
    """Pass a response to a WSGI server.

    The response to HEAD has the `Content-Length` of the response to GET.
    """
    headers = list(response.headers)
    if response.status not in UNMEASURED:
        headers.append(("Content-Length", str(len(response.body))))
    start_response(status_text(response.status), headers)
    if method == "HEAD" or not response.body:
        return ()
    return (response.body,)
