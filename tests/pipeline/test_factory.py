"""The pipeline from the settings: the state with which each sandbox starts."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.shipped_api import EXPORTS, TOKEN

from mockserver.config.setting_sources import load_settings
from mockserver.web.app import create_app


def client_with(*progression: str) -> FlaskClient:
    flags: dict[str, Any] = {"store": "memory:"}
    if progression:
        flags["progression"] = progression[0]
    return create_app(load_settings(flags, {})).test_client()


def polls(client: FlaskClient, sandbox: str) -> list[str]:
    """Return the states that three polls of a waiting export see."""
    states = []
    for _ in range(3):
        response: Any = client.get(f"/~{sandbox}{EXPORTS}/102", headers=TOKEN).json
        states.append(response["push_notification_export"]["status"])
    return states


def test_every_sandbox_starts_with_the_progression_of_the_settings() -> None:
    client = client_with("polls")
    for sandbox in ("default", "anna"):
        assert polls(client, sandbox) == ["waiting", "running", "finished"]
    client.put("/~anna/__admin/clock", json={"progression": "manual", "mode": "running"})
    assert client.post("/~anna/__admin/reset", json={}).status_code == 200
    clock: Any = client.get("/~anna/__admin/clock").json
    assert (clock["progression"], clock["mode"]) == ("polls", "frozen")
    assert polls(client, "anna") == ["waiting", "running", "finished"]


@pytest.mark.parametrize("progression", [(), ("manual",), ("time",)])
def test_equal_requests_get_equal_responses_by_default(progression: tuple[str, ...]) -> None:
    client = client_with(*progression)
    assert polls(client, "default") == ["waiting"] * 3
    client.post("/__admin/clock/advance", json={"seconds": 65})
    assert polls(client, "default") == ["finished" if "time" in progression else "waiting"] * 3
