"""APIs made by `mockserver init` from blueprints of `tests/cases/wire/`, or from the text of one."""

import functools
from pathlib import Path
from tempfile import TemporaryDirectory

from conftest import ROOT, called

from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.contract.model import Contract
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore

CASES = ROOT / "tests/cases/wire"


def make_folders(folder: Path, source: str) -> Settings:
    """Make the two folders of an API; `source` is the name of a case, or the text of a blueprint."""
    text = (CASES / f"{source}.apib").read_text() if "\n" not in source else source
    name = source if "\n" not in source else "api"
    (folder / f"{name}.apib").write_text(text)
    schemas, fixtures = folder / "schemas", folder / "fixtures"
    done = called("init", str(folder / f"{name}.apib"), "--schemas", str(schemas), "--fixtures", str(fixtures))
    assert done.returncode == 0, done.stderr
    return Settings(schemas=schemas, fixtures=fixtures, store="memory:")


@functools.cache
def load_case(source: str) -> Contract:
    """Return the contract of an API that `init` has made. It is never changed, so tests share it."""
    with TemporaryDirectory() as folder:
        settings = make_folders(Path(folder), source)
        return loader.load_contract(settings.schemas, settings.fixtures)


def serve_case(source: str) -> MockServer:
    """Return the pipeline over an API that `init` has made."""
    return MockServer(load_case(source), Settings(), MemoryStore(SandboxState()))


def send(server: MockServer, method: str, target: str, body: bytes = b"", **headers: str) -> Response:
    """Send one request; names of headers are written with underscores."""
    path, _, query = target.partition("?")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return server.handle(Request(method, path, query, named, body))
