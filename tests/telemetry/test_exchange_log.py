"""The exchange log: one line for each exchange, whatever the client sends, in every worker."""

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
    """Asks the pipeline, and gives the entry that is noted."""
    server, noted = MockServer(contract, Settings(), MemoryStore(SandboxState())), []
    server._record = noted.append  # type: ignore[method-assign]

    def ask(method: str, target: str, **headers: str) -> JournalEntry:
        path, _, query = target.partition("?")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        server.handle(
            Request(
                method,
                path,
                query,
                {"x-access-token": "a-secret-token", **named},
                address="192.0.2.7",
            )
        )
        return noted.pop()

    return ask


CASES: list[tuple[str, str, str, dict[str, str], dict[str, Any]]] = [
    (
        "an answer",
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
    assert (
        line
        == line
        | {"method": method, "path": path, "address": "192.0.2.7", "token": "a-s…(14)"}
        | expected
    )
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert line["duration_ms"] > 0
    for kind in FORMATS.values():
        assert "secret" not in kind(entry_fields(entry))


def test_a_line_for_people_is_words_and_names(entries: Any) -> None:
    first, *rest = shlex.split(
        FORMATS["text"](entry_fields(entries("GET", TRASH, prefer="code=200")))
    )[1:]
    named = dict(each.split("=", 1) for each in rest[2:])
    assert [first, *rest[:2]] == ["GET", TRASH, "200"]
    assert (named["sandbox"], named["operation"], named["address"]) == (
        "default",
        LIST_TRASH,
        "192.0.2.7",
    )
    assert {"fault", "scenario", "violations", "closest"}.isdisjoint(named)


NASTY = {
    "a line of its own": "/api/x\n2026-01-01T00:00:00Z GET /forged 200",
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
def test_whatever_the_input_it_is_one_line(entries: Any, path: str) -> None:
    entry = entries("GET", path, prefer=f"scenario={path}", x_access_token=f"tok@{path}")
    for kind in FORMATS.values():
        line = kind(entry_fields(entry))
        assert all(" " <= character <= "~" for character in line)
        assert len(line) < MAX_LINE_BYTES
    found = json.loads(FORMATS["json"](entry_fields(entry)))
    assert found["status"] == entry.status
    assert path.startswith(found["path"].removesuffix("…"))


def call(url: str, path: str, **headers: str) -> None:
    with urlopen(Call(f"{url}{path}", headers={"X-Access-Token": "a-secret-token", **headers})):
        pass


@pytest.mark.server
def test_all_workers_write_every_exchange() -> None:
    with healthy_server("--workers", "2", "--access-log", "--log-format", "json") as process:
        for number in range(40):
            call(process.url, f"/api/push_notifications/{number}/exports")
        process.send_signal(signal.SIGTERM)
        found = [json.loads(line) for line in process.stdout]
    assert sorted(line["path"] for line in found) == sorted(
        f"/api/push_notifications/{number}/exports" for number in range(40)
    )


@pytest.mark.server
def test_nothing_is_written_unless_it_is_asked_for() -> None:
    with healthy_server("--workers", "1") as process:
        call(process.url, TRASH)
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == ""


@contextmanager
def on_a_terminal(*arguments: str) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """A server whose stdout is a terminal: its address, and what ends it and gives the lines after the banner."""
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
        url = next(
            found[1] for line in lines if (found := re.search(r"docs +(http://\S+)/docs", line))
        )
        next(line for line in lines if not line)  # the end of the banner
        yield url, end
    finally:
        process.terminate()
        assert process.stderr
        assert process.stderr.read() == b""
        process.stderr.close()
        process.wait()
        os.close(terminal)


def lines_of(terminal: int) -> Iterator[str]:
    """The lines that a terminal is sent, until nobody has it open any more."""
    rest = b""
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:  # EIO: as Linux tells it
            data = b""
        *lines, rest = (rest + data).split(b"\r\n")
        yield from (line.decode() for line in lines)
        if not data:
            return


@pytest.mark.server
def test_on_a_terminal_each_exchange_is_a_line() -> None:
    with on_a_terminal("--workers", "2") as (url, end):
        call(url, TRASH)
        with pytest.raises(HTTPError):
            call(url, TRASH.removeprefix("/api"))
        call(url, "/__admin/health")
        call(url, "/")
        lines = end()
    assert len(lines) == 2
    assert {tuple(line.split()[1:4]) for line in lines} == {
        ("GET", TRASH, "200"),
        ("GET", TRASH.removeprefix("/api"), "404"),
    }
    assert [
        f'closest="GET {TRASH}"' in line for line in sorted(lines, key=lambda line: " 404 " in line)
    ] == [False, True]


@pytest.mark.server
@pytest.mark.parametrize("switch", ["--access-log=off", "--access-log=0"])
def test_on_a_terminal_it_can_be_switched_off(switch: str) -> None:
    with on_a_terminal("--workers", "1", switch) as (url, end):
        call(url, TRASH)
        assert end() == []


@pytest.mark.server
def test_an_unread_log_delays_no_request() -> None:
    with running_server("--workers", "1", "--access-log") as process:
        connection = http.client.HTTPConnection(urlsplit(process.url).netloc)
        for _ in range(700):  # ten times what the pipe holds
            connection.request("GET", f"/api/{'x' * 800}", headers={"X-Access-Token": "t"})
            assert connection.getresponse().read()
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0


@pytest.mark.server
def test_the_servers_own_log_has_the_same_format() -> None:
    with running_server(
        "--workers", "1", "--log-format", "json", "--host", "127.0.0.1", MOCKSERVER_COLOUR="red"
    ) as process:
        call(process.url, f"/api/push_notifications/{BUSY}/exports")
        process.send_signal(signal.SIGTERM)
        process.wait()
        said = [json.loads(line) for line in process.stderr]
    assert json.loads(process.banner)["message"].startswith("mockserver 0.1.0 serves ")
    assert [line["message"] for line in said] == ["Unknown setting MOCKSERVER_COLOUR (ignored)."]
    assert (said[0]["level"], said[0]["logger"]) == ("warning", "mockserver")
