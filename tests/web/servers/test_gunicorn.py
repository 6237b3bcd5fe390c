"""A real server: gunicorn, sockets and signals."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from helpers.processes import (
    clean_environ,
    free_port,
    run_process,
    running_server,
    wait_until_listening,
)
from helpers.raw_http import exchange_raw, request_bytes
from helpers.repository import ROOT
from helpers.shipped_api import EXPORTS, TOKEN, TRASH

from mockserver.config.settings import Settings
from mockserver.web.servers.sockets import bind

pytestmark = pytest.mark.server


def fetch(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, method=method, headers={**TOKEN, **named})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def test_the_banner_names_operations_docs_and_a_curl_that_works(live: str) -> None:
    with running_server() as process:
        lines = process.banner.splitlines()
        assert lines[0].startswith("mockserver 0.1.0 serves ")
        assert sum("/api/push_notifications" in line and "curl" not in line for line in lines) == 5
        call = next(line for line in lines if "curl" in line)
        assert fetch(call.split()[-1])[0] == 200
        assert fetch(f"{process.url}/docs")[0] == 200


def test_localhost_listens_on_both_loopback_addresses(live: str) -> None:
    port = urlsplit(live).port
    assert fetch(f"http://127.0.0.1:{port}{TRASH}")[0] == 200
    if (
        socket.has_ipv6
        and Path("/proc/net/if_inet6").exists()
        and Path("/proc/net/if_inet6").read_text()
    ):
        assert fetch(f"http://[::1]:{port}{TRASH}")[0] == 200


def test_sockets_have_no_delay_before_they_listen() -> None:
    sockets = bind(Settings(port=0))
    try:
        assert all(each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for each in sockets)
    finally:
        for each in sockets:
            each.close()


def test_a_port_in_use_is_reported_in_one_line() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = run_process("serve", "--port", str(port))
    assert process.returncode == 1
    assert process.stderr == (
        f"mockserver: port {port} of 127.0.0.1 is already in use; choose another with --port\n"
    )
    assert process.stdout == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_stdout_of_the_server_is_reported_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        call = [sys.executable, "-m", "mockserver", "serve", "--port", "0"]
        process = subprocess.run(
            call, cwd=ROOT, env=clean_environ(), stdout=full, stderr=subprocess.PIPE, text=True
        )
    why = "mockserver: cannot write the start message to stdout: No space left on device\n"
    assert (process.returncode, process.stderr) == (1, why)


def test_a_command_works_with_a_closed_stdout() -> None:
    command_line = ["sh", "-c", f"{sys.executable} -m mockserver operations >&-"]
    process = subprocess.run(
        command_line, cwd=ROOT, env=clean_environ(), stderr=subprocess.PIPE, text=True
    )
    assert (process.returncode, process.stderr) == (0, "")


def test_the_server_starts_with_a_closed_stdout() -> None:
    port = free_port()
    serve = f"exec {sys.executable} -m mockserver serve --workers 1 --port {port} >&-"
    process = subprocess.Popen(
        ["sh", "-c", serve], cwd=ROOT, env=clean_environ(), stderr=subprocess.PIPE, text=True
    )
    try:
        wait_until_listening(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        _, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")


def test_a_memory_store_with_two_workers_is_rejected_with_the_reason() -> None:
    process = run_process("serve", "--workers", "2", "--store", "memory:")
    assert process.returncode == 2
    assert "expected --workers 1, or a shared store: sqlite: or redis:" in process.stderr
    assert "Traceback" not in process.stderr


def test_all_start_errors_are_reported_together() -> None:
    wrong = [
        "--scenario",
        "nope",
        "--token",
        "x=y",
        "--store",
        "redis://h/x",
        "--traces",
        "--host",
        "192.0.2.1",
    ]
    process = run_process("serve", "--port", "0", *wrong, OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
    starts = (
        "cannot listen on",
        "invalid store URL 'redis://h/x'",
        "OTEL_EXPORTER_OTLP_PROTOCOL:",
        "--scenario (",
        "--token x:",
    )
    assert process.returncode == 2
    for line, start in zip(process.stderr.splitlines(), starts, strict=True):
        assert line.startswith(f"mockserver: {start}")


def test_a_start_error_is_json_in_a_json_log() -> None:
    process = run_process("serve", "--port", "x", "--max-delay", "y", MOCKSERVER_LOG_FORMAT="json")
    lines = [json.loads(line) for line in process.stderr.splitlines()]
    assert [(line["level"], line["message"].partition(":")[0]) for line in lines] == [
        ("error", "--port"),
        ("error", "--max-delay"),
    ]


def test_a_missing_redis_is_reported_at_start() -> None:
    with running_server("--workers", "1", "--store", "redis://127.0.0.1:1/0") as process:
        assert fetch(f"{process.url}{TRASH}")[0] == 503
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate()
    assert re.search(
        r"^mockserver: Redis: .*; until it is available, every response is a 503$",
        errors,
        re.MULTILINE,
    )


def test_invalid_files_stop_the_server_before_it_serves(shipped: Path) -> None:
    (shipped / "fixtures/push_notifications/scenarios/new.yaml").write_text("title: x\ndelay: 1\n")
    process = run_process("serve", "--port", "0", "--fixtures", str(shipped / "fixtures"))
    assert process.returncode == 1
    assert process.stderr.endswith(
        'new.yaml:1:1: /: expected member "operations", got none of that name\n'
    )
    assert process.stdout == ""


def test_each_setting_can_be_an_environment_variable() -> None:
    with running_server(
        MOCKSERVER_SCENARIOS="export-not-found", MOCKSERVER_CORS_ORIGINS="https://app.example.com"
    ) as process:
        status, headers, _ = fetch(f"{process.url}{EXPORTS}/100", Origin="https://app.example.com")
        assert (status, headers["Access-Control-Allow-Origin"]) == (404, "https://app.example.com")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_server_with_an_idle_connection_stops_at_once(number: int) -> None:
    with (
        running_server() as process,
        closing(http.client.HTTPConnection(urlsplit(process.url).netloc)) as connection,
    ):
        connection.request("GET", TRASH, headers=TOKEN)
        connection.getresponse().read()
        process.send_signal(number)
        # After 10 s, gunicorn would kill the worker and log that.
        assert (process.wait(), process.stderr.read()) == (0, "")


def test_starting_workers_stop_on_a_signal() -> None:
    # Workers need some time to load the package for traces.
    with running_server("--workers", "4", "--traces") as process:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")


def test_a_request_in_progress_is_finished_before_the_stop() -> None:
    with running_server("--workers", "1") as process:
        parts = urlsplit(process.url)
        with socket.create_connection((parts.hostname, parts.port)) as connection:
            connection.sendall(request_bytes(None, "default", "GET", TRASH, "Prefer: delay=1.5"))
            # The only worker accepts connections in their order: the first request has begun.
            assert fetch(f"{process.url}/__admin/health")[0] == 200
            process.send_signal(signal.SIGTERM)
            received = b"".join(iter(lambda: connection.recv(65536), b""))
        assert process.wait() == 0
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert len(json.loads(body)["trashed_push_notifications"]) == 20


def test_half_sent_requests_delay_no_other_request(live: str) -> None:
    parts = urlsplit(live)
    waiting = [socket.create_connection((parts.hostname, parts.port)) for _ in range(200)]
    try:
        for connection in waiting:
            connection.sendall(b"GET /api/push_notifications/trash HTTP/1.1\r\nHost: x\r\nX-Slow")
        assert fetch(f"{live}/__admin/health")[0] == 200
    finally:
        for connection in waiting:
            connection.close()


def test_slow_responses_delay_no_other_request(live: str) -> None:
    slow = [
        threading.Thread(target=fetch, args=(f"{live}{TRASH}",), kwargs={"Prefer": "delay=2"})
        for _ in range(20)
    ]
    for thread in slow:
        thread.start()
    assert fetch(f"{live}/__admin/health")[0] == 200
    assert any(thread.is_alive() for thread in slow)
    for thread in slow:
        thread.join()


REFUSED = [
    (b"GET " + b"/api/" + b"x" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "target-too-long"),
    (
        b"GET /api HTTP/1.1\r\nHost: x\r\nX-Big: " + b"x" * 20_000 + b"\r\n\r\n",
        431,
        "headers-too-large",
    ),
    (
        b"GET /api HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        400,
        "malformed-request",
    ),
    (b"what is this\r\n\r\n", 400, "malformed-request"),
]


@pytest.mark.parametrize(("data", "status", "slug"), REFUSED, ids=[slug for _, _, slug in REFUSED])
def test_requests_rejected_by_gunicorn_are_problems(
    live: str, data: bytes, status: int, slug: str
) -> None:
    head, _, body = exchange_raw(live, data).partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"application/problem+json" in head
    assert json.loads(body)["type"] == f"urn:mockserver:problem:{slug}"


def test_headers_do_not_rewrite_the_path(live: str) -> None:
    status, _, body = fetch(f"{live}/x/__admin/health", SCRIPT_NAME="/x")
    assert status in (400, 404), body


def test_a_chunked_body_over_the_limit_is_413(live: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(live).netloc, timeout=10)
    connection.request(
        "PATCH", f"{TRASH}/nobody", iter([b"x" * 65536] * 32), TOKEN, encode_chunked=True
    )
    assert connection.getresponse().status == 413
    connection.close()


SENT = [
    (b"Content-Length: 3000000", b"x" * 3_000_000),
    (b"Transfer-Encoding: chunked", b"2DC6C0\r\n" + b"x" * 3_000_000 + b"\r\n0\r\n\r\n"),
]


@pytest.mark.parametrize(("header", "body"), SENT, ids=["by its length", "in chunks"])
def test_a_body_over_the_limit_gets_a_response_before_the_connection_closes(
    live: str, header: bytes, body: bytes
) -> None:
    lines = [f"PATCH {TRASH}/nobody HTTP/1.1", "Host: localhost", "X-Access-Token: t"]
    head = "\r\n".join([*lines, "Connection: close", ""]).encode()
    assert exchange_raw(live, head + header + b"\r\n\r\n" + body).split()[1] == b"413"


def test_valid_changes_of_files_are_loaded_and_invalid_ones_are_not(shipped: Path) -> None:
    folders = ["--schemas", str(shipped / "schemas"), "--fixtures", str(shipped / "fixtures")]
    scenario = shipped / "fixtures/push_notifications/scenarios/new.yaml"

    def wait_for(status: int) -> bool:
        for _ in range(100):
            if fetch(f"{process.url}/__admin/scenarios/new")[0] == status:
                return True
            time.sleep(0.1)
        return False

    with running_server("--reload", *folders) as process:
        scenario.write_text(
            "title: New\noperations: [list-all-trashed-push-notifications]\ndata: empty\n"
        )
        assert wait_for(200)
        scenario.write_text(
            "title: New\noperations: [list-all-trashed-push-notifications]\ndata: full\n"
        )
        time.sleep(1)
        assert json.loads(fetch(f"{process.url}/__admin/scenarios/new")[2])["data"] == "empty"
        scenario.unlink()
        assert wait_for(404)
        process.send_signal(signal.SIGTERM)
        errors = process.stderr.read()
        assert 'new.yaml:3:7: /data: expected "empty", "one"' in errors
        assert "still serving the previous contract" in errors


def test_the_server_does_not_import_the_modules_of_other_commands() -> None:
    modules = ["faker", "tqdm", "pytest", "opentelemetry", "requests"]
    text = f"import sys, mockserver.cli.serve; print(*(n for n in {modules} if n in sys.modules))"
    process = subprocess.run(
        [sys.executable, "-c", text],
        cwd=ROOT,
        env=clean_environ(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.strip() == ""
