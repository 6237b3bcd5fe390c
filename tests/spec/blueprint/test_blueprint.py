"""Blueprint -> description: golden cases, the shipped blueprint, and random texts.

Each `golden/blueprint/NAME.apib` has its description and its schemas in `NAME.json`.
`WRITE_GOLDEN=1` writes these files again. Read the difference before you commit it.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from helpers.repository import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.config.shipped import SCHEMAS
from mockserver.errors import InvalidFiles
from mockserver.spec import blueprint, schemas
from mockserver.spec.description import Api, DataType, Operation, Payload

GOLDEN = ROOT / "tests" / "golden" / "blueprint"
SHIPPED = SCHEMAS / "push_notifications" / "push_notifications.apib"
TEXT = SHIPPED.read_text(encoding="utf-8")


OMITTED = ("position", "body_position", "file", "sha256")
EMPTY = (None, "", [], {}, False)


def plain(value: Any) -> Any:
    """Return a description as JSON, without positions and empty members."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    members = {}
    for name, member in value.items():
        plain_member = plain(member)
        if name not in OMITTED and plain_member not in EMPTY:
            members[name] = plain_member
    return members


def facts(api: Api) -> dict[str, Any]:
    """Return the description and the schemas of an API. Its examples must fit its schemas."""
    derived = schemas.derive(api)
    errors = [str(error) for error in schemas.example_messages(api, derived)]
    assert not errors
    return {
        "api": plain(asdict(replace(api, parts=()))),
        "schemas": {schemas.file_name(*key): schema for key, schema in derived.items()},
    }


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.apib")), ids=lambda path: path.stem)
def test_a_blueprint_has_the_description_and_schemas_of_its_golden_file(path: Path) -> None:
    actual = facts(
        blueprint.parse_blueprint(path.read_text(encoding="utf-8"), path.name, path.stem)
    )
    golden = path.with_suffix(".json")
    if os.environ.get("WRITE_GOLDEN"):
        golden.write_text(json.dumps(actual, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert actual == json.loads(golden.read_text(encoding="utf-8"))


def test_the_shipped_blueprint_has_its_file_base_path_and_hash() -> None:
    api = blueprint.read_blueprint(SHIPPED, "here/push_notifications.apib")
    assert (api.id, api.file, api.base_path) == (
        "push_notifications",
        "here/push_notifications.apib",
        "/api",
    )
    assert api.sha256 == sha256(SHIPPED.read_bytes()).hexdigest()


def test_operation_ids_are_slugs_of_the_names() -> None:
    assert [operation.id for operation in blueprint.read_blueprint(SHIPPED).operations] == [
        "list-all-push-notification-segment-exports",
        "retrieve-a-push-notification-segment-export",
        "cancel-push-notification-segment-export",
        "list-all-trashed-push-notifications",
        "restore-a-trashed-push-notification",
    ]


def operation_positions(operation: Operation) -> Iterator[tuple[str, Any]]:
    """Yield the positions in an operation, each with the text that must be there."""
    yield operation.name, operation.position
    for parameter in operation.parameters:
        yield parameter.name, parameter.position
    for transaction in operation.transactions:
        if transaction.request:
            yield from payload_positions(transaction.request)
        yield from payload_positions(transaction.response)


def payload_positions(payload: Payload) -> Iterator[tuple[str, Any]]:
    yield "Re", payload.position
    if payload.body:
        yield payload.body[0], payload.body_position
    if payload.data:
        yield from type_positions(payload.data)


def type_positions(data: DataType) -> Iterator[tuple[str, Any]]:
    for member in data.members:
        yield member.name, member.position
        yield from type_positions(member.type)
    for item in data.items:
        yield from type_positions(item)


def test_every_node_of_the_shipped_blueprint_has_its_position() -> None:
    lines = TEXT.split("\n")
    count = 0
    for operation in blueprint.read_blueprint(SHIPPED).operations:
        for text, position in operation_positions(operation):
            line = lines[position.line - 1][position.column - 1 :]
            assert line.startswith(text), f"{text} is not at {position}"
            count += 1
    assert count > 100


@pytest.mark.parametrize(
    "change",
    [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text],
    ids=["crlf", "bom"],
)
def test_line_breaks_and_a_byte_order_mark_change_nothing(change: Any, tmp_path: Path) -> None:
    changed = tmp_path / "push_notifications.apib"
    changed.write_bytes(change(TEXT).encode())
    assert facts(blueprint.read_blueprint(changed)) == facts(blueprint.read_blueprint(SHIPPED))


def outcome(text: str) -> str:
    """Return `read` or `rejected`. The positions of all errors must be within the text."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    try:
        api = blueprint.parse_blueprint(text, "any.apib", "any")
        schemas.example_messages(api, schemas.derive(api))
    except InvalidFiles as error:
        errors = error.errors
    else:
        return "read"
    assert errors
    for error in errors:
        assert error.position.file == "any.apib"
        assert 1 <= error.position.line <= lines, error
        assert error.position.column >= 1
        assert "\n" not in error.message
    return "rejected"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(TEXT)))
def test_a_truncated_blueprint_is_read_or_rejected(length: int) -> None:
    assert outcome(TEXT[:length]) in ("read", "rejected")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(TEXT)),
            st.integers(0, 3),
            st.text("()[]{}<>`+-*#:,.= \n\t\"'\\|~_\0é", max_size=4),
        ),
        max_size=5,
    )
)
def test_a_mutated_blueprint_is_read_or_rejected(changes: list[tuple[int, int, str]]) -> None:
    text = TEXT
    for index, deleted, inserted in changes:
        text = text[:index] + inserted + text[index + deleted :]
    assert outcome(text) in ("read", "rejected")


PIECES = """# A|# Group G|## R [/r/{x}{?y}]|### L [GET]|# GET /z|+ Parameters|    + x: 1 (number)
+ Request|+ Model|    [R][]|+ Response 200 (application/json)|    + Attributes (T)|    + Body
            {}|        + a (T, required)|+ Include T|+ One Of|# Data Structures|## T (array[T])
## T (enum)|### Sample|+ b: 1, 2 (array)|```|<!--|"""
LINE = st.sampled_from(PIECES.replace("\n", "|").split("|"))


@settings(max_examples=100, deadline=None)
@given(st.lists(LINE, max_size=30).map("\n".join) | st.text(max_size=200))
def test_any_text_is_read_or_rejected(text: str) -> None:
    assert outcome(text) in ("read", "rejected")
