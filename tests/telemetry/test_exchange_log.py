"""The exchange log: one safe line for each exchange, in every worker."""

import http.client
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request as Call
from urllib.request import urlopen

import pytest
from helpers.processes import clean_environ, healthy_server, running_server
from helpers.repository import ROOT
from helpers.shipped_api import BUSY, EXPORTS, LIST_TRASH, RETRIEVE, TRASH

from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.journal import JournalEntry
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.telemetry.exchange_log import FORMATS, entry_fields
from mockserver.telemetry.line_writer import MAX_LINE_BYTES


@pytest.fixture
def entries(contract: Contract) -> Any:
    """Send a request to the pipeline, and return its journal entry."""
    server, recorded = MockServer(contract, Settings(), MemoryStore(SandboxState())), []
    server._write = recorded.append  # type: ignore[method-assign]

    def ask(method: str, target: str, **headers: str) -> JournalEntry:
        path, _, query = target.partition("?")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        server.respond(
            Request(
                method,
                path,
                query,
                {"x-access-token": "a-secret-token", **named},
                address="192.0.2.7",
            )
        )
        return recorded.pop()

    return ask


PIPE_BYTES = 65536
"""Bytes that a pipe of Linux holds."""
CASES: list[tuple[str, str, str, dict[str, str], dict[str, Any]]] = [
    (
        "a documented response",
        "GET",
        TRASH,
        {},
        {
            "status": 200,
            "operation": LIST_TRASH,
            "closest": None,
            "violations": 0,
            "fault": None,
            "scenario": None,
        },
    ),
    (
        "a request that breaks the contract",
        "GET",
        f"{TRASH}?limit=x&offset=y",
        {},
        {"status": 400, "violations": 2},
    ),
    (
        "no operation",
        "GET",
        "/api/nothing",
        {},
        {"status": 404, "operation": None, "reason": "problem unknown-operation"},
    ),
    (
        "no base path",
        "GET",
        TRASH.removeprefix("/api"),
        {},
        {"status": 404, "operation": None, "closest": f"GET {TRASH}"},
    ),
    (
        "a scenario",
        "GET",
        f"{EXPORTS}/100",
        {"prefer": f"scenario={RETRIEVE}-404"},
        {"scenario": f"{RETRIEVE}-404"},
    ),
    ("a fault", "GET", f"{EXPORTS}/100", {"prefer": "scenario=fault-reset"}, {"fault": "reset"}),
    (
        "a sandbox",
        "GET",
        TRASH,
        {"x_access_token": "another-secret@anna"},
        {"sandbox": "anna", "token": "ano…(14)@anna"},
    ),
]


@pytest.mark.parametrize(
    ("method", "target", "headers", "expected"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_log_line_describes_an_exchange(
    entries: Any, method: str, target: str, headers: Any, expected: dict[str, Any]
) -> None:
    entry = entries(method, target, **headers)
    line = json.loads(FORMATS["json"](entry_fields(entry)))
    path = target.partition("?")[0]
    common = {"method": method, "path": path, "address": "192.0.2.7", "token": "a-s…(14)"}
    assert line == line | common | expected
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert line["duration_ms"] > 0
    for kind in FORMATS.values():
        assert "secret" not in kind(entry_fields(entry))


def test_a_text_line_starts_with_method_path_and_status_and_names_the_other_fields(
    entries: Any,
) -> None:
    line = FORMATS["text"](entry_fields(entries("GET", TRASH, prefer="code=200")))
    _time, method, path, status, *words = shlex.split(line)
    assert [method, path, status] == ["GET", TRASH, "200"]
    named = dict(word.split("=", 1) for word in words)
    expected = {"sandbox": "default", "operation": LIST_TRASH, "address": "192.0.2.7"}
    assert named == named | expected
    assert {"fault", "scenario", "violations", "closest"}.isdisjoint(named)


NASTY = {
    "a forged line": "/api/x\n2026-01-01T00:00:00Z GET /forged 200",
    "carriage return": "/api/x\r\rGET",
    "colours": "/api/\x1b[31mred\x1b[0m",
    "a title for the terminal": "/api/\x1b]0;owned\x07",
    "eight-bit colours": "/api/\x9b31mred",
    "line separators": "/api/\u2028\u2029\x85",
    "turned around": "/api/\u202egpj.exe",
    "a null": "/api/\x00",
    "delete": "/api/\x7f",
    "quotes": '/api/","status":200,"x":"\\" status=200',
    "long": "/api/" + "\U0001f4a3" * 2000,
    "long and plain": "/api/" + "x" * 8000,
}


@pytest.mark.parametrize("path", NASTY.values(), ids=NASTY.keys())
def test_a_hostile_path_results_in_one_short_printable_line(entries: Any, path: str) -> None:
    entry = entries("GET", path, prefer=f"scenario={path}", x_access_token=f"tok@{path}")
    for kind in FORMATS.values():
        line = kind(entry_fields(entry))
        assert all(" " <= character <= "~" for character in line)
        assert len(line) < MAX_LINE_BYTES
    fields = json.loads(FORMATS["json"](entry_fields(entry)))
    assert fields["status"] == entry.status
    assert path.startswith(fields["path"].removesuffix("…"))


def call(url: str, path: str, **headers: str) -> None:
    with urlopen(Call(f"{url}{path}", headers={"X-Access-Token": "a-secret-token", **headers})):
        pass


@pytest.mark.server
def test_all_workers_write_every_exchange() -> None:
    paths = [f"/api/push_notifications/{number}/exports" for number in range(40)]
    with healthy_server("--workers", "2", "--access-log", "--log-format", "json") as process:
        for path in paths:
            call(process.url, path)
        process.send_signal(signal.SIGTERM)
        lines = [json.loads(line) for line in process.stdout]
    assert sorted(line["path"] for line in lines) == sorted(paths)


@pytest.mark.server
def test_the_access_log_is_off_by_default_without_a_terminal() -> None:
    with healthy_server("--workers", "1") as process:
        call(process.url, TRASH)
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == ""


@contextmanager
def on_a_terminal(*arguments: str) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """Start a server whose stdout is a terminal.

    Yield its URL, and a function that stops it and returns the lines after the banner.
    """
    terminal, stdout = os.openpty()
    call = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *arguments]
    process = subprocess.Popen(
        call, cwd=ROOT, env=clean_environ(), stdout=stdout, stderr=subprocess.PIPE
    )
    os.close(stdout)
    lines = lines_of(terminal)

    def end() -> list[str]:
        process.send_signal(signal.SIGTERM)
        return list(lines)

    try:
        yield url_in_banner(lines), end
    finally:
        process.terminate()
        assert process.stderr
        assert process.stderr.read() == b""
        process.stderr.close()
        process.wait()
        os.close(terminal)


def url_in_banner(lines: Iterator[str]) -> str:
    """Read the banner to its end, the first empty line after the URLs, and return the URL."""
    url = ""
    for line in lines:
        link = re.search(r"docs +(http://\S+)/docs", line)
        if link:
            url = link[1]
        if url and not line:
            return url
    raise AssertionError("the banner has no URL")


def lines_of(terminal: int) -> Iterator[str]:
    """Yield the lines that a terminal receives, until no process has it open."""
    rest = b""
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:  # EIO: Linux reports the end so
            data = b""
        *lines, rest = (rest + data).split(b"\r\n")
        yield from (line.decode() for line in lines)
        if not data:
            return


@pytest.mark.server
def test_on_a_terminal_each_request_to_the_api_is_a_line() -> None:
    with on_a_terminal("--workers", "2") as (url, end):
        call(url, TRASH)
        with pytest.raises(HTTPError):
            call(url, TRASH.removeprefix("/api"))
        call(url, "/__admin/health")
        call(url, "/")
        lines = end()
    served, unmatched = sorted(lines, key=lambda line: " 404 " in line)
    assert served.split()[1:4] == ["GET", TRASH, "200"]
    assert unmatched.split()[1:4] == ["GET", TRASH.removeprefix("/api"), "404"]
    closest = f'closest="GET {TRASH}"'
    assert closest in unmatched
    assert closest not in served


@pytest.mark.server
@pytest.mark.parametrize("switch", ["--access-log=off", "--access-log=0"])
def test_on_a_terminal_the_access_log_can_be_switched_off(switch: str) -> None:
    with on_a_terminal("--workers", "1", switch) as (url, end):
        call(url, TRASH)
        assert end() == []


@pytest.mark.server
def test_an_unread_log_delays_no_request() -> None:
    path = f"/api/{'x' * 800}"
    requests = 10 * PIPE_BYTES // len(path)  # ten times what the pipe can hold
    with running_server("--workers", "1", "--access-log") as process:
        connection = http.client.HTTPConnection(urlsplit(process.url).netloc)
        for _ in range(requests):
            connection.request("GET", path, headers={"X-Access-Token": "t"})
            assert connection.getresponse().read()
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0


@pytest.mark.server
def test_the_server_log_has_the_format_of_the_exchange_log() -> None:
    with running_server(
        "--workers", "1", "--log-format", "json", "--host", "127.0.0.1", MOCKSERVER_COLOUR="red"
    ) as process:
        call(process.url, f"/api/push_notifications/{BUSY}/exports")
        process.send_signal(signal.SIGTERM)
        process.wait()
        warnings = [json.loads(line) for line in process.stderr]
    assert json.loads(process.banner)["message"].startswith("mockserver 0.1.0 serves ")
    (warning,) = warnings
    assert warning["message"] == "Unknown setting MOCKSERVER_COLOUR (ignored)."
    assert (warning["level"], warning["logger"]) == ("warning", "mockserver")
