"""A server for one pytest session: one that runs, a command that starts one, or a thread.

Environment variables do not change the settings of a server that is started: tests would differ
from machine to machine.
"""

from __future__ import annotations

import os
import random
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import IO, NamedTuple

from apib_mockserver import command_process
from apib_mockserver.connection import Connection
from apib_mockserver.errors import NoResponse, ProblemError
from apib_mockserver.mock_server import connect

PREFIX = "MOCKSERVER_"
"""The first letters of the environment variables of the server and of the plugin."""
START_SECONDS = 120.0
"""Seconds until a command that does not serve is stopped; the start of a container takes some."""
POLL_SECONDS = 0.05
PORTS = range(20_000, 32_768)
"""The ports for commands. No system takes them for connections that a program opens."""
ESCAPE = "" if os.name == "nt" else "\\"
"""The character of a command that escapes the next one. On Windows, it separates folders."""
SERVER_MODULE = "mockserver.web.servers.thread"
"""The module of the server's distribution that runs a server in this process."""
WAYS = """there is no mock server; do one of these:
  name a running one: MOCKSERVER_URL=http://localhost:8080
  start one from another environment: MOCKSERVER_COMMAND="/opt/mock/bin/mockserver serve"
  install one in this environment: the package apib-mockserver"""


class ServerSource(NamedTuple):
    """How the session gets its server: the first of these that is not empty, else a thread."""

    url: str = ""
    command: str = ""
    folder: str = ""
    """The working directory of the command."""
    settings: Mapping[str, str] = MappingProxyType({})
    """The settings of a thread, such as `fixtures`, if they are not the defaults."""


class ServerUnavailable(Exception):
    """The server cannot be used; the message has the reason."""


@contextmanager
def running(source: ServerSource, token: str | None = None) -> Iterator[str]:
    """Provide the URL of a server. One that was started here is stopped at the end.

    Raises:
        ServerUnavailable: There is no server, or it does not start, or refuses the token.
    """
    advice = ""
    with ExitStack() as exit_stack:
        if source.url:
            url = source.url.rstrip("/")
            advice = "; check --mockserver-url, MOCKSERVER_URL and the ini option"
        elif source.command:
            url = exit_stack.enter_context(_command(source.command, source.folder))
        else:
            url = exit_stack.enter_context(_thread(source.settings))
        _check(url, token, advice)
        yield url


def _check(url: str, token: str | None, advice: str) -> None:
    """Raise `ServerUnavailable` if the admin API refuses a call: once, not after each test.

    `advice` ends the message if no mock server responds.
    """
    try:
        connect(url, token=token).sandbox("default").scenarios()
    except NoResponse as error:
        raise ServerUnavailable(f"{error}{advice}") from None
    except (ValueError, ProblemError) as error:
        raise ServerUnavailable(str(error)) from None


@contextmanager
def _thread(settings: Mapping[str, str]) -> Iterator[str]:
    try:
        thread = import_module(SERVER_MODULE)
    except ModuleNotFoundError as error:
        if not SERVER_MODULE.startswith(error.name or "?"):
            raise  # the server is installed, and a package that it needs is not
        raise ServerUnavailable(WAYS) from None
    errors = import_module("mockserver.errors")
    with ExitStack() as exit_stack:
        try:
            url = exit_stack.enter_context(thread.running_in_thread(settings))
        except errors.MockServerError as error:
            raise ServerUnavailable(str(error)) from None
        yield url


@contextmanager
def _command(command: str, folder: str) -> Iterator[str]:
    words = _words(command)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    with (
        _reserved_port() as port,
        TemporaryFile("w+", encoding="utf-8", errors="replace") as output,
    ):
        environ[f"{PREFIX}PORT"] = port
        # -I: a module of the tests must not shadow one of the standard library.
        call = [sys.executable, "-I", command_process.__file__]
        call += [word.replace("{port}", port) for word in words]
        # Its end closes the standard input, which stops the command.
        with subprocess.Popen(  # noqa: S603
            call,
            cwd=folder or None,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            _close_in_forks(process.stdin)
            url = f"http://127.0.0.1:{port}"
            _wait_until_healthy(url, process, output)
            yield url


def _close_in_forks(pipe: IO[bytes] | None) -> None:
    """Close a pipe in each fork of this process.

    The app under test may be a fork. It must not keep the standard input of the command open.
    """
    if pipe and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=pipe.close)


def _words(command: str) -> list[str]:
    """Return the words of a command line. Raises `ServerUnavailable`."""
    lexer = shlex.shlex(command, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    lexer.escape = ESCAPE
    try:
        words = list(lexer)
    except ValueError as error:
        raise ServerUnavailable(f"invalid command {command!r}: {error}") from None
    if not words:
        raise ServerUnavailable(f"invalid command {command!r}: expected a program")
    return words


@contextmanager
def _reserved_port() -> Iterator[str]:
    """Provide a port that is free, and that no other process of pytest-xdist gets.

    The TCP port is free until the command listens. So the UDP port of this number is the
    reservation.
    """
    ports = random.Random()  # noqa: S311 - an own one: tests may use the shared one with a seed
    with ExitStack() as exit_stack:
        while True:
            port = ports.choice(PORTS)
            reservation = exit_stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
            with socket.socket() as listener, suppress(OSError):  # another program has the port
                reservation.bind(("127.0.0.1", port))
                listener.bind(("127.0.0.1", port))
                break
        yield str(port)


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], output: IO[str]) -> None:
    """Return when the server responds.

    Raises:
        ServerUnavailable: The command exits, or no server responds; the text has its output.
    """
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None:
        if _is_healthy(url):
            return
        if time.monotonic() > deadline:
            advice = "let it listen on {port}, or on MOCKSERVER_PORT of its environment"
            message = f"no mock server responded at {url} in {START_SECONDS:g} s; {advice}"
            raise ServerUnavailable(f"{message}. {_output(output)}")
        time.sleep(POLL_SECONDS)
    raise ServerUnavailable(f"the command exited with {process.returncode}. {_output(output)}")


def _is_healthy(url: str) -> bool:
    try:
        Connection(url).call("GET", "/__admin/health")
    except (NoResponse, ProblemError):
        return False
    return True


def _output(output: IO[str]) -> str:
    output.seek(0)
    text = output.read().strip()
    return f"Its output:\n{text}" if text else "It printed nothing"
