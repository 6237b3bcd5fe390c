"""Laws of the comparison for random blueprints, and the files that a change concerns."""

from pathlib import Path

from helpers.contract_diffs import changes_of, text_changes
from helpers.random_mson import blueprints
from helpers.repository import ROOT
from hypothesis import given, settings

from mockserver.spec import blueprint
from mockserver.verification.diff.changes import Change, Options
from mockserver.verification.diff.comparison import compare
from mockserver.verification.diff.own_files import OwnFiles
from mockserver.verification.diff.sides import Side, describe

FILES = sorted((ROOT / "tests/golden/blueprint").glob("*.apib"))
EFFECTS = """\
operations:
  view-a-poll:
    retrieve: polls
    not_found: 404
"""


def side(text: str) -> Side:
    api = blueprint.parse_blueprint(text, "random.apib", "random")
    return Side("random.apib", (describe(api),), lambda position: position)


def changes(old: Side, new: Side) -> tuple[Change, ...]:
    return compare(old, new, Options(), OwnFiles(Path("none")))


@settings(max_examples=25, deadline=None)
@given(blueprints(), blueprints())
def test_any_two_blueprints_can_be_compared(first: str, second: str) -> None:
    old, new = side(first), side(second)
    assert changes(old, old) == ()
    forward, backward = changes(old, new), changes(new, old)
    assert bool(forward) == bool(backward)
    for change in (*forward, *backward):
        assert change.finding.old_position
        assert change.finding.new_position


def test_each_blueprint_of_the_reader_compared_with_itself_has_no_change() -> None:
    assert FILES
    for path in FILES:
        assert changes_of(path, path) == (), path


def test_a_blueprint_with_windows_line_breaks_has_no_change(tmp_path: Path) -> None:
    text = (ROOT / "tests/golden/diff/OP-REMOVED/old.apib").read_text()
    assert text_changes(tmp_path, text, text.replace("\n", "\r\n")) == ()


def files_of(folder: Path, rule: str, **files: str) -> tuple[str, ...] | None:
    """Return the files that the pair of a rule concerns, with these files of the API `old`."""
    for name, text in files.items():
        path = folder / "old" / name.replace("__", "/").replace("_yaml", ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    pair = ROOT / "tests/golden/diff" / rule
    [change] = changes_of(pair / "old.apib", pair / "new.apib", fixtures=folder)
    if change.files is None:
        return None
    return tuple(str(Path(file).relative_to(folder / "old")) for file in change.files)


def test_a_change_names_effects_records_and_scenarios_of_its_operation(tmp_path: Path) -> None:
    files = files_of(
        tmp_path,
        "OP-REMOVED",
        effects_yaml="operations:\n  delete-a-poll:\n    remove: polls\n",
        records__polls_yaml="- id: 1\n",
        scenarios__slow_yaml="title: Slow\noperations: [delete-a-poll]\ndelay: 1\n",
        scenarios__other_yaml="title: Other\noperations: [view-a-poll]\ndelay: 1\n",
    )
    assert files == ("records/polls.yaml", "scenarios/slow.yaml", "effects.yaml: delete-a-poll")


def test_a_status_that_is_gone_names_the_files_with_this_status(tmp_path: Path) -> None:
    files = files_of(
        tmp_path,
        "ERROR-REMOVED",
        effects_yaml=EFFECTS,
        scenarios__gone_yaml="title: Gone\noperations: [view-a-poll]\nstatus: 404\n",
        scenarios__steps_yaml="title: S\noperations: [view-a-poll]\nsequence: [200, 404]\n",
        scenarios__slow_yaml="title: Slow\noperations: [view-a-poll]\ndelay: 1\n",
    )
    assert files == ("scenarios/gone.yaml", "scenarios/steps.yaml", "effects.yaml: view-a-poll")


def test_an_effect_without_the_status_is_not_named(tmp_path: Path) -> None:
    effects = EFFECTS.replace("    not_found: 404\n", "")
    assert files_of(tmp_path, "ERROR-REMOVED", effects_yaml=effects) == ()


def test_a_renamed_response_names_the_scenarios_that_prefer_it(tmp_path: Path) -> None:
    scenario = "title: A\noperations: [view-a-poll]\nexample: {}\n"
    files = files_of(
        tmp_path,
        "RESPONSE-RENAMED",
        scenarios__a_yaml=scenario.format("Unknown Poll"),
        scenarios__b_yaml=scenario.format("Another"),
    )
    assert files == ("scenarios/a.yaml",)


def test_invalid_and_missing_files_are_not_named(tmp_path: Path) -> None:
    assert files_of(tmp_path, "OP-REMOVED") is None
    assert files_of(tmp_path, "OP-REMOVED", effects_yaml="[") == ()
