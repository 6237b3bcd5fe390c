"""The HTTP server of one process: it serves an application on bound sockets until it is stopped."""

import asyncio
import errno
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

from mockserver.web.application import Application
from mockserver.web.http.connection import HttpConnection
from mockserver.web.http.dispatcher import Dispatcher
from mockserver.web.http.event_loop import max_connections
from mockserver.web.servers.sockets import BACKLOG

ACCEPT_PAUSE = 0.001
"""Seconds between two accepted connections, in which another process can accept one."""
BURST_GAP = 0.05
"""Seconds without a new connection that end a burst of connections."""
NO_FILES_PAUSE = 0.1
"""Seconds until the next attempt to accept if the process has no free file descriptor."""
SWITCH_INTERVAL = 0.001
"""Seconds until a thread hands over the interpreter to the loop. Python's default is 5 ms."""
TICK = 1.0
"""Seconds between two checks of timeouts."""
FINISH_POLL = 0.01
"""Seconds between two checks of whether the last request has ended."""
LAST_REQUESTS = 0.05
"""Seconds after the stop in which open connections still get a response.

It has `Connection: close`, so a client that uses its connection does not lose a request.
"""
STREAMS_END = 1.0
"""Seconds after the stop until open event streams are aborted."""
_NO_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class HttpServer:
    """The HTTP server of one process."""

    def __init__(
        self, application: Application, sockets: Sequence[socket.socket], *, shares_sockets: bool
    ) -> None:
        """Take the application and its sockets.

        With `shares_sockets`, other processes accept connections from these sockets too.
        """
        self._application = application
        self._sockets = sockets
        self._shares_sockets = shares_sockets
        self._most_connections = 0
        """The highest number of connections in the current burst."""
        self._accepted_at = 0.0
        self._connecting = 0
        """The number of accepted connections that the dispatcher does not have yet."""

    async def serve(
        self, stop: asyncio.Event, grace: float, on_tick: Callable[[], bool] = lambda: True
    ) -> None:
        """Serve until `stop` is set, then until the last request ends.

        Args:
            stop: To be set on this loop.
            grace: The maximum time for open requests after the stop, in seconds.
            on_tick: Called once a second. The server stops if the function returns false.
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
        """Accept one connection, if the loop can have one more."""
        if self._is_full():
            self._pause(listener, NO_FILES_PAUSE)
            return
        try:
            self._accept_one(listener)
        except OSError as error:
            # Another process has accepted it, or the client has disconnected.
            if error.errno in _NO_FILES:
                self._pause(listener, NO_FILES_PAUSE)
            return
        if self._shares_sockets and self._has_more_connections():
            self._pause(listener, ACCEPT_PAUSE)

    def _accept_one(self, listener: socket.socket) -> None:
        client, _ = listener.accept()
        client.setblocking(False)
        self._connecting += 1
        self._dispatcher.background.start(self._connect(client))

    def _is_full(self) -> bool:
        """Return whether the loop has as many connections as its selector accepts."""
        return len(self._dispatcher.connections) + self._connecting >= max_connections()

    def _has_more_connections(self) -> bool:
        """Return whether the last connection increases the number of connections in the burst.

        A connection that replaces another one need not go to another process.
        """
        now, count = self._loop.time(), len(self._dispatcher.connections)
        if now - self._accepted_at > BURST_GAP:
            self._most_connections = 0
        self._accepted_at = now
        if count <= self._most_connections:
            return False
        self._most_connections = count
        return True

    async def _connect(self, client: socket.socket) -> None:
        try:
            with suppress(OSError):  # the client may have disconnected
                await self._loop.connect_accepted_socket(
                    lambda: HttpConnection(self._dispatcher), client
                )
        finally:
            self._connecting -= 1

    def _accept_waiting(self, listener: socket.socket) -> None:
        """Accept the connections in the backlog. Closing the listener would reset them."""
        with suppress(OSError):
            for _ in range(BACKLOG):
                if self._is_full():
                    return
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
        await self._wait_for_requests(grace)
        for connection in list(connections):
            connection.transport.abort()
        await self._dispatcher.background.close()

    async def _wait_for_requests(self, grace: float) -> None:
        """Wait at most `grace` seconds until no request is in progress."""
        connections = self._dispatcher.connections
        deadline = self._loop.time() + grace
        streams_deadline = self._loop.time() + STREAMS_END
        while (connections or self._connecting) and self._loop.time() < deadline:
            for connection in list(connections):
                connection.close_if_idle()
            has_requests = any(not connection.is_stream for connection in connections)
            if self._loop.time() > streams_deadline and not has_requests:
                return
            await asyncio.sleep(FINISH_POLL)
