"""The clock of a sandbox, and records that advance with it. No test waits."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from helpers.shipped_api import EXPORTS, TOKEN, shipped_contract
from hypothesis import given
from hypothesis import strategies as st

from mockserver.config.settings import Settings
from mockserver.contract import lifecycles
from mockserver.contract.lifecycles import advance_once, advance_to
from mockserver.contract.timestamps import between, later
from mockserver.sandbox.clock import Clock
from mockserver.web.app import create_app

LOADED = shipped_contract()
RECORDS = list(LOADED.collections["push_notifications/exports"].values())
LIFECYCLE = LOADED.lifecycles["push_notifications/exports"]
START = "2026-11-02 09:00:00"


@pytest.fixture
def client(each_client: FlaskClient) -> FlaskClient:
    return each_client


def export(client: FlaskClient, number: int) -> dict[str, Any]:
    body: Any = client.get(f"{EXPORTS}/{number}", headers=TOKEN).json
    record: dict[str, Any] = body["push_notification_export"]
    return record


def waiting(client: FlaskClient) -> int:
    """Return the id of the first waiting export."""
    body: Any = client.get(f"{EXPORTS}?limit=1000", headers=TOKEN).json
    exports = body["push_notification_exports"]
    return int(next(export["id"] for export in exports if export["status"] == "waiting"))


def test_the_clock_is_frozen_at_the_fixtures_date(client: FlaskClient) -> None:
    assert client.get("/__admin/clock").json == {
        "now": START,
        "mode": "frozen",
        "progression": "manual",
    }


def test_changes_get_the_time_of_the_sandbox_clock(client: FlaskClient) -> None:
    client.post("/__admin/clock/advance", json={"seconds": 90})
    body: Any = client.delete(f"{EXPORTS}/100", headers=TOKEN).json
    assert (
        body["push_notification_export"]["stats"]["statuses_history"]["canceled"]
        == "2026-11-02 09:01:30"
    )


def test_the_clock_can_be_set_and_run_and_frozen(client: FlaskClient) -> None:
    now = "2030-01-01 00:00:00"
    set_clock: Any = client.put("/__admin/clock", json={"now": now}).json
    assert set_clock["now"] == now
    running: Any = client.put("/__admin/clock", json={"mode": "running"}).json
    assert running["mode"] == "running"
    frozen: Any = client.put("/__admin/clock", json={"mode": "frozen"}).json
    assert frozen["now"] >= now
    assert client.get("/__admin/clock").json == frozen


INVALID_CALLS = [
    ("PUT", "", {"now": "tomorrow"}, "/now"),
    ("PUT", "", {"now": "2026-02-31 00:00:00"}, "/now"),
    ("PUT", "", {"mode": "fast"}, "/mode"),
    ("PUT", "", {"progression": "random"}, "/progression"),
    ("PUT", "", {"speed": 2}, "/speed"),
    ("POST", "/advance", {}, ""),
    ("POST", "/advance", {"seconds": -1}, "/seconds"),
    ("POST", "/advance", {"seconds": "60"}, "/seconds"),
    ("POST", "/advance", {"seconds": 1e12}, "/seconds"),
]


@pytest.mark.parametrize(("method", "path", "body", "pointer"), INVALID_CALLS)
def test_an_invalid_call_changes_nothing(
    client: FlaskClient, method: str, path: str, body: Any, pointer: str
) -> None:
    response = client.open(f"/__admin/clock{path}", method=method, json=body)
    assert response.status_code == 400
    assert response.json["violations"][0]["pointer"] == pointer  # type: ignore[index]
    assert client.get("/__admin/clock").json["now"] == START  # type: ignore[index]


def test_choosing_the_same_progression_again_does_not_restart_it(client: FlaskClient) -> None:
    number = waiting(client)
    client.put("/__admin/clock", json={"progression": "time"})
    client.post("/__admin/clock/advance", json={"seconds": 20})
    before = export(client, number)
    assert 0 < before["message_counts"]["sent"] < before["message_counts"]["total"]
    client.put("/__admin/clock", json={"progression": "time"})
    assert export(client, number) == before
    client.put("/__admin/clock", json={"now": later(START, 65), "progression": "time"})
    assert export(client, number)["stats"]["statuses_history"]["finished"] == later(START, 65)


def test_a_progression_that_is_set_with_a_time_starts_at_that_time(client: FlaskClient) -> None:
    number = waiting(client)
    client.put("/__admin/clock", json={"now": later(START, 60), "progression": "time"})
    assert export(client, number)["status"] == "waiting"
    client.post("/__admin/clock/advance", json={"seconds": 5})
    assert export(client, number)["stats"]["statuses_history"]["running"] == later(START, 65)


def test_the_clock_cannot_pass_the_latest_time(client: FlaskClient) -> None:
    client.put("/__admin/clock", json={"now": "2999-12-31 23:59:00"})
    beyond: Any = client.post("/__admin/clock/advance", json={"seconds": 60})
    assert beyond.status_code == 400
    assert beyond.json["violations"][0]["expected"] == "a time not after 2999-12-31 23:59:59"
    latest: Any = client.post("/__admin/clock/advance", json={"seconds": 59})
    assert (latest.status_code, latest.json["now"]) == (200, "2999-12-31 23:59:59")
    assert client.post("/__admin/clock/advance", json={"seconds": 1}).status_code == 400
    for now, status in (
        (latest.json["now"], 200),
        (START, 200),
        ("3000-01-01 00:00:00", 400),
        (later(START, -1), 400),
    ):
        assert client.put("/__admin/clock", json={"now": now}).status_code == status, now


TEN_YEARS = 10 * 366 * 86400


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (TEN_YEARS, 200), (TEN_YEARS + 1, 400)])
def test_one_call_advances_the_clock_by_ten_years_at_most(
    client: FlaskClient, seconds: int, status: int
) -> None:
    assert client.post("/__admin/clock/advance", json={"seconds": seconds}).status_code == status


def test_with_manual_progression_no_record_advances(client: FlaskClient) -> None:
    number = waiting(client)
    advanced: Any = client.post("/__admin/clock/advance", json={"seconds": 86400}).json
    assert advanced["now"] == "2026-11-03 09:00:00"
    assert export(client, number)["status"] == "waiting"


def test_with_time_an_export_is_waiting_then_running_then_finished(client: FlaskClient) -> None:
    number = waiting(client)
    client.put("/__admin/clock", json={"progression": "time"})
    statuses, shares = [], []
    for _ in range(8):
        record = export(client, number)
        counts = record["message_counts"]
        statuses.append(record["status"])
        shares.append(counts["sent"] / counts["total"])
        client.post("/__admin/clock/advance", json={"seconds": 10})
    assert statuses == ["waiting"] + ["running"] * 6 + ["finished"]
    assert shares == sorted(shares)
    assert len(set(shares)) >= 6
    history = export(client, number)["stats"]["statuses_history"]
    assert (history["running"], history["finished"]) == (
        "2026-11-02 09:00:05",
        "2026-11-02 09:01:05",
    )


def test_advanced_records_stay_when_the_progression_changes(
    client: FlaskClient,
) -> None:
    number = waiting(client)
    client.put("/__admin/clock", json={"progression": "time"})
    client.post("/__admin/clock/advance", json={"seconds": 100})
    finished = export(client, number)
    assert finished["status"] == "finished"
    for progression in ("manual", "time", "polls"):
        assert client.put("/__admin/clock", json={"progression": progression}).status_code == 200
        assert export(client, number) == finished


def test_setting_the_clock_back_keeps_the_history_in_order(client: FlaskClient) -> None:
    client.put("/__admin/clock", json={"progression": "time"})
    client.post("/__admin/clock/advance", json={"seconds": 30})
    number = 100
    client.put("/__admin/clock", json={"progression": "manual"})
    earlier: Any = client.put("/__admin/clock", json={"now": START}).json
    assert earlier["now"] == START
    assert client.put("/__admin/clock", json={"now": "2015-01-01 00:00:00"}).status_code == 400
    assert client.delete(f"{EXPORTS}/{number}", headers=TOKEN).status_code == 200
    history = export(client, number)["stats"]["statuses_history"]
    assert list(history) == ["waiting", "running", "canceled"]
    assert list(history.values()) == sorted(history.values())


def test_a_head_request_advances_no_record(client: FlaskClient) -> None:
    number = waiting(client)
    assert client.put("/__admin/clock", json={"progression": "polls"}).status_code == 200
    assert client.head(f"{EXPORTS}/{number}", headers=TOKEN).status_code == 200
    assert export(client, number)["status"] == "waiting"


def test_a_canceled_export_does_not_advance_with_time(client: FlaskClient) -> None:
    number = waiting(client)
    client.put("/__admin/clock", json={"progression": "time"})
    client.post("/__admin/clock/advance", json={"seconds": 20})
    client.delete(f"{EXPORTS}/{number}", headers=TOKEN)
    client.post("/__admin/clock/advance", json={"seconds": 1000})
    record = export(client, number)
    assert record["status"] == "canceled"
    assert record["stats"]["statuses_history"]["canceled"] == "2026-11-02 09:00:20"


def test_with_polls_each_read_of_an_export_advances_only_that_export(client: FlaskClient) -> None:
    number = waiting(client)
    client.put("/__admin/clock", json={"progression": "polls"})
    before: Any = client.get(f"{EXPORTS}?limit=1000", headers=TOKEN).json
    assert [export(client, number)["status"] for _ in range(4)] == [
        "waiting",
        "running",
        "finished",
        "finished",
    ]
    after: Any = client.get(f"{EXPORTS}?limit=1000", headers=TOKEN).json
    pairs = zip(
        before["push_notification_exports"], after["push_notification_exports"], strict=True
    )
    assert [first["id"] for first, second in pairs if first != second] == [number]


def test_a_thousand_polled_sandboxes_return_the_same_responses() -> None:
    client = create_app(Settings(store="memory:")).test_client()
    number, transcripts = waiting(client), set()
    for run in range(1000):
        headers = {**TOKEN, "X-Mock-Sandbox": f"run-{run}"}
        client.put("/__admin/clock", json={"progression": "polls"}, headers=headers)
        bodies = [client.get(f"{EXPORTS}/{number}", headers=headers).data for _ in range(4)]
        transcripts.add(tuple(bodies))
    (transcript,) = transcripts
    statuses = [orjson.loads(body)["push_notification_export"]["status"] for body in transcript]
    assert statuses == ["waiting", "running", "finished", "finished"]


@given(st.sampled_from(RECORDS), st.integers(0, 400), st.integers(0, 400))
def test_an_advanced_record_is_always_valid_and_never_goes_back(
    record: dict[str, Any], early: int, more: int
) -> None:
    states = list(LIFECYCLE.states)
    first, second = (
        advance_to(record, LIFECYCLE, later(START, seconds), START)
        for seconds in (early, early + more)
    )
    for seconds, advanced in ((early, first), (early + more, second)):
        assert LIFECYCLE.violations(advanced, later(START, seconds)) == []
    assert states.index(first["status"]) <= states.index(second["status"])
    assert first["message_counts"]["sent"] <= second["message_counts"]["sent"]


@given(st.sampled_from(RECORDS))
def test_a_polled_record_is_always_valid_and_reaches_a_final_state(record: dict[str, Any]) -> None:
    current: Any = record
    for _ in LIFECYCLE.states:
        advanced = advance_once(current, LIFECYCLE, START)
        if advanced is None:
            break
        current = advanced[0]
        assert LIFECYCLE.violations(current, START) == []
    assert advance_once(current, LIFECYCLE, START) is None


@given(st.floats(0, 1e8), st.booleans(), st.sampled_from(["manual", "time", "polls"]))
def test_a_clock_survives_its_json(ahead: float, running: bool, progression: str) -> None:
    clock = Clock(ahead, 1.5 if running else None, progression, ahead / 2)
    assert Clock.from_json(orjson.loads(orjson.dumps(clock.as_json()))) == clock


def test_timestamps_have_whole_seconds() -> None:
    assert later("2026-12-31 23:59:59", 1.9) == "2027-01-01 00:00:00"
    assert between("2026-12-31 23:59:59", "2027-01-01 00:00:01") == 2


LIFECYCLE_TEXT = """invoices:
  state: status
  {more}
  states: {{paid: {{next: closed, duration: 1 h}}, closed: {{}}}}
"""
CREATIONS = {
    "a field with the name of the state is not a timestamp": (
        "",
        {"status": "paid", "paid": True},
        "closed",
    ),
    "a later creation": (
        "created_at: at",
        {"status": "paid", "at": "2026-11-02 11:30:00"},
        "paid",
    ),
    "a creation before the progression": (
        "created_at: at",
        {"status": "paid", "at": "2026-01-01 00:00:00"},
        "closed",
    ),
}


@pytest.mark.parametrize(("more", "record", "state"), CREATIONS.values(), ids=CREATIONS)
def test_a_record_without_a_history_advances_from_its_creation_or_the_progression(
    tmp_path: Path, more: str, record: dict[str, Any], state: str
) -> None:
    (tmp_path / "lifecycles.yaml").write_text(LIFECYCLE_TEXT.format(more=more))
    lifecycle = lifecycles.read_lifecycles(tmp_path / "lifecycles.yaml", "lifecycles.yaml")[
        "invoices"
    ]
    assert (
        advance_to(record, lifecycle, "2026-11-02 12:00:00", "2026-11-02 09:00:00")["status"]
        == state
    )
