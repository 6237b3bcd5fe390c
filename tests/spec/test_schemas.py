"""JSON Schemas derived from an API description: rules, files, drift and the command."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.blueprints import ATTRIBUTE_RULES, api_with_attributes
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from mockserver.config.shipped import SCHEMAS
from mockserver.errors import InvalidFiles
from mockserver.formats.json_schema import Validator, schema_violations
from mockserver.spec import blueprint, schemas
from mockserver.spec.description import Api
from mockserver.spec.schemas.samples import TIMESTAMP_START

SHIPPED = SCHEMAS / "push_notifications"
STATUSES = ["waiting", "running", "finished", "error", "canceled"]


def schema_of(api: Api) -> dict[str, Any]:
    return schemas.derive(api)["get-a", 200]


# Attributes, example body, and the schema of the member `a`.


@pytest.mark.parametrize(
    ("attributes", "body", "expected"), ATTRIBUTE_RULES.values(), ids=ATTRIBUTE_RULES
)
def test_attributes_and_a_body_give_the_schema_of_a_member(
    attributes: str, body: str, expected: dict[str, Any]
) -> None:
    api = api_with_attributes(attributes, body)
    schema = schema_of(api)
    assert schema["properties"]["a"] == expected
    assert not list(schemas.example_messages(api, schemas.derive(api)))


def test_the_values_of_all_bodies_decide_the_schema_of_a_named_type() -> None:
    other = (
        "# GET /b\n\n+ Response 200 (application/json)\n    + Attributes (T)\n"
        '    + Body\n\n            {"n": 1.5, "s": null}\n\n'
    )
    api = api_with_attributes(
        "+ a (T)",
        '{"a": {"n": 1, "s": "x"}}',
        other + "# Data Structures\n## T\n+ n (number)\n+ s\n",
    )
    members = schema_of(api)["properties"]["a"]["properties"]
    assert members == {"n": {"type": "number"}, "s": {"type": ["string", "null"]}}


@pytest.mark.parametrize(
    "operation",
    blueprint.read_blueprint(SHIPPED / "push_notifications.apib").operations,
    ids=lambda operation: operation.id,
)
def test_shipped_schemas_stand_alone_and_are_closed(operation: Any) -> None:
    derived = schemas.derive(blueprint.read_blueprint(SHIPPED / "push_notifications.apib"))
    for status in operation.statuses:
        schema = derived[operation.id, status]
        assert schema["$schema"] == schemas.DIALECT
        assert schema["title"] == f"{operation.name}: {status}"
        assert schema["description"]
        assert "$ref" not in json.dumps(schema)
        assert not schema_violations(schema)
        for inner in object_schemas(schema):
            assert inner["additionalProperties"] is False


def object_schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema of an object in a schema."""
    if isinstance(schema, list):
        for item in schema:
            yield from object_schemas(item)
    elif isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from object_schemas(value)


def test_all_members_are_required_except_those_of_the_history() -> None:
    schema = schemas.read_schemas(SHIPPED, "x")["list-all-push-notification-segment-exports", 200]
    item = schema["properties"]["push_notification_exports"]["items"]
    history = item["properties"]["stats"]["properties"]["statuses_history"]
    assert item["properties"]["status"]["enum"] == STATUSES
    assert list(history["properties"]) == STATUSES
    others = [inner for inner in object_schemas(schema) if inner is not history]
    assert len(others) == 6
    for other in others:
        assert sorted(other["required"]) == sorted(other["properties"])
    assert "required" not in history


def body_of(operation: str, status: int) -> Any:
    api = blueprint.read_blueprint(SHIPPED / "push_notifications.apib")
    return json.loads(str(api.operation(operation).transactions_for(status)[0].response.body))


def export(**members: Any) -> dict[str, Any]:
    """Return the example body of an export with these members changed."""
    body = body_of("retrieve-a-push-notification-segment-export", 200)
    body["push_notification_export"].update(members)
    return dict(body)


# Changed members of an export, and the pointer of the violation.
INVALID_EXPORTS: dict[str, tuple[dict[str, Any], str]] = {
    "status": ({"status": "done"}, "/push_notification_export/status"),
    "fraction": ({"id": 1.5}, "/push_notification_export/id"),
    "null": ({"name": None}, "/push_notification_export/name"),
    "another member": ({"segment_name": "x"}, "/push_notification_export/segment_name"),
    "text for a number": ({"user_id": "200"}, "/push_notification_export/user_id"),
    "another status in the history": (
        {"stats": {"statuses_history": {"done": "2017-01-01 15:35:00"}}},
        "/push_notification_export/stats/statuses_history/done",
    ),
    "no history": ({"stats": {}}, "/push_notification_export/stats"),
}


@pytest.mark.parametrize(("members", "pointer"), INVALID_EXPORTS.values(), ids=INVALID_EXPORTS)
def test_an_invalid_export_breaks_the_schema(members: dict[str, Any], pointer: str) -> None:
    validator = Validator(
        schemas.read_schemas(SHIPPED, "x")["retrieve-a-push-notification-segment-export", 200]
    )
    assert validator.accepts(export())
    assert [violation.pointer for violation in validator.violations(export(**members))] == [pointer]


TIMESTAMPS = {
    "2017-01-01 15:35:00": True,
    "0001-12-31 23:59:59": True,
    "2017-01-01 15:35:00\n": False,
    "\n2017-01-01 15:35:00": False,
    "2017-01-01 15:35:00 ": False,
    "2017-01-01T15:35:00": False,
    "2017-00-01 15:35:00": False,
    "2017-13-01 15:35:00": False,
    "2017-01-00 15:35:00": False,
    "2017-01-32 15:35:00": False,
    "2017-01-01 24:00:00": False,
    "2017-01-01 15:60:00": False,
    "2017-01-01 15:35:60": False,
    "17-01-01 15:35:00": False,
    "٢٠١٧-01-01 15:35:00": False,
    "": False,
}


def verdicts(schema: dict[str, Any], value: Any) -> tuple[bool, bool]:
    """Return whether jsonschema-rs accepts a value, and whether jsonschema does."""
    precise = Draft202012Validator(schema, format_checker=FormatChecker())
    return Validator(schema).accepts(value), precise.is_valid(value)


@pytest.mark.parametrize(("text", "fits"), TIMESTAMPS.items(), ids=map(repr, TIMESTAMPS))
def test_both_validators_agree_on_timestamps(text: str, fits: bool) -> None:
    assert verdicts({"type": "string", "pattern": TIMESTAMP_START}, text) == (fits, fits)


@given(st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\s?"))
def test_both_validators_agree_on_texts_similar_to_timestamps(text: str) -> None:
    fast, precise = verdicts({"type": "string", "pattern": TIMESTAMP_START}, text)
    assert fast == precise


# A format, and texts that it is and is not.
FORMATS = {
    "date-time": (
        ["2018-11-07T10:19:48Z"],
        ["2018-11-07", "2018-11-07 10:19", "2018-13-07T10:19:48Z", ""],
    ),
    "uuid": (
        ["983d437d-eac6-423b-beb5-40a619be332f"],
        ["983d437d-eac6-423b-beb5-40a619be332f\n", "983d437d", ""],
    ),
}


@pytest.mark.parametrize(
    ("name", "fitting", "others"), [(name, *texts) for name, texts in FORMATS.items()], ids=FORMATS
)
def test_both_validators_agree_on_formats(name: str, fitting: list[str], others: list[str]) -> None:
    schema = {"type": "string", "format": name}
    assert [verdicts(schema, text) for text in fitting] == [(True, True)] * len(fitting)
    assert [verdicts(schema, text) for text in others] == [(False, False)] * len(others)


def test_an_invalid_schema_section_is_a_warning_and_not_used() -> None:
    api = blueprint.parse_blueprint(
        "# GET /a\n\n+ Response 200\n    + Schema\n\n"
        '            {"type": "text", "$ref": "other.json"}\n',
        "f",
        "x",
    )
    [message] = api.messages
    start = "f:6:13: the schema is not a valid JSON Schema 2020-12 at /type: expected"
    assert str(message).startswith(start)
    assert str(message).endswith(". The schema is ignored. [B314]")
    assert schemas.derive(api) == {}


def test_a_reference_to_another_file_is_a_warning() -> None:
    api = blueprint.parse_blueprint(
        "# GET /a\n\n+ Response 200\n    + Schema\n\n"
        '            {"$ref": "http://a.example/b.json"}\n',
        "f",
        "x",
    )
    [message] = api.messages
    assert str(message).startswith("f:6:13: ")
    assert str(message).endswith(
        " The reference accepts any value, because it is not fetched. [B315]"
    )
    assert set(schemas.derive(api)["get-a", 200]) == {"$schema", "title", "description"}


def test_an_example_body_that_violates_its_schema_is_a_warning() -> None:
    api = api_with_attributes("+ a (number, required)", '{"a": "x", "c": 1}')
    messages = list(schemas.example_messages(api, schemas.derive(api)))
    assert [(str(message.position), message.message) for message in messages] == [
        (
            "f:10:13",
            'the example body violates its schema at /a: expected number, got string "x"',
        ),
        (
            "f:10:13",
            'the example body violates its schema at /c: expected no other member than "a", '
            'got undocumented member "c"',
        ),
    ]
    assert {message.severity for message in messages} == {"warning"}


def test_a_file_is_named_by_operation_and_status() -> None:
    assert schemas.file_name("list-things", 200) == "list-things.200.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped folder, in `schemas` below the folder of the test."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "schemas" / "push_notifications"))


def api_in(folder: Path) -> Api:
    return blueprint.read_blueprint(folder / "push_notifications.apib")


def test_the_shipped_schema_files_have_no_drift() -> None:
    assert schemas.drift(api_in(SHIPPED), SHIPPED) == []
    assert schemas.read_schemas(SHIPPED, "x") == schemas.derive(api_in(SHIPPED))


def test_writing_restores_the_same_bytes_and_keeps_other_files(folder: Path) -> None:
    others = ["notes.json", "old.600.json", "old.txt"]
    for name in (*others, "old.404.json"):
        (folder / name).write_text("{}")
    (folder / "cancel-push-notification-segment-export.400.json").unlink()
    written = schemas.write(api_in(folder), folder)
    assert sorted(path.name for path in written) == sorted(
        path.name for path in SHIPPED.glob("*.json")
    )
    assert all(path.read_bytes() == (SHIPPED / path.name).read_bytes() for path in written)
    assert all((folder / name).exists() for name in others)
    assert not (folder / "old.404.json").exists()


CHANGES: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "another type": (
        "restore-a-trashed-push-notification.200.json",
        lambda d: d.replace(b'"uuid"', b'"email"'),
        '-          "format": "email"',
    ),
    "line ends": (
        "restore-a-trashed-push-notification.200.json",
        lambda d: d.replace(b"\n", b"\r\n"),
        "has CRLF line breaks",
    ),
}


@pytest.mark.parametrize(("name", "change", "part"), CHANGES.values(), ids=CHANGES)
def test_drift_shows_the_difference_of_a_file(
    name: str, change: Callable[[bytes], bytes], part: str, folder: Path
) -> None:
    path = folder / name
    path.write_bytes(change(path.read_bytes()))
    (difference,) = schemas.drift(api_in(folder), folder)
    assert name in difference
    assert part in difference


def test_drift_lists_missing_and_surplus_files(folder: Path) -> None:
    (folder / "restore-a-trashed-push-notification.200.json").rename(folder / "old.200.json")
    assert schemas.drift(api_in(folder), folder) == [
        "restore-a-trashed-push-notification.200.json is missing",
        "old.200.json is surplus: the blueprint does not document this response",
    ]


UNREADABLE: dict[str, tuple[str, str]] = {
    "cut": (
        '{\n "type":',
        "here/a.200.json:2:9: invalid JSON: unexpected end of data; expected a JSON Schema",
    ),
    "comma": (
        '{\n "a": 1,\n}',
        "here/a.200.json:2:8: invalid JSON: trailing comma is not allowed; expected a JSON Schema",
    ),
    "no schema": ("[]", "here/a.200.json:1:1: /: expected an object, got []"),
    "no type": (
        '{\n  "properties": {\n    "a": {"type": "text"}\n  }\n}',
        "here/a.200.json:3:19: /properties/a/type: expected a value that fits anyOf,",
    ),
    "reference": (
        '{"$ref": "b.json"}',
        "here/a.200.json:1:1: /: expected a self-contained schema that compiles, got",
    ),
}


@pytest.mark.parametrize(("text", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_without_a_valid_schema_is_an_error(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.200.json").write_text(text)
    (tmp_path / "b.200.json").write_text("{}")
    with pytest.raises(InvalidFiles) as caught:
        schemas.read_schemas(tmp_path, "here")
    assert len(caught.value.errors) == 1
    assert str(caught.value).startswith(message)


def test_an_unreadable_file_is_reported_with_the_other_errors(tmp_path: Path) -> None:
    (tmp_path / "a.200.json").mkdir()
    (tmp_path / "b.200.json").write_text("[]")
    with pytest.raises(InvalidFiles) as caught:
        schemas.read_schemas(tmp_path, "here")
    assert list(map(str, caught.value.errors)) == [
        "here/a.200.json:1:1: the file cannot be read: Is a directory",
        "here/b.200.json:1:1: /: expected an object, got []",
    ]


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "mockserver", "schemas", "--schemas", "schemas", *arguments]
    root = str(Path(schemas.__file__).parents[2])
    return subprocess.run(
        words,
        cwd=folder.parents[1],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": root},
        check=False,
    )


def test_the_command_writes_the_schemas_and_then_reports_no_drift(folder: Path) -> None:
    (folder / "restore-a-trashed-push-notification.200.json").rename(folder / "old.200.json")
    drift = command(folder, "--check")
    assert drift.returncode == 1
    assert "old.200.json is surplus" in drift.stdout
    assert (folder / "old.200.json").exists()
    writing = command(folder)
    assert writing.returncode == 0
    assert writing.stdout.splitlines()[0] == "removed schemas/push_notifications/old.200.json"
    assert (
        "wrote schemas/push_notifications/restore-a-trashed-push-notification.200.json"
        in writing.stdout
    )
    check = command(folder, "--check")
    assert (check.returncode, check.stdout) == (
        0,
        "no drift: the schemas match the blueprints\n",
    )


def test_the_command_reports_examples_that_violate_their_schema(folder: Path) -> None:
    path = folder / "push_notifications.apib"
    path.write_text(path.read_text().replace('"limit": 20,', '"limit": "20",', 1))
    result = command(folder)
    assert result.returncode == 0
    message = "warning: the example body violates its schema at /selection_settings/limit"
    assert f"push_notifications.apib:43:13: {message}" in result.stderr
    assert "Traceback" not in result.stderr
