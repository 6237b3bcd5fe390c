"""Health checks need no Flask, and return the response of the admin API."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from helpers.processes import clean_environ
from helpers.repository import ROOT
from werkzeug.test import EnvironBuilder

from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.errors import StoreUnavailable
from mockserver.pipeline.factory import make_server
from mockserver.web.application import Application
from mockserver.web.http.in_process import InProcessServer

REQUESTS: dict[str, dict[str, str]] = {
    "plain": {},
    "in a sandbox": {"X-Mock-Sandbox": "anna"},
    "in an invalid sandbox": {"X-Mock-Sandbox": "../x"},
    "of a foreign host": {"Host": "evil.example.com"},
    "of a foreign page": {"Origin": "https://evil.example.com"},
    "of an image": {"Sec-Fetch-Site": "cross-site"},
    "of an allowed page": {"Origin": "https://app.example.com"},
    "with a token": {"X-Access-Token": "any@ben"},
}


@pytest.fixture(params=[True, False], ids=["healthy", "without store"])
def application(
    contract: Contract, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Application:
    settings = Settings(
        store="memory:", admin_token="secret", admin_origins=("https://app.example.com",)
    )
    server = make_server(settings, contract)
    server.open()
    if not request.param:

        def fail() -> None:
            raise StoreUnavailable("the disk is full")

        monkeypatch.setattr(server.store, "check_writes", fail)
    return Application(server)


@pytest.fixture
def http(application: Application) -> Iterator[InProcessServer]:
    with InProcessServer(application) as server:
        yield server


def content(body: bytes) -> Any:
    """Return the JSON of a health check without its times."""
    return {
        name: value
        for name, value in json.loads(body).items()
        if name not in ("timestamp", "uptimeInSeconds")
    }


@pytest.mark.parametrize("case", REQUESTS)
def test_health_without_flask_equals_the_view_of_the_admin_api(
    application: Application, http: InProcessServer, case: str
) -> None:
    headers = {"Host": "localhost:8080", **REQUESTS[case]}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    received = http.send(
        f"GET /__admin/health HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode()
    )
    head, _, body = received.partition(b"\r\n\r\n")
    fields = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")[1:]]
    expected = (
        application.flask().test_client().open(EnvironBuilder("/__admin/health", headers=headers))
    )
    assert int(head.split()[1]) == expected.status_code
    headers_received = {
        name: value
        for name, value in fields
        if name not in ("Server", "Date", "Connection", "Content-Length")
    }
    assert headers_received == {
        name: value for name, value in expected.headers if name != "Content-Length"
    }
    assert content(body) == content(expected.data)


def test_a_health_check_and_the_api_import_no_flask() -> None:
    lines = [
        "import sys",
        "from mockserver.config.settings import Settings",
        "from mockserver.config.shipped import FIXTURES, SCHEMAS",
        "from mockserver.contract.loader import load_contract",
        "from mockserver.web.application import proof_application",
        "from mockserver.web.http.in_process import InProcessServer",
        "def ask(path):",
        "    head = [f'GET {path} HTTP/1.1', 'Host: localhost', 'X-Access-Token: t']",
        "    request = '\\r\\n'.join([*head, 'Connection: close', '', ''])",
        "    return server.send(request.encode()).split()[1].decode()",
        "with InProcessServer(proof_application(load_contract(SCHEMAS, FIXTURES))) as server:",
        "    print(ask('/__admin/health'), ask('/api/push_notifications/trash'))",
        "    print('flask' in sys.modules)",
        "    print(ask('/__admin/version'), 'flask' in sys.modules)",
    ]
    call = [sys.executable, "-c", "\n".join(lines)]
    process = subprocess.run(
        call, cwd=ROOT, env=clean_environ(), capture_output=True, text=True, check=True
    )
    assert re.findall(r"\S+", process.stdout) == ["200", "200", "False", "200", "True"]
