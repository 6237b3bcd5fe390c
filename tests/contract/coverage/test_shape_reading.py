"""The shapes of schemas with references, alternatives and conditions."""

from typing import Any

import pytest

from mockserver.contract.coverage.bodies import MAX_PLACES, all_places, pointer_names, read_places
from mockserver.contract.coverage.operation_items import place_words

STRING = {"type": "string"}
NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}


def words(schema: dict[str, Any]) -> list[str]:
    """Return the items of a body as `POINTER WORD`."""
    body = read_places(schema)
    if body is None:
        return []
    listed: list[str] = []
    for place in all_places(body):
        listed += [f"{place.pointer} {word}" for word, _ in place_words(place, with_lengths=True)]
    return listed


def an_object(required: list[str], **members: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": members}


CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a required member": (an_object(["a"], a=STRING), ["/a present"]),
    "an optional member": (an_object([], a=STRING), ["/a absent", "/a present"]),
    "a nullable member": (
        an_object(["a"], a={"type": ["string", "null"]}),
        ["/a present", "/a null"],
    ),
    "a member that is always null": (an_object(["a"], a={"type": "null"}), ["/a null"]),
    "a member without a type": (an_object(["a"], a={}), ["/a present"]),
    "a member that no value fits": (an_object([], a=False), []),
    "a required member without a schema": ({"type": "object", "required": ["a"]}, ["/a present"]),
    "an enum with null": (
        an_object(["a"], a={"enum": ["x", 1, None]}),
        ["/a present", "/a null", '/a "x"', "/a 1"],
    ),
    "an enum of another type": (
        an_object(["a"], a={"type": "string", "enum": ["x", "y", 1, None]}),
        ["/a present", '/a "x"', '/a "y"'],
    ),
    "a constant": (an_object(["a"], a={"const": "x"}), ["/a present"]),
    "a boolean": (an_object(["a"], a={"type": "boolean"}), ["/a present", "/a false", "/a true"]),
    "a list": ({"type": "array"}, [" empty", " one", " many"]),
    "a list that is never empty": ({"type": "array", "minItems": 1}, [" one", " many"]),
    "a list that is always empty": ({"type": "array", "maxItems": 0}, []),
    "a list of one length": ({"type": "array", "minItems": 2, "maxItems": 2}, []),
    "a list of at most one": ({"type": "array", "maxItems": 1}, [" empty", " one"]),
    "a list of lists": (
        {"type": "array", "minItems": 2, "items": {"type": "array", "maxItems": 1}},
        ["/* empty", "/* one"],
    ),
    "items at fixed places": (
        {"type": "array", "minItems": 2, "prefixItems": [{}, {"enum": [1, 2]}], "items": False},
        ["/1 1", "/1 2"],
    ),
    "members without a name": (
        {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
        ["/* present", "/* null"],
    ),
    "members of a pattern": (
        {"type": "object", "patternProperties": {"^x": STRING}, "additionalProperties": False},
        ["/* present"],
    ),
    "any other members": ({"type": "object", "additionalProperties": True}, []),
    "a name with special characters": (
        an_object(["a b/*~"], **{"a b/*~": STRING}),
        ["/a%20b~1~2~0 present"],
    ),
    "parts that all apply": (
        {"allOf": [an_object(["a"], a={"enum": [1, 2, 3]}), an_object([], a={"enum": [2, 3, 4]})]},
        ["/a present", "/a 2", "/a 3"],
    ),
    "parts that exclude each other": ({"allOf": [{"type": "string"}, {"type": "object"}]}, []),
    "alternatives": (
        {
            "anyOf": [
                an_object(["a", "b"], a=STRING, b=STRING),
                an_object(["a"], a={"type": "null"}),
            ]
        },
        ["/a present", "/a null", "/b absent", "/b present"],
    ),
    "an alternative to null": (
        an_object(["a"], a={"anyOf": [an_object(["b"], b=STRING), {"type": "null"}]}),
        ["/a present", "/a null", "/a/b present"],
    ),
    "a choice of members": (
        {
            **an_object([], a=STRING, b=STRING),
            "additionalProperties": False,
            "allOf": [
                {
                    "oneOf": [
                        {"required": ["a"], "properties": {"b": False}},
                        {"required": ["b"], "properties": {"a": False}},
                    ]
                }
            ],
        },
        ["/a absent", "/a present", "/b absent", "/b present"],
    ),
    "a member of a condition": (
        {"type": "object", "if": {}, "then": an_object(["a"], a=STRING)},
        ["/a absent", "/a present"],
    ),
    "a reference": (
        {**an_object(["a"], a={"$ref": "#/$defs/x"}), "$defs": {"x": {"enum": [1, 2]}}},
        ["/a present", "/a 1", "/a 2"],
    ),
    "a reference to an anchor": (
        {**an_object(["a"], a={"$ref": "#x"}), "$defs": {"y": {"$anchor": "x", "enum": [1, 2]}}},
        ["/a present", "/a 1", "/a 2"],
    ),
    "a reference in a schema with an id": (
        {
            "anyOf": [
                {"$id": "urn:a", "$ref": "#/$defs/x", "$defs": {"x": an_object(["a"], a=STRING)}}
            ]
        },
        ["/a present"],
    ),
    "a reference to nothing": (an_object(["a"], a={"$ref": "#/$defs/x"}), ["/a present"]),
    "a schema that repeats itself": (
        {**NODE, "$defs": {"node": NODE}},
        ["/next absent", "/next present", "/next/next absent", "/next/next present"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_schema_has_these_items(name: str) -> None:
    schema, expected = CASES[name]
    assert words(schema) == expected


def test_a_body_with_too_many_places_loses_its_deepest_level() -> None:
    names = [f"t{number}" for number in range(14)]
    members = {name: {"$ref": f"#/$defs/{name}"} for name in names}
    definitions = {name: {"type": "object", "properties": members} for name in names}
    body = read_places({"type": "object", "properties": members, "$defs": definitions})
    assert body is not None
    pointers = [place.pointer for place in all_places(body)]
    assert len(pointers) <= MAX_PLACES
    assert {pointer.count("/") for pointer in pointers} == {0, 1, 2}


@pytest.mark.parametrize(
    "name", ["plain", "a b", "a/b", "a~b", "*", "~2", "100%", "%20", "\u00a0é"]
)
def test_a_pointer_names_the_members_again(name: str) -> None:
    body = read_places(an_object([name], **{name: STRING}))
    assert body
    [_, member] = all_places(body)
    assert " " not in member.pointer
    assert pointer_names(member.pointer) == [name]


def test_alternatives_that_refer_to_each_other_are_read_once() -> None:
    names = [f"t{number}" for number in range(30)]
    references = [{"$ref": f"#/$defs/{name}"} for name in names]
    definitions = {name: {"anyOf": [an_object([], a=STRING), *references]} for name in names}
    assert words({"anyOf": references, "$defs": definitions}) == ["/a absent", "/a present"]
