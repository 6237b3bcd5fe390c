"""`coverage.yaml`: exclusions with reasons, and the errors of the file."""

import time
from pathlib import Path

import pytest
from helpers.notes_api import load_notes_api, write_notes_api
from helpers.shipped_api import LIST_EXPORTS, shipped_contract

from mockserver.contract.coverage.exclusions import _matches, read_exclusions
from mockserver.contract.coverage.items import CoverageItems
from mockserver.errors import InvalidFiles


def errors_of(folder: Path, text: str) -> list[str]:
    """Return the errors of the API of notes with this file, without the folder's name."""
    fixtures = write_notes_api(folder)
    (fixtures / "coverage.yaml").write_text(text)
    with pytest.raises(InvalidFiles) as caught:
        load_notes_api(folder)
    return [str(error).split("coverage.yaml:")[-1] for error in caught.value.errors]


def test_an_exclusion_names_an_item_or_a_pattern(tmp_path: Path) -> None:
    (write_notes_api(tmp_path) / "coverage.yaml").write_text(
        "exclude:\n"
        '  - item: create-a-note request /tag "home"\n    reason: one\n'
        "  - item: list-notes 200 /notes/*/id present\n    reason: two\n"
        "  - item: delete-*\n    reason: three\n"
        "  - item: scenario no-notes\n    reason: four\n"
    )
    contract = load_notes_api(tmp_path)
    assert CoverageItems(contract).excluded == {
        'create-a-note request /tag "home"': "one",
        "list-notes 200 /notes/*/id present": "two",
        "delete-a-note": "three",
        "delete-a-note path note_id present": "three",
        "delete-a-note 204": "three",
        "scenario no-notes": "four",
    }
    assert not contract.messages or all(
        "coverage.yaml" not in str(message) for message in contract.messages
    )


def test_an_api_without_the_file_excludes_nothing(tmp_path: Path) -> None:
    write_notes_api(tmp_path)
    assert load_notes_api(tmp_path).excluded == {}


def test_every_entry_that_matches_no_item_is_an_error(tmp_path: Path) -> None:
    errors = errors_of(
        tmp_path,
        "exclude:\n"
        "  - item: create-a-note 421\n    reason: one\n"
        "  - item: remove-*\n    reason: two\n"
        "  - item: delete-a-note\n    reason: three\n"
        "  - item: delete-a-note\n    reason: four\n",
    )
    assert errors == [
        "2:11: unknown item 'create-a-note 421'; did you mean 'create-a-note 422'?",
        "4:11: unknown item 'remove-*'; `mockserver coverage` lists the items",
        "8:11: 'delete-a-note' is already excluded; remove this entry",
    ]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("exclude:\n  - item: delete-a-note\n", "2:5: /exclude/0: expected"),
        ("exclude:\n  - item: delete-a-note\n    reason: ''\n", "3:13: /exclude/0/reason: exp"),
        ("exclude: []\n", "1:10: /exclude: expected"),
        ("exclud: []\n", "1:1: /exclud"),
        ("- delete-a-note\n", "1:1: /: expected"),
        ("exclude:\n  - delete-a-note\n", "2:5: /exclude/0: expected"),
    ],
)
def test_the_file_is_read_strictly(tmp_path: Path, text: str, start: str) -> None:
    errors = errors_of(tmp_path, text)
    assert any(error.startswith(start) for error in errors), errors


def test_its_form_is_checked_next_to_the_errors_of_other_files(tmp_path: Path) -> None:
    fixtures = write_notes_api(tmp_path)
    (fixtures / "coverage.yaml").write_text("exclude: []\n")
    (fixtures / "effects.yaml").write_text("collections: []\n")
    with pytest.raises(InvalidFiles) as caught:
        load_notes_api(tmp_path)
    files = {Path(error.position.file).name for error in caught.value.errors}
    assert {"coverage.yaml", "effects.yaml"} <= files


def test_an_error_of_another_file_hides_no_item(tmp_path: Path) -> None:
    fixtures = write_notes_api(tmp_path)
    # The maximum exists only with the effect of the operation.
    entry = "exclude:\n  - item: list-notes query limit maximum\n    reason: one\n"
    (fixtures / "coverage.yaml").write_text(entry)
    assert load_notes_api(tmp_path).excluded
    (fixtures / "effects.yaml").write_text("collections: []\n")
    with pytest.raises(InvalidFiles) as caught:
        load_notes_api(tmp_path)
    assert "coverage.yaml" not in "".join(map(str, caught.value.errors))


def test_the_id_of_an_item_with_an_asterisk_matches_this_item_only(tmp_path: Path) -> None:
    contract = shipped_contract()
    name = f"{LIST_EXPORTS} 200 /push_notification_exports/*/name present"
    path = tmp_path / "coverage.yaml"
    path.write_text(f"exclude:\n  - item: {name}\n    reason: one\n")
    excluded = read_exclusions(path, "coverage.yaml", contract.served, contract.scenarios)
    assert excluded == {name: "one"}
    # The list of segments has a member of this name too.
    path.write_text(f"exclude:\n  - item: {name.replace('present', 'pres*')}\n    reason: one\n")
    excluded = read_exclusions(path, "coverage.yaml", contract.served, contract.scenarios)
    assert len(excluded) == 2


def test_only_an_asterisk_stands_for_other_texts() -> None:
    ids = ["a [b] present", "a b present", "a ? present", "a\nb present"]
    assert _matches("a [b] *", ids) == ids[:1]
    assert _matches("a ? *", ids) == ids[2:3]
    assert _matches("a*b*t", ids) == [ids[0], ids[1], ids[3]]


def test_a_pattern_with_many_asterisks_takes_no_time() -> None:
    ids = ["a" * 200]
    start = time.process_time()
    assert _matches("*a" * 4 + "*c", ids) == []
    assert time.process_time() - start < 1
