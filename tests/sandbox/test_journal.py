"""The journal: each exchange with its reason, and the near misses of unmatched requests."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.admin import last_exchange
from helpers.shipped_api import BUSY, CANCEL, EXPORTS, LIST_TRASH, RETRIEVE, TOKEN, TRASH

from mockserver.config.settings import Settings
from mockserver.sandbox.journal import mask_token, truncate_body
from mockserver.web.app import create_app


@pytest.fixture
def client(each_client: FlaskClient) -> FlaskClient:
    return each_client


def test_an_exchange_has_request_and_response(client: FlaskClient) -> None:
    client.get(f"{EXPORTS}?limit=2&colour=red", headers={"X-Access-Token": "1234567890abcdef"})
    exchange = last_exchange(client)
    assert exchange["operation"] == "list-all-push-notification-segment-exports"
    assert (exchange["method"], exchange["path"], exchange["query"]) == (
        "GET",
        EXPORTS,
        "limit=2&colour=red",
    )
    assert (exchange["status"], exchange["reason"], exchange["violations"]) == (
        200,
        "the current records",
        [],
    )
    assert exchange["arguments"]["limit"] == 2
    assert exchange["notes"] == ["query/colour is not documented and was ignored"]
    assert exchange["token"] == "123…(16)"
    assert exchange["response_body"].startswith('{"push_notification_exports"')


def test_an_exchange_does_not_have_the_baggage_of_the_request(client: FlaskClient) -> None:
    baggage = "user=alice,mock.sandbox=default"
    for _ in range(4):  # the third response is a kept one
        client.get(EXPORTS, headers={**TOKEN, "baggage": baggage})
        exchange = last_exchange(client)
        assert exchange["sandbox"] == "default"
        assert "alice" not in str(exchange)


REASONS = [
    ("GET", f"{EXPORTS}/100", {"Prefer": "code=404"}, "Prefer: code=404", None),
    (
        "GET",
        f"{EXPORTS}/100",
        {"Prefer": f"scenario={RETRIEVE}-404"},
        f"Prefer: scenario={RETRIEVE}-404",
        f"{RETRIEVE}-404",
    ),
    ("GET", f"{EXPORTS}/999999", {}, "exports has no record", None),
    ("DELETE", f"{EXPORTS}/101", {}, "the record is finished", None),
    ("DELETE", f"{EXPORTS}/100", {}, "the record was running", None),
    ("GET", f"{TRASH}?limit=x", {}, "problem request-breaks-contract", None),
    ("GET", "/api/nothing", {}, "problem unknown-operation", None),
]


@pytest.mark.parametrize(
    ("method", "path", "headers", "reason", "scenario"),
    REASONS,
    ids=[case[3][:40] for case in REASONS],
)
def test_an_exchange_has_the_reason_of_its_response(
    client: FlaskClient,
    method: str,
    path: str,
    headers: dict[str, str],
    reason: str,
    scenario: object,
) -> None:
    client.open(path, method=method, headers={**TOKEN, **headers})
    exchange = last_exchange(client)
    assert reason in exchange["reason"]
    assert exchange["scenario"] == scenario


def test_an_active_scenario_is_the_reason(client: FlaskClient) -> None:
    client.put("/__admin/scenarios/export-not-found", json={})
    client.get(f"{EXPORTS}/100", headers=TOKEN)
    assert (last_exchange(client)["reason"], last_exchange(client)["scenario"]) == (
        "scenario export-not-found",
        "export-not-found",
    )


@pytest.mark.parametrize(
    ("name", "number"),
    [("empty-lists", 1), ("slow", 1), (f"{LIST_TRASH}-200", 1), ("export-not-found", 0)],
)
def test_the_filter_finds_every_scenario_that_contributed(
    client: FlaskClient, name: str, number: int
) -> None:
    for active, overrides in (
        ("slow", {"delay": 0.001, "times": 2}),
        ("empty-lists", {}),
        (f"{LIST_TRASH}-200", {}),
    ):
        client.put(f"/__admin/scenarios/{active}", json=overrides)
    client.get(TRASH, headers=TOKEN)
    assert len(client.get(f"/__admin/requests?scenario={name}").get_json()["requests"]) == number


def test_only_the_exchange_that_changed_the_state_has_the_transition(client: FlaskClient) -> None:
    for _ in range(3):
        client.delete(f"{EXPORTS}/100", headers=TOKEN)
    journal: Any = client.get("/__admin/requests").json
    transitions = [exchange["transition"] for exchange in journal["requests"]]
    first, *others = reversed(transitions)
    record = f"push_notifications/exports/{BUSY}/100"
    assert first == {"record": record, "from": "running", "to": "canceled"}
    assert others == [None, None]


def test_violations_are_listed(client: FlaskClient) -> None:
    client.get(f"{TRASH}?limit=x", headers=TOKEN)
    assert last_exchange(client)["violations"][0]["pointer"] == "query/limit"


FILTERS = [
    ("", 4),
    ("?method=get", 3),
    ("?status=404", 2),
    ("?unmatched=true", 1),
    ("?transition=true", 1),
    (f"?operation={CANCEL}", 1),
    ("?limit=2", 2),
    ("?limit=0", 0),
    ("?status=404&limit=1", 1),
    (f"?operation={CANCEL.upper()}", 1),
    ("?operation=list-all-push-notification-segment-exports", 0),
    ("?scenario=slow", 0),
    ("?since=2999-01-01T00:00:00Z", 0),
]


@pytest.mark.parametrize(("query", "number"), FILTERS)
def test_exchanges_are_filtered(client: FlaskClient, query: str, number: int) -> None:
    for method, path in (
        ("GET", TRASH),
        ("GET", f"{EXPORTS}/1"),
        ("GET", "/api/nothing"),
        ("DELETE", f"{EXPORTS}/100"),
    ):
        client.open(path, method=method, headers=TOKEN)
    journal: Any = client.get(f"/__admin/requests{query}").json
    assert len(journal["requests"]) == number


def test_exchanges_are_counted_and_deleted(client: FlaskClient) -> None:
    for _ in range(3):
        client.get(TRASH, headers=TOKEN)
    assert client.post(
        "/__admin/requests/count", json={"status": 200, "violations": False}
    ).json == {"count": 3}
    client.delete("/__admin/requests")
    assert client.post("/__admin/requests/count", json={}).json == {"count": 0}


@pytest.mark.parametrize(
    "query",
    [
        "?colour=red",
        "?violations=maybe",
        "?limit=-1",
        "?status=4O4",
        "?since=yesterday",
        "?url=/x",
        "?operation=none",
        "?scenario=Slow",
    ],
)
def test_an_invalid_filter_is_rejected(client: FlaskClient, query: str) -> None:
    response: Any = client.get(f"/__admin/requests{query}")
    assert response.status_code == 400
    assert response.json["violations"][0]["pointer"] == f"query/{query[1:].partition('=')[0]}"


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer"),
    [
        ("GET", "/requests?operation=cancel-push-notification-segment", None, "query/operation"),
        ("POST", "/requests/count", {"operation": "cancel-push-notification"}, "/operation"),
        ("POST", "/requests/find", {"operation": "cancel-push-notification"}, "/operation"),
    ],
)
def test_an_unknown_operation_is_rejected(
    client: FlaskClient, method: str, path: str, body: Any, pointer: str
) -> None:
    response: Any = client.open(f"/__admin{path}", method=method, json=body)
    assert (response.status_code, response.json["violations"][0]["pointer"]) == (400, pointer)
    assert f"(did you mean '{CANCEL}'?)" in response.json["detail"]


def test_a_known_operation_may_have_no_exchange(client: FlaskClient) -> None:
    journal: Any = client.get(f"/__admin/requests?operation={CANCEL.upper()}").json
    assert journal["requests"] == []


def test_a_misspelt_name_is_not_a_count_of_zero(client: FlaskClient) -> None:
    filters = {"operation": CANCEL[:-1], "scenario": "slwo"}
    response: Any = client.post("/__admin/requests/count", json=filters)
    assert response.status_code == 400
    operation, scenario = response.json["violations"]
    assert operation["expected"].endswith(f"(did you mean '{CANCEL}'?)")
    assert scenario["expected"].endswith("(did you mean 'slow'?)")


def test_the_total_counts_all_matching_exchanges_not_only_the_listed_ones(
    client: FlaskClient,
) -> None:
    for _ in range(3):
        client.get(TRASH, headers=TOKEN)
    for query in ("?limit=1", "?limit=1&status=200", ""):
        journal: Any = client.get(f"/__admin/requests{query}").json
        assert journal["meta"]["total"] == 3


def test_a_journal_belongs_to_one_sandbox_and_is_limited() -> None:
    client = create_app(Settings(store="memory:", journal_size=5)).test_client()
    for number in range(8):
        client.get(f"{EXPORTS}/{number}", headers={**TOKEN, "X-Mock-Sandbox": "a"})
    journal: Any = client.get("/__admin/requests", headers={"X-Mock-Sandbox": "a"}).json
    ids = [exchange["arguments"]["export_id"] for exchange in journal["requests"]]
    assert ids == [7, 6, 5, 4, 3]
    assert client.get("/__admin/requests").json["requests"] == []  # type: ignore[index]


NEAR = [
    (
        "GET",
        "/api/push_notifications/trsh",
        "list-all-trashed-push-notifications",
        ["segment 3: expected trash, got trsh"],
    ),
    (
        "GET",
        "/push_notifications/trash",
        "list-all-trashed-push-notifications",
        ["base path: expected /api, got none"],
    ),
    ("POST", TRASH, "list-all-trashed-push-notifications", ["method: expected GET, got POST"]),
    ("GET", f"{EXPORTS}/100/cancel", RETRIEVE, ["segment 6: expected the end, got cancel"]),
    (
        "GET",
        f"{EXPORTS[:-1]}",
        "list-all-push-notification-segment-exports",
        ["segment 4: expected exports, got export"],
    ),
]


@pytest.mark.parametrize(
    ("method", "path", "operation", "differences"), NEAR, ids=[case[1][-30:] for case in NEAR]
)
def test_an_unmatched_request_gets_near_misses(
    client: FlaskClient, method: str, path: str, operation: str, differences: list[str]
) -> None:
    body: Any = client.open(path, method=method, headers=TOKEN).json
    near = body["near_misses"][0]
    assert near["operation"] == operation
    assert near["differences"] == differences
    listed: Any = client.get("/__admin/requests/unmatched/near-misses").json
    assert listed["nearMisses"][0]["near_misses"] == body["near_misses"]


def test_a_token_is_masked_and_a_body_is_truncated() -> None:
    assert [mask_token(token) for token in (None, "", "1234567890abcdef@a")] == [
        None,
        "",
        "123…(16)@a",
    ]
    assert truncate_body(b"", 0) is None
    assert truncate_body(b"\xff", 1) == "\ufffd"
    text = truncate_body("xž".encode() * 1365 + "ž".encode()[:1], 8000)
    assert text is not None
    assert text.endswith("ž… (8000 bytes)")
