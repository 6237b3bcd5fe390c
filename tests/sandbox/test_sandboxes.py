"""Sandboxes are isolated: no client sees the changes of another one."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.shipped_api import BUSY, EXPORTS, TOKEN, TRASH, TRASHED

from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.sandbox.state import SandboxState
from mockserver.web.app import create_app

IN_A = {**TOKEN, "X-Mock-Sandbox": "a"}
IN_B = {**TOKEN, "X-Mock-Sandbox": "b"}


@pytest.fixture
def client(each_client: FlaskClient) -> FlaskClient:
    return each_client


def status(client: FlaskClient, headers: dict[str, str], prefix: str = "") -> str:
    body: Any = client.get(f"{prefix}{EXPORTS}/100", headers=headers).json
    return str(body["push_notification_export"]["status"])


def names_in_trash(client: FlaskClient, headers: dict[str, str], prefix: str = "") -> list[str]:
    body: Any = client.get(f"{prefix}{TRASH}", headers=headers).json
    return [record["name"] for record in body["trashed_push_notifications"]]


def test_a_change_is_visible_in_one_sandbox_only(client: FlaskClient) -> None:
    client.delete(f"{EXPORTS}/100", headers=IN_A)
    assert [status(client, IN_A), status(client, IN_B), status(client, TOKEN)] == [
        "canceled",
        "running",
        "running",
    ]


def test_a_scenario_is_active_in_one_sandbox_only(client: FlaskClient) -> None:
    client.put("/__admin/scenarios/empty-lists", json={}, headers={"X-Mock-Sandbox": "a"})
    assert names_in_trash(client, IN_A) == []
    assert names_in_trash(client, IN_B) != []


SELECTIONS = [
    ("header", "", {**TOKEN, "X-Mock-Sandbox": "w"}),
    ("token", "", {"X-Access-Token": "anything@w"}),
    ("base URL", "/~w", TOKEN),
]


@pytest.mark.parametrize(
    ("prefix", "headers"), [case[1:] for case in SELECTIONS], ids=[case[0] for case in SELECTIONS]
)
def test_header_token_and_base_url_select_the_same_sandbox(
    client: FlaskClient, prefix: str, headers: dict[str, str]
) -> None:
    client.delete(f"{EXPORTS}/100", headers={**TOKEN, "X-Mock-Sandbox": "w"})
    assert status(client, headers, prefix) == "canceled"
    assert client.get(f"{prefix}{TRASH}", headers=headers).headers["X-Mock-Sandbox"] == "w"


def test_the_admin_api_below_a_base_url_uses_its_sandbox(client: FlaskClient) -> None:
    response = client.put("/~w/__admin/scenarios/empty-lists", json={})
    assert response.headers["X-Mock-Sandbox"] == "w"
    assert names_in_trash(client, TOKEN, "/~w") == []
    assert names_in_trash(client, TOKEN) != []


@pytest.mark.parametrize(
    ("path", "headers", "start"),
    [
        ("/~a%20b/api/push_notifications/trash", {}, "base URL: invalid sandbox name 'a b'"),
        ("/~/api/push_notifications/trash", {}, "base URL: invalid sandbox name ''"),
        ("/~%C3%BCb/api/push_notifications/trash", {}, "base URL: invalid sandbox name 'üb'"),
        (TRASH, {"X-Mock-Sandbox": "a b"}, "header X-Mock-Sandbox: invalid sandbox name 'a b'"),
        (TRASH, {"X-Mock-Sandbox": ".a"}, "header X-Mock-Sandbox: invalid sandbox name '.a'"),
        (
            TRASH,
            {"X-Access-Token": "any@a@b c"},
            "header x-access-token, after the last @: invalid sandbox name 'b c'",
        ),
        (
            TRASH,
            {"baggage": "mock.sandbox=a%20b"},
            "header baggage, member mock.sandbox: invalid sandbox name 'a b'",
        ),
    ],
)
def test_an_invalid_sandbox_name_is_400_with_its_place(
    client: FlaskClient, path: str, headers: dict[str, str], start: str
) -> None:
    response = client.get(path, headers={**TOKEN, **headers})
    problem = response.get_json()
    assert (response.status_code, problem["type"], problem["detail"]) == (
        400,
        "urn:mockserver:problem:sandbox-name-invalid",
        f"{start}; expected 1 to 64 letters, digits, . _ or -, the first a letter or a digit",
    )


def test_a_token_with_only_a_sandbox_suffix_is_401(client: FlaskClient) -> None:
    assert client.get(TRASH, headers={"X-Access-Token": "@a"}).status_code == 401


def test_a_reset_changes_only_the_named_sandbox(client: FlaskClient) -> None:
    for headers in (IN_A, IN_B):
        client.delete(f"{EXPORTS}/100", headers=headers)
    client.post("/__admin/reset", json={}, headers={"X-Mock-Sandbox": "a"})
    client.post("/__admin/sandboxes/c/reset", json={})
    assert [status(client, IN_A), status(client, IN_B)] == ["running", "canceled"]


def test_an_exported_sandbox_can_be_imported_on_another_server(client: FlaskClient) -> None:
    client.delete(f"{EXPORTS}/100", headers=IN_A)
    client.patch(f"{TRASH}/{TRASHED}", headers=IN_A)
    client.put("/__admin/clock", json={"progression": "time"}, headers={"X-Mock-Sandbox": "a"})
    client.post("/__admin/clock/advance", json={"seconds": 30}, headers={"X-Mock-Sandbox": "a"})
    exported = client.get("/__admin/sandboxes/a").json
    other = create_app(Settings(store="memory:")).test_client()
    assert other.put("/__admin/sandboxes/copy", json=exported).status_code == 200
    for path in (f"{EXPORTS}?limit=1000", f"{TRASH}?limit=1000"):
        assert (
            other.get(path, headers={**TOKEN, "X-Mock-Sandbox": "copy"}).data
            == client.get(path, headers=IN_A).data
        )


def responses_in(client: FlaskClient, sandbox: str) -> list[tuple[int, bytes]]:
    """Return the responses of all five operations, with reads before and after the writes."""
    reads = [
        ("GET", f"{EXPORTS}?limit=1000"),
        ("GET", f"{TRASH}?limit=1000"),
        *[("GET", f"{EXPORTS}/{n}") for n in (100, 102)] * 3,
    ]
    writes = [("DELETE", f"{EXPORTS}/{n}") for n in (100, 101, 102)] + [
        ("PATCH", f"{TRASH}/{TRASHED}")
    ]
    headers = {**TOKEN, "X-Mock-Sandbox": sandbox}
    responses = []
    for method, path in (*reads, *writes, *reads):
        response = client.open(path, method=method, headers=headers)
        responses.append((response.status_code, response.data))
    return responses


PREPARED: dict[str, list[tuple[str, str, Any]]] = {
    "never used": [],
    "changed": [("DELETE", f"{EXPORTS}/100", None), ("PATCH", f"{TRASH}/{TRASHED}", None)],
    "polls": [("PUT", "/__admin/clock", {"progression": "polls"}), ("GET", f"{EXPORTS}/102", None)],
    "time": [
        ("PUT", "/__admin/clock", {"progression": "time"}),
        ("POST", "/__admin/clock/advance", {"seconds": 33.5}),
    ],
    "running": [
        ("PUT", "/__admin/clock", {"progression": "time", "mode": "running"}),
        ("DELETE", f"{EXPORTS}/100", None),
    ],
    "with an override": [
        ("PUT", "/__admin/scenarios/finished-export-cancel", {}),
        ("PATCH", f"{TRASH}/{TRASHED}", None),
        ("PUT", "/__admin/scenarios/empty-lists", {}),
    ],
}


@pytest.mark.parametrize("calls", PREPARED.values(), ids=PREPARED)
def test_a_frozen_copy_returns_the_responses_of_the_exported_moment(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, calls: list[tuple[str, str, Any]]
) -> None:
    now = 1_800_000_000.0
    monkeypatch.setattr("mockserver.sandbox.clock.time", SimpleNamespace(time=lambda: now))
    monkeypatch.setattr("mockserver.web.admin.clock.time", SimpleNamespace(time=lambda: now))
    for method, path, body in calls:
        assert client.open(path, method=method, json=body, headers=IN_A).status_code == 200
    now += 12.25
    exported = client.get("/__admin/sandboxes/a?frozen=1").json
    before = responses_in(client, "a")
    now += 1000
    for store in ("memory:", "sqlite:"):
        other = create_app(Settings(store=store, scenarios=("slow",))).test_client()
        assert other.put("/__admin/sandboxes/copy", json=exported).status_code == 200
        assert responses_in(other, "copy") == before


def test_an_unused_sandbox_has_the_initial_state() -> None:
    client = create_app(Settings(store="memory:", scenarios=("empty-lists",))).test_client()
    sandbox_json: Any = client.get("/__admin/sandboxes/nobody").json
    assert (
        sandbox_json["name"],
        sandbox_json["bytes"],
        sandbox_json["created"],
        sandbox_json["last_used"],
    ) == (
        "nobody",
        0,
        None,
        None,
    )
    assert [activation["name"] for activation in sandbox_json["state"]["scenarios"]] == [
        "empty-lists"
    ]
    assert client.get("/__admin/sandboxes").json["sandboxes"] == []  # type: ignore[index]


def test_a_reset_and_an_import_keep_the_test_of_a_sandbox(client: FlaskClient) -> None:
    title = "export.spec.ts:31 › is canceled"
    patched = client.patch("/__admin/sandboxes/w0", json={"test": title})
    expected = {"sandbox": "w0", "test": title, "contract": "main", "reset": False}
    assert patched.json == expected
    client.post("/__admin/sandboxes/w0/reset", json={})
    client.put("/__admin/sandboxes/w0", json={"state": EMPTY})
    assert client.patch("/__admin/sandboxes/w0", json={}).json == patched.json
    assert client.get("/__admin/sandboxes/w0").json["state"] == EMPTY  # type: ignore[index]
    client.delete("/__admin/sandboxes/w0")
    names = [box["name"] for box in client.get("/__admin/sandboxes").json["sandboxes"]]  # type: ignore[index]
    assert "w0" not in names
    assert client.patch("/__admin/sandboxes/w0", json={}).json["test"] == ""  # type: ignore[index]


@pytest.mark.parametrize("body", [{"test": 1}, {"test": None}, {"test": "x" * 1001}, {"tests": ""}])
def test_an_invalid_title_of_a_test_is_rejected(client: FlaskClient, body: dict[str, Any]) -> None:
    assert client.patch("/__admin/sandboxes/w0", json=body).status_code == 400


@pytest.mark.parametrize(
    ("path", "slug"), [("x?frozen=yes", "admin-request-invalid"), ("a b", "sandbox-name-invalid")]
)
def test_an_invalid_sandbox_export_is_rejected(client: FlaskClient, path: str, slug: str) -> None:
    response = client.get(f"/__admin/sandboxes/{path}")
    problem: Any = response.json
    assert response.status_code == 400
    assert problem["type"] == f"urn:mockserver:problem:{slug}"


EMPTY = SandboxState().data_json()
INVALID_IMPORTS: list[dict[str, Any]] = [
    {},
    {"state": {}},
    {"state": {**EMPTY, "records": [["nope/x", "1", {}]]}},
    {
        "state": {
            **EMPTY,
            "clock": {**EMPTY["clock"], "progression": "slow"},
        }
    },
    {"state": {**EMPTY, "scenarios": ["nope"]}},
    {"state": {**EMPTY, "clock": {**EMPTY["clock"], "offset_seconds": 1e300}}},
    {"state": {**EMPTY, "clock": {**EMPTY["clock"], "progression_started_at": -1}}},
    {"state": {**EMPTY, "records": [["push_notifications/exports", "100", {"a": 1}]]}},
    {"state": EMPTY, "blueprints": {"x": "y"}},
]


@pytest.mark.parametrize("body", INVALID_IMPORTS)
def test_an_invalid_sandbox_import_is_rejected(client: FlaskClient, body: dict[str, Any]) -> None:
    assert client.put("/__admin/sandboxes/copy", json=body).status_code == 400
    assert client.get("/__admin/sandboxes/copy").json["state"] == EMPTY  # type: ignore[index]


ACTIVATION = {
    "name": "slow",
    "overrides": {},
    "activated_at": 0,
    "matched_requests": 0,
    "times_applied": 0,
}
IMPORTS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown scenario": (
        {"scenarios": [{**ACTIVATION, "name": "nope"}]},
        "unknown collections or scenarios: nope",
    ),
    "an unknown collection of the changes": (
        {"records": [["a/b", "1", None]]},
        "unknown collections or scenarios: a/b",
    ),
    "an unknown collection of the overlay": (
        {"overlay": [["a/b", "1", None]]},
        "unknown collections or scenarios: a/b",
    ),
    "a scenario twice": (
        {"scenarios": [ACTIVATION, ACTIVATION]},
        "duplicate scenario: each may be on only once",
    ),
    "an invalid override": (
        {
            "scenarios": [
                {**ACTIVATION, "name": "empty-lists"},
                {**ACTIVATION, "overrides": {"operations": ["nope"]}},
            ]
        },
        "/state/scenarios/1/overrides/operations/0",
    ),
}


@pytest.mark.parametrize(("members", "text"), IMPORTS.values(), ids=IMPORTS)
def test_a_rejected_import_reports_the_reason(
    client: FlaskClient, members: dict[str, Any], text: str
) -> None:
    response = client.put("/__admin/sandboxes/copy", json={"state": {**EMPTY, **members}})
    assert response.status_code == 400
    assert text in response.get_data(as_text=True)


def test_a_record_with_the_key_of_another_record_is_not_imported(client: FlaskClient) -> None:
    contract: Contract = client.application.extensions["mockserver"].contracts.main.contract
    collection = "push_notifications/exports"
    record = contract.collections[collection][f"{BUSY}/102"]
    body = {"state": {**EMPTY, "records": [[collection, f"{BUSY}/103", record]]}}
    response: Any = client.put("/__admin/sandboxes/copy", json=body)
    assert response.status_code == 400
    (violation,) = response.json["violations"]
    assert violation["actual"] == f"the key {BUSY}/102"


def test_a_record_with_an_unknown_field_is_not_imported(client: FlaskClient) -> None:
    contract: Contract = client.application.extensions["mockserver"].contracts.main.contract
    collection = "push_notifications/exports"
    record = {**contract.collections[collection][f"{BUSY}/102"], "unknown": 1}
    body = {"state": {**EMPTY, "records": [[collection, f"{BUSY}/102", record]]}}
    response: Any = client.put("/__admin/sandboxes/copy", json=body)
    assert response.status_code == 400
    (violation,) = response.json["violations"]
    assert violation["pointer"] == "/unknown"


def test_a_deleted_record_stays_deleted_in_an_import(client: FlaskClient) -> None:
    body = {"state": {**EMPTY, "records": [["push_notifications/exports", f"{BUSY}/102", None]]}}
    assert client.put("/__admin/sandboxes/a", json=body).status_code == 200
    assert client.get(f"{EXPORTS}/102", headers=IN_A).status_code == 404
    assert client.get(f"{EXPORTS}/102", headers=IN_B).status_code == 200


INVALID_FIELDS: list[tuple[str, Any, str]] = [
    ("name", 5, "/name"),
    ("status", "lost", "/status"),
    ("created", "2030-01-01 00:00:00", "/stats/statuses_history/waiting"),
]


@pytest.mark.parametrize("part", ["records", "overlay"])
@pytest.mark.parametrize(("name", "value", "pointer"), INVALID_FIELDS)
def test_a_record_that_no_response_could_show_is_not_imported(
    client: FlaskClient, part: str, name: str, value: Any, pointer: str
) -> None:
    contract: Contract = client.application.extensions["mockserver"].contracts.main.contract
    collection, key = "push_notifications/exports", f"{BUSY}/102"
    record = {**contract.collections[collection][key], name: value}
    body = {"state": {**EMPTY, part: [[collection, key, record]]}}
    response = client.put("/__admin/sandboxes/copy", json=body)
    assert response.status_code == 400
    problem: Any = response.json
    assert pointer in [violation["pointer"] for violation in problem["violations"]]
    assert client.get("/__admin/sandboxes/copy").json["state"] == EMPTY  # type: ignore[index]


def test_sandboxes_are_listed_and_deleted(client: FlaskClient) -> None:
    client.delete(f"{EXPORTS}/100", headers=IN_A)
    client.get(TRASH, headers=IN_B)
    listed: Any = client.get("/__admin/sandboxes").json
    sizes = {sandbox["name"]: sandbox["bytes"] for sandbox in listed["sandboxes"]}
    assert {"a", "b"} <= set(sizes)
    assert sizes["a"] > 100
    assert client.delete("/__admin/sandboxes/a").json == {"sandbox": "a", "deleted": True}
    assert client.delete("/__admin/sandboxes/a").status_code == 404
    assert status(client, IN_A) == "running"


def test_a_change_over_the_size_limit_of_a_sandbox_is_507() -> None:
    client = create_app(Settings(store="memory:", max_sandbox_bytes=2048)).test_client()
    before = trash(client)
    statuses = []
    for record in before:
        response = client.patch(f"{TRASH}/{record['id']}", headers=TOKEN)
        statuses.append(response.status_code)
    assert 507 in statuses
    assert statuses.count(200) == len(before) - len(trash(client))


def trash(client: FlaskClient) -> list[dict[str, Any]]:
    body: Any = client.get(f"{TRASH}?limit=1000", headers=TOKEN).json
    records: list[dict[str, Any]] = body["trashed_push_notifications"]
    return records


def test_the_least_recently_used_sandbox_is_evicted_with_a_warning() -> None:
    client = create_app(Settings(store="memory:", max_sandboxes=3)).test_client()
    for name in ("a", "b", "a", "c", "d"):
        client.delete(f"{EXPORTS}/100", headers={**TOKEN, "X-Mock-Sandbox": name})
    sandbox_json: Any = client.get("/__admin/sandboxes").json
    assert [sandbox["name"] for sandbox in sandbox_json["sandboxes"]] == ["d", "c", "a"]
    assert sandbox_json["evicted"] == 1
