"""A server for one pytest session: in a thread, in a separate process, or already running.

Environment variables do not change its settings: tests would differ from machine to machine.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from tempfile import TemporaryFile
from threading import Thread
from typing import IO

from mockserver.cli.admin_client import call
from mockserver.config.processes import CAN_FORK
from mockserver.config.setting_sources import load_settings
from mockserver.config.settings import PREFIX
from mockserver.contract.loader import load_contract
from mockserver.errors import StartError
from mockserver.pipeline.factory import make_server
from mockserver.testing import child_process
from mockserver.web.application import Application
from mockserver.web.http.server import HttpServer
from mockserver.web.servers.sockets import bind

LAST_WAIT = 15
"""Seconds until a process that does not stop is killed; it waits up to ten for open requests."""
GRACE = 1.0
"""Seconds that open requests get at the end of a session in which the server is a thread."""
Folders = Mapping[str, str]
"""The settings `schemas` and `fixtures`, if they are not the shipped folders."""


@contextmanager
def running(mode: str, url: str, folders: Folders) -> Iterator[str]:
    """Provide the URL of a server: the one at `url`, or a new one that is stopped at the end.

    Raises:
        InvalidFiles: The contract is invalid.
        UsageError: The URL or a folder is invalid.
        StartError: The server is not reachable, or does not start.
    """
    server = _running_already(url) if url else RUNNERS[mode](folders)
    with server as address:
        yield address


@contextmanager
def _running_already(url: str) -> Iterator[str]:
    call(url, "GET", "/scenarios")  # a missing token fails once, not after each test
    yield url.rstrip("/")


@contextmanager
def _thread(folders: Folders) -> Iterator[str]:
    configured = load_settings(
        {**folders, "store": "memory:", "host": "127.0.0.1", "port": "0"}, {}
    )
    server = make_server(configured, load_contract(configured.schemas, configured.fixtures))
    sockets = bind(configured)
    server.open()
    loop, stop = asyncio.SelectorEventLoop(), asyncio.Event()
    http_server = HttpServer(Application(server), sockets, shares_sockets=False)
    serving = http_server.serve(stop, GRACE)
    thread = Thread(target=loop.run_until_complete, args=(serving,), name="mockserver", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
        server.close()


@contextmanager
def _process(folders: Folders) -> Iterator[str]:
    # -P: a folder `mockserver` of the tests must not shadow the package.
    command = [sys.executable, "-P", "-m", child_process.__name__, "serve"]
    command += ["--host=127.0.0.1", "--port=0", "--workers=1"]
    command += [f"--{name}={folder}" for name, folder in folders.items()]
    environ = dict(os.environ)
    for name in os.environ:
        if name.startswith(PREFIX):
            del environ[name]
    # A separate process group: Ctrl-C stops pytest, whose tests may still call the server.
    # Nothing is written to its stdin. It closes when this process exits, and the server then stops.
    with (
        TemporaryFile("w+", encoding="utf-8", errors="replace") as stderr,
        subprocess.Popen(  # noqa: S603
            command,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            encoding="utf-8",
            errors="replace",
            process_group=0,  # Windows ignores it, and has a flag instead
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        ) as process,
    ):
        try:
            yield _address(process, stderr)
        finally:
            _end(process)


def _address(process: subprocess.Popen[str], stderr: IO[str]) -> str:
    """Return the URL from the start message.

    Raises:
        StartError: The process exits without it; the text has its stderr.
    """
    assert process.stdout  # noqa: S101
    for line in process.stdout:
        match = re.search(r"docs +(http://\S+)/docs", line)
        if match:
            return match[1]
    stderr.seek(0)
    raise StartError(f"mockserver serve exited: {stderr.read().strip() or 'without a message'}")


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin  # noqa: S101
    process.stdin.close()  # on Windows, `terminate` would leave the temporary files
    try:
        process.wait(LAST_WAIT)
    except subprocess.TimeoutExpired:
        if CAN_FORK:
            os.killpg(process.pid, signal.SIGKILL)  # its workers too
        else:
            process.kill()


RUNNERS: dict[str, Callable[[Folders], AbstractContextManager[str]]] = {
    "thread": _thread,
    "process": _process,
}
"""How to start a server, by mode."""
