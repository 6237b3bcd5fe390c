"""Errors in definitions of scenarios are reported with their position."""

from pathlib import Path

import pytest
from helpers.shipped_api import CANCEL, LIST_TRASH

from mockserver.contract import scenarios
from mockserver.contract.effects import Effect, Effects, RecordLocator
from mockserver.contract.model import Contract
from mockserver.errors import InvalidFiles
from mockserver.spec import blueprint

EFFECTS = Effects(
    collections={name: RecordLocator(name, "export_id") for name in ("exports", "trash")},
    operations={CANCEL: Effect("transition", "exports"), LIST_TRASH: Effect("list", "trash")},
)
OPERATIONS = f"title: T\noperations: [{CANCEL}]\n"
INVALID = [
    (
        "no change",
        OPERATIONS,
        "s/x.yaml:1:1: the scenario changes nothing; "
        "expected one of status, example, data, delay, ",
    ),
    (
        "unknown operation",
        "title: T\noperations: [nope]\nstatus: 404\n",
        "s/x.yaml:2:14: unknown operation 'nope'; expected one of ",
    ),
    (
        "undocumented status",
        f"{OPERATIONS}status: 418\n",
        f"s/x.yaml:3:9: '{CANCEL}' does not document status 418; expected one of 200, 404, 400, "
        "or a `response` with this status",
    ),
    (
        "unknown example",
        f"{OPERATIONS}example: nope\n",
        f"s/x.yaml:3:10: '{CANCEL}' has no example 'nope'; "
        "expected none, because it has no named examples",
    ),
    (
        "a delay that ends before it begins",
        f"{OPERATIONS}delay: {{from: 2, to: 1}}\n",
        "s/x.yaml:3:22: 'to' is less than 'from'; expected at least 2",
    ),
    (
        "unknown key",
        f"{OPERATIONS}dely: 2\n",
        "s/x.yaml:3:1: /dely: expected no other member than ",
    ),
    (
        "wrong type",
        f"{OPERATIONS}delay: two\n",
        's/x.yaml:3:8: /delay: expected number or object, got string "two"',
    ),
    (
        "unknown data variant",
        f"{OPERATIONS}data: full\n",
        's/x.yaml:3:7: /data: expected "empty", "one", "max", "long", "unicode" or "nulls", '
        'got string "full"',
    ),
    (
        "an unknown data variant of a step",
        f"{OPERATIONS}sequence: [200, {{data: full}}]\n",
        's/x.yaml:3:24: /sequence/1/data: expected "empty", ',
    ),
    (
        "a step with two responses",
        f"{OPERATIONS}breaks_contract: true\n"
        "sequence: [200, {response: {status: 418}, status: 404}]\n",
        "s/x.yaml:4:43: 'response' and 'status' cannot be combined; expected only one of them",
    ),
    (
        "repeat without a sequence",
        f"{OPERATIONS}status: 404\nrepeat: true\n",
        "s/x.yaml:4:1: 'repeat' starts a sequence again; expected 'sequence' in the scenario",
    ),
    (
        "an undocumented response that is not declared",
        f"{OPERATIONS}response: {{status: 418}}\n",
        "s/x.yaml:3:11: a response that the blueprint does not document breaks the contract; "
        "add `breaks_contract: true` to the scenario",
    ),
    (
        "unknown collection",
        f"{OPERATIONS}records: {{polls: {{a: 1}}}}\n",
        "s/x.yaml:3:11: unknown collection 'polls'; expected one of exports, trash",
    ),
    (
        "an unknown variable",
        f"{OPERATIONS}status: 404\nmatch: {{path: {{exports_id: 1}}}}\n",
        "s/x.yaml:4:16: the operations have no path variable 'exports_id'; "
        "expected one of push_notification_id, export_id",
    ),
    (
        "a value that is invalid for the variable",
        f"{OPERATIONS}status: 404\nmatch: {{path: {{export_id: abc}}}}\n",
        "s/x.yaml:4:27: no request can have the export_id 'abc'; expected an integer",
    ),
    (
        "a text for token_features",
        f"{OPERATIONS}token_features: push_notifications/view\n",
        "s/x.yaml:3:17: 'push_notifications/view' is not a list; expected 'expired', or a list of "
        "features in [ ]: push_notifications/edit, push_notifications/view",
    ),
    (
        "an invalid time",
        f"{OPERATIONS}status: 404\nuntil: tomorrow\n",
        "s/x.yaml:4:8: invalid timestamp 'tomorrow'; "
        "expected a number of seconds, or YYYY-MM-DD HH:MM:SS",
    ),
    (
        "a number of records for another operation than a list",
        f"{OPERATIONS}data: {{count: 10}}\n",
        f"s/x.yaml:3:7: '{CANCEL}' does not list records, so their number cannot be set; "
        "expected one of long, unicode, nulls, or operations that list records",
    ),
    (
        "an empty list from one of two operations in a sequence",
        f"title: T\noperations: [{CANCEL}, {LIST_TRASH}]\nsequence: [200, {{data: empty}}]\n",
        f"s/x.yaml:3:24: '{CANCEL}' does not list records",
    ),
    ("an empty file", "# later\n", "s/x.yaml:1:1: the file is empty; expected object"),
    ("a tab", "title: T\n\tstatus: 404\n", "s/x.yaml:2:1: invalid YAML: "),
    (
        "a duplicate key",
        f"{OPERATIONS}status: 404\nstatus: 400\n",
        "s/x.yaml:4:1: duplicate key 'status' (first defined on line 3)",
    ),
    (
        "an alias",
        f"{OPERATIONS}status: *x\n",
        "s/x.yaml:3:9: alias *x is not supported; write the value",
    ),
    (
        "no title",
        f"operations: [{CANCEL}]\nstatus: 404\n",
        's/x.yaml:1:1: /: expected member "title", got none of that name',
    ),
]


MEMBERS = {
    "records": "{exports: {name: x}}",
    "progression": "time",
    "sequence": "[200, 404]",
    "after": "1",
    "probability": "0.5",
    "times": "1",
    "every": "2",
    "response": "{status: 418}",
    "until": "5",
    "match": "{path: {export_id: 100}}",
    "status": "404",
    "example": "A",
    "data": "long",
    "delay": "1",
    "fault": "reset",
}
EXCLUSIVE = {
    "records": ("after", "every", "probability", "sequence"),
    "progression": ("times", "after", "every", "probability", "sequence", "until", "match"),
    "sequence": ("status", "example", "data", "delay", "fault", "response"),
    "every": ("probability",),
    "response": ("status", "example", "data"),
}
PAIRS = [(name, other) for name, others in EXCLUSIVE.items() for other in others]


@pytest.mark.parametrize(("name", "other"), PAIRS)
def test_two_keys_that_cannot_be_combined_are_an_error(
    tmp_path: Path, contract: Contract, name: str, other: str
) -> None:
    text = (
        f"{OPERATIONS}breaks_contract: true\n{name}: {MEMBERS[name]}\n{other}: {MEMBERS[other]}\n"
    )
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(InvalidFiles) as caught:
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], EFFECTS)
    error = f"s/x.yaml:5:1: '{name}' and '{other}' cannot be combined; expected only one of them"
    assert error in map(str, caught.value.errors)


INVALID_TYPES = {
    "an empty title": (f"title: ''\noperations: [{CANCEL}]\nstatus: 404\n", "/title"),
    "no operation": ("title: T\noperations: []\nstatus: 404\n", "/operations"),
    "an example without a name": (f"{OPERATIONS}example: ''\n", "/example"),
    "a sequence of one": (f"{OPERATIONS}sequence: [404]\n", "/sequence"),
    "an empty step": (f"{OPERATIONS}sequence: [404, {{}}]\n", "/sequence/1"),
    "breaks_contract: false": (
        f"{OPERATIONS}status: 404\nbreaks_contract: false\n",
        "/breaks_contract",
    ),
    "records without a collection": (f"{OPERATIONS}records: {{}}\n", "/records"),
    "records without members": (f"{OPERATIONS}records: {{exports: {{}}}}\n", "/records/exports"),
    "a match without variables": (
        f"{OPERATIONS}status: 404\nmatch: {{path: {{}}}}\n",
        "/match/path",
    ),
    "a delay without an end": (f"{OPERATIONS}delay: {{from: 1}}\n", "/delay"),
    "a status below 100": (f"{OPERATIONS}status: 99\n", "/status"),
    "every: 0": (f"{OPERATIONS}status: 404\nevery: 0\n", "/every"),
    "a count without a number": (f"{OPERATIONS}data: {{count: many}}\n", "/data/count"),
    "a negative count": (f"{OPERATIONS}data: {{count: -1}}\n", "/data/count"),
    "a count of too many records": (f"{OPERATIONS}data: {{count: 1000001}}\n", "/data/count"),
    "a response without a status": (f"{OPERATIONS}response: {{body: x}}\n", "/response"),
    "an interim response": (f"{OPERATIONS}response: {{status: 103}}\n", "/response/status"),
    "a body that is null": (
        f"{OPERATIONS}response: {{status: 500, body: null}}\n",
        "/response/body",
    ),
    "a header with a list": (
        f"{OPERATIONS}response: {{status: 500, headers: {{A: [b]}}}}\n",
        "/response/headers/A",
    ),
}


@pytest.mark.parametrize(("text", "pointer"), INVALID_TYPES.values(), ids=INVALID_TYPES)
def test_an_invalid_type_is_reported_with_its_pointer(
    tmp_path: Path, contract: Contract, text: str, pointer: str
) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(InvalidFiles) as caught:
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], EFFECTS)
    (error,) = caught.value.errors
    assert error.message.startswith(f"{pointer}: expected ")


@pytest.mark.parametrize(
    ("text", "message"), [case[1:] for case in INVALID], ids=[case[0] for case in INVALID]
)
def test_an_error_is_reported_with_its_position(
    tmp_path: Path, contract: Contract, text: str, message: str
) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(InvalidFiles) as caught:
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], EFFECTS)
    assert str(caught.value).startswith(message)


INVALID_TOGETHER = {
    "an unknown operation and a text as a status": (
        "title: T\noperations: [nope]\nstatus: '404'\n",
        {"s/x.yaml:2:14", "s/x.yaml:3:9"},
    ),
    "every: 0 and an undocumented status": (
        f"{OPERATIONS}status: 418\nevery: 0\n",
        {"s/x.yaml:3:9", "s/x.yaml:4:8"},
    ),
    "an unknown key and keys that exclude each other": (
        f"{OPERATIONS}every: 2\nprobability: 0.5\nstaus: 404\n",
        {"s/x.yaml:4:1", "s/x.yaml:5:1"},
    ),
    "an invalid step and a status": (
        f"{OPERATIONS}sequence: [200, {{delay: fast}}]\nstatus: 404\n",
        {"s/x.yaml:3:25", "s/x.yaml:4:1"},
    ),
    "a declaration that is not true, and nothing more": (
        f"{OPERATIONS}fault: reset\nbreaks_contract: 1\n",
        {"s/x.yaml:4:18"},
    ),
    "a misspelt key only": (f"{OPERATIONS}staus: 404\n", {"s/x.yaml:3:1"}),
    "a text in place of a mapping": ("status\n", {"s/x.yaml:1:1"}),
}


@pytest.mark.parametrize(("text", "positions"), INVALID_TOGETHER.values(), ids=INVALID_TOGETHER)
def test_errors_of_the_schema_hide_no_others(
    tmp_path: Path, contract: Contract, text: str, positions: set[str]
) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(InvalidFiles) as caught:
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], EFFECTS)
    assert {str(error.position) for error in caught.value.errors} == positions


def test_a_list_can_have_a_number_of_records(tmp_path: Path, contract: Contract) -> None:
    text = f"title: T\noperations: [{LIST_TRASH}]\ndata: {{count: 10}}\n"
    (tmp_path / "x.yaml").write_text(text)
    scenario = scenarios.read_scenarios(tmp_path, "s", contract.apis[0], EFFECTS)["x"]
    assert scenario.response.data == 10


def test_an_example_must_be_named_in_the_blueprint(tmp_path: Path) -> None:
    text = "# GET /a\n\n+ Request Full\n\n+ Response 200 (application/json)\n\n        {}\n"
    api = blueprint.parse_blueprint(text, "a.apib", "a")
    operation = api.operations[0].id
    (tmp_path / "x.yaml").write_text(f"title: T\noperations: [{operation}]\nexample: Full\n")
    assert scenarios.read_scenarios(tmp_path, "s", api, Effects())["x"].response.example == "Full"
    (tmp_path / "x.yaml").write_text(f"title: T\noperations: [{operation}]\nexample: full\n")
    with pytest.raises(
        InvalidFiles,
        match=f"x.yaml:3:10: '{operation}' has no example 'full'; expected one of Full$",
    ):
        scenarios.read_scenarios(tmp_path, "s", api, Effects())


def test_the_errors_of_all_files_are_reported_together(tmp_path: Path, contract: Contract) -> None:
    for name in ("x", "y"):
        (tmp_path / f"{name}.yaml").write_text(OPERATIONS)
    with pytest.raises(InvalidFiles) as caught:
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], EFFECTS)
    assert [error.position.file for error in caught.value.errors] == ["s/x.yaml", "s/y.yaml"]


def test_a_file_cannot_have_the_name_of_a_documented_response(
    tmp_path: Path, contract: Contract
) -> None:
    (tmp_path / f"{CANCEL}-400.yaml").write_text(f"{OPERATIONS}delay: 1\n")
    with pytest.raises(
        InvalidFiles,
        match="is the name of the scenario of a documented response; expected another file name",
    ):
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], EFFECTS)


def test_a_file_cannot_have_the_name_of_a_fault(tmp_path: Path, contract: Contract) -> None:
    (tmp_path / "fault-reset.yaml").write_text(f"{OPERATIONS}delay: 1\n")
    with pytest.raises(
        InvalidFiles,
        match=r"s/fault-reset.yaml:1:1: 'fault-reset' is the name of the scenario of a network "
        r"fault; expected another file name",
    ):
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], EFFECTS)


def test_a_fault_requires_breaks_contract(tmp_path: Path, contract: Contract) -> None:
    (tmp_path / "x.yaml").write_text(f"{OPERATIONS}fault: reset\n")
    with pytest.raises(InvalidFiles, match="add `breaks_contract: true` to the scenario"):
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], EFFECTS)
    (tmp_path / "x.yaml").write_text(f"{OPERATIONS}fault: reset\nbreaks_contract: true\n")
    scenario = scenarios.read_scenarios(tmp_path, "s", contract.apis[0], EFFECTS)["x"]
    assert scenario.response.fault == "reset"


def test_a_missing_folder_has_no_scenarios(tmp_path: Path, contract: Contract) -> None:
    assert scenarios.read_scenarios(tmp_path / "nowhere", "s", contract.apis[0], EFFECTS) == {}
