"""URI parameters: types, values, and the forms that are not in API Blueprint 1A."""

from typing import Any

import pytest
from helpers.blueprint_messages import OK, blueprint_messages

from mockserver.spec.blueprint import parse_blueprint
from mockserver.spec.description import Operation, Parameter


def blueprint(uri: str, *lines: str) -> str:
    """Return the text of a blueprint whose resource has these lines of parameters.

    The first of them is line 7.
    """
    items = "".join(f"    {line}\n" for line in lines)
    return f"# A\n\n# R [{uri}]\n\n+ Parameters\n\n{items}\n## L [GET]\n\n{OK}"


def operation(text: str) -> Operation:
    """Return the operation of a blueprint with one."""
    [found] = parse_blueprint(text, "f", "x").operations
    return found


def parameter(*lines: str) -> Parameter:
    """Return the parameter `id` in the query."""
    [found] = operation(blueprint("/r{?id}", *lines)).parameters
    return found


TYPES: dict[str, tuple[str, Any]] = {
    "integer": ("integer", 1),
    "int": ("integer", 1),
    "Integer": ("integer", 1),
    "long": ("integer", 1),
    "number": ("number", 1),
    "float": ("number", 1),
    "bool": ("boolean", None),
    "String": ("string", "1"),
    "date": ("string", "1"),
    "uuid": ("string", "1"),
    "Array[int]": ("array", "1"),
}


@pytest.mark.parametrize(("name", "expected"), TYPES.items(), ids=TYPES)
def test_a_type_of_another_language_is_read(name: str, expected: tuple[str, Any]) -> None:
    found = parameter(f"+ id: 1 ({name})")
    assert (found.type, found.example) == expected


def test_the_items_of_an_array_have_such_types_too() -> None:
    assert parameter("+ id (array[int])").item_type == "integer"
    assert parameter("+ id (list[bool])").item_type == "boolean"


FORMS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "a name in backticks": (["+ `id`: 5 (number)"], {"example": 5}),
    "text without a dash": (
        ["+ `id` (optional, string) The id - of it"],
        {"required": False, "description": "The id - of it"},
    ),
    "dots without spaces": (["+ id (string)... The id"], {"description": "The id"}),
    "a dash without spaces": (["+ id (string)- The id"], {"description": "The id"}),
    "a colon": (["+ id: 5 (number) : The id"], {"example": 5, "description": "The id"}),
    "brackets in a value": (["+ id: f(x) (string) - The id"], {"example": "f(x)"}),
    "brackets that are no type": (["+ id: a (b) c"], {"example": "a (b) c"}),
    "old syntax": (
        ["+ id = `5` (optional, number, `7`) ... The id"],
        {"required": False, "default": 5, "example": 7, "description": "The id"},
    ),
    "values in brackets": (["+ id: a (string, `a`|`b`)"], {"values": ("a", "b"), "example": "a"}),
    "values in brackets of an enum": (["+ id (enum[a, b])"], {"values": ("a", "b")}),
    "values as items": (["+ id: a (enum[string])", "    + a", "    + b"], {"values": ("a", "b")}),
    "values below Values": (
        ["+ id: a (string)", "    + Values", "        + `a`", "        + `b`"],
        {"values": ("a", "b")},
    ),
    "a default below it": (
        ["+ id: 5 (number, optional)", "    + Default: 10"],
        {"example": 5, "default": 10},
    ),
    "a sample below it": (["+ id (number)", "    + Sample: 10"], {"example": 10}),
    "a default in the line": (["+ id: 5 (number, default)"], {"default": 5, "example": None}),
    "a boolean in upper case": (["+ id: TRUE (boolean)"], {"example": True}),
    "a default in the brackets": (
        ["+ id: 5 (number, default: 7, optional) - The id"],
        {"default": 7, "required": False, "description": "The id"},
    ),
    "an emphasized name": (["+ **id**: 5 (number)"], {"example": 5}),
    "null": (["+ id: null (number, nullable)"], {"example": None}),
    "values without a type": (["+ id (`a` | `b`)"], {"values": ("a", "b")}),
    "values in the description": (
        ["+ id (string) - Either `a`|`b`"],
        {"values": (), "description": "Either `a`|`b`"},
    ),
    "a type in the description": (
        ["+ id: 5 - The id (string) of it"],
        {"example": "5", "description": "The id (string) of it"},
    ),
    "required by default": (["+ id (string)"], {"required": True}),
}


@pytest.mark.parametrize(("lines", "members"), FORMS.values(), ids=FORMS)
def test_a_form_of_a_parameter_is_read(lines: list[str], members: dict[str, Any]) -> None:
    found = parameter(*lines)
    assert found.name == "id"
    assert {name: getattr(found, name) for name in members} == members
    assert blueprint_messages(blueprint("/r{?id}", *lines)) == []


UNFIT: dict[str, tuple[list[str], str, str]] = {
    "number": (["+ id: x (number)"], "x", "'x' is not a number; expected a value of type number"),
    "integer": (
        ["+ id: 1.5 (integer)"],
        "1.5",
        "'1.5' is not an integer; expected a value of type integer",
    ),
    "boolean": (
        ["+ id: no (boolean)"],
        "no",
        "'no' is neither true nor false; expected a value of type boolean",
    ),
    "enum": (
        ["+ id: c (enum)", "    + a", "    + b"],
        "c",
        "the example 'c' is not one of the values; expected a, b",
    ),
    "old syntax": (
        ["+ id (number, `x`) ... The id"],
        "x",
        "'x' is not a number; expected a value of type number",
    ),
}


@pytest.mark.parametrize(("lines", "text", "message"), UNFIT.values(), ids=UNFIT)
def test_an_example_that_does_not_fit_is_kept_and_not_used(
    lines: list[str], text: str, message: str
) -> None:
    found = parameter(*lines)
    assert (found.example, found.unfit_example) == (None, text)
    assert blueprint_messages(blueprint("/r{?id}", *lines)) == [f"7:7: {message}"]


def test_a_default_that_does_not_fit_is_kept_too() -> None:
    found = parameter("+ id = `x` (optional, number, `7`) ... The id")
    assert (found.example, found.default, found.unfit_default) == (7, None, "x")


def test_the_last_parameter_of_a_name_is_used() -> None:
    assert parameter("+ id: 1 (number)", "+ id: 2 (number)").example == 2


def test_a_parameter_in_no_uri_is_an_optional_variable_of_the_query() -> None:
    text = blueprint("/r/{id}", "+ id: 1 (number)", "+ page: 2 (number, required)")
    found = operation(text).parameters
    assert [(p.name, p.location, p.required) for p in found] == [
        ("id", "path", True),
        ("page", "query", False),
    ]


def test_a_parameter_in_the_uri_of_another_action_is_not_inherited() -> None:
    text = (
        blueprint("/r/{id}", "+ id: 1 (number)", "+ q (string)") + f"\n## M [PUT /r{{?q}}]\n\n{OK}"
    )
    first, second = parse_blueprint(text, "f", "x").operations
    assert [found.name for found in first.parameters] == ["id"]
    assert [found.name for found in second.parameters] == ["q"]


def test_a_documented_name_can_have_a_hyphen_or_an_escape() -> None:
    for name in ("user-id", "user%2Did", "user.id", "user[id]"):
        text = blueprint(f"/r/{{{name}}}", f"+ {name}: 5 (number)")
        if "[" not in name:
            assert operation(text).parameters[0].example == 5
            assert blueprint_messages(text) == []


def test_the_parameters_of_a_request_complete_those_of_the_action() -> None:
    requests = ""
    for name in ("one", "two"):
        items = f"        + id: {name}\n        + page: {name}\n"
        requests += f"+ Request {name}\n\n    + Parameters\n{items}\n{OK}\n"
    text = (
        f"# A\n\n# R [/r/{{id}}{{?page}}]\n\n+ Parameters\n    + id: 5\n\n## L [GET]\n\n{requests}"
    )
    found = operation(text).parameters
    assert [(p.name, p.example) for p in found] == [("id", "5"), ("page", "one")]
    assert blueprint_messages(text) == []


def test_a_documented_literal_part_of_the_query_has_one_value() -> None:
    text = blueprint("/r?kind=b{&id}", "+ kind: c (number, optional) - The kind", "+ id: 5")
    first, second = operation(text).parameters
    assert first.name == "id"
    assert (second.name, second.type, second.required) == ("kind", "string", True)
    assert (second.example, second.values, second.description) == ("b", ("b",), "The kind")
