"""Blueprint -> description: golden cases, the shipped blueprint, and what holds for any text.

Each `golden/blueprint/NAME.apib` has its facts in `NAME.json`: what the reader makes of it, and the schemas taken from that.
`WRITE_GOLDEN=1` writes them again; read the difference before you keep it.
"""

import json
import os
from dataclasses import asdict
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


def plain(value: Any) -> Any:
    """A description as JSON, without positions and without what says nothing."""
    if isinstance(value, dict):
        pairs = {
            name: plain(each)
            for name, each in value.items()
            if name not in ("position", "body_position", "file", "sha256")
        }
        return {name: each for name, each in pairs.items() if each not in (None, "", [], {}, False)}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def facts(api: Api) -> dict[str, Any]:
    derived = schemas.derive(api)
    errors = [str(error) for error in schemas.example_errors(api, derived)]
    assert not errors
    return {
        "api": plain(asdict(api)),
        "schemas": {schemas.file_name(*key): schema for key, schema in derived.items()},
    }


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.apib")), ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    got = facts(blueprint.parse_blueprint(path.read_text(encoding="utf-8"), path.name, path.stem))
    golden = path.with_suffix(".json")
    if os.environ.get("WRITE_GOLDEN"):
        golden.write_text(json.dumps(got, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert got == json.loads(golden.read_text(encoding="utf-8"))


def test_the_shipped_blueprint_has_its_place_and_hash() -> None:
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


def everything(operation: Operation) -> list[tuple[str, Any]]:
    """What has a position in an operation, with the text that has to stand there."""
    payloads: list[Payload] = [
        each for t in operation.transactions for each in (t.request, t.response) if each
    ]
    placed: list[tuple[str, Any]] = [(operation.name, operation.position)]
    placed += [(parameter.name, parameter.position) for parameter in operation.parameters]
    placed += [("Re", payload.position) for payload in payloads]
    placed += [(payload.body[0], payload.body_position) for payload in payloads if payload.body]
    return placed + [pair for payload in payloads if payload.data for pair in members(payload.data)]


def members(data: DataType) -> list[tuple[str, Any]]:
    own = [(member.name, member.position) for member in data.members]
    return own + [
        pair for each in (*data.items, *(m.type for m in data.members)) for pair in members(each)
    ]


def test_every_node_has_its_position() -> None:
    lines = TEXT.split("\n")
    placed = [
        pair
        for operation in blueprint.read_blueprint(SHIPPED).operations
        for pair in everything(operation)
    ]
    assert len(placed) > 100
    for text, at in placed:
        assert lines[at.line - 1][at.column - 1 :].startswith(text), f"{text} is not at {at}"


@pytest.mark.parametrize(
    "change",
    [lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text],
    ids=["crlf", "bom"],
)
def test_line_ends_and_byte_order_mark_change_nothing(change: Any, tmp_path: Path) -> None:
    changed = tmp_path / "push_notifications.apib"
    changed.write_bytes(change(TEXT).encode())
    assert facts(blueprint.read_blueprint(changed)) == facts(blueprint.read_blueprint(SHIPPED))


def outcome(text: str) -> str:
    """Return `read` or `refused`. The positions of all errors are within the text."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    try:
        api = blueprint.parse_blueprint(text, "any.apib", "any")
        schemas.example_errors(api, schemas.derive(api))
    except InvalidFiles as error:
        found = error.errors
    else:
        return "read"
    assert found
    for error in found:
        assert error.position.file == "any.apib"
        assert 1 <= error.position.line <= lines, error
        assert error.position.column >= 1
        assert "\n" not in error.message
    return "refused"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(TEXT)))
def test_a_truncated_blueprint_is_read_or_refused(length: int) -> None:
    assert outcome(TEXT[:length]) in ("read", "refused")


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
def test_a_mutated_blueprint_is_read_or_refused(changes: list[tuple[int, int, str]]) -> None:
    text = TEXT
    for at, dropped, added in changes:
        text = text[:at] + added + text[at + dropped :]
    assert outcome(text) in ("read", "refused")


PIECES = """# A|# Group G|## R [/r/{x}{?y}]|### L [GET]|# GET /z|+ Parameters|    + x: 1 (number)|+ Request|+ Model|    [R][]
+ Response 200 (application/json)|    + Attributes (T)|    + Body|            {}|        + a (T, required)|+ Include T|+ One Of
# Data Structures|## T (array[T])|## T (enum)|### Sample|+ b: 1, 2 (array)|```|<!--|"""
LINE = st.sampled_from(PIECES.replace("\n", "|").split("|"))


@settings(max_examples=100, deadline=None)
@given(st.lists(LINE, max_size=30).map("\n".join) | st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert outcome(text) in ("read", "refused")
