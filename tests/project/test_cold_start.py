"""A start imports only the modules that the first response needs."""

import subprocess
import sys

import pytest
from helpers.processes import clean_environ

NOT_NEEDED = (
    "apispec",  # /openapi.json
    "difflib",  # hints in messages, near misses
    "email.parser",  # http.client
    "faker",  # `mockserver fixtures`
    "flask",  # the admin API and the panel
    "http.client",  # calls to the admin API of a running server
    "importlib.metadata",  # `--traces`
    "jsonschema",  # the text of violations
    "mockserver.cli.admin_client",
    "mockserver.contract.openapi",
    "mockserver.formats.schema_messages",
    "mockserver.generation",
    "mockserver.sandbox.stores.memory",  # `--store memory:`
    "mockserver.sandbox.stores.redis",  # `--store redis:`
    "mockserver.telemetry.otel",  # `--traces`
    "opentelemetry",
    "redis",
    "tqdm",
    "urllib.request",
    "werkzeug",
    "xml",
)
"""Packages and modules, and when they are needed."""
START = """
import sys

loaded_by_site = set(sys.modules)

from mockserver.cli import options
from mockserver.config.settings import Settings
from mockserver.contract.loader import load_contract
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import StoreLimits

settings = Settings()
contract = load_contract(settings.schemas, settings.fixtures)
server = MockServer(contract, settings, open_store("sqlite:", SandboxState(), StoreLimits()), None)
server.open()
request = Request("GET", "/api/push_notifications/trash", headers={"x-access-token": "t"})
assert server.respond(request).status == 200
server.close()
print(*sorted(set(sys.modules) - loaded_by_site))
"""
"""From the settings to the first response, without the web server."""


def test_the_first_response_needs_few_modules() -> None:
    run = subprocess.run(
        [sys.executable, "-c", START],
        env=clean_environ(),
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = set(run.stdout.split())
    assert {"mockserver.pipeline.router", "sqlite3"} <= loaded
    assert not loaded.intersection(NOT_NEEDED)


def test_the_list_names_modules_that_exist() -> None:
    code = (
        f"from importlib.util import find_spec; "
        f"print(*(name for name in {NOT_NEEDED!r} if not find_spec(name)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=clean_environ(),
        check=True,
        capture_output=True,
        text=True,
    )
    assert run.stdout.split() == []


COLLECTION = """
import gc
import importlib

from mockserver import cli

importlib.import_module = lambda name: print(name, gc.isenabled()) or exit()
cli.main(["COMMAND"])
"""
"""Whether the garbage collector runs while the module of a command is imported."""


@pytest.mark.parametrize(("command", "collects"), [("serve", False), ("check", True)])
def test_no_garbage_is_collected_during_a_start(command: str, collects: bool) -> None:
    code = COLLECTION.replace("COMMAND", command)
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=clean_environ(),
        check=True,
        capture_output=True,
        text=True,
    )
    assert run.stdout.split() == [f"mockserver.cli.{command}", str(collects)]
