"""Pytest fixtures: the shipped contract, servers over it in this process, and real server processes."""

import contextlib
import functools
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import settings

from mockserver import cli
from mockserver.config.settings import Settings
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract import loader
from mockserver.contract.model import Contract
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.web.app import create_app

# The machine may be slow: no test has a time limit.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).parent.parent
TOKEN = {"X-Access-Token": "1234567890abcdef"}
BUSY = "5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32"
"""The push notification with the many exports."""
TRASHED = "983d437d-eac6-423b-beb5-40a619be332f"
EXPORTS = f"/api/push_notifications/{BUSY}/exports"
TRASH = "/api/push_notifications/trash"

LIST_EXPORTS = "list-all-push-notification-segment-exports"
RETRIEVE = "retrieve-a-push-notification-segment-export"
CANCEL = "cancel-push-notification-segment-export"
LIST_TRASH = "list-all-trashed-push-notifications"
RESTORE = "restore-a-trashed-push-notification"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", action="store_true", help="write the pictures of docs/ anew")
    parser.addoption("--shrink", action="store_true", help="look for the shortest random walk that fails; takes minutes")
    parser.addoption(
        "--thorough",
        action="store_true",
        help="walk far, attack every control route in a sandbox too, try Faker's providers in each locale, install with pip",
    )


def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: more than there are cores, since many tests wait for servers and browsers."""
    return 2 * (os.cpu_count() or 1)


_load = loader.load_contract


@functools.cache
def shipped_contract() -> Contract:
    """The shipped contract. It is never changed, so that one will do for all tests."""
    return _load(SCHEMAS, FIXTURES)


@pytest.fixture(scope="session", autouse=True)
def _loaded_once() -> Iterator[None]:
    """Whoever loads the shipped folders in this process gets the one contract; to read them takes a fifth of a second."""

    def load(schemas: Path, fixtures: Path) -> Contract:
        return shipped_contract() if (schemas, fixtures) == (SCHEMAS, FIXTURES) else _load(schemas, fixtures)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "load_contract", load)
        yield


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The shipped contract; it is never changed."""
    return shipped_contract()


@pytest.fixture
def server(contract: Contract) -> MockServer:
    """A pipeline with a state of its own."""
    return MockServer(contract, Settings(), MemoryStore(SandboxState()))


@pytest.fixture
def ask(server: MockServer) -> Callable[..., Response]:
    """Ask the pipeline: `ask("GET", "/api/...?limit=3", prefer="code=404")`."""

    def asked(method: str, target: str, body: bytes = b"", **headers: str) -> Response:
        path, _, query = target.partition("?")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return server.handle(Request(method, path, query, {"x-access-token": "any", **named}, body))

    return asked


@pytest.fixture
def client() -> FlaskClient:
    """A test client of the application."""
    return create_app(Settings(store="memory:")).test_client()


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A copy of the shipped folders, to break: `schemas/` and `fixtures/` below it."""
    shutil.copytree(SCHEMAS, tmp_path / "schemas")
    shutil.copytree(FIXTURES, tmp_path / "fixtures")
    return tmp_path


@pytest.fixture
def thorough(request: pytest.FixtureRequest) -> None:
    """Skip a costly test, except with `--thorough`."""
    if not request.config.getoption("--thorough"):
        pytest.skip("costly: run with --thorough")


def clean_environ(**extra: str) -> dict[str, str]:
    """This environment without settings of the mock server's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")}
    return {**kept, "PYTHONPATH": str(ROOT), **extra}


def command(*arguments: str, cwd: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `mockserver ARGUMENTS` to its end."""
    call = [sys.executable, "-m", "mockserver", *arguments]
    return subprocess.run(call, cwd=cwd, env=clean_environ(**environ), capture_output=True, text=True)


def called(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `mockserver ARGUMENTS` in this process: quicker than `command`, and not for `serve`, which would take it over."""
    assert "serve" not in arguments
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(ROOT):
        try:
            code = cli.main(arguments)
        except SystemExit as end:  # argparse's
            code = int(end.code or 0)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


@contextmanager
def serving(*arguments: str, **environ: str) -> Iterator[Any]:
    """A real `mockserver serve` on a free port; gives the process, with its address as `url` and what it said as `banner`."""
    call = [sys.executable, "-m", "mockserver", "serve", "--port", "0", *arguments]
    process: Any = subprocess.Popen(
        call, cwd=ROOT, env=clean_environ(**environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
    )
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if found := re.search(r"docs +(http://\S+)/docs", line):
                process.url = found[1]
            if line.startswith("{") and "url" not in vars(process):  # --log-format json
                process.url = json.loads(line)["url"]
                break
            if line == "\n" and hasattr(process, "url"):
                break
        else:
            raise AssertionError(f"the server did not start: {process.stderr.read()}")
        process.banner = "".join(lines)
        wait_for(process.url, process)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait()
        process.stdout.close()
        process.stderr.close()


def wait_for(url: str, process: subprocess.Popen[Any]) -> None:
    """Until a server takes connections, as long as its process lives: granian binds its socket after the banner."""
    at = urlsplit(url)
    while True:
        try:
            socket.create_connection((str(at.hostname), at.port or 80), 1).close()
            return
        except OSError:
            assert process.poll() is None, f"nothing listens at {url}, and the process is gone"
            time.sleep(0.02)


@pytest.fixture(scope="session")
def live() -> Iterator[str]:
    """The address of a real server with the shipped contract. Whoever changes its state resets it first."""
    with serving() as process:
        yield process.url


def provided_by_ci() -> list[str]:
    """Return the names of the Debian packages that .ci/run installs; the programs have the same names."""
    packages = re.findall(r"packages\+?=\((.*)\)", (ROOT / ".ci" / "run").read_text())
    return " ".join(packages).split()


def tool(name: str) -> str:
    """Return the path of a program that a test needs.

    Where it is missing, the test is skipped. In CI it fails if .ci/run has to install the program: a skip would hide
    what was not tested. Everything else, such as a file outside the repository, may be missing in CI too.
    """
    path = shutil.which(name)
    if path:
        return path
    if os.environ.get("CI") == "true" and name in provided_by_ci():
        pytest.fail(f"{name} is missing, and .ci/run has to install it")
    pytest.skip(f"{name} is not installed")
