"""gunicorn, run from here: sockets bound first, everything checked before, and no setting read from elsewhere."""

import errno
import os
import signal
import socket
from typing import Any

import flask
from gunicorn import glogging
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from mockserver.config.settings import Settings
from mockserver.config.tempfiles import writable_directory
from mockserver.errors import StartError
from mockserver.pipeline.delays import MAX_DELAYED
from mockserver.web.servers import stop_signals
from mockserver.web.servers.gunicorn_worker import MockServerWorker
from mockserver.web.servers.reload import FileWatcher

CONNECTIONS = MAX_DELAYED + 200
"""Connections of each worker: those whose answers wait, and some for the others; often a process may open 1024 files at most."""


class Logger(glogging.Logger):  # type: ignore[misc]
    """gunicorn's log, written as all else that is logged here."""

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
        """See `Arbiter`. The worker lets through what is held back, once it has handlers of its own."""
        stop_signals.hold()
        try:
            return super().spawn_worker()
        finally:
            stop_signals.release()

    def handle_hup(self) -> None:
        """Stop, as for SIGTERM."""
        self.handle_term()


class Gunicorn(BaseApplication):  # type: ignore[misc]
    """gunicorn over an application that exists already."""

    def __init__(self, app: flask.Flask, sockets: list[socket.socket], workers: int, watcher: FileWatcher | None) -> None:
        self._app, self._sockets, self._workers, self._watcher = app, sockets, workers, watcher
        super().__init__()

    def load_config(self) -> None:
        """gunicorn's settings; each that is not its default says why."""
        own: dict[str, Any] = {
            "bind": [f"fd://{s.fileno()}" for s in self._sockets],
            "worker_class": f"{MockServerWorker.__module__}.{MockServerWorker.__qualname__}",
            "workers": self._workers,
            "worker_connections": CONNECTIONS,
            "preload_app": True,  # checked once, and its memory shared
            "proc_name": "mockserver",
            "loglevel": "warning",
            "logger_class": _LOGGERS[self._app.extensions["mockserver"].settings.log_format],
            "graceful_timeout": stop_signals.GRACE,
            "keepalive": 75,  # longer than the clients' own, so that it is they who close
            # The most that gunicorn takes. Without a limit it looks for the line's end in all of it, at each piece that comes.
            "limit_request_line": 8190,
            "limit_request_field_size": 16380,
            "forwarded_allow_ips": "",  # nobody may rewrite a path by SCRIPT_NAME
            "control_socket_disable": True,
            "worker_tmp_dir": str(writable_directory()),
            "post_fork": _stop_on_signal,
            "post_worker_init": self._begin,
            "worker_exit": self._end,
        }
        for name, value in own.items():
            self.cfg.set(name, value)

    def load(self) -> flask.Flask:
        """The application."""
        return self._app

    def run(self) -> None:
        """Serve; ends the process."""
        MockArbiter(self).run()

    def _begin(self, worker: Any) -> None:
        """In each worker, once it is patched: connections do not live through a fork."""
        self._app.extensions["mockserver"].open()
        worker.streams = self._app.extensions["mockserver-streams"]
        if self._watcher:
            self._watcher.start(self._app.extensions["mockserver"])

    def _end(self, arbiter: Any, worker: Any) -> None:
        if worker.pid == os.getpid():  # gunicorn calls it in the parent too, for a worker that is gone
            self._app.extensions["mockserver"].close()


def _stop_on_signal(arbiter: Any, worker: Any) -> None:
    """Until the worker minds signals itself it would handle them as its parent does, and so miss that it is to stop."""
    stop_signals.leave_to_parent()
    for number in stop_signals.FROM_PARENT:
        signal.signal(number, lambda *_: setattr(worker, "alive", False))
    stop_signals.release()


def bind(settings: Settings) -> list[socket.socket]:
    """The sockets to listen on, bound: both loopback addresses for `localhost`. Raises `StartError`.

    They take connections from now on, unless the server makes sockets of its own: what came in to these would be reset then.
    """
    backlog = 1024 if settings.server == "gunicorn" else None
    hosts = ["127.0.0.1", "::1"] if settings.host == "localhost" else [settings.host]
    sockets: list[socket.socket] = []
    port = settings.port
    for host in hosts:
        try:
            sockets.append(_bound(host, port, backlog))
        except OSError as error:
            if sockets and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                continue  # a machine without IPv6 is served over IPv4
            raise StartError(_stop_reason(host, port, error)) from error
        port = sockets[0].getsockname()[1]
    return sockets


def _bound(host: str, port: int, backlog: int | None) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # gunicorn sets it too, but later: a connection that is made meanwhile would wait 40 ms for each answer, all its life.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.bind(address)
        if backlog is not None:
            made.listen(backlog)
        made.set_inheritable(True)
    except OSError:
        made.close()
        raise
    return made


def _stop_reason(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is already in use; choose another with --port"
    if error.errno == errno.EACCES:
        return f"no permission to use port {port} of {host}; choose a port above 1023 with --port"
    return f"cannot listen on {host}:{port}: {error.strerror or error}"


def run(app: flask.Flask, sockets: list[socket.socket], workers: int, watcher: FileWatcher | None) -> None:
    """Serve until told to stop, with a watcher of the files where there is one; ends the process."""
    Gunicorn(app, sockets, workers, watcher).run()
