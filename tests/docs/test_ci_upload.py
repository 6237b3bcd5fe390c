"""The commands of docs/ci.md upload a blueprint to a running server."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers.console import PUBLISHED_URL, console_commands, named_files, sections
from helpers.own_api import OWN_API_PAGE
from helpers.processes import running_server
from helpers.repository import ROOT
from helpers.tools import require_tool
from helpers.uploads import call_once

pytestmark = pytest.mark.server

SECTION = sections((ROOT / "docs/ci.md").read_text())["Your own API without a mount"]
JOB = yaml.safe_load(SECTION.partition("```yaml\n")[2].partition("```")[0])["jobs"]["test"]
STEP = next(step["run"] for step in JOB["steps"] if step.get("name") == "Upload the blueprint")


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with running_server("--workers", "1") as process:
        yield process


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vendor.apib").write_text(dict(named_files(OWN_API_PAGE))["notes.apib"])
    return tmp_path


def run(script: str, server: Any, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as GitHub does, in the folder with the blueprint."""
    script = script.replace(PUBLISHED_URL, server.url)
    call = ["bash", "-eo", "pipefail", "-c", script]
    return subprocess.run(call, cwd=folder, capture_output=True, text=True)


def test_the_step_of_the_job_uploads_the_blueprint(server: Any, folder: Path) -> None:
    for tool in ("curl", "jq"):
        require_tool(tool)
    result = run(STEP, server, folder)
    assert (result.returncode, json.loads(result.stdout)["operations"]) == (0, 4)
    assert call_once(server.url, "GET", "/v1/notes/1")[0] == 200


def test_the_commands_without_jq_print_what_the_page_shows(server: Any, folder: Path) -> None:
    require_tool("curl")
    creation, call = console_commands(SECTION)
    result = run(f"{creation.line}\n{call.line}", server, folder)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == json.loads(call.output)


def test_an_invalid_blueprint_fails_the_step(server: Any, folder: Path) -> None:
    require_tool("curl")
    (folder / "vendor.apib").write_text("# Nothing\n")
    creation, call = console_commands(SECTION)
    result = run(f"{creation.line}\n{call.line}", server, folder)
    assert result.returncode != 0
    assert json.loads(result.stdout)["messages"]
