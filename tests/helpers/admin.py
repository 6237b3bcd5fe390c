"""Calls of the admin API with a test client, and the admin token of tests."""

from typing import Any

from flask.testing import FlaskClient

SECRET = "correct-horse-battery"


def problem_slug(response: Any) -> str | None:
    """Return the last part of the type of a problem; None for any other response."""
    if response.status_code < 400:
        return None
    slug: str = response.json["type"].rpartition(":")[2]
    return slug


def activate(client: FlaskClient, name: str, **overrides: Any) -> Any:
    """Switch a scenario on, and return its JSON."""
    response = client.put(f"/__admin/scenarios/{name}", json=overrides)
    assert response.status_code == 200, response.text
    return response.json


def advance_clock(client: FlaskClient, seconds: float) -> None:
    """Advance the clock of the default sandbox."""
    assert client.post("/__admin/clock/advance", json={"seconds": seconds}).status_code == 200


def journal_entries(
    client: FlaskClient, sandbox: str = "default", query: str = ""
) -> list[dict[str, Any]]:
    """Return the journal of a sandbox, the newest entry first."""
    response: Any = client.get(f"/__admin/requests{query}", headers={"X-Mock-Sandbox": sandbox})
    entries: list[dict[str, Any]] = response.json["requests"]
    return entries


def last_exchange(client: FlaskClient, query: str = "") -> dict[str, Any]:
    """Return the newest entry of the journal of the default sandbox."""
    return journal_entries(client, query=query)[0]
