"""Each recipe of docs/cookbook.md is run, and prints what the page shows."""

import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from helpers.console import Shell, console_commands, named_files, run_commands, sections
from helpers.processes import running_server
from helpers.repository import ROOT
from helpers.tools import require_tool

from mockserver.config.setting_sources import load_settings
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.config.unknown_variables import unknown_variables

PAGE = (ROOT / "docs/cookbook.md").read_text()
RECIPES = sections(PAGE)
INTRODUCTION = RECIPES.pop("")
RUNNABLE = [title for title, text in RECIPES.items() if console_commands(text)]
COMPOSE = "Mock in Docker Compose"


@pytest.fixture(scope="module")
def cookbook_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a server with the shipped API and the scenarios that the page writes."""
    folder = tmp_path_factory.mktemp("cookbook")
    shutil.copytree(FIXTURES, folder / "fixtures")
    for path, text in named_files(PAGE):
        if path.startswith("fixtures/"):
            (folder / path).write_text(text)
    with running_server(f"--schemas={SCHEMAS}", f"--fixtures={folder}/fixtures") as process:
        yield process.url


@pytest.fixture
def cookbook_shell(tmp_path: Path, cookbook_server: str) -> Iterator[Shell]:
    """Return a shell with the variables of the page, and a server without sandboxes."""
    require_tool("curl")
    for name in ("default", "my-test"):
        reset = urllib.request.Request(
            f"{cookbook_server}/~{name}/__admin/reset",
            b"{}",
            {"Content-Type": "application/json"},
        )
        urllib.request.urlopen(reset).close()
    with Shell(tmp_path, cookbook_server) as shell:
        run_commands(INTRODUCTION, shell)
        yield shell


def test_the_cookbook_has_enough_recipes() -> None:
    assert len(RUNNABLE) >= 12
    assert RECIPES.keys() - set(RUNNABLE) == {COMPOSE}


@pytest.mark.server
@pytest.mark.parametrize("title", RUNNABLE)
def test_a_recipe_prints_what_it_shows(cookbook_shell: Shell, title: str) -> None:
    for path, text in named_files(RECIPES[title]):
        if not path.startswith("fixtures/"):
            (cookbook_shell.folder / path).write_text(text)
    run_commands(RECIPES[title], cookbook_shell)


def test_the_compose_file_sets_settings_that_exist() -> None:
    files = dict(named_files(RECIPES[COMPOSE]))
    services = yaml.safe_load(files["compose.yaml"])["services"]
    environ = services["mockserver"]["environment"]
    assert unknown_variables(environ) == []
    assert load_settings({}, environ).scenarios == ("empty-lists",)
    assert services["app"]["environment"]["API_URL"] == "http://mockserver:8080/api"
