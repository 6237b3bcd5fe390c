"""Frequent mistakes in requests: the nearest operation is the intended one."""

import pytest
from helpers.shipped_api import (
    BUSY,
    CANCEL,
    EXPORTS,
    LIST_EXPORTS,
    LIST_TRASH,
    RESTORE,
    RETRIEVE,
    TRASH,
)

from mockserver.contract.model import Contract
from mockserver.pipeline.near_misses import NearMisses

MISTAKES = {
    "a slash too many in front": (
        f"GET /{TRASH}",
        LIST_TRASH,
        ["before segment 1: expected /, got //"],
    ),
    "two slashes too many in front": (
        f"GET //{TRASH}",
        LIST_TRASH,
        ["before segment 1: expected /, got ///"],
    ),
    "a double slash": (
        "GET /api//push_notifications/trash",
        LIST_TRASH,
        ["before segment 2: expected /, got //"],
    ),
    "a trailing slash": (f"GET {TRASH}/", LIST_TRASH, ["at the end: expected no slash, got /"]),
    "two trailing slashes": (
        f"GET {EXPORTS}//",
        LIST_EXPORTS,
        ["at the end: expected no slash, got //"],
    ),
    "a trailing slash after a variable": (
        f"GET {EXPORTS}/100/",
        RETRIEVE,
        ["at the end: expected no slash, got /"],
    ),
    "a slash in front and one at the end": (
        f"GET /{TRASH}/",
        LIST_TRASH,
        ["before segment 1: expected /, got //", "at the end: expected no slash, got /"],
    ),
    "a capital letter": (
        "GET /api/push_notifications/Trash",
        LIST_TRASH,
        ["segment 3: expected trash, got Trash (letter case)"],
    ),
    "capital letters everywhere": (
        f"GET /API/Push_Notifications/{BUSY}/EXPORTS",
        LIST_EXPORTS,
        [
            "base path: expected /api, got /API",
            "segment 2: expected push_notifications, got Push_Notifications (letter case)",
            "segment 4: expected exports, got EXPORTS (letter case)",
        ],
    ),
    "no base path": (
        "GET /push_notifications/trash",
        LIST_TRASH,
        ["base path: expected /api, got none"],
    ),
    "no base path, and a record": (
        f"GET {EXPORTS.removeprefix('/api')}/100",
        RETRIEVE,
        ["base path: expected /api, got none"],
    ),
    "no base path, a slash at the end": (
        "GET /push_notifications/trash/",
        LIST_TRASH,
        ["base path: expected /api, got none", "at the end: expected no slash, got /"],
    ),
    "no base path, and a typo": (
        "GET /push_notifications/trsh",
        LIST_TRASH,
        ["base path: expected /api, got none", "segment 2: expected trash, got trsh"],
    ),
    "another base path": (
        "GET /v1/push_notifications/trash",
        LIST_TRASH,
        ["base path: expected /api, got /v1"],
    ),
    "a base path of another kind": (
        "GET /backend/push_notifications/trash",
        LIST_TRASH,
        ["base path: expected /api, got /backend"],
    ),
    "a version too many": (
        "GET /api/v1/push_notifications/trash",
        LIST_TRASH,
        ["base path: expected /api, got /api/v1"],
    ),
    "the version in front": (
        "GET /v2.1/api/push_notifications/trash",
        LIST_TRASH,
        ["base path: expected /api, got /v2.1/api"],
    ),
    "the base path twice": (
        "GET /api/api/push_notifications/trash",
        LIST_TRASH,
        ["base path: expected /api, got /api/api"],
    ),
    "a prefix of a proxy": (
        f"GET /backend{TRASH}",
        LIST_TRASH,
        ["base path: expected /api, got /backend/api"],
    ),
    "a typo in the base path": (
        "GET /apu/push_notifications/trash",
        LIST_TRASH,
        ["base path: expected /api, got /apu"],
    ),
    "another method": (f"POST {TRASH}", LIST_TRASH, ["method: expected GET, got POST"]),
    "another method of a record": (
        f"POST {TRASH}/abc",
        RESTORE,
        ["method: expected PATCH, got POST"],
    ),
    "another method, no base path": (
        "POST /push_notifications/trash",
        LIST_TRASH,
        ["method: expected GET, got POST", "base path: expected /api, got none"],
    ),
    "HEAD is GET": (
        "HEAD /push_notifications/trash",
        LIST_TRASH,
        ["base path: expected /api, got none"],
    ),
    "the method decides": (
        f"DELETE {EXPORTS.removeprefix('/api')}/100",
        CANCEL,
        ["base path: expected /api, got none"],
    ),
    "a segment too many": (
        f"GET {EXPORTS}/100/cancel",
        RETRIEVE,
        ["segment 6: expected the end, got cancel"],
    ),
    "two segments too many": (
        f"GET {EXPORTS}/100/cancel/now",
        RETRIEVE,
        ["segment 6: expected the end, got cancel/now"],
    ),
    "a segment too many in the middle": (
        f"GET /api/users/push_notifications/{BUSY}/exports/100",
        RETRIEVE,
        ["base path: expected /api, got /api/users"],
    ),
    "a segment too few at the end": (
        f"GET /api/push_notifications/{BUSY}",
        LIST_EXPORTS,
        ["segment 4: expected exports, got nothing"],
    ),
    "a segment too few in the middle": (
        "PATCH /api/push_notifications/abc",
        RESTORE,
        ["before segment 3: expected trash, got nothing"],
    ),
    "no id in the middle": (
        "GET /api/push_notifications/exports",
        LIST_EXPORTS,
        ["before segment 3: expected {push_notification_id}, got nothing"],
    ),
    "an empty id in the middle": (
        "GET /api/push_notifications//exports",
        LIST_EXPORTS,
        ["before segment 3: expected {push_notification_id}, got nothing"],
    ),
    "an empty id at the end": (
        f"DELETE {EXPORTS}/",
        CANCEL,
        ["segment 5: expected {export_id}, got nothing"],
    ),
    "a typo": (
        "GET /api/push_notifications/trsh",
        LIST_TRASH,
        ["segment 3: expected trash, got trsh"],
    ),
    "a singular": (
        f"GET {EXPORTS[:-1]}/100",
        RETRIEVE,
        ["segment 4: expected exports, got export"],
    ),
    "a hyphen": (
        "GET /api/push-notifications/trash",
        LIST_TRASH,
        ["segment 2: expected push_notifications, got push-notifications"],
    ),
    "two typos": (
        "GET /api/pushnotifications/trsh",
        LIST_TRASH,
        [
            "segment 2: expected push_notifications, got pushnotifications",
            "segment 3: expected trash, got trsh",
        ],
    ),
}


@pytest.mark.parametrize(
    ("request_line", "operation", "differences"), MISTAKES.values(), ids=MISTAKES.keys()
)
def test_the_nearest_operation_is_the_intended_one(
    contract: Contract, request_line: str, operation: str, differences: list[str]
) -> None:
    method, path = request_line.split(" ")
    first, *others = NearMisses(contract.served).nearest(method, path)
    assert (first.operation, list(first.differences)) == (operation, differences)
    assert 0 < first.distance < 1
    distances = [near_miss.distance for near_miss in (first, *others)]
    assert distances == sorted(distances)
