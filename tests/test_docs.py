"""What the documents say is so."""

import re
from pathlib import Path

import pytest
from conftest import ROOT

from mockserver import effects, loading, scenarios, strict_yaml
from mockserver.cli.settings import table
from mockserver.scenarios.language import SCHEMA
from mockserver.shipped import FIXTURES, SCHEMAS


def test_the_settings_are_those_of_the_table() -> None:
    assert table() in (ROOT / "docs/settings.md").read_text()


def example(name: str) -> str:
    found = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / name).read_text(), re.DOTALL)
    assert found
    return found[1]


def test_the_example_of_a_scenario_is_one(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(example("scenarios.md"))
    loaded = loading.load(SCHEMAS, FIXTURES)
    read = scenarios.read(tmp_path, "scenarios", loaded.apis[0], {})["mine"]
    assert (read.does.status, read.does.delay) == (404, (0.2, 0.2))


def test_the_example_of_effects_is_one() -> None:
    document = strict_yaml.parse(example("effects.md").encode(), "effects.yaml")
    assert effects.read(document, loading.load(SCHEMAS, FIXTURES).apis[0]).access_token == "X-Access-Token"


@pytest.mark.parametrize("name", list(SCHEMA["properties"]))
def test_each_key_of_a_scenario_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs/scenarios.md").read_text()


@pytest.mark.parametrize("name", [*effects.KINDS, "access_token", "collections", "key", "member", "within", "operations"])
def test_each_key_of_effects_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs/effects.md").read_text()


def test_no_document_links_to_what_is_not_there() -> None:
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text()):
            assert (path.parent / link).exists(), f"{path.name}: {link}"
