"""JSON Schemas of older drafts, converted to 2020-12."""

from typing import Any

import pytest

from mockserver.formats.json_schema import Validator, schema_violations
from mockserver.formats.older_schemas import convert_schema

# Name of the case to the schema, values that fit it, and values that do not.
CASES: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "boolean limit": (
        {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
        [2],
        [1],
    ),
    "boolean upper limit that is off": ({"maximum": 1, "exclusiveMaximum": False}, [1], [2]),
    "required property of draft 3": (
        {"properties": {"a": {"type": "string", "required": True}, "b": {"required": False}}},
        [{"a": "x"}],
        [{}, {"b": 1}],
    ),
    "both forms of required": (
        {"required": ["b"], "properties": {"a": {"required": True}}},
        [{"a": 1, "b": 1}],
        [{"a": 1}, {"b": 1}],
    ),
    "property with the name of a keyword": (
        {"properties": {"id": {"type": "string"}, "required": {"type": "boolean"}}},
        [{"id": "x", "required": True}],
        [{"id": 1}, {"required": "x"}],
    ),
    "list of items": (
        {"items": [{"type": "string"}, {"type": "integer"}], "additionalItems": False},
        [["a", 1]],
        [[1], ["a", 1, 2]],
    ),
    "dependencies": (
        {"dependencies": {"a": ["b"], "c": "d", "e": {"required": ["f"]}}},
        [{"a": 1, "b": 1}, {"c": 1, "d": 1}, {"e": 1, "f": 1}],
        [{"a": 1}, {"c": 1}, {"e": 1}],
    ),
    "definitions": (
        {"definitions": {"a": {"minimum": 0, "exclusiveMinimum": True}}, "$ref": "#/definitions/a"},
        [1],
        [0],
    ),
    "reference to the identifier of the document": (
        {"id": "http://x/a#", "properties": {"a": {"$ref": "http://x/a#"}}, "type": "object"},
        [{"a": {}}],
        [{"a": 1}],
    ),
    "reference to an anchor": (
        {"definitions": {"a": {"id": "#a", "type": "string"}}, "$ref": "#a"},
        ["x"],
        [1],
    ),
    "type any": ({"type": "any"}, [1, "x", None], []),
    "types with a schema": ({"type": ["string", {"type": "object"}]}, ["x", {}], [1]),
    "extends and disallow": (
        {"extends": {"required": ["a"]}, "disallow": ["string"]},
        [{"a": 1}],
        ["x", {}],
    ),
    "divisibleBy": ({"divisibleBy": 2}, [4], [3]),
    "true": (True, [1], []),
    "false": (False, [], [1]),
    "2020-12": (
        {"prefixItems": [{"type": "string"}], "items": False, "dependentRequired": {"a": ["b"]}},
        [["x"], {"a": 1, "b": 1}],
        [["x", 1], {"a": 1}],
    ),
}


@pytest.mark.parametrize(("schema", "valid", "invalid"), CASES.values(), ids=CASES)
def test_a_schema_of_an_older_draft_keeps_its_meaning(
    schema: Any, valid: list[Any], invalid: list[Any]
) -> None:
    converted = convert_schema(schema)
    assert converted.external_references == ()
    assert schema_violations(converted.schema) == ()
    accepts = Validator(converted.schema).accepts
    assert [accepts(value) for value in valid] == [True] * len(valid)
    assert [accepts(value) for value in invalid] == [False] * len(invalid)


@pytest.mark.parametrize(
    "reference", ["http://x.example/a.json", "other.json#/a", "#/definitions/absent", "#absent"]
)
def test_a_reference_outside_the_document_accepts_any_value(reference: str) -> None:
    schema = {"properties": {"a": {"$ref": reference}, "b": {"type": "string"}}}
    converted = convert_schema(schema)
    assert converted.external_references == (reference,)
    accepts = Validator(converted.schema).accepts
    assert (accepts({"a": 1}), accepts({"b": 1})) == (True, False)


@pytest.mark.parametrize("schema", [{"type": "int"}, {"required": "a"}, {"enum": "x"}, [], 1])
def test_an_invalid_schema_stays_invalid(schema: Any) -> None:
    assert schema_violations(convert_schema(schema).schema)
