"""One connection: bytes become messages, and responses leave in the order of the requests.

httptools (llhttp) parses. This module adds the limits, the timeouts, and the flow in both directions.
"""

import asyncio
from collections import deque
from typing import Any, Protocol

import httptools

from mockserver.errors import BodyTooLarge, HeadersTooLarge, MalformedRequest, Problem, RequestTimeout, TargetTooLong
from mockserver.web.hosts import is_host
from mockserver.web.http.message import Message
from mockserver.web.http.responses import CONTINUE

MAX_LINE = 8190
"""The maximum size of a request line in bytes."""
MAX_HEADER = 16380
"""The maximum size of one header in bytes."""
MAX_HEADERS = 100
"""The maximum number of headers."""
MAX_HEAD = 65536
"""The maximum size of a request line with all headers in bytes."""
MAX_PIPELINED = 32
"""Requests of a connection that wait for their turn; the connection is not read while there are more."""
KEEP_ALIVE = 75
"""Seconds until an idle connection is closed. Longer than those of clients, so that clients close connections."""
MAX_DISCARDED = 8 * 1024 * 1024
"""The maximum number of bytes that are read and discarded after a rejected request."""
LINGER = 2
"""Seconds in which a client may read the response to a rejected request, before its connection is closed."""


class Handler(Protocol):
    """What a connection needs from its server."""

    now: int
    """Seconds of a clock that never goes back, at most a second ago."""
    read_timeout: float
    """Seconds without a byte until a request that is not complete is rejected."""

    def repeat(self, data: bytes) -> bytes | None:
        """Return the response to a request of exactly these bytes; `None` if it has to be handled."""

    def handle(self, connection: "HttpConnection", message: Message) -> None:
        """Handle a request. Calls `connection.respond` or `connection.end`, now or later, exactly once."""

    def reject(self, connection: "HttpConnection", problem: Problem, message: Message | None) -> None:
        """Respond to a request that cannot be read; calls `connection.end_rejected`."""

    def body_limit(self, message: Message) -> int:
        """Return the maximum size of the request's body in bytes."""

    def opened(self, connection: "HttpConnection") -> None:
        """Note a new connection."""

    def closed(self, connection: "HttpConnection") -> None:
        """Note the end of a connection."""


class _Rejected(Exception):
    """A request that breaks a limit or a rule. Raised in a callback of the parser, which stops."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class HttpConnection(asyncio.Protocol):
    """One connection. All methods run on the event loop."""

    __slots__ = (
        "_body",
        "_body_limit",
        "_body_size",
        "_buffered",
        "_continue_due",
        "_discarded",
        "_drained",
        "_handler",
        "_is_idle",
        "_is_paused",
        "_is_running",
        "_last_byte_at",
        "_message",
        "_next_is_alone",
        "_parser",
        "_pending",
        "_rejection",
        "_repeat",
        "_stops_reading",
        "_unparsed",
        "address",
        "busy",
        "is_closed",
        "is_stream",
        "transport",
        "write",
    )

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._repeat = handler.repeat
        self._parser: Any = None
        self._message: Message | None = None
        self._body: list[bytes] = []
        self._body_size = 0
        self._body_limit = 0
        self._pending: deque[Message] = deque()
        self._rejection: tuple[Problem, Message | None] | None = None
        """What ends the connection once the requests before it are answered."""
        self._unparsed = 0
        """Bytes of an incomplete head."""
        self._is_idle = True
        self._is_running = False
        self._is_paused = False
        self._next_is_alone: bytes | None = None
        self._continue_due = False
        self._stops_reading = False
        self._discarded = -1
        self._drained: asyncio.Future[None] | None = None
        """Set while the client reads more slowly than the server writes."""
        self._buffered = 0
        self._last_byte_at = handler.now
        self.busy = False
        """Whether a response is in progress."""
        self.is_closed = False
        self.is_stream = False
        """Whether the response in progress has no end."""

    def connection_made(self, transport: Any) -> None:
        """See `asyncio.Protocol`."""
        self.transport = transport
        self.write = transport.write
        peer = transport.get_extra_info("peername")
        self.address: str = peer[0] if peer else ""
        self._handler.opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self.is_closed = True
        self._is_idle = False
        self._pending.clear()
        if self._drained and not self._drained.done():
            self._drained.set_result(None)
        self._handler.closed(self)

    def data_received(self, data: bytes) -> None:
        """Read what arrived. A repeated request is answered at once, without parsing it."""
        self._last_byte_at = self._handler.now
        if self._is_idle:
            payload = self._repeat(data)
            if payload is not None:
                self.write(payload)
                return
            self._next_is_alone = data
        else:
            self._next_is_alone = None
        self._parse(data)

    def eof_received(self) -> bool:
        """Respond to what is complete, and reject what is not. Return whether the connection stays open for that."""
        if self.busy or self._pending or self._rejection:
            self._stops_reading = True
            return True
        if self._message is None or self._discarded >= 0:
            return False
        self._reject(MalformedRequest(self._truncated()))
        return True

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`. While the client does not read, its requests are not read either."""
        self._drained = asyncio.get_running_loop().create_future()
        self._is_idle = False
        self._update_reading()

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if self._drained and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None
        self._run()

    async def drain(self) -> None:
        """Wait until the client has read enough of what was written."""
        if self._drained:
            await self._drained

    def respond(self, payload: bytes, *, close: bool) -> None:
        """Send a complete response, and go on with the next request."""
        if self.is_closed:
            return
        self.write(payload)
        self.end(close=close)

    def end(self, *, close: bool) -> None:
        """Go on with the next request: the response is complete."""
        self.busy = False
        if self.is_closed:
            return
        if close:
            self._is_idle = False
            self._stops_reading = True
            self._pending.clear()
            self.transport.close()
        elif not self._is_running:
            self._run()

    def end_rejected(self, payload: bytes) -> None:
        """Send the response to a rejected request, and close the connection once the client has read it.

        A socket that is closed with unread bytes is reset, and the client would not receive the response.
        """
        if self.is_closed:
            return
        self.write(payload)
        self._discarded = 0
        self._last_byte_at = self._handler.now
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._update_reading()

    def close_if_idle(self) -> None:
        """Close the connection unless a request is in progress. The server is stopping."""
        if self._discarded >= 0 or not (self.busy or self._pending or self._rejection):
            self.transport.close()

    def check_timeouts(self) -> None:
        """Reject a request that does not continue, and close a connection that nobody uses."""
        silence = self._handler.now - self._last_byte_at
        if self._discarded >= 0:
            if silence > LINGER:
                self.transport.abort()
        elif self._drained:
            self._check_progress()
        elif self.busy or self._pending:
            return
        elif self._message is not None:
            if silence >= self._handler.read_timeout:
                seconds = f"{self._handler.read_timeout:g}"
                self._reject(RequestTimeout(f"the request is incomplete, and no byte arrived for {seconds} seconds"))
        elif silence > KEEP_ALIVE:
            self.transport.close()

    def _check_progress(self) -> None:
        """Close the connection if the client has read nothing for the time in which it has to send something."""
        size = self.transport.get_write_buffer_size()
        if size != self._buffered:
            self._buffered = size
            self._last_byte_at = self._handler.now
        elif self._handler.now - self._last_byte_at >= self._handler.read_timeout:
            self.transport.abort()

    # Parsing

    def _parse(self, data: bytes) -> None:
        if self._discarded >= 0:
            self._discard(data)
            return
        if self._stops_reading or self._rejection:
            return
        if self._parser is None:
            self._parser = httptools.HttpRequestParser(self)
        try:
            self._feed(data)
        except httptools.HttpParserCallbackError as error:
            rejected = error.__context__
            if not isinstance(rejected, _Rejected):
                raise
            self._reject(rejected.problem)
        except httptools.HttpParserError as error:
            if not self._stops_reading:
                self._reject(MalformedRequest(f"invalid HTTP: {error}"))
        else:
            self._check_head_size(len(data))
        self._run()

    def _feed(self, data: bytes) -> None:
        """Parse. An offered upgrade is ignored (RFC 9110, section 7.8)."""
        while data:
            try:
                self._parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]

    def _check_head_size(self, size: int) -> None:
        """Limit a head whose end does not arrive: the parser calls no callback for it."""
        message = self._message
        if message is None or message.is_complete_head:
            self._unparsed = 0
            return
        self._unparsed += size
        if self._unparsed <= MAX_HEAD or self._pending:
            return
        if message.headers:
            self._reject(HeadersTooLarge(f"the headers have more than {MAX_HEAD} bytes"))
        else:
            self._reject(TargetTooLong(f"the request line has more than {MAX_LINE} bytes"))

    def on_message_begin(self) -> None:
        """See httptools."""
        if self._message is not None or self._pending or self.busy:
            self._next_is_alone = None
        self._message = Message()
        self._body = []
        self._body_size = 0
        self._unparsed = 0
        self._is_idle = False

    def on_url(self, target: bytes) -> None:
        """See httptools; a target may arrive in parts."""
        message = self._current()
        message.target += target
        if len(message.target) > MAX_LINE:
            raise _Rejected(TargetTooLong(f"the request line has more than {MAX_LINE} bytes"))

    def on_header(self, name: bytes, value: bytes | None) -> None:
        """See httptools. Trailers are ignored (RFC 9110, section 6.5.1)."""
        message = self._current()
        if message.is_complete_head:
            return
        size = len(name) + len(value or b"")
        message.head_size += size
        if size > MAX_HEADER:
            raise _Rejected(HeadersTooLarge(f"a header has {size} bytes, expected at most {MAX_HEADER}"))
        if message.head_size > MAX_HEAD:
            raise _Rejected(HeadersTooLarge(f"the headers have more than {MAX_HEAD} bytes"))
        message.headers.append((name.lower(), value or b""))
        if len(message.headers) > MAX_HEADERS:
            raise _Rejected(HeadersTooLarge(f"the request has more than {MAX_HEADERS} headers"))

    def on_headers_complete(self) -> None:
        """See httptools."""
        message = self._current()
        message.is_complete_head = True
        message.method = self._parser.get_method().decode("latin-1")
        message.version = self._parser.get_http_version()
        _check_head(message)
        if not message.has_body:
            return
        self._body_limit = self._handler.body_limit(message)
        lengths = message.values(b"content-length")
        if lengths and int(lengths[0]) > self._body_limit:
            detail = f"the body has {int(lengths[0])} bytes, expected at most {self._body_limit}"
            raise _Rejected(BodyTooLarge(detail))
        expects = [value.lower() for value in message.values(b"expect")]
        self._continue_due = message.version == "1.1" and b"100-continue" in expects

    def on_body(self, data: bytes) -> None:
        """See httptools."""
        self._body.append(data)
        self._body_size += len(data)
        self._continue_due = False
        if self._body_size > self._body_limit:
            raise _Rejected(BodyTooLarge(f"the body has more than {self._body_limit} bytes"))

    def on_message_complete(self) -> None:
        """See httptools."""
        message = self._current()
        message.body = b"".join(self._body)
        message.close = not self._parser.should_keep_alive()
        message.received = self._next_is_alone
        self._message = None
        self._continue_due = False
        if message.close:
            self._stops_reading = True  # what follows is not a request
        self._pending.append(message)

    def _current(self) -> Message:
        message = self._message
        assert message is not None  # noqa: S101 - the parser calls `on_message_begin` first
        return message

    # The order of the responses

    def _run(self) -> None:
        """Handle the waiting requests, one after the other."""
        self._is_running = True
        while self._pending and not self.busy and not self._drained and not self.is_closed:
            self.busy = True
            self._handler.handle(self, self._pending.popleft())
        self._is_running = False
        if self.is_closed or self.transport.is_closing():
            return
        is_free = not self.busy and not self._pending
        if is_free and self._rejection and self._discarded < 0:
            self._handler.reject(self, *self._rejection)
            return
        if is_free and self._continue_due:
            self._continue_due = False
            self.write(CONTINUE)
        if is_free and self._stops_reading:
            self.transport.close()
            return
        self._is_idle = is_free and self._message is None and not self._drained and not self._rejection
        self._update_reading()

    def _update_reading(self) -> None:
        is_full = self._drained is not None or len(self._pending) > MAX_PIPELINED
        if is_full != self._is_paused:
            self._is_paused = is_full
            (self.transport.pause_reading if is_full else self.transport.resume_reading)()

    def _reject(self, problem: Problem) -> None:
        """End the connection with a problem, after the responses to the requests before."""
        self._rejection = problem, self._message
        self._message = None
        self._continue_due = False
        self._is_idle = False
        self._run()

    def _discard(self, data: bytes) -> None:
        self._discarded += len(data)
        if self._discarded > MAX_DISCARDED:
            self.transport.abort()

    def _truncated(self) -> str:
        message = self._current()
        if not message.is_complete_head:
            return "the request ended within its head"
        lengths = message.values(b"content-length")
        if lengths:
            return f"the body ended after {self._body_size} of {int(lengths[0])} bytes"
        return "the body is cut off, or its chunks are malformed"


def _check_head(message: Message) -> None:
    """Check what the parser leaves to its user. Raises `_Rejected`."""
    hosts = message.values(b"host")
    if len(hosts) > 1 or (not hosts and message.version == "1.1"):
        raise _Rejected(MalformedRequest(f"expected one Host header, got {len(hosts) or 'none'}"))
    if hosts and not is_host(hosts[0]):
        raise _Rejected(MalformedRequest("the Host header is invalid"))
    codings = message.values(b"transfer-encoding")
    if codings and (message.version == "1.0" or [coding.strip().lower() for coding in codings] != [b"chunked"]):
        raise _Rejected(MalformedRequest("the only supported Transfer-Encoding is chunked, in HTTP/1.1"))
    if codings and message.values(b"content-length"):
        raise _Rejected(MalformedRequest("a request cannot have both Content-Length and Transfer-Encoding"))
    if message.method == "CONNECT":
        raise _Rejected(MalformedRequest("CONNECT is for proxies"))
