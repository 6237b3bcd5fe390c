"""The items of a contract: a table that was computed by hand, and what keeps their ids stable."""

from pathlib import Path

import pytest
from helpers.notes_api import BLUEPRINT, load_notes_api, write_notes_api
from helpers.shipped_api import RETRIEVE, shipped_contract

from mockserver.contract.coverage.items import CoverageItems
from mockserver.contract.coverage.observers import NO_BODY

TABLE = """
list-notes
list-notes query tag absent
list-notes query tag present
list-notes query tag "work"
list-notes query tag "home"
list-notes query limit absent
list-notes query limit present
list-notes query limit minimum
list-notes query limit maximum
list-notes 200
list-notes 200 /notes present
list-notes 200 /notes empty
list-notes 200 /notes one
list-notes 200 /notes many
list-notes 200 /notes/*/id present
list-notes 200 /notes/*/text present
list-notes 200 /notes/*/done present
list-notes 200 /notes/*/done false
list-notes 200 /notes/*/done true
list-notes 200 /notes/*/tag absent
list-notes 200 /notes/*/tag present
list-notes 200 /notes/*/tag "work"
list-notes 200 /notes/*/tag "home"
list-notes 200 /notes/*/due present
list-notes 200 /notes/*/due null
create-a-note
create-a-note request /text present
create-a-note request /tag absent
create-a-note request /tag present
create-a-note request /tag "work"
create-a-note request /tag "home"
create-a-note request /due absent
create-a-note request /due present
create-a-note request /due null
create-a-note 201
create-a-note 422
delete-a-note
delete-a-note path note_id present
delete-a-note 204
scenario no-notes
"""
"""All items of the API of notes, by hand."""
LINES = {
    "list-notes": 8,
    'list-notes query tag "home"': 10,
    "list-notes 200": 16,
    "list-notes 200 /notes many": 18,
    'list-notes 200 /notes/*/tag "home"': 42,
    "create-a-note request /due null": 25,
    "create-a-note 422": 29,
    "delete-a-note path note_id present": 33,
    "scenario no-notes": 1,
}


@pytest.fixture
def items(tmp_path: Path) -> CoverageItems:
    write_notes_api(tmp_path)
    return CoverageItems(load_notes_api(tmp_path))


def test_a_small_api_has_the_forty_items_of_the_table(items: CoverageItems) -> None:
    table = TABLE.strip().splitlines()
    assert len(table) == 40
    assert [item.id for item in items.items] == table


def test_an_item_has_its_line_in_the_blueprint(items: CoverageItems) -> None:
    lines = {item.id: item.position.line for item in items.items}
    assert {name: lines[name] for name in LINES} == LINES


def test_three_exchanges_cover_the_items_of_the_table(items: CoverageItems) -> None:
    served = {served.operation.id: served for served in items.contract.served}
    lists, creates = items.observer(served["list-notes"]), items.observer(served["create-a-note"])
    bits = lists.request({"tag": "work", "limit": 0}, NO_BODY)
    bits |= lists.response(200, {"notes": []})
    assert items.ids(bits) == [
        "list-notes",
        "list-notes query tag present",
        'list-notes query tag "work"',
        "list-notes query limit present",
        "list-notes query limit minimum",
        "list-notes 200",
        "list-notes 200 /notes present",
        "list-notes 200 /notes empty",
    ]
    note = {"id": 1, "text": "Milk", "done": True, "due": None, "undocumented": {"tag": "home"}}
    bits = lists.request({}, NO_BODY) | lists.response(200, {"notes": [note]})
    assert items.ids(bits) == [
        "list-notes",
        "list-notes query tag absent",
        "list-notes query limit absent",
        "list-notes 200",
        "list-notes 200 /notes present",
        "list-notes 200 /notes one",
        "list-notes 200 /notes/*/id present",
        "list-notes 200 /notes/*/text present",
        "list-notes 200 /notes/*/done present",
        "list-notes 200 /notes/*/done true",
        "list-notes 200 /notes/*/tag absent",
        "list-notes 200 /notes/*/due null",
    ]
    bits = creates.request({}, {"text": "Milk", "tag": "home", "due": None})
    bits |= creates.response(201, NO_BODY)
    assert items.ids(bits) == [
        "create-a-note",
        "create-a-note request /text present",
        "create-a-note request /tag present",
        'create-a-note request /tag "home"',
        "create-a-note request /due null",
        "create-a-note 201",
    ]


def test_another_order_and_another_member_keep_the_ids(tmp_path: Path) -> None:
    write_notes_api(tmp_path / "before")
    before = CoverageItems(load_notes_api(tmp_path / "before"))
    moved = BLUEPRINT.replace("+ id: 1 (number, required)\n", "")
    moved = moved.replace(
        "+ done: false", "+ color: red (string)\n+ id: 1 (number, required)\n+ done: false"
    )
    moved = moved.replace(
        "            + work\n            + home\n", "            + home\n            + work\n"
    )
    write_notes_api(tmp_path / "after", moved)
    after = CoverageItems(load_notes_api(tmp_path / "after"))
    assert before.numbers.keys() < after.numbers.keys()
    assert {name for name in after.numbers if name not in before.numbers} == {
        "list-notes 200 /notes/*/color absent",
        "list-notes 200 /notes/*/color present",
    }
    assert after.fingerprint != before.fingerprint


def test_the_order_of_operations_does_not_change_the_fingerprint(tmp_path: Path) -> None:
    write_notes_api(tmp_path / "before")
    start, end = BLUEPRINT.index("## Note ["), BLUEPRINT.index("# Data Structures")
    moved = BLUEPRINT[:start] + BLUEPRINT[end:]
    moved = moved.replace("## Notes [", f"{BLUEPRINT[start:end]}\n## Notes [")
    write_notes_api(tmp_path / "after", moved)
    before = CoverageItems(load_notes_api(tmp_path / "before"))
    after = CoverageItems(load_notes_api(tmp_path / "after"))
    assert [item.id for item in before.items] != [item.id for item in after.items]
    assert before.fingerprint == after.fingerprint


def test_every_item_of_the_shipped_contract_has_a_line_and_a_number() -> None:
    items = CoverageItems(shipped_contract())
    assert len(items.items) == len(items.numbers)
    assert all(item.position.line > 0 and item.label for item in items.items)
    assert f'{RETRIEVE} 200 /push_notification_export/status "error"' in items.numbers
    assert [item.id for item in items.items if item.kind == "scenario"] == [
        "scenario empty-lists",
        "scenario export-not-found",
        "scenario finished-export-cancel",
        "scenario slow",
    ]
