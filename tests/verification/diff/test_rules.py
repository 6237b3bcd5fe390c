"""Each rule has a pair of blueprints in tests/golden/diff that provokes it, and no other rule."""

import pytest
from helpers.contract_diffs import GOLDEN, changes_of

from mockserver.verification.diff.rule import MOCK_FILES, VIEWS, Rule
from mockserver.verification.diff.rules import BY_ID, RULES


def rule_id(rule: Rule) -> str:
    return rule.id


def test_each_rule_has_one_id_and_one_pair() -> None:
    assert len(BY_ID) == len(RULES)
    assert {path.name for path in GOLDEN.iterdir()} == set(BY_ID)


@pytest.mark.parametrize("rule", RULES, ids=rule_id)
def test_a_pair_provokes_its_rule_with_the_verdicts_of_the_table(rule: Rule) -> None:
    changes = changes_of(GOLDEN / rule.id / "old.apib", GOLDEN / rule.id / "new.apib")
    counted = [change for change in changes if change.rule.is_counted or change.rule is rule]
    assert [change.rule for change in counted] == [rule]
    [change] = counted
    assert change.position
    for view in VIEWS:
        assert change.verdicts[view] == rule.verdict(view, change.finding.variant)


@pytest.mark.parametrize("rule", RULES, ids=rule_id)
def test_a_swapped_pair_provokes_the_mirrored_rule(rule: Rule) -> None:
    changes = changes_of(GOLDEN / rule.id / "new.apib", GOLDEN / rule.id / "old.apib")
    mirror = BY_ID[rule.mirror or rule.id]
    counted = [change for change in changes if change.rule.is_counted or change.rule is mirror]
    assert [change.rule for change in counted] == [mirror]


@pytest.mark.parametrize("rule", RULES, ids=rule_id)
def test_a_pair_compared_with_itself_has_no_change(rule: Rule) -> None:
    for name in ("old.apib", "new.apib"):
        path = GOLDEN / rule.id / name
        assert changes_of(path, path) == ()


@pytest.mark.parametrize("rule", RULES, ids=rule_id)
def test_a_rule_has_sentences_and_known_files(rule: Rule) -> None:
    assert rule.explanation.endswith(".")
    assert rule.advice.endswith(".")
    assert set(rule.mock) <= MOCK_FILES.keys()


VERDICTS = {
    "OP-REMOVED": "B-",
    "OP-ADDED": "-B",
    "OP-MOVED": "BB",
    "OP-RENAMED": "--",
    "BASE-CHANGED": "BB",
    "URI-VAR-RENAMED": "--",
    "FEATURE-ADDED": "BM",
    "FEATURE-DROPPED": "-M",
    "PARAM-ADDED-REQUIRED": "B-",
    "PARAM-ADDED": "-M",
    "PARAM-REMOVED": "M-",
    "PARAM-NARROWED": "B-",
    "PARAM-WIDENED": "-B",
    "PARAM-DEFAULT": "MM",
    "REQ-TYPE-REMOVED": "B-",
    "RES-TYPE-REMOVED": "BB",
    "REQ-REQUIRED": "B-",
    "REQ-ADDED": "-M",
    "REQ-REMOVED": "M-",
    "REQ-NARROWED": "B-",
    "REQ-WIDENED": "-B",
    "STATUS-REMOVED": "BB",
    "STATUS-ADDED": "MM",
    "ERROR-REMOVED": "-B",
    "RES-REQUIRED-LOST": "B-",
    "RES-REMOVED": "M-",
    "RES-ADDED": "-M",
    "RES-WIDENED": "B-",
    "RES-NARROWED": "-B",
    "RES-ENUM-ADDED": "M-",
    "RES-HEADER-LOST": "B-",
    "RESPONSE-RENAMED": "--",
    "EXAMPLE-CHANGED": "--",
    "TEXT-CHANGED": "--",
    "UNDECIDED": "MM",
}
"""The decided verdicts for app and server, written a second time."""
LETTERS = {"breaks": "B", "may break": "M", "safe": "-"}


@pytest.mark.parametrize("rule", RULES, ids=rule_id)
def test_the_table_has_the_decided_verdicts(rule: Rule) -> None:
    assert LETTERS[rule.app] + LETTERS[rule.server] == VERDICTS[rule.id]
