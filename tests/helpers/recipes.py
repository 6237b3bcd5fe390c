"""Recipes for tests: the shipped ones, and files with polls that have a small lifecycle."""

from pathlib import Path
from typing import Any

from mockserver.config.shipped import FIXTURES
from mockserver.contract import lifecycles
from mockserver.generation import recipes
from mockserver.generation.recipes import Recipes

_FOLDER = FIXTURES / "push_notifications"
SHIPPED_RECIPES = recipes.read_recipes(_FOLDER / "recipes.yaml", "recipes.yaml")
SHIPPED_LIFECYCLE = lifecycles.read_lifecycles(_FOLDER / "lifecycles.yaml", "lifecycles.yaml")[
    "exports"
]
POLL_LIFECYCLE = (
    "polls: {state: status, history: log, created_at: created, "
    "counts: {total: numbers.total, parts: [numbers.yes, numbers.no]}, "
    "states: {open: {next: [closed, gone], increments: numbers.yes}, closed: {}, gone: {}}}"
)


def recipe_file(
    fields: str, count: int = 60, extra: str = "", now: str = "2026-11-02 09:00:00"
) -> str:
    """Return the text of recipes.yaml with two collections. `fields` of polls are in flow style."""
    head = f"now: {now}\nseed: 3\nlocale: [en_US, cs_CZ]\n{extra}"
    others = "embedded: {tags: {fields: {id: {sequence: 1}, name: {faker: word}}}}\n"
    people = "  people: {count: 3, fields: {id: {faker: uuid4}, name: {faker: first_name}}}\n"
    polls = f"  polls:\n    count: {count}\n    fields:\n      {fields}\n"
    return f"{head}{others}collections:\n{people}{polls}"


def read_recipe_text(folder: Path, text: str, lives: str = POLL_LIFECYCLE) -> Recipes:
    """Read the text of recipes.yaml, next to the text of lifecycles.yaml."""
    (folder / "lifecycles.yaml").write_text(lives)
    (folder / "recipes.yaml").write_text(text)
    return recipes.read_recipes(folder / "recipes.yaml", "recipes.yaml")


def generate_polls(folder: Path, fields: str, count: int = 60) -> list[dict[str, Any]]:
    """Generate polls with these fields."""
    polls: list[dict[str, Any]] = recipes.generate(
        read_recipe_text(folder, recipe_file(fields, count), "{}")
    )["polls"]
    return polls


def generate_values(folder: Path, recipe: str, count: int = 60) -> list[Any]:
    """Generate the values of one recipe."""
    return [
        record["x"]
        for record in generate_polls(folder, f"{{x: {recipe}, n: {{sequence: 1}}}}", count)
    ]
