"""Records that were edited manually: valid ones are served, errors have file and line."""

import re
from pathlib import Path

import pytest

from mockserver.contract import loader
from mockserver.contract.record_types import Record
from mockserver.errors import InvalidFiles

EXPORTS = "fixtures/push_notifications/records/exports.yaml"
TRASH = "fixtures/push_notifications/records/trash.yaml"


def load(folder: Path) -> dict[str, Record]:
    return dict(
        loader.load_contract(folder / "schemas", folder / "fixtures").collections[
            "push_notifications/exports"
        ]
    )


def edit(path: Path, old: str, new: str) -> int:
    """Replace the first `old`, and return the number of its line."""
    text = path.read_text()
    assert old in text, old
    path.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


INVALID = [
    (
        "an unknown status",
        EXPORTS,
        "status: running",
        "status: paused",
        r'/0/status: expected "waiting", "running", .*got string "paused"',
    ),
    (
        "a wrong type",
        EXPORTS,
        "user_id: 200",
        "user_id: two",
        r'/0/user_id: expected integer, got string "two"',
    ),
    (
        "an unknown member",
        EXPORTS,
        "user_id: 200",
        "user_id: 200\n  colour: red",
        r"/0/colour: no response has this member; expected one of ",
    ),
    (
        "a missing member",
        EXPORTS,
        "user_id: 200\n",
        "\n",
        r'/0: expected member "user_id", got none of that name',
    ),
    (
        "an invalid timestamp",
        EXPORTS,
        "created: 2017-01-01 15:35:00",
        "created: 2017-13-01 15:35:00",
        r"/0/created: expected a string that matches",
    ),
    ("counts that do not add up", EXPORTS, "total: 123", "total: 1", r"/0/message_counts"),
    (
        "a history of another state",
        EXPORTS,
        "status: running",
        "status: finished",
        r"/0/stats/statuses_history",
    ),
    (
        "a duplicate key",
        EXPORTS,
        "user_id: 200",
        "user_id: 200\n  user_id: 201",
        r"duplicate key 'user_id'",
    ),
    (
        "two records with one key",
        EXPORTS,
        "id: 101\n",
        "id: 100\n",
        r"/1/id: duplicate key '.*/100' \(first used by /0\)",
    ),
    (
        "an id that is not a UUID",
        TRASH,
        "id: 983d437d-eac6-423b-beb5-40a619be332f",
        "id: x",
        r"/0/id: expected a string of format uuid",
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [case[1:] for case in INVALID],
    ids=[case[0] for case in INVALID],
)
def test_an_invalid_record_is_reported_with_its_position(
    shipped: Path, file: str, old: str, new: str, message: str
) -> None:
    line = edit(shipped / file, old, new)
    with pytest.raises(InvalidFiles) as caught:
        load(shipped)
    reported = str(caught.value)
    assert re.search(message, reported), reported
    lines = [error.position.line for error in caught.value.errors]
    assert min(abs(other - line) for other in lines) <= 12, reported


def test_a_valid_edited_record_is_served(shipped: Path) -> None:
    edit(shipped / EXPORTS, "name: export example", "name: Žluťoučký export")
    assert next(iter(load(shipped).values()))["name"] == "Žluťoučký export"


def test_errors_of_several_files_are_reported_together(shipped: Path) -> None:
    edit(shipped / EXPORTS, "status: running", "status: paused")
    edit(shipped / TRASH, "modified_by: 1", "modified_by: one")
    with pytest.raises(InvalidFiles) as caught:
        load(shipped)
    assert {Path(error.position.file).name for error in caught.value.errors} == {
        "exports.yaml",
        "trash.yaml",
    }


def test_a_record_without_a_required_member_has_no_errors_in_other_files(shipped: Path) -> None:
    edit(shipped / EXPORTS, "    total: 123\n", "")
    with pytest.raises(InvalidFiles) as caught:
        load(shipped)
    assert [error.position.file.rpartition("/")[2] for error in caught.value.errors] == [
        "exports.yaml"
    ] * len(caught.value.errors)
    assert 'expected member "total", got none of that name' in str(caught.value)


OVERRIDES = [
    ("a key", "{exports: {id: 7}}", "'records' cannot set 'id' of 'exports'; expected one of"),
    (
        "the parent",
        "{exports: {push_notification_id: x}}",
        "'records' cannot set 'push_notification_id' of 'exports'; expected one of",
    ),
    (
        "a typo",
        "{exports: {statuz: finished}}",
        "'records' cannot set 'statuz' of 'exports'; expected one of",
    ),
    (
        "an unknown state",
        "{exports: {status: done}}",
        "'records' makes an invalid record of 'exports': /status: expected",
    ),
    (
        "a wrong type",
        "{exports: {user_id: two}}",
        "'records' makes an invalid record of 'exports': /user_id: expected integer",
    ),
]


@pytest.mark.parametrize(
    ("records", "message"), [case[1:] for case in OVERRIDES], ids=[case[0] for case in OVERRIDES]
)
def test_a_record_override_that_makes_invalid_records_is_an_error(
    shipped: Path, records: str, message: str
) -> None:
    path = shipped / "fixtures/push_notifications/scenarios/mine.yaml"
    path.write_text(
        f"title: T\noperations: [restore-a-trashed-push-notification]\nrecords: {records}\n"
    )
    with pytest.raises(InvalidFiles) as caught:
        load(shipped)
    assert f"mine.yaml:3:1: {message}" in str(caught.value)


EFFECTS = [
    (
        "to: canceled",
        "to: cancelled",
        r"effects.yaml:\d+:9: collection 'exports' has no state 'cancelled'; expected one of",
    ),
    (
        "reject: {finished: 400}",
        "reject: {done: 400}",
        r"effects.yaml:\d+:14: collection 'exports' has no state 'done'; expected one of",
    ),
    (
        "from: [waiting, running]",
        "from: [waiting, finished]",
        r"effects.yaml:\d+:\d+: lifecycles.yaml has no transition from 'finished' to 'canceled'; "
        "add 'canceled' to `next` of 'finished', or remove 'finished' from `from`",
    ),
    (
        "reject: {finished: 400}",
        "reject: {finished: 200}",
        r"effects.yaml:\d+:24: .*expected at least 400, got integer 200",
    ),
    (
        "searched_text: name",
        "searched_text: nam",
        r"effects.yaml:\d+:29: the response has no string member 'nam'; expected one of id, name",
    ),
    (
        "X-Access-Token",
        "X-Acces-Token",
        r"effects.yaml:3:15: header 'X-Acces-Token' does not appear in any request of the "
        r"blueprint; expected",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), EFFECTS, ids=[case[1] for case in EFFECTS])
def test_an_effect_that_contradicts_other_files_is_an_error_with_its_position(
    shipped: Path, old: str, new: str, message: str
) -> None:
    edit(shipped / "fixtures/push_notifications/effects.yaml", old, new)
    with pytest.raises(InvalidFiles) as caught:
        load(shipped)
    assert re.search(message, str(caught.value)), str(caught.value)
    assert len(caught.value.errors) == 1


def test_unknown_files_and_missing_files_are_warnings(shipped: Path) -> None:
    folder = shipped / "fixtures/push_notifications"
    (folder / "effect.yaml").write_text("a: b\n")
    (folder / "scenarios/mine.yml").write_text("a: b\n")
    (folder / "scenarios/other.YAML").write_text("a: b\n")
    (folder / "records/exports.json").write_text("[]")
    (folder / "tokens.yml").write_text("{}")
    (folder / "notes.txt").write_text("mine")
    (folder / "records/trash.yaml").unlink()
    (folder / "lifecycles.yaml").write_text(
        (folder / "lifecycles.yaml").read_text() + "export:\n  state: s\n  states: {a: {}}\n"
    )
    (shipped / "schemas/push_notifications/restore-a-trashed-push-notification.200.json").unlink()
    messages = loader.load_contract(shipped / "schemas", shipped / "fixtures").messages
    warnings = "\n".join(str(message) for message in messages if not message.is_error)
    assert "lifecycles.yaml: unknown collection 'export' (not in effects.yaml)" in warnings
    scenarios = ("scenarios/mine.yml", "scenarios/other.YAML")
    unknown = ("effect.yaml", *scenarios, "records/exports.json", "tokens.yml")
    assert warnings.count(": unknown file, not read") == len(unknown)
    for text in (
        *(f"{name}: unknown file, not read" for name in unknown),
        "records/trash.yaml: no such file",
        "200.json: this file is missing",
    ):
        assert text in warnings
