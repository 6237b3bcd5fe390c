"""A server for one pytest session: in a thread of this process, as a process of its own, or one that runs already.

The settings are those of the session and the defaults: what the environment says would make tests differ from machine to machine.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from tempfile import TemporaryFile
from threading import Thread
from typing import IO, Any

from werkzeug.serving import WSGIRequestHandler, make_server

from mockserver.cli.admin_client import call
from mockserver.config import settings
from mockserver.errors import StartError
from mockserver.testing import child_process
from mockserver.web.app import create_app

LAST_WAIT = 15
"""Seconds that a process has to end, which gives requests under way ten; then it is killed."""
_POLL = 0.02
"""Seconds after which the thread's server sees that it is to stop."""
Folders = Mapping[str, str]
"""The settings `schemas` and `fixtures`, where they are not the shipped ones."""


@contextmanager
def running(mode: str, url: str, folders: Folders) -> Iterator[str]:
    """The address of a server, which is the one at `url` where there is one; what was started here is ended.

    Raises `FaultsFound`, `UsageError` and `StartError`.
    """
    with _running_already(url) if url else RUNNERS[mode](folders) as address:
        yield address


@contextmanager
def _running_already(url: str) -> Iterator[str]:
    call(url, "GET", "/scenarios")  # a token that is missing is said once, and not after each test
    yield url.rstrip("/")


@contextmanager
def _thread(folders: Folders) -> Iterator[str]:
    app = create_app(settings.load_settings({**folders, "store": "memory:"}, {}))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    thread = Thread(target=server.serve_forever, args=(_POLL,), name="mockserver", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        app.extensions["mockserver-streams"].end()
        app.extensions["mockserver"].delays.stopping = True
        server.shutdown()
        thread.join()
        app.extensions["mockserver"].close()


class _Silent(WSGIRequestHandler):
    """Writes no log: the journal has it all, and a test's captured output is the test's own."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def _process(folders: Folders) -> Iterator[str]:
    # -P: a folder of the tests' own that is called mockserver must not stand in the package's place.
    call = [sys.executable, "-P", "-m", child_process.__name__, "serve", "--host", "127.0.0.1", "--port", "0", "--workers", "1"]
    call += [f"--{name}={folder}" for name, folder in folders.items()]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(settings.PREFIX)}
    # In a group of its own: Ctrl-C is for pytest, which then ends its tests, and they may still ask the server.
    # Nothing is ever written to its stdin: it closes when this process is gone, and the server minds that.
    with (
        TemporaryFile("w+") as said,
        subprocess.Popen(  # noqa: S603
            call, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True, process_group=0
        ) as process,
    ):
        try:
            yield _address(process, said)
        finally:
            _end(process)


def _address(process: subprocess.Popen[str], said: IO[str]) -> str:
    """Where it serves, which it says when it listens. Raises `StartError` with what it said where it ends instead."""
    assert process.stdout  # noqa: S101
    for line in process.stdout:
        if found := re.search(r"docs +(http://\S+)/docs", line):
            return found[1]
    said.seek(0)
    raise StartError(f"mockserver serve exited: {said.read().strip() or 'without a message'}")


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(LAST_WAIT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # its workers too


RUNNERS: dict[str, Callable[[Folders], AbstractContextManager[str]]] = {"thread": _thread, "process": _process}
"""The ways in which a server can be started here."""
