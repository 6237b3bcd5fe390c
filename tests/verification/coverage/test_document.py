"""The coverage document is read strictly, and written as it was read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.shop_coverage import coverage_document, write_document

from mockserver.errors import InvalidFiles
from mockserver.verification.coverage.document import from_json, json_text, read_file
from mockserver.verification.coverage.model import of_sandbox


def test_a_written_document_is_read_as_it_was(tmp_path: Path) -> None:
    coverage = from_json(coverage_document(contract="next"), "shop.json")
    path = tmp_path / "written.json"
    path.write_text(json_text(coverage, 0))
    assert read_file(path) == coverage


def test_the_summary_is_computed_from_the_items() -> None:
    document = json.loads(json_text(from_json(coverage_document(), "shop.json"), 0))
    assert document["summary"] == {
        "contract": {"items": 9, "served": 3},
        "called": {"items": 7, "served": 3},
        "required": {"items": 7, "served": 3},
    }


def test_tests_are_sorted_and_their_indexes_follow() -> None:
    document = json.loads(json_text(from_json(coverage_document(), "shop.json"), 0))
    assert [test["sandbox"] for test in document["tests"]] == ["default", "w0-list"]
    tests = {item["id"]: item["tests"] for item in document["items"]}
    assert tests["list-orders query limit absent"] == [0]


def test_one_sandbox_keeps_only_what_was_served_to_it() -> None:
    coverage = of_sandbox(from_json(coverage_document(), "shop.json"), "w0-list")
    assert [item.id for item in coverage.items if item.covered] == [
        "list-orders",
        "list-orders 200",
    ]
    assert [test.sandbox for test in coverage.tests] == ["w0-list"]
    assert coverage.items[0].tests == frozenset(coverage.tests)


def item(**members: Any) -> Callable[[dict[str, Any]], Any]:
    """Return a change of the third item, which was not served."""
    return lambda document: document["items"][2].update(members)


WRONG: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "format": (lambda d: d.update(format="mockserver-coverage/2"), "/format: expected"),
    "no format": (lambda d: d.pop("format"), 'no member "format"'),
    "no items": (lambda d: d.pop("items"), 'expected member "items"'),
    "items": (lambda d: d.update(items={}), "/items: expected array"),
    "other member": (lambda d: d.update(mode="x"), 'undocumented member "mode"'),
    "fingerprint": (lambda d: d.update(fingerprint="md5:0"), "/fingerprint: expected"),
    "kind": (item(kind="verb"), "/items/2/kind: expected"),
    "line": (item(line=-1), "/items/2/line: expected"),
    "line as text": (item(line="12"), '/items/2/line: expected integer, got string "12"'),
    "covered": (item(covered=None), "/items/2/covered: expected boolean"),
    "excluded": (item(excluded=True), "/items/2/excluded: expected"),
    "index": (item(tests=[2], covered=True), "/items/2/tests: expected indexes below 2"),
    "negative index": (item(tests=[-1], covered=True), "/items/2/tests/0: expected"),
    "tests but not covered": (item(tests=[0]), "/items/2/covered: expected true with tests"),
    "covered without tests": (item(covered=True), "/items/2/covered: expected true with tests"),
    "repeated id": (item(id="list-orders"), "/items/2/id: repeated item 'list-orders'"),
    "sandbox": (lambda d: d["tests"][0].update(sandbox=None), "/tests/0/sandbox: expected"),
    "complete": (lambda d: d.pop("complete"), 'expected member "complete"'),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_member_is_named(name: str, tmp_path: Path) -> None:
    change, message = WRONG[name]
    document = coverage_document()
    change(document)
    path = write_document(tmp_path / "wrong.json", document)
    with pytest.raises(InvalidFiles) as caught:
        read_file(Path(path))
    assert len(caught.value.errors) == 1
    text = str(caught.value)
    assert text.startswith(path)
    assert message in text
    assert "write the file with `mockserver coverage --report json=FILE`" in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ":1:1: invalid JSON: "),
        (b'{"format":', ":1:11: invalid JSON: "),
        (b'{\n  "items": [}', ":2:13: invalid JSON: "),
        (b"\xff\xfe{\x00}\x00", ": invalid JSON: "),
        (b"<coverage/>", ":1:1: invalid JSON: "),
        (b"[]", ": not a coverage document: "),
        (b"null", ": not a coverage document: "),
        (b'{"total": {"lines": {"pct": 80}}}', ": not a coverage document: "),
    ],
)
def test_another_file_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_bytes(content)
    with pytest.raises(InvalidFiles) as caught:
        read_file(path)
    assert message in str(caught.value)


def test_all_errors_of_a_document_are_reported_together() -> None:
    document = {**coverage_document(), "contract": 1, "fingerprint": 2, "tests": 3}
    with pytest.raises(InvalidFiles) as caught:
        from_json(document, "wrong.json")
    pointers = [error.message.split(":")[0] for error in caught.value.errors]
    assert pointers == ["/contract", "/fingerprint", "/tests"]
