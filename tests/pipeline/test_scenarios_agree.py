"""Combinations of scenarios, clock and requests: records and reasons stay consistent."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.admin import activate, advance_clock, last_exchange
from helpers.shipped_api import CANCEL, EXPORTS, RETRIEVE, TOKEN, TRASH

from mockserver.config.settings import Settings
from mockserver.web.app import create_app

FILES = {
    "running": f"operations: [{RETRIEVE}]\nrecords: {{exports: {{status: running}}}}\n",
    "finished": f"operations: [{RETRIEVE}, {CANCEL}]\nrecords: {{exports: {{status: finished}}}}\n",
    "renamed": f"operations: [{RETRIEVE}]\nrecords: {{exports: {{user_id: 7}}}}\n",
    "error-once": f"operations: [{RETRIEVE}]\nrecords: {{exports: {{status: error}}}}\ntimes: 1\n",
    "steps": f"operations: [{RETRIEVE}]\nsequence: [{{data: unicode}}, 404, 200]\n",
    "polls": f"operations: [{RETRIEVE}]\nprogression: polls\n",
    "manual": f"operations: [{RETRIEVE}]\nprogression: manual\n",
    "gone": f"operations: [{RETRIEVE}]\nstatus: 404\n",
    "may-nothing": f"operations: [{RETRIEVE}]\ntoken_features: []\n",
}
Mock = Callable[..., Any]


@pytest.fixture
def folders(shipped: Path) -> Settings:
    for name, text in FILES.items():
        (shipped / f"fixtures/push_notifications/scenarios/{name}.yaml").write_text(
            f"title: {name}\n{text}"
        )
    return Settings(schemas=shipped / "schemas", fixtures=shipped / "fixtures", store="memory:")


@pytest.fixture
def client(folders: Settings) -> FlaskClient:
    return create_app(folders).test_client()


def state(client: FlaskClient, export: int = 102, prefer: str = "") -> Any:
    """The state of an export, or the status of the answer."""
    answer = client.get(
        f"{EXPORTS}/{export}", headers={**TOKEN, **({"Prefer": prefer} if prefer else {})}
    )
    return (
        answer.json["push_notification_export"]["status"]
        if answer.status_code == 200
        else answer.status_code
    )  # type: ignore[index]


def cancel(client: FlaskClient, export: int = 102, prefer: str = "") -> int:
    return client.delete(
        f"{EXPORTS}/{export}", headers={**TOKEN, **({"Prefer": prefer} if prefer else {})}
    ).status_code


def test_a_matched_path_limits_the_record_override(client: FlaskClient) -> None:
    activate(client, "finished", match={"path": {"export_id": 100}})
    assert [state(client, key) for key in (100, 102)] == ["finished", "waiting"]
    assert [cancel(client, key) for key in (100, 102)] == [400, 200]


def test_changes_of_a_request_that_prefers_an_override_are_discarded(client: FlaskClient) -> None:
    before = client.get(f"{EXPORTS}/101", headers=TOKEN).data
    assert cancel(client, 101, prefer="scenario=running") == 200
    assert client.get(f"{EXPORTS}/101", headers=TOKEN).data == before


@pytest.mark.parametrize(
    "ends", [{"until": 60}, {"times": 1, "operations": [CANCEL]}], ids=["until", "times"]
)
def test_changes_under_an_expired_override_do_not_return(client: FlaskClient, ends: Any) -> None:
    activate(client, "running", **ends)
    assert cancel(client) == 200
    advance_clock(client, 60)
    assert state(client) == "waiting"
    activate(client, "running")
    assert state(client) == "running"


def test_an_expired_scenario_stays_off_if_the_clock_is_set_back(client: FlaskClient) -> None:
    activate(client, "gone", until=60)
    advance_clock(client, 60)
    assert state(client) == "waiting"
    back: Any = client.put("/__admin/clock", json={"now": "2026-11-02 09:00:30"}).json
    assert back["now"] == "2026-11-02 09:00:30"
    assert state(client) == "waiting"


def test_the_last_response_of_an_override_has_the_overrides_of_later_scenarios(
    client: FlaskClient,
) -> None:
    activate(client, "error-once")
    activate(client, "finished")
    assert [state(client, 100) for _ in range(2)] == ["finished"] * 2


def test_a_rejection_names_the_scenario_that_caused_it(client: FlaskClient) -> None:
    activate(client, f"{CANCEL}-200", times=1)
    assert cancel(client, 101) == 400
    exchange = last_exchange(client)
    assert (exchange["scenario"], exchange["reason"]) == (
        f"{CANCEL}-200",
        f"scenario {CANCEL}-200 (1 of 1), problem preference-not-met",
    )
    activate(client, "may-nothing")
    assert state(client) == 403
    assert (last_exchange(client)["scenario"], last_exchange(client)["reason"]) == (
        "may-nothing",
        "scenario may-nothing, problem feature-missing",
    )


def test_resetting_the_scenarios_keeps_the_clock(folders: Settings) -> None:
    client = create_app(replace(folders, scenarios=("manual",))).test_client()
    client.delete("/__admin/scenarios/manual")
    client.put("/__admin/clock", json={"progression": "time"})
    advance_clock(client, 3600)
    assert state(client) == "finished"
    assert client.post("/__admin/scenarios/reset", json={}).status_code == 200
    assert state(client) == "finished"


def test_a_response_that_a_scenario_does_not_change_is_not_counted(client: FlaskClient) -> None:
    activate(client, "gone", times=1)
    assert state(client, prefer="code=200") == "waiting"
    activate(client, f"{RETRIEVE}-200")
    assert state(client) == "waiting"
    client.delete(f"/__admin/scenarios/{RETRIEVE}-200")
    assert [state(client), state(client)] == [404, "waiting"]


def test_a_preferred_scenario_that_is_also_active_applies_once(client: FlaskClient) -> None:
    activate(client, "steps")
    assert state(client) == "waiting"
    assert state(client, prefer="scenario=steps") == "waiting"
    assert last_exchange(client)["reason"].startswith("Prefer: scenario=steps, scenario steps")
    assert [state(client), state(client)] == [404, "waiting"]


def test_an_active_scenario_without_its_file_is_ignored(folders: Settings, tmp_path: Path) -> None:
    settings = replace(folders, store=f"sqlite:///{tmp_path}/kept.sqlite")
    client = create_app(settings).test_client()
    activate(client, "gone")
    client.put("/__admin/clock", json={"progression": "polls"})
    client.application.extensions["mockserver"].store.close()
    (folders.fixtures / "push_notifications/scenarios/gone.yaml").unlink()
    client = create_app(settings).test_client()
    assert client.head(f"{EXPORTS}/100", headers=TOKEN).status_code == 200
    exported = client.get("/__admin/sandboxes/default").json
    assert client.put("/__admin/sandboxes/copy", json=exported).status_code == 200
    client.application.extensions["mockserver"].store.close()


def test_the_journal_names_an_override_for_each_operation_that_shows_it(
    client: FlaskClient,
) -> None:
    activate(client, "finished")
    client.get(f"{EXPORTS}?limit=2", headers=TOKEN)
    assert (last_exchange(client)["scenario"], last_exchange(client)["reason"]) == (
        "finished",
        "scenario finished",
    )
    client.get(TRASH, headers=TOKEN)
    assert (last_exchange(client)["scenario"], last_exchange(client)["reason"]) == (
        None,
        "the current records",
    )


@pytest.mark.parametrize("active", ["renamed", "running"])
def test_preferred_overrides_discard_changes_below_other_overrides(
    client: FlaskClient, active: str
) -> None:
    activate(client, active)
    before = state(client)
    assert cancel(client, prefer="scenario=running") == 200
    assert last_exchange(client)["transition"] is None
    assert state(client) == before


@pytest.mark.parametrize("prefer", ["scenario=slow, delay=0", "delay=0"])
def test_a_head_request_advances_nothing_and_says_so(client: FlaskClient, prefer: str) -> None:
    activate(client, "polls")
    client.head(f"{EXPORTS}/102", headers={**TOKEN, "Prefer": prefer})
    assert last_exchange(client)["transition"] is None
    assert [state(client), state(client)] == ["waiting", "running"]


def test_a_progression_cannot_be_preferred(client: FlaskClient) -> None:
    assert state(client, prefer="scenario=polls") == 400


@pytest.mark.parametrize(
    "switched",
    [
        [{"name": "gone", "overrides": {"operations": ["nope"]}}],
        [{"name": "finished", "overrides": {"probability": 0.5}}],
        [{"name": "gone", "overrides": {}}, {"name": "gone", "overrides": {"times": 1}}],
    ],
    ids=["unknown operation", "incompatible members", "twice"],
)
def test_an_import_of_invalid_overrides_is_rejected(
    client: FlaskClient, switched: list[Any]
) -> None:
    body = client.get("/__admin/sandboxes/default").json
    assert body
    body["state"]["scenarios"] = [
        {**activation, "activated_at": 0, "matched_requests": 0, "times_applied": 0}
        for activation in switched
    ]
    assert client.put("/__admin/sandboxes/copy", json=body).status_code == 400


def test_a_rejected_override_reports_actual_and_expected(client: FlaskClient) -> None:
    answer: Any = client.put("/__admin/scenarios/gone", json={"operations": ["nope"]}).json
    (violation,) = answer["violations"]
    assert (violation["pointer"], violation["actual"]) == (
        "/operations/0",
        "unknown operation 'nope'",
    )
    assert violation["expected"].startswith("one of ")


MAX = [(TRASH, "limit=500"), (TRASH, "searched_text=my%20push"), (EXPORTS, "limit=500")]


@pytest.mark.parametrize(("path", "query"), MAX, ids=[query for _, query in MAX])
def test_data_max_has_as_many_different_records_as_the_limit(
    client: FlaskClient, path: str, query: str
) -> None:
    answer: Any = client.get(f"{path}?{query}", headers={**TOKEN, "Prefer": "data=max"})
    assert answer.status_code == 200
    limit = 20
    if "500" in query:
        limit = 500
    listed = next(value for value in answer.json.values() if isinstance(value, list))
    assert len(listed) == len({record["id"] for record in listed}) == limit
