"""One exchange with a WSGI application, read as strictly as any HTTP client reads (RFC 9110 and 9112)."""

import http.client
import io
import re
import socket
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote_to_bytes

import orjson

from mockserver.formats.header_text import TOKEN, wsgi_text
from mockserver.generation.proof.requests import DocumentedRequest
from mockserver.spec.description import is_json

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

ORIGIN = "http://localhost:3000"
"""The origin of the page that sends the requests."""
_STATUS = re.compile(r"[1-5][0-9]{2} [\t\x20-\x7e]*")
_NAME = re.compile(TOKEN)
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_SERVERS = ("Server: proof", "Date: Mon, 01 Jan 2026 00:00:00 GMT", "Connection: close")
"""Headers that every HTTP server adds."""
_ONCE = frozenset(
    (
        "access-control-allow-credentials",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "location",
        "server",
        "transfer-encoding",
        "vary",
        "x-mock-sandbox",
    )
)
"""Headers that may occur once: clients disagree about which of two counts."""
_WITHOUT_BODY = (204, 304)


class UnreadableResponse(Exception):
    """A response that is not valid HTTP, or that clients may read differently."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response as read by a client."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the value of a header; `None` without it."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def problem(self) -> dict[str, Any] | None:
        """The problem of the mock server in this response; `None` for a documented response."""
        if self.header("Content-Type") != "application/problem+json":
            return None
        if not self.body:  # of a HEAD
            return {"type": "urn:mockserver:problem:unknown", "detail": "not shown in a HEAD response"}
        problem = orjson.loads(self.body)
        is_own = isinstance(problem, dict) and str(problem.get("type", "")).startswith("urn:mockserver:")
        return problem if is_own else None


def exchange(application: Application, request: DocumentedRequest, sandbox: str) -> Reply:
    """Send a request to the application, in a sandbox, and read the response. Raises `UnreadableResponse`."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        started.append((status, headers))
        return lambda _: None

    parts = application(_environ(request, sandbox), start_response)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()
    if len(started) != 1:
        raise UnreadableResponse("start_response was not called exactly once")
    reply = _parsed(_as_bytes(*started[0], body), request.method)
    _check_headers(reply)
    _check_body(reply, request.method)
    return reply


def _environ(request: DocumentedRequest, sandbox: str) -> Environ:
    """Return the request as a WSGI environ (PEP 3333): header values and the path are bytes as Latin-1 text."""
    path, _, query = request.target.partition("?")
    environ: Environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost:8080",
        "HTTP_ACCEPT": "*/*",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    values: dict[str, list[str]] = {}
    for name, value in request.headers:
        values.setdefault(f"HTTP_{name.upper().replace('-', '_')}", []).append(wsgi_text(value))
    for variable, texts in values.items():
        separator = "; " if variable == "HTTP_COOKIE" else ", "
        environ[variable] = separator.join(texts)
    environ |= {"HTTP_ORIGIN": ORIGIN, "HTTP_X_MOCK_SANDBOX": sandbox}
    if request.prefer:
        environ["HTTP_PREFER"] = request.prefer
    if request.content_type:
        environ["CONTENT_TYPE"] = wsgi_text(request.content_type)
    if request.body:
        environ["CONTENT_LENGTH"] = str(len(request.body))
    return environ


def _as_bytes(status: str, headers: list[tuple[str, str]], body: bytes) -> bytes:
    """Return the bytes that an HTTP server sends. Raises `UnreadableResponse` for an invalid status or header."""
    if not _STATUS.fullmatch(status):
        raise UnreadableResponse(f"invalid status line {status!a}")
    for name, value in headers:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise UnreadableResponse(f"invalid header {name!a}: {value!a}")
    lines = [f"HTTP/1.1 {status}", *_SERVERS, *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


class _Received:
    """A socket that has received everything."""

    def __init__(self, stream: io.BytesIO) -> None:
        self._stream = stream

    def makefile(self, mode: str) -> io.BytesIO:
        return self._stream


def _parsed(data: bytes, method: str) -> Reply:
    stream = _Stream(data)
    response = http.client.HTTPResponse(cast(socket.socket, _Received(stream)), method=method)
    try:
        response.begin()
        body = response.read()
    except (http.client.HTTPException, ValueError) as error:
        raise UnreadableResponse(f"{type(error).__name__}: {error}") from error
    rest = stream.rest()
    if rest:
        raise UnreadableResponse(f"{len(rest)} bytes follow the response")
    return Reply(response.status, tuple(response.getheaders()), body)


class _Stream(io.BytesIO):
    """Bytes that can still be read after the client has closed its side."""

    def close(self) -> None:
        """Stay open, to check what the client did not read."""

    def rest(self) -> bytes:
        """Return the unread bytes."""
        return self.read()


def _check_headers(reply: Reply) -> None:
    names = [name.lower() for name, _ in reply.headers]
    duplicates = sorted({name for name in names if name in _ONCE and names.count(name) > 1})
    if duplicates:
        raise UnreadableResponse(f"duplicate header {duplicates[0]}")
    coding = reply.header("Content-Encoding") or reply.header("Transfer-Encoding")
    if coding:
        raise UnreadableResponse(f"unexpected coding {coding} of the body")
    if reply.header("Access-Control-Allow-Origin") != ORIGIN:
        raise UnreadableResponse("missing CORS header: a page of another origin cannot read it")


def _check_body(reply: Reply, method: str) -> None:
    length = reply.header("Content-Length")
    if reply.status in _WITHOUT_BODY:
        if length is not None:
            raise UnreadableResponse(f"Content-Length is not allowed with status {reply.status}")
    elif length is None:
        raise UnreadableResponse("no Content-Length header")
    if method == "HEAD" or not reply.body or not is_json(reply.header("Content-Type")):
        return
    try:
        orjson.loads(reply.body)
    except orjson.JSONDecodeError as error:
        raise UnreadableResponse(f"the body is not valid JSON: {error}") from error
