"""Convert WSGI environs (PEP 3333) to requests of the pipeline, and its responses to WSGI."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from mockserver.config.servers import SOCKET_KEYS, UNSAFE_CHUNKS
from mockserver.errors import BodyTooLarge, LengthRequired, MalformedRequest, Problem, TargetTooLong
from mockserver.formats.client_address import client_of
from mockserver.formats.content_coding import decode
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.pipeline.responder import problem_response
from mockserver.telemetry.metrics import NO_OPERATION
from mockserver.web.cors import Cors, with_one_vary

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]

SANDBOX = "mockserver.sandbox"
"""The key of the sandbox name from the base URL in an environ; the fast path sets it."""
MAX_TARGET = 8000
"""The maximum size of path and query in bytes; RFC 9110, section 4.1 recommends at least this."""
MAX_DRAINED = 8 * 1024 * 1024
"""The maximum number of bytes that are read and discarded of a body that is too large."""
UNMEASURED = (204, 304)
"""Statuses of responses without a Content-Length (RFC 9110, section 8.6; of a 304 it would be that of the 200)."""
_FIRST_SOCKET, _OTHER_SOCKET = SOCKET_KEYS  # looked up on every request, so without a loop
_REASONS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


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


def parse_request(environ: Environ, max_body: int, trusted_proxies: tuple[str, ...] = ()) -> Request:
    """Return the request of an environ; `X-Forwarded-For` of `trusted_proxies` is trusted.

    Raises `MalformedRequest`, `LengthRequired`, `TargetTooLong`, `BodyTooLarge` or `UnsupportedContentCoding`.
    """
    path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    if len(path) + len(query) > MAX_TARGET:
        raise TargetTooLong(f"path and query have {len(path) + len(query)} bytes, expected at most {MAX_TARGET}")
    raw, segments = environ.get("RAW_URI"), None
    if raw and "%2" in raw and (segments := _segments(environ, raw)):
        path = "/" + "/".join(segment.replace("/", "%2F") for segment in segments)
    elif not path.isascii():
        path = _decoded(path)
    body = _body(environ, max_body) if environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING") else b""
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
    return environ.get(_FIRST_SOCKET) or environ.get(_OTHER_SOCKET)


def _decoded(path: str) -> str:
    """Return the path as text; WSGI has its bytes as Latin-1 (PEP 3333, "Unicode issues")."""
    try:
        return path.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedRequest("the path is not UTF-8") from error


def _segments(environ: Environ, raw: str) -> tuple[str, ...] | None:
    """Return the decoded segments of a path in which a slash is encoded; `None` for any other path.

    WSGI decodes `PATH_INFO` (PEP 3333), after which an encoded slash looks like any other. gunicorn and Werkzeug leave the
    request's own target in `RAW_URI`. It counts only where it is the same path, since an application in front of this one may
    have changed that. Raises `MalformedRequest`.
    """
    target = raw.partition("?")[0]
    if not target.startswith("/"):  # RFC 9112, section 3.2.2: a client of a proxy sends the whole URL
        target = "/" + target.partition("://")[2].partition("/")[2]
    prefix = environ.get("SCRIPT_NAME", "")
    if "%2f" not in target.lower() or _unquoted(target) != prefix + environ["PATH_INFO"]:
        return None
    parts = target.split("/")[1:]
    while prefix:
        if not parts or not prefix.startswith(part := "/" + _unquoted(parts.pop(0))):
            raise MalformedRequest("an encoded slash is not allowed in the path of the proxy or sandbox")
        prefix = prefix[len(part) :]
    return tuple(_decoded(_unquoted(part)) for part in parts)


def _unquoted(text: str) -> str:
    """Return a part of the target, decoded as in WSGI: one character per byte."""
    return unquote_to_bytes(text.encode("latin-1")).decode("latin-1")


def _body(environ: Environ, maximum: int) -> bytes:
    """Return the body. Reads one byte more than allowed, to detect a chunked body that is too large."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length and environ.get("SERVER_SOFTWARE") in UNSAFE_CHUNKS:
        server = environ["SERVER_SOFTWARE"]
        raise LengthRequired(f"{server} does not detect a truncated chunked body; send Content-Length, or use gunicorn")
    if length.isdecimal() and int(length) > maximum:
        _drain_body(environ["wsgi.input"])
        raise BodyTooLarge(f"the body has {length} bytes, expected at most {maximum}")
    size = int(length) if length.isdecimal() else maximum + 1
    body = _read(environ["wsgi.input"], size)
    if len(body) > maximum:
        _drain_body(environ["wsgi.input"])
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


def _drain_body(body: Any) -> None:
    """Read and discard a body.

    A socket that is closed with unread bytes is reset, and browsers would not receive the response.
    """
    remaining = MAX_DRAINED
    while remaining > 0 and (chunk := _read(body, min(remaining, 65536))):
        remaining -= len(chunk)


def handle_environ(server: MockServer, cors: Cors, environ: Environ) -> Response:
    """Return the response to one request to the API, with CORS headers."""
    method, origin = environ["REQUEST_METHOD"], environ.get("HTTP_ORIGIN")
    try:
        request = parse_request(environ, server.settings.max_body, server.settings.trusted_proxies)
    except Problem as problem:
        response = problem_response(problem)
        server.metrics.count_response(NO_OPERATION, problem.status, 0.0)
    else:
        if method != "OPTIONS":
            response = server.handle(request)
        elif origin and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ:
            return cors.preflight(origin, request.headers, server.router.methods(request.path, request.segments))
        else:
            response = _options(server, request)
    with_cors = response.with_headers(cors.headers(origin))
    return with_one_vary(with_cors) if server.varies else with_cors


def _options(server: MockServer, request: Request) -> Response:
    """Return the documented response, or the methods of the path (RFC 9110, section 9.3.7)."""
    if server.router.documents("OPTIONS", request.path, request.segments):
        return server.handle(request)
    methods = server.router.methods(request.path, request.segments)
    return Response(204, (("Allow", ", ".join(methods)),)) if methods else server.handle(request)


def start_wsgi_response(response: Response, method: str, start_response: StartResponse) -> Iterable[bytes]:
    """Pass a response to a WSGI server. The response to HEAD has the length of the response to GET."""
    headers = list(response.headers)
    if response.status not in UNMEASURED:
        headers.append(("Content-Length", str(len(response.body))))
    start_response(status_line(response.status), headers)
    return () if method == "HEAD" or not response.body else (response.body,)


def status_line(status: int) -> str:
    """Return a status line for WSGI: `404 Not Found`."""
    return _REASONS.get(status) or f"{status} Unknown"
