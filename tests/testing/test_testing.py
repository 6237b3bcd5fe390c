"""Servers, sandboxes and journals that the pytest plugin gives to tests."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from helpers.processes import child_ids, clean_environ
from helpers.raw_http import readable
from helpers.shipped_api import TRASH

from mockserver.errors import MockServerError
from mockserver.testing import RUNNERS, Sandbox, running
from mockserver.testing.journal_report import format_journal
from mockserver.testing.pytest_plugin import MODES

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


def test_each_mode_of_the_plugin_has_a_runner() -> None:
    assert tuple(RUNNERS) == MODES == ("thread", "process")


STARTS = {
    "nobody there": (
        "thread",
        "http://127.0.0.1:1",
        {},
        "no mock server is reachable at http://127.0.0.1:1",
    ),
    "no URL": ("thread", "here", {}, "invalid server URL 'here'; expected http://HOST:PORT"),
    "no folder": (
        "thread",
        "",
        {"schemas": "/none"},
        "--schemas: expected an existing folder, got '/none'",
    ),
    "no folder, process": (
        "process",
        "",
        {"fixtures": "/none"},
        "--fixtures: expected an existing folder, got '/none'",
    ),
}


@pytest.mark.parametrize("name", [*STARTS])
def test_a_server_that_cannot_start_reports_the_reason(name: str) -> None:
    mode, url, folders, why = STARTS[name]
    with pytest.raises(MockServerError, match=re.escape(why)), running(mode, url, folders):
        pass


@pytest.mark.parametrize(
    "nodeid",
    [
        "tests/test_a.py::test_b",
        "t.py::test_c[" + "x" * 300 + "]",
        "t.py::test_[ü/ö]",
        "README.md::é",
    ],
)
def test_each_test_has_a_valid_sandbox_name(nodeid: str) -> None:
    own, again, other = (
        Sandbox.of_test("http://here", each) for each in (nodeid, nodeid, nodeid + "2")
    )
    assert own == again
    assert own.sandbox != other.sandbox
    assert len(own.sandbox) <= 64
    assert own.sandbox.replace("-", "").replace("_", "").isalnum()
    assert own.sandbox.isascii()


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
    with running("thread", "", {}) as url:
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
import os, signal
from mockserver.testing import running

with running("process", "", {}) as url:
    print(os.getpid(), flush=True)
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
    call = [sys.executable, "-P", "-c", KILLED]
    with subprocess.Popen(
        call, cwd=tmp_path, env=clean_environ(), stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout
        assert tests.stdout.readline() == f"{tests.pid}\n"
        servers = {pid: os.pidfd_open(pid) for pid in below(tests.pid)}
        groups = {os.getpgid(pid) for pid in servers}
        tests.kill()
    try:
        assert groups == {next(iter(servers))}, "Ctrl-C is for the tests alone"
        for pid, ends in servers.items():
            assert readable([ends], 60), f"process {pid} goes on"
    finally:
        for ends in servers.values():
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(ends, signal.SIGKILL)
            os.close(ends)
