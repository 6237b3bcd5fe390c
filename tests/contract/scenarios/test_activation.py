"""Activated scenarios: overrides, counts, probability and seeds."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.admin import activate
from helpers.shipped_api import CANCEL, EXPORTS, LIST_TRASH, TOKEN

from mockserver.config.settings import Settings
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.web.app import create_app


def scenario_json(client: FlaskClient) -> dict[str, Any]:
    """Return the scenario `export-not-found` in the admin API."""
    scenario: dict[str, Any] = client.get("/__admin/scenarios/export-not-found").get_json()
    return scenario


def statuses(client: FlaskClient, number: int, path: str = f"{EXPORTS}/100") -> list[int]:
    return [client.get(path, headers=TOKEN).status_code for _ in range(number)]


def test_overrides_hold_until_the_next_activation(client: FlaskClient) -> None:
    step = activate(client, "export-not-found", times=2, match={"path": {"export_id": 100}})
    assert (step["remaining"], step["overrides"]["times"], step["times_applied"]) == (2, 2, 0)
    assert statuses(client, 1, f"{EXPORTS}/101") == [200]
    assert statuses(client, 1) == [404]
    assert scenario_json(client)["remaining"] == 1
    assert statuses(client, 2) == [404, 200]
    assert scenario_json(client)["on"] is False
    assert activate(client, "export-not-found").get("remaining") is None
    assert statuses(client, 3) == [404] * 3


INVALID_OVERRIDES = [
    ({"times": 0}, "/times"),
    ({"times": "two"}, "/times"),
    ({"status": 404}, "/status"),
    ({"operations": ["nope"]}, "/operations/0"),
    ({"match": {"path": {"nope": 1}}}, "/match/path/nope"),
    ({"delay": {"from": 2, "to": 1}}, "/delay/to"),
    ({"until": "tomorrow"}, "/until"),
    ({"repeat": True}, "/repeat"),
    ({"every": 2, "probability": 0.5}, "/probability"),
]


@pytest.mark.parametrize(
    ("overrides", "pointer"), INVALID_OVERRIDES, ids=[pointer for _, pointer in INVALID_OVERRIDES]
)
def test_invalid_overrides_are_rejected(client: FlaskClient, overrides: Any, pointer: str) -> None:
    response = client.put("/__admin/scenarios/export-not-found", json=overrides)
    assert response.status_code == 400
    assert pointer in response.text
    assert scenario_json(client)["on"] is False


LIMITS: list[tuple[str, Any, int]] = [
    ("after", 0, 200),
    ("after", -1, 400),
    ("after", 1_000_000, 200),
    ("after", 1_000_001, 400),
    ("times", 0, 400),
    ("times", 1, 200),
    ("times", 1_000_000, 200),
    ("times", 1_000_001, 400),
    ("every", 0, 400),
    ("every", 1, 200),
    ("every", 1_000_000, 200),
    ("every", 1_000_001, 400),
    ("repeat", 1, 400),
    ("probability", 0, 200),
    ("probability", -0.1, 400),
    ("probability", 1, 200),
    ("probability", 1.1, 400),
    ("seed", 0, 200),
    ("seed", -1, 400),
    ("seed", 1 << 53, 200),
    ("seed", (1 << 53) + 1, 400),
    ("until", 0, 200),
    ("until", -1, 400),
    ("until", 1e9, 200),
    ("until", 1e9 + 1, 400),
    ("delay", 0, 200),
    ("delay", -1, 400),
    ("delay", 601, 400),
    ("operations", [], 400),
]


@pytest.mark.parametrize(("name", "value", "status"), LIMITS)
def test_an_override_is_accepted_up_to_its_limit(
    client: FlaskClient, name: str, value: Any, status: int
) -> None:
    response = client.put("/__admin/scenarios/export-not-found", json={name: value})
    assert response.status_code == status, response.text
    assert status == 200 or f"/{name}" in response.text


def test_every_third_request_is_counted_after_the_ignored_ones(client: FlaskClient) -> None:
    activate(client, "export-not-found", after=1, every=3, times=2)
    assert statuses(client, 10) == [200, 200, 200, 404, 200, 200, 404, 200, 200, 200]


def test_after_0_applies_to_the_first_request(client: FlaskClient) -> None:
    activate(client, "export-not-found", after=0, times=1)
    assert statuses(client, 2) == [404, 200]


@pytest.mark.parametrize("overrides", [{"after": 1}, {"every": 2}, {"probability": 0.5}])
def test_an_override_cannot_make_a_record_override_depend_on_requests(
    client: FlaskClient, overrides: Any
) -> None:
    response = client.put("/__admin/scenarios/finished-export-cancel", json=overrides)
    assert response.status_code == 400
    (name,) = overrides
    assert response.get_json()["detail"] == (
        f"/{name}: 'records' and '{name}' cannot be combined; expected only one of them"
    )


def test_an_override_cannot_set_the_number_of_records_of_another_operation(
    client: FlaskClient,
) -> None:
    response = client.put("/__admin/scenarios/empty-lists", json={"operations": [CANCEL]})
    assert response.status_code == 400
    (violation,) = response.get_json()["violations"]
    assert violation["pointer"] == "/data"
    assert violation["actual"].startswith(f"'{CANCEL}' does not list records")
    activate(client, "empty-lists", operations=[LIST_TRASH])
    activate(client, "finished-export-cancel", operations=[CANCEL])


def test_a_record_override_applies_to_the_last_response_of_its_scenario(
    client: FlaskClient,
) -> None:
    before = client.get(f"{EXPORTS}/100", headers=TOKEN).data
    activate(client, "finished-export-cancel", times=1)
    assert b'"finished"' in client.get(f"{EXPORTS}/100", headers=TOKEN).data
    assert client.delete(f"{EXPORTS}/100", headers=TOKEN).status_code == 400
    assert client.get(f"{EXPORTS}/100", headers=TOKEN).data == before
    entries = client.get("/__admin/requests?limit=2").get_json()["requests"]
    assert entries[1]["reason"] == "scenario finished-export-cancel (1 of 1)"


def test_the_same_seed_chooses_the_same_requests(client: FlaskClient) -> None:
    def statuses_with(seed: int) -> list[int]:
        activate(client, "export-not-found", probability=0.3, seed=seed)
        return statuses(client, 40)

    assert statuses_with(1) == statuses_with(1)
    assert statuses_with(1) != statuses_with(2)
    # On average 12 of 40 requests are chosen.
    assert 4 <= statuses_with(3).count(404) <= 20


def test_the_seed_defaults_to_the_seed_of_the_server() -> None:
    def statuses_with(server_seed: int, **overrides: Any) -> list[int]:
        client = create_app(Settings(store="memory:", seed=server_seed)).test_client()
        activate(client, "export-not-found", probability=0.3, **overrides)
        first_statuses = statuses(client, 20)
        exports.append(client.get("/__admin/sandboxes/default").json)
        return first_statuses + statuses(client, 20)

    exports: list[Any] = []
    assert statuses_with(7) == statuses_with(0, seed=7) == statuses_with(8, seed=7)
    assert statuses_with(7) != statuses_with(8)
    other = create_app(Settings(store="memory:", seed=9)).test_client()
    assert other.put("/__admin/sandboxes/default", json=exports[0]).status_code == 200
    assert statuses(other, 20) == statuses_with(7)[20:]


def test_a_limited_scenario_applies_to_exactly_as_many_concurrent_requests(
    server: MockServer,
) -> None:
    server.sandboxes.switch_on("default", "export-not-found", {"times": 7, "delay": 0.01})
    request = Request("GET", f"{EXPORTS}/100", headers={"x-access-token": "any"})
    with ThreadPoolExecutor(16) as pool:
        responses = list(pool.map(server.respond, [request] * 60))
    assert [response.status for response in responses].count(404) == 7


def test_a_preferred_scenario_applies_before_its_first_counted_request(client: FlaskClient) -> None:
    activate(client, "export-not-found", after=5)
    assert client.get(f"{EXPORTS}/100", headers=TOKEN).status_code == 200
    headers = {**TOKEN, "Prefer": "scenario=export-not-found"}
    assert client.get(f"{EXPORTS}/100", headers=headers).status_code == 404
