"""Recipes that follow a lifecycle: `history` and `counts`."""

from pathlib import Path

import pytest
from helpers.recipes import read_recipe_text, recipe_file

from mockserver.contract import lifecycles
from mockserver.errors import InvalidFiles
from mockserver.generation import recipes


def test_history_and_counts_match_the_state_of_a_record(tmp_path: Path) -> None:
    fields = (
        "{status: {cycle: [open, closed, gone]}, created: {time: {before_now: 1-9 min}}, "
        "log: {history: 5 min}, "
    )
    fields += "numbers: {counts: 8-9, weights: {yes: 1, no: 9}}}"
    read = read_recipe_text(tmp_path, recipe_file(fields))
    lifecycle = lifecycles.read_lifecycles(tmp_path / "lifecycles.yaml", "x")["polls"]
    records = recipes.generate(read)["polls"]
    assert len(records) == 60
    assert [v for record in records for v in lifecycle.violations(record, read.now)] == []
    assert all(record["numbers"]["yes"] > 0 for record in records)


LIFECYCLE_ERRORS = {
    "a total that is too small": (
        "numbers: {counts: 7}",
        "25: a total of 7 is too small for 2 parts; expected at least 8",
    ),
    "weights that are all 0": (
        "numbers: {counts: 70, weights: {yes: 0, no: 0}}",
        "38: all weights are 0; expected at least one above 0",
    ),
    "a weight too few": (
        "numbers: {counts: 70, weights: {yes: 1}}",
        "38: expected a weight for each part: yes, no; got yes",
    ),
}


@pytest.mark.parametrize(("field", "message"), LIFECYCLE_ERRORS.values(), ids=LIFECYCLE_ERRORS)
def test_an_invalid_lifecycle_recipe_is_reported(tmp_path: Path, field: str, message: str) -> None:
    rest = "status: open\n      created: {time: {before_now: 1 d}}\n      log: {history: 1 s}"
    with pytest.raises(InvalidFiles) as raised:
        read_recipe_text(tmp_path, recipe_file(f"{field}\n      {rest}"))
    assert [str(error) for error in raised.value.errors] == [f"recipes.yaml:10:{message}"]


def test_a_total_can_be_the_minimum_of_its_parts(tmp_path: Path) -> None:
    rest = "status: open\n      created: {time: {before_now: 1 d}}\n      log: {history: 1 s}"
    read_recipe_text(
        tmp_path, recipe_file(f"numbers: {{counts: 8, weights: {{yes: 1, no: 0}}}}\n      {rest}")
    )


UNLIVED = "polls: {state: status, created_at: created, states: {open: {next: closed}, closed: {}}}"
NO_CREATED = "polls: {state: status, history: log, states: {open: {next: closed}, closed: {}}}"


@pytest.mark.parametrize("lives", [UNLIVED, NO_CREATED])
def test_a_history_needs_a_lifecycle_with_a_history_and_created(tmp_path: Path, lives: str) -> None:
    with pytest.raises(InvalidFiles) as raised:
        read_recipe_text(tmp_path, recipe_file("status: open\n      log: {history: 1 s}"), lives)
    message = "the lifecycle of 'polls' needs `history` and `created_at` for this recipe"
    assert [str(error) for error in raised.value.errors] == [f"recipes.yaml:11:22: {message}"]


def test_counts_need_a_lifecycle_with_counts(tmp_path: Path) -> None:
    with pytest.raises(InvalidFiles) as raised:
        read_recipe_text(
            tmp_path, recipe_file("status: open\n      numbers: {counts: 70}"), UNLIVED
        )
    message = "the lifecycle of 'polls' needs `counts` for this recipe"
    assert [str(error) for error in raised.value.errors] == [f"recipes.yaml:11:25: {message}"]


COUNTED = """polls:
  state: status
  counts: {total: numbers.total, parts: [numbers.yes, numbers.no], complete: closed}
  states: {open: {next: run}, run: {next: closed, increments: numbers.yes}, closed: {}}
"""


def test_counts_without_a_history_match_the_path_to_the_state(tmp_path: Path) -> None:
    fields = "status: {one_of: [open, run, closed]}\n      numbers: {counts: 70-90}"
    records = recipes.generate(read_recipe_text(tmp_path, recipe_file(fields), COUNTED))["polls"]
    by_state = {each["status"]: each["numbers"] for each in records}
    assert by_state.keys() == {"open", "run", "closed"}
    assert (by_state["open"]["yes"], by_state["open"]["no"]) == (0, 0)
    assert 0 < by_state["run"]["yes"] < by_state["run"]["total"]
    assert by_state["run"]["no"] > 0
    assert by_state["closed"]["yes"] + by_state["closed"]["no"] == by_state["closed"]["total"]
