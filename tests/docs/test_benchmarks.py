"""docs/benchmarks.md shows the command of each server that is measured."""

import importlib
import re
from typing import Any

import pytest
from helpers.repository import ROOT

ROW = re.compile(r"^\| (.*?) \| `(.*)` \|$", re.MULTILINE)


@pytest.fixture
def contenders(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    return importlib.import_module("contenders").CONTENDERS


def test_the_commands_are_those_of_the_contenders(contenders: Any) -> None:
    text = (ROOT / "docs/benchmarks.md").read_text()
    section = text.partition("## How each server is started")[2].partition("\n## ")[0]
    expected = [(contender.name, contender.shown_command) for contender in contenders]
    assert ROW.findall(section) == expected


def test_each_script_of_the_table_exists() -> None:
    text = (ROOT / "docs/benchmarks.md").read_text()
    scripts = set(re.findall(r"bench/\w+\.py", text))
    assert len(scripts) > 6
    assert [script for script in scripts if not (ROOT / script).exists()] == []
