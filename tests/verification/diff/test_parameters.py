"""The changes of parameters, headers and features."""

from pathlib import Path

import pytest
from helpers.contract_diffs import VIEW, rules_of, text_changes

PARAMETERS = "### View [GET]\n\n+ Parameters\n    + id (string)\n    + page {}\n"
REQUEST = "### View [GET]\n\n+ Request\n    + Headers\n\n            {}\n"


def with_parameter(description: str) -> str:
    return VIEW.replace("### View [GET]\n", PARAMETERS.format(description))


def with_header(header: str) -> str:
    return VIEW.replace("### View [GET]\n", REQUEST.format(header))


def enum(*values: str) -> str:
    listed = "".join(f"            + {value}\n" for value in values)
    return f"(string, optional)\n        + Members\n{listed}"


def boolean(kind: str) -> str:
    return f"({kind}, optional)\n        + Members\n            + true\n"


PAIRS = {
    "required": ("(number, optional)", "(number, required)", ["PARAM-ADDED-REQUIRED"]),
    "number to integer": ("(number)", "(integer)", ["PARAM-NARROWED"]),
    "integer to string": ("(integer)", "(string)", ["PARAM-WIDENED"]),
    "number to boolean": ("(number)", "(boolean)", ["PARAM-NARROWED"]),
    "string to a list": ("(string)", "(array[string])", ["PARAM-WIDENED"]),
    "list to a string": ("(array[string])", "(string)", ["PARAM-NARROWED"]),
    "items": ("(array[number])", "(array[string])", ["PARAM-WIDENED"]),
    "value gone": (enum("a", "b"), enum("a"), ["PARAM-NARROWED"]),
    "value new": (enum("a"), enum("a", "b"), ["PARAM-WIDENED"]),
    "other value": (enum("a", "b"), enum("a", "c"), ["PARAM-NARROWED", "PARAM-WIDENED"]),
    "order of values": (enum("a", "b"), enum("b", "a"), []),
    "enum new": ("(string, optional)", enum("a"), ["PARAM-NARROWED"]),
    "enum gone": (enum("a"), "(string, optional)", ["PARAM-WIDENED"]),
    "boolean to string": (boolean("boolean"), boolean("string"), ["PARAM-WIDENED"]),
    "description": ("(string) - a", "(string) - b", []),
}


@pytest.mark.parametrize(("old", "new", "rules"), PAIRS.values(), ids=PAIRS)
def test_a_change_of_a_parameter_has_its_rule(
    tmp_path: Path, old: str, new: str, rules: list[str]
) -> None:
    changes = text_changes(tmp_path, with_parameter(old), with_parameter(new))
    assert rules_of(changes) == rules
    for change in changes:
        assert change.finding.where == "query page"
        assert change.finding.new_position
        assert change.finding.new_position.line == 9


FEATURES = {
    "none to one": ("", "a", ["FEATURE-ADDED"]),
    "one to none": ("a", "", ["FEATURE-DROPPED"]),
    "an alternative more": ("a", "a, b", ["FEATURE-DROPPED"]),
    "an alternative less": ("a, b", "a", ["FEATURE-ADDED"]),
    "another": ("a", "b", ["FEATURE-ADDED", "FEATURE-DROPPED"]),
    "order": ("a, b", "b, a", []),
}


@pytest.mark.parametrize(("old", "new", "rules"), FEATURES.values(), ids=FEATURES)
def test_one_of_the_features_is_sufficient(
    tmp_path: Path, old: str, new: str, rules: list[str]
) -> None:
    texts = []
    for names in (old, new):
        sentence = f"### View [GET]\n\nRequired feature: {names}\n" if names else "### View [GET]\n"
        texts.append(VIEW.replace("### View [GET]\n", sentence))
    assert rules_of(text_changes(tmp_path, texts[0], texts[1])) == rules


HEADERS = {
    "X-Access-Token: a": ("FEATURE-ADDED", "FEATURE-DROPPED"),
    "X-Tenant: a": ("PARAM-ADDED-REQUIRED", "PARAM-REMOVED"),
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_of_each_request_is_required(tmp_path: Path, header: str) -> None:
    old, new = with_header("Accept: a/b"), with_header(f"Accept: a/b\n            {header}")
    rules = [*text_changes(tmp_path, old, new), *text_changes(tmp_path, new, old)]
    assert rules_of(tuple(rules)) == list(HEADERS[header])


REQUESTS = (
    "### View [GET]\n\n+ Request\n    + Headers\n\n            {}\n\n+ Response 204\n\n+ Request\n"
)
OPTIONAL_HEADERS = {
    "X-Tenant: a": (["PARAM-ADDED"], ["PARAM-REMOVED"]),
    "Authorization: a": (["PARAM-ADDED"], ["PARAM-REMOVED"]),
    "User-Agent: a": ([], []),
}


@pytest.mark.parametrize("header", OPTIONAL_HEADERS)
def test_a_header_of_some_requests_is_optional(tmp_path: Path, header: str) -> None:
    old = VIEW.replace("### View [GET]\n", REQUESTS.format("Accept: a/b"))
    new = VIEW.replace("### View [GET]\n", REQUESTS.format(f"Accept: a/b\n            {header}"))
    added, removed = text_changes(tmp_path, old, new), text_changes(tmp_path, new, old)
    assert (rules_of(added), rules_of(removed)) == OPTIONAL_HEADERS[header]


def test_a_header_becomes_required_or_optional(tmp_path: Path) -> None:
    optional = VIEW.replace("### View [GET]\n", REQUESTS.format("X-Tenant: a"))
    required = with_header("X-Tenant: a")
    [change] = text_changes(tmp_path, optional, required)
    texts = (change.finding.old, change.finding.new)
    assert (change.rule.id, texts) == ("PARAM-ADDED-REQUIRED", ("optional", "required"))
    [change] = text_changes(tmp_path, required, optional)
    texts = (change.finding.old, change.finding.new)
    assert (change.rule.id, texts) == ("PARAM-WIDENED", ("required", "optional"))


@pytest.mark.parametrize("query", ["{?page*}", "?page=a:{x},{y}"])
def test_another_form_of_a_variable_is_never_silent(tmp_path: Path, query: str) -> None:
    assert text_changes(tmp_path, VIEW, VIEW.replace("{?page}", query))


def test_another_name_in_the_blueprint_only_is_no_change(tmp_path: Path) -> None:
    assert text_changes(tmp_path, VIEW, VIEW.replace("{?page}", "?page={number}")) == ()


def test_an_example_is_reported_and_not_counted(tmp_path: Path) -> None:
    old = with_parameter("(string)").replace("id (string)", "id: 1 (string)")
    [change] = text_changes(tmp_path, old, old.replace("id: 1", "id: 2"))
    assert (change.rule.id, change.finding.where) == ("EXAMPLE-CHANGED", "path id")


def test_a_documented_literal_part_is_one_change(tmp_path: Path) -> None:
    old = VIEW.replace("{?page}", "?kind=a{&page}").replace(
        "### View [GET]\n", "### View [GET]\n\n+ Parameters\n    + kind: a (string)\n"
    )
    assert rules_of(text_changes(tmp_path, old, VIEW)) == ["PARAM-REMOVED"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("?a=1&a=2", "?a=3&a=2"),
        ("?a=1&a=2", "?a=2"),
        ("?a=2", "?a=2&a=2"),
        ("?a=1&a=2", "?a=1&a=1&a=2"),
        ("?a&a=1", "?a=1"),
    ],
)
def test_each_value_of_a_repeated_literal_part_counts(tmp_path: Path, old: str, new: str) -> None:
    texts = [VIEW.replace("{?page}", query) for query in (old, new)]
    assert rules_of(text_changes(tmp_path, *texts)) == ["PARAM-NARROWED"]
    assert rules_of(text_changes(tmp_path, *reversed(texts))) == ["PARAM-NARROWED"]


def test_the_order_of_repeated_literal_parts_is_no_change(tmp_path: Path) -> None:
    old = VIEW.replace("{?page}", "?a=1&a=2")
    assert text_changes(tmp_path, old, VIEW.replace("{?page}", "?a=2&a=1")) == ()
