"""Records in the admin API: lists, transitions and restores."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.admin_records import (
    EXPORT_COUNT,
    IN_EXPORTS,
    IN_TRASH,
    RUNNING,
    WAITING,
    get_collection,
    move,
    problem_of,
    records,
    restore,
)
from helpers.shipped_api import (
    BUSY,
    CANCEL,
    EXPORTS,
    LIST_EXPORTS,
    LIST_TRASH,
    RESTORE,
    RETRIEVE,
    TOKEN,
    TRASH,
    TRASHED,
)


@pytest.fixture
def client(each_client: FlaskClient) -> FlaskClient:
    return each_client


def test_the_columns_of_a_collection_are_returned(client: FlaskClient) -> None:
    content: Any = client.get("/__admin/records").json
    assert (content["sandbox"], content["now"]) == ("default", "2026-11-02 09:00:00")
    exports, trash = content["collections"]
    del exports["records"]
    assert exports == {
        "name": IN_EXPORTS,
        "title": "exports",
        "operations": [LIST_EXPORTS, RETRIEVE, CANCEL],
        "key": "export_id",
        "label": "name",
        "state": "status",
        "history": "stats.statuses_history",
        "counts": {
            "total": "message_counts.total",
            "parts": [
                "message_counts.sent",
                "message_counts.excluded_invalid",
                "message_counts.excluded_by_frequency_cap",
            ],
            "increments": "message_counts.sent",
        },
        "states": ["waiting", "running", "finished", "error", "canceled"],
        "columns": [
            "user_id",
            "segment_name",
            "created",
            "message_counts.total",
            "message_counts.sent",
        ],
        "total": EXPORT_COUNT,
    }
    assert trash["operations"] == [LIST_TRASH, RESTORE]
    assert [trash[name] for name in ("state", "history", "counts", "states", "label")] == [
        None,
        None,
        None,
        [],
        "name",
    ]


def test_a_record_is_returned_with_its_possible_transitions(client: FlaskClient) -> None:
    content = records(client)[RUNNING]
    body: Any = client.get(f"{EXPORTS}/100", headers=TOKEN).json
    assert body["push_notification_export"].items() <= content["record"].items()
    assert (content["state"], content["modified"], content["deleted"]) == ("running", False, False)
    assert content["next_states"] == ["finished", "error", "canceled"]


def test_changed_records_are_marked_and_deleted_ones_stay_listed(client: FlaskClient) -> None:
    before = list(records(client, IN_TRASH))
    client.delete(f"{EXPORTS}/100", headers=TOKEN)
    client.patch(f"{TRASH}/{TRASHED}", headers=TOKEN)
    assert [key for key, entry in records(client).items() if entry["modified"]] == [RUNNING]
    assert list(records(client, IN_TRASH)) == before
    entry = records(client, IN_TRASH)[TRASHED]
    assert (entry["deleted"], entry["modified"], entry["next_states"], entry["record"]["id"]) == (
        True,
        True,
        [],
        TRASHED,
    )


PAGES = [
    ("", 0, EXPORT_COUNT),
    ("&limit=2", 0, 2),
    (f"&limit=2&offset={EXPORT_COUNT - 1}", EXPORT_COUNT - 1, 1),
    ("&offset=1000", 0, 0),
    ("&limit=0", 0, 0),
]


@pytest.mark.parametrize(("query", "first", "length"), PAGES)
def test_records_are_paged_and_counted(
    client: FlaskClient, query: str, first: int, length: int
) -> None:
    page = get_collection(client, query=query)
    assert page["total"] == EXPORT_COUNT
    keys = [entry["key"] for entry in page["records"]]
    assert keys == list(records(client))[first:][:length]


@pytest.mark.parametrize(
    "query", ["limit=x", "limit=-1", "limit=1001", "offset=1e3", "offset=9999999999", "colour=red"]
)
def test_invalid_paging_parameters_are_rejected(client: FlaskClient, query: str) -> None:
    response = client.get(f"/__admin/records?{query}")
    assert (response.status_code, response.json["type"]) == (
        400,
        "urn:mockserver:problem:admin-request-invalid",
    )


@pytest.mark.parametrize(
    ("path", "complete"),
    [
        ([WAITING, "running", "finished"], True),
        ([WAITING, "canceled"], False),
        ([RUNNING, "error"], True),  # the counts of this example are complete while it runs
        ([RUNNING, "finished"], True),
    ],
)
def test_a_transition_follows_the_lifecycle(
    client: FlaskClient, path: list[str], complete: bool
) -> None:
    key, *states = path
    client.post("/__admin/clock/advance", json={"seconds": 60})
    for to in states:
        before = records(client)[key]["state"]
        content = move(client, key, to).json
        assert content["transition"] == {"record": f"{IN_EXPORTS}/{key}", "from": before, "to": to}
        del content["transition"]
        assert content == records(client)[key]
        assert content["record"]["stats"]["statuses_history"][to] == "2026-11-02 09:01:00"
    export: Any = client.get(f"{EXPORTS}/{key[-3:]}", headers=TOKEN).json
    assert export["push_notification_export"]["status"] == states[-1]
    counts = export["push_notification_export"]["message_counts"]
    total = counts.pop("total")
    assert (sum(counts.values()) == total) is complete


def test_record_edits_are_not_journaled(client: FlaskClient) -> None:
    assert move(client, RUNNING, "finished").status_code == 200
    assert client.get("/__admin/requests").json["requests"] == []


@pytest.mark.parametrize(
    ("name", "key", "to", "problem", "next_states"),
    [
        (
            IN_EXPORTS,
            RUNNING,
            "waiting",
            (409, "transition-not-allowed"),
            ["finished", "error", "canceled"],
        ),
        (
            IN_EXPORTS,
            RUNNING,
            "nope",
            (409, "transition-not-allowed"),
            ["finished", "error", "canceled"],
        ),
        (IN_EXPORTS, f"{BUSY}/101", "running", (409, "transition-not-allowed"), []),
        (IN_TRASH, TRASHED, "running", (409, "transition-not-allowed"), []),
        (IN_EXPORTS, f"{BUSY}/1", "running", (404, "record-not-found"), None),
        ("nope", RUNNING, "running", (404, "record-not-found"), None),
    ],
)
def test_an_impossible_transition_is_rejected(
    client: FlaskClient, name: str, key: str, to: str, problem: tuple[int, str], next_states: Any
) -> None:
    response = move(client, key, to, name)
    assert (problem_of(response), response.json.get("next_states")) == (problem, next_states)
    assert [entry["modified"] for entry in records(client).values()] == [False] * EXPORT_COUNT


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (
            RUNNING,
            "from 'running' to 'nope' is not allowed; expected one of finished, error, canceled",
        ),
        (
            f"{BUSY}/101",
            "from 'finished' to 'nope' is not allowed; 'finished' is a final state",
        ),
    ],
)
def test_a_rejected_transition_lists_the_possible_states(
    client: FlaskClient, key: str, expected: str
) -> None:
    detail = move(client, key, "nope").json["detail"]
    assert detail.endswith(expected)


@pytest.mark.parametrize(
    "body", [{}, {"collection": IN_EXPORTS}, {"collection": 1, "key": "1", "to": "x"}]
)
def test_a_body_without_a_record_is_rejected(client: FlaskClient, body: dict[str, Any]) -> None:
    for path in ("transition", "restore"):
        assert problem_of(client.post(f"/__admin/records/{path}", json=body)) == (
            400,
            "admin-request-invalid",
        )


def test_a_deleted_record_can_only_be_restored(client: FlaskClient) -> None:
    before = client.get(TRASH, headers=TOKEN).data
    client.patch(f"{TRASH}/{TRASHED}", headers=TOKEN)
    assert problem_of(move(client, TRASHED, "running", IN_TRASH)) == (404, "record-not-found")
    content = restore(client, TRASHED, IN_TRASH).json
    assert (content["deleted"], content["modified"]) == (False, False)
    assert client.get(TRASH, headers=TOKEN).data == before


def test_a_restore_does_not_change_other_records(client: FlaskClient) -> None:
    move(client, RUNNING, "finished")
    move(client, WAITING, "running")
    assert restore(client, RUNNING).json == records(client)[RUNNING]
    assert [key for key, entry in records(client).items() if entry["modified"]] == [WAITING]


@pytest.mark.parametrize("key", [f"{BUSY}/1", TRASHED])
def test_an_unknown_record_cannot_be_restored(client: FlaskClient, key: str) -> None:
    assert problem_of(restore(client, key)) == (404, "record-not-found")


@pytest.mark.parametrize(
    ("key", "advice"),
    [
        (RUNNING.partition("/")[2], f"; did you mean '{RUNNING}'?"),
        ("0", "; GET /__admin/records lists the keys"),
    ],
)
def test_the_problem_for_an_unknown_key_has_the_key_with_its_parent(
    client: FlaskClient, key: str, advice: str
) -> None:
    for call, reason in (
        (move(client, key, "running"), "does not exist"),
        (restore(client, key), "was not shipped"),
    ):
        problem: Any = call.json
        assert reason in problem["detail"]
        assert problem["detail"].endswith(advice)


def test_a_transition_under_an_override_is_discarded_with_it(client: FlaskClient) -> None:
    client.put("/__admin/scenarios/finished-export-cancel", json={})
    assert records(client)[WAITING]["state"] == "finished"
    assert problem_of(move(client, WAITING, "running")) == (409, "transition-not-allowed")
    client.delete("/__admin/scenarios/finished-export-cancel")
    assert records(client)[WAITING]["state"] == "waiting"


def test_a_record_deleted_under_an_override_is_restored_under_it(client: FlaskClient) -> None:
    client.put("/__admin/scenarios/finished-export-cancel", json={})
    client.patch(f"{TRASH}/{TRASHED}", headers=TOKEN)
    assert restore(client, TRASHED, IN_TRASH).json["deleted"] is False
    assert not records(client, IN_TRASH)[TRASHED]["modified"]


def test_a_history_is_in_order_after_the_clock_was_set_back(client: FlaskClient) -> None:
    client.post("/__admin/clock/advance", json={"seconds": 3600})
    move(client, WAITING, "running")
    client.put("/__admin/clock", json={"now": "2026-11-02 09:00:00"})
    history = move(client, WAITING, "finished").json["record"]["stats"]["statuses_history"]
    assert history["finished"] == history["running"] == "2026-11-02 10:00:00"


def test_a_transition_starts_from_the_state_that_the_clock_has_set(client: FlaskClient) -> None:
    client.put("/__admin/clock", json={"progression": "time"})
    client.post("/__admin/clock/advance", json={"seconds": 20})
    assert records(client)[WAITING]["state"] == "running"
    assert move(client, WAITING, "error").json["transition"]["from"] == "running"
    client.post("/__admin/clock/advance", json={"seconds": 600})
    assert records(client)[WAITING]["state"] == "error"
