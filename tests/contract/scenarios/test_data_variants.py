"""Every data variant with each operation and documented status, and with a strict schema."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from helpers.shipped_api import EXPORTS, TRASH

from mockserver.contract.model import Contract, ServedOperation
from mockserver.contract.scenarios.data_variants import VARIANTS, VariantContext
from mockserver.contract.scenarios.list_lengths import DATA_NAMES
from mockserver.formats.json_schema import Validator
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer

Ask = Callable[..., Response]
DOCUMENTED_RESPONSES = 8
"""The number of responses in the shipped blueprint."""


def path_of(served: ServedOperation) -> str:
    """Return a path to a record for which every status of the operation can be forced."""
    values = {"push_notification_id": EXPORTS.split("/")[3], "export_id": "100"}
    if served.operation.method == "PATCH":
        values["push_notification_id"] = "983d437d-eac6-423b-beb5-40a619be332f"
    parts = (
        segment.literal or values[str(segment.variable)] for segment in served.template.segments
    )
    return served.api.base_path + "".join(f"/{part}" for part in parts)


@pytest.mark.parametrize("variant", [*DATA_NAMES, "1001"])
def test_every_response_of_every_operation_is_valid_in_the_variant(
    contract: Contract, server: MockServer, ask: Ask, variant: str
) -> None:
    seen = []
    for served in contract.served:
        for status in served.operation.statuses:
            server.sandboxes.reset("default")
            response = ask(
                served.operation.method, path_of(served), prefer=f"code={status}, data={variant}"
            )
            assert response.status == status, response.body
            assert dict(response.headers)["Preference-Applied"] == f"code={status}, data={variant}"
            assert served.validators[status].violations(orjson.loads(response.body)) == ()
            seen.append((served.operation.id, status))
    assert len(seen) == DOCUMENTED_RESPONSES


def list_exports(ask: Ask, variant: str, query: str = "") -> list[dict[str, Any]]:
    body = orjson.loads(ask("GET", f"{EXPORTS}?{query}", prefer=f"data={variant}").body)
    exports: list[dict[str, Any]] = body["push_notification_exports"]
    return exports


def test_a_list_has_the_length_of_its_variant(ask: Ask) -> None:
    assert list_exports(ask, "empty") == []
    assert len(list_exports(ask, "one")) == 1
    assert len(list_exports(ask, "max")) == 20
    exports = list_exports(ask, "max", "limit=1000")
    assert len(exports) == len({export["id"] for export in exports}) == 1000


@pytest.mark.parametrize("variant", ["long", "unicode"])
def test_a_text_variant_replaces_texts_and_no_other_values(ask: Ask, variant: str) -> None:
    plain, shaped = list_exports(ask, "one", "limit=1")[0], list_exports(ask, variant, "limit=1")[0]
    assert len(shaped["name"]) == 500 if variant == "long" else "\u202e" in shaped["name"]
    assert {
        name: shaped[name] for name in ("id", "status", "stats", "message_counts", "created")
    } == {name: plain[name] for name in ("id", "status", "stats", "message_counts", "created")}


def test_a_variant_does_not_change_the_records(ask: Ask) -> None:
    before = ask("GET", f"{TRASH}?limit=1").body
    assert ask("DELETE", f"{EXPORTS}/100", prefer="data=long").status == 200
    assert b"longer than any column" not in ask("GET", f"{EXPORTS}/100").body
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
        "all": {
            "type": "array",
            "items": {"type": "object", "properties": {"note": {"type": ["string", "null"]}}},
        },
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


LENGTHS = {"long": 2, "unicode": 2, "nulls": 2}
"""The length of a list of two records in each variant."""


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_content_of_a_variant_is_valid_against_the_schema(variant: str) -> None:
    records = VARIANTS[variant]([RECORD, RECORD], VariantContext(SCHEMA, "key"))
    assert all(Validator(SCHEMA).accepts(record) for record in records)
    assert len(records) == LENGTHS[variant]
    if variant == "nulls":
        assert (records[0]["maybe"], records[0]["never"], records[0]["all"]) == (
            None,
            "x",
            [{"note": None}],
        )
    if variant in ("long", "unicode"):
        assert (records[0]["key"], records[0]["word"], len(records[0]["short"])) == ("k", "a", 5)


@pytest.mark.parametrize("variant", ["long", "unicode"])
def test_a_new_text_is_as_long_as_the_schema_requires(variant: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "minLength": 600}}}
    record = VARIANTS[variant]({"a": "x" * 600}, VariantContext(schema, ""))
    assert len(record["a"]) == 600
