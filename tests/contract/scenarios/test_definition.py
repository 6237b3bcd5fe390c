"""Definitions of scenarios: errors with their position, and what the members do."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from helpers.admin import activate
from helpers.repository import ROOT
from helpers.shipped_api import CANCEL, EXPORTS, TOKEN, TRASH

from mockserver.config.settings import Settings
from mockserver.contract import scenarios
from mockserver.contract.model import Contract
from mockserver.contract.scenarios.definition import SCHEMA
from mockserver.errors import InvalidFiles
from mockserver.formats import strict_yaml
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.spec import blueprint
from mockserver.web.app import create_app

OPERATIONS = f"title: T\noperations: [{CANCEL}]\n"
WRONG = [
    (
        "nothing",
        OPERATIONS,
        "s/x.yaml:1:1: the scenario changes nothing; expected one of status, example, data, delay, ",
    ),
    (
        "unknown operation",
        "title: T\noperations: [nope]\nstatus: 404\n",
        "s/x.yaml:2:14: unknown operation 'nope'; expected one of ",
    ),
    (
        "undocumented status",
        f"{OPERATIONS}status: 418\n",
        f"s/x.yaml:3:9: '{CANCEL}' does not document status 418; expected one of 200, 404, 400",
    ),
    (
        "unknown example",
        f"{OPERATIONS}example: nope\n",
        f"s/x.yaml:3:10: '{CANCEL}' has no example 'nope'; expected none, because it has no named examples",
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
        's/x.yaml:3:7: /data: expected "empty", "one", "max", "long", "unicode" or "nulls", got string "full"',
    ),
    (
        "unknown collection",
        f"{OPERATIONS}records: {{polls: {{a: 1}}}}\n",
        "s/x.yaml:3:11: unknown collection 'polls'; expected one of exports, trash",
    ),
    (
        "no such variable",
        f"{OPERATIONS}status: 404\nmatch: {{path: {{exports_id: 1}}}}\n",
        "s/x.yaml:4:16: the operations have no path variable 'exports_id'; expected one of push_notification_id, export_id",
    ),
    (
        "a value that no request has",
        f"{OPERATIONS}status: 404\nmatch: {{path: {{export_id: abc}}}}\n",
        "s/x.yaml:4:27: no request can have the export_id 'abc'; expected an integer",
    ),
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
    "until": "5",
    "match": "{path: {export_id: 100}}",
    "status": "404",
    "example": "A",
    "data": "long",
    "delay": "1",
    "fault": "reset",
}
APART = {
    "records": ("after", "probability", "sequence"),
    "progression": ("times", "after", "probability", "sequence", "until", "match"),
    "sequence": ("status", "example", "data", "delay", "fault"),
}
PAIRS = [(name, other) for name, others in APART.items() for other in others]


@pytest.mark.parametrize(("name", "other"), PAIRS)
def test_what_would_change_the_records_from_request_to_request_is_refused(
    tmp_path: Path, contract: Contract, name: str, other: str
) -> None:
    text = (
        f"{OPERATIONS}breaks_contract: true\n{name}: {MEMBERS[name]}\n{other}: {MEMBERS[other]}\n"
    )
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(InvalidFiles) as caught:
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], {"exports": {}})
    error = f"s/x.yaml:5:1: '{name}' and '{other}' cannot be combined; expected only one of them"
    assert error in map(str, caught.value.errors)


FORMS = {
    "an empty title": ("title: ''\noperations: [a]\nstatus: 404\n", "/title"),
    "no operation": ("title: T\noperations: []\nstatus: 404\n", "/operations"),
    "an example without a name": (f"{OPERATIONS}example: ''\n", "/example"),
    "a sequence of one": (f"{OPERATIONS}sequence: [404]\n", "/sequence"),
    "a step that does nothing": (f"{OPERATIONS}sequence: [404, {{}}]\n", "/sequence/1"),
    "rights that there are not": (f"{OPERATIONS}token_features: exp\n", "/token_features"),
    "a contract that is not broken": (
        f"{OPERATIONS}status: 404\nbreaks_contract: false\n",
        "/breaks_contract",
    ),
    "a cause of nothing": (f"{OPERATIONS}records: {{}}\n", "/records"),
    "a cause without members": (f"{OPERATIONS}records: {{exports: {{}}}}\n", "/records/exports"),
    "a match of nothing": (f"{OPERATIONS}status: 404\nmatch: {{path: {{}}}}\n", "/match/path"),
    "a delay without an end": (f"{OPERATIONS}delay: {{from: 1}}\n", "/delay"),
    "a status that is none": (f"{OPERATIONS}status: 99\n", "/status"),
}


@pytest.mark.parametrize(("text", "pointer"), FORMS.values(), ids=FORMS)
def test_wrong_types_are_reported_with_their_pointer(
    tmp_path: Path, contract: Contract, text: str, pointer: str
) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(InvalidFiles) as caught:
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], {"exports": {}})
    (error,) = caught.value.errors
    assert error.message.startswith(f"{pointer}: expected ")


@pytest.mark.parametrize(
    ("text", "message"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_errors_are_reported(tmp_path: Path, contract: Contract, text: str, message: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(InvalidFiles) as caught:
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], {"exports": {}, "trash": {}})
    assert str(caught.value).startswith(message)


def test_an_example_that_the_blueprint_names_is_taken(tmp_path: Path) -> None:
    named = "# GET /a\n\n+ Request Full\n\n+ Response 200 (application/json)\n\n        {}\n"
    api = blueprint.parse_blueprint(named, "a.apib", "a")
    operation = api.operations[0].id
    (tmp_path / "x.yaml").write_text(f"title: T\noperations: [{operation}]\nexample: Full\n")
    assert scenarios.read_scenarios(tmp_path, "s", api, {})["x"].response.example == "Full"
    (tmp_path / "x.yaml").write_text(f"title: T\noperations: [{operation}]\nexample: full\n")
    with pytest.raises(
        InvalidFiles,
        match=f"x.yaml:3:10: '{operation}' has no example 'full'; expected one of Full$",
    ):
        scenarios.read_scenarios(tmp_path, "s", api, {})


def test_the_errors_of_all_files_are_reported_together(tmp_path: Path, contract: Contract) -> None:
    for name in ("x", "y"):
        (tmp_path / f"{name}.yaml").write_text(OPERATIONS)
    with pytest.raises(InvalidFiles) as caught:
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], {})
    assert [error.position.file for error in caught.value.errors] == ["s/x.yaml", "s/y.yaml"]


def test_a_name_that_the_blueprint_makes_is_taken(tmp_path: Path, contract: Contract) -> None:
    (tmp_path / f"{CANCEL}-400.yaml").write_text(f"{OPERATIONS}delay: 1\n")
    with pytest.raises(
        InvalidFiles,
        match="is the name of the scenario of a documented response; expected another file name",
    ):
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], {})


def test_the_name_of_a_fault_is_taken(tmp_path: Path, contract: Contract) -> None:
    (tmp_path / "fault-reset.yaml").write_text(f"{OPERATIONS}delay: 1\n")
    with pytest.raises(
        InvalidFiles,
        match=r"s/fault-reset.yaml:1:1: 'fault-reset' is the name of the scenario of a network fault; expected another file name",
    ):
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], {})


def test_a_fault_requires_breaks_contract(tmp_path: Path, contract: Contract) -> None:
    (tmp_path / "x.yaml").write_text(f"{OPERATIONS}fault: reset\n")
    with pytest.raises(InvalidFiles, match="add `breaks_contract: true` to the scenario"):
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], {})
    (tmp_path / "x.yaml").write_text(f"{OPERATIONS}fault: reset\nbreaks_contract: true\n")
    assert (
        scenarios.read_scenarios(tmp_path, "s", contract.apis[0], {})["x"].response.fault == "reset"
    )


def test_where_there_is_no_folder_there_are_no_scenarios(
    tmp_path: Path, contract: Contract
) -> None:
    assert scenarios.read_scenarios(tmp_path / "nowhere", "s", contract.apis[0], {}) == {}


# Each example of docs/scenarios.md, and the exchanges below it.

STORY = re.compile(r"```yaml\n(title: (.+)\n(?:.+\n)+?)```\n((?:\n(?:    .+\n)+)?)")
STORIES = STORY.findall((ROOT / "docs/scenarios.md").read_text())
LINE = re.compile(
    r"(?P<method>[A-Z]+) (?P<target>\S+) ?(?P<sent>.*?) ?-> (?P<status>\d+) ?(?P<text>.*)"
)
PLACES = {"exports": EXPORTS, "trash": TRASH}


@pytest.fixture
def with_story(shipped: Path) -> Callable[[str], FlaskClient]:
    def made(definition: str) -> FlaskClient:
        (shipped / "fixtures/push_notifications/scenarios/story.yaml").write_text(definition)
        settings = Settings(
            schemas=shipped / "schemas", fixtures=shipped / "fixtures", store="memory:"
        )
        client = create_app(settings).test_client()
        assert client.put("/__admin/scenarios/story", json={}).status_code == 200
        return client

    return made


def test_every_example_of_the_docs_is_a_story() -> None:
    assert len(STORIES) == (ROOT / "docs/scenarios.md").read_text().count("```yaml\n")


@pytest.mark.parametrize(
    ("definition", "lines"),
    [(d, lines) for d, _, lines in STORIES],
    ids=[title for _, title, _ in STORIES],
)
def test_each_story_of_the_docs_is_true(
    with_story: Callable[[str], FlaskClient], definition: str, lines: str
) -> None:
    client = with_story(definition)
    for line in lines.strip().splitlines():
        step = LINE.fullmatch(line.strip())
        assert step, line
        place, rest = re.fullmatch(r"([a-z]*)(.*)", step["target"]).groups()  # type: ignore[union-attr]
        name, _, value = (
            step["sent"].partition(": ") if not step["sent"].startswith("{") else ("", "", "")
        )
        body = {"json": orjson.loads(step["sent"])} if step["sent"].startswith("{") else {}
        headers = TOKEN | ({name: value} if name else {})
        answer = client.open(
            PLACES.get(place, place) + rest, method=step["method"], headers=headers, **body
        )
        assert answer.status_code == int(step["status"]), line
        assert step["text"] in answer.text, line


def test_every_key_has_an_example() -> None:
    shown = {
        key
        for definition, _, _ in STORIES
        for key in strict_yaml.parse_yaml(definition.encode(), "s").value
    }
    assert shown | {"example"} == set(SCHEMA["properties"])


# How often, under load and over time.


def statuses(client: FlaskClient, number: int, path: str = f"{EXPORTS}/100") -> list[int]:
    return [client.get(path, headers=TOKEN).status_code for _ in range(number)]


def test_overrides_hold_for_this_switch_alone(client: FlaskClient) -> None:
    step = activate(client, "export-not-found", times=2, match={"path": {"export_id": 100}})
    assert (step["remaining"], step["overrides"]["times"], step["times_applied"]) == (2, 2, 0)
    assert statuses(client, 1, f"{EXPORTS}/101") == [200]
    assert statuses(client, 1) == [404]
    assert client.get("/__admin/scenarios/export-not-found").json["remaining"] == 1  # type: ignore[index]
    assert statuses(client, 2) == [404, 200]
    assert client.get("/__admin/scenarios/export-not-found").json["on"] is False  # type: ignore[index]
    assert activate(client, "export-not-found").get("remaining") is None
    assert statuses(client, 3) == [404] * 3


REFUSED = [
    ({"times": 0}, "/times"),
    ({"times": "two"}, "/times"),
    ({"status": 404}, "/status"),
    ({"operations": ["nope"]}, "/operations/0"),
    ({"match": {"path": {"nope": 1}}}, "/match/path/nope"),
    ({"delay": {"from": 2, "to": 1}}, "/delay/to"),
    ({"until": "tomorrow"}, "/until"),
]


@pytest.mark.parametrize(("overrides", "pointer"), REFUSED, ids=[pointer for _, pointer in REFUSED])
def test_invalid_overrides_are_rejected(client: FlaskClient, overrides: Any, pointer: str) -> None:
    answer = client.put("/__admin/scenarios/export-not-found", json=overrides)
    assert answer.status_code == 400
    assert pointer in answer.text
    assert client.get("/__admin/scenarios/export-not-found").json["on"] is False  # type: ignore[index]


LIMITS: list[tuple[str, Any, int]] = [
    ("after", 0, 200),
    ("after", -1, 400),
    ("after", 1_000_000, 200),
    ("after", 1_000_001, 400),
    ("times", 0, 400),
    ("times", 1, 200),
    ("times", 1_000_000, 200),
    ("times", 1_000_001, 400),
    ("probability", 0, 200),
    ("probability", -0.1, 400),
    ("probability", 1, 200),
    ("probability", 1.1, 400),
    ("seed", 0, 200),
    ("seed", -1, 400),
    ("seed", 1 << 53, 200),
    ("seed", (1 << 53) + 1, 400),
    ("until", 0, 200),
    ("until", -1, 400),
    ("until", 1e9, 200),
    ("until", 1e9 + 1, 400),
    ("delay", 0, 200),
    ("delay", -1, 400),
    ("delay", 601, 400),
    ("operations", [], 400),
]


@pytest.mark.parametrize(("name", "value", "status"), LIMITS)
def test_an_override_goes_to_its_limits_and_no_further(
    client: FlaskClient, name: str, value: Any, status: int
) -> None:
    answer = client.put("/__admin/scenarios/export-not-found", json={name: value})
    assert answer.status_code == status, answer.text
    assert status == 200 or f"/{name}" in answer.text


def test_after_0_applies_to_the_first_request(client: FlaskClient) -> None:
    activate(client, "export-not-found", after=0, times=1)
    found = [client.get(f"{EXPORTS}/100", headers=TOKEN).status_code for _ in range(2)]
    assert found == [404, 200]


@pytest.mark.parametrize("overrides", [{"after": 1}, {"probability": 0.5}])
def test_a_cause_does_not_come_and_go_by_overrides_either(
    client: FlaskClient, overrides: Any
) -> None:
    answer = client.put("/__admin/scenarios/finished-export-cancel", json=overrides)
    assert answer.status_code == 400
    assert "cannot be combined" in answer.text


def test_a_record_override_applies_to_the_last_response_of_its_scenario(
    client: FlaskClient,
) -> None:
    before = client.get(f"{EXPORTS}/100", headers=TOKEN).data
    activate(client, "finished-export-cancel", times=1)
    assert b'"finished"' in client.get(f"{EXPORTS}/100", headers=TOKEN).data
    assert client.delete(f"{EXPORTS}/100", headers=TOKEN).status_code == 400
    assert client.get(f"{EXPORTS}/100", headers=TOKEN).data == before
    why = client.get("/__admin/requests?limit=2").json["requests"][1]["reason"]  # type: ignore[index]
    assert why == "scenario finished-export-cancel (1 of 1)"


def test_the_same_seed_draws_the_same_lots(client: FlaskClient) -> None:
    def drawn(seed: int) -> list[int]:
        activate(client, "export-not-found", probability=0.3, seed=seed)
        return statuses(client, 40)

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert 4 <= drawn(3).count(404) <= 20


def test_the_seed_defaults_to_the_seed_of_the_server() -> None:
    def drawn(of_the_server: int, **overrides: Any) -> list[int]:
        client = create_app(Settings(store="memory:", seed=of_the_server)).test_client()
        activate(client, "export-not-found", probability=0.3, **overrides)
        found = statuses(client, 20)
        exported.append(client.get("/__admin/sandboxes/default").json)
        return found + statuses(client, 20)

    exported: list[Any] = []
    assert drawn(7) == drawn(0, seed=7) == drawn(8, seed=7)
    assert drawn(7) != drawn(8)
    elsewhere = create_app(Settings(store="memory:", seed=9)).test_client()
    assert elsewhere.put("/__admin/sandboxes/default", json=exported[0]).status_code == 200
    assert statuses(elsewhere, 20) == drawn(7)[20:]


def test_times_holds_for_concurrent_requests(server: MockServer) -> None:
    server.sandboxes.switch_on("default", "export-not-found", {"times": 7, "delay": 0.01})
    request = Request("GET", f"{EXPORTS}/100", headers={"x-access-token": "any"})
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: server.respond(request).status, range(60)))
    assert found.count(404) == 7


def test_a_preferred_scenario_speaks_whatever_it_counts(client: FlaskClient) -> None:
    activate(client, "export-not-found", after=5)
    assert client.get(f"{EXPORTS}/100", headers=TOKEN).status_code == 200
    assert (
        client.get(
            f"{EXPORTS}/100", headers={**TOKEN, "Prefer": "scenario=export-not-found"}
        ).status_code
        == 404
    )
