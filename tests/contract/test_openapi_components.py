"""Schemas with references to their own parts become components of the OpenAPI document."""

from helpers.generated_apis import generated_contract

from mockserver.contract.openapi_components import (
    component_name,
    has_references,
    with_component_references,
    without_boolean_schemas,
)


def test_references_start_at_the_document() -> None:
    schema = {
        "$ref": "#/$defs/T",
        "$defs": {"T": {"items": [{"$ref": "#"}, {"$ref": "#/$defs/T"}]}},
    }
    prefix = "#/components/schemas/get-a.200"
    assert has_references(schema)
    assert with_component_references(schema, "get-a.200") == {
        "$ref": f"{prefix}/$defs/T",
        "$defs": {"T": {"items": [{"$ref": prefix}, {"$ref": f"{prefix}/$defs/T"}]}},
    }


def test_references_to_other_roots_stay() -> None:
    schema = {"anyOf": [{"$id": "urn:a", "$ref": "#/$defs/T"}, {"$ref": "urn:a"}]}
    assert with_component_references(schema, "x") == schema


def test_boolean_schemas_are_objects() -> None:
    schema = {
        "properties": {"a": False, "properties": {"type": "array", "uniqueItems": True}},
        "allOf": [True, {"items": False}],
        "additionalProperties": False,
    }
    assert without_boolean_schemas(schema) == {
        "properties": {"a": {"not": {}}, "properties": {"type": "array", "uniqueItems": True}},
        "allOf": [{}, {"items": {"not": {}}}],
        "additionalProperties": False,
    }


def test_operations_with_other_letters_have_different_components() -> None:
    contract = generated_contract("# GET /ö\n\n+ Response 204\n\n# GET /ä\n\n+ Response 204\n")
    names = [component_name(served, "200") for served in contract.served]
    assert names == ["get-_f6_.200", "get-_e4_.200"]
