"""Take the steps of a network fault, on the event loop."""

import asyncio

from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.spec.description import BODILESS
from mockserver.web.fault_injection import Break, Head, Wait, fault_steps
from mockserver.web.http.connection import HttpConnection
from mockserver.web.http.message import Message
from mockserver.web.http.responses import CLOSE, LAST_CHUNK, chunk, connection_header, encode_head
from mockserver.web.statuses import status_text

POLL = 0.1
"""Seconds between two checks whether the server stops or the client has disconnected."""


async def send_faulty(
    server: MockServer, connection: HttpConnection, message: Message, response: Response
) -> None:
    """Send a response with a fault, and end the connection as the fault requests."""
    steps = fault_steps(server, response, message.method)
    writer = _Writer(connection, message)
    try:
        for step in steps:
            if connection.is_closed:
                return
            if step is Break.RESET:
                connection.reset()
                return
            if step is Break.FINISH:
                connection.end(close=True)
                return
            if isinstance(step, Wait):
                await _wait(server, connection, step.seconds)
            else:
                writer.send(step)
                await connection.drain()
        if not connection.is_closed:
            writer.finish()
    except BaseException:
        connection.transport.abort()
        raise
    finally:
        steps.close()  # type: ignore[attr-defined]


class _Writer:
    """Sends a response in steps. The body is chunked if its length is unknown.

    The head is sent together with the first bytes of the body.
    """

    def __init__(self, connection: HttpConnection, message: Message) -> None:
        self._connection, self._message = connection, message
        self._head = b""
        self._is_chunked = False
        self._closes = message.close

    def send(self, step: Head | bytes) -> None:
        if isinstance(step, Head):
            self._set_head(step)
            return
        data = step
        if self._is_chunked and step:
            data = chunk(step)
        self._connection.write(self._head + data)
        self._head = b""

    def _set_head(self, step: Head) -> None:
        has_length = any(name.lower() == "content-length" for name, _ in step.headers)
        has_body = self._message.method != "HEAD" and step.status not in BODILESS
        headers = step.headers
        if not has_length and has_body:
            self._is_chunked = self._message.version == "1.1"
            self._closes = self._closes or not self._is_chunked
            if self._is_chunked:
                headers = (*headers, ("Transfer-Encoding", "chunked"))
        connection = connection_header(self._message)
        if self._closes:
            connection = CLOSE
        self._head = encode_head(status_text(step.status), headers, connection)

    def finish(self) -> None:
        end = self._head
        if self._is_chunked:
            end += LAST_CHUNK
        self._connection.write(end)
        self._connection.end(close=self._closes)


async def _wait(server: MockServer, connection: HttpConnection, seconds: float) -> None:
    """Wait for some seconds, or until the server stops or the client disconnects."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not (server.delays.stopping or connection.is_closed):
        remaining = deadline - loop.time()
        if remaining <= 0:
            return
        await asyncio.sleep(min(remaining, POLL))
