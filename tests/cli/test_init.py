"""`mockserver init`: it generates an API that can be served, and lists what it could not infer."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.created_apis import HEADERS, Ask, asker, init, server_of
from helpers.own_api import OWN_API_BLOCKS, OWN_API_PAGE
from helpers.processes import run_command, run_process
from helpers.repository import ROOT
from helpers.shipped_api import BUSY, CANCEL, EXPORTS, LIST_TRASH, RESTORE, RETRIEVE, TRASH, TRASHED

from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract.examples import example_path
from mockserver.pipeline.messages import Request
from mockserver.spec import blueprint, schemas

SHIPPED = SCHEMAS / "push_notifications" / "push_notifications.apib"
POLLS = ROOT / "tests/second_api/polls.apib"
INVOICES = next(text for path, _, text in OWN_API_BLOCKS if path)
NAMES = {"push_notifications": (4, 5), "polls": (2, 2), "invoices": (5, 6)}
"""API to the number of its operations with an inferred effect, and of all operations."""
DRAFT = {"title": "Mine", "currency": "EUR", "lines": []}


@pytest.fixture(scope="module")
def created(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of each created API, with the output of `init` in it."""
    source = tmp_path_factory.mktemp("source") / "invoices.apib"
    source.write_text(INVOICES)
    folders = {}
    for name, file in {"push_notifications": SHIPPED, "polls": POLLS, "invoices": source}.items():
        folder = tmp_path_factory.mktemp(name)
        process = init(folder, file)
        assert (process.returncode, process.stderr) == (0, ""), process
        (folder / "output.txt").write_text(process.stdout)
        folders[name] = folder
    return folders


@pytest.fixture
def push(created: dict[str, Path]) -> Ask:
    return asker(server_of(created["push_notifications"]))


@pytest.fixture
def invoices(created: dict[str, Path]) -> Ask:
    return asker(server_of(created["invoices"]))


@pytest.mark.parametrize("name", NAMES)
def test_each_operation_returns_a_documented_response_to_its_documented_request(
    created: dict[str, Path], name: str
) -> None:
    server = server_of(created[name])
    for index, served in enumerate(server.contracts.main.contract.served):
        body = next(
            (t.request.body for t in served.operation.transactions if t.request and t.request.body),
            None,
        )
        own = {**HEADERS, "x-mock-sandbox": f"s{index}"}
        request = Request(
            served.operation.method, example_path(served), "", own, (body or "").encode()
        )
        response = server.respond(request)
        assert response.status == served.operation.success_status, (
            f"{served.operation.id}: {response.body.decode()}"
        )
        assert not response.violations


@pytest.mark.parametrize("name", NAMES)
def test_generated_files_have_no_error_and_no_drift(created: dict[str, Path], name: str) -> None:
    folders = (f"--schemas={created[name] / 'schemas'}", f"--fixtures={created[name] / 'fixtures'}")
    for arguments in (["check"], ["schemas", "--check"], ["fixtures", "--check"]):
        process = run_command(*arguments, *folders)
        assert (process.returncode, process.stderr) == (0, ""), process.stdout


@pytest.mark.parametrize(("name", "numbers"), NAMES.items())
def test_init_prints_what_it_generated_and_what_it_could_not_infer(
    created: dict[str, Path], name: str, numbers: tuple[int, int]
) -> None:
    output, folder = (created[name] / "output.txt").read_text(), created[name]
    assert f"Created {folder}/schemas/{name} ({name}.apib)\n" in output
    assert f"Inferred effects for {numbers[0]} of {numbers[1]} operations; " in output
    assert output.count("No effect inferred for ") == numbers[1] - numbers[0]
    assert output.endswith(
        f"Start it with: mockserver serve --schemas {folder}/schemas --fixtures {folder}/fixtures\n"
    )


def test_the_documented_example_is_the_first_record(push: Ask) -> None:
    api = schemas.with_examples(blueprint.read_blueprint(SHIPPED))
    example = json.loads(api.operation(LIST_TRASH).transactions[0].response.body or "")[
        "trashed_push_notifications"
    ]
    assert push("GET", f"{TRASH}?limit=1")[1]["trashed_push_notifications"] == example
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
    results = push("GET", f"{TRASH}?searched_text=my%20push")[1]["trashed_push_notifications"]
    assert [each["name"] for each in results] == ["My push notification"]


def test_a_list_has_the_records_of_the_parent_in_the_path(push: Ask) -> None:
    own = push("GET", f"{EXPORTS}?limit=1000")[1]["push_notification_exports"]
    assert 0 < len(own) < 45
    assert push("GET", f"{EXPORTS}/{own[1]['id']}")[0] == 200
    assert push("GET", f"{EXPORTS.replace(BUSY, 'another')}/{own[1]['id']}")[0] == 404


def test_a_restored_record_is_not_in_the_trash_anymore(push: Ask) -> None:
    assert push("PATCH", f"{TRASH}/{TRASHED}")[0] == 200
    assert TRASHED not in {
        each["id"] for each in push("GET", f"{TRASH}?limit=1000")[1]["trashed_push_notifications"]
    }


def test_an_operation_without_an_effect_returns_its_documented_example(
    created: dict[str, Path], push: Ask
) -> None:
    assert push("DELETE", f"{EXPORTS}/100")[0] == 200
    assert push("GET", f"{EXPORTS}/100")[0] == 200
    text = (created["push_notifications"] / "fixtures/push_notifications/effects.yaml").read_text()
    assert f"#   {CANCEL} (DELETE " in text
    assert (
        "the name 'cancel' looks like a state transition; "
        "add a lifecycle for exports and a `transition` effect" in text
    )
    assert "#     state: status\n#     states:\n#       waiting: {next: running}\n" in text
    assert f"  {RESTORE}: {{remove: trash}}\n" in text


def test_a_record_is_created_changed_and_deleted(invoices: Ask) -> None:
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


def test_a_record_without_a_key_in_the_response_has_the_key_of_its_path(
    created: dict[str, Path],
) -> None:
    ask = asker(server_of(created["polls"]))
    assert ask("GET", "/v1/questions/1") == (200, {"question": "Favourite colour?", "votes": 7})
    assert ask("DELETE", "/v1/questions/1")[0] == 204
    assert ask("GET", "/v1/questions/1")[0] == 404


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_blueprint_creates_the_same_files_and_the_output_of_the_docs(
    created: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "invoices.apib").write_text(INVOICES)
    # Another process has another hash seed.
    process = run_process("init", "invoices.apib", cwd=tmp_path)
    assert (process.returncode, process.stderr) == (0, "")
    assert f"$ mockserver init invoices.apib\n{process.stdout}```" in OWN_API_PAGE
    before, after = files_of(created["invoices"]), files_of(tmp_path)
    assert before.keys() - after.keys() == {"output.txt"}
    assert {name: after[name] for name in before if name != "output.txt"} == {
        n: text for n, text in before.items() if n != "output.txt"
    }
    assert after["schemas/invoices/invoices.apib"] == after["invoices.apib"]


BROKEN = """FORMAT: 1A

# A

## B [/b]

### D [PATCH]

+ Foo
"""


def in_the_way(folder: Path) -> tuple[str, ...]:
    (folder / "fixtures/polls").mkdir(parents=True)
    return (str(POLLS),)


def no_operation(folder: Path) -> tuple[str, ...]:
    (folder / "broken.apib").write_text(BROKEN)
    return (str(folder / "broken.apib"),)


def a_neighbour(folder: Path) -> tuple[str, ...]:
    assert init(folder, POLLS).returncode == 0
    return str(POLLS), "--name", "again"


def a_file(folder: Path) -> tuple[str, ...]:
    (folder / "schemas").write_text("")
    return (str(POLLS),)


REJECTED: dict[str, tuple[Callable[[Path], tuple[str, ...]], int, list[str]]] = {
    "in the way": (
        in_the_way,
        2,
        [r"mockserver: \S+/fixtures/polls already exists; choose another --name"],
    ),
    "no operation": (
        no_operation,
        1,
        [r"\S+broken\.apib:3:3: no operation can be served; line 7 ", r"\S+broken\.apib:7:5: "],
    ),
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
    "device": (
        lambda folder: (str(POLLS), "--name", "Con"),
        2,
        [r"--name: 'Con' is a device on Windows; choose another name"],
    ),
    "no folder": (a_file, 2, [r"--schemas: expected a folder, got \S+/schemas"]),
    "shipped": (
        lambda folder: (str(POLLS), "--schemas", str(SCHEMAS)),
        2,
        [r"--schemas: schemas is the shipped folder; expected another folder"],
    ),
}


@pytest.mark.parametrize("case", REJECTED)
def test_a_rejected_call_changes_nothing(tmp_path: Path, case: str) -> None:
    prepare, code, messages = REJECTED[case]
    arguments = prepare(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    process = init(tmp_path, Path(arguments[0]), *arguments[1:])
    assert process.returncode == code, process
    for message in messages:
        assert re.search(message, process.stderr), process.stderr
    assert "Traceback" not in process.stderr
    assert sorted(tmp_path.rglob("*")) == before
    assert not (FIXTURES / "polls").exists()


def test_the_default_name_is_that_of_the_file_and_the_folders_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_SCHEMAS", str(tmp_path / "s"))
    monkeypatch.setenv("MOCKSERVER_FIXTURES", str(tmp_path / "f"))
    (tmp_path / "My Vendor v2.apib").write_bytes(POLLS.read_bytes())
    assert run_command("init", str(tmp_path / "My Vendor v2.apib")).returncode == 0
    assert (tmp_path / "s/my_vendor_v2/my_vendor_v2.apib").exists()
    assert (tmp_path / "f/my_vendor_v2/effects.yaml").exists()
