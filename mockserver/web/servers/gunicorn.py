"""gunicorn, with bound sockets and a checked application; it reads no settings from other sources."""

import errno
import os
import signal
import socket
from typing import Any

import flask
from gunicorn import glogging
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from mockserver.config.servers import SERVERS
from mockserver.config.settings import Settings
from mockserver.config.tempfiles import writable_directory
from mockserver.errors import StartError
from mockserver.web.servers import stop_signals
from mockserver.web.servers.gunicorn_worker import MockServerWorker
from mockserver.web.servers.reload import FileWatcher

BACKLOG = 1024
"""The maximum number of connections that wait to be accepted."""
CONNECTIONS = SERVERS["gunicorn"].max_delayed + 200
"""Connections per worker: the delayed responses and 200 others. Processes are often limited to 1024 open files."""


class Logger(glogging.Logger):  # type: ignore[misc]
    """gunicorn's log, in the format of the server log."""

    def setup(self, cfg: Any) -> None:
        """See gunicorn."""
        super().setup(cfg)
        self.error_log.handlers, self.error_log.propagate = [], True


_LOGGERS = {"text": glogging.Logger, "json": Logger}


class MockArbiter(Arbiter):  # type: ignore[misc]
    """gunicorn's first process. A closed terminal stops it; gunicorn itself would start new workers and keep the port."""

    def init_signals(self) -> None:
        """See `Arbiter`."""
        stops = stop_signals.hangup_stops()
        super().init_signals()
        if not stops:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def spawn_worker(self) -> Any:
        """See `Arbiter`. The worker releases the held signals once it has its own handlers."""
        stop_signals.hold()
        try:
            return super().spawn_worker()
        finally:
            stop_signals.release()

    def handle_hup(self) -> None:
        """Stop, as for SIGTERM."""
        self.handle_term()


class Gunicorn(BaseApplication):  # type: ignore[misc]
    """gunicorn for an existing application."""

    def __init__(self, app: flask.Flask, sockets: list[socket.socket], workers: int, watcher: FileWatcher | None) -> None:
        self._app, self._sockets, self._workers, self._watcher = app, sockets, workers, watcher
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's settings; those that are not defaults have a reason."""
        options: dict[str, Any] = {
            "bind": [f"fd://{s.fileno()}" for s in self._sockets],
            "worker_class": f"{MockServerWorker.__module__}.{MockServerWorker.__qualname__}",
            "workers": self._workers,
            "worker_connections": CONNECTIONS,
            "preload_app": True,  # loaded once, and its memory is shared
            "proc_name": "mockserver",
            "loglevel": "warning",
            "logger_class": _LOGGERS[self._app.extensions["mockserver"].settings.log_format],
            "graceful_timeout": stop_signals.GRACE,
            "keepalive": 75,  # longer than that of clients, so that clients close connections
            # gunicorn's maximum. Without a limit, it searches the whole line again at each received piece.
            "limit_request_line": 8190,
            "limit_request_field_size": 16380,
            "forwarded_allow_ips": "",  # no client may rewrite a path by SCRIPT_NAME
            "control_socket_disable": True,
            "worker_tmp_dir": str(writable_directory()),
            "post_fork": _stop_on_signal,
            "post_worker_init": self._begin,
            "worker_exit": self._end,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> flask.Flask:
        """Return the application."""
        return self._app

    def run(self) -> None:
        """Serve, and exit the process."""
        MockArbiter(self).run()

    def _begin(self, worker: Any) -> None:
        """Open connections in each worker after gevent's patches: they do not survive a fork."""
        self._app.extensions["mockserver"].open()
        worker.streams = self._app.extensions["mockserver-streams"]
        if self._watcher:
            self._watcher.start(self._app.extensions["mockserver"])

    def _end(self, arbiter: Any, worker: Any) -> None:
        if worker.pid == os.getpid():  # gunicorn also calls this in the parent, after a worker exited
            self._app.extensions["mockserver"].close()


def _stop_on_signal(arbiter: Any, worker: Any) -> None:
    """Install temporary handlers. With the handlers of the parent, a new worker would ignore a stop."""
    stop_signals.leave_to_parent()
    for number in stop_signals.FROM_PARENT:
        signal.signal(number, lambda *_: setattr(worker, "alive", False))
    stop_signals.release()


def bind(settings: Settings) -> list[socket.socket]:
    """Return the bound sockets: both loopback addresses for `localhost`. Raises `StartError`.

    For gunicorn they accept connections from now on. granian creates its own sockets, and connections to these would be reset.
    """
    backlog = BACKLOG if SERVERS[settings.server].serves_bound_sockets else None
    hosts = ["127.0.0.1", "::1"] if settings.host == "localhost" else [settings.host]
    sockets: list[socket.socket] = []
    port = settings.port
    for host in hosts:
        try:
            sockets.append(_bound(host, port, backlog))
        except OSError as error:
            if sockets and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                continue  # without IPv6, serve over IPv4 only
            raise StartError(_stop_reason(host, port, error)) from error
        port = sockets[0].getsockname()[1]
    return sockets


def _bound(host: str, port: int, backlog: int | None) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # gunicorn sets it too, but later: earlier connections would wait 40 ms for each response.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        if backlog is not None:
            listener.listen(backlog)
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


def run(app: flask.Flask, sockets: list[socket.socket], workers: int, watcher: FileWatcher | None) -> None:
    """Serve until a signal stops the server, with an optional watcher of the files. Exits the process."""
    Gunicorn(app, sockets, workers, watcher).run()
