"""Send the responses of Flask's views.

An event stream needs a thread only for the moment in which it reads new events.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mockserver.web.event_streams import INTERVAL, PAUSE
from mockserver.web.http.background import Background
from mockserver.web.http.connection import HttpConnection
from mockserver.web.http.message import Message
from mockserver.web.http.responses import (
    CLOSE,
    LAST_CHUNK,
    Headers,
    chunk,
    connection_header,
    encode_head,
)


@dataclass(frozen=True, slots=True)
class FlaskResponse:
    """A WSGI response: complete, or a stream."""

    status: str
    """The status with its reason."""
    headers: Headers
    body: bytes
    stream: Iterator[bytes] | None
    """The chunks of an event stream, which has no end."""


def call_flask(flask_app: Any, environ: dict[str, Any]) -> FlaskResponse:
    """Return the response of a WSGI application. Call it in a thread."""
    heads: list[tuple[str, Headers]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        heads[:] = [(status, tuple(headers))]

    chunks = flask_app(environ, start_response)
    status, headers = heads[0]
    is_stream = ("Content-Type", "text/event-stream; charset=utf-8") in headers
    if is_stream and environ["REQUEST_METHOD"] != "HEAD":
        return FlaskResponse(status, headers, b"", iter(chunks))
    try:
        body = b"".join(chunks)
    finally:
        chunks.close()
    if body and not any(name.lower() == "content-length" for name, _ in headers):
        headers = (*headers, ("Content-Length", str(len(body))))
    return FlaskResponse(status, headers, body, None)


def send_flask_response(
    background: Background, connection: HttpConnection, message: Message, response: FlaskResponse
) -> None:
    """Send the response of a view. Call it on the loop."""
    if response.stream:
        connection.begin_stream()
        background.start(_send_stream(background, connection, message, response))
        return
    head = encode_head(response.status, response.headers, connection_header(message))
    connection.respond(head + response.body, close=message.close)


async def _send_stream(
    background: Background, connection: HttpConnection, message: Message, response: FlaskResponse
) -> None:
    """Send the chunks of an event stream until it ends or the client disconnects.

    The connection is closed after the stream, as most clients expect.
    """
    chunks: Any = response.stream
    headers, encode, end = response.headers, _unchanged, b""
    if message.version == "1.1":
        headers = (*headers, ("Transfer-Encoding", "chunked"))
        encode, end = chunk, LAST_CHUNK
    try:
        connection.write(encode_head(response.status, headers, CLOSE))
        while not connection.is_closed:
            data = await background.result_of(lambda: next(chunks, None))
            if data is None:
                break
            if data == PAUSE:
                await asyncio.sleep(INTERVAL)
            elif not connection.is_closed:
                connection.write(encode(data))
                await connection.drain()
        if end and not connection.is_closed:
            connection.write(end)
    finally:
        connection.end(close=True)
        with suppress(ValueError):  # cancelled while a thread reads events
            chunks.close()


def _unchanged(data: bytes) -> bytes:
    return data
