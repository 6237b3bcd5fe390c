"""Serve in this process, on a platform that cannot fork, such as Windows."""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mockserver.errors import StartError, StoreUnavailable
from mockserver.web.application import Application
from mockserver.web.http.event_loop import new_event_loop
from mockserver.web.http.server import SWITCH_INTERVAL, HttpServer
from mockserver.web.servers.reload import FileWatcher
from mockserver.web.servers.stop_signals import GRACE, stop_signals


def run(app: Application, sockets: list[socket.socket], watchers: Sequence[FileWatcher]) -> None:
    """Serve until a signal stops the server. `watchers` reload files.

    Raises:
        StartError: the store cannot be opened.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    loop, stop = new_event_loop(), asyncio.Event()
    try:
        app.server.open()
    except StoreUnavailable as error:
        raise StartError(error.detail) from error
    for watcher in watchers:
        watcher.start(app.server)
    server = HttpServer(app, sockets, shares_sockets=False)
    numbers = tuple(stop_signals())
    with _woken_by_signals(loop):
        for number in numbers:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        loop.run_until_complete(server.serve(stop, GRACE))
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
    loop.close()
    app.server.close()


@contextmanager
def _woken_by_signals(loop: Any) -> Iterator[None]:
    """Wake the loop at each signal. On Windows a signal does not interrupt `select`."""
    receiver, sender = socket.socketpair()
    with receiver, sender:
        receiver.setblocking(False)
        sender.setblocking(False)
        loop.add_reader(receiver.fileno(), receiver.recv, 4096)
        signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            loop.remove_reader(receiver.fileno())
