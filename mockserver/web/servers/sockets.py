"""The sockets that a server listens on."""

import errno
import socket

from mockserver.config.settings import Settings
from mockserver.errors import StartError

BACKLOG = 1024
"""The maximum number of connections that wait to be accepted."""


def bind(settings: Settings) -> list[socket.socket]:
    """Return the bound sockets: both loopback addresses for `localhost`. Raises `StartError`.

    They accept connections from now on, which wait until a worker serves them.
    """
    hosts = ["127.0.0.1", "::1"] if settings.host == "localhost" else [settings.host]
    sockets: list[socket.socket] = []
    port = settings.port
    for host in hosts:
        try:
            sockets.append(_bound(host, port))
        except OSError as error:
            if sockets and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                continue  # without IPv6, serve over IPv4 only
            raise StartError(_stop_reason(host, port, error)) from error
        port = sockets[0].getsockname()[1]
    return sockets


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # gunicorn sets it too, but later: earlier connections would wait 40 ms for each response.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.set_inheritable(True)
    except OSError:
        listener.close()
        raise
    return listener


def _stop_reason(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is already in use; choose another with --port"
    if error.errno == errno.EACCES:
        return f"no permission to use port {port} of {host}; choose a port above 1023 with --port"
    return f"cannot listen on {host}:{port}: {error.strerror or error}"
