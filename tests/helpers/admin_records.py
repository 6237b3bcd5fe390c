"""Calls of the admin API of records."""

from typing import Any

from flask.testing import FlaskClient

from helpers.shipped_api import BUSY

IN_EXPORTS, IN_TRASH = "push_notifications/exports", "push_notifications/trash"
RUNNING, WAITING = f"{BUSY}/100", f"{BUSY}/102"
EXPORT_COUNT = 61
"""The number of shipped exports."""
NEW_ID = 7001
"""The id of no shipped export."""


def get_collection(
    client: FlaskClient, name: str = IN_EXPORTS, query: str = "", prefix: str = ""
) -> dict[str, Any]:
    content: Any = client.get(f"{prefix}/__admin/records?collection={name}{query}").json
    (collection_json,) = content["collections"]
    return dict(collection_json)


def records(client: FlaskClient, name: str = IN_EXPORTS, prefix: str = "") -> dict[str, Any]:
    return {entry["key"]: entry for entry in get_collection(client, name, prefix=prefix)["records"]}


def move(client: FlaskClient, key: str, to: str, name: str = IN_EXPORTS) -> Any:
    return client.post(
        "/__admin/records/transition", json={"collection": name, "key": key, "to": to}
    )


def restore(client: FlaskClient, key: str, name: str = IN_EXPORTS) -> Any:
    return client.post("/__admin/records/restore", json={"collection": name, "key": key})


def problem_of(response: Any) -> tuple[int, str]:
    """Return the status and the slug of a problem."""
    return response.status_code, response.json["type"].removeprefix("urn:mockserver:problem:")


def write(
    client: FlaskClient, method: str, key: str, record: Any = None, name: str = IN_EXPORTS
) -> Any:
    query = {"collection": name, "key": key}
    body = {} if record is None else {"json": record}
    return client.open("/__admin/records", method=method, query_string=query, **body)
