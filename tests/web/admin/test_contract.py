"""`/__admin/contract`: the operations, and the errors of a failed reload."""

from flask.testing import FlaskClient
from helpers.shipped_api import CANCEL

ERROR = "fixtures/api/scenarios/new.yaml:3:7: /data: invalid"


def test_the_operations_are_listed_with_name_and_route(client: FlaskClient) -> None:
    operations = client.get("/__admin/contract").get_json()["operations"]
    assert len(operations) == 5
    assert {
        "id": CANCEL,
        "name": "Cancel Push Notification Segment Export",
        "api": "push_notifications",
        "method": "DELETE",
        "uri_template": "/api/push_notifications/{push_notification_id}/exports/{export_id}",
    } in operations


def test_the_errors_of_a_failed_reload_are_listed(client: FlaskClient) -> None:
    assert client.get("/__admin/contract").get_json()["reload_errors"] == []
    client.application.extensions["mockserver"].reload_errors.note("", [ERROR])
    assert client.get("/__admin/contract").get_json()["reload_errors"] == [ERROR]
