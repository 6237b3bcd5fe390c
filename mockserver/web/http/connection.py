"""One connection: bytes become messages, and responses leave in the order of the requests.

This module has the order, the timeouts, and the flow in both directions. `request_parser` parses.
"""

import asyncio
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
    """What a connection needs from its server."""

    now: int
    """Seconds of a clock that never goes back, at most a second ago."""
    read_timeout: float
    """Seconds without a byte until a request that is not complete is rejected."""
    keep_alive: float
    """Seconds until an idle connection is closed."""
    is_stopping: bool
    """Whether the next response of each connection is its last one."""

    def repeat(self, data: bytes) -> bytes | None:
        """Return the response to a request of exactly these bytes; `None` if it has to be handled."""

    def handle(self, connection: "HttpConnection", message: Message) -> None:
        """Handle a request. Calls `connection.respond` or `connection.end`, now or later, exactly once."""

    def reject(
        self, connection: "HttpConnection", problem: Problem, message: Message | None
    ) -> None:
        """Respond to a request that cannot be read, with `connection.respond`."""

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
        "_buffered",
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
        """Complete requests that wait for their turn. While there is one, no more are read."""
        self._parser = RequestParser(handler.body_limit, self._pending)
        self._rejection: tuple[Problem, Message | None] | None = None
        """What ends the connection once the requests before it are answered."""
        self._is_idle = not handler.is_stopping
        """Whether the next bytes begin a request that can be answered at once."""
        self._is_running = False
        self._is_paused = False
        self._has_received_all = False
        """Whether the client has closed its side."""
        self._has_ended = False
        """Whether further bytes are ignored: the last request was read."""
        self._lingers_until = 0
        """When the connection is closed after its last response; 0 before it."""
        self._discarded = 0
        self._drained: asyncio.Future[None] | None = None
        """Set while the client reads more slowly than the server writes."""
        self._buffered = 0
        self._active_at = handler.now
        """When a byte was received, a response ended, or the client has read something."""
        self._is_lost = False
        self.busy = False
        """Whether a response is in progress."""
        self.is_stream = False
        """Whether the response in progress has no end."""

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._is_lost or bool(self.transport.is_closing())

    # What the loop calls

    def connection_made(self, transport: Any) -> None:
        """See `asyncio.Protocol`."""
        self.transport = transport
        self.write = transport.write
        peer = transport.get_extra_info("peername")
        self.address: str = peer[0] if peer else ""
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
        """Read what arrived. A repeated request is answered at once, without parsing it."""
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
        """Respond to what is complete, and reject what is not. Return whether the connection stays open for that."""
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
        """See `asyncio.Protocol`. While the client does not read, its requests wait."""
        self._drained = asyncio.get_running_loop().create_future()
        self._is_idle = False

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._set_drained()
        self._active_at = self._handler.now
        if not self._is_running:
            self._run()

    # What a response needs

    async def drain(self) -> None:
        """Wait until the client has read enough of what was written."""
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
        """Note that the response in progress has no end, so that no further request is answered."""
        self.is_stream = True
        self._has_ended = True
        self._pending.clear()
        self._update_reading()

    def reset(self) -> None:
        """Reset the connection: the client receives a RST."""
        with suppress(OSError):  # the client may have disconnected first
            linger_no_time(self.transport.get_extra_info("socket"))
        self.transport.abort()

    # What a server needs

    def stop(self) -> None:
        """Let the last request that was read be the last one. The server is stopping."""
        self._is_idle = False
        if self._pending:
            self._pending[-1].close = self._has_ended = True

    def close_if_idle(self) -> None:
        """Close the connection unless a request is in progress."""
        if not (self.busy or self._pending):
            self.transport.close()

    def check_timeouts(self) -> None:
        """Reject a request that does not continue, and close a connection that nobody uses."""
        now = self._handler.now
        silence = now - self._active_at
        buffered = self.transport.get_write_buffer_size()
        if buffered:
            self._check_progress(buffered, silence)
            return
        self._buffered = 0
        if self._lingers_until:
            if silence > LINGER or now > self._lingers_until:
                self.transport.abort()
        elif self.busy or self._pending:
            return
        elif self._parser.message is not None:
            if silence > self._handler.read_timeout:
                seconds = f"{self._handler.read_timeout:g}"
                self._reject(
                    RequestTimeout(
                        f"the request is incomplete, and no byte arrived for {seconds} s"
                    )
                )
        elif silence > self._handler.keep_alive:
            self.transport.close()

    def _check_progress(self, buffered: int, silence: float) -> None:
        """Close the connection if the client has read nothing for the time in which it has to send something."""
        if buffered != self._buffered:
            self._buffered = buffered
            self._active_at = self._handler.now
        elif silence > self._handler.read_timeout:
            self.transport.abort()

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
        """Decide what the connection waits for."""
        is_free = not (self.busy or self._pending)
        parser = self._parser
        if is_free and self._has_ended:
            self._respond_last()
            return
        if is_free and parser.continue_due:
            parser.continue_due = False
            self.write(CONTINUE)
        self._is_idle = (
            is_free and parser.message is None and not (self._drained or self._handler.is_stopping)
        )
        self._update_reading()

    def _respond_last(self) -> None:
        rejection, self._rejection = self._rejection, None
        if rejection is None:
            self._finish()
        else:
            self.busy = True
            self._handler.reject(self, *rejection)

    def _reject(self, problem: Problem) -> None:
        """End the connection with a problem, after the responses to the requests before."""
        self._rejection = problem, self._parser.rejected_message()
        self._parser.message = None
        self._has_ended = True
        self._run()

    def _finish(self) -> None:
        """Close the connection once the client has read the last response.

        A socket that is closed with unread bytes is reset, and the client would not receive the response.
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
