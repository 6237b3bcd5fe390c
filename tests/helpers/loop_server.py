"""The HTTP server in a thread of this process, with access to its connections and its clock."""

import asyncio
import importlib.util
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any, TypeVar

from helpers.raw_http import RawResponse, split_responses
from helpers.shipped_api import shipped_contract
from mockserver.config.settings import Settings
from mockserver.pipeline.factory import make_server
from mockserver.web.application import Application
from mockserver.web.http.server import HttpServer
from mockserver.web.servers.sockets import bind

LOOPS = ["asyncio", *(["uvloop"] if importlib.util.find_spec("uvloop") else [])]
"""The event loops that are installed."""
T = TypeVar("T")


class LoopServer:
    """A running server."""

    def __init__(
        self, http_server: HttpServer, loop: Any, port: int, stop: asyncio.Event, thread: Thread
    ) -> None:
        self.http_server, self.application = http_server, http_server._application
        self.loop, self.stop, self.thread = loop, stop, thread
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    @property
    def dispatcher(self) -> Any:
        """Return the dispatcher of the server."""
        return self.http_server._dispatcher

    def on_loop(self, function: Callable[[], T]) -> T:
        """Call a function on the loop, and return its result."""

        async def call() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result()

    def pass_time(self, seconds: int) -> None:
        """Let all connections check their timeouts as if they were silent for some seconds."""

        def check() -> None:
            for connection in list(self.dispatcher.connections):
                connection._active_at -= seconds
                connection._lingers_until -= seconds if connection._lingers_until else 0
                connection.check_timeouts()

        self.on_loop(check)

    def wait_until(self, condition: Callable[[Any], bool]) -> None:
        """Wait until a condition holds for the set of connections."""
        while not self.on_loop(lambda: condition(self.dispatcher.connections)):
            time.sleep(0.001)

    def wait_until_alone(self) -> None:
        """Wait until no connection is open."""
        self.wait_until(lambda connections: not connections)

    def connect(self, data: bytes = b"") -> socket.socket:
        """Connect, and send bytes."""
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.sendall(data)
        return connection

    def exchange(self, data: bytes, *methods: str) -> list[RawResponse]:
        """Send all bytes of a connection, and return the responses until the server closes it."""
        with self.connect() as connection:
            sending = Thread(target=_send, args=(connection, data))
            sending.start()
            received = b"".join(iter(lambda: connection.recv(65536), b""))
            sending.join()
        return split_responses(received, *methods)

    def state(self) -> object:
        """Return the state of the default sandbox."""
        return self.application.server.store.read("default")

    def journal(self) -> list[bytes]:
        """Return the journal of the default sandbox, oldest first."""
        return self.application.server.store.journal("default")

    def clear(self) -> None:
        """Reset the default sandbox once the connections of the last test are closed."""
        self.wait_until_alone()
        self.application.server.sandboxes.reset("default")
        self.application.server.store.clear_journal("default")


def _send(connection: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # the server may not read all of it
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)


@contextmanager
def loop_server(
    loop_name: str = "asyncio", *, frozen: bool = False, grace: float = 10, **settings: Any
) -> Iterator[LoopServer]:
    """Serve the shipped contract until the end of the `with` statement.

    With `frozen`, only `pass_time` lets time pass for the connections.
    """
    server_settings = Settings(**{"store": "memory:", "host": "127.0.0.1", "port": 0, **settings})
    server = make_server(server_settings, shipped_contract())
    sockets = bind(server_settings)
    server.open()
    loop = _new_loop(loop_name)
    stop = asyncio.Event()
    http_server = HttpServer(Application(server), sockets, shares_sockets=False)
    thread = Thread(
        target=loop.run_until_complete, args=(http_server.serve(stop, grace),), daemon=True
    )
    running = LoopServer(http_server, loop, sockets[0].getsockname()[1], stop, thread)
    thread.start()
    try:
        running.connect().close()
        if frozen:
            running.on_loop(lambda: setattr(running.dispatcher, "tick", lambda: None))
        yield running
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
        server.close()


def _new_loop(name: str) -> Any:
    if name == "asyncio":
        return asyncio.new_event_loop()
    return importlib.import_module(name).new_event_loop()
