"""Run gunicorn with bound sockets and a loaded application, without its own settings files."""

import os
import signal
import socket
from collections.abc import Sequence
from typing import Any

from gunicorn import glogging
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from mockserver.config.tempfiles import writable_directory
from mockserver.web.application import Application
from mockserver.web.servers import stop_signals, worker_signals
from mockserver.web.servers.gunicorn_worker import EventLoopWorker
from mockserver.web.servers.reload import FileWatcher


class Logger(glogging.Logger):  # type: ignore[misc]
    """gunicorn's log, in the format of the server log."""

    def setup(self, cfg: Any) -> None:
        """See gunicorn."""
        super().setup(cfg)
        self.error_log.handlers, self.error_log.propagate = [], True


_LOGGERS = {"text": glogging.Logger, "json": Logger}


class MockArbiter(Arbiter):  # type: ignore[misc]
    """gunicorn's first process. A closed terminal (SIGHUP) stops it.

    gunicorn itself would start new workers and keep the port.
    """

    def init_signals(self) -> None:
        """See `Arbiter`."""
        stops = stop_signals.hangup_stops()
        super().init_signals()
        if not stops:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def spawn_worker(self) -> Any:
        """See `Arbiter`. The worker releases the blocked signals once its loop runs."""
        worker_signals.hold()
        try:
            return super().spawn_worker()
        finally:
            worker_signals.release()

    def handle_hup(self) -> None:
        """Stop, as for SIGTERM."""
        self.handle_term()


class Gunicorn(BaseApplication):  # type: ignore[misc]
    """gunicorn for an existing application."""

    def __init__(
        self,
        app: Application,
        sockets: list[socket.socket],
        workers: int,
        watchers: Sequence[FileWatcher],
    ) -> None:
        self._app, self._sockets, self._workers, self._watchers = app, sockets, workers, watchers
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's settings."""
        options: dict[str, Any] = {
            "bind": [f"fd://{listener.fileno()}" for listener in self._sockets],
            "worker_class": f"{EventLoopWorker.__module__}.{EventLoopWorker.__qualname__}",
            "workers": self._workers,
            "preload_app": True,  # loaded once, so that workers share its memory
            "proc_name": "mockserver",
            "loglevel": "warning",
            "logger_class": _LOGGERS[self._app.server.settings.log_format],
            "graceful_timeout": stop_signals.GRACE,
            "control_socket_disable": True,
            "worker_tmp_dir": str(writable_directory()),
            "post_fork": _after_fork,
            "post_worker_init": self._begin,
            "worker_exit": self._end,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Application:
        """Return the application."""
        return self._app

    def run(self) -> None:
        """Serve, and exit the process."""
        MockArbiter(self).run()

    def _begin(self, worker: Any) -> None:
        """Open connections in each worker: they do not survive a fork."""
        self._app.server.open()
        for watcher in self._watchers:
            watcher.start(self._app.server)

    def _end(self, arbiter: Any, worker: Any) -> None:
        # gunicorn also calls this function in the parent, after a worker has exited.
        if worker.pid == os.getpid():
            self._app.server.close()


def _after_fork(arbiter: Any, worker: Any) -> None:
    worker_signals.leave_to_parent()


def run(
    app: Application, sockets: list[socket.socket], workers: int, watchers: Sequence[FileWatcher]
) -> None:
    """Serve until a signal stops the server, then exit the process. `watchers` reload files."""
    Gunicorn(app, sockets, workers, watchers).run()
