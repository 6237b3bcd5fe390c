"""Routes of the admin API: scenarios, sandboxes, clock, and unknown routes."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.shipped_api import CANCEL, EXPORTS, TOKEN, TRASH, TRASHED

from mockserver import __version__
from mockserver.config.settings import Settings
from mockserver.errors import UsageError
from mockserver.web.admin import ROUTES
from mockserver.web.app import create_app
from mockserver.web.health import without_password

SHIPPED = [
    "empty-lists",
    "export-not-found",
    "exports-progress",
    "finished-export-cancel",
    "slow",
]


def scenarios(client: FlaskClient) -> dict[str, dict[str, Any]]:
    content: Any = client.get("/__admin/scenarios").json
    return {scenario["name"]: scenario for scenario in content["scenarios"]}


def test_scenarios_are_listed_with_their_definitions(client: FlaskClient) -> None:
    all_scenarios = scenarios(client)
    assert set(SHIPPED) <= set(all_scenarios)
    assert all_scenarios["slow"]["delay"] == 2
    assert all_scenarios[f"{CANCEL}-400"] == {
        "name": f"{CANCEL}-400",
        "title": "Cancel Push Notification Segment Export returns 400",
        "operations": [CANCEL],
        "on": False,
        "file": None,
        "status": 400,
        "id": f"{CANCEL}-400",
        "state": "off",
        "possibleStates": ["on", "off"],
        "mappings": [],
    }


def test_every_documented_response_is_a_scenario(client: FlaskClient) -> None:
    made = [scenario for scenario in scenarios(client).values() if scenario["file"] is None]
    assert len([scenario for scenario in made if "status" in scenario]) == 8
    assert len([scenario for scenario in made if "fault" in scenario]) == 11


def test_a_scenario_applies_from_the_response_of_switch_on_until_switch_off(
    client: FlaskClient,
) -> None:
    path = f"/__admin/scenarios/{CANCEL}-400"
    assert client.put(path, json={}).json["on"] is True
    assert client.put(path, json={}).json["on"] is True
    assert client.delete(f"{EXPORTS}/100", headers=TOKEN).status_code == 400
    assert client.get(path).json["on"] is True
    assert client.delete(path).json["on"] is False
    assert client.delete(path).json["on"] is False
    assert client.delete(f"{EXPORTS}/100", headers=TOKEN).status_code == 200


def test_reset_restores_records_scenarios_clock_and_journal(client: FlaskClient) -> None:
    before = client.get(EXPORTS, headers=TOKEN).data
    client.delete(f"{EXPORTS}/100", headers=TOKEN)
    client.put("/__admin/scenarios/empty-lists", json={})
    assert client.post("/__admin/reset", json={}).json == {"sandbox": "default", "scenarios": []}
    assert client.get(EXPORTS, headers=TOKEN).data == before


def test_a_reset_of_scenarios_keeps_records_clock_and_journal(client: FlaskClient) -> None:
    client.delete(f"{EXPORTS}/100", headers=TOKEN)
    client.post("/__admin/clock/advance", json={"seconds": 60})
    clock = client.get("/__admin/clock").json
    client.put("/__admin/scenarios/empty-lists", json={})
    client.put("/__admin/scenarios/slow", json={})
    assert client.post("/__admin/scenarios/reset", json={}).json == {
        "sandbox": "default",
        "scenarios": [],
    }
    assert not any(scenario["on"] for scenario in scenarios(client).values())
    assert (
        client.get(f"{EXPORTS}/100", headers=TOKEN).json["push_notification_export"]["status"]
        == "canceled"
    )
    assert client.get("/__admin/clock").json == clock
    assert client.post("/__admin/requests/count", json={}).json == {"count": 2}


def test_a_reset_of_scenarios_activates_the_scenarios_of_the_start() -> None:
    client = create_app(Settings(store="memory:", scenarios=("slow",))).test_client()
    client.put("/__admin/scenarios/empty-lists", json={})
    client.delete("/__admin/scenarios/slow")
    assert client.post("/__admin/scenarios/reset", json={}).json == {
        "sandbox": "default",
        "scenarios": ["slow"],
    }
    assert [name for name, scenario in scenarios(client).items() if scenario["on"]] == ["slow"]
    assert client.put("/__admin/scenarios/slow/state", json={"state": "off"}).json["on"] is False
    assert client.put("/__admin/scenarios/slow/state", json={}).json["on"] is True


@pytest.mark.parametrize(
    "at_start", [(), ("finished-export-cancel",)], ids=["the override ends", "the override stays"]
)
def test_changes_under_an_override_are_discarded_with_it(at_start: tuple[str, ...]) -> None:
    client = create_app(Settings(store="memory:", scenarios=at_start)).test_client()
    for name in ("finished-export-cancel", "empty-lists"):
        client.put(f"/__admin/scenarios/{name}", json={})
    client.patch(f"{TRASH}/{TRASHED}", headers=TOKEN)
    client.post("/__admin/scenarios/reset", json={})
    headers = {**TOKEN, "Prefer": "scenario=finished-export-cancel"}
    content: Any = client.get(f"{TRASH}?limit=1000", headers=headers).json
    ids = [notification["id"] for notification in content["trashed_push_notifications"]]
    assert (TRASHED in ids) is (not at_start)


@pytest.mark.parametrize(
    "path", ["reset", "scenarios/reset", "sandboxes/default/reset", "requests/reset"]
)
def test_a_reset_rejects_members(client: FlaskClient, path: str) -> None:
    client.put("/__admin/scenarios/slow", json={})
    client.get(f"{EXPORTS}/100", headers=TOKEN)
    response = client.post(f"/__admin/{path}", json={"sandbox": "a"})
    assert response.status_code == 400
    assert response.json["violations"][0]["pointer"] == "/sandbox"
    assert scenarios(client)["slow"]["on"]
    assert client.post("/__admin/requests/count", json={}).json == {"count": 1}


def test_a_reset_activates_the_scenarios_of_the_start() -> None:
    client = create_app(Settings(store="memory:", scenarios=("empty-lists",))).test_client()
    assert client.get(EXPORTS, headers=TOKEN).json["push_notification_exports"] == []
    client.delete("/__admin/scenarios/empty-lists")
    assert client.get(EXPORTS, headers=TOKEN).json["push_notification_exports"] != []
    assert client.post("/__admin/reset", json={}).json == {
        "sandbox": "default",
        "scenarios": ["empty-lists"],
    }
    assert client.get(EXPORTS, headers=TOKEN).json["push_notification_exports"] == []


def test_an_unknown_scenario_at_the_start_is_a_usage_error() -> None:
    with pytest.raises(
        UsageError,
        match=r"--scenario \(MOCKSERVER_SCENARIOS\): unknown scenario 'nope'; expected one of ",
    ):
        create_app(Settings(store="memory:", scenarios=("nope",)))


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_scenario_is_404_with_the_known_ones(client: FlaskClient, method: str) -> None:
    response = client.open("/__admin/scenarios/nope", method=method, json={})
    assert response.status_code == 404
    assert set(SHIPPED) <= set(response.json["scenarios"])


INVALID_BODIES = [
    ({"data": "{}"}, 415, "not-json"),
    ({"data": "{}", "content_type": "text/plain"}, 415, "not-json"),
    ({"data": {"a": "b"}}, 415, "not-json"),
    ({"data": "{oops", "content_type": "application/json"}, 400, "admin-request-invalid"),
    ({"json": []}, 400, "admin-request-invalid"),
    ({"json": {"colour": "red"}}, 400, "admin-request-invalid"),
]


@pytest.mark.parametrize(("call", "status", "slug"), INVALID_BODIES)
def test_an_invalid_body_changes_nothing(
    client: FlaskClient, call: dict[str, Any], status: int, slug: str
) -> None:
    response = client.put("/__admin/scenarios/slow", **call)
    assert (response.status_code, response.json["type"]) == (
        status,
        f"urn:mockserver:problem:{slug}",
    )
    assert not scenarios(client)["slow"]["on"]


def test_health_version_and_settings_are_returned(client: FlaskClient) -> None:
    assert client.get("/__admin/health").json["status"] == "healthy"
    assert client.get("/__admin/version").json["version"] == __version__
    assert client.get("/__admin/settings").json["on_violation"] == "refuse"


def test_the_password_of_the_store_is_masked() -> None:
    assert without_password("redis://me:secret@host:6379/0") == "redis://***@host:6379/0"
    assert without_password("sqlite:////tmp/a@b") == "sqlite:////tmp/a@b"


def test_an_unknown_route_is_a_problem(client: FlaskClient) -> None:
    for path in (
        "/__admin/nope",
        "/docs/nope.js",
        "/docs/..%2f..%2fsetup.cfg",
        "/openapi.json/x",
        "/favicon.ico",
    ):
        response = client.get(path)
        assert (response.status_code, response.content_type) == (404, "application/problem+json"), (
            path
        )
        assert response.json["detail"].endswith(
            "; the control panel is at /__admin/, the API below its base path, its docs at /docs"
        )
    response = client.post("/__admin/scenarios", json={})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


def test_each_route_of_flask_is_in_the_table(client: FlaskClient) -> None:
    rules = {
        (method, rule.rule)
        for rule in client.application.url_map.iter_rules()
        for method in rule.methods or ()
    }
    table = {(route.method, f"/__admin{route.path}") for route in ROUTES}
    for path in ("", "/", "/panel/<name>"):  # the control panel
        table.add(("GET", f"/__admin{path}"))
    for method, rule in rules:
        if rule.startswith("/__admin") and method != "HEAD":
            assert (method, rule) in table
    assert table <= rules
