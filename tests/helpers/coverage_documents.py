"""Coverage documents for the control panel, as `GET /__admin/coverage` returns them."""

from typing import Any

from helpers.shipped_api import CANCEL, LIST_EXPORTS, LIST_TRASH

BLUEPRINT = "schemas/push_notifications/push_notifications.apib"
SCENARIO = "finished-export-cancel"
NAME = f"{LIST_EXPORTS} 200 /push_notification_exports/*/segment_name"
TESTS = [
    {"sandbox": "w0-cancels-1", "test": "exports.spec.ts:41 › an export › cancels"},
    {"sandbox": "w1-lists-2", "test": "exports.spec.ts:52 › lists"},
    {"sandbox": "by-hand", "test": ""},
]


def item(
    item_id: str,
    kind: str,
    label: str,
    way: str = "",
    *tests: int,
    operations: tuple[str, ...] = (),
    **members: Any,
) -> dict[str, Any]:
    """Return an item. `way` is how to reach it, `tests` are the indexes of its tests."""
    operation = "" if kind == "scenario" else item_id.split()[0]
    return {
        "id": item_id,
        "kind": kind,
        "operation": operation,
        "operations": list(operations),
        "label": label,
        "file": BLUEPRINT,
        "line": 14,
        "column": 1,
        "closed_by": way,
        "why_not": "",
        "excluded": None,
        "covered": bool(tests),
        "tests": list(tests),
        **members,
    }


ITEMS = [
    item(LIST_EXPORTS, "operation", "List", f"GET {LIST_EXPORTS}", 1, 2),
    item(f"{LIST_EXPORTS} query limit absent", "parameter", "limit is absent", "", 1),
    item(
        f"{LIST_EXPORTS} query limit maximum",
        "parameter",
        "limit is at its maximum",
        "send limit=1000",
    ),
    item(f"{LIST_EXPORTS} 200", "status", "200 OK", "", 1, 2),
    item(f"{NAME} present", "response", "segment_name is present", "", 1, 2),
    item(f"{NAME} null", "response", "segment_name is null", "Prefer: data=nulls"),
    item(
        f"{NAME} absent",
        "response",
        "segment_name is absent",
        why_not="No record leaves it out.",
    ),
    item(f"{LIST_EXPORTS} 200 /push_notification_exports many", "list", "has several items", "", 1),
    item(
        f"{LIST_EXPORTS} 200 /push_notification_exports one",
        "list",
        "has one item",
        "Prefer: data=one",
    ),
    item(
        f"{LIST_EXPORTS} 200 /push_notification_exports empty",
        "list",
        "is empty",
        excluded="the app shows no empty list",
    ),
    item(f"{CANCEL} path export_id 101", "parameter", "export_id is 101", "send export_id=101"),
    item(CANCEL, "operation", "Cancel", "", 0),
    item(f"{CANCEL} 200", "status", "200 OK", "", 0),
    item(f"{CANCEL} 400", "status", "400 Bad Request", f"scenario {SCENARIO}"),
    item(f"{CANCEL} 404", "status", "404 Not Found", "Prefer: code=404"),
    item(LIST_TRASH, "operation", "Trash", "Prefer: code=200"),
    item(
        f"scenario {SCENARIO}",
        "scenario",
        "Canceling a finished export is refused",
        f"scenario {SCENARIO}",
        operations=(CANCEL,),
        line=0,
        file="fixtures/push_notifications/scenarios/finished-export-cancel.yaml",
    ),
]
SUMMARY = {
    "contract": {"items": 16, "served": 7},
    "called": {"items": 15, "served": 7},
    "required": {"items": 14, "served": 7},
}


def coverage_document(
    items: list[dict[str, Any]] | None = None, tests: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Return a document, of the shipped API by default."""
    return {
        "format": "mockserver-coverage/1",
        "contract": "",
        "fingerprint": "sha256:0",
        "complete": True,
        "apis": [
            {
                "name": "push_notifications",
                "title": "Push Notification Exports",
                "blueprint": BLUEPRINT,
                "lines": 512,
            }
        ],
        "items": ITEMS if items is None else items,
        "tests": TESTS if tests is None else tests,
        "summary": SUMMARY,
    }


def uncovered_document() -> dict[str, Any]:
    """Return the document of a server without any request."""
    items = [{**documented, "covered": False, "tests": []} for documented in ITEMS]
    return coverage_document(items, [])


def large_document(operations: int, items: int) -> dict[str, Any]:
    """Return a document with this many operations, and this many response items for each."""
    documented = []
    for number in range(operations):
        name = f"operation-{number}"
        documented.append(item(name, "operation", name, "", 0))
        for index in range(items):
            tests = [0] if index % 3 else []
            documented.append(
                item(
                    f"{name} 200 /m{index} present", "response", f"m{index} is present", "", *tests
                )
            )
    return coverage_document(documented)
