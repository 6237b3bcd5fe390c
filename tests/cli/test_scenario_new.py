"""`mockserver scenario new`: each recipe writes a file that `check` accepts, and none is lost."""

from pathlib import Path

import pytest
from helpers.processes import run_command
from helpers.repository import ROOT
from helpers.shipped_api import CANCEL, LIST_EXPORTS, LIST_TRASH, RESTORE, RETRIEVE, load_from_files

from mockserver.cli.scenario_recipes import RECIPES
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract.scenarios import Scenario

EXPECTED: dict[str, tuple[list[str], str]] = {
    "not-found": ([RETRIEVE, CANCEL], "status: 404"),
    "error": ([RETRIEVE, CANCEL], "status: 404"),
    "fails-once": ([RETRIEVE, CANCEL], "status: 404\ntimes: 1"),
    "every-third-fails": ([RETRIEVE, CANCEL], "status: 404\nevery: 3"),
    "sometimes-fails": ([RETRIEVE, CANCEL], "status: 404\nprobability: 0.3\nseed: 1"),
    "stuck": ([LIST_EXPORTS, RETRIEVE, CANCEL], "records: {exports: {status: running}}"),
    "moves-on": ([LIST_EXPORTS, RETRIEVE, CANCEL], "progression: polls"),
    "empty": ([LIST_EXPORTS, LIST_TRASH], "data: empty"),
    "full-pages": ([LIST_EXPORTS, LIST_TRASH], "data: max"),
    "many-records": ([LIST_EXPORTS, LIST_TRASH], "data: {count: 1000}"),
    "long-texts": ([LIST_EXPORTS, RETRIEVE, CANCEL, LIST_TRASH, RESTORE], "data: long"),
    "nulls": ([LIST_EXPORTS, RETRIEVE, CANCEL, LIST_TRASH, RESTORE], "data: nulls"),
    "slow": ([LIST_EXPORTS, RETRIEVE, CANCEL, LIST_TRASH, RESTORE], "delay: 2"),
    "uneven": ([LIST_EXPORTS, RETRIEVE, CANCEL, LIST_TRASH, RESTORE], "delay: {from: 0.2, to: 3}"),
    "view-only": (
        [LIST_EXPORTS, RETRIEVE, CANCEL, RESTORE],
        "token_features: [push_notifications/view]",
    ),
    "expired": ([LIST_EXPORTS, RETRIEVE, CANCEL, LIST_TRASH, RESTORE], "token_features: expired"),
    "broken-connection": (
        [LIST_EXPORTS, RETRIEVE, CANCEL, LIST_TRASH, RESTORE],
        "fault: reset\nbreaks_contract: true",
    ),
}
"""Recipe to the operations and the other keys of its scenario of the shipped API."""


def new(folder: Path, name: str, *arguments: str) -> tuple[int, str]:
    """Run the command, and return its exit code and what it prints."""
    ended = run_command("scenario", "new", name, "--scenarios", str(folder), *arguments)
    return ended.returncode, ended.stdout + ended.stderr


def read(folder: Path, name: str) -> Scenario:
    return load_from_files(SCHEMAS, FIXTURES, folder).scenarios[name]


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_writes_a_file_without_errors(recipe: str, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    code, text = new(folder, "mine", "--recipe", recipe)
    assert (code, text.splitlines()[0]) == (
        0,
        f"wrote {folder}/mine.yaml: {RECIPES[recipe].title}",
    )
    operations, keys = EXPECTED[recipe]
    scenario = read(folder, "mine")
    assert list(scenario.operations) == operations
    assert (folder / "mine.yaml").read_text().endswith(f"\n{keys}\n")


def test_the_title_names_selected_operations(tmp_path: Path) -> None:
    new(tmp_path, "slow-list", "--recipe", "slow", "--operation", LIST_EXPORTS)
    new(tmp_path, "slow-all", "--recipe", "slow")
    assert read(tmp_path, "slow-all").title == "Every response is delayed by two seconds"
    assert read(tmp_path, "slow-list").title == (
        "List All Push Notification Segment Exports: Every response is delayed by two seconds"
    )


def test_check_accepts_the_files_of_all_recipes(tmp_path: Path) -> None:
    for recipe in RECIPES:
        new(tmp_path, f"my-{recipe}", "--recipe", recipe)
    ended = run_command("check", "--strict", "--scenarios", str(tmp_path))
    assert (ended.returncode, ended.stderr) == (0, "")
    shipped = len(load_from_files(SCHEMAS, FIXTURES).scenarios)
    assert f"{shipped + len(RECIPES)} scenarios" in ended.stdout


def test_the_next_commands_name_the_folder(tmp_path: Path) -> None:
    _, text = new(tmp_path, "gone", "--recipe", "not-found")
    assert f"mockserver serve --scenarios {tmp_path} --scenario gone\n" in text
    assert "mockserver scenario on gone " in text


def test_operations_restrict_the_scenario(tmp_path: Path) -> None:
    new(tmp_path, "late", "--recipe", "slow", "--operation", LIST_TRASH)
    assert read(tmp_path, "late").operations == (LIST_TRASH,)
    new(tmp_path, "refused", "--recipe", "error", "--operation", CANCEL)
    assert read(tmp_path, "refused").response.status == 404


def test_the_folder_of_own_fixtures_is_used(shipped: Path) -> None:
    arguments = ("--schemas", str(shipped / "schemas"), "--fixtures", str(shipped / "fixtures"))
    ended = run_command("scenario", "new", "mine", "--recipe", "slow", *arguments)
    assert ended.returncode == 0, ended.stderr
    assert (shipped / "fixtures/push_notifications/scenarios/mine.yaml").exists()
    assert f"mockserver serve {' '.join(arguments)} --scenario mine" in ended.stdout


def test_a_blueprint_alone_gets_scenarios(tmp_path: Path) -> None:
    blueprint = str(ROOT / "tests/second_api/polls.apib")
    code, text = new(tmp_path, "late", "--recipe", "slow", "--blueprint", blueprint)
    assert code == 0, text
    assert f"mockserver serve {blueprint} --scenarios {tmp_path} --scenario late" in text
    ended = run_command("check", blueprint, "--scenarios", str(tmp_path))
    assert ended.returncode == 0, ended.stderr
    (tmp_path / "late.yaml").write_text("title: Late\n")
    ended = run_command("check", blueprint, "--scenarios", str(tmp_path))
    assert ended.returncode == 1
    assert f"{tmp_path}/late.yaml:1:1: error: " in ended.stderr


def test_with_several_apis_the_file_is_in_the_folder_of_its_api(
    shipped: Path, tmp_path: Path
) -> None:
    (shipped / "schemas/polls").mkdir()
    text = (ROOT / "tests/second_api/polls.apib").read_text()
    (shipped / "schemas/polls/polls.apib").write_text(text)
    folders = ("--schemas", str(shipped / "schemas"), "--fixtures", str(shipped / "fixtures"))
    target = tmp_path / "new"
    code, message = new(target, "late", "--recipe", "slow", *folders)
    expected = "a scenario belongs to one API, got polls, push_notifications; choose with"
    assert (code, expected in message) == (2, True)
    code, _ = new(target, "late", "--recipe", "slow", "--operation", "view-a-question", *folders)
    assert (code, (target / "polls/late.yaml").exists()) == (0, True)


WRONG = [
    (["mine"], "--recipe required; expected one of:"),
    (["mine", "--recipe", "slw"], "got 'slw'; did you mean 'slow'?"),
    (["slow", "--recipe", "slow"], "the scenario 'slow' already exists; choose another name"),
    ([f"{CANCEL}-404", "--recipe", "slow"], "already exists; choose another name"),
    (["../mine", "--recipe", "slow"], "invalid name '../mine'; expected at most 100 letters"),
    (["a b", "--recipe", "slow"], "invalid name 'a b'; expected at most 100 letters"),
    (["mine", "--recipe", "slow", "--operation", "canel"], "unknown operation 'canel'"),
    (
        ["mine", "--recipe", "slow", "--operation", f"{CANCEL}s"],
        f"did you mean '{CANCEL}'?",
    ),
    (
        ["mine", "--recipe", "empty", "--operation", CANCEL],
        f"operations that list records; expected --operation with one of {LIST_EXPORTS}, ",
    ),
]


@pytest.mark.parametrize(
    ("arguments", "message"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG]
)
def test_a_wrong_argument_writes_nothing(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    code, text = new(tmp_path, *arguments)
    assert (code, message in text, list(tmp_path.iterdir())) == (2, True, []), text


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    new(tmp_path, "mine", "--recipe", "slow")
    before = (tmp_path / "mine.yaml").read_text()
    code, text = new(tmp_path, "mine", "--recipe", "empty")
    assert (code, (tmp_path / "mine.yaml").read_text()) == (2, before), text


def test_a_file_is_no_folder_of_scenarios(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, text = new(tmp_path / "file", "mine", "--recipe", "slow")
    assert (code, "--scenarios: expected a folder, got the file" in text) == (2, True)
