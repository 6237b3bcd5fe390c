"""Serve an application on bound sockets, in one process, until it is stopped."""

import asyncio
import errno
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

from mockserver.web.application import Application
from mockserver.web.http.connection import HttpConnection
from mockserver.web.http.dispatcher import Dispatcher
from mockserver.web.servers.sockets import BACKLOG

ACCEPT_PAUSE = 0.001
"""Seconds in which a process accepts no further connection, so that the next one goes to another process."""
BURST_GAP = 0.05
"""Seconds without a new connection after which the next one begins another burst."""
NO_FILES_PAUSE = 0.1
"""Seconds until the next attempt to accept, if the process has no free file descriptor."""
TICK = 1.0
"""Seconds between two checks of timeouts."""
FINISH_POLL = 0.01
"""Seconds between two checks whether the last request has ended."""
LAST_REQUESTS = 0.05
"""Seconds after the stop in which a client that uses its connection receives a last response, with `Connection: close`."""
STREAMS_END = 1.0
"""Seconds until open event streams are abandoned at a stop."""
_NO_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class HttpServer:
    """The HTTP server of one process."""

    def __init__(
        self, application: Application, sockets: Sequence[socket.socket], *, shares_sockets: bool
    ) -> None:
        """Take what is served and the sockets. With `shares_sockets` other processes accept from them too."""
        self._application = application
        self._sockets = sockets
        self._shares_sockets = shares_sockets
        self._most_connections = 0
        """The maximum number of connections in the present burst of new ones."""
        self._accepted_at = 0.0

    async def serve(
        self, stop: asyncio.Event, grace: float, on_tick: Callable[[], bool] = lambda: True
    ) -> None:
        """Serve until `stop` is set, then until the last request ends.

        Args:
            stop: Set it on this loop.
            grace: The maximum time for open requests after the stop, in seconds.
            on_tick: Called once a second; the server stops if it returns false.
        """
        self._loop = asyncio.get_running_loop()
        self._dispatcher = Dispatcher(
            self._application, self._loop, self._sockets[0].getsockname()[:2]
        )
        for listener in self._sockets:
            listener.setblocking(False)
            self._loop.add_reader(listener.fileno(), self._accept, listener)
        while not stop.is_set():
            self._dispatcher.tick()
            if not on_tick():
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TICK)
        await self._finish(grace)

    def _accept(self, listener: socket.socket) -> None:
        """Accept one connection."""
        try:
            self._accept_one(listener)
        except OSError as error:
            # Another process was faster, or the client has disconnected already.
            if error.errno in _NO_FILES:
                self._pause(listener, NO_FILES_PAUSE)
            return
        if self._shares_sockets and self._has_more_connections():
            self._pause(listener, ACCEPT_PAUSE)

    def _accept_one(self, listener: socket.socket) -> None:
        client, _ = listener.accept()
        client.setblocking(False)
        self._dispatcher.background.start(self._connect(client))

    def _has_more_connections(self) -> bool:
        """Return whether the last connection is an additional one. One that replaces another is not shared out."""
        now, count = self._loop.time(), len(self._dispatcher.connections)
        if now - self._accepted_at > BURST_GAP:
            self._most_connections = 0
        self._accepted_at = now
        if count <= self._most_connections:
            return False
        self._most_connections = count
        return True

    async def _connect(self, client: socket.socket) -> None:
        with suppress(OSError):  # the client may have disconnected already
            await self._loop.connect_accepted_socket(
                lambda: HttpConnection(self._dispatcher), client
            )

    def _accept_waiting(self, listener: socket.socket) -> None:
        """Accept the connections that are open for their clients: closing the listener would reset them."""
        with suppress(OSError):
            for _ in range(BACKLOG):
                self._accept_one(listener)

    def _pause(self, listener: socket.socket, seconds: float) -> None:
        self._loop.remove_reader(listener.fileno())
        self._loop.call_later(seconds, self._resume, listener)

    def _resume(self, listener: socket.socket) -> None:
        if listener.fileno() >= 0:
            self._loop.add_reader(listener.fileno(), self._accept, listener)

    async def _finish(self, grace: float) -> None:
        """Close the listeners and the idle connections, and wait for the requests in progress."""
        self._application.server.delays.stopping = True
        self._application.end_streams()
        self._dispatcher.is_stopping = True
        for listener in self._sockets:
            self._loop.remove_reader(listener.fileno())
            self._accept_waiting(listener)
            listener.close()
        connections = self._dispatcher.connections
        for connection in connections:
            connection.stop()
        await asyncio.sleep(LAST_REQUESTS)
        deadline = self._loop.time() + grace
        streams_deadline = self._loop.time() + STREAMS_END
        while connections and self._loop.time() < deadline:
            for connection in list(connections):
                connection.close_if_idle()
            if self._loop.time() > streams_deadline and all(
                connection.is_stream for connection in connections
            ):
                break
            await asyncio.sleep(FINISH_POLL)
        for connection in list(connections):
            connection.transport.abort()
        await self._dispatcher.background.close()
