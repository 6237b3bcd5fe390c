"""APIs that `mockserver init` makes from small blueprints, for tests of what is sent on the wire."""

from pathlib import Path
from subprocess import CompletedProcess

from conftest import ROOT, called
from flask.testing import FlaskClient

from mockserver.config.settings import Settings
from mockserver.web.app import create_app

CASES = ROOT / "tests" / "cases" / "wire"
ACTION = "FORMAT: 1A\nHOST: https://api.vendor.example/v2\n\n# A\n\n## T [/t]\n\n### Show [GET]\n\n"
"""What stands above the response of a blueprint with one action, `GET /v2/t`; the response begins in line 10."""


def init(folder: Path, source: Path | str) -> CompletedProcess[str]:
    """Run `init` on a blueprint: a file, or its text."""
    path = source if isinstance(source, Path) else folder / "a.apib"
    if isinstance(source, str):
        path.write_text(source, encoding="utf-8")
    return called("init", str(path), *folders(folder))


def folders(folder: Path) -> tuple[str, ...]:
    """The two folders below `folder`, as flags."""
    return "--schemas", str(folder / "schemas"), "--fixtures", str(folder / "fixtures")


def client_of(folder: Path) -> FlaskClient:
    """A client of the API that was made in a folder."""
    settings = Settings(schemas=folder / "schemas", fixtures=folder / "fixtures", store="memory:")
    return create_app(settings).test_client()


def made_client(folder: Path, source: Path | str) -> FlaskClient:
    """A client of the API that `init` makes from a blueprint; `check` and `openapi` find no fault in it."""
    ended = init(folder, source)
    assert (ended.returncode, "Traceback" in ended.stderr) == (0, False), ended
    for command in ("check", "openapi"):
        ended = called(command, *folders(folder))
        assert (ended.returncode, "Traceback" in ended.stderr) == (0, False), ended
    return client_of(folder)
