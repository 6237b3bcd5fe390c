"""The HTTP server in this process. Clients have addresses, and send and receive bytes."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.web.application import Application, make_server
from mockserver.web.http.connection import Handler, HttpConnection
from mockserver.web.http.in_process import InProcessServer


class AddressedConnection(HttpConnection):
    """A connection with a client address. A socket pair has none."""

    def __init__(self, handler: Handler, address: str) -> None:
        super().__init__(handler)
        self._client_address = address

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.address = self._client_address


class Front(InProcessServer):
    """A server to which clients connect and stay connected."""

    def __init__(self, application: Application) -> None:
        super().__init__(application)
        self.application = application
        self.server = application.server

    def __exit__(self, *error: Any) -> None:
        self.wait_for(self._abort_connections())
        super().__exit__(*error)

    async def _abort_connections(self) -> None:
        """Abort the connections that clients left open, for example after a rejected request."""
        while self._dispatcher.connections:
            for connection in list(self._dispatcher.connections):
                connection.transport.abort()
            await asyncio.sleep(0)

    def connect(self, address: str = "") -> "Client":
        """Connect a client with this address."""
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        self.wait_for(
            self._loop.connect_accepted_socket(
                lambda: AddressedConnection(self._dispatcher, address), theirs
            )
        )
        return Client(self, ours)

    def wait_for(self, awaitable: Any) -> None:
        """Wait until the loop has finished a coroutine."""
        asyncio.run_coroutine_threadsafe(awaitable, self._loop).result()


@contextmanager
def running_front(settings: Settings, *contracts: Contract) -> Iterator[Front]:
    """Serve contracts, the main one first, and yield the server."""
    server = make_server(settings, *contracts)
    server.open()
    try:
        with Front(Application(server)) as front:
            yield front
    finally:
        server.close()


class Client:
    """One connection to a server. Use it in a `with` statement."""

    def __init__(self, front: Front, connection: socket.socket) -> None:
        self._front, self._socket = front, connection
        connection.settimeout(10)  # a missing response is an error, and does not block the test
        self._received = b""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def exchange(self, *parts: bytes, methods: Sequence[str] = ("GET",)) -> list[bytes]:
        """Send the bytes of requests, and return their responses.

        Args:
            parts: the server reads each part before the next one is sent.
            methods: the methods of the requests.
        """
        first, *others = parts
        self._socket.sendall(first)
        for part in others:
            self._front.wait_for(asyncio.sleep(0))
            self._socket.sendall(part)
        return [self._receive(method) for method in methods]

    def receive_until_end(self) -> bytes:
        """Send the end of the requests, and return all bytes until the connection is closed."""
        self._socket.shutdown(socket.SHUT_WR)
        while self._receive_more():
            pass
        return self._received

    def _receive(self, method: str) -> bytes:
        """Return the bytes of one response with a `Content-Length`."""
        while b"\r\n\r\n" not in self._received:
            assert self._receive_more(), self._received
        size = self._received.index(b"\r\n\r\n") + 4
        lines = self._received[:size].lower().split(b"\r\n")
        lengths = [
            int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")
        ]
        if method != "HEAD":
            size += sum(lengths)
        while len(self._received) < size:
            assert self._receive_more(), self._received
        response, self._received = self._received[:size], self._received[size:]
        return response

    def _receive_more(self) -> bool:
        chunk = self._socket.recv(65536)
        self._received += chunk
        return bool(chunk)


def head(method: str, target: str, *headers: tuple[str, str], version: str = "1.1") -> bytes:
    """Return the bytes of a request without a body."""
    lines = [
        f"{method} {target} HTTP/{version}",
        "Host: localhost",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
