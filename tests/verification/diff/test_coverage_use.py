"""The tests that touch a change, by the coverage of the app's tests."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from helpers.contract_diffs import VIEW, coverage_document, text_changes

from mockserver.cli.comparison.inputs import read_sides
from mockserver.errors import InvalidFiles
from mockserver.verification.diff.changes import Change
from mockserver.verification.diff.coverage_use import CoverageUse

BODY = """\
+ Response 200 (application/json)
    + Attributes
        + id: 1 (number, required)
        + name (string)
        + kind (enum, required)
            + a
            + b

+ Response 404
"""
OLD = VIEW.replace("+ Response 204\n", BODY)
ITEMS = [
    "view",
    "view 200",
    "view 404",
    "view query page absent",
    "view query page present",
    "view 200 /name absent",
    "view 200 /name present",
    'view 200 /kind "a"',
    'view 200 /kind "b"',
]


def document(covered: Mapping[str, list[str]], items: list[str] = ITEMS) -> dict[str, Any]:
    """Return a coverage document in which these tests cover these items."""
    return coverage_document(items, covered)


def written(folder: Path, *documents: Any) -> list[Path]:
    paths = []
    for index, content in enumerate(documents):
        path = folder / f"coverage-{index}.json"
        path.write_text(json.dumps(content))
        paths.append(path)
    return paths


def used_change(folder: Path, new: str, *documents: Any) -> Change:
    """Return the only counted change from OLD, with its use."""
    coverage = CoverageUse.read(written(folder, *documents))
    changes = [change for change in text_changes(folder, OLD, new) if change.rule.is_counted]
    [change] = changes
    return change.with_use(coverage.use_of(change, ["view"]))


REMOVED_NAME = OLD.replace("        + name (string)\n", "")
CASES: dict[str, tuple[str, list[str], bool]] = {
    "member that a test got": (REMOVED_NAME, ["view 200 /name present"], True),
    "member that was always absent": (REMOVED_NAME, ["view 200", "view 200 /name absent"], False),
    "status that a test got": (OLD.replace("\n+ Response 404\n", ""), ["view 404"], True),
    "parameter that a test sent": (
        OLD.replace("{?page}", ""),
        ["view", "view query page present"],
        True,
    ),
    "parameter that no test sent": (
        OLD.replace("{?page}", ""),
        ["view", "view query page absent"],
        False,
    ),
    "operation that a test called": (OLD.replace("{id}", "{id}/all"), ["view"], True),
    "operation that no test called": (OLD.replace("{id}", "{id}/all"), [], False),
    "enum value that a test got": (
        OLD.replace("            + b\n", ""),
        ['view 200 /kind "b"'],
        True,
    ),
    "enum value that no test got": (
        OLD.replace("            + b\n", ""),
        ["view 200", 'view 200 /kind "a"'],
        False,
    ),
    "member without an item": (
        OLD.replace("id: 1 (number, required)", "id: 1 (number)"),
        ["view 200"],
        True,
    ),
}


@pytest.mark.parametrize(("new", "covered", "is_used"), CASES.values(), ids=CASES)
def test_a_change_that_no_test_touches_is_not_used(
    tmp_path: Path, new: str, covered: list[str], is_used: bool
) -> None:
    tests = {item: ["a.spec.ts:4 › views"] for item in covered}
    change = used_change(tmp_path, new, document(tests))
    assert change.use
    assert change.use.is_known
    assert change.use.is_used == is_used
    if change.app_verdict_without_use != "safe":
        assert change.is_downgraded != is_used
        assert bool(change.use.tests) == is_used


def test_the_verdict_before_the_downgrade_is_kept(tmp_path: Path) -> None:
    change = used_change(tmp_path, REMOVED_NAME, document({"view": ["a"]}))
    assert (change.verdicts["app"], change.app_verdict_without_use) == ("safe", "may break")


def test_several_documents_are_united(tmp_path: Path) -> None:
    first = document({"view 200 /name present": ["b"]})
    second = document({"view 200 /name present": ["a"]})
    change = used_change(tmp_path, REMOVED_NAME, first, second, document({}))
    assert change.use
    assert change.use.tests == ("a", "b")


def test_incomplete_coverage_downgrades_nothing(tmp_path: Path) -> None:
    incomplete = {**document({"view": ["a"]}), "complete": False}
    change = used_change(tmp_path, REMOVED_NAME, incomplete)
    assert not change.is_downgraded
    coverage = CoverageUse.read(written(tmp_path, incomplete))
    assert "not complete" in coverage.warnings[0].message


def test_an_unknown_operation_is_not_downgraded(tmp_path: Path) -> None:
    change = used_change(tmp_path, REMOVED_NAME, document({}, []))
    assert change.use
    assert not change.use.is_known
    assert not change.is_downgraded


def test_coverage_of_another_contract_is_a_warning(tmp_path: Path) -> None:
    other = {**document({}, []), "fingerprint": "sha256:2"}
    strange = document({})
    for item in strange["items"]:
        item["operation"] = "other"
    coverage = CoverageUse.read(written(tmp_path, strange, other))
    (tmp_path / "old.apib").write_text(OLD)
    sides, _ = read_sides([str(tmp_path / "old.apib")])
    coverage.check_belongs_to(sides[0])
    texts = [warning.message for warning in coverage.warnings]
    assert len(texts) == 3
    assert "of different contracts" in texts[0]
    assert "that OLD does not have, such as other" in texts[1]
    assert "less than OLD, such as view" in texts[2]


INVALID = {
    "another format": ('{"format": "x", "items": [], "tests": []}', "/format: expected"),
    "not JSON": ("{", "invalid JSON"),
    "a list": ("[]", "not a coverage document"),
}


@pytest.mark.parametrize(("text", "error"), INVALID.values(), ids=INVALID)
def test_another_file_is_an_error(tmp_path: Path, text: str, error: str) -> None:
    path = tmp_path / "coverage.json"
    path.write_text(text)
    with pytest.raises(InvalidFiles) as raised:
        CoverageUse.read([path, tmp_path / "missing.json"])
    assert error in str(raised.value)
    assert "missing.json: cannot be read" in str(raised.value)
