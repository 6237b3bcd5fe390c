"""Typed parameters: the accepted values, and the violations of others."""

from typing import Any

import pytest

from mockserver.contract.parameters import MAX_OFFSET, read_arguments, typed_parameters
from mockserver.errors import Position
from mockserver.spec.description import Parameter


def parameter(
    name: str, kind: str, location: str = "query", required: bool = False, **more: Any
) -> Parameter:
    values = {
        "description": "",
        "example": None,
        "default": None,
        "values": (),
        "position": Position("x"),
        **more,
    }
    return Parameter(name=name, location=location, type=kind, required=required, **values)  # type: ignore[arg-type]


VALID = [
    ("number", "1.5", 1.5),
    ("number", "-2e3", -2000.0),
    ("integer", "-7", -7),
    ("integer", "1234567890123456789", 1234567890123456789),
    ("integer", "18446744073709551615", 2**64 - 1),
    ("integer", "-9223372036854775808", -(2**63)),
    ("number", "1234567890123456789", 1234567890123456789),
    ("number", "18446744073709551615", 2**64 - 1),
    ("number", "12345678901234567890.5", 12345678901234567890.5),
    ("number", "-1.25E+300", -1.25e300),
    ("boolean", "true", True),
    ("boolean", "false", False),
    ("string", "", ""),
    ("string", "Příliš", "Příliš"),
    ("array", "a,b", ["a", "b"]),
]


@pytest.mark.parametrize(
    ("kind", "text", "value"), VALID, ids=[f"{kind}-{text}" for kind, text, _ in VALID]
)
def test_a_valid_text_becomes_a_value_of_the_type(kind: str, text: str, value: Any) -> None:
    arguments, violations = read_arguments(
        typed_parameters((parameter("p", kind),), paged=False), {}, [("p", text)]
    )
    assert (arguments, violations) == ({"p": value}, [])


INVALID = [
    ("integer", "abc", "an integer"),
    ("integer", "", "an integer"),
    ("integer", "1.0", "an integer"),
    ("integer", "007", "an integer"),
    ("integer", " 7", "an integer"),
    ("integer", "٧", "an integer"),
    ("integer", "18446744073709551616", "an integer"),
    ("integer", "-9223372036854775809", "an integer"),
    ("integer", "12345678901234567890123", "an integer"),
    ("number", "12345678901234567890123", "a number"),
    ("number", "9" * 5000, "a number"),
    ("number", "1.", "a number"),
    ("number", "Infinity", "a number"),
    ("integer", "9" * 400, "an integer"),
    ("number", "1e999", "a number"),
    ("number", "nan", "a number"),
    ("boolean", "1", "true or false"),
]


@pytest.mark.parametrize(
    ("kind", "text", "expected"), INVALID, ids=[f"{kind}-{text[:20]}" for kind, text, _ in INVALID]
)
def test_an_invalid_text_is_a_violation(kind: str, text: str, expected: str) -> None:
    arguments, [violation] = read_arguments(
        typed_parameters((parameter("p", kind),), paged=False), {}, [("p", text)]
    )
    assert arguments == {}
    assert (violation.pointer, violation.expected) == ("query/p", expected)


@pytest.mark.parametrize("text", ["-1", "1001", "abc", "1.5"])
def test_the_limit_of_a_page_is_an_integer_from_0_to_1000(text: str) -> None:
    _, [violation] = read_arguments(
        typed_parameters((parameter("limit", "number"),), paged=True), {}, [("limit", text)]
    )
    assert str(violation) == f'query/limit: expected an integer from 0 to 1000, got string "{text}"'


@pytest.mark.parametrize("kind", ["number", "integer", "string"])
def test_a_paging_parameter_is_an_integer_for_every_documented_type(kind: str) -> None:
    # In API Blueprint, a parameter without a type is a string. Paging still needs an integer.
    paging = (parameter("per_page", kind), parameter("page", kind))
    arguments, violations = read_arguments(
        typed_parameters(paging, paged=True, size="per_page", page="page"), {}, [("per_page", "5")]
    )
    assert (arguments, violations) == ({"per_page": 5}, [])


def test_a_number_with_an_integer_example_is_an_integer() -> None:
    [check] = typed_parameters(
        (parameter("export_id", "number", "path", True, example=100),), paged=False
    )
    assert check.schema() == {"type": "integer", "minimum": -(2**63), "maximum": 2**64 - 1}


def test_an_offset_has_its_own_bounds() -> None:
    [check] = typed_parameters((parameter("offset", "number"),), paged=True)
    assert check.schema() == {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET}
    assert MAX_OFFSET == 9007199254740991


ARRAYS = [
    ("string", ["a,b"], ["a", "b"]),
    ("string", ["a", "b"], ["a", "b"]),
    ("string", ["a,b", "c"], ["a", "b", "c"]),
    ("string", ["a"], ["a"]),
    ("integer", ["1,2"], [1, 2]),
    ("integer", ["1", "2"], [1, 2]),
    ("number", ["1.5", "2"], [1.5, 2]),
    ("boolean", ["true,false"], [True, False]),
]


@pytest.mark.parametrize(("item", "texts", "values"), ARRAYS)
def test_an_array_is_repeated_or_comma_separated(
    item: str, texts: list[str], values: list[Any]
) -> None:
    parameters = typed_parameters((parameter("p", "array", item_type=item),), paged=False)
    assert read_arguments(parameters, {}, [("p", text) for text in texts]) == ({"p": values}, [])
    assert parameters[0].schema()["items"]["type"] == item


@pytest.mark.parametrize(
    ("item", "texts", "violation"),
    [
        (
            "integer",
            ["1,x"],
            'query/p: expected comma-separated values, each an integer, got string "1,x"',
        ),
        (
            "integer",
            ["1", "x"],
            'query/p: expected comma-separated values, each an integer, got string "1,x"',
        ),
        (
            "boolean",
            ["true", "2"],
            'query/p: expected comma-separated values, each true or false, got string "true,2"',
        ),
        ("integer", ["18446744073709551616"], None),
    ],
)
def test_an_item_of_another_type_is_a_violation(
    item: str, texts: list[str], violation: str | None
) -> None:
    parameters = typed_parameters((parameter("p", "array", item_type=item),), paged=False)
    _, [actual] = read_arguments(parameters, {}, [("p", text) for text in texts])
    assert violation in (None, str(actual))


def test_each_item_is_one_of_the_values() -> None:
    parameters = typed_parameters((parameter("p", "array", values=("a", "b")),), paged=False)
    assert read_arguments(parameters, {}, [("p", "a,b"), ("p", "a")]) == (
        {"p": ["a", "b", "a"]},
        [],
    )
    assert read_arguments(parameters, {}, [("p", "a,c")])[0] == {}
    assert parameters[0].schema() == {
        "type": "array",
        "items": {"type": "string", "enum": ["a", "b"]},
    }


@pytest.mark.parametrize("bound", ["minimum", "maximum"])
def test_the_bounds_in_openapi_are_the_enforced_ones(bound: str) -> None:
    [check] = typed_parameters((parameter("n", "integer"),), paged=False)
    value = check.schema()[bound]
    step = 1 if bound == "maximum" else -1
    beyond = value + step
    assert read_arguments((check,), {}, [("n", str(value))]) == ({"n": value}, [])
    _, violations = read_arguments((check,), {}, [("n", str(beyond))])
    assert len(violations) == 1


def test_all_errors_are_reported_together() -> None:
    parameters = typed_parameters(
        (
            parameter("id", "integer", "path", True),
            parameter("q", "string", required=True),
            parameter("b", "boolean"),
        ),
        False,
    )
    _, violations = read_arguments(parameters, {"id": "x"}, [("b", "true"), ("b", "false")])
    assert [(v.pointer, v.actual) for v in violations] == [
        ("path/id", 'string "x"'),
        ("query/q", "none"),
        ("query/b", "2 values"),
    ]


def test_an_undocumented_value_is_a_violation() -> None:
    parameters = typed_parameters(
        (parameter("sort", "string", values=("name", "date")),), paged=False
    )
    assert read_arguments(parameters, {}, [("sort", "name")]) == ({"sort": "name"}, [])
    _, [violation] = read_arguments(parameters, {}, [("sort", "size")])
    assert violation.expected == 'a string, one of "name", "date"'


def test_unknown_query_variables_are_ignored() -> None:
    assert read_arguments((), {}, [("utm_source", "x")]) == ({}, [])
