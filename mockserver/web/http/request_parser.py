"""Parse the requests of one connection with httptools (llhttp), and check what it does not."""

from collections import deque
from collections.abc import Callable
from typing import Any

import httptools

from mockserver.errors import (
    BodyTooLarge,
    HeadersTooLarge,
    MalformedRequest,
    Problem,
    TargetTooLong,
)
from mockserver.web.hosts import is_host
from mockserver.web.http.limits import MAX_HEAD, MAX_HEADER, MAX_HEADERS, MAX_LINE, MAX_PIECE
from mockserver.web.http.message import Message, RawHeaders

_DECIDING = frozenset((b"host", b"content-length", b"transfer-encoding", b"expect", b"upgrade"))
"""The headers that decide how a request is read."""
_VERSIONS = ("1.1", "1.0")
_HTTP2_PREFACE = b"PRI * HTTP/2"
"""The first bytes of a client that uses HTTP/2 without negotiation (RFC 9113, section 3.4)."""


class RequestParser:
    """Parses the bytes of one connection. httptools calls the methods `on_...`."""

    __slots__ = (
        "_body",
        "_body_limit",
        "_body_limit_of",
        "_headers",
        "_messages",
        "_parser",
        "_piece",
        "_reread",
        "_size",
        "continue_due",
        "has_ended",
        "message",
    )

    def __init__(self, body_limit_of: Callable[[Message], int], messages: deque[Message]) -> None:
        """Take a function that returns the maximum body size, and the queue for messages."""
        self._body_limit_of, self._messages = body_limit_of, messages
        self._parser: Any = httptools.HttpRequestParser(self)
        self._headers: RawHeaders = []
        self._body = bytearray()
        self._body_limit = 0
        self._piece = 0
        """The number of bytes that are being parsed."""
        self._size = 0
        """The number of bytes since the message began, or since the last part of its body."""
        self._reread: RawHeaders | None = None
        """The headers of a message that is parsed again: see `_read_again`."""
        self.message: Message | None = None
        """The incomplete message, if there is one."""
        self.continue_due = False
        """Whether the client waits for `100 Continue` before it sends the body."""
        self.has_ended = False
        """Whether a complete message was the last one of its connection."""

    def feed(self, data: bytes) -> None:
        """Parse received bytes.

        Raises:
            Problem: the bytes are not a valid request. The parser cannot be used any more.
        """
        if len(data) <= MAX_PIECE:
            self._feed_piece(data)
            return
        for start in range(0, len(data), MAX_PIECE):
            self._feed_piece(data[start : start + MAX_PIECE])

    def truncation(self) -> str:
        """Return the detail of the problem that the message is not complete."""
        message = self.message
        if message is None or not message.is_complete_head:
            return "the request ended within its head"
        lengths = message.values(b"content-length")
        if lengths:
            return f"the body ended after {len(self._body)} of {int(lengths[0])} bytes"
        return "the body is cut off, or its chunks are malformed"

    def rejected_message(self) -> Message | None:
        """Return the incomplete message with the parts that were read."""
        message = self.message
        if message is not None and message.target:
            message.method = self._parser.get_method().decode("latin-1")
        return message

    def _feed_piece(self, data: bytes) -> None:
        if self.has_ended:
            return
        self._piece = len(data)
        self._size += len(data)
        try:
            self._execute(data)
        except httptools.HttpParserCallbackError as error:
            problem = error.__context__
            if not isinstance(problem, Problem):
                raise
            raise problem from None
        except httptools.HttpParserError as error:
            detail = f"invalid HTTP: {error}"
            if data.startswith(_HTTP2_PREFACE):
                detail = "HTTP/2 is not supported; use HTTP/1.1"
            raise MalformedRequest(detail) from None
        if self.message is not None and self._size > MAX_HEAD + MAX_PIECE:
            raise HeadersTooLarge(
                f"the headers, trailers or chunk extensions have more than {MAX_HEAD} bytes"
            )

    def _execute(self, data: bytes) -> None:
        """Parse bytes. An offered upgrade is ignored (RFC 9110, section 7.8)."""
        while data:
            try:
                self._parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]
                if self._reread is not None:
                    self._read_again()

    def _read_again(self) -> None:
        """Parse a head again, without its header `Upgrade`.

        With the header, httptools parses the body as bytes of another protocol.
        """
        message = self._current()
        lines = [b"%b: %b\r\n" % header for header in message.headers if header[0] != b"upgrade"]
        line = b"%b %b HTTP/%b\r\n" % (
            message.method.encode(),
            message.target,
            message.version.encode(),
        )
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(line + b"".join(lines) + b"\r\n")

    def on_message_begin(self) -> None:
        """See httptools."""
        message = self.message = Message()
        self._headers = message.headers
        self._size = self._piece

    def on_url(self, target: bytes) -> None:
        """See httptools; a target may arrive in parts."""
        message = self._current()
        message.target += target
        if len(message.target) > MAX_LINE:
            raise TargetTooLong(f"the request line has more than {MAX_LINE} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        """See httptools."""
        self._headers.append((name.lower(), value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        """See httptools."""
        message = self._current()
        message.is_complete_head = True
        message.method = self._parser.get_method().decode("latin-1")
        message.version = self._parser.get_http_version()
        headers = message.headers
        if self._reread is not None:
            message.headers, self._reread = self._reread, None
        self._headers = []  # of the trailers, which are ignored (RFC 9110, section 6.5.1)
        if self._size > MAX_LINE:
            _check_sizes(message)
        if len(headers) > MAX_HEADERS:
            raise HeadersTooLarge(f"the request has more than {MAX_HEADERS} headers")
        deciding = [header for header in headers if header[0] in _DECIDING]
        _check_head(message, deciding)
        if len(deciding) > 1 or message.version == "1.0":
            self._prepare_body(message, deciding)

    def _prepare_body(self, message: Message, deciding: RawHeaders) -> None:
        """Decide how the body of a message is read."""
        codings = [value.lower() for name, value in deciding if name == b"transfer-encoding"]
        if codings and (codings != [b"chunked"] or message.version == "1.0"):
            raise MalformedRequest("the only supported Transfer-Encoding is chunked, in HTTP/1.1")
        # The parser rejects a second Content-Length, and one with a Transfer-Encoding.
        headers = dict(deciding)
        message.has_body = bool(codings) or b"content-length" in headers
        if not message.has_body:
            return
        if self._parser.should_upgrade():
            self._reread = message.headers
            return
        limit = self._body_limit = self._body_limit_of(message)
        length = int(headers.get(b"content-length", 0))
        if length > limit:
            raise BodyTooLarge(f"the body has {length} bytes, expected at most {limit}")
        expects = headers.get(b"expect", b"").lower()
        self.continue_due = expects == b"100-continue" and message.version == "1.1"

    def on_body(self, data: bytes) -> None:
        """See httptools."""
        self._body += data
        self._size = self._piece
        self.continue_due = False
        if len(self._body) > self._body_limit:
            raise BodyTooLarge(f"the body has more than {self._body_limit} bytes")

    def on_message_complete(self) -> None:
        """See httptools."""
        if self._reread is not None:
            return
        message = self._current()
        if message.has_body:
            message.body = bytes(self._body)
            self._body = bytearray()
            self.continue_due = False
        message.close = self.has_ended = not self._parser.should_keep_alive()
        self.message = None
        self._messages.append(message)

    def _current(self) -> Message:
        message = self.message
        assert message is not None  # noqa: S101 - the parser calls `on_message_begin` first
        return message


def _check_sizes(message: Message) -> None:
    """Check the sizes of a head.

    Raises:
        TargetTooLong: the request line has more than `MAX_LINE` bytes.
        HeadersTooLarge: a header, or the whole head, has too many bytes.
    """
    total = len(message.method) + len(message.target) + len("  HTTP/1.1")
    if total > MAX_LINE:
        raise TargetTooLong(f"the request line has {total} bytes, expected at most {MAX_LINE}")
    for name, value in message.headers:
        size = len(name) + len(value)
        total += size + len(b": \r\n")
        if size > MAX_HEADER:
            text = name[:80].decode("latin-1")
            raise HeadersTooLarge(
                f"the header {text!r} has {size} bytes, expected at most {MAX_HEADER}"
            )
    if total > MAX_HEAD:
        raise HeadersTooLarge(f"the headers have more than {MAX_HEAD} bytes")


def _check_head(message: Message, deciding: RawHeaders) -> None:
    """Check what the parser does not check: version, method and Host.

    Raises:
        MalformedRequest: one of them is not supported or invalid.
    """
    version = message.version
    if version not in _VERSIONS or message.method == "SOURCE":
        raise MalformedRequest("the protocol is not supported; use HTTP/1.1 or HTTP/1.0")
    hosts = [value for name, value in deciding if name == b"host"]
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        raise MalformedRequest(f"the request needs one Host header, and has {len(hosts) or 'none'}")
    if hosts and not is_host(hosts[0]):
        raise MalformedRequest("the Host header is invalid")
    if message.method == "CONNECT":
        raise MalformedRequest("the method CONNECT is not supported: this server is not a proxy")
