"""Which operation of NEW is compared with which operation of OLD."""

from pathlib import Path

import pytest
from helpers.contract_diffs import HEAD, VIEW, changes_of, rules_of, text_changes


def operation(name: str, heading: str) -> str:
    return f"## {name} [{heading}]\n\n### {name} [GET]\n\n+ Response 204\n\n"


def test_a_new_variable_of_the_query_is_a_parameter(tmp_path: Path) -> None:
    changes = text_changes(tmp_path, VIEW, VIEW.replace("{?page}", "{?page,sort}"))
    assert rules_of(changes) == ["PARAM-ADDED"]
    assert changes[0].finding.where == "query sort"


def test_a_new_literal_part_of_the_query_is_a_required_parameter(tmp_path: Path) -> None:
    changes = text_changes(tmp_path, VIEW, VIEW.replace("{?page}", "?kind=a{&page}"))
    assert rules_of(changes) == ["PARAM-ADDED-REQUIRED"]


def test_operations_with_one_path_are_matched_by_their_query(tmp_path: Path) -> None:
    first, second = operation("New", "/polls?state=new"), operation("Old", "/polls?state=old")
    assert text_changes(tmp_path, f"# P\n\n{first}{second}", f"# P\n\n{second}{first}") == ()


def test_operations_with_another_name_and_query_are_matched_in_order(tmp_path: Path) -> None:
    old = operation("New", "/polls?state=new") + operation("Old", "/polls?state=old")
    new = operation("Fresh", "/polls?state=a") + operation("Stale", "/polls?state=b")
    changes = text_changes(tmp_path, f"# P\n\n{old}", f"# P\n\n{new}")
    assert rules_of(changes) == ["OP-RENAMED", "PARAM-NARROWED"] * 2
    narrowed = [change for change in changes if change.rule.id == "PARAM-NARROWED"]
    assert [change.finding.new for change in narrowed] == ["a", "b"]


def test_another_path_with_the_same_name_is_a_move(tmp_path: Path) -> None:
    changes = text_changes(tmp_path, VIEW, VIEW.replace("/polls/", "/v2/polls/"))
    assert rules_of(changes) == ["OP-MOVED"]


def test_a_name_of_several_operations_does_not_match(tmp_path: Path) -> None:
    old = f"{VIEW}\n## Vote [/votes]\n\n### View [GET]\n\n+ Response 204\n"
    new = f"{VIEW}\n## Team [/teams]\n\n### View [GET]\n\n+ Response 204\n"
    assert rules_of(text_changes(tmp_path, old, new)) == ["OP-REMOVED", "OP-ADDED"]


def test_another_method_is_another_operation(tmp_path: Path) -> None:
    changes = text_changes(tmp_path, VIEW, VIEW.replace("[GET]", "[POST]"))
    assert rules_of(changes) == ["OP-REMOVED", "OP-ADDED"]


def test_a_renamed_variable_keeps_its_parameter(tmp_path: Path) -> None:
    old = VIEW.replace("### View [GET]\n", "### View [GET]\n\n+ Parameters\n    + id (number)\n")
    new = old.replace("{id}", "{poll_id}").replace("+ id", "+ poll_id")
    assert rules_of(text_changes(tmp_path, old, new)) == ["URI-VAR-RENAMED"]
    narrowed = old.replace("(number)", "(string)")
    assert rules_of(text_changes(tmp_path, narrowed, new)) == ["URI-VAR-RENAMED", "PARAM-NARROWED"]


@pytest.mark.parametrize(
    ("repeated", "distinct"),
    [
        ("/a/{id}/b/{id}", "/a/{x}/b/{y}"),
        ("/a/{id}/b/{id}", "/a/{id}/b/{y}"),
        ("/{id}/{id}/{id}", "/{id}/{x}/{id}"),
        ("/{x}/{x}/{y}", "/{x}/{y}/{y}"),
        ("/{id}-{id}", "/{x}-{y}"),
    ],
)
def test_a_variable_that_only_one_path_repeats_is_undecided(
    tmp_path: Path, repeated: str, distinct: str
) -> None:
    first, second = f"# P\n\n{operation('A', repeated)}", f"# P\n\n{operation('A', distinct)}"
    for old, new in ((first, second), (second, first)):
        assert "UNDECIDED" in rules_of(text_changes(tmp_path, old, new))


def test_a_repeated_variable_can_be_renamed(tmp_path: Path) -> None:
    old = f"# P\n\n{operation('A', '/a/{id}/b/{id}')}"
    assert rules_of(text_changes(tmp_path, old, old.replace("{id}", "{x}"))) == ["URI-VAR-RENAMED"]


def test_order_and_descriptions_are_not_counted(tmp_path: Path) -> None:
    first, second = operation("A", "/a{?x,y}"), operation("B", "/b")
    old = f"# P\n\nOne text.\n\n{first}{second}"
    new = f"# P\n\nAnother text.\n\n{second}{first}".replace("?x,y", "?y,x")
    changes = text_changes(tmp_path, old, new)
    assert [change.rule.id for change in changes] == ["TEXT-CHANGED"]
    assert rules_of(changes) == []


def test_an_operation_of_an_api_that_is_gone_is_removed(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        (folder / "a").mkdir(parents=True)
        (folder / "a/a.apib").write_text(f"HOST: https://a.example/a\n\n{VIEW}")
    (old / "b").mkdir()
    vote = f"{HEAD}### Vote [PUT]\n\n+ Response 204\n"
    (old / "b/b.apib").write_text(f"HOST: https://b.example/b\n\n{vote}")
    [change] = changes_of(old, new)
    assert (change.rule.id, change.subject.api) == ("OP-REMOVED", "b")
    assert changes_of(new, old)[0].rule.id == "OP-ADDED"
