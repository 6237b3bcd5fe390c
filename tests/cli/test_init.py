"""`mockserver init`: it generates an API that can be served, and lists what it could not infer."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers.blueprints import operation_text
from helpers.own_api import OWN_API_BLOCKS, OWN_API_PAGE
from helpers.processes import run_command, run_process
from helpers.repository import ROOT
from helpers.shipped_api import BUSY, CANCEL, EXPORTS, LIST_TRASH, RESTORE, RETRIEVE, TRASH, TRASHED

from mockserver.config.settings import Settings
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract import loader
from mockserver.contract.examples import example_path
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import DelayedResponse, MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.spec import blueprint, schemas

Ask = Callable[..., tuple[int, Any]]
SHIPPED = SCHEMAS / "push_notifications" / "push_notifications.apib"
POLLS = ROOT / "tests/second_api/polls.apib"
INVOICES = next(text for path, _, text in OWN_API_BLOCKS if path)
NAMES = {"push_notifications": (4, 5), "polls": (2, 2), "invoices": (5, 6)}
"""The APIs that are made here: how many operations have an effect, and of how many."""
HEADERS = {
    "x-access-token": "any",
    "authorization": "Bearer any",
    "content-type": "application/json",
}
DRAFT = {"title": "Mine", "currency": "EUR", "lines": []}


def init(folder: Path, file: Path, *more: str) -> Any:
    return run_command(
        "init",
        str(file),
        "--schemas",
        str(folder / "schemas"),
        "--fixtures",
        str(folder / "fixtures"),
        *more,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each API's own two parents, and what was said when they were made."""
    source = tmp_path_factory.mktemp("source") / "invoices.apib"
    source.write_text(INVOICES)
    found = {}
    for name, file in {"push_notifications": SHIPPED, "polls": POLLS, "invoices": source}.items():
        found[name] = folder = tmp_path_factory.mktemp(name)
        ended = init(folder, file)
        assert (ended.returncode, ended.stderr) == (0, ""), ended
        (folder / "said").write_text(ended.stdout)
    return found


def server_of(folder: Path) -> MockServer:
    return MockServer(
        loader.load_contract(folder / "schemas", folder / "fixtures"),
        Settings(),
        MemoryStore(SandboxState()),
    )


def asker(server: MockServer) -> Ask:
    def ask(method: str, target: str, body: Any = None) -> tuple[int, Any]:
        path, _, query = target.partition("?")
        sent = b"" if body is None else json.dumps(body).encode()
        response = server.respond(Request(method, path, query, HEADERS, sent))
        return response.status, json.loads(response.body) if response.body else None

    return ask


@pytest.fixture
def push(made: dict[str, Path]) -> Ask:
    return asker(server_of(made["push_notifications"]))


@pytest.fixture
def invoices(made: dict[str, Path]) -> Ask:
    return asker(server_of(made["invoices"]))


@pytest.mark.parametrize("name", NAMES)
def test_each_operation_answers_the_blueprints_own_request(
    made: dict[str, Path], name: str
) -> None:
    server = server_of(made[name])
    for index, served in enumerate(server.contract.served):
        shown = next(
            (t.request.body for t in served.operation.transactions if t.request and t.request.body),
            None,
        )
        own = {**HEADERS, "x-mock-sandbox": f"s{index}"}
        request = Request(
            served.operation.method, example_path(served), "", own, (shown or "").encode()
        )
        response = server.respond(request)
        assert response.status == served.operation.success_status, (
            f"{served.operation.id}: {response.body.decode()}"
        )
        assert not response.violations


@pytest.mark.parametrize("name", NAMES)
def test_generated_files_have_no_error_and_no_drift(made: dict[str, Path], name: str) -> None:
    folders = ("--schemas", str(made[name] / "schemas"), "--fixtures", str(made[name] / "fixtures"))
    for arguments in (["check"], ["schemas", "--check"], ["fixtures", "--check"]):
        ended = run_command(*arguments, *folders)
        assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout


@pytest.mark.parametrize(("name", "numbers"), NAMES.items())
def test_init_prints_what_it_generated_and_what_it_could_not_infer(
    made: dict[str, Path], name: str, numbers: tuple[int, int]
) -> None:
    said, folder = (made[name] / "said").read_text(), made[name]
    assert f"Created {folder}/schemas/{name} ({name}.apib)\n" in said
    assert f"Inferred effects for {numbers[0]} of {numbers[1]} operations; " in said
    assert said.count("No effect inferred for ") == numbers[1] - numbers[0]
    assert said.endswith(
        f"Start it with: mockserver serve --schemas {folder}/schemas --fixtures {folder}/fixtures\n"
    )


def test_the_blueprints_example_is_the_first_record(push: Ask) -> None:
    api = schemas.with_examples(blueprint.read_blueprint(SHIPPED))
    shown = json.loads(api.operation(LIST_TRASH).transactions[0].response.body or "")[
        "trashed_push_notifications"
    ]
    assert push("GET", f"{TRASH}?limit=1")[1]["trashed_push_notifications"] == shown
    assert push("GET", f"{EXPORTS}/100")[1] == json.loads(
        api.operation(RETRIEVE).transactions[0].response.body or ""
    )


def test_lists_page_and_search(push: Ask) -> None:
    pages = [
        push("GET", f"{TRASH}?limit=20&offset={offset}")[1]["trashed_push_notifications"]
        for offset in (0, 20, 40, 60)
    ]
    assert [len(page) for page in pages] == [20, 20, 5, 0]
    assert len({each["id"] for page in pages for each in page}) == 45
    found = push("GET", f"{TRASH}?searched_text=my%20push")[1]["trashed_push_notifications"]
    assert [each["name"] for each in found] == ["My push notification"]


def test_records_belong_to_what_the_path_names(push: Ask) -> None:
    own = push("GET", f"{EXPORTS}?limit=1000")[1]["push_notification_exports"]
    assert 0 < len(own) < 45
    assert push("GET", f"{EXPORTS}/{own[1]['id']}")[0] == 200
    assert push("GET", f"{EXPORTS.replace(BUSY, 'another')}/{own[1]['id']}")[0] == 404


def test_restoring_takes_out_of_the_trash(push: Ask) -> None:
    assert push("PATCH", f"{TRASH}/{TRASHED}")[0] == 200
    assert TRASHED not in {
        each["id"] for each in push("GET", f"{TRASH}?limit=1000")[1]["trashed_push_notifications"]
    }


def test_operations_that_are_not_inferred_answer_their_example(
    made: dict[str, Path], push: Ask
) -> None:
    assert push("DELETE", f"{EXPORTS}/100")[0] == 200
    assert push("GET", f"{EXPORTS}/100")[0] == 200
    text = (made["push_notifications"] / "fixtures/push_notifications/effects.yaml").read_text()
    assert f"#   {CANCEL} (DELETE " in text
    assert (
        "the name 'cancel' looks like a state transition; add a lifecycle for exports and a `transition` effect"
        in text
    )
    assert "#     state: status\n#     states:\n#       waiting: {next: running}\n" in text
    assert f"  {RESTORE}: {{remove: trash}}\n" in text


def test_a_record_is_made_changed_and_taken_away(invoices: Ask) -> None:
    path = "/v2/customers/7/invoices"
    status, body = invoices("POST", path, DRAFT)
    invoice = body["invoice"]
    assert (status, invoice["title"], invoice["customer_id"], invoice["created_at"]) == (
        201,
        "Mine",
        7,
        "2026-11-02T09:00:00Z",
    )
    own = f"{path}/{invoice['id']}"
    assert invoices("PATCH", own, {"title": "Yours"})[1]["invoice"] == {**invoice, "title": "Yours"}
    assert invoices("GET", own)[1]["invoice"]["title"] == "Yours"
    assert [invoices("DELETE", own), invoices("DELETE", own)] == [
        (204, None),
        (404, {"error": "No such invoice"}),
    ]


def test_a_record_without_a_key_in_the_response_is_found_by_its_path(made: dict[str, Path]) -> None:
    ask = asker(server_of(made["polls"]))
    assert ask("GET", "/v1/questions/1") == (200, {"question": "Favourite colour?", "votes": 7})
    assert ask("DELETE", "/v1/questions/1")[0] == 204
    assert ask("GET", "/v1/questions/1")[0] == 404


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_blueprint_makes_the_same_bytes_and_says_what_the_page_says(
    made: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "invoices.apib").write_text(INVOICES)
    # Another process has another hash seed.
    ended = run_process("init", "invoices.apib", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert f"$ mockserver init invoices.apib\n{ended.stdout}```" in OWN_API_PAGE
    before, after = files_of(made["invoices"]), files_of(tmp_path)
    assert before.keys() - after.keys() == {"said"}
    assert {name: after[name] for name in before if name != "said"} == {
        n: text for n, text in before.items() if n != "said"
    }
    assert after["schemas/invoices/invoices.apib"] == after["invoices.apib"]


BROKEN = "FORMAT: 1A\n\n# A\n\n## B [/b]\n\n### C [GET]\n\n+ Response 200 (application/json)\n\n        {]\n\n### D [PATCH]\n\n+ Foo\n"


def in_the_way(folder: Path) -> tuple[str, ...]:
    (folder / "fixtures/polls").mkdir(parents=True)
    return (str(POLLS),)


def wrong(folder: Path) -> tuple[str, ...]:
    (folder / "broken.apib").write_text(BROKEN)
    return (str(folder / "broken.apib"),)


def a_neighbour(folder: Path) -> tuple[str, ...]:
    assert init(folder, POLLS).returncode == 0
    return str(POLLS), "--name", "again"


def a_file(folder: Path) -> tuple[str, ...]:
    (folder / "schemas").write_text("")
    return (str(POLLS),)


REFUSED: dict[str, tuple[Callable[[Path], tuple[str, ...]], int, list[str]]] = {
    "in the way": (
        in_the_way,
        2,
        [r"mockserver: \S+/fixtures/polls already exists; choose another --name"],
    ),
    "wrong": (wrong, 1, [r"\S+broken\.apib:11:\d+: .*JSON", r"\S+broken\.apib:1[35]:\d+: "]),
    "missing": (
        lambda folder: (str(folder / "no.apib"),),
        1,
        [r"\S+no\.apib:1:1: the file cannot be read"],
    ),
    "neighbour": (
        a_neighbour,
        1,
        [r"duplicate name 'view-a-question' \(already in \S+again\.apib\); expected another name"],
    ),
    "name": (
        lambda folder: (str(POLLS), "--name", "../up"),
        2,
        [r"--name: invalid API name '\.\./up'; expected at most 64 letters, digits, _ and -"],
    ),
    "no folder": (a_file, 2, [r"--schemas: expected a folder, got \S+/schemas"]),
    "shipped": (
        lambda folder: (str(POLLS), "--schemas", str(SCHEMAS)),
        2,
        [r"--schemas: schemas is the shipped folder; expected another folder"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_rejected_call_changes_nothing(tmp_path: Path, case: str) -> None:
    prepare, code, messages = REFUSED[case]
    arguments = prepare(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    ended = init(tmp_path, Path(arguments[0]), *arguments[1:])
    assert ended.returncode == code, ended
    for message in messages:
        assert re.search(message, ended.stderr), ended.stderr
    assert "Traceback" not in ended.stderr
    assert sorted(tmp_path.rglob("*")) == before
    assert not (FIXTURES / "polls").exists()


def test_the_name_is_taken_from_the_file_and_the_folders_from_the_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_SCHEMAS", str(tmp_path / "s"))
    monkeypatch.setenv("MOCKSERVER_FIXTURES", str(tmp_path / "f"))
    (tmp_path / "My Vendor v2.apib").write_bytes(POLLS.read_bytes())
    assert run_command("init", str(tmp_path / "My Vendor v2.apib")).returncode == 0
    assert (tmp_path / "s/my_vendor_v2/my_vendor_v2.apib").exists()
    assert (tmp_path / "f/my_vendor_v2/effects.yaml").exists()


def test_an_operation_whose_answer_the_records_do_not_fit_answers_its_example(
    tmp_path: Path,
) -> None:
    # What the list shows within `of` the detail does not document; records are the same in both.
    text = operation_text("/a", '[{"id": 1, "of": {"x": 1, "y": 2}}]') + operation_text(
        "/a/{id}", '{"id": 1, "of": {"x": 1}}', name="One"
    )
    (tmp_path / "a.apib").write_text(f"FORMAT: 1A\n\n# A\n\n## Things\n\n{text}")
    ended = init(tmp_path, tmp_path / "a.apib")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Inferred effects for 1 of 2 operations; " in ended.stdout
    assert "generated records would violate the blueprint: " in ended.stdout
    ask = asker(server_of(tmp_path))
    assert (ask("GET", "/a")[0], ask("GET", "/a/1")[0]) == (200, 200)


def test_a_query_variable_is_sent_with_the_value_that_the_blueprint_shows(tmp_path: Path) -> None:
    """What was sent shows in the answer, which documents a number there."""
    text = operation_text(
        "/a{?searched_text}", '{"a": [{"id": 1, "name": "x"}], "paging": {"searched_text": 7}}'
    )
    text = text.replace("1 (number, optional)", "summer (string, required)")
    (tmp_path / "a.apib").write_text(f"FORMAT: 1A\n\n# A\n\n## Things\n\n{text}")
    ended = init(tmp_path, tmp_path / "a.apib")
    assert ended.returncode == 0
    assert "Inferred effects for 0 of 1 operations; " in ended.stdout
    assert '/paging/searched_text: expected integer, got string "summer"' in ended.stdout


def test_each_request_of_the_proof_is_sent_in_its_own_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandboxes = []
    handle = MockServer.handle

    def recorded(server: MockServer, exchange: Exchange) -> Response | DelayedResponse:
        response = handle(server, exchange)
        assert isinstance(response, Response)
        sandboxes.append(dict(response.headers)["X-Mock-Sandbox"])
        return response

    monkeypatch.setattr(MockServer, "handle", recorded)
    assert init(tmp_path, POLLS).returncode == 0
    assert len(sandboxes) >= len(blueprint.read_blueprint(POLLS, "polls.apib").operations)
    assert len(set(sandboxes)) == len(sandboxes)
    assert "default" not in sandboxes


MADE_OTHERWISE = """### Add [POST /a]

+ Request (application/json)

        {"tags": ["x"]}

+ Response 201 (application/json)

        {"id": 2, "tags": [{"name": "x"}]}
"""


def test_a_creation_whose_own_request_makes_no_record_answers_its_example(tmp_path: Path) -> None:
    text = operation_text("/a", '[{"id": 1, "tags": [{"name": "x"}]}]') + MADE_OTHERWISE
    (tmp_path / "a.apib").write_text(f"FORMAT: 1A\n\n# A\n\n## Things\n\n{text}")
    ended = init(tmp_path, tmp_path / "a.apib")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert (
        "No effect inferred for add (POST /a): the documented request would fail: " in ended.stdout
    )
    assert asker(server_of(tmp_path))("POST", "/a", {"tags": ["x"]}) == (
        201,
        {"id": 2, "tags": [{"name": "x"}]},
    )


def test_a_text_response_is_not_validated_against_the_json_schema_of_its_status(
    tmp_path: Path,
) -> None:
    responses = (
        "+ Response 200 (text/plain)\n\n        Hail\n\n"
        + '+ Response 200 (application/json)\n\n        {"say": "Hail"}\n'
    )
    text = f"### Hail [GET /hail]\n\n{responses}"
    (tmp_path / "a.apib").write_text(f"FORMAT: 1A\n\n# A\n\n## Things\n\n{text}")
    assert init(tmp_path, tmp_path / "a.apib").returncode == 0
    response = server_of(tmp_path).respond(Request("GET", "/hail"))
    assert (response.status, response.body.strip()) == (200, b"Hail")


def test_a_variable_of_which_nothing_is_shown_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "a.apib").write_text(
        f"FORMAT: 1A\n\n# A\n\n## Things\n\n{operation_text('/a/{id}', '[1]')}"
    )
    assert init(tmp_path, tmp_path / "a.apib").returncode == 0
    contract = loader.load_contract(tmp_path / "schemas", tmp_path / "fixtures")
    assert example_path(contract.served[0]) == "/a/1"
