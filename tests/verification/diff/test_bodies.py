"""The changes of requests and responses."""

from pathlib import Path

import pytest
from helpers.contract_diffs import HEAD, rules_of, text_changes

from mockserver.verification.diff.changes import Options

BODY = "+ {} (application/json)\n    + Attributes\n        + id: 1 (number, required)\n{}\n"


def request(members: str = "") -> str:
    return f"{HEAD}### Save [PUT]\n\n{BODY.format('Request', members)}+ Response 204\n"


def response(members: str = "", status: int = 200) -> str:
    return f"{HEAD}### View [GET]\n\n{BODY.format(f'Response {status}', members)}"


def member(text: str) -> str:
    return f"        + {text}\n"


def form(text: str) -> str:
    return text.replace("application/json", FORM)


def xml(name: str) -> str:
    return f'+ Response 200 (text/xml)\n    + Schema\n\n            {{"title": "{name}"}}\n\n'


FORM = "application/x-www-form-urlencoded"
NAME = member("name (string, required)")
OPTIONAL = member("name (string)")
ENUM = member("kind (enum, required)") + "            + a\n"
RESPONSES = {
    "required gone": (response(NAME), response(), ["RES-REQUIRED-LOST"]),
    "required new": (response(), response(NAME), ["RES-ADDED"]),
    "optional to required": (response(OPTIONAL), response(NAME), ["RES-NARROWED"]),
    "other type": (
        response(NAME),
        response(member("name (number, required)")),
        ["RES-WIDENED", "RES-NARROWED"],
    ),
    "status": (response(), response(status=202), ["STATUS-REMOVED", "STATUS-ADDED"]),
    "error": (response(), f"{response()}\n+ Response 409\n", ["STATUS-ADDED"]),
    "no body": (response(), f"{HEAD}### View [GET]\n\n+ Response 200\n", ["RES-REQUIRED-LOST"]),
    "body optional": (response(), f"{response()}\n+ Response 200\n", ["RES-REQUIRED-LOST"]),
    "body no longer optional": (f"{response()}\n+ Response 200\n", response(), ["RES-NARROWED"]),
    "second body optional": (
        f"{response()}\n{BODY.format('Response 200', '')}",
        f"{response()}\n+ Response 200\n",
        ["RES-REQUIRED-LOST"],
    ),
    "named response without a body": (
        response(),
        f"{response()}\n+ Request B\n\n+ Response 200\n",
        ["RES-REQUIRED-LOST"],
    ),
    "body always optional": (
        f"{response()}\n+ Response 200\n",
        f"{response()}\n+ Response 200\n\n+ Response 200\n",
        [],
    ),
    "invalid JSON": (
        f"{HEAD}### View [GET]\n\n+ Response 200 (application/json)\n\n        {{}}\n",
        f"{HEAD}### View [GET]\n\n+ Response 200 (application/json)\n\n        <a>\n",
        ["UNDECIDED"],
    ),
    "invalid JSON in a second response": (
        response(),
        f"{response()}\n+ Response 200 (application/json)\n\n        <a>\n",
        ["UNDECIDED"],
    ),
    "other media type": (
        f"{HEAD}### View [GET]\n\n+ Response 200 (text/csv)\n\n        a\n",
        f"{HEAD}### View [GET]\n\n+ Response 200 (text/html)\n\n        a\n",
        ["RES-TYPE-REMOVED"],
    ),
    "attributes of a form gone": (
        form(response(NAME)),
        f"{HEAD}### View [GET]\n\n+ Response 200 ({FORM})\n\n        a=1\n",
        ["UNDECIDED"],
    ),
    "attributes of a form new": (
        f"{HEAD}### View [GET]\n\n+ Response 200 ({FORM})\n\n        a=1\n",
        form(response(NAME)),
        ["UNDECIDED"],
    ),
    "attributes of the second form": (
        form(f"{response()}\n{BODY.format('Response 200', NAME)}"),
        form(f"{response()}\n{BODY.format('Response 200', OPTIONAL)}"),
        ["UNDECIDED"],
    ),
    "attributes of both forms": (
        form(f"{response(OPTIONAL)}\n{BODY.format('Response 200', NAME)}"),
        form(f"{response(NAME)}\n{BODY.format('Response 200', ENUM)}"),
        ["RES-NARROWED", "UNDECIDED"],
    ),
    "order of forms": (
        form(f"{response()}\n{BODY.format('Response 200', NAME)}"),
        form(f"{response(NAME)}\n{BODY.format('Response 200', '')}"),
        [],
    ),
    "schema of the second XML": (
        f"{HEAD}### View [GET]\n\n{xml('a')}{xml('b')}",
        f"{HEAD}### View [GET]\n\n{xml('a')}{xml('c')}",
        ["UNDECIDED"],
    ),
    "media type without a body gone": (
        f"{HEAD}### View [GET]\n\n+ Response 200 (application/json)\n",
        f"{HEAD}### View [GET]\n\n+ Response 200\n",
        ["UNDECIDED"],
    ),
    "media type without a body new": (
        f"{HEAD}### View [GET]\n\n+ Response 200\n",
        f"{HEAD}### View [GET]\n\n+ Response 200 (application/json)\n",
        ["UNDECIDED"],
    ),
    "parameter of a media type gone": (
        f"{HEAD}### View [GET]\n\n+ Response 200 (text/csv; header=present)\n\n        a\n",
        f"{HEAD}### View [GET]\n\n+ Response 200 (text/csv)\n\n        a\n",
        ["UNDECIDED"],
    ),
    "parameter of a media type without a body": (
        f"{HEAD}### View [GET]\n\n+ Response 200 (application/json; version=1)\n",
        f"{HEAD}### View [GET]\n\n+ Response 200 (application/json; version=2)\n",
        ["UNDECIDED"],
    ),
    "charset": (
        f"{HEAD}### View [GET]\n\n+ Response 200 (text/csv; charset=latin-1)\n\n        a\n",
        f"{HEAD}### View [GET]\n\n+ Response 200 (text/csv)\n\n        a\n",
        ["UNDECIDED"],
    ),
    "the default charset": (
        f"{HEAD}### View [GET]\n\n+ Response 200 (text/csv; Charset=UTF-8)\n\n        a\n",
        f"{HEAD}### View [GET]\n\n+ Response 200 (text/csv)\n\n        a\n",
        [],
    ),
    "boundary": (
        f"{HEAD}### View [GET]\n\n+ Response 200 (multipart/mixed; boundary=a)\n\n        a\n",
        f"{HEAD}### View [GET]\n\n+ Response 200 (multipart/mixed; boundary=b)\n\n        a\n",
        [],
    ),
    "form": (
        form(response(NAME)),
        form(response()),
        ["RES-REQUIRED-LOST"],
    ),
}


@pytest.mark.parametrize(("old", "new", "rules"), RESPONSES.values(), ids=RESPONSES)
def test_a_change_of_a_response_has_its_rule(
    tmp_path: Path, old: str, new: str, rules: list[str]
) -> None:
    assert rules_of(text_changes(tmp_path, old, new)) == rules


TYPE_ONLY = "{}### Save [PUT]\n\n+ Request (text/csv{})\n\n+ Response 204\n"
CSV = "{}### Save [PUT]\n\n+ Request (text/csv{})\n\n        a\n\n+ Response 204\n"
REQUESTS = {
    "media type without a body gone": (
        TYPE_ONLY.format(HEAD, ""),
        f"{HEAD}### Save [PUT]\n\n+ Response 204\n",
        ["UNDECIDED"],
    ),
    "media type without a body new": (
        f"{HEAD}### Save [PUT]\n\n+ Response 204\n",
        TYPE_ONLY.format(HEAD, ""),
        ["UNDECIDED"],
    ),
    "media type of a second request without a body gone": (
        f"{request()}\n+ Request (text/csv)\n\n+ Response 204\n",
        f"{request()}\n+ Request\n\n+ Response 204\n",
        ["UNDECIDED"],
    ),
    "parameter of a media type": (
        CSV.format(HEAD, "; header=present"),
        CSV.format(HEAD, "; header=absent"),
        ["UNDECIDED"],
    ),
    "required new": (request(), request(NAME), ["REQ-REQUIRED"]),
    "required gone": (request(NAME), request(), ["REQ-REMOVED"]),
    "required to optional": (request(NAME), request(OPTIONAL), ["REQ-WIDENED"]),
    "body new": (f"{HEAD}### Save [PUT]\n\n+ Response 204\n", request(), ["REQ-REQUIRED"]),
    "body gone": (request(), f"{HEAD}### Save [PUT]\n\n+ Response 204\n", ["REQ-REMOVED"]),
    "body no longer optional": (
        f"{request()}\n+ Request\n\n+ Response 204\n",
        request(),
        ["REQ-REQUIRED"],
    ),
    "body optional": (
        request(),
        f"{request()}\n+ Request\n\n+ Response 204\n",
        ["REQ-WIDENED"],
    ),
    "schema gone": (
        request(),
        f"{HEAD}### Save [PUT]\n\n+ Request (application/json)\n\n        {{}}\n\n+ Response 204\n",
        ["UNDECIDED"],
    ),
}


@pytest.mark.parametrize(("old", "new", "rules"), REQUESTS.values(), ids=REQUESTS)
def test_a_change_of_a_request_has_its_rule(
    tmp_path: Path, old: str, new: str, rules: list[str]
) -> None:
    assert rules_of(text_changes(tmp_path, old, new)) == rules


def test_a_new_member_of_a_map_is_never_safe_if_the_map_has_another_type(tmp_path: Path) -> None:
    map_of_strings = member("*key* (string)")
    typed = map_of_strings + member("count (number)")
    changes = text_changes(tmp_path, response(map_of_strings), response(typed))
    assert rules_of(changes) == ["RES-WIDENED", "RES-NARROWED"]
    changes = text_changes(tmp_path, request(map_of_strings), request(typed))
    assert rules_of(changes) == ["REQ-NARROWED", "REQ-WIDENED"]


@pytest.mark.parametrize(
    ("old", "new", "open_verdict", "closed_verdict"),
    [
        (response(), response(NAME), "safe", "may break"),
        (response(), response(OPTIONAL), "safe", "may break"),
        (request(OPTIONAL), request(), "breaks", "breaks"),
    ],
)
def test_closed_parties_reject_unknown_members(
    tmp_path: Path, old: str, new: str, open_verdict: str, closed_verdict: str
) -> None:
    [change] = text_changes(tmp_path, old, new)
    [closed] = text_changes(tmp_path, old, new, Options(closed=True))
    assert (change.verdicts["app"], closed.verdicts["app"]) == (open_verdict, closed_verdict)


def with_schema(members: str, others: str) -> str:
    """Return a blueprint whose response has these members. `others` is `additionalProperties`."""
    schema = f'{{"type": "object", "additionalProperties": {others}, {members}}}'
    return (
        f"{HEAD}### View [GET]\n\n+ Response 200 (application/json)\n    + Body\n\n"
        f"            {{}}\n\n    + Schema\n\n            {schema}\n"
    )


OPTIONAL_NAME = '"properties": {"name": {"type": "string"}}'
REMOVED: dict[str, tuple[str, str, str, str]] = {
    "an open object": (OPTIONAL_NAME, "true", "RES-REMOVED", "safe"),
    "a closed object": (OPTIONAL_NAME, "false", "RES-REMOVED", "breaks"),
    "a required member": (
        f'{OPTIONAL_NAME}, "required": ["name"]',
        *("true", "RES-REQUIRED-LOST", "safe"),
    ),
    "a required member of a closed object": (
        f'{OPTIONAL_NAME}, "required": ["name"]',
        *("false", "RES-REQUIRED-LOST", "breaks"),
    ),
}


@pytest.mark.parametrize(("members", "others", "rule", "verdict"), REMOVED.values(), ids=REMOVED)
def test_a_member_that_new_does_not_allow_breaks_the_server(
    tmp_path: Path, members: str, others: str, rule: str, verdict: str
) -> None:
    old, new = with_schema(members, others), with_schema('"properties": {}', others)
    [change] = text_changes(tmp_path, old, new)
    assert (change.rule.id, change.verdicts["server"]) == (rule, verdict)


@pytest.mark.parametrize(
    ("variant", "verdict"), [("", "may break"), ("breaks", "breaks"), ("safe", "safe")]
)
def test_the_verdict_of_a_new_enum_value_is_an_option(
    tmp_path: Path, variant: str, verdict: str
) -> None:
    new = response(f"{ENUM}            + b\n")
    [change] = text_changes(tmp_path, response(ENUM), new, Options(enum_added=variant))
    assert (change.rule.id, change.verdicts["app"]) == ("RES-ENUM-ADDED", verdict)


def test_the_position_of_a_member_is_its_line(tmp_path: Path) -> None:
    inner = member("team (object, required)") + "            + name (string{})\n"
    old, new = response(inner.format(", required")), response(inner.format(""))
    [change] = text_changes(tmp_path, old, new)
    assert change.finding.where == "200 /team/name"
    for position, name in (
        (change.finding.old_position, "old.apib"),
        (change.finding.new_position, "new.apib"),
    ):
        assert position
        assert position.file.endswith(name)
        assert (position.line, position.column) == (11, 15)


def test_a_member_of_a_named_type_has_the_position_of_its_declaration(tmp_path: Path) -> None:
    types = "\n# Data Structures\n\n## Team\n\n+ name (string{})\n"
    body = response(member("teams (array[Team], required)"))
    changes = text_changes(tmp_path, body + types.format(", required"), body + types.format(""))
    [change] = changes
    assert change.finding.where == "200 /teams/*/name"
    assert change.finding.new_position
    assert change.finding.new_position.line == 17


def test_a_member_of_a_recursive_type_has_the_position_of_its_declaration(tmp_path: Path) -> None:
    types = "\n# Data Structures\n\n## Team\n\n+ teams (array[Team])\n+ name (string{})\n"
    body = response(member("team (Team, required)"))
    changes = text_changes(tmp_path, body + types.format(", required"), body + types.format(""))
    places = {change.finding.where: change.finding.new_position for change in changes}
    inner = places["200 /team/teams/*/name"]
    assert inner
    assert inner.line == 18


def test_spaces_and_order_of_an_example_are_no_change(tmp_path: Path) -> None:
    body = f"{HEAD}### View [GET]\n\n+ Response 200 (application/json)\n\n        "
    assert text_changes(tmp_path, f'{body}{{"a":1,"b":2}}\n', f'{body}{{"b": 2, "a": 1}}\n') == ()


BOOLEANS = {
    "const": ('{"const": 1}', '{"const": true}'),
    "enum": ('{"enum": [0, 1]}', '{"enum": [false, true]}'),
    "inner": ('{"properties": {"on": {"enum": [0]}}}', '{"properties": {"on": {"enum": [false]}}}'),
    "list": ('{"items": {"const": 1}}', '{"items": {"const": true}}'),
    "object": ('{"const": {"a": 1}}', '{"const": {"a": true}}'),
}


@pytest.mark.parametrize(("numbers", "booleans"), BOOLEANS.values(), ids=BOOLEANS)
def test_a_number_and_a_boolean_are_different_values(
    tmp_path: Path, numbers: str, booleans: str
) -> None:
    schema = response().partition("    + Attributes")[0] + "    + Schema\n\n            "
    for old, new in ((numbers, booleans), (booleans, numbers)):
        changes = text_changes(tmp_path, f"{schema}{old}\n", f"{schema}{new}\n")
        assert {"RES-WIDENED", "RES-ENUM-ADDED"} & set(rules_of(changes))


def with_header(*headers: str) -> str:
    """Return an operation with a 204 for each header; an empty one has none."""
    text = f"{HEAD}### View [GET]\n\n"
    for header in headers:
        text += "+ Response 204\n\n"
        if header:
            text += f"    + Headers\n\n            {header}\n\n"
    return text


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        (with_header("Link: a", ""), with_header("", ""), ["RES-REMOVED"]),
        (with_header("", "Link: a"), with_header(""), ["RES-REMOVED"]),
        (with_header("Link: a", "ETag: a"), with_header("Link: a"), ["RES-REMOVED"]),
        (with_header("Link: a", "Link: a"), with_header("Link: a", ""), ["RES-HEADER-LOST"]),
        (with_header("Link: a"), with_header(""), ["RES-HEADER-LOST"]),
        (with_header("Link: a", ""), with_header("", "Link: b"), []),
    ],
)
def test_a_header_that_is_gone_is_never_safe(
    tmp_path: Path, old: str, new: str, rules: list[str]
) -> None:
    assert rules_of(text_changes(tmp_path, old, new)) == rules
