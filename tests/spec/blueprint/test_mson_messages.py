"""Errors in MSON: parameters, attributes and data structures."""

import pytest
from helpers.blueprint_messages import HEAD, OK, attributes_blueprint, blueprint_messages

TYPES = "string, number, boolean, object, array, enum or a data structure"
FLAGS = "default, fixed, fixed-type, nullable, optional, required, sample"

# Name of the case to the blueprint, and all its errors: LINE:COLUMN: MESSAGE.
PARAMETERS: dict[str, tuple[str, list[str]]] = {
    "parameter that is not in the template": (
        HEAD + "+ Parameters\n    + id: 1 (number)\n    + ip: 2 (number)\n\n" + OK,
        ["9:7: the parameter 'ip' is not in the URI template; expected id or page"],
    ),
    "parameter of a resource that is not in a template": (
        "# R [/r]\n\n+ Parameters\n    + x\n    + y\n\n## L [GET]\n"
        + OK
        + "## M [GET /m{?y}]\n"
        + OK,
        ["4:7: the parameter 'x' is not in the URI template; expected y"],
    ),
    "duplicate parameter": (
        HEAD + "+ Parameters\n    + id\n    + id\n\n" + OK,
        ["9:7: duplicate parameter 'id' (first defined on line 8); expected each name once"],
    ),
    "empty parameters section": (
        HEAD + "+ Parameters\n\n" + OK,
        ["7:3: empty parameters section; expected items `+ NAME: EXAMPLE (TYPE, required) - TEXT`"],
    ),
    "unknown type of a parameter": (
        HEAD + "+ Parameters\n    + id (Person)\n\n" + OK,
        [f"8:11: unknown type 'Person'; expected {TYPES}"],
    ),
    "invalid example of a parameter": (
        HEAD + "+ Parameters\n    + id: x (number)\n\n" + OK,
        ["8:7: 'x' is not a number; expected a value of type number"],
    ),
    "object as a parameter": (
        HEAD + "+ Parameters\n    + id (object)\n\n" + OK,
        ["8:7: the parameter 'id' is an object; expected a string, number, boolean, enum or array"],
    ),
}


@pytest.mark.parametrize(("text", "errors"), PARAMETERS.values(), ids=PARAMETERS)
def test_an_error_in_parameters_has_its_position_and_a_message(
    text: str, errors: list[str]
) -> None:
    assert blueprint_messages(text) == errors


ATTRIBUTES: dict[str, tuple[str, list[str]]] = {
    "empty attributes section": (
        HEAD + "+ Response 200\n    + Attributes\n",
        ["8:7: empty attributes section; expected a type or members"],
    ),
    "unknown type": (
        attributes_blueprint("+ a (Persom)", more="\n# Data Structures\n\n## Person\n+ b\n"),
        [f"10:14: unknown type 'Persom'; expected {TYPES} (did you mean Person?)"],
    ),
    "unknown type in an array": (
        attributes_blueprint("+ a (array[Foo], required)"),
        [f"10:20: unknown type 'Foo'; expected {TYPES}"],
    ),
    "unknown mixin": (
        attributes_blueprint("+ Include Foo"),
        [f"10:11: unknown type 'Foo'; expected {TYPES}"],
    ),
    "mixin of a type that is not an object": (
        attributes_blueprint("+ Include S", more="\n# Data Structures\n## S (string)\n"),
        ["10:11: 'S' is of type string; expected an object to include"],
    ),
    "One Of without alternatives": (
        attributes_blueprint("+ One Of"),
        ["10:11: One Of without alternatives; expected items nested below it"],
    ),
    "second type": (
        attributes_blueprint("+ a (string, mandatory)"),
        [
            "10:22: unexpected second type 'mandatory'; "
            f"expected one type and any of the flags {FLAGS}"
        ],
    ),
    "type argument of a string": (
        attributes_blueprint("+ a (string[number])"),
        ["10:14: the type 'string' takes no type in brackets; expected array[TYPE] or enum[TYPE]"],
    ),
    "unclosed bracket of a type argument": (
        attributes_blueprint("+ a (array[string)"),
        ["10:14: invalid type 'array[string'; expected NAME or array[NAME], at most 12 deep"],
    ),
    "unclosed bracket of a type": (
        attributes_blueprint("+ a (string"),
        ["10:13: unclosed bracket; expected ) after the type"],
    ),
    "invalid number": (
        attributes_blueprint("+ a: one (number)"),
        ["10:11: 'one' is not a number; expected a value of type number"],
    ),
    "invalid boolean": (
        attributes_blueprint("+ a: yes (boolean)"),
        ["10:11: 'yes' is neither true nor false; expected a value of type boolean"],
    ),
    "invalid number in a sample": (
        attributes_blueprint("+ a (number)", "    + Sample: x"),
        ["11:23: 'x' is not a number; expected a value of type number"],
    ),
    "invalid number in an array": (
        attributes_blueprint("+ a: 1, x (array[number])"),
        ["10:11: 'x' is not a number; expected a value of type number"],
    ),
    "infinite number": (
        attributes_blueprint("+ a: 1e999 (number)"),
        ["10:11: '1e999' exceeds the range of a double; expected a value of type number"],
    ),
    "value of an object": (
        attributes_blueprint("+ a: x (object)"),
        ["10:11: an object cannot have the value 'x'; expected its members nested below it"],
    ),
    "member of a string": (
        attributes_blueprint("+ a (string)", "    + b"),
        ["11:15: 'b' is nested in a string; expected nothing in it"],
    ),
    "member without a name": (
        attributes_blueprint("+ (string)"),
        ["10:11: member without a name; expected `+ NAME: VALUE (TYPE)`"],
    ),
    "empty value of an enum": (
        attributes_blueprint("+ a (enum)", "    + (string)"),
        ["11:15: empty value of an enum; expected `+ VALUE`"],
    ),
    "body in the attributes": (
        HEAD + "+ Response 200\n    + Attributes (object)\n\n            {}\n",
        ["10:13: the attributes contain text that looks like a body; expected `+ Body` before it"],
    ),
    "duplicate type": (
        HEAD + OK + "# Data Structures\n## T\n+ a\n\n## T\n+ b\n",
        ["14:4: duplicate type 'T' (first defined on line 11); expected each name once"],
    ),
    "type with the name of a base type": (
        HEAD + OK + "# Data Structures\n## array (string)\n",
        ["11:4: 'array' is a base type of MSON; expected another name"],
    ),
    "type that extends itself": (
        HEAD + OK + "# Data Structures\n## T (T)\n",
        [
            "11:7: a type cannot extend a type that contains it: T > T; "
            "expected a type that does not extend itself"
        ],
    ),
    "type that includes itself": (
        HEAD + OK + "# Data Structures\n## T\n+ Include T\n",
        [
            "12:3: a type cannot extend a type that contains it: T > T; "
            "expected a type that does not extend itself"
        ],
    ),
    "type that requires itself": (
        HEAD + OK + "# Data Structures\n## T\n+ t (T, required)\n",
        [
            "12:3: the member 't' makes its type endless; "
            "expected an optional or nullable member, or an array"
        ],
    ),
    "fixed array that requires itself": (
        HEAD + OK + "# Data Structures\n## T (array[T], fixed)\n",
        [
            "11:4: the items of the fixed array make its type endless; "
            "expected a type that is not fixed"
        ],
    ),
    "type of another language": (
        attributes_blueprint("+ a: 1 (int)", "+ b (date)"),
        [
            "10:17: 'int' is not a type of MSON; expected number (the values are read as integers)",
            "11:14: 'date' is not a type of MSON; expected string",
        ],
    ),
    "values in the brackets of an enum": (
        attributes_blueprint("+ a (enum[x, y])"),
        [
            "10:19: values 'x, y' in the brackets of an enum; "
            "expected a type there, and the values as nested items"
        ],
    ),
    "fraction of an integer": (
        attributes_blueprint("+ a: 1.5 (integer)"),
        [
            "10:11: '1.5' is not an integer; expected a value of type number",
            "10:19: 'integer' is not a type of MSON; "
            "expected number (the values are read as integers)",
        ],
    ),
    "sample outside of an enum": (
        attributes_blueprint("+ a: z (enum)", "    + x", "    + y"),
        ["10:11: 'z' is not a value of the enum; expected one of x, y"],
    ),
    "thousands and capitals": (
        attributes_blueprint("+ a: 1,000 (number)", "+ b: True (boolean)"),
        [
            "10:11: unusual notation '1,000'; expected 1000",
            "11:11: unusual notation 'True'; expected true",
        ],
    ),
    "old mixin": (
        attributes_blueprint("+ Ref S", more="\n# Data Structures\n## S\n+ a\n"),
        ["10:11: 'Ref S' is not MSON; expected `Include S`"],
    ),
    "members of an array": (
        attributes_blueprint("+ a (array[object])", "    + b: 1"),
        ["11:15: members in an array; expected them below an item such as `+ (object)`"],
    ),
    "description without a dash": (
        attributes_blueprint("+ a (string, required) the text"),
        ["10:32: unexpected text 'the text' after the type; expected ` - ` before a description"],
    ),
    "value of an array of objects": (
        attributes_blueprint("+ a: x (array[object])"),
        ["10:11: the value 'x' of an array of type object; expected its items nested below it"],
    ),
}


@pytest.mark.parametrize(("text", "errors"), ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_an_error_in_types_has_its_position_and_a_message(text: str, errors: list[str]) -> None:
    assert blueprint_messages(text) == errors
