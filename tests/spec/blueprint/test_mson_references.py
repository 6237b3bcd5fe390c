"""Recursive and large types: schemas with references, and examples that end."""

import json
from typing import Any

import pytest

from mockserver.formats.json_schema import Validator, schema_violations
from mockserver.spec import blueprint, schemas
from mockserver.spec.description import Api

ACTION = (
    "# GET /a\n\n+ Response 200 (application/json)\n    + Attributes {}\n\n# Data Structures\n\n{}"
)


def read(attributes: str, structures: str) -> Api:
    return blueprint.parse_blueprint(ACTION.format(attributes, structures), "f", "x")


def schema_and_body(api: Api) -> tuple[dict[str, Any], Any]:
    """Return the schema of the response, and the body made from its attributes."""
    schema = schemas.derive(api)["get-a", 200]
    body = schemas.with_examples(api).operations[0].transactions[0].response.body
    if body is None:
        return schema, None
    return schema, json.loads(body)


RECURSIVE: dict[str, tuple[str, str, Any]] = {
    "member": ("(T)", "## T\n+ v: x\n+ t (T)", {"v": "x", "t": {"v": "x"}}),
    "array": ("(T)", "## T\n+ v: x\n+ t (array[T])", {"v": "x", "t": [{"v": "x", "t": []}]}),
    "nullable": ("(T)", "## T\n+ t (T, nullable, required)", {"t": {"t": None}}),
    "array of itself": ("(T)", "## T (array[T])", [[[]]]),
    "two types": (
        "(A)",
        "## A\n+ b (B, required)\n\n## B\n+ a (array[A])\n+ v: x",
        {"b": {"a": [], "v": "x"}},
    ),
    "in another type": (
        "(array[W])",
        "## W\n+ t (T)\n\n## T\n+ v: x\n+ t (T)",
        [{"t": {"v": "x", "t": {"v": "x"}}}],
    ),
    "One Of": ("(T)", "## T\n+ One Of\n    + t (T)\n    + v: x", {"t": {"v": "x"}}),
    "variable name": ("(T)", "## T\n+ *k* (T)\n+ v: x", {"k": {"v": "x"}, "v": "x"}),
    "required in itself": ("(T)", "## T\n+ t (T, required)\n+ v: x", {"t": {"v": "x"}, "v": "x"}),
    "fixed in itself": (
        "(T)",
        "## T (object, fixed)\n+ t (T)\n+ v: x",
        {"t": {"v": "x"}, "v": "x"},
    ),
    "derived type in its base": (
        "(A)",
        "## A\n+ b (B)\n\n## B (A)\n+ v: x",
        {"b": {"b": {"v": "x"}, "v": "x"}},
    ),
}


@pytest.mark.parametrize(("attributes", "structures", "body"), RECURSIVE.values(), ids=RECURSIVE)
def test_a_recursive_type_has_references_and_an_example_that_ends(
    attributes: str, structures: str, body: Any
) -> None:
    schema, actual_body = schema_and_body(read(attributes, structures))
    assert actual_body == body
    assert '"$ref": "#/$defs/' in json.dumps(schema)
    assert schema_violations(schema) == ()
    assert Validator(schema).accepts(body)


def test_the_schema_of_a_recursive_type_has_the_members_of_the_type() -> None:
    schema, _ = schema_and_body(read("(T)", "## T\n+ id: 5 (number, required)\n+ t (array[T])"))
    reference = {"$ref": "#/$defs/T"}
    properties = {"id": {"type": "integer"}, "t": {"type": "array", "items": reference}}
    assert schema["properties"] == properties
    assert schema["$defs"]["T"]["properties"] == properties
    assert Validator(schema).accepts({"id": 1, "t": [{"id": 2, "t": [{"id": 3}]}]})
    assert not Validator(schema).accepts({"id": 1, "t": [{"id": 2, "t": [{}]}]})


def test_values_in_a_body_belong_to_the_members_of_a_recursive_type() -> None:
    api = blueprint.parse_blueprint(
        "# GET /a\n\n+ Response 200 (application/json)\n    + Attributes (T)\n    + Body\n\n"
        '            {"t": {"t": {"at": "2020-01-01T00:00:00Z"}}}\n\n'
        "# Data Structures\n\n## T\n+ at\n+ t (T)\n",
        "f",
        "x",
    )
    schema = schemas.derive(api)["get-a", 200]
    assert schema["$defs"]["T"]["properties"]["at"] == {"type": "string", "format": "date-time"}


def test_schemas_with_the_same_definitions_share_them() -> None:
    api = blueprint.parse_blueprint(
        "# GET /a\n\n+ Response 200 (application/json)\n    + Attributes (T)\n\n"
        "+ Response 200 (application/json)\n    + Attributes (array[T])\n\n"
        "# Data Structures\n\n## T\n+ v (required)\n+ t (T)\n",
        "f",
        "x",
    )
    schema = schemas.derive(api)["get-a", 200]
    assert list(schema["$defs"]) == ["T"]
    assert schema_violations(schema) == ()
    assert Validator(schema).accepts([{"v": "x", "t": {"v": "y"}}])
    assert not Validator(schema).accepts([{"v": "x", "t": {}}])


def tree(names: int, flag: str = "") -> str:
    """Return types that each contain the next one twice: 2 to the power of `names` types."""
    types = "".join(
        f"## T{n}\n+ a (T{n + 1}{flag})\n+ b (T{n + 1}{flag})\n\n" for n in range(names)
    )
    return f"{types}## T{names}\n+ v: x\n"


def chain(names: int) -> str:
    """Return types that each contain the next one."""
    return "".join(f"## T{n}\n+ a (T{n + 1})\n\n" for n in range(names)) + f"## T{names}\n+ v\n"


def clique(names: int) -> str:
    """Return types that each contain all types."""
    members = "".join(f"+ m{n} (T{n})\n" for n in range(names))
    return "".join(f"## T{n}\n{members}\n" for n in range(names))


LARGE = {"tree": tree(40), "chain": chain(1500), "clique": clique(20)}


@pytest.mark.parametrize("structures", LARGE.values(), ids=LARGE)
def test_a_large_type_has_a_small_schema_and_a_small_example(structures: str) -> None:
    api = read("(T0)", structures)
    schema, body = schema_and_body(api)
    assert not api.messages
    assert len(json.dumps(schema)) < 200_000
    assert len(json.dumps(body)) < 200_000
    assert Validator(schema).accepts(body)


def test_a_type_that_requires_too_many_values_has_no_example() -> None:
    schema, body = schema_and_body(read("(T0)", tree(40, ", required")))
    assert body is None
    assert schema["$defs"]
