"""Network faults with a raw socket, curl and Chromium: the results that docs/faults.md lists."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Container, Iterator
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
"""Fault to the result of curl, and of a page in Chromium."""
ENDS = {
    "reset": b"reset",
    "empty": b"closed",
    "reset-in-body": b"reset",
    "truncated": b"closed",
    "endless": b"closed",
}
"""Fault that breaks the connection to the end that a client receives."""
PAGES = {
    "too-many-requests": 429,
    "internal-server-error": 500,
    "bad-gateway": 502,
    "service-unavailable": 503,
}
"""Fault that is the page of a proxy to the status of the page."""
NAMES = [*TITLES]
SILENT = ("reset", "empty")
"""The faults that send no byte. They do not run the operation."""


@pytest.fixture(scope="module")
def gunicorn() -> Iterator[str]:
    with silent_server() as process:
        yield process.url


@pytest.fixture(scope="module", params=[True, False], ids=["fast path", "views"])
def werkzeug(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the URL of Werkzeug's server, in which the fast path or Flask's views respond."""
    app = create_app(Settings(store="memory:", max_delay=1), fast_path=request.param)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def after_another(
    url: str, fault: str, method: str = "GET", host: str = "127.0.0.1"
) -> tuple[list[bytes], bytes]:
    """Send a request, then a request with a fault and another one, on one connection.

    Return the responses to the last two, and how the connection ends.
    """
    sandbox = f"{fault}-{method}"
    with connect(url, host) as connection:
        connection.sendall(request_bytes(None, sandbox, "HEAD"))
        first = b""
        while not first.endswith(b"\r\n\r\n"):
            first += connection.recv(65536)
        last = request_bytes(None, sandbox, "GET", "/api/last", "Connection: close")
        connection.sendall(request_bytes(fault, sandbox, method) + last)
        received, end = receive_until_end(connection)
    return [b"HTTP/1.1 " + part for part in received.split(b"HTTP/1.1 ")[1:]], end


def journal(url: str, sandbox: str) -> list[dict[str, Any]]:
    request = urllib.request.Request(f"{url}/__admin/requests", headers={"X-Mock-Sandbox": sandbox})
    with urllib.request.urlopen(request) as response:
        return list(json.load(response)["requests"])


def response_count(fault: str, ends: Container[str]) -> int:
    """Return the number of responses to a request with a fault and another one after it."""
    if fault in SILENT:
        return 0
    if fault in ends:
        return 1
    return 2


def test_each_documented_fault_exists() -> None:
    assert list(ROWS) == list(FAULTS) == NAMES
    assert set(STEPS) == set(NAMES)


@pytest.mark.parametrize("fault", NAMES)
def test_a_fault_ends_its_own_connection_or_keeps_it_usable(gunicorn: str, fault: str) -> None:
    responses, end = after_another(gunicorn, fault)
    assert len(responses) == response_count(fault, ENDS)
    assert end == ENDS.get(fault, b"closed")
    exchanges = []
    for entry in reversed(journal(gunicorn, f"{fault}-GET")):
        exchanges.append((entry["status"], entry["scenario"], entry["fault"]))
    status = 500 if fault in SILENT else PAGES.get(fault, 200)
    expected = [(200, None, None), (status, f"fault-{fault}", fault)]
    if fault not in ENDS:
        expected.append((404, None, None))
    assert exchanges == expected


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
def complete_body(gunicorn: str) -> bytes:
    """Return the complete body."""
    with connect(gunicorn) as connection:
        connection.sendall(request_bytes(None, "whole", "GET", TRASH, "Connection: close"))
        return split_response(receive_until_end(connection)[0])[2]


@pytest.mark.parametrize("fault", ["reset-in-body", "truncated"])
def test_a_cut_body_has_the_content_length_of_the_full_body(
    gunicorn: str, complete_body: bytes, fault: str
) -> None:
    _, headers, body = split_response(after_another(gunicorn, fault)[0][0])
    assert headers["Content-Length"] == str(len(complete_body))
    assert body == complete_body[: len(complete_body) // 2]


def test_malformed_json_is_sent_with_a_matching_content_length(
    gunicorn: str, complete_body: bytes
) -> None:
    _, headers, body = split_response(after_another(gunicorn, "malformed-json")[0][0])
    assert headers["Content-Length"] == str(len(body))
    assert headers["Content-Type"] == "application/json"
    assert complete_body.startswith(body)
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_an_endless_body_has_no_last_chunk(gunicorn: str, complete_body: bytes) -> None:
    _, headers, body = split_response(after_another(gunicorn, "endless")[0][0])
    assert headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in headers
    assert body.startswith(b"%X\r\n%s\r\n" % (len(complete_body) - 1, complete_body[:-1]))
    assert b"\r\n0\r\n" not in body


def test_a_slow_body_arrives_completely(gunicorn: str, complete_body: bytes) -> None:
    pieces = []
    with connect(gunicorn) as connection:
        connection.sendall(request_bytes("slow", "slow", "GET", TRASH, "Connection: close"))
        while piece := connection.recv(65536):
            pieces.append(piece)
    assert len(pieces) > 20
    assert split_response(b"".join(pieces))[2] == complete_body


@pytest.mark.parametrize(("fault", "status"), PAGES.items(), ids=PAGES)
def test_a_proxy_fault_sends_an_html_page(gunicorn: str, fault: str, status: int) -> None:
    sent, headers, body = split_response(after_another(gunicorn, fault)[0][0])
    assert sent == status
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Length"] == str(len(body))
    assert f"<h1>{status} ".encode() in body


@pytest.mark.parametrize("fault", NAMES)
def test_a_head_request_with_a_fault_gets_no_body(gunicorn: str, fault: str) -> None:
    responses, end = after_another(gunicorn, fault, "HEAD")
    ends = {name: end for name, end in ENDS.items() if name != "endless"}
    assert end == ends.get(fault, b"closed")
    assert len(responses) == response_count(fault, ends)
    for response in responses[:1]:
        assert split_response(response)[2] == b""


def server_holds(ends: str) -> bool:
    """Return whether the server still has its side of a connection open.

    In the kernel's table, an open connection has an inode.
    """
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(" ".join(row[1:3]) == ends and row[9] != "0" for row in rows)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc/net/tcp")
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
    assert [entry["fault"] for entry in journal(gunicorn, "sends")] == ["empty", None]


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
@pytest.mark.parametrize("fault", ENDS)
def test_a_fault_ends_an_ipv6_connection(gunicorn: str, fault: str) -> None:
    try:
        connect(gunicorn, "::1").close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    assert after_another(gunicorn, fault, host="::1")[1] == ENDS[fault]


def curl(url: str, fault: str, *more: str) -> tuple[list[str], bytes]:
    """Return the result of curl in the form of docs/faults.md, and the body."""
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
    process = subprocess.run([*call, *more, f"{url}{TRASH}"], capture_output=True)
    status = process.stderr.decode()
    result = []
    if status != "000":
        result.append(status)
    if process.returncode:
        result.append(f"exit {process.returncode}")
    return result, process.stdout


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
async function call(fault) {
  const outcomes = [];
  try {
    const headers = {"X-Access-Token": "any", Prefer: "scenario=fault-" + fault};
    const response = await fetch("%s", {headers});
    outcomes.push(String(response.status));
    await response.json();
  } catch (error) {
    outcomes.push(String(error));
  }
  return outcomes;
}
(async () => {
  const all = {};
  for (const fault of %s) all[fault] = await call(fault);
  document.getElementById("out").textContent = JSON.stringify(all);
})();
</script>"""


def test_a_page_gets_the_fault_and_no_cors_error(
    gunicorn: str, tmp_path: Path, page_server: str, browser: Browser
) -> None:
    (tmp_path / "page.html").write_text(SCRIPT % (f"{gunicorn}{TRASH}", json.dumps(NAMES)))
    results = read_page(browser, f"http://localhost:{page_server}/page.html")
    for fault, outcomes in results.items():
        # The documents do not quote the browser's description of a syntax error.
        outcomes[:] = [re.sub("(SyntaxError): .*", r"\1", outcome) for outcome in outcomes]
        assert outcomes == PAGE[fault]
    assert results.keys() == PAGE.keys()


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
    """Return the number of open file descriptors of the workers of a server."""
    workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(len(list(Path(f"/proc/{worker}/fd").iterdir())) for worker in workers)


def test_a_hundred_simultaneous_resets_do_not_affect_other_requests() -> None:
    def one(number: int) -> bytes:
        fault = [*ENDS][number // 2 % 4] if number % 2 else None
        with connect(url) as connection:
            connection.sendall(request_bytes(fault, "crowd", "GET", TRASH, "Connection: close"))
            received, end = receive_until_end(connection)
        if fault:
            return end
        status, headers, body = split_response(received)
        assert (status, len(body)) == (200, int(headers["Content-Length"]))
        return b"complete"

    with silent_server() as process, ThreadPoolExecutor(20) as pool:
        url = process.url
        rounds = [sorted(pool.map(one, range(200)))]
        # Each further round has 100 faults. If they left connections open, there were 400 more.
        most_descriptors = descriptors(process.pid) + 40
        for _ in range(4):
            rounds.append(sorted(pool.map(one, range(200))))
        for _ in range(100):  # the last connections may be about to be closed
            if descriptors(process.pid) < most_descriptors:
                break
            time.sleep(0.05)
        assert descriptors(process.pid) < most_descriptors
    assert rounds == [rounds[0]] * 5
    assert rounds[0].count(b"complete") == 100


@pytest.mark.parametrize("fault", ["endless", "slow"])
def test_open_responses_end_when_the_server_stops(fault: str) -> None:
    with (
        healthy_server("--max-delay", "600", "--workers", "1") as process,
        connect(process.url) as connection,
    ):
        connection.sendall(request_bytes(fault, "end", "GET", TRASH, "Connection: close"))
        received = connection.recv(65536)
        process.send_signal(signal.SIGTERM)
        assert process.wait(8) == 0  # the server waits at most 10 s for other responses
        rest, end = receive_until_end(connection)
        assert process.stderr.read() == ""
    assert (end, received[9:12]) == (b"closed", b"200")
    _, headers, body = split_response(received + rest)
    if fault == "slow":
        assert headers["Content-Length"] == str(len(body))
