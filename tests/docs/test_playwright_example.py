"""The coverage of the Playwright example: its tests have their titles, and their own items."""

import json
import subprocess
import sys
from typing import NamedTuple

import pytest
from helpers.processes import clean_environ
from helpers.repository import ROOT
from helpers.shipped_api import CANCEL
from helpers.tools import require_tool

pytestmark = pytest.mark.server

APP = ROOT / "examples/playwright"
FILE = "export.spec.ts"
REMOVED = "is canceled, and stays canceled"
OTHERS = "cannot be canceled"
"""The start of the titles of two other tests."""


class Coverage(NamedTuple):
    """What a run of the example was served."""

    titles: set[str]
    """The titles of its tests."""
    items: dict[str, set[str]]
    """Id of an item to the titles of its tests."""


def run_tests(pattern: str) -> Coverage:
    """Run the tests whose title matches a pattern, and return their coverage."""
    environ = {**clean_environ(), "MOCKSERVER": f"{sys.executable} -m mockserver"}
    for name in ("EXAMPLE_API_PORT", "EXAMPLE_APP_PORT"):
        environ.pop(name, None)
    command = ["npx", "playwright", "test", FILE, "--grep", pattern]
    ended = subprocess.run(command, cwd=APP, env=environ, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    document = json.loads((APP / "test-results/coverage.json").read_text())
    titles = [test["test"] for test in document["tests"]]
    items = {}
    for item in document["items"]:
        items[item["id"]] = {titles[index] for index in item["tests"]}
    return Coverage(set(titles), items)


def test_a_deleted_test_takes_exactly_its_own_items() -> None:
    require_tool("chromium")
    if not (APP / "node_modules").exists():
        pytest.skip("the packages of examples/playwright are not installed: `make examples`")
    complete, rest = run_tests(f"{REMOVED}|{OTHERS}"), run_tests(OTHERS)
    [removed] = complete.titles - rest.titles
    assert removed.startswith(f"{FILE}:")
    assert removed.endswith(f" › {REMOVED}")
    assert len(rest.titles) == 2
    gaps = {item for item, titles in complete.items.items() if titles == {removed}}
    assert f"{CANCEL} 200" in gaps
    assert {item: titles - {removed} for item, titles in complete.items.items()} == rest.items
