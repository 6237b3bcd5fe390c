"""The ways to install of docs/index.md exist, and its images are configured by settings."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.console import Shell, console_commands, sections
from helpers.processes import running_server
from helpers.repository import ROOT
from helpers.tools import require_tool

from mockserver.config.unknown_variables import unknown_variables

PAGE = (ROOT / "docs/index.md").read_text()
INSTALL = sections(PAGE)["Install"]
DOCKERFILE = re.findall(r"```dockerfile\n(.*?)```", INSTALL, re.DOTALL)


@pytest.mark.parametrize("target", ["serve", "image"])
def test_the_make_targets_of_the_installation_exist(target: str) -> None:
    assert f"make {target}" in INSTALL
    make = require_tool("make")
    ended = subprocess.run([make, "--dry-run", target], cwd=ROOT, capture_output=True)
    assert ended.returncode == 0


def test_the_installation_without_a_start_is_that_of_make_serve() -> None:
    (command,) = re.findall(r"\| only install it \| `python3 (.*?)` \|", INSTALL)
    make = require_tool("make")
    ended = subprocess.run([make, "--dry-run", "serve"], cwd=ROOT, capture_output=True, text=True)
    assert command in ended.stdout


def test_the_installed_command_is_on_the_path(tmp_path: Path) -> None:
    """The clone is a folder with a `.venv` that runs this repository."""
    programs = tmp_path / ".venv/bin"
    programs.mkdir(parents=True)
    script = programs / "mockserver"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mockserver "$@"\n')
    script.chmod(0o755)
    export, version = console_commands(INSTALL)[:2]
    with Shell(tmp_path) as shell:
        result = shell.call(f"{export.line} && command -v mockserver && {version.line}")
    path, text = result.stdout.splitlines()
    assert path == str(script)
    assert re.fullmatch(r"mockserver \S+", text)


@pytest.mark.server
def test_the_variable_of_the_installation_sets_the_port() -> None:
    assert "MOCKSERVER_PORT=9000 make serve" in INSTALL
    with running_server(MOCKSERVER_PORT="0") as process:
        assert not process.url.endswith(":8080")


def test_the_variables_of_an_own_image_name_the_copied_folders() -> None:
    (text,) = DOCKERFILE
    copied = dict(re.findall(r"^COPY (\S+) (\S+)$", text, re.MULTILINE))
    environ = dict(re.findall(r"^ENV (\S+)=(\S+)$", text, re.MULTILINE))
    assert unknown_variables(environ) == []
    assert environ == {
        "MOCKSERVER_SCHEMAS": copied["schemas"],
        "MOCKSERVER_FIXTURES": copied["fixtures"],
    }
