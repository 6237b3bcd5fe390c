"""Network faults as clients see them: a raw socket, curl and Chromium, as docs/faults.md says."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from helpers.faults import TITLES
from helpers.pages import read_page
from helpers.processes import healthy_server, silent_server
from helpers.raw_http import ORIGIN, connect, receive_until_end, request_bytes, split_response
from helpers.repository import ROOT
from helpers.shipped_api import TRASH
from helpers.tools import require_tool
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from mockserver.config.settings import Settings
from mockserver.contract.scenarios.faults import FAULTS
from mockserver.web.app import create_app
from mockserver.web.fault_injection import STEPS

pytestmark = pytest.mark.server

ROW = re.compile(r"^\| `([a-z-]+)` \| (.*) \|$", re.MULTILINE)
ROWS = {
    name: cells.split(" | ") for name, cells in ROW.findall((ROOT / "docs/faults.md").read_text())
}
CURL, PAGE = (
    {name: re.findall(r"`([^`]+)`", cells[column]) for name, cells in ROWS.items()}
    for column in (1, 2)
)
"""Fault to what curl and a page in Chromium come to."""
CUTS = {
    "reset": b"reset",
    "empty": b"closed",
    "reset-in-body": b"reset",
    "truncated": b"closed",
    "endless": b"closed",
}
"""The faults that end the connection, and how."""
PAGES = {
    "too-many-requests": 429,
    "internal-server-error": 500,
    "bad-gateway": 502,
    "service-unavailable": 503,
}
"""The faults that are a page of a proxy, and its status."""
NAMES = [*TITLES]
SILENT = ("reset", "empty")
"""The faults that send no byte: the operation has not happened."""


@pytest.fixture(scope="module")
def gunicorn() -> Iterator[str]:
    with silent_server() as process:
        yield process.url


@pytest.fixture(scope="module", params=[True, False], ids=["fast path", "views"])
def werkzeug(request: pytest.FixtureRequest) -> Iterator[str]:
    """Werkzeug's server in this process, with the door and without: then the answers come from Flask's views."""
    made = make_server(
        "127.0.0.1",
        0,
        create_app(Settings(store="memory:", max_delay=1), fast_path=request.param),
        threaded=True,
    )
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


def after_another(
    url: str, fault: str, method: str = "GET", host: str = "127.0.0.1"
) -> tuple[list[bytes], bytes]:
    """The answers to a fault and to a request right behind it, on a connection that has served one before; and its end."""
    sandbox = f"{fault}-{method}"
    with connect(url, host) as connection:
        connection.sendall(request_bytes(None, sandbox, "HEAD"))
        first = b""
        while not first.endswith(b"\r\n\r\n"):
            first += connection.recv(65536)
        behind = request_bytes(None, sandbox, "GET", "/api/behind", "Connection: close")
        connection.sendall(request_bytes(fault, sandbox, method) + behind)
        received, end = receive_until_end(connection)
    return [b"HTTP/1.1 " + part for part in received.split(b"HTTP/1.1 ")[1:]], end


def journal(url: str, sandbox: str) -> list[dict[str, Any]]:
    request = urllib.request.Request(f"{url}/__admin/requests", headers={"X-Mock-Sandbox": sandbox})
    with urllib.request.urlopen(request) as response:
        return list(json.load(response)["requests"])


def test_each_documented_fault_exists() -> None:
    assert list(ROWS) == list(FAULTS) == NAMES
    assert set(STEPS) == set(NAMES)


@pytest.mark.parametrize("fault", NAMES)
def test_a_fault_ends_its_own_connection_or_keeps_it_usable(gunicorn: str, fault: str) -> None:
    answers, end = after_another(gunicorn, fault)
    assert len(answers) == (0 if fault in SILENT else 1 if fault in CUTS else 2)
    assert end == CUTS.get(fault, b"closed")
    asked_for = [
        (each["status"], each["scenario"], each["fault"])
        for each in reversed(journal(gunicorn, f"{fault}-GET"))
    ]
    status = 500 if fault in SILENT else PAGES.get(fault, 200)
    assert (
        asked_for
        == [(200, None, None), (status, f"fault-{fault}", fault), (404, None, None)][
            : 2 if fault in CUTS else 3
        ]
    )


@pytest.mark.parametrize("fault", [name for name in NAMES if name not in SILENT])
def test_a_response_with_a_fault_has_the_usual_head(gunicorn: str, fault: str) -> None:
    status, headers, _ = split_response(after_another(gunicorn, fault)[0][0])
    assert status == PAGES.get(fault, 200)
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert headers["X-Mock-Sandbox"] == f"{fault}-GET"
    assert headers["Preference-Applied"] == f"scenario=fault-{fault}"
    assert headers.get("Retry-After") == (
        "1" if fault in ("too-many-requests", "service-unavailable") else None
    )


@pytest.fixture(scope="module")
def whole(gunicorn: str) -> bytes:
    """The body, had it not been broken."""
    with connect(gunicorn) as connection:
        connection.sendall(request_bytes(None, "whole", "GET", TRASH, "Connection: close"))
        return split_response(receive_until_end(connection)[0])[2]


@pytest.mark.parametrize("fault", ["reset-in-body", "truncated"])
def test_a_cut_body_has_the_content_length_of_the_full_body(
    gunicorn: str, whole: bytes, fault: str
) -> None:
    _, headers, body = split_response(after_another(gunicorn, fault)[0][0])
    assert headers["Content-Length"] == str(len(whole))
    assert body == whole[: len(whole) // 2]


def test_malformed_json_is_sent_with_a_matching_content_length(gunicorn: str, whole: bytes) -> None:
    _, headers, body = split_response(after_another(gunicorn, "malformed-json")[0][0])
    assert headers["Content-Length"] == str(len(body))
    assert headers["Content-Type"] == "application/json"
    assert whole.startswith(body)
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_an_endless_body_has_no_last_chunk(gunicorn: str, whole: bytes) -> None:
    _, headers, body = split_response(after_another(gunicorn, "endless")[0][0])
    assert headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in headers
    assert body.startswith(b"%X\r\n%s\r\n" % (len(whole) - 1, whole[:-1]))
    assert b"\r\n0\r\n" not in body


def test_a_slow_body_arrives_completely(gunicorn: str, whole: bytes) -> None:
    pieces = []
    with connect(gunicorn) as connection:
        connection.sendall(request_bytes("slow", "slow", "GET", TRASH, "Connection: close"))
        while piece := connection.recv(65536):
            pieces.append(piece)
    assert len(pieces) > 20
    assert split_response(b"".join(pieces))[2] == whole


@pytest.mark.parametrize(("fault", "status"), PAGES.items(), ids=PAGES)
def test_a_proxy_fault_sends_an_html_page(gunicorn: str, fault: str, status: int) -> None:
    sent, headers, body = split_response(after_another(gunicorn, fault)[0][0])
    assert sent == status
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Length"] == str(len(body))
    assert f"<h1>{status} ".encode() in body


@pytest.mark.parametrize("fault", NAMES)
def test_a_head_request_with_a_fault_gets_no_body(gunicorn: str, fault: str) -> None:
    answers, end = after_another(gunicorn, fault, "HEAD")
    cuts = {name: how for name, how in CUTS.items() if name != "endless"}
    assert end == cuts.get(fault, b"closed")
    assert len(answers) == (0 if fault in SILENT else 1 if fault in cuts else 2)
    assert [split_response(answer)[2] for answer in answers[:1]] == (
        [] if fault in SILENT else [b""]
    )


def server_holds(ends: str) -> bool:
    """Return whether a process still has the server's end open: in the kernel's table, such a connection has an inode."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(" ".join(row[1:3]) == ends and row[9] != "0" for row in rows)


@pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="the server's end of a connection is seen in /proc"
)
def test_a_connection_is_closed_without_a_reset_while_the_client_still_sends(gunicorn: str) -> None:
    with connect(gunicorn) as connection:
        ends = (
            f"0100007F:{connection.getpeername()[1]:04X} 0100007F:{connection.getsockname()[1]:04X}"
        )
        connection.sendall(request_bytes(None, "sends", "HEAD"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert server_holds(ends)
        connection.sendall(request_bytes("empty", "sends") + request_bytes(None, "sends") * 2000)
        assert receive_until_end(connection) == (b"", b"closed")
        connection.shutdown(socket.SHUT_WR)
        while server_holds(ends):
            os.sched_yield()
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    assert [each["fault"] for each in journal(gunicorn, "sends")] == ["empty", None]


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
@pytest.mark.parametrize("fault", CUTS)
def test_a_fault_ends_an_ipv6_connection(gunicorn: str, fault: str) -> None:
    try:
        connect(gunicorn, "::1").close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    assert after_another(gunicorn, fault, host="::1")[1] == CUTS[fault]


def curl(url: str, fault: str, *more: str) -> tuple[list[str], bytes]:
    """What curl comes to, as docs/faults.md writes it, and the body."""
    call = [
        require_tool("curl"),
        "-s",
        "-w",
        "%{stderr}%{http_code}",
        "-H",
        "X-Access-Token: any",
        "-H",
        f"Prefer: scenario=fault-{fault}",
    ]
    done = subprocess.run([*call, *more, f"{url}{TRASH}"], capture_output=True)
    status = done.stderr.decode()
    return [
        *([status] if status != "000" else []),
        *([f"exit {done.returncode}"] if done.returncode else []),
    ], done.stdout


@pytest.mark.parametrize("fault", NAMES)
def test_curl_exits_with_the_documented_code(gunicorn: str, fault: str) -> None:
    assert curl(gunicorn, fault)[0] == CURL[fault]


@pytest.mark.parametrize("fault", [name for name in NAMES if name != "endless"])
def test_curl_exits_with_the_documented_code_under_another_server(
    werkzeug: str, fault: str
) -> None:
    assert curl(werkzeug, fault)[0] == CURL[fault]


def test_curl_times_out_on_an_endless_body(gunicorn: str) -> None:
    assert curl(gunicorn, "endless", "--max-time", "0.5")[0] == ["200", "exit 28"]


SCRIPT = """<!doctype html><meta charset="utf-8"><pre id="out"></pre><script>
async function seen(fault) {
  const outcomes = [];
  try {
    const response = await fetch("%s", {headers: {"X-Access-Token": "any", Prefer: "scenario=fault-" + fault}});
    outcomes.push(String(response.status));
    await response.json();
  } catch (error) {
    outcomes.push(String(error));
  }
  return outcomes;
}
(async () => {
  const all = {};
  for (const fault of %s) all[fault] = await seen(fault);
  document.getElementById("out").textContent = JSON.stringify(all);
})();
</script>"""


def test_a_page_gets_the_fault_and_no_cors_error(
    gunicorn: str, tmp_path: Path, page_server: str, browser: Browser
) -> None:
    (tmp_path / "page.html").write_text(SCRIPT % (f"{gunicorn}{TRASH}", json.dumps(NAMES)))
    seen = read_page(browser, f"http://localhost:{page_server}/page.html")
    assert {
        name: [each.partition(": ")[0] if "Syntax" in each else each for each in outcomes]
        for name, outcomes in seen.items()
    } == PAGE


def test_the_admin_api_switches_a_fault_on_and_off(gunicorn: str) -> None:
    url = f"{gunicorn}/~switched"

    def switch(method: str) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(
            f"{url}/__admin/scenarios/fault-reset", b"{}", headers, method=method
        )
        with urllib.request.urlopen(request) as response:
            return dict(json.load(response))

    def reset() -> bool:
        with connect(gunicorn) as connection:
            connection.sendall(request_bytes(None, "switched", "GET", TRASH, "Connection: close"))
            return receive_until_end(connection) == (b"", b"reset")

    on = switch("PUT")
    assert (on["fault"], on["breaks_contract"], on["title"]) == ("reset", True, TITLES["reset"])
    assert reset()
    switch("DELETE")
    assert not reset()


def descriptors(pid: int) -> int:
    """Open descriptors of the workers of a server."""
    workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(len(list(Path(f"/proc/{worker}/fd").iterdir())) for worker in workers)


def test_a_hundred_simultaneous_resets_do_not_affect_other_requests() -> None:
    def one(number: int) -> bytes:
        fault = [*CUTS][number // 2 % 4] if number % 2 else None
        with connect(url) as connection:
            connection.sendall(request_bytes(fault, "crowd", "GET", TRASH, "Connection: close"))
            received, end = receive_until_end(connection)
        if not fault:
            assert split_response(received)[0] == 200
            assert len(split_response(received)[2]) == int(
                split_response(received)[1]["Content-Length"]
            )
        return end if fault else b"answered"

    with silent_server() as process, ThreadPoolExecutor(20) as pool:
        url = process.url
        seen = [sorted(pool.map(one, range(200)))]
        before = descriptors(process.pid)
        seen += [sorted(pool.map(one, range(200))) for _ in range(4)]
        for _ in range(100):  # the last connections may be about to be closed
            if descriptors(process.pid) < before + 40:
                break
            time.sleep(0.05)
        assert descriptors(process.pid) < before + 40  # there were 400 faults since
    assert all(each == seen[0] and each.count(b"answered") == 100 for each in seen)


@pytest.mark.parametrize("fault", ["endless", "slow"])
def test_open_responses_end_when_the_server_stops(fault: str) -> None:
    with (
        healthy_server("--max-delay", "600", "--workers", "1") as process,
        connect(process.url) as connection,
    ):
        connection.sendall(request_bytes(fault, "end", "GET", TRASH, "Connection: close"))
        received = connection.recv(65536)
        process.send_signal(signal.SIGTERM)
        assert process.wait(8) == 0  # the grace is 10
        rest, end = receive_until_end(connection)
        assert process.stderr.read() == ""
    assert (end, received[9:12]) == (b"closed", b"200")
    _, headers, body = split_response(received + rest)
    assert fault == "endless" or headers.get(
        "Content-Length", headers.get("content-length")
    ) == str(len(body))
