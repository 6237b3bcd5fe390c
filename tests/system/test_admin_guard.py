"""The guard of the admin API on a real server: raw requests, commands, and printed lines."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from helpers.admin import SECRET
from helpers.processes import run_process, running_server
from helpers.raw_http import exchange_raw

from mockserver.cli.admin_client import call
from mockserver.errors import StartError

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def protected() -> Iterator[Any]:
    """Yield a real server with an admin token."""
    with running_server("--workers", "1", MOCKSERVER_ADMIN_TOKEN=SECRET) as process:
        yield process


CLOSE = b"Connection: close\r\n\r\n"
"""The end of a request after which the server closes the connection."""
REQUESTS = [
    (
        "an address",
        b"GET /__admin/health HTTP/1.1\r\nHost: 127.0.0.1\r\n" + CLOSE,
        200,
    ),
    ("HTTP/1.0 without Host", b"GET /__admin/health HTTP/1.0\r\n\r\n", 403),
    (
        "another name",
        b"GET /__admin/health HTTP/1.1\r\nHost: evil.test\r\n" + CLOSE,
        403,
    ),
    (
        "a whole URL",
        b"GET http://evil.test/__admin/settings HTTP/1.1\r\nHost: localhost\r\n" + CLOSE,
        401,
    ),
    (
        "SCRIPT_NAME",
        b"GET /x/__admin/health HTTP/1.1\r\nHost: a.b\r\nSCRIPT_NAME: /x\r\n" + CLOSE,
        404,
    ),
    (
        "Script-Name",
        b"GET /x/__admin/health HTTP/1.1\r\nHost: a.b\r\nScript-Name: /x\r\n" + CLOSE,
        404,
    ),
    (
        "X-Forwarded-Host",
        b"GET /__admin/health HTTP/1.1\r\nHost: a.b\r\nX-Forwarded-Host: x\r\n" + CLOSE,
        403,
    ),
    (
        "X-Forwarded-Proto",
        b"GET /__admin/health HTTP/1.1\r\nHost: x\r\nOrigin: https://x\r\n"
        b"X-Forwarded-Proto: https\r\n" + CLOSE,
        403,
    ),
    (
        "an encoded slash",
        b"GET /%5F%5Fadmin/settings HTTP/1.1\r\nHost: x\r\n" + CLOSE,
        401,
    ),
    (
        "a sandbox",
        b"GET /~anna/__admin/settings HTTP/1.1\r\nHost: x\r\n" + CLOSE,
        401,
    ),
    (
        "a sandbox below another",
        b"GET /~a/~b/__admin/settings HTTP/1.1\r\nHost: x\r\n" + CLOSE,
        404,
    ),
]


@pytest.mark.parametrize(
    ("data", "status"), [case[1:] for case in REQUESTS], ids=[case[0] for case in REQUESTS]
)
def test_the_server_passes_the_request_to_the_guard_unchanged(
    protected: Any, data: bytes, status: int
) -> None:
    response = exchange_raw(protected.url, data)
    assert response.split(b" ", 2)[1] == str(status).encode(), response


@pytest.mark.parametrize(
    "hosts",
    [b"", b"Host: localhost\r\nHost: evil.test\r\n", b"Host: evil.test\r\nHost: localhost\r\n"],
)
def test_a_missing_and_a_repeated_host_header_are_rejected(protected: Any, hosts: bytes) -> None:
    request = b"GET /__admin/health HTTP/1.1\r\n" + hosts + CLOSE
    response = exchange_raw(protected.url, request)
    assert response.split(b" ", 2)[1] == b"400", response


def test_the_tools_take_the_token_from_flag_and_environment(protected: Any) -> None:
    assert call(protected.url, "GET", "/clock", SECRET)["mode"] == "frozen"
    with pytest.raises(StartError, match="expected the token of --admin-token"):
        call(protected.url, "GET", "/clock", "wrong")
    url = ["--url", protected.url]
    on = run_process("scenario", "on", "slow", *url, MOCKSERVER_ADMIN_TOKEN=SECRET)
    assert on.stdout == "slow is on\n"
    off = run_process("scenario", "off", "slow", *url, "--admin-token", SECRET)
    assert off.stdout == "slow is off\n"
    assert run_process("journal", protected.url, "--admin-token", SECRET).returncode == 0
    without_token = run_process("journal", protected.url)
    assert without_token.returncode == 1
    assert "--admin-token (MOCKSERVER_ADMIN_TOKEN)" in without_token.stderr


def test_a_server_on_all_addresses_warns_once_about_the_open_admin_api() -> None:
    with running_server("--host", "0.0.0.0", "--workers", "1") as process:
        process.terminate()
        lines = [line for line in process.stderr.read().splitlines() if "admin API" in line]
    assert len(lines) == 1
    assert "The admin API on 0.0.0.0:" in lines[0]


def test_the_server_never_prints_the_admin_token() -> None:
    with running_server(
        "--host", "0.0.0.0", "--workers", "1", MOCKSERVER_ADMIN_TOKEN=SECRET
    ) as process:
        url = process.url.replace("localhost", "127.0.0.1")
        settings = call(url, "GET", "/settings", SECRET)
        call(url, "GET", "/health", "wrong-" + SECRET)
        process.terminate()
        output = process.banner + process.stderr.read()
    assert settings["admin_token"] == "***"
    assert SECRET not in output + json.dumps(settings)
    assert "admin API" not in output
