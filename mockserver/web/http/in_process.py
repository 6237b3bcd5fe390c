"""Send requests to an application through the HTTP server of this package, without a network."""

import asyncio
import socket
from threading import Thread
from types import TracebackType

from mockserver.web.application import Application
from mockserver.web.http.connection import HttpConnection
from mockserver.web.http.dispatcher import Dispatcher

LOCAL = ("localhost", 8080)
"""The address that receives the requests."""


class InProcessServer:
    """A server on socket pairs. Use it in a `with` statement.

    Its loop runs in a thread, because the caller may have a running loop. A browser test has one.
    """

    def __init__(self, application: Application) -> None:
        self._loop = asyncio.SelectorEventLoop()
        self._thread = Thread(
            target=self._loop.run_forever, name="mockserver-in-process", daemon=True
        )
        self._dispatcher = Dispatcher(application, self._loop, LOCAL)

    def __enter__(self) -> "InProcessServer":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._dispatcher.background.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def send(self, data: bytes) -> bytes:
        """Send the bytes of requests on a new connection, and return all bytes of the responses.

        The server closes the connection after the last request.
        """
        return asyncio.run_coroutine_threadsafe(self._exchange(data), self._loop).result()

    async def _exchange(self, data: bytes) -> bytes:
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        await self._loop.connect_accepted_socket(lambda: HttpConnection(self._dispatcher), theirs)
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(data)
        writer.write_eof()
        try:
            return await reader.read()
        finally:
            writer.close()
