"""Servers, sandboxes and journals that the pytest plugin gives to tests."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from apib_mockserver import server
from apib_mockserver.journal_text import format_journal
from apib_mockserver.server import ServerSource, ServerUnavailable, running
from helpers.plugin_sessions import COMMAND
from helpers.processes import child_ids, clean_environ, free_port
from helpers.raw_http import readable
from helpers.shipped_api import TRASH

pytestmark = pytest.mark.server


def exchange(number: int, path: str) -> dict[str, Any]:
    return {
        "status": 200,
        "method": "GET",
        "path": path,
        "query": f"n={number}",
        "reason": "state",
        "violations": [],
    }


def test_a_long_journal_is_cut() -> None:
    lines = format_journal(
        [exchange(number, "/" + "x" * 1000) for number in range(60)]
    ).splitlines()
    assert len(lines) == 51
    assert lines[0] == "(10 earlier exchanges omitted)"
    assert max(map(len, lines)) == 300


def test_control_characters_of_a_path_are_escaped() -> None:
    assert format_journal([exchange(1, "/\x1b[2J\n")]) == "200  GET  /\\x1b[2J\\n?n=1  state"


STARTS = {
    "nobody there": (
        ServerSource(url="http://127.0.0.1:1"),
        "Connection refused; check --mockserver-url, MOCKSERVER_URL and the ini option",
    ),
    "no URL": (
        ServerSource(url="here"),
        "expected the URL of a mock server, such as http://localhost:8080, got 'here'",
    ),
    "no folder": (
        ServerSource(settings={"schemas": "/none"}),
        "--schemas: expected an existing folder, got '/none'",
    ),
    "an invalid flag of a command": (
        ServerSource(command=f"{COMMAND} --fixtures=/none"),
        "--fixtures: expected an existing folder, got '/none'",
    ),
    "no program": (
        ServerSource(command="~/mock serve"),
        "cannot run '~/mock': No such file or directory; "
        "name a program, without `~`, variables and commands of a shell",
    ),
    "an open quote": (
        ServerSource(command="a 'b"),
        'invalid command "a \'b": No closing quotation',
    ),
    "no words": (ServerSource(command=" "), "invalid command ' ': expected a program"),
    "a program without a message": (
        ServerSource(command="false"),
        "the command exited with 1. It printed nothing",
    ),
}


@pytest.mark.parametrize("name", [*STARTS])
def test_a_server_that_cannot_start_reports_the_reason(name: str) -> None:
    source, reason = STARTS[name]
    with pytest.raises(ServerUnavailable, match=re.escape(reason)), running(source):
        pass


def test_a_command_that_does_not_serve_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "START_SECONDS", 0.0)
    source = ServerSource(command="sh -c 'echo $MOCKSERVER_PORT {port}; exec tail -f /dev/null'")
    with pytest.raises(ServerUnavailable) as caught, running(source):
        pass
    message = str(caught.value)
    assert "let it listen on {port}, or on MOCKSERVER_PORT of its environment" in message


@pytest.mark.parametrize(
    ("escape", "command", "words"),
    [
        ("\\", r"a\ b 'c d' --e='f g' #h", ["a b", "c d", "--e=f g", "#h"]),
        ("", r'C:\a.exe "C:\b c" --d="e f" #g', ["C:\\a.exe", "C:\\b c", "--d=e f", "#g"]),
    ],
    ids=["posix", "windows"],
)
def test_a_command_is_split_into_words(
    monkeypatch: pytest.MonkeyPatch, escape: str, command: str, words: list[str]
) -> None:
    monkeypatch.setattr(server, "ESCAPE", escape)
    assert server._words(command) == words


def test_the_ports_of_commands_that_start_at_once_differ() -> None:
    with ExitStack() as exit_stack:
        ports = {exit_stack.enter_context(server._reserved_port()) for _ in range(400)}
    assert len(ports) == 400


def test_a_port_that_is_in_use_is_not_reserved(monkeypatch: pytest.MonkeyPatch) -> None:
    free = free_port()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        used = listener.getsockname()[1]
        monkeypatch.setattr(server, "PORTS", [used] * 9 + [free])
        with server._reserved_port() as port:
            assert port == str(free)


def test_without_a_server_the_three_ways_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SERVER_MODULE", "no_mockserver.web.servers.thread")
    with pytest.raises(ServerUnavailable) as caught, running(ServerSource()):
        pass
    for way in ("MOCKSERVER_URL=", "MOCKSERVER_COMMAND=", "the package apib-mockserver"):
        assert way in str(caught.value)


def opened(url: str, path: str, *headers: str) -> socket.socket:
    """Yield a connection whose endless response has begun."""
    at = urlsplit(url)
    connection = socket.create_connection((str(at.hostname), at.port))
    connection.sendall(
        "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {at.netloc}", *headers, "", ""]).encode()
    )
    assert connection.recv(12) == b"HTTP/1.1 200"
    return connection


def test_a_server_in_a_thread_ends_endless_responses_when_it_stops() -> None:
    before = set(threading.enumerate())
    with running(ServerSource()) as url:
        endless = opened(url, TRASH, "X-Access-Token: any", "Prefer: scenario=fault-endless")
        stream = opened(url, "/__admin/events")
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive(), f"{thread.name} goes on"
    endless.close()
    stream.close()
    with pytest.raises(ConnectionRefusedError):
        opened(url, TRASH)


KILLED = """
import os, signal, sys
from apib_mockserver.server import ServerSource, running

with running(ServerSource(command=sys.argv[1])) as url:
    fork = os.fork()
    if fork:
        print(os.getpid(), fork, flush=True)
    signal.pause()
"""


def below(pid: int) -> list[int]:
    """Return the processes that a process has started, directly or not."""
    return [each for child in child_ids(pid) for each in (child, *below(child))]


@pytest.mark.skipif(
    not hasattr(os, "pidfd_open"),
    reason="only Linux reports the end of a process that is not a child",
)
def test_a_server_stops_when_its_pytest_is_killed(tmp_path: Path) -> None:
    (tmp_path / "mockserver.py").write_text(
        "raise SystemExit('a file of the tests stands in the place of the package')"
    )
    call = [sys.executable, "-P", "-c", KILLED, COMMAND]
    with subprocess.Popen(
        call, cwd=tmp_path, env=clean_environ(), stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout
        pid, fork = map(int, tests.stdout.readline().split())
        assert pid == tests.pid
        app = os.pidfd_open(fork)
        servers = {pid: os.pidfd_open(pid) for pid in below(tests.pid) if pid != fork}
        groups = {os.getpgid(pid) for pid in servers}
        tests.kill()
    try:
        assert os.getpgid(0) not in groups, "Ctrl-C is for the tests alone"
        for pid, ends in servers.items():
            assert readable([ends], 60), f"process {pid} goes on"
        assert not readable([app], 0), "a fork of the tests outlives them"
    finally:
        for ends in (*servers.values(), app):
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(ends, signal.SIGKILL)
            os.close(ends)
