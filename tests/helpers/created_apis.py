"""APIs that `mockserver init` creates, and their servers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from helpers.processes import run_command
from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore

Ask = Callable[..., tuple[int, Any]]
"""Sends method, target and JSON body; returns status and JSON body."""
HEADERS = {
    "x-access-token": "any",
    "authorization": "Bearer any",
    "content-type": "application/json",
}


def init(folder: Path, file: Path, *more: str) -> Any:
    """Run `mockserver init` for a blueprint. Return the ended process."""
    folders = [f"--schemas={folder / 'schemas'}", f"--fixtures={folder / 'fixtures'}"]
    return run_command("init", str(file), *folders, *more)


def server_of(folder: Path) -> MockServer:
    """Return a server of the API in a folder."""
    contract = loader.load_contract(folder / "schemas", folder / "fixtures")
    return MockServer(contract, Settings(), MemoryStore(SandboxState()))


def asker(server: MockServer) -> Ask:
    """Return a function that sends requests to a server."""

    def ask(method: str, target: str, body: Any = None) -> tuple[int, Any]:
        path, _, query = target.partition("?")
        sent = b"" if body is None else json.dumps(body).encode()
        response = server.respond(Request(method, path, query, HEADERS, sent))
        return response.status, json.loads(response.body) if response.body else None

    return ask
