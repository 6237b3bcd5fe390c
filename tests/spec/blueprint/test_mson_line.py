"""MSON: lines, types, members and values of named types."""

from typing import Any

import pytest

from mockserver.errors import Position
from mockserver.spec import blueprint
from mockserver.spec.blueprint.markdown import Source
from mockserver.spec.blueprint.mson_line import TypeName, parse_signature
from mockserver.spec.description import DataType, Member

AT = Position("f", 1, 1)


def parts(text: str, *dashes: str) -> tuple[Any, ...]:
    source = Source("f", [text])
    line = parse_signature(source, text, AT, dashes or (" - ",))
    assert not source.messages
    return line.name, line.value, type_text(line.type), sorted(line.flags), line.description


def type_text(name: TypeName | None) -> str | None:
    if name is None:
        return None
    if not name.arguments:
        return name.name
    arguments = [str(type_text(argument)) for argument in name.arguments]
    return f"{name.name}[{'; '.join(arguments)}]"


LINES: dict[str, tuple[Any, ...]] = {
    "id": ("id", None, None, [], ""),
    "id: 5": ("id", "5", None, [], ""),
    "id:5": ("id", "5", None, [], ""),
    "id: 5 (number)": ("id", "5", "number", [], ""),
    "id (number, required)": ("id", None, "number", ["required"], ""),
    "id (required,number)": ("id", None, "number", ["required"], ""),
    "id (Required, Nullable)": ("id", None, None, ["nullable", "required"], ""),
    "id - What it is": ("id", None, None, [], "What it is"),
    "id: 5 (number) - What - it is (really)": ("id", "5", "number", [], "What - it is (really)"),
    "id: a-b": ("id", "a-b", None, [], ""),
    "at: 2017-01-01 15:35:00 (string)": ("at", "2017-01-01 15:35:00", "string", [], ""),
    "url: http://a/b (string)": ("url", "http://a/b", "string", [], ""),
    "text: smile (or not) today": ("text", "smile (or not) today", None, [], ""),
    "text: smile (or not) today (string)": ("text", "smile (or not) today", "string", [], ""),
    "text: `a - b (c)` (string)": ("text", "`a - b (c)`", "string", [], ""),
    "`a: b`: c": ("a: b", "c", None, [], ""),
    "list (array[A, B])": ("list", None, "array[A; B]", [], ""),
    "list: 1, 2 (array[enum[number]], fixed)": (
        "list",
        "1, 2",
        "array[enum[number]]",
        ["fixed"],
        "",
    ),
    "(Person)": ("", None, "Person", [], ""),
    "a (Some Person, sample)": ("a", None, "Some Person", ["sample"], ""),
    "a ()": ("a", None, None, [], ""),
    "": ("", None, None, [], ""),
}


@pytest.mark.parametrize(("text", "expected"), LINES.items(), ids=LINES)
def test_a_line_has_a_name_a_value_a_type_flags_and_a_description(
    text: str, expected: tuple[Any, ...]
) -> None:
    assert parts(text) == expected


def test_a_description_can_follow_another_dash() -> None:
    assert parts("id (number) ... Text - more", " - ", " ... ") == (
        "id",
        None,
        "number",
        [],
        "Text - more",
    )


def test_the_names_of_types_have_their_columns() -> None:
    line = parse_signature(Source("f", [""]), "ab: c (required, array[D,  E])", Position("f", 3, 5))
    assert line.type is not None
    assert [str(name.position) for name in (line.type, *line.type.arguments)] == [
        "f:3:22",
        "f:3:28",
        "f:3:32",
    ]


STRUCTURES = """
# Data Structures

## Base
+ x: 1 (number, required) - Of the base
+ y: old

## Status (enum)
+ on
+ off

## Named Number (number)
+ Sample: 5
"""

TYPES: dict[str, tuple[str, DataType]] = {
    "a string by default": ("+ a", DataType("string")),
    "sample": ("+ a: text", DataType("string", samples=("text",))),
    "default": ("+ a: text (default)", DataType("string", default="text")),
    "literal": ("+ a: `5` (string)", DataType("string", samples=("5",))),
    "integer": ("+ a: 5 (number)", DataType("number", samples=(5,))),
    "fraction": ("+ a: -5.50 (number)", DataType("number", samples=(-5.5,))),
    "power": ("+ a: 1e2 (number)", DataType("number", samples=(100.0,))),
    "boolean": ("+ a: false (boolean)", DataType("boolean", samples=(False,))),
    "nullable": ("+ a: null (nullable)", DataType("string", nullable=True, samples=(None,))),
    "null is a text otherwise": ("+ a: null", DataType("string", samples=("null",))),
    "fixed": ("+ a: b (fixed)", DataType("string", fixed=True, samples=("b",))),
    "sample section": ("+ a\n    + Sample: b", DataType("string", samples=("b",))),
    "sample section with items": (
        "+ a (number)\n    + Sample\n        + 1\n        + 2",
        DataType("number", samples=(1, 2)),
    ),
    "default section": ("+ a (number)\n    + Default: 7", DataType("number", default=7)),
    "enum": ("+ a (enum)\n    + b\n    + c - Text", DataType("enum", values=("b", "c"))),
    "enum of numbers": (
        "+ a: 2 (enum[number])\n    + 1\n    + 2",
        DataType("enum", items=(DataType("number"),), values=(1, 2), samples=(2,)),
    ),
    "members imply an enum": ("+ a\n    + Members\n        + b", DataType("enum", values=("b",))),
    "members of a string": (
        "+ a (string)\n    + Values\n        + b",
        DataType("enum", items=(DataType("string"),), values=("b",)),
    ),
    "named enum": (
        "+ a: on (Status)",
        DataType("enum", "Status", values=("on", "off"), samples=("on",)),
    ),
    "named number": ("+ a: 6 (Named Number)", DataType("number", "Named Number", samples=(6, 5))),
    "array": ("+ a (array)", DataType("array")),
    "array of a type": ("+ a (array[number])", DataType("array", items=(DataType("number"),))),
    "array with values": (
        "+ a: 1, 2 (array[number])",
        DataType("array", items=(DataType("number", samples=(1, 2)),)),
    ),
    "array of strings by its values": (
        "+ a: 1, 2 (array)",
        DataType("array", items=(DataType("string", samples=("1", "2")),)),
    ),
    "array with items": (
        "+ a (array[number])\n    + 1\n    + 2",
        DataType("array", items=(DataType("number", samples=(1, 2)),)),
    ),
    "items imply an array": (
        "+ a\n    + Items\n        + b",
        DataType("array", items=(DataType("string", samples=("b",)),)),
    ),
    "array of arrays": (
        "+ a (array[array[number]])",
        DataType("array", items=(DataType("array", items=(DataType("number"),)),)),
    ),
    "array of two types": (
        "+ a (array[string, number])",
        DataType("array", items=(DataType("string"), DataType("number"))),
    ),
}


def member_of(text: str) -> Member:
    nested = "".join(f"        {line}\n" for line in text.split("\n"))
    api = blueprint.parse_blueprint(
        f"# GET /a\n\n+ Response 200\n\n    + Attributes\n{nested}{STRUCTURES}", "f", "x"
    )
    data = api.operations[0].transactions[0].response.data
    assert data is not None
    return data.members[0]


@pytest.mark.parametrize(("text", "expected"), TYPES.values(), ids=TYPES)
def test_a_line_has_its_data_type(text: str, expected: DataType) -> None:
    # By its text, so that 1 and 1.0 differ.
    assert repr(member_of(text).type) == repr(expected)


def shape(data: DataType) -> list[tuple[str, str, bool, tuple[Any, ...]]]:
    return [
        (member.name, member.type.kind, member.required, member.type.samples)
        for member in data.members
    ]


OBJECTS: dict[str, tuple[str, list[tuple[str, str, bool, tuple[Any, ...]]]]] = {
    "members imply an object": ("+ a\n    + b", [("b", "string", False, ())]),
    "inherited": (
        "+ a (Base)\n    + z",
        [("x", "number", True, (1,)), ("y", "string", False, ("old",)), ("z", "string", False, ())],
    ),
    "overridden": (
        "+ a (Base)\n    + y: 2 (number)",
        [("x", "number", True, (1,)), ("y", "number", False, (2,))],
    ),
    "included": (
        "+ a\n    + z\n    + Include Base",
        [("z", "string", False, ()), ("x", "number", True, (1,)), ("y", "string", False, ("old",))],
    ),
    "sampled": (
        "+ a (Base)\n    + Sample\n        + x: 7",
        [("x", "number", True, (1, 7)), ("y", "string", False, ("old",))],
    ),
    "properties": ("+ a\n    + Properties\n        + b (required)", [("b", "string", True, ())]),
    "one of": (
        "+ a\n    + One Of\n        + b (required)\n        + c",
        [("b", "string", False, ()), ("c", "string", False, ())],
    ),
}


@pytest.mark.parametrize(("text", "members"), OBJECTS.values(), ids=OBJECTS)
def test_an_object_has_its_members(
    text: str, members: list[tuple[str, str, bool, tuple[Any, ...]]]
) -> None:
    assert shape(member_of(text).type) == members


def test_the_alternatives_of_a_one_of_are_kept() -> None:
    data = member_of(
        "+ a\n    + One Of\n        + b\n        + Properties\n            + c\n            + d"
    ).type
    assert alternatives(data) == [[("b",), ("c", "d")]]


ALTERNATIVES = {
    "nested": ("+ b\n+ One Of\n    + c\n    + d", [[("b",), ("c",), ("d",)]]),
    "included": ("+ Include Base\n+ b", [[("x", "y"), ("b",)]]),
    "group with a nested one": (
        "+ Properties\n    + b\n    + One Of\n        + c\n        + d\n+ e",
        [[("b", "c"), ("b", "d"), ("e",)]],
    ),
    "only one": ("+ b", []),
}


@pytest.mark.parametrize(("text", "expected"), ALTERNATIVES.values(), ids=ALTERNATIVES)
def test_a_one_of_has_alternatives(text: str, expected: list[Any]) -> None:
    nested = text.replace("\n", "\n        ")
    data = member_of(f"+ a\n    + One Of\n        {nested}").type
    assert alternatives(data) == expected


def test_a_later_member_replaces_one_of_an_alternative() -> None:
    data = member_of("+ a\n    + One Of\n        + b\n        + c\n    + b: 1 (number)").type
    assert alternatives(data) == [[(), ("c",)]]


def alternatives(data: DataType) -> list[list[tuple[str, ...]]]:
    """Return the names in the alternatives of each One Of."""
    choices = []
    for choice in data.one_of:
        choices.append([tuple(member.name for member in members) for members in choice])
    return choices


def test_a_variable_name_is_a_sample_of_the_name() -> None:
    data = member_of("+ a (object)\n    + *key (string)*: 5 (number)\n    + b").type
    assert [member.name for member in data.members] == ["b"]
    assert [(member.name, member.type.samples) for member in data.variables] == [("key", (5,))]


def test_the_description_of_a_line_and_the_nested_one_are_joined() -> None:
    assert (
        member_of("+ a (string) - Short\n\n    Long.\n\n    And longer.").description
        == "Short\n\nLong.\n\nAnd longer."
    )


VALUE_SECTIONS = {
    "heading": ("### Sample: 5", (5,), None),
    "heading of another depth": ("#### Sample: 5", (5,), None),
    "heading as deep as the type's": ("## Sample: 5", (5,), None),
    "heading with an item": ("### Sample\n+ 5", (5,), None),
    "heading with items": ("### Sample\n\n- 5\n- 6", (5, 6), None),
    "heading with a paragraph": ("### Sample\n\n5", (5,), None),
    "heading of a default": ("### Default: 5", (), 5),
    "headings of both": ("### Sample: 5\n\n### Default: 6", (5,), 6),
    "item": ("+ Sample: 5", (5,), None),
    "item of a default": ("+ Default: 5", (), 5),
}
"""Sections with values of a named type. The reference parser accepts only headings, not items."""


@pytest.mark.parametrize(
    ("section", "samples", "default"), VALUE_SECTIONS.values(), ids=VALUE_SECTIONS
)
@pytest.mark.parametrize("prose", ["", "Some words.\n\n"], ids=["bare", "described"])
def test_a_named_type_has_the_values_of_headings_and_of_items(
    section: str, samples: tuple[int, ...], default: Any, prose: str
) -> None:
    action = (
        "# A\n\n## R [/r]\n\n### G [GET]\n\n"
        "+ Response 200 (application/json)\n    + Attributes\n        + a (Amount)\n\n"
    )
    text = f"{action}# Data Structures\n\n## Amount (number)\n\n{prose}{section}\n"
    (operation,) = blueprint.parse_blueprint(text, "a.apib", "a").operations
    data = operation.transactions[0].response.data
    assert data is not None
    assert (data.members[0].type.samples, data.members[0].type.default) == (samples, default)
