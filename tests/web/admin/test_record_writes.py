"""Records in the admin API: create, replace, patch and delete."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.admin_records import (
    EXPORT_COUNT,
    IN_EXPORTS,
    IN_TRASH,
    NEW_ID,
    RUNNING,
    problem_of,
    records,
    restore,
    write,
)
from helpers.shipped_api import BUSY, EXPORTS, TOKEN, TRASHED

from mockserver.contract.model import Contract
from mockserver.errors import RecordNotFound
from mockserver.sandbox.record_edits import record_key


@pytest.fixture
def client(each_client: FlaskClient) -> FlaskClient:
    return each_client


def test_a_new_record_can_be_listed_retrieved_canceled_and_deleted(client: FlaskClient) -> None:
    record = {**records(client)[RUNNING]["record"], "id": NEW_ID, "name": "Mine"}
    content = write(client, "PUT", f"{BUSY}/{NEW_ID}", record).json
    assert (content["key"], content["modified"], content["deleted"], content["record"]) == (
        f"{BUSY}/{NEW_ID}",
        True,
        False,
        record,
    )
    assert content == list(records(client).values())[-1]
    exports: Any = client.get(f"{EXPORTS}?limit=100", headers=TOKEN).json
    assert [
        entry["id"] for entry in exports["push_notification_exports"] if entry["name"] == "Mine"
    ] == [NEW_ID]
    canceled: Any = client.delete(f"{EXPORTS}/{NEW_ID}", headers=TOKEN).json
    assert canceled["push_notification_export"]["status"] == "canceled"
    entry = write(client, "DELETE", f"{BUSY}/{NEW_ID}").json
    assert (entry["deleted"], entry["state"], entry["next_states"]) == (True, "canceled", [])
    assert client.get(f"{EXPORTS}/{NEW_ID}", headers=TOKEN).status_code == 404
    assert f"{BUSY}/{NEW_ID}" not in records(client)


def test_a_put_of_a_known_key_replaces_the_record(client: FlaskClient) -> None:
    record = {**records(client, IN_TRASH)[TRASHED]["record"], "name": "Mine"}
    before = list(records(client, IN_TRASH))
    assert (
        write(client, "PUT", TRASHED, record, IN_TRASH).json == records(client, IN_TRASH)[TRASHED]
    )
    assert list(records(client, IN_TRASH)) == before
    assert restore(client, TRASHED, IN_TRASH).json["record"]["name"] != "Mine"


def test_a_patch_changes_only_its_fields(client: FlaskClient) -> None:
    before = records(client)[RUNNING]["record"]
    after = write(client, "PATCH", RUNNING, {"name": "Mine", "message_counts": {"sent": 7}}).json[
        "record"
    ]
    assert after == {
        **before,
        "name": "Mine",
        "message_counts": {**before["message_counts"], "sent": 7},
    }
    assert list(after) == list(before)


def test_null_in_a_patch_deletes_the_field(client: FlaskClient) -> None:
    response = write(client, "PATCH", RUNNING, {"message_counts": {"sent": None}})
    assert "/message_counts/sent" in [entry["pointer"] for entry in response.json["violations"]]


@pytest.mark.parametrize("name", [IN_EXPORTS, IN_TRASH])
def test_a_deleted_record_cannot_be_deleted_or_patched(client: FlaskClient, name: str) -> None:
    key = {IN_EXPORTS: RUNNING, IN_TRASH: TRASHED}[name]
    assert write(client, "DELETE", key, name=name).json == records(client, name)[key]
    assert problem_of(write(client, "DELETE", key, name=name)) == (404, "record-not-found")
    assert problem_of(write(client, "PATCH", key, {}, name)) == (404, "record-not-found")
    assert restore(client, key, name).json["deleted"] is False


REJECTED: list[tuple[str, Any, str]] = [
    ("PATCH", {"status": "nope"}, "/status"),
    ("PATCH", {"nmae": "Mine"}, "/nmae"),
    ("PATCH", {"name": None}, ""),
    ("PATCH", {"name": 1}, "/name"),
    ("PATCH", {"id": 101}, "query/key"),
    ("PATCH", {"status": "finished"}, "/stats/statuses_history"),
    ("PUT", {"id": 1}, "/push_notification_id"),
]


@pytest.mark.parametrize(("method", "record", "pointer"), REJECTED)
def test_a_record_that_breaks_a_schema_is_rejected(
    client: FlaskClient, method: str, record: Any, pointer: str
) -> None:
    response = write(client, method, RUNNING, record)
    assert problem_of(response) == (400, "admin-request-invalid")
    assert pointer in [entry["pointer"] for entry in response.json["violations"]]
    assert [entry["modified"] for entry in records(client).values()] == [False] * EXPORT_COUNT


def test_an_unknown_collection_is_answered_with_the_similar_one(client: FlaskClient) -> None:
    detail = write(client, "DELETE", RUNNING, name="push_notification/exports").json["detail"]
    assert detail.endswith(f"; did you mean '{IN_EXPORTS}'?")


@pytest.mark.parametrize(("method", "record"), [("PUT", {}), ("PATCH", {}), ("DELETE", None)])
def test_a_write_to_an_unknown_collection_is_rejected(
    client: FlaskClient, method: str, record: Any
) -> None:
    response = write(client, method, "1", record, "nope")
    assert problem_of(response) == (404, "record-not-found")


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
    record = {**records(client)[RUNNING]["record"], "id": NEW_ID}
    response = write(client, "PUT", RUNNING, record)
    assert problem_of(response) == (400, "admin-request-invalid")
    assert response.json["violations"][0] == {
        "pointer": "query/key",
        "expected": f"{BUSY}/{NEW_ID}, the key of the record",
        "actual": RUNNING,
        "schema_pointer": "",
    }
    assert len(records(client)) == EXPORT_COUNT


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
def test_a_query_without_a_record_is_rejected(client: FlaskClient, method: str, query: str) -> None:
    body = {} if method == "DELETE" else {"json": {}}
    assert problem_of(client.open(f"/__admin/records{query}", method=method, **body)) == (
        400,
        "admin-request-invalid",
    )
