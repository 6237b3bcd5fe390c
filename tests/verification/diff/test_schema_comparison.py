"""The differences of two schemas, member by member, and their effect on the values."""

from typing import Any

import pytest

from mockserver.verification.diff.schema_comparison import compare_schemas

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
TYPES = {"T": {"type": "object", "properties": {"next": {"$ref": "#/$defs/T"}, "v": STRING}}}


def closed(required: str = "", /, **properties: Any) -> dict[str, Any]:
    names = required.split()
    schema = {"type": "object", "properties": properties, "required": names}
    return {**schema, "additionalProperties": False}


def opened(required: str = "", /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required.split()}


def summary(old: Any, new: Any) -> list[str]:
    """Return each difference as pointer, kind, keyword and effect: `/a NARROWED type n`."""
    lines = []
    for item in compare_schemas(old, new):
        effect = "n" * item.narrows + "w" * item.widens
        words = [item.pointer or ".", item.kind.name, item.keyword, "required" * item.required]
        lines.append(" ".join(word for word in [*words, effect] if word))
    return lines


SAME = {
    "order of required": (closed("a b", a=STRING, b=STRING), closed("b a", b=STRING, a=STRING)),
    "order of enum": ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    "list of one type": (STRING, {"type": ["string"]}),
    "definition": (closed(a=STRING), {**closed(a={"$ref": "#/$defs/S"}), "$defs": {"S": STRING}}),
    "name of a recursive definition": (
        {"$ref": "#/$defs/T", "$defs": TYPES},
        {"$ref": "#/definitions/T", "definitions": TYPES, "$defs": TYPES},
    ),
    "allOf of one": (closed(a=STRING), {"allOf": [closed(a=STRING)]}),
    "allOf of parts": (
        {"type": "string", "minLength": 1, "maxLength": 3},
        {"allOf": [{"type": "string", "minLength": 1}, {"maxLength": 3}]},
    ),
    "anyOf of types": ({"type": ["string", "null"]}, {"anyOf": [{"type": "null"}, STRING]}),
    "oneOf of types": ({"type": ["string", "integer"]}, {"oneOf": [INTEGER, STRING]}),
    "anyOf of values": ({"enum": [1, 2]}, {"anyOf": [{"const": 2}, {"const": 1}]}),
    "nullable object": (
        {**closed(a=STRING), "type": ["object", "null"]},
        {"oneOf": [{"type": "null"}, closed(a=STRING)]},
    ),
    "whole number": ({"enum": [1]}, {"const": 1.0}),
    "integer as multiple": (INTEGER, {"type": "number", "multipleOf": 1}),
    "bound of an integer": (
        {"type": "integer", "exclusiveMinimum": 0},
        {"type": "integer", "minimum": 1},
    ),
    "keyword of another type": (STRING, {"type": "string", "minItems": 2}),
    "forbidden member of a closed object": (closed(a=STRING), closed(a=STRING, b=False)),
    "impossible item": (
        {"type": "array", "prefixItems": [STRING], "items": False},
        {"type": "array", "prefixItems": [STRING], "maxItems": 1},
    ),
    "implied limit": (opened("a", a=STRING), {**opened("a", a=STRING), "minProperties": 1}),
    "not, as text": ({"not": STRING}, {"not": {"type": ["string"], "description": "x"}}),
    "embedded resource": (
        {"anyOf": [{"$id": "urn:x:0", "$ref": "#/$defs/S", "$defs": {"S": STRING}}, INTEGER]},
        {"type": ["string", "integer"]},
    ),
    "boolean schemas": ({"properties": {"a": True}}, {"properties": {"a": {}}}),
}
"""Pairs of schemas that accept the same values."""


@pytest.mark.parametrize("name", SAME)
def test_schemas_with_the_same_values_have_no_difference(name: str) -> None:
    old, new = SAME[name]
    assert summary(old, new) == []
    assert summary(new, old) == []


def enum(*values: Any) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def mapped(values: dict[str, Any], /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": values}


STR_OBJ = ["string", "object"]
TEXTS = [". TEXT_CHANGED description", ". EXAMPLE_CHANGED default"]
DIFFERENT: list[tuple[Any, Any, list[str]]] = [
    (closed(a=STRING), closed(a=STRING, b=STRING), ["/b MEMBER_ADDED properties w"]),
    (closed(), closed("b", b=STRING), ["/b MEMBER_ADDED properties required nw"]),
    (opened(), opened(b=STRING), ["/b MEMBER_ADDED properties n"]),
    (opened(), opened(b={}), ["/b MEMBER_ADDED properties"]),
    (opened(b=STRING), opened(), ["/b MEMBER_REMOVED properties w"]),
    (closed("b", b=STRING), closed(), ["/b MEMBER_REMOVED properties required nw"]),
    (closed(a=STRING), closed("a", a=STRING), ["/a BECAME_REQUIRED required n"]),
    (closed("a", a=STRING), closed(a=STRING), ["/a BECAME_OPTIONAL required w"]),
    (mapped(STRING), mapped(STRING, a=INTEGER), ["/a RECUT type nw"]),
    (mapped(STRING), mapped(STRING, a={}), ["/a WIDENED type w"]),
    (mapped(STRING), mapped(STRING, a=opened(b=STRING)), ["/a RECUT type nw"]),
    (mapped(enum("a")), mapped(enum("a"), a=enum("a", "b")), ["/a ENUM_ADDED enum w"]),
    (mapped(STRING), mapped(STRING, a=enum("a")), ["/a NARROWED enum n"]),
    (mapped({}), mapped({}, a=enum("a")), ["/a MEMBER_ADDED properties n"]),
    (mapped(STRING), mapped(STRING, a=STRING), ["/a MEMBER_ADDED properties"]),
    (closed(), opened(), [". WIDENED additionalProperties w"]),
    (STRING, {"type": ["string", "null"]}, [". WIDENED type w"]),
    ({"type": "number"}, {"type": ["integer", "null"]}, [". RECUT type nw"]),
    (INTEGER, {"type": "number"}, [". WIDENED type w"]),
    (INTEGER, STRING, [". RECUT type nw"]),
    (enum("a", "b"), enum("b", "c"), [". ENUM_REMOVED enum n", ". ENUM_ADDED enum w"]),
    ({"enum": ["a", 1]}, {"enum": ["a"]}, [". ENUM_REMOVED enum n"]),
    (enum("a"), {"type": "integer", "enum": [1]}, [". RECUT type nw"]),
    ({"enum": ["a", None]}, {"enum": [1, None]}, [". RECUT type nw"]),
    ({"const": False}, {"const": 0}, [". RECUT type nw"]),
    ({"enum": ["1", "2"]}, {"enum": [1, 2]}, [". RECUT type nw"]),
    ({"enum": ["a"]}, {"enum": [1, "a"]}, [". ENUM_ADDED enum w"]),
    (enum("a"), STRING, [". WIDENED enum w"]),
    (enum("a", "bb"), {"type": "string", "minLength": 2}, [". RECUT enum nw"]),
    ({"type": "boolean"}, {"const": True}, [". ENUM_REMOVED enum n"]),
    (STRING, {"type": "string", "pattern": "a"}, [". NARROWED pattern n"]),
    ({"pattern": "b"}, {"pattern": "a"}, [". UNDECIDED pattern nw"]),
    ({"format": "uuid"}, {}, [". WIDENED format w"]),
    ({"multipleOf": 6}, {"multipleOf": 3}, [". WIDENED multipleOf w"]),
    ({"uniqueItems": True}, {}, [". WIDENED uniqueItems w"]),
    (
        {"type": "array", "items": closed(a=STRING)},
        {"type": "array", "items": closed(a=INTEGER)},
        ["/*/a RECUT type nw"],
    ),
    ({"not": STRING}, {"not": INTEGER}, [". UNDECIDED not nw"]),
    ({}, {"if": STRING, "then": {"minLength": 1}}, [". UNDECIDED if n"]),
    ({"x-note": 1}, {"x-note": 2}, [". TEXT_CHANGED x-note"]),
    ({"nullable": True}, {}, [". UNDECIDED nullable nw"]),
    ({"description": "a", "default": 1}, {"default": 2}, TEXTS),
    (
        {"$ref": "#/$defs/T", "$defs": TYPES},
        {"$ref": "#/$defs/T", "$defs": {"T": {**TYPES["T"], "required": ["v"]}}},
        ["/v BECAME_REQUIRED required n"],
    ),
    (
        {"oneOf": [closed("a", a=STRING), closed("b", b=STRING)]},
        {"oneOf": [closed("b", b=INTEGER), closed("a", a=STRING), closed("c", c=STRING)]},
        ["/b RECUT type nw", ". WIDENED anyOf w"],
    ),
    (
        {"anyOf": [closed("t", t={"const": "x"}, a=STRING), closed("t", t={"const": "y"})]},
        {"anyOf": [closed("t", t={"const": "y"}), closed("t", t={"const": "x"}, a=INTEGER)]},
        ["/a RECUT type nw"],
    ),
    # A value can fit both alternatives, so a difference of one re-cuts the whole.
    (
        {"oneOf": [opened(a=STRING), opened(b=STRING)]},
        {"oneOf": [opened(a=STRING), opened(b=INTEGER)]},
        [". UNDECIDED oneOf nw", "/b RECUT type nw"],
    ),
    ({"$ref": "other.json"}, {"$ref": "other.json"}, [". UNDECIDED $ref nw"]),
    (opened(x=False), opened(), ["/x WIDENED properties w"]),
    ({"patternProperties": {"a": STRING}}, {}, [". UNDECIDED patternProperties nw"]),
    # A string is not subject to `required`, though no object is valid.
    (
        {"required": ["a"], "anyOf": [{**closed(), "type": "object"}]},
        {"type": ["object", "string"], "required": ["a"], "anyOf": [{**closed(), "type": STR_OBJ}]},
        [". WIDENED type w"],
    ),
]
"""An old and a new schema, and the summary of their differences."""


@pytest.mark.parametrize(("old", "new", "differences"), DIFFERENT)
def test_a_difference_has_its_kind_and_effect(old: Any, new: Any, differences: list[str]) -> None:
    assert summary(old, new) == differences


@pytest.mark.parametrize("keyword", ["maxLength", "maxItems", "maxProperties"])
def test_a_maximum_of_zero_is_named(keyword: str) -> None:
    [difference] = compare_schemas({}, {keyword: 0})
    assert (difference.old, difference.new) == ("", "0")


def nested(levels: int, leaf: dict[str, Any]) -> dict[str, Any]:
    schema = leaf
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def test_a_deep_schema_is_undecided_unless_it_is_the_same() -> None:
    for levels in (80, 5000):
        assert summary(nested(levels, STRING), nested(levels, STRING)) == []
        differences = compare_schemas(nested(levels, STRING), nested(levels, INTEGER))
        assert [item.kind.name for item in differences] == ["UNDECIDED"]


def test_many_recursive_types_come_to_an_end() -> None:
    count = 10
    references = {f"m{number}": {"$ref": f"#/$defs/T{number}"} for number in range(count)}

    def schema(leaf: dict[str, Any]) -> dict[str, Any]:
        part = {"type": "object", "properties": {**references, "v": leaf}}
        return {"$ref": "#/$defs/T0", "$defs": {f"T{n}": dict(part) for n in range(count)}}

    assert summary(schema(STRING), schema(STRING)) == []
    lines = summary(schema(STRING), schema(INTEGER))
    assert "/v RECUT type nw" in lines
    assert lines[-1] == ". UNDECIDED nw"


def test_the_difference_of_a_member_is_found_among_two_thousand() -> None:
    names = [f"m{number}" for number in range(2000)]
    old = closed(" ".join(names), **dict.fromkeys(names, STRING))
    new = closed(" ".join(names), **{**dict.fromkeys(names, STRING), "m7": INTEGER})
    assert summary(old, new) == ["/m7 RECUT type nw"]
