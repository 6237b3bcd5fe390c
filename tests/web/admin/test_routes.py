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

SHIPPED = ["empty-lists", "export-not-found", "finished-export-cancel", "slow"]


def scenarios(client: FlaskClient) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in client.get("/__admin/scenarios").json["scenarios"]}  # type: ignore[index]


def test_scenarios_are_listed_with_their_definitions(client: FlaskClient) -> None:
    found = scenarios(client)
    assert set(SHIPPED) <= set(found)
    assert found["slow"]["delay"] == 2
    assert found[f"{CANCEL}-400"] == {
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
    made = [each for each in scenarios(client).values() if each["file"] is None]
    assert len([each for each in made if "status" in each]) == 8
    assert len([each for each in made if "fault" in each]) == 11


def test_a_scenario_applies_from_the_response_of_switch_on_until_switch_off(
    client: FlaskClient,
) -> None:
    path = f"/__admin/scenarios/{CANCEL}-400"
    assert client.put(path, json={}).json["on"] is True  # type: ignore[index]
    assert client.put(path, json={}).json["on"] is True  # type: ignore[index]
    assert client.delete(f"{EXPORTS}/100", headers=TOKEN).status_code == 400
    assert client.get(path).json["on"] is True  # type: ignore[index]
    assert client.delete(path).json["on"] is False  # type: ignore[index]
    assert client.delete(path).json["on"] is False  # type: ignore[index]
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
    assert not any(each["on"] for each in scenarios(client).values())
    assert (
        client.get(f"{EXPORTS}/100", headers=TOKEN).json["push_notification_export"]["status"]
        == "canceled"
    )  # type: ignore[index]
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
    assert [name for name, each in scenarios(client).items() if each["on"]] == ["slow"]
    assert client.put("/__admin/scenarios/slow/state", json={"state": "off"}).json["on"] is False  # type: ignore[index]
    assert client.put("/__admin/scenarios/slow/state", json={}).json["on"] is True  # type: ignore[index]


@pytest.mark.parametrize(
    "at_start", [(), ("finished-export-cancel",)], ids=["the cause goes", "the cause stays"]
)
def test_changes_under_an_override_are_discarded_with_it(at_start: tuple[str, ...]) -> None:
    client = create_app(Settings(store="memory:", scenarios=at_start)).test_client()
    for name in ("finished-export-cancel", "empty-lists"):
        client.put(f"/__admin/scenarios/{name}", json={})
    client.patch(f"{TRASH}/{TRASHED}", headers=TOKEN)
    client.post("/__admin/scenarios/reset", json={})
    caused = {**TOKEN, "Prefer": "scenario=finished-export-cancel"}
    found: Any = client.get(f"{TRASH}?limit=1000", headers=caused).json
    assert (TRASHED in [each["id"] for each in found["trashed_push_notifications"]]) is (
        not at_start
    )


@pytest.mark.parametrize(
    "path", ["reset", "scenarios/reset", "sandboxes/default/reset", "requests/reset"]
)
def test_a_reset_rejects_members(client: FlaskClient, path: str) -> None:
    client.put("/__admin/scenarios/slow", json={})
    client.get(f"{EXPORTS}/100", headers=TOKEN)
    response = client.post(f"/__admin/{path}", json={"sandbox": "a"})
    assert (response.status_code, response.json["violations"][0]["pointer"]) == (400, "/sandbox")  # type: ignore[index]
    assert scenarios(client)["slow"]["on"]
    assert client.post("/__admin/requests/count", json={}).json == {"count": 1}


def test_a_reset_activates_the_scenarios_of_the_start() -> None:
    client = create_app(Settings(store="memory:", scenarios=("empty-lists",))).test_client()
    assert client.get(EXPORTS, headers=TOKEN).json["push_notification_exports"] == []  # type: ignore[index]
    client.delete("/__admin/scenarios/empty-lists")
    assert client.get(EXPORTS, headers=TOKEN).json["push_notification_exports"] != []  # type: ignore[index]
    assert client.post("/__admin/reset", json={}).json == {
        "sandbox": "default",
        "scenarios": ["empty-lists"],
    }
    assert client.get(EXPORTS, headers=TOKEN).json["push_notification_exports"] == []  # type: ignore[index]


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
    assert set(SHIPPED) <= set(response.json["scenarios"])  # type: ignore[index]


REFUSED = [
    ({"data": "{}"}, 415, "not-json"),
    ({"data": "{}", "content_type": "text/plain"}, 415, "not-json"),
    ({"data": {"a": "b"}}, 415, "not-json"),
    ({"data": "{oops", "content_type": "application/json"}, 400, "admin-request-invalid"),
    ({"json": []}, 400, "admin-request-invalid"),
    ({"json": {"colour": "red"}}, 400, "admin-request-invalid"),
]


@pytest.mark.parametrize(("call", "status", "slug"), REFUSED)
def test_an_invalid_body_changes_nothing(
    client: FlaskClient, call: dict[str, Any], status: int, slug: str
) -> None:
    response = client.put("/__admin/scenarios/slow", **call)
    assert (response.status_code, response.json["type"]) == (
        status,
        f"urn:mockserver:problem:{slug}",
    )  # type: ignore[index]
    assert not scenarios(client)["slow"]["on"]


def test_health_and_version_and_settings(client: FlaskClient) -> None:
    assert client.get("/__admin/health").json["status"] == "healthy"  # type: ignore[index]
    assert client.get("/__admin/version").json["version"] == __version__  # type: ignore[index]
    assert client.get("/__admin/settings").json["on_violation"] == "refuse"  # type: ignore[index]


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
        )  # type: ignore[index]
    response = client.post("/__admin/scenarios", json={})
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


def test_each_route_of_flask_is_in_the_table(client: FlaskClient) -> None:
    rules = {
        (method, rule.rule)
        for rule in client.application.url_map.iter_rules()
        for method in rule.methods or ()
    }
    listed = {(route.method, f"/__admin{route.path}") for route in ROUTES}
    listed |= {
        ("GET", f"/__admin{rest}") for rest in ("", "/", "/panel/<name>")
    }  # the control panel's page
    assert {(m, rule) for m, rule in rules if rule.startswith("/__admin") and m != "HEAD"} == listed
