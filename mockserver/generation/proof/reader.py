"""One exchange with a server, read as strictly as any HTTP client reads (RFC 9110 and 9112)."""

import http.client
import io
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import orjson

from mockserver.formats.header_text import TOKEN, wsgi_text
from mockserver.generation.proof.requests import DocumentedRequest
from mockserver.spec.description import is_json

Send = Callable[[bytes], bytes]
"""Sends the bytes of a request on a new connection, and returns all bytes of the server."""

ORIGIN = "http://localhost:3000"
"""The origin of the page that sends the requests."""
_STATUS_LINE = re.compile(r"HTTP/1\.1 [1-5][0-9]{2} [\t\x20-\x7e\x80-\xff]*")
_NAME = re.compile(TOKEN)
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
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
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    @property
    def json_error(self) -> str:
        """The reason why a body with a JSON media type is not JSON; empty for another body."""
        if not self.body or not is_json(self.header("Content-Type")):
            return ""
        try:
            orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            return str(error)
        return ""

    @property
    def problem(self) -> dict[str, Any] | None:
        """The problem of the mock server in this response; `None` for a documented response."""
        if self.header("Content-Type") != "application/problem+json":
            return None
        if not self.body:  # of a HEAD
            return {
                "type": "urn:mockserver:problem:unknown",
                "detail": "not shown in a HEAD response",
            }
        problem = orjson.loads(self.body)
        if isinstance(problem, dict) and str(problem.get("type")).startswith("urn:mockserver:"):
            return problem
        return None


def exchange(send: Send, request: DocumentedRequest, sandbox: str) -> Reply:
    """Send a request to the server, in a sandbox, and return the response.

    Raises:
        UnreadableResponse: The response is not valid HTTP.
    """
    data = send(_request_bytes(request, sandbox))
    _check_lines(data)
    reply = _parsed(data, request.method)
    _check_headers(reply)
    _check_length(reply)
    return reply


def _request_bytes(request: DocumentedRequest, sandbox: str) -> bytes:
    """Return the request as a page in a browser sends it."""
    headers = [("Host", "localhost:8080"), ("Connection", "close")]
    documented = _sendable_headers(request)
    if not any(name.lower() == "accept" for name, _ in documented):
        headers.append(("Accept", "*/*"))
    headers += documented
    headers += [("Origin", ORIGIN), ("X-Mock-Sandbox", sandbox)]
    if request.prefer:
        headers.append(("Prefer", request.prefer))
    if request.content_type:
        headers.append(("Content-Type", request.content_type))
    if request.body:
        headers.append(("Content-Length", str(len(request.body))))
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode() + request.body


def _sendable_headers(request: DocumentedRequest) -> list[tuple[str, str]]:
    """Return the documented headers.

    A client sends all cookies in one header (RFC 6265, section 5.4).
    """
    headers = [(name, value) for name, value in request.headers if _is_sendable(name, value)]
    cookies = [value for name, value in headers if name.lower() == "cookie"]
    if len(cookies) < 2:
        return headers
    others = [(name, value) for name, value in headers if name.lower() != "cookie"]
    return [*others, ("Cookie", "; ".join(cookies))]


def _is_sendable(name: str, value: str) -> bool:
    """Return whether a client can send a header; the client sets host and connection itself."""
    is_valid = _NAME.fullmatch(name) is not None and _VALUE.fullmatch(wsgi_text(value)) is not None
    return is_valid and name.lower() not in ("host", "connection", "expect", "upgrade")


class _Received:
    """A socket that has received everything."""

    def __init__(self, stream: io.BytesIO) -> None:
        self._stream = stream

    def makefile(self, mode: str) -> io.BytesIO:
        return self._stream


def _check_lines(data: bytes) -> None:
    """Check the lines of the head, because `http.client` ignores the lines that it cannot read."""
    head = data.partition(b"\r\n\r\n")[0]
    status_line, *header_lines = head.decode("latin-1").split("\r\n")
    if not _STATUS_LINE.fullmatch(status_line):
        raise UnreadableResponse(f"invalid status line {status_line[:100]!a}")
    for line in header_lines:
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise UnreadableResponse(f"invalid header {line[:100]!a}")


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


def _check_length(reply: Reply) -> None:
    length = reply.header("Content-Length")
    if reply.status in _WITHOUT_BODY:
        if length is not None:
            raise UnreadableResponse(f"Content-Length is not allowed with status {reply.status}")
    elif length is None:
        raise UnreadableResponse("no Content-Length header")
