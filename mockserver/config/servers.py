"""The HTTP servers, and what each of them can do. Code asks this table instead of a name.

A deployment may use another WSGI server than those that `mockserver serve` starts, so code that handles a request looks at the
environ of the request. `SERVERS` says what to look for.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpServer:
    """One HTTP server, and its capabilities."""

    software: str
    """The start of `SERVER_SOFTWARE` in a WSGI environ."""
    startable: bool = True
    """Whether `mockserver serve` can start the server."""
    extra: str = ""
    """The optional extra of this package that installs the server."""
    socket_key: str = ""
    """The key of a WSGI environ with the connection's socket; empty if the server keeps the socket to itself."""
    keeps_encoded_slashes: bool = False
    """Whether the environ has the request target as sent (`RAW_URI`): WSGI decodes `%2F` in `PATH_INFO`."""
    detects_truncated_chunks: bool = True
    """Whether reading a chunked body that is cut off fails."""
    streams_events: bool = True
    """Whether an event stream can stay open without using up a scarce thread."""
    serves_bound_sockets: bool = True
    """Whether the server accepts on sockets that are bound before it starts, so on all addresses of `localhost`."""
    max_delayed: int = 800
    """The maximum number of delayed responses in one worker."""

    @property
    def breaks_connections(self) -> bool:
        """Whether a fault can break the connection."""
        return bool(self.socket_key)


SERVERS: dict[str, HttpServer] = {
    "gunicorn": HttpServer(
        software="gunicorn",
        socket_key="gunicorn.socket",
        keeps_encoded_slashes=True,
    ),
    "granian": HttpServer(
        software="Granian",
        extra="granian",
        detects_truncated_chunks=False,
        streams_events=False,
        serves_bound_sockets=False,
        max_delayed=24,  # of 32 threads
    ),
    "werkzeug": HttpServer(
        software="Werkzeug",
        startable=False,
        socket_key="werkzeug.socket",
        keeps_encoded_slashes=True,
        serves_bound_sockets=False,
    ),
}
"""The servers by name. Werkzeug's serves in the process of the pytest plugin, and under `flask run`."""
STARTABLE = tuple(name for name, server in SERVERS.items() if server.startable)
"""The values of `--server`."""
SOCKET_KEYS = tuple(server.socket_key for server in SERVERS.values() if server.socket_key)
BREAK_CONNECTIONS = tuple(name for name in STARTABLE if SERVERS[name].breaks_connections)
"""The values of `--server` with every fault."""
UNSAFE_CHUNKS = frozenset(server.software for server in SERVERS.values() if not server.detects_truncated_chunks)
"""The `SERVER_SOFTWARE` of servers whose chunked bodies may be truncated."""
