"""APIs that `mockserver init` generates from a blueprint of tests/cases/wire, or from a text."""

import functools
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

from flask.testing import FlaskClient

from helpers.processes import run_command
from helpers.repository import CASES
from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.contract.model import Contract
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.web.app import create_app

ONE_ACTION = (
    "FORMAT: 1A\nHOST: https://api.vendor.example/v2\n\n# A\n\n## T [/t]\n\n### Show [GET]\n\n"
)
"""The blueprint of one action, `GET /v2/t`, up to its response, which begins in line 10."""


def folder_flags(folder: Path) -> tuple[str, ...]:
    """Return the flags that name the schemas and the fixtures below a folder."""
    return "--schemas", str(folder / "schemas"), "--fixtures", str(folder / "fixtures")


def folder_settings(folder: Path) -> Settings:
    """Return settings with the schemas and the fixtures below a folder."""
    return Settings(schemas=folder / "schemas", fixtures=folder / "fixtures", store="memory:")


def run_init(folder: Path, source: Path | str) -> CompletedProcess[str]:
    """Run `init` on a blueprint: a file, the name of a case, or the text of a blueprint."""
    return run_command("init", str(_blueprint_file(folder, source)), *folder_flags(folder))


def _blueprint_file(folder: Path, source: Path | str) -> Path:
    if isinstance(source, Path):
        return source
    if "\n" not in source:
        return CASES / f"{source}.apib"
    path = folder / "a.apib"
    path.write_text(source, encoding="utf-8")
    return path


def generate_folders(folder: Path, source: Path | str) -> Settings:
    """Generate the two folders of an API, and return settings that serve it."""
    process = run_init(folder, source)
    assert process.returncode == 0, process.stderr
    return folder_settings(folder)


@functools.cache
def generated_contract(source: str) -> Contract:
    """Return the contract of a generated API. It is immutable, so tests share it."""
    with TemporaryDirectory() as folder:
        settings = generate_folders(Path(folder), source)
        return loader.load_contract(settings.schemas, settings.fixtures)


def generated_server(source: str) -> MockServer:
    """Return a pipeline with a generated API and an empty store."""
    return MockServer(generated_contract(source), Settings(), MemoryStore(SandboxState()))


def send_request(
    server: MockServer, method: str, target: str, body: bytes = b"", **headers: str
) -> Response:
    """Send one request to a pipeline. Names of headers have underscores instead of hyphens."""
    path, _, query = target.partition("?")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return server.respond(Request(method, path, query, named, body))


def client_of_folder(folder: Path) -> FlaskClient:
    """Return a client of the API that was generated below a folder."""
    return create_app(folder_settings(folder)).test_client()


def generate_client(folder: Path, source: Path | str) -> FlaskClient:
    """Return a client of the API that `init` generates, after `check` and `openapi` accepted it."""
    processes = [run_init(folder, source)]
    for command in ("check", "openapi"):
        processes.append(run_command(command, *folder_flags(folder)))
    for process in processes:
        assert (process.returncode, "Traceback" in process.stderr) == (0, False), process
    return client_of_folder(folder)
