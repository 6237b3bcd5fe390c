from typing import Any

import pytest

from mockserver.description import Parameter
from mockserver.errors import Position
from mockserver.parameters import MAX_INTEGER, checks, read_arguments


def parameter(name: str, kind: str, place: str = "query", required: bool = False, **more: Any) -> Parameter:
    values = {"description": "", "example": None, "default": None, "values": (), "at": Position("x"), **more}
    return Parameter(name=name, place=place, type=kind, required=required, **values)  # type: ignore[arg-type]


GOOD = [
    ("number", "1.5", 1.5),
    ("number", "-2e3", -2000.0),
    ("integer", "-7", -7),
    ("integer", str(MAX_INTEGER), MAX_INTEGER),
    ("boolean", "true", True),
    ("boolean", "false", False),
    ("string", "", ""),
    ("string", "Příliš", "Příliš"),
    ("array", "a,b", ["a", "b"]),
]


@pytest.mark.parametrize(("kind", "text", "value"), GOOD, ids=[f"{kind}-{text}" for kind, text, _ in GOOD])
def test_text_becomes_a_value_of_the_type(kind: str, text: str, value: Any) -> None:
    arguments, violations = read_arguments(checks((parameter("p", kind),), paged=False), {}, [("p", text)])
    assert (arguments, violations) == ({"p": value}, [])


BAD = [
    ("integer", "abc", "an integer"),
    ("integer", "", "an integer"),
    ("integer", "1.0", "an integer"),
    ("integer", "007", "an integer"),
    ("integer", " 7", "an integer"),
    ("integer", "٧", "an integer"),
    ("integer", str(MAX_INTEGER + 1), "an integer"),
    ("integer", "9" * 400, "an integer"),
    ("number", "1e999", "a number"),
    ("number", "nan", "a number"),
    ("boolean", "1", "true or false"),
]


@pytest.mark.parametrize(("kind", "text", "expected"), BAD, ids=[f"{kind}-{text[:20]}" for kind, text, _ in BAD])
def test_other_text_is_a_violation(kind: str, text: str, expected: str) -> None:
    arguments, [violation] = read_arguments(checks((parameter("p", kind),), paged=False), {}, [("p", text)])
    assert arguments == {}
    assert (violation.pointer, violation.expected) == ("query/p", expected)


@pytest.mark.parametrize("text", ["-1", "1001", "abc", "1.5"])
def test_the_limit_of_a_page_is_an_integer_from_0_to_1000(text: str) -> None:
    _, [violation] = read_arguments(checks((parameter("limit", "number"),), paged=True), {}, [("limit", text)])
    assert str(violation) == f'query/limit: expected an integer from 0 to 1000, got string "{text}"'


@pytest.mark.parametrize("kind", ["number", "integer", "string"])
def test_what_pages_is_an_integer_whatever_its_type(kind: str) -> None:
    # API Blueprint takes a parameter without a type for a string; records are counted all the same.
    paging = (parameter("per_page", kind), parameter("page", kind))
    arguments, violations = read_arguments(checks(paging, paged=True, size="per_page", page="page"), {}, [("per_page", "5")])
    assert (arguments, violations) == ({"per_page": 5}, [])


def test_a_number_that_is_only_shown_whole_is_an_integer() -> None:
    [check] = checks((parameter("export_id", "number", "path", True, example=100),), paged=False)
    assert check.schema() == {"type": "integer"}


def test_all_that_is_wrong_is_told_at_once() -> None:
    wanted = checks(
        (parameter("id", "integer", "path", True), parameter("q", "string", required=True), parameter("b", "boolean")), False
    )
    _, violations = read_arguments(wanted, {"id": "x"}, [("b", "true"), ("b", "false")])
    assert [(v.pointer, v.actual) for v in violations] == [
        ("path/id", 'string "x"'),
        ("query/q", "none"),
        ("query/b", "2 values"),
    ]


def test_only_the_documented_values_of_a_parameter_will_do() -> None:
    wanted = checks((parameter("sort", "string", values=("name", "date")),), paged=False)
    assert read_arguments(wanted, {}, [("sort", "name")]) == ({"sort": "name"}, [])
    _, [violation] = read_arguments(wanted, {}, [("sort", "size")])
    assert violation.expected == 'a string, one of "name", "date"'


def test_unknown_query_variables_are_left_alone() -> None:
    assert read_arguments((), {}, [("utm_source", "x")]) == ({}, [])
