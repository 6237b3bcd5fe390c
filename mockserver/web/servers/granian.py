"""The same application under granian (extra `mockserver[granian]`): a server in Rust, with threads for the application.

It is much faster for short responses. Two things are missing: problem responses to requests that the server itself
rejects, and a second address (it listens on the first one only).
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
"""Maximum number of threads per worker. granian starts them when needed; a delayed response occupies one."""


class Server(Granian):  # type: ignore[misc, valid-type]
    """granian's first process. A closed terminal stops it; granian itself would start new workers and keep the port."""

    hangup_stops = True

    def signal_handler_reload(self, *_: Any) -> None:
        """Stop, as for SIGTERM, unless SIGHUP was ignored at the start."""
        if self.hangup_stops:
            self.signal_handler_interrupt()

    def _stop_workers(self) -> None:
        """Wait until the workers exit. granian checks twice, and on a busy machine reports a worker that it did not kill."""
        for worker in self.wrks:
            worker.terminate()
        deadline = time.monotonic() + stop_signals.GRACE
        while time.monotonic() < deadline and any(worker.is_alive() for worker in self.wrks):
            time.sleep(0.01)
        super()._stop_workers()


def run(app: flask.Flask, sockets: list[socket.socket], workers: int, watcher: FileWatcher | None) -> None:
    """Serve until a signal stops the server. The sockets proved that the address is free; granian binds its own."""
    address, port = sockets[0].getsockname()[:2]
    # granian warns about more threads than CPU cores, but these mostly wait.
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    for listener in sockets:
        listener.close()
    # Workers inherit the loaded contract, whatever Python's default is (it changes in 3.14).
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
    """Restore the default handlers. With the handlers of the parent, a new worker would ignore a stop."""
    stop_signals.leave_to_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    stop_signals.release()


def _loader(app: flask.Flask, watcher: FileWatcher | None) -> Callable[..., Any]:
    """Return the function that each worker calls after the fork to get the application."""

    def load(*_: Any) -> flask.Flask:
        server = app.extensions["mockserver"]
        server_log.configure(server.settings.log_format)  # granian installed its own
        server.open()
        _watch_for_shutdown(server)
        # granian has no hook for the end of a worker, but multiprocessing has.
        Finalize(None, server.close, exitpriority=1)
        if watcher:
            watcher.start(server)
        app.wsgi_app = _with_text_headers(app.wsgi_app)  # type: ignore[method-assign]
        return app

    return load


def _with_text_headers(application: Any) -> Any:
    """Wrap the application for granian, which takes header values as text, not as Latin-1 as in WSGI."""

    def call(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [(name, text_of(value)) for name, value in headers], exc_info)

        return application(environ, start)

    return call


def _watch_for_shutdown(server: MockServer) -> None:
    """End delayed responses when the server stops. granian has no hook for it, but Python's wakeup fd reports each signal."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def read() -> None:
        while os.read(reading, 1)[0] != signal.SIGTERM:
            pass
        server.delays.stopping = True

    Thread(target=read, daemon=True, name="mockserver-end").start()
