"""The coverage document, and its three denominators."""

from dataclasses import replace
from pathlib import Path

from helpers.notes_api import load_notes_api, write_notes_api

from mockserver.contract.coverage.document import Way, coverage_document
from mockserver.contract.coverage.items import CoverageItems

FIRST, SECOND = ("s1", "lists › empty"), ("s2", "")
EXCLUSIONS = (
    "exclude:\n"
    "  - item: list-notes query limit maximum\n    reason: The app never asks for 1000 notes.\n"
    "  - item: create-a-note*\n    reason: The app cannot create notes.\n"
)


def test_the_document_names_the_tests_of_each_item(tmp_path: Path) -> None:
    (write_notes_api(tmp_path) / "coverage.yaml").write_text(EXCLUSIONS)
    contract = load_notes_api(tmp_path)
    covered = {
        SECOND: ["list-notes", "list-notes 200", "an item of another contract"],
        FIRST: ["list-notes", "list-notes query limit absent"],
    }
    ways = {"delete-a-note 204": Way("DELETE /notes/1"), "create-a-note 422": Way("", "no way")}
    contract = replace(contract, name="next")
    document = coverage_document(contract, CoverageItems(contract), covered, ways)
    items = {item["id"]: item for item in document["items"]}
    assert document["format"] == "mockserver-coverage/1"
    assert document["contract"] == "next"
    assert document["apis"] == [
        {
            "name": "notes",
            "title": "Notes",
            "blueprint": str(tmp_path / "schemas/notes/notes.apib"),
            "lines": 47,
        }
    ]
    assert document["tests"] == [
        {"sandbox": "s1", "test": "lists › empty"},
        {"sandbox": "s2", "test": ""},
    ]
    assert items["list-notes"]["tests"] == [0, 1]
    assert items["list-notes 200"]["tests"] == [1]
    assert items["list-notes 200"]["covered"]
    assert not items["delete-a-note"]["covered"]
    assert items["delete-a-note 204"]["closed_by"] == "DELETE /notes/1"
    assert items["create-a-note 422"]["why_not"] == "no way"
    assert items["create-a-note 422"]["excluded"] == "The app cannot create notes."
    assert items["scenario no-notes"]["operations"] == ["list-notes"]
    assert document["summary"] == {
        "contract": {"items": 40, "served": 3},
        "called": {"items": 26, "served": 3},
        "required": {"items": 25, "served": 3},
    }


def test_a_scenario_counts_if_it_was_applied_or_its_operation_was_called(tmp_path: Path) -> None:
    write_notes_api(tmp_path)
    contract = load_notes_api(tmp_path)
    items = CoverageItems(contract)

    def called(*names: str) -> dict[str, int]:
        document = coverage_document(contract, items, {FIRST: names}, {})
        counts: dict[str, int] = document["summary"]["called"]
        return counts

    assert called() == {"items": 0, "served": 0}
    assert called("scenario no-notes") == {"items": 1, "served": 1}
    assert called("delete-a-note") == {"items": 3, "served": 1}
    assert called("list-notes", "scenario no-notes") == {"items": 26, "served": 2}
