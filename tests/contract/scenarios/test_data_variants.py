"""Every data variant, in each operation with each documented status, and the limits of its schema."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from helpers.shipped_api import EXPORTS, TRASH

from mockserver.contract.model import Contract, ServedOperation
from mockserver.contract.scenarios.data_variants import VARIANTS, VariantContext
from mockserver.formats.json_schema import Validator
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer

Ask = Callable[..., Response]


def path_of(served: ServedOperation) -> str:
    """A path with a record behind it that each of the operation's statuses can be forced for."""
    values = {"push_notification_id": EXPORTS.split("/")[3], "export_id": "100"}
    if served.operation.method == "PATCH":
        values["push_notification_id"] = "983d437d-eac6-423b-beb5-40a619be332f"
    parts = (segment.literal or values[str(segment.variable)] for segment in served.template.segments)
    return served.api.base_path + "".join(f"/{part}" for part in parts)


@pytest.mark.parametrize("shape", VARIANTS)
def test_every_operation_with_every_status_is_valid_in_this_shape(
    contract: Contract, server: MockServer, ask: Ask, shape: str
) -> None:
    seen = []
    for served in contract.served:
        for status in served.operation.statuses:
            server.sandboxes.reset("default")
            response = ask(served.operation.method, path_of(served), prefer=f"code={status}, data={shape}")
            assert response.status == status, response.body
            assert dict(response.headers)["Preference-Applied"] == f"code={status}, data={shape}"
            assert served.validators[status].violations(orjson.loads(response.body)) == ()
            seen.append((served.operation.id, status))
    assert len(seen) == 8


def listed(ask: Ask, shape: str, query: str = "") -> list[dict[str, Any]]:
    body = orjson.loads(ask("GET", f"{EXPORTS}?{query}", prefer=f"data={shape}").body)
    found: list[dict[str, Any]] = body["push_notification_exports"]
    return found


def test_lists_are_as_long_as_their_shape_says(ask: Ask) -> None:
    assert listed(ask, "empty") == []
    assert len(listed(ask, "one")) == 1
    assert len(listed(ask, "max")) == 20
    most = listed(ask, "max", "limit=1000")
    assert len(most) == len({each["id"] for each in most}) == 1000


@pytest.mark.parametrize("shape", ["long", "unicode"])
def test_texts_are_what_breaks_screens_and_numbers_stay(ask: Ask, shape: str) -> None:
    plain, shaped = listed(ask, "one", "limit=1")[0], listed(ask, shape, "limit=1")[0]
    assert len(shaped["name"]) == 500 if shape == "long" else "\u202e" in shaped["name"]
    assert {name: shaped[name] for name in ("id", "status", "stats", "message_counts", "created")} == {
        name: plain[name] for name in ("id", "status", "stats", "message_counts", "created")
    }


def test_a_shaped_record_is_not_written(ask: Ask) -> None:
    before = ask("GET", f"{TRASH}?limit=1").body
    assert ask("DELETE", f"{EXPORTS}/100", prefer="data=long").status == 200
    assert b"as long as" not in ask("GET", f"{EXPORTS}/100").body
    assert ask("GET", f"{TRASH}?limit=1").body == before


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "key": {"type": "string"},
        "short": {"type": "string", "maxLength": 5},
        "word": {"type": "string", "enum": ["a", "b"]},
        "when": {"type": "string", "format": "date-time"},
        "maybe": {"type": ["string", "null"]},
        "never": {"type": ["string", "null"], "enum": ["x"]},
        "all": {"type": "array", "items": {"type": "object", "properties": {"note": {"type": ["string", "null"]}}}},
    },
    "additionalProperties": False,
}
RECORD = {
    "key": "k",
    "short": "s",
    "word": "a",
    "when": "2020-01-01T00:00:00Z",
    "maybe": "m",
    "never": "x",
    "all": [{"note": "n"}],
}


@pytest.mark.parametrize("shape", VARIANTS)
def test_a_schema_with_corners_is_kept_to(shape: str) -> None:
    found = VARIANTS[shape]([RECORD, RECORD], VariantContext(SCHEMA, "key", 5))
    assert all(Validator(SCHEMA).accepts(each) for each in found)
    assert {"empty": 0, "one": 1, "max": 5}.get(shape, 2) == len(found)
    if shape == "nulls":
        assert (found[0]["maybe"], found[0]["never"], found[0]["all"]) == (None, "x", [{"note": None}])
    if shape in ("long", "unicode"):
        assert (found[0]["key"], found[0]["word"], len(found[0]["short"])) == ("k", "a", 5)
