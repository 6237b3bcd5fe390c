"""The ways to install of docs/index.md exist, and its images are configured by settings."""

import itertools
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from helpers.console import Shell, console_commands, named_files, sections
from helpers.own_api import OWN_API_PAGE
from helpers.processes import run_process, running_server
from helpers.repository import ROOT
from helpers.tools import require_tool
from helpers.uploads import call_once

from mockserver.config.unknown_variables import unknown_variables

PAGE = (ROOT / "docs/index.md").read_text()
INSTALL = sections(PAGE)["Install"]
DOCKERFILES = re.findall(r"```dockerfile\n(.*?)```", INSTALL, re.DOTALL)


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


# The image ---------------------------------------------------------------------------------------


class Container(NamedTuple):
    """A container of the page: its arguments, its variables, and the paths of its files."""

    arguments: list[str]
    environ: dict[str, str]
    files: dict[str, str]
    """The path in the container to the path in the folder of the user."""


def container_of_run(line: str) -> Container:
    """Return the container of a `docker run` line."""
    words = shlex.split(line.replace("$PWD", "."))
    position = words.index("mockserver")
    options = words[2:position]
    files = {}
    for option, value in itertools.pairwise(options):
        if option == "-v":
            source, target, mode = value.split(":")
            assert mode == "ro"
            files[target] = source
    assert options[options.index("-p") + 1] == "8080:8080"
    return Container(words[position + 1 :], {}, files)


def container_of_image(text: str) -> Container:
    """Return the container of a Dockerfile."""
    lines = text.splitlines()
    assert lines[0] == "FROM mockserver"
    copies = re.findall(r"^COPY (\S+) (\S+)$", text, re.MULTILINE)
    variables = re.findall(r"^ENV (\S+)=(\S+)$", text, re.MULTILINE)
    assert len(lines) == 1 + len(copies) + len(variables)
    return Container([], dict(variables), {target: source for source, target in copies})


RUNS = [container_of_run(line) for line in re.findall(r"^docker run .*$", INSTALL, re.MULTILINE)]
IMAGES = [container_of_image(text) for text in DOCKERFILES]


def test_the_page_shows_each_way_to_serve_an_own_api() -> None:
    assert len(RUNS) == len(IMAGES) == 2
    assert RUNS[0] == Container([], {}, {}), "the first one serves the shipped API"


@pytest.mark.server
@pytest.mark.parametrize("container", [RUNS[1], *IMAGES], ids=["run", "file", "folders"])
def test_a_container_of_the_page_serves_the_api(container: Container, own_api: Path) -> None:
    """The server runs as a process, with the paths of the user in place of the container's."""

    def real(text: str) -> str:
        for target, source in container.files.items():
            text = text.replace(target, str(own_api / source))
        return text

    assert unknown_variables(container.environ) == []
    arguments = [real(word) for word in container.arguments if word != "serve"]
    assert len(arguments) == max(len(container.arguments) - 1, 0)
    environ = {name: real(value) for name, value in container.environ.items()}
    with running_server(*arguments, "--workers", "1", **environ) as process:
        assert call_once(process.url, "GET", "/v1/notes/1")[0] == 200


@pytest.mark.server
def test_the_upload_of_the_page_succeeds(own_api: Path) -> None:
    for tool in ("curl", "jq"):
        require_tool(tool)
    (upload,) = re.findall(r"^jq .*\n.*$", INSTALL, re.MULTILINE)
    with running_server("--workers", "1") as process, Shell(own_api, process.url) as shell:
        ended = shell.call(upload)
        assert ended.returncode == 0, ended.stdout
        assert call_once(process.url, "GET", "/v1/notes/1")[0] == 200


@pytest.fixture(scope="module")
def own_api(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with `vendor.apib`, and the folders that `init` makes from it."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "vendor.apib").write_text(dict(named_files(OWN_API_PAGE))["notes.apib"])
    assert run_process("init", "vendor.apib", cwd=folder).returncode == 0
    return folder
