"""One connection: it reads bytes as messages, and sends responses in the order of the requests.

This module has the order, the timeouts and the flow control. `request_parser` parses the bytes.
"""

import asyncio
import selectors
from collections import deque
from contextlib import suppress
from typing import Any, Protocol

from mockserver.errors import MalformedRequest, Problem, RequestTimeout
from mockserver.web.http.limits import LINGER, MAX_DISCARDED, MAX_IN_A_ROW, MAX_LINGER
from mockserver.web.http.message import Message
from mockserver.web.http.request_parser import RequestParser
from mockserver.web.http.responses import CONTINUE
from mockserver.web.sockets import linger_no_time


class Handler(Protocol):
    """The methods and values that a connection uses of its server."""

    now: int
    """The time of a monotonic clock in seconds, at most one second old."""
    read_timeout: float
    """Seconds without a received byte until an incomplete request is rejected."""
    keep_alive: float
    """Seconds until an idle connection is closed."""
    is_stopping: bool
    """Whether the next response of each connection is its last one."""

    def repeat(self, data: bytes) -> bytes | None:
        """Return the kept response to exactly these bytes, or `None` if there is none."""

    def handle(self, connection: "HttpConnection", message: Message) -> None:
        """Handle a request: call `connection.respond` or `connection.end` once, now or later."""

    def reject(
        self, connection: "HttpConnection", problem: Problem, message: Message | None
    ) -> None:
        """Respond with `connection.respond` to a request that cannot be read."""

    def body_limit(self, message: Message) -> int:
        """Return the maximum size of the request's body in bytes."""

    def opened(self, connection: "HttpConnection") -> None:
        """Note a new connection."""

    def closed(self, connection: "HttpConnection") -> None:
        """Note the end of a connection."""


class HttpConnection(asyncio.Protocol):
    """One connection. All methods run on the event loop."""

    __slots__ = (
        "_active_at",
        "_discarded",
        "_drained",
        "_handler",
        "_has_ended",
        "_has_received_all",
        "_is_idle",
        "_is_lost",
        "_is_paused",
        "_is_running",
        "_lingers_until",
        "_parser",
        "_pending",
        "_rejection",
        "_repeat",
        "_unsent",
        "address",
        "busy",
        "is_stream",
        "transport",
        "write",
    )

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._repeat = handler.repeat
        self._pending: deque[Message] = deque()
        """Complete requests that wait for their turn. While one waits, reading is paused."""
        self._parser = RequestParser(handler.body_limit, self._pending)
        self._rejection: tuple[Problem, Message | None] | None = None
        """The problem that ends the connection, after the responses to earlier requests."""
        self._is_idle = not handler.is_stopping
        """Whether the next bytes begin a request, and can be answered at once."""
        self._is_running = False
        self._is_paused = False
        self._has_received_all = False
        """Whether the client has closed its side."""
        self._has_ended = False
        """Whether the last request was read, so that further bytes are ignored."""
        self._lingers_until = 0
        """The time at which the connection is closed after its last response; 0 before it."""
        self._discarded = 0
        """The number of bytes that were received and ignored after the last response."""
        self._drained: asyncio.Future[None] | None = None
        """Set while the client reads more slowly than the server writes."""
        self._unsent = 0
        """The number of bytes that the client had not read at the last check."""
        self._active_at = handler.now
        """The last time that a byte was received, a response ended, or the client read a byte."""
        self._is_lost = False
        self.busy = False
        """Whether a response is in progress."""
        self.is_stream = False
        """Whether the response in progress has no end."""

    @property
    def is_closed(self) -> bool:
        """Whether nothing more can be sent."""
        return self._is_lost or bool(self.transport.is_closing())

    # Methods for the event loop

    def connection_made(self, transport: Any) -> None:
        """See `asyncio.Protocol`."""
        self.transport = transport
        self.write = transport.write
        peer = transport.get_extra_info("peername") or ("",)
        self.address: str = peer[0]
        self._handler.opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._is_lost = True
        self._is_idle = False
        self._has_ended = True
        self._pending.clear()
        self._set_drained()
        self._handler.closed(self)

    def data_received(self, data: bytes) -> None:
        """Read the received bytes. A repeated request is answered at once, without parsing it."""
        self._active_at = self._handler.now
        if self._is_idle:
            payload = self._repeat(data)
            if payload is not None:
                self.write(payload)
                return
            self._is_idle = False
            self._read(data, was_idle=True)
        elif self._lingers_until:
            self._discarded += len(data)
            if self._discarded > MAX_DISCARDED:
                self.transport.abort()
        elif not self._has_ended:
            self._read(data, was_idle=False)

    def eof_received(self) -> bool:
        """Respond to the complete requests, and reject an incomplete one.

        Return whether the connection stays open for these responses.
        """
        self._has_received_all = True
        if self._lingers_until or self.is_stream:
            return False
        self._is_idle = False
        if self._parser.message is not None and self._rejection is None:
            self._reject(MalformedRequest(self._parser.truncation()))
        else:
            self._has_ended = True
            self._run()
        return True

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`. Requests wait while the client does not read responses."""
        self._drained = asyncio.get_running_loop().create_future()
        self._is_idle = False

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._set_drained()
        self._active_at = self._handler.now
        if not self._is_running:
            self._run()

    # Methods for a response

    async def drain(self) -> None:
        """Wait until the client has read enough of the sent bytes."""
        if self._drained:
            await self._drained

    def respond(self, payload: bytes, *, close: bool) -> None:
        """Send a complete response, and go on with the next request."""
        if not self.is_closed:
            self.write(payload)
        self.end(close=close)

    def end(self, *, close: bool) -> None:
        """Go on with the next request: the response is complete."""
        self.busy = False
        self._active_at = self._handler.now
        if close:
            self._finish()
        elif not self._is_running:
            self._run()

    def begin_stream(self) -> None:
        """Note that the response in progress has no end. No further request is answered."""
        self.is_stream = True
        self._has_ended = True
        self._pending.clear()
        self._update_reading()

    def reset(self) -> None:
        """Reset the connection: the client receives a RST."""
        with suppress(OSError):  # the client may have disconnected first
            linger_no_time(self.transport.get_extra_info("socket"))
        self.transport.abort()

    # Methods for the server

    def stop(self) -> None:
        """Handle no request after those that were read. The server is stopping."""
        self._is_idle = False
        if self._pending:
            self._pending[-1].close = self._has_ended = True

    def close_if_idle(self) -> None:
        """Close the connection unless a request is in progress, or waits to be read."""
        if not (self.busy or self._pending or self._has_unread_bytes()):
            self.transport.close()

    def _has_unread_bytes(self) -> bool:
        """Return whether the client has sent something that the loop will read."""
        if self._has_ended or self._lingers_until or self.is_closed:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self.transport.get_extra_info("socket"), selectors.EVENT_READ)
            return bool(selector.select(0))

    def check_timeouts(self) -> None:
        """Close the connection, or reject its request, if the client was silent for too long."""
        now = self._handler.now
        silence = now - self._active_at
        unsent = self.transport.get_write_buffer_size()
        if unsent:
            self._check_client_reads(unsent, silence)
            return
        self._unsent = 0
        if self._lingers_until:
            if silence > LINGER or now > self._lingers_until:
                self.transport.abort()
        elif self.busy or self._pending:
            return
        elif self._parser.message is not None:
            self._check_client_sends(silence)
        elif silence > self._handler.keep_alive:
            self.transport.close()

    def _check_client_reads(self, unsent: int, silence: float) -> None:
        """Close the connection if the client has read nothing for `read_timeout` seconds."""
        if unsent != self._unsent:
            self._unsent = unsent
            self._active_at = self._handler.now
        elif silence > self._handler.read_timeout:
            self.transport.abort()

    def _check_client_sends(self, silence: float) -> None:
        """Reject an incomplete request of which nothing arrived for `read_timeout` seconds."""
        timeout = self._handler.read_timeout
        if silence > timeout:
            detail = f"the request is incomplete, and no byte arrived for {timeout:g} s"
            self._reject(RequestTimeout(detail))

    # The order of the responses

    def _read(self, data: bytes, *, was_idle: bool) -> None:
        parser, pending = self._parser, self._pending
        try:
            parser.feed(data)
        except Problem as problem:
            self._reject(problem)
            return
        if parser.has_ended:
            self._has_ended = True
        if pending:
            if was_idle and len(pending) == 1 and parser.message is None:
                pending[0].received = data
            if self._handler.is_stopping:
                pending[-1].close = self._has_ended = True
        self._run()

    def _run(self) -> None:
        """Handle the waiting requests, one after the other."""
        pending, transport = self._pending, self.transport
        self._is_running = True
        count = 0
        while pending and not (self.busy or self._drained or transport.is_closing()):
            if count == MAX_IN_A_ROW:
                asyncio.get_running_loop().call_soon(self._run)
                break
            count += 1
            self.busy = True
            self._handler.handle(self, pending.popleft())
        self._is_running = False
        if not (self._lingers_until or transport.is_closing()):
            self._await_next()

    def _await_next(self) -> None:
        """Wait for the next request, or end the connection."""
        is_free = not (self.busy or self._pending)
        parser = self._parser
        if is_free and self._has_ended:
            self._respond_last()
            return
        if is_free and parser.continue_due:
            parser.continue_due = False
            self.write(CONTINUE)
        can_begin = is_free and parser.message is None
        self._is_idle = can_begin and not (self._drained or self._handler.is_stopping)
        self._update_reading()

    def _respond_last(self) -> None:
        """Send the rejection if there is one, and end the connection."""
        rejection, self._rejection = self._rejection, None
        if rejection is None:
            self._finish()
        else:
            self.busy = True
            self._handler.reject(self, *rejection)

    def _reject(self, problem: Problem) -> None:
        """End the connection with a problem, after the responses to earlier requests."""
        self._rejection = problem, self._parser.rejected_message()
        self._parser.message = None
        self._has_ended = True
        self._run()

    def _finish(self) -> None:
        """Close the connection once the client has read the last response.

        Closing a socket that has unread bytes resets it. The client would lose the response.
        """
        self._is_idle = False
        self._has_ended = True
        self._pending.clear()
        if self._has_received_all or self.is_closed:
            self.transport.close()
            return
        self._lingers_until = self._handler.now + MAX_LINGER
        try:
            self.transport.write_eof()
        except OSError:  # the client has disconnected
            self.transport.abort()
        else:
            self._update_reading()

    def _update_reading(self) -> None:
        is_full = len(self._pending) > 0
        if is_full == self._is_paused or self._has_received_all or self.is_closed:
            return
        self._is_paused = is_full
        if is_full:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _set_drained(self) -> None:
        if self._drained and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None
