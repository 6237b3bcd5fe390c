"""The Playwright files of docs/frontend.md run against the app of examples/playwright."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from helpers.console import Shell, sections
from helpers.processes import free_port
from helpers.repository import ROOT
from helpers.tools import require_tool

pytestmark = pytest.mark.server

APP = ROOT / "examples/playwright"
BLOCKS = re.findall(
    r"```ts\n(.*?)```",
    sections((ROOT / "docs/frontend.md").read_text())["Playwright"],
    re.DOTALL,
)
CHROMIUM = '{ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] }'
"""The page leaves the browser to Playwright; the test uses that of Debian."""


def test_the_page_has_a_configuration_a_fixture_and_two_tests() -> None:
    configuration, fixture, *stories = BLOCKS
    assert "defineConfig(" in configuration
    assert "playwright.extend<" in fixture
    assert [len(re.findall(r"^test\(", story, re.MULTILINE)) for story in stories] == [1, 1]


def test_the_playwright_files_of_the_page_pass(tmp_path: Path) -> None:
    require_tool("chromium")
    if not (APP / "node_modules").exists():
        pytest.skip("the packages of examples/playwright are not installed: `make examples`")
    shutil.copytree(APP / "src", tmp_path / "src")  # vite serves no file outside its folder
    for name in ("index.html", "package.json"):
        shutil.copy(APP / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(APP / "node_modules")
    api, app = str(free_port()), str(free_port())
    configuration, fixture, *stories = (block.replace("8080", api) for block in BLOCKS)
    configuration = configuration.replace("use: {", f"use: {{ launchOptions: {CHROMIUM},")
    configuration = configuration.replace("--strictPort", f"--strictPort --port {app}")
    (tmp_path / "playwright.config.ts").write_text(configuration.replace("5173", app))
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/fixture.ts").write_text(fixture)
    (tmp_path / "tests/page.spec.ts").write_text("\n".join(stories))
    with Shell(tmp_path) as shell:
        ended: subprocess.CompletedProcess[str] = shell.call("npx playwright test")
    assert ended.returncode == 0, ended.stdout
    assert "2 passed" in ended.stdout
