"""An operation that NEW has but refuses is undecided, never removed."""

from pathlib import Path

import pytest
from helpers.contract_diffs import VIEW, rules_of, text_changes

VOTE = "\n### Vote [POST]\n\n+ Response 201\n"
OLD = VIEW + VOTE

REFUSED = {
    "unknown method": OLD.replace("[POST]", "[POZT]"),
    "no response": OLD.replace("\n+ Response 201\n", ""),
    "request without response": VIEW + VOTE.replace("Response 201", "Request (text/plain)"),
    "only an interim response": OLD.replace("201", "100"),
    "invalid URI": OLD.replace("Vote [POST]", "Vote [POST /votes/{id]"),
}


@pytest.mark.parametrize("new", REFUSED.values(), ids=REFUSED)
def test_a_refused_operation_is_undecided(tmp_path: Path, new: str) -> None:
    [change] = text_changes(tmp_path, OLD, new)
    assert (change.rule.id, change.subject.name) == ("UNDECIDED", "Vote")
    assert change.verdicts["app"] == change.verdicts["server"] == "may break"
    [back] = text_changes(tmp_path, new, OLD)
    assert (back.rule.id, back.subject.name) == ("UNDECIDED", "Vote")


def test_operations_of_an_invalid_uri_are_undecided(tmp_path: Path) -> None:
    resource = "\n## Team [/teams/{id}]\n\n### Show [GET]\n\n+ Response 204\n"
    resource += "\n### Drop [DELETE]\n\n+ Response 204\n"
    new = VIEW + resource.replace("{id}]", "{id]")
    changes = text_changes(tmp_path, VIEW + resource, new)
    assert rules_of(changes) == ["UNDECIDED", "UNDECIDED"]


def test_an_operation_without_its_heading_is_removed_in_spite_of_other_refusals(
    tmp_path: Path,
) -> None:
    new = VIEW + VOTE.replace("Vote [POST]", "Count [PUTT /counts]")
    assert rules_of(text_changes(tmp_path, OLD, new)) == ["OP-REMOVED"]


def test_a_refused_operation_with_another_method_does_not_count(tmp_path: Path) -> None:
    new = VIEW + "\n### Vote [PUT]\n"
    assert rules_of(text_changes(tmp_path, OLD, new)) == ["OP-REMOVED"]


def test_a_status_whose_responses_are_refused_is_undecided(tmp_path: Path) -> None:
    second = "\n+ Request (text/plain)\n\n        a\n\n+ Response 202\n"
    old = OLD + second
    new = old.replace("Response 202", "Response 100")
    changes = text_changes(tmp_path, old, new)
    assert "STATUS-REMOVED" not in rules_of(changes)
    assert "UNDECIDED" in rules_of(changes)
