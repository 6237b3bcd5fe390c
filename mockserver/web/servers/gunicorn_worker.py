"""The gunicorn worker. gunicorn manages the process, and an event loop serves its requests."""

import asyncio
import os
import resource
import signal
import sys
from contextlib import suppress

from gunicorn.workers.base import Worker

from mockserver.web.http.event_loop import new_event_loop
from mockserver.web.http.server import SWITCH_INTERVAL, HttpServer
from mockserver.web.servers import worker_signals

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_MACOS_FILES = 10240
"""The limit of open files of macOS (OPEN_MAX), if its maximum is given as infinity."""


class EventLoopWorker(Worker):  # type: ignore[misc]
    """Serves all connections of one process on one event loop: uvloop's, or else asyncio's."""

    def init_process(self) -> None:
        """See `Worker`. The loop is created after the fork."""
        self._loop = new_event_loop()
        self._stop = asyncio.Event()
        super().init_process()

    def init_signals(self) -> None:
        """See `Worker`. A stop signal stops the loop.

        A signal that arrived after the fork is blocked until the loop runs.
        """
        for number in set(self.SIGNALS).difference(STOP_SIGNALS):
            signal.signal(number, signal.SIG_DFL)
        for number in STOP_SIGNALS:
            self._loop.add_signal_handler(number, self._stop.set)
        self._loop.add_signal_handler(signal.SIGWINCH, lambda: None)

    def run(self) -> None:
        """Serve until a signal stops the worker, or its parent has exited."""
        sys.setswitchinterval(SWITCH_INTERVAL)
        _raise_file_limit()
        sockets = [listener.sock for listener in self.sockets]
        server = HttpServer(self.wsgi, sockets, shares_sockets=self.cfg.workers > 1)
        self._loop.call_soon(worker_signals.release)
        grace = self.cfg.graceful_timeout
        self._loop.run_until_complete(server.serve(self._stop, grace, self._continues))
        self._loop.close()

    def _continues(self) -> bool:
        """Notify the parent. Return whether this worker continues to serve."""
        self.notify()
        return bool(self.alive) and self.ppid == os.getppid()


def _raise_file_limit() -> None:
    """Raise the limit of open files to its maximum. Each connection is an open file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in (hard, _MACOS_FILES):
        if 0 <= limit < soft:
            return
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            return
