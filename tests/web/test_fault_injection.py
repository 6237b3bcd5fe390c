"""Network faults in the application, without a connection."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.raw_http import ORIGIN
from helpers.shipped_api import EXPORTS, TRASH

from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.web.faulty_wsgi import send_faulty


def test_a_fault_does_not_apply_to_preflights_and_invalid_requests(client: FlaskClient) -> None:
    client.put("/__admin/scenarios/fault-bad-gateway", json={})
    preflight = client.options(
        TRASH, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    )
    assert preflight.status_code == 204
    assert client.get(TRASH).status_code == 401
    assert client.get(TRASH, headers={"X-Access-Token": "any"}).status_code == 502


@pytest.mark.parametrize("fault", ["truncated", "malformed-json", "endless", "slow"])
def test_a_bodiless_response_with_a_fault_has_no_body(server: MockServer, fault: str) -> None:
    heads: list[Any] = []
    sent = send_faulty(
        server,
        Response(204, fault=fault),
        {"REQUEST_METHOD": "DELETE"},
        lambda *head: heads.append(head),
    )
    assert b"".join(sent) == b""
    assert heads == [("204 No Content", [])]


CANCEL = [
    ("reset-in-body", 501, "running"),
    ("malformed-json", 200, "canceled"),
    ("bad-gateway", 502, "running"),
]


@pytest.mark.parametrize(("fault", "status", "after"), CANCEL, ids=[case[0] for case in CANCEL])
def test_a_fault_runs_the_operation_only_if_it_needs_the_response(
    client: FlaskClient, fault: str, status: int, after: str
) -> None:
    """Without a connection, a fault that breaks it is rejected and changes nothing."""
    headers = {"X-Access-Token": "any"}
    path = f"{EXPORTS}/100"
    before: Any = client.get(path, headers=headers).json
    assert before["push_notification_export"]["status"] == "running"
    response = client.delete(path, headers={**headers, "Prefer": f"scenario=fault-{fault}"})
    assert response.status_code == status
    export: Any = client.get(path, headers=headers).json
    assert export["push_notification_export"]["status"] == after
