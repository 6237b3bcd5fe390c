"""Options and fixtures of pytest: the shipped contract, and servers with it."""

import gc
import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.front_client import front_client
from helpers.http_front import running_front
from helpers.processes import running_server
from helpers.shipped_api import load_from_files, shipped_contract
from helpers.tools import require_tool
from hypothesis import settings
from playwright.sync_api import Browser, Playwright, sync_playwright
from werkzeug.routing import Rule

from mockserver.config.settings import Settings
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract import loader
from mockserver.contract.model import Contract
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.web.app import create_app
from mockserver.web.http.quick_path import QuickPath

# Many tests start a process. Without bytecode files, each process compiles the package again, which
# takes a second.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The machine may be slow: no test has a time limit.
settings.register_profile("untimed", deadline=None)
settings.register_profile("thorough", deadline=None, max_examples=300)
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", action="store_true", help="write the pictures of docs/ again")
    parser.addoption(
        "--shrink",
        action="store_true",
        help="look for the shortest random walk that fails; takes minutes",
    )
    parser.addoption(
        "--thorough",
        action="store_true",
        help="walk far, attack every admin route in a sandbox too, try Faker's providers in each "
        "locale, install with pip",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--thorough"):
        settings.load_profile("thorough")


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of workers for `-n auto`: two per core, because many tests wait."""
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the collected tests out of garbage collection, because scanning them takes long.

    Objects of a test are still collected, so an unclosed file is an error.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep generated files of `serve FILE` away from the user's cache."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session", autouse=True)
def _shipped_contract_is_loaded_once() -> Iterator[None]:
    """Read the shipped folders once. Reading them takes a fifth of a second."""

    def load(schemas: Path, fixtures: Path, more: Path | None = None) -> Contract:
        if (schemas, fixtures, more) == (SCHEMAS, FIXTURES, None):
            return shipped_contract()
        return load_from_files(schemas, fixtures, more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "load_contract", load)
        yield


@pytest.fixture(scope="session", autouse=True)
def _url_builders_are_compiled_once() -> Iterator[None]:
    """Compile the URL builder of each rule once. It takes 17 of the 20 ms of an application."""
    compile_builder = Rule._compile_builder
    builders: dict[Any, Any] = {}

    def compile_once(rule: Rule, append_unknown: bool = True) -> Any:
        key = rule.rule, repr(rule.defaults), append_unknown
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once)
        yield


@pytest.fixture(scope="session")
def contract() -> Contract:
    """Return the shipped contract, which is immutable."""
    return shipped_contract()


@pytest.fixture
def server(contract: Contract) -> MockServer:
    """Return a pipeline with an empty store."""
    return MockServer(contract, Settings(), MemoryStore(SandboxState()))


@pytest.fixture
def ask(server: MockServer) -> Callable[..., Response]:
    """Return a function that sends a request to the pipeline.

    An example is `ask("GET", "/api/...?limit=3", prefer="code=404")`.
    """

    def send(method: str, target: str, body: bytes = b"", **headers: str) -> Response:
        path, _, query = target.partition("?")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return server.respond(
            Request(method, path, query, {"x-access-token": "any", **named}, body)
        )

    return send


@pytest.fixture
def client() -> FlaskClient:
    """Return a test client of the application."""
    return create_app(Settings(store="memory:")).test_client()


@pytest.fixture(params=["wsgi", "loop", "quick path"])
def each_client(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FlaskClient]:
    """Return a client of WSGI, or of the HTTP server without and with the quick path.

    The quick path keeps the response to the first of several equal requests.
    """
    if request.param == "wsgi":
        yield create_app(Settings(store="memory:")).test_client()
        return
    monkeypatch.setattr(QuickPath, "_is_repeated", lambda *_: True)
    settings_of_server = Settings(store="memory:", quick_path=request.param == "quick path")
    with running_front(settings_of_server, shipped_contract()) as front:
        yield front_client(front)


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """Return a folder with copies of `schemas/` and `fixtures/`, which a test may change."""
    shutil.copytree(SCHEMAS, tmp_path / "schemas")
    shutil.copytree(FIXTURES, tmp_path / "fixtures")
    return tmp_path


@pytest.fixture
def thorough(request: pytest.FixtureRequest) -> None:
    """Skip a costly test, except with `--thorough`."""
    if not request.config.getoption("--thorough"):
        pytest.skip("costly: run with --thorough")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Return the driver of browsers. A process can have only one."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Return Debian's chromium. Each test opens a new context."""
    path = require_tool("chromium")
    chromium = playwright.chromium.launch(
        executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
    )
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def live() -> Iterator[str]:
    """Return the URL of a real server with the shipped contract.

    A test that changes the state of the server resets it first.
    """
    with running_server() as process:
        yield process.url
