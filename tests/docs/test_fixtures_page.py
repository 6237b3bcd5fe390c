"""The examples of docs/fixtures.md: every kind of recipe, and the lifecycle."""

import re
from pathlib import Path

import pytest
from helpers.recipes import SHIPPED_LIFECYCLE, read_recipe_text
from helpers.repository import ROOT

from mockserver.contract import lifecycles
from mockserver.generation import recipes
from mockserver.generation.recipes import KINDS

DOCUMENT = (ROOT / "docs/fixtures.md").read_text()
SECTIONS = re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", DOCUMENT, re.M | re.S)


def test_every_kind_of_recipe_is_documented() -> None:
    assert sorted(name for name, _ in SECTIONS) == sorted(KINDS)


EXAMPLE_LIVES = """
exports:
  state: status
  history: log
  created_at: created
  counts:
    total: numbers.total
    parts: [numbers.sent, numbers.excluded_invalid, numbers.excluded_by_frequency_cap]
    complete: finished
  states:
    waiting: {next: running}
    running: {next: finished, increments: numbers.sent}
    finished: {}
"""
EXAMPLE_FIELDS = {
    "status": "{cycle: [waiting, running, finished]}",
    "created": "{time: {before_now: 1 d}}",
    "log": "{history: 1 s}",
    "numbers": "{counts: 100}",
    "name": "{faker: word}",
    "segments": "{sample: {segments: 24}, count: 1-3}",
}
EXAMPLE_FILE = """
now: 2026-11-02 09:00:00
seed: 1
locale: [en_US]
embedded: {segments: {fields: {name: {faker: word}}}}
collections:
  push_notifications: {count: 4, fields: {id: {faker: uuid4}}}
  exports:
    count: 30
    fields:
"""


@pytest.mark.parametrize(("name", "section"), SECTIONS, ids=[name for name, _ in SECTIONS])
def test_the_examples_of_recipes_work(tmp_path: Path, name: str, section: str) -> None:
    example = re.search(r"```yaml\n(.*?)```", section, re.S)
    assert example
    named = re.findall(r"^(\w+): \{", example[1], re.M)
    lines = [
        *example[1].splitlines(),
        *(f"{field}: {recipe}" for field, recipe in EXAMPLE_FIELDS.items() if field not in named),
    ]
    read = read_recipe_text(
        tmp_path, EXAMPLE_FILE + "".join(f"      {line}\n" for line in lines), EXAMPLE_LIVES
    )
    assert all(field in record for record in recipes.generate(read)["exports"] for field in named)
    assert f"{{{name}: " in example[1]


def test_the_example_of_a_lifecycle_is_the_shipped_one(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(exports:\n.*?)```", DOCUMENT, re.S)
    assert example
    (tmp_path / "lifecycles.yaml").write_text(example[1])
    assert (
        lifecycles.read_lifecycles(tmp_path / "lifecycles.yaml", "x")["exports"]
        == SHIPPED_LIFECYCLE
    )
