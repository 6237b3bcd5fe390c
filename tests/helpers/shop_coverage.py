"""Small coverage documents."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mockserver.verification.coverage.document import from_json
from mockserver.verification.coverage.model import Coverage

FILE = "schemas/shop/shop.apib"
ITEMS = [
    # id, kind, operation, label, line, closed_by
    ("list-orders", "operation", "list-orders", "GET /orders", 10, "GET /orders"),
    ("list-orders 200", "status", "list-orders", "200 OK", 12, "GET /orders"),
    ("list-orders 404", "status", "list-orders", "404 Not Found", 20, "Prefer: code=404"),
    ("list-orders query limit absent", "parameter", "list-orders", "no limit", 11, "omit limit"),
    (
        'list-orders query limit "a|b`c"',
        "parameter",
        "list-orders",
        "limit is <script>alert(1)</script>",
        11,
        "send limit=a|b",
    ),
    ("list-orders 200 /orders empty", "list", "list-orders", "no order", 12, "Prefer: data=empty"),
    ("create-an-order", "operation", "create-an-order", "POST /orders", 30, "POST /orders"),
    ("create-an-order 201", "status", "create-an-order", "201 Created", 31, "POST /orders"),
    ("scenario sold-out", "scenario", "", "Sold out", 0, ""),
]
SERVED = {
    "list-orders": [0, 1],
    "list-orders 200": [0, 1],
    "list-orders query limit absent": [1],
}
TESTS = [("w0-list", "orders.spec.ts:4 › lists"), ("default", "")]


def coverage_document(
    served: Mapping[str, Iterable[int]] = SERVED,
    *,
    tests: Iterable[tuple[str, str]] = TESTS,
    excluded: Mapping[str, str] | None = None,
    **members: Any,
) -> dict[str, Any]:
    """Return the document of the shop.

    Args:
        served: The id of each item that was served, and the indexes of its tests.
        tests: Sandbox and title of each test.
        excluded: The id of each exclusion, and its reason.
        members: Other members of the document.
    """
    items = []
    for item_id, kind, operation, label, line, closed_by in ITEMS:
        items.append(
            {
                "id": item_id,
                "kind": kind,
                "operation": operation,
                "operations": ["list-orders"] if kind == "scenario" else [],
                "label": label,
                "file": FILE if line else "",
                "line": line,
                "column": 1,
                "closed_by": closed_by,
                "why_not": "" if closed_by else "its record does not exist",
                "excluded": (excluded or {}).get(item_id),
                "covered": item_id in served,
                "tests": list(served.get(item_id, ())),
            }
        )
    count = {"items": 0, "served": 0}
    return {
        "format": "mockserver-coverage/1",
        "contract": "",
        "fingerprint": "sha256:" + "0" * 64,
        "complete": True,
        "apis": [{"name": "shop", "title": "Shop", "blueprint": FILE, "lines": 40}],
        "items": items,
        "tests": [{"sandbox": sandbox, "test": test} for sandbox, test in tests],
        "summary": {"contract": count, "called": count, "required": count},
        **members,
    }


def shop_coverage(*args: Any, **members: Any) -> Coverage:
    """Return the coverage of a document of the shop; the arguments are the same."""
    return from_json(coverage_document(*args, **members), "shop.json")


def write_document(path: Path, document: Mapping[str, Any]) -> str:
    """Write a document to a file, and return its path."""
    path.write_text(json.dumps(document))
    return str(path)
