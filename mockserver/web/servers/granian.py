"""The same application under granian (extra `mockserver[granian]`): a server in Rust, with threads for the application.

Faster by far for short answers. What it does not have: the mock server's own words for what it refuses before there is a
request, and a second address: it listens on the first one only.
"""

import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable
from multiprocessing.util import Finalize
from threading import Thread
from typing import Any

import flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from mockserver.formats.header_text import text_of
from mockserver.pipeline.mock_server import MockServer
from mockserver.telemetry import server_log
from mockserver.web.servers import stop_signals
from mockserver.web.servers.reload import FileWatcher

THREADS = 32
"""The most threads of each worker that answer. granian starts them when they are needed; a waiting answer holds one."""
WAITING = 24
"""How many answers of each worker may wait; the other threads are left to those that do not."""


class Server(Granian):  # type: ignore[misc, valid-type]
    """granian's first process. A closed terminal stops it; granian itself would start new workers and keep the port."""

    hangup_stops = True

    def signal_handler_reload(self, *_: Any) -> None:
        """Stop, as for SIGTERM, unless SIGHUP was ignored at the start."""
        if self.hangup_stops:
            self.signal_handler_interrupt()

    def _stop_workers(self) -> None:
        """Wait for the workers' end. granian reads it twice, and on a busy machine reports a worker that it did not kill."""
        for worker in self.wrks:
            worker.terminate()
        until = time.monotonic() + stop_signals.GRACE
        while time.monotonic() < until and any(worker.is_alive() for worker in self.wrks):
            time.sleep(0.01)
        super()._stop_workers()


def run(app: flask.Flask, sockets: list[socket.socket], workers: int, watcher: FileWatcher | None) -> None:
    """Serve until told to stop. The sockets have shown that the address is free; granian binds its own."""
    address, port = sockets[0].getsockname()[:2]
    # It warns of more threads than the processor has work for; ours mostly wait.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    for each in sockets:
        each.close()
    # What is loaded and checked here is there in the workers, whatever Python's default is (3.14 has another).
    multiprocessing.set_start_method("fork", force=True)
    os.register_at_fork(before=stop_signals.hold, after_in_parent=stop_signals.release, after_in_child=_reset_signals)
    granian = Server(
        "mockserver",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        backpressure=1024,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=1,  # after `GRACE`
        respawn_failed_workers=True,
        respawn_interval=0.1,
    )
    granian.hangup_stops = stop_signals.hangup_stops()
    granian.serve(target_loader=_loader(app, watcher), wrap_loader=False)


def _reset_signals() -> None:
    """Until a worker minds signals itself it would handle them as its parent does, and so miss that it is to stop."""
    stop_signals.leave_to_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    stop_signals.release()


def _loader(app: flask.Flask, watcher: FileWatcher | None) -> Callable[..., Any]:
    """What each worker calls, after the fork, for the application."""

    def load(*_: Any) -> flask.Flask:
        server = app.extensions["mockserver"]
        server_log.configure(server.settings.log_format)  # granian has put its own in place
        server.open()
        server.delays.limit = WAITING
        _watch_for_shutdown(server)
        # granian tells its workers' end to nobody; multiprocessing, which runs them, does.
        Finalize(None, server.close, exitpriority=1)
        if watcher:
            watcher.start(server)
        app.wsgi_app = _with_text_headers(app.wsgi_app)  # type: ignore[method-assign]
        return app

    return load


def _with_text_headers(application: Any) -> Any:
    """The application for granian, which encodes header values itself: it takes text, where WSGI has bytes as Latin-1."""

    def call(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [(name, text_of(value)) for name, value in headers], exc_info)

        return application(environ, start)

    return call


def _watch_for_shutdown(server: MockServer) -> None:
    """Let what waits know that the server is to stop. granian tells it to nobody; Python tells of each signal that it is sent."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def read() -> None:
        while os.read(reading, 1)[0] != signal.SIGTERM:
            pass
        server.delays.stopping = True

    Thread(target=read, daemon=True, name="mockserver-end").start()
