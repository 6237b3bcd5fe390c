"""Records in the admin API: lists, transitions, edits and restores."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
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

from mockserver.contract.model import Contract
from mockserver.errors import RecordNotFound
from mockserver.sandbox.record_edits import record_key

IN_EXPORTS, IN_TRASH = "push_notifications/exports", "push_notifications/trash"
RUNNING, WAITING = f"{BUSY}/100", f"{BUSY}/102"


@pytest.fixture
def client(each_client: FlaskClient) -> FlaskClient:
    return each_client


def collection(
    client: FlaskClient, name: str = IN_EXPORTS, query: str = "", prefix: str = ""
) -> dict[str, Any]:
    content: Any = client.get(f"{prefix}/__admin/records?collection={name}{query}").json
    (found,) = content["collections"]
    return dict(found)


def records(client: FlaskClient, name: str = IN_EXPORTS, prefix: str = "") -> dict[str, Any]:
    return {each["key"]: each for each in collection(client, name, prefix=prefix)["records"]}


def moved(client: FlaskClient, key: str, to: str, name: str = IN_EXPORTS) -> Any:
    return client.post(
        "/__admin/records/transition", json={"collection": name, "key": key, "to": to}
    )


def restored(client: FlaskClient, key: str, name: str = IN_EXPORTS) -> Any:
    return client.post("/__admin/records/restore", json={"collection": name, "key": key})


def refusal(response: Any) -> tuple[int, str]:
    """The status and the type of a problem."""
    return response.status_code, response.json["type"].removeprefix("urn:mockserver:problem:")


def test_the_columns_of_a_collection_are_returned(client: FlaskClient) -> None:
    content: Any = client.get("/__admin/records").json
    assert (content["sandbox"], content["now"]) == ("default", "2026-11-02 09:00:00")
    exports, trash = (
        {k: v for k, v in each.items() if k != "records"} for each in content["collections"]
    )
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
                f"message_counts.{n}"
                for n in ("sent", "excluded_invalid", "excluded_by_frequency_cap")
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
        "total": 61,
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
    assert [key for key, each in records(client).items() if each["modified"]] == [RUNNING]
    assert list(records(client, IN_TRASH)) == before
    gone = records(client, IN_TRASH)[TRASHED]
    assert (gone["deleted"], gone["modified"], gone["next_states"], gone["record"]["id"]) == (
        True,
        True,
        [],
        TRASHED,
    )


PAGES = [
    ("", 0, 61),
    ("&limit=2", 0, 2),
    ("&limit=2&offset=60", 60, 1),
    ("&offset=1000", 0, 0),
    ("&limit=0", 0, 0),
]


@pytest.mark.parametrize(("query", "first", "length"), PAGES)
def test_records_are_paged_and_counted(
    client: FlaskClient, query: str, first: int, length: int
) -> None:
    found = collection(client, query=query)
    assert (found["total"], [each["key"] for each in found["records"]]) == (
        61,
        list(records(client))[first:][:length],
    )


@pytest.mark.parametrize(
    "query", ["limit=x", "limit=-1", "limit=1001", "offset=1e3", "offset=9999999999", "colour=red"]
)
def test_invalid_paging_parameters_are_rejected(client: FlaskClient, query: str) -> None:
    response = client.get(f"/__admin/records?{query}")
    assert (response.status_code, response.json["type"]) == (
        400,
        "urn:mockserver:problem:admin-request-invalid",
    )  # type: ignore[index]


@pytest.mark.parametrize(
    ("way", "complete"),
    [
        ([WAITING, "running", "finished"], True),
        ([WAITING, "canceled"], False),
        ([RUNNING, "error"], True),  # the blueprint's own example is complete while it runs
        ([RUNNING, "finished"], True),
    ],
)
def test_a_transition_follows_the_lifecycle(
    client: FlaskClient, way: list[str], complete: bool
) -> None:
    key, *states = way
    client.post("/__admin/clock/advance", json={"seconds": 60})
    for to in states:
        before = records(client)[key]["state"]
        content = moved(client, key, to).json
        assert content["transition"] == {"record": f"{IN_EXPORTS}/{key}", "from": before, "to": to}
        del content["transition"]
        assert content == records(client)[key]
        assert content["record"]["stats"]["statuses_history"][to] == "2026-11-02 09:01:00"
    export: Any = client.get(f"{EXPORTS}/{key[-3:]}", headers=TOKEN).json
    assert export["push_notification_export"]["status"] == states[-1]
    counts = export["push_notification_export"]["message_counts"]
    added_up = sum(value for name, value in counts.items() if name != "total")
    assert (added_up == counts["total"]) is complete


def test_record_edits_are_not_journaled(client: FlaskClient) -> None:
    assert moved(client, RUNNING, "finished").status_code == 200
    assert client.get("/__admin/requests").json["requests"] == []  # type: ignore[index]


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
    response = moved(client, key, to, name)
    assert (refusal(response), response.json.get("next_states")) == (problem, next_states)
    assert [each["modified"] for each in records(client).values()] == [False] * 61


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
    detail = moved(client, key, "nope").json["detail"]  # type: ignore[index]
    assert detail.endswith(expected)


@pytest.mark.parametrize(
    "body", [{}, {"collection": IN_EXPORTS}, {"collection": 1, "key": "1", "to": "x"}]
)
def test_a_body_without_a_record_is_rejected(client: FlaskClient, body: dict[str, Any]) -> None:
    for path in ("transition", "restore"):
        assert refusal(client.post(f"/__admin/records/{path}", json=body)) == (
            400,
            "admin-request-invalid",
        )


def test_a_deleted_record_can_only_be_restored(client: FlaskClient) -> None:
    before = client.get(TRASH, headers=TOKEN).data
    client.patch(f"{TRASH}/{TRASHED}", headers=TOKEN)
    assert refusal(moved(client, TRASHED, "running", IN_TRASH)) == (404, "record-not-found")
    content = restored(client, TRASHED, IN_TRASH).json
    assert (content["deleted"], content["modified"]) == (False, False)
    assert client.get(TRASH, headers=TOKEN).data == before


def test_a_restore_does_not_change_other_records(client: FlaskClient) -> None:
    moved(client, RUNNING, "finished")
    moved(client, WAITING, "running")
    assert restored(client, RUNNING).json == records(client)[RUNNING]
    assert [key for key, each in records(client).items() if each["modified"]] == [WAITING]


@pytest.mark.parametrize("key", [f"{BUSY}/1", TRASHED])
def test_a_new_record_cannot_be_restored(client: FlaskClient, key: str) -> None:
    assert refusal(restored(client, key)) == (404, "record-not-found")


def test_a_transition_under_an_override_is_discarded_with_it(client: FlaskClient) -> None:
    client.put("/__admin/scenarios/finished-export-cancel", json={})
    assert records(client)[WAITING]["state"] == "finished"
    assert refusal(moved(client, WAITING, "running")) == (409, "transition-not-allowed")
    client.delete("/__admin/scenarios/finished-export-cancel")
    assert records(client)[WAITING]["state"] == "waiting"


def test_a_record_deleted_under_an_override_is_restored_under_it(client: FlaskClient) -> None:
    client.put("/__admin/scenarios/finished-export-cancel", json={})
    client.patch(f"{TRASH}/{TRASHED}", headers=TOKEN)
    assert restored(client, TRASHED, IN_TRASH).json["deleted"] is False
    assert not records(client, IN_TRASH)[TRASHED]["modified"]


def test_a_history_is_in_order_after_the_clock_was_set_back(client: FlaskClient) -> None:
    client.post("/__admin/clock/advance", json={"seconds": 3600})
    moved(client, WAITING, "running")
    client.put("/__admin/clock", json={"now": "2026-11-02 09:00:00"})
    history = moved(client, WAITING, "finished").json["record"]["stats"]["statuses_history"]
    assert history["finished"] == history["running"] == "2026-11-02 10:00:00"


def test_a_transition_starts_from_the_state_that_the_clock_has_set(client: FlaskClient) -> None:
    client.put("/__admin/clock", json={"progression": "time"})
    client.post("/__admin/clock/advance", json={"seconds": 20})
    assert records(client)[WAITING]["state"] == "running"
    assert moved(client, WAITING, "error").json["transition"]["from"] == "running"
    client.post("/__admin/clock/advance", json={"seconds": 600})
    assert records(client)[WAITING]["state"] == "error"


def written(
    client: FlaskClient, method: str, key: str, record: Any = None, name: str = IN_EXPORTS
) -> Any:
    query = {"collection": name, "key": key}
    body = {} if record is None else {"json": record}
    return client.open("/__admin/records", method=method, query_string=query, **body)


def test_a_new_record_can_be_listed_retrieved_canceled_and_deleted(client: FlaskClient) -> None:
    record = {**records(client)[RUNNING]["record"], "id": 7001, "name": "Mine"}
    content = written(client, "PUT", f"{BUSY}/7001", record).json
    assert (content["key"], content["modified"], content["deleted"], content["record"]) == (
        f"{BUSY}/7001",
        True,
        False,
        record,
    )
    assert content == list(records(client).values())[-1]
    exports: Any = client.get(f"{EXPORTS}?limit=100", headers=TOKEN).json
    assert [
        each["id"] for each in exports["push_notification_exports"] if each["name"] == "Mine"
    ] == [7001]
    canceled: Any = client.delete(f"{EXPORTS}/7001", headers=TOKEN).json
    assert canceled["push_notification_export"]["status"] == "canceled"
    gone = written(client, "DELETE", f"{BUSY}/7001").json
    assert (gone["deleted"], gone["state"], gone["next_states"]) == (True, "canceled", [])
    assert client.get(f"{EXPORTS}/7001", headers=TOKEN).status_code == 404
    assert f"{BUSY}/7001" not in records(client)


def test_a_put_of_a_known_key_replaces_the_record(client: FlaskClient) -> None:
    record = {**records(client, IN_TRASH)[TRASHED]["record"], "name": "Mine"}
    before = list(records(client, IN_TRASH))
    assert (
        written(client, "PUT", TRASHED, record, IN_TRASH).json == records(client, IN_TRASH)[TRASHED]
    )
    assert list(records(client, IN_TRASH)) == before
    assert restored(client, TRASHED, IN_TRASH).json["record"]["name"] != "Mine"


def test_a_patch_changes_only_its_fields(client: FlaskClient) -> None:
    before = records(client)[RUNNING]["record"]
    after = written(client, "PATCH", RUNNING, {"name": "Mine", "message_counts": {"sent": 7}}).json[
        "record"
    ]
    assert after == {
        **before,
        "name": "Mine",
        "message_counts": {**before["message_counts"], "sent": 7},
    }
    assert list(after) == list(before)


def test_null_in_a_patch_deletes_the_field(client: FlaskClient) -> None:
    response = written(client, "PATCH", RUNNING, {"message_counts": {"sent": None}})
    assert "/message_counts/sent" in [each["pointer"] for each in response.json["violations"]]


@pytest.mark.parametrize("name", [IN_EXPORTS, IN_TRASH])
def test_a_deleted_record_is_missing_in_the_api(client: FlaskClient, name: str) -> None:
    key = {IN_EXPORTS: RUNNING, IN_TRASH: TRASHED}[name]
    assert written(client, "DELETE", key, name=name).json == records(client, name)[key]
    assert refusal(written(client, "DELETE", key, name=name)) == (404, "record-not-found")
    assert refusal(written(client, "PATCH", key, {}, name)) == (404, "record-not-found")
    assert restored(client, key, name).json["deleted"] is False


REFUSED: list[tuple[str, Any, str]] = [
    ("PATCH", {"status": "nope"}, "/status"),
    ("PATCH", {"nmae": "Mine"}, "/nmae"),
    ("PATCH", {"name": None}, ""),
    ("PATCH", {"name": 1}, "/name"),
    ("PATCH", {"id": 101}, "query/key"),
    ("PATCH", {"status": "finished"}, "/stats/statuses_history"),
    ("PUT", {"id": 1}, "/push_notification_id"),
]


@pytest.mark.parametrize(("method", "record", "pointer"), REFUSED)
def test_a_record_that_breaks_a_schema_is_rejected(
    client: FlaskClient, method: str, record: Any, pointer: str
) -> None:
    response = written(client, method, RUNNING, record)
    assert refusal(response) == (400, "admin-request-invalid")
    assert pointer in [each["pointer"] for each in response.json["violations"]]
    assert [each["modified"] for each in records(client).values()] == [False] * 61


@pytest.mark.parametrize(("method", "record"), [("PUT", {}), ("PATCH", {}), ("DELETE", None)])
def test_a_write_to_an_unknown_collection_is_rejected(
    client: FlaskClient, method: str, record: Any
) -> None:
    response = written(client, method, "1", record, "nope")
    assert refusal(response) == (404, "record-not-found")


def test_a_collection_without_an_operation_has_no_keys(contract: Contract) -> None:
    with pytest.raises(
        RecordNotFound, match="collection 'push_notifications/exports' is not used by any operation"
    ):
        record_key(replace(contract, served=()), IN_EXPORTS, {"id": 1})


def test_a_record_is_written_in_its_sandbox_only(client: FlaskClient) -> None:
    client.post(
        "/~a/__admin/records/transition",
        json={"collection": IN_EXPORTS, "key": RUNNING, "to": "error"},
    )
    assert [records(client, prefix=prefix)[RUNNING]["state"] for prefix in ("/~a", "/~b", "")] == [
        "error",
        "running",
        "running",
    ]


def test_a_record_with_another_key_is_rejected(client: FlaskClient) -> None:
    record = {**records(client)[RUNNING]["record"], "id": 7001}
    response = written(client, "PUT", RUNNING, record)
    assert refusal(response) == (400, "admin-request-invalid")
    assert response.json["violations"][0] == {
        "pointer": "query/key",
        "expected": f"{BUSY}/7001, the key of the record",
        "actual": RUNNING,
        "schema_pointer": "",
    }
    assert len(records(client)) == 61


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "query",
    [
        "",
        f"?collection={IN_EXPORTS}",
        f"?key={RUNNING}",
        f"?collection={IN_EXPORTS}&key={RUNNING}&to=x",
    ],
)
def test_a_query_without_a_record_is_rejected(
    client: FlaskClient, method: str, query: str
) -> None:
    body = {} if method == "DELETE" else {"json": {}}
    assert refusal(client.open(f"/__admin/records{query}", method=method, **body)) == (
        400,
        "admin-request-invalid",
    )
