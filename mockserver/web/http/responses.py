"""Encode responses as HTTP/1.1 (RFC 9112)."""

import time
from email.utils import formatdate
from functools import lru_cache

from mockserver.pipeline.messages import Response
from mockserver.web.http.message import Message
from mockserver.web.statuses import UNMEASURED, status_text

Headers = tuple[tuple[str, str], ...]
CLOSE = b"Connection: close\r\n"
KEEP_ALIVE = b"Connection: keep-alive\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"


def encode(response: Response, method: str, connection: bytes = b"") -> bytes:
    """Return the bytes of a response.

    The response to HEAD has the `Content-Length` of the response to GET.

    Args:
        response: to encode.
        method: of the request.
        connection: the encoded header `Connection`, or nothing.
    """
    start, rest = encode_parts(response, method)
    return b"%b%b%b%b" % (start, date_header(int(time.time())), connection, rest)


def encode_parts(response: Response, method: str) -> tuple[bytes, bytes]:
    """Return the bytes before and after the headers `Date` and `Connection`.

    These headers differ between equal responses.
    """
    headers = response.headers
    if response.status not in UNMEASURED:
        headers = (*headers, ("Content-Length", str(len(response.body))))
    body = response.body
    if method == "HEAD":
        body = b""
    return _status_line(response.status), b"%b\r\n%b" % (_encode_headers(headers), body)


def connection_header(message: Message) -> bytes:
    """Return the header `Connection` of the response to a message."""
    if message.close:
        return CLOSE
    if message.version == "1.0":
        return KEEP_ALIVE
    return b""


def encode_head(status: str, headers: Headers, connection: bytes) -> bytes:
    """Return the bytes of a head. `status` includes the reason: `200 OK`."""
    line = f"HTTP/1.1 {status}\r\nServer: mockserver\r\n".encode("latin-1")
    return b"%b%b%b%b\r\n" % (
        line,
        date_header(int(time.time())),
        connection,
        _encode_headers(headers),
    )


def chunk(data: bytes) -> bytes:
    """Return data as one chunk of a chunked body (RFC 9112, section 7.1)."""
    return b"%X\r\n%b\r\n" % (len(data), data)


@lru_cache(maxsize=2)
def date_header(seconds: int) -> bytes:
    """Return the encoded header `Date` for a Unix time."""
    return f"Date: {formatdate(seconds, usegmt=True)}\r\n".encode()


@lru_cache(maxsize=128)
def _status_line(status: int) -> bytes:
    return f"HTTP/1.1 {status_text(status)}\r\nServer: mockserver\r\n".encode()


@lru_cache(maxsize=1024)
def _encode_headers(headers: Headers) -> bytes:
    return "".join([f"{name}: {value}\r\n" for name, value in headers]).encode("latin-1")
