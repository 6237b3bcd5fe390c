"""Records with overrides: changes apply in order of time, with the time of the sandbox clock."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.admin import activate, advance_clock
from helpers.shipped_api import BUSY, EXPORTS, RETRIEVE, TOKEN, TRASH

from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.contract.timestamps import later
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.web.app import create_app

START = "2026-11-02 09:00:00"
CREATED = "2026-11-02 08:57:22"
"""The creation of the export 102, which is waiting."""
FINISHED = "finished-export-cancel"
IN_EXPORTS = "push_notifications/exports"
SCENARIOS = {
    "all-fail": "records: {exports: {status: error}}",
    "all-run": "records: {exports: {status: running}}",
    "all-wait": "records: {exports: {status: waiting}}",
    "renamed": "records: {exports: {name: Renamed}}",
    "time": "progression: time",
    "polls": "progression: polls",
    "manual": "progression: manual",
    "polled-and-renamed": "progression: polls\nrecords: {exports: {name: Renamed by a scenario}}",
    "trash-renamed": "records: {trash: {name: Renamed}}",
    "soon-over": "records: {exports: {name: Renamed}}\nuntil: 60",
}


@pytest.fixture
def client(shipped: Path) -> FlaskClient:
    """Return a client of the shipped API with more scenarios."""
    for name, text in SCENARIOS.items():
        path = shipped / f"fixtures/push_notifications/scenarios/{name}.yaml"
        path.write_text(f"title: {name}\noperations: [{RETRIEVE}]\n{text}\n")
    return create_app(settings(shipped)).test_client()


def settings(shipped: Path, **others: Any) -> Settings:
    return Settings(
        store="memory:", schemas=shipped / "schemas", fixtures=shipped / "fixtures", **others
    )


def export(client: FlaskClient, number: int = 102, **headers: str) -> dict[str, Any]:
    response: Any = client.get(f"{EXPORTS}/{number}", headers={**TOKEN, **headers})
    record: dict[str, Any] = response.json["push_notification_export"]
    return record


def history(client: FlaskClient, number: int = 102, **headers: str) -> dict[str, str]:
    timestamps: dict[str, str] = export(client, number, **headers)["stats"]["statuses_history"]
    return timestamps


def clock(client: FlaskClient, **members: Any) -> None:
    assert client.put("/__admin/clock", json=members).status_code == 200


def switch_off(client: FlaskClient, name: str = FINISHED) -> None:
    assert client.delete(f"/__admin/scenarios/{name}").status_code == 200


def transition(client: FlaskClient, to: str, number: int = 102) -> None:
    body = {"collection": IN_EXPORTS, "key": f"{BUSY}/{number}", "to": to}
    assert client.post("/__admin/records/transition", json=body).status_code == 200


def test_an_override_has_the_timestamp_of_its_activation(client: FlaskClient) -> None:
    clock(client, progression="time")
    advance_clock(client, 30)
    clock(client, progression="manual")
    before = export(client)
    activate(client, FINISHED)
    expected = {"waiting": CREATED, "running": later(START, 5), "finished": later(START, 30)}
    assert history(client) == expected
    advance_clock(client, 3600)
    assert history(client) == expected
    switch_off(client)
    assert export(client) == before


def test_an_override_active_from_the_start_has_the_timestamp_of_the_start(shipped: Path) -> None:
    started = create_app(settings(shipped, scenarios=(FINISHED,))).test_client()
    advance_clock(started, 90)
    assert history(started) == {"waiting": CREATED, "running": START, "finished": START}
    assert started.post("/__admin/reset", json={}).status_code == 200
    assert history(started) == {"waiting": CREATED, "running": START, "finished": START}


def test_a_timestamp_of_an_override_is_not_before_those_of_the_record(client: FlaskClient) -> None:
    advance_clock(client, 3600)
    transition(client, "running")
    clock(client, now=later(START, 60))
    activate(client, FINISHED)
    late = later(START, 3600)
    assert history(client) == {"waiting": CREATED, "running": late, "finished": late}
    assert history(client, 104)["finished"] == later(START, 60)


def test_setting_the_clock_back_changes_no_override(client: FlaskClient) -> None:
    advance_clock(client, 60)
    activate(client, FINISHED)
    before = history(client)
    clock(client, now=START)
    assert history(client) == before
    assert before["finished"] == later(START, 60)


def test_an_override_activated_again_gets_a_new_timestamp(client: FlaskClient) -> None:
    activate(client, FINISHED)
    advance_clock(client, 60)
    activate(client, FINISHED)
    assert history(client)["finished"] == later(START, 60)


def test_a_running_clock_does_not_change_the_timestamp_of_an_override(client: FlaskClient) -> None:
    clock(client, mode="running")
    activate(client, FINISHED)
    timestamp = history(client)["finished"]
    advance_clock(client, 600)
    assert history(client)["finished"] == timestamp
    assert START <= timestamp < later(START, 600)


def test_the_override_of_a_preferred_scenario_has_the_current_time(client: FlaskClient) -> None:
    advance_clock(client, 60)
    before = history(client, Prefer=f"scenario={FINISHED}")
    assert before == {"waiting": CREATED, "running": later(START, 60), "finished": later(START, 60)}
    assert history(client) == {"waiting": CREATED}


def test_a_preferred_override_applies_after_the_overlay(
    client: FlaskClient,
) -> None:
    activate(client, "renamed")
    transition(client, "canceled")
    preferred = export(client, Prefer=f"scenario={FINISHED}")
    assert (preferred["name"], preferred["status"]) == ("Renamed", "finished")
    assert preferred["stats"]["statuses_history"].keys() == {"waiting", "running", "finished"}
    assert export(client)["status"] == "canceled"


def test_two_overrides_have_the_timestamps_of_their_activations(client: FlaskClient) -> None:
    advance_clock(client, 10)
    activate(client, "all-run")
    advance_clock(client, 10)
    activate(client, FINISHED)
    expected = {"waiting": CREATED, "running": later(START, 10), "finished": later(START, 20)}
    assert history(client) == expected
    switch_off(client)
    assert history(client) == {"waiting": CREATED, "running": later(START, 10)}


def test_an_override_changes_records_as_the_clock_had_advanced_them(client: FlaskClient) -> None:
    clock(client, progression="time")
    advance_clock(client, 3600)
    advanced = history(client)
    assert advanced["finished"] == later(START, 65)
    activate(client, FINISHED)
    assert history(client) == advanced


def test_time_advances_a_record_from_the_activation_of_its_override(client: FlaskClient) -> None:
    clock(client, progression="time")
    advance_clock(client, 3600)
    activate(client, "all-wait")
    assert history(client) == {"waiting": CREATED}
    advance_clock(client, 4)
    assert export(client)["status"] == "waiting"
    advance_clock(client, 1)
    assert history(client) == {"waiting": CREATED, "running": later(START, 3605)}


def test_a_second_override_changes_records_as_they_advanced_after_the_first(
    client: FlaskClient,
) -> None:
    clock(client, progression="time")
    activate(client, "all-wait")
    advance_clock(client, 6)
    activate(client, "all-fail")
    expected = {"waiting": CREATED, "running": later(START, 5), "error": later(START, 6)}
    assert history(client) == expected


@pytest.mark.parametrize("seconds", [0, 2])
@pytest.mark.parametrize("name", ["all-wait", "all-fail", "renamed"])
def test_advanced_records_stay_with_and_without_the_override(
    client: FlaskClient, name: str, seconds: int
) -> None:
    """Also if both are equal, because the override would change the record without it."""
    clock(client, progression="time")
    advance_clock(client, seconds)
    activate(client, name)
    advance_clock(client, 3600)
    above = export(client)
    clock(client, progression="manual")
    assert export(client) == above
    advance_clock(client, 60)
    assert export(client) == above
    switch_off(client, name)
    expected = {"waiting": CREATED, "running": later(START, 5), "finished": later(START, 65)}
    assert history(client) == expected


def test_an_advanced_record_without_override_is_stored_once(client: FlaskClient) -> None:
    clock(client, progression="time")
    activate(client, "renamed", match={"path": {"export_id": 100}})
    advance_clock(client, 3600)
    clock(client, progression="manual")
    state = client.get("/__admin/sandboxes/default").json["state"]  # type: ignore[index]
    assert [key for _, key, _ in state["overlay"]] == [f"{BUSY}/100"]
    assert f"{BUSY}/102" in [key for _, key, _ in state["records"]]


def test_changes_under_an_override_end_with_its_time(client: FlaskClient) -> None:
    activate(client, "soon-over")
    activate(client, "all-run")
    transition(client, "canceled")
    advance_clock(client, 60)
    expired = export(client)
    assert expired["status"] == "running"
    assert client.delete(f"{EXPORTS}/104", headers=TOKEN).status_code == 200
    assert export(client) == expired


def test_an_imported_sandbox_has_the_same_timestamps(client: FlaskClient) -> None:
    advance_clock(client, 30)
    activate(client, FINISHED)
    advance_clock(client, 30)
    exported: Any = client.get("/__admin/sandboxes/default").json
    assert client.put("/__admin/sandboxes/copy", json=exported).status_code == 200
    copied = history(client, **{"X-Mock-Sandbox": "copy"})
    assert copied == history(client)
    assert copied["finished"] == later(START, 30)


def test_a_poll_after_setting_the_clock_back_keeps_the_history_in_order(
    client: FlaskClient,
) -> None:
    advance_clock(client, 3600)
    transition(client, "running")
    clock(client, now=START, progression="polls")
    export(client)
    late = later(START, 3600)
    assert history(client) == {"waiting": CREATED, "running": late, "finished": late}


@pytest.mark.parametrize("name", ["time", "manual"])
def test_choosing_a_progression_changes_no_record_at_that_moment(
    client: FlaskClient, name: str
) -> None:
    clock(client, progression="time")
    advance_clock(client, 20)
    running = export(client)
    assert 0 < running["message_counts"]["sent"] < running["message_counts"]["total"]
    activate(client, name)
    assert export(client) == running
    advance_clock(client, 20)
    before = export(client)
    assert (before == running) == (name == "manual")
    switch_off(client, name)
    assert export(client) == before
    advance_clock(client, 60)
    assert history(client)["finished"] == later(START, 100)


OTHERS = {
    "an inactive scenario": (["time"], "polls", 5),
    "a scenario that a newer one replaced": (["polls", "time"], "polls", 20),
    "a manual scenario after another": (["time", "manual"], "manual", 5),
}


@pytest.mark.parametrize(("on", "off", "started"), OTHERS.values(), ids=OTHERS)
def test_no_record_changes_when_a_progression_is_switched_off(
    client: FlaskClient, on: list[str], off: str, started: int
) -> None:
    for name in on:
        activate(client, name)
        advance_clock(client, 15)
    before = export(client)
    switch_off(client, off)
    assert export(client) == before
    advance_clock(client, 1)
    assert history(client) == {"waiting": CREATED, "running": later(START, started)}


def test_a_head_request_has_the_override_of_a_polling_scenario(client: FlaskClient) -> None:
    activate(client, "polled-and-renamed")
    length = client.head(f"{EXPORTS}/102", headers=TOKEN).headers["Content-Length"]
    assert client.head(f"{EXPORTS}/102", headers=TOKEN).headers["Content-Length"] == length
    response = client.get(f"{EXPORTS}/102", headers=TOKEN)
    assert response.headers["Content-Length"] == length
    assert response.json["push_notification_export"]["status"] == "waiting"  # type: ignore[index]
    assert export(client)["status"] == "running"


def test_changing_the_progression_stores_only_advanced_records(client: FlaskClient) -> None:
    activate(client, "all-fail")
    for progression in ("polls", "time", "manual"):
        clock(client, progression=progression)
    state = client.get("/__admin/sandboxes/default").json["state"]  # type: ignore[index]
    assert (state["records"], state["overlay"]) == ([], [])


def test_an_override_of_records_without_a_lifecycle_stays_while_time_passes(
    client: FlaskClient,
) -> None:
    clock(client, progression="time")
    advance_clock(client, 60)
    activate(client, "trash-renamed")
    response: Any = client.get(f"{TRASH}?limit=2", headers=TOKEN)
    records = response.json["trashed_push_notifications"]
    assert [record["name"] for record in records] == ["Renamed", "Renamed"]


def test_an_override_applies_to_one_api_only(contract: Contract) -> None:
    scenario = replace(contract.scenarios[FINISHED], name="foreign", api="another")
    changed = replace(contract, scenarios={"foreign": scenario})
    sandboxes = MockServer(changed, Settings(), MemoryStore(SandboxState())).sandboxes
    sandboxes.switch_on("default", "foreign")
    assert sandboxes.snapshot("default").records(IN_EXPORTS) == contract.collections[IN_EXPORTS]


def test_time_does_not_advance_an_override_of_a_later_time(client: FlaskClient) -> None:
    advance_clock(client, 60)
    activate(client, "renamed")
    clock(client, now=START)
    before = export(client)
    clock(client, progression="time")
    assert export(client) == before
    assert before["stats"]["statuses_history"] == {"waiting": CREATED}
