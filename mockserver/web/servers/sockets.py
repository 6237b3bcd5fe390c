"""The sockets that a server listens on."""

import errno
import socket

from mockserver.config.settings import Settings
from mockserver.errors import StartError

BACKLOG = 1024
"""The maximum number of connections that wait to be accepted."""

_REUSE: int = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
"""Lets a server start again at once. On Windows, two servers can share a SO_REUSEADDR port."""


def bind(settings: Settings) -> list[socket.socket]:
    """Return the bound sockets. The host `localhost` has two: 127.0.0.1 and ::1.

    Connections are accepted from now on, and wait until a worker serves them.

    Raises:
        StartError: the port is in use, or the server may not listen on this address.
    """
    hosts = [settings.host]
    if settings.host == "localhost":
        hosts = ["127.0.0.1", "::1"]
    sockets: list[socket.socket] = []
    port = settings.port
    for host in hosts:
        try:
            sockets.append(_listening_socket(host, port))
        except UnicodeError as error:
            raise StartError(f"cannot listen on {host!r}: invalid name of a host") from error
        except OSError as error:
            if sockets and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                continue  # without IPv6, serve over IPv4 only
            raise StartError(_bind_failure(host, port, error)) from error
        port = sockets[0].getsockname()[1]
    return sockets


def _listening_socket(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, _REUSE, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # gunicorn sets it too late. Earlier connections would wait 40 ms for each response.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.set_inheritable(True)
    except OSError:
        listener.close()
        raise
    return listener


def _bind_failure(host: str, port: int, error: OSError) -> str:
    """Return the message for an address that cannot be bound."""
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is already in use; choose another with --port"
    if error.errno == errno.EACCES:
        return f"no permission to use port {port} of {host}; choose a port above 1023 with --port"
    return f"cannot listen on {host}:{port}: {error.strerror or error}"
