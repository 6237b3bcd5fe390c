"""The lines that look like operations, in a file in which none can be served."""

import pytest

from mockserver.spec.blueprint.operation_lines import operation_lines

OPERATIONS = [
    "### List [GET]",
    "List [get]",
    "# List [POST /things/{id}]",
    "GET /things",
    "- `DELETE /things/{id}`",
    "### PUT {+path}",
    "PATCH https://a.example/things",
    "| GET | list |  GET /a",
    "## GET",
]
OTHERS = [
    "",
    "Get /things with a token.",
    "GET the things",
    "# Group Things",
    "## Things [/things]",
    "+ Response 200",
    "A BUDGET /year",
]


@pytest.mark.parametrize("line", OPERATIONS)
def test_a_method_with_a_path_or_in_brackets_looks_like_an_operation(line: str) -> None:
    assert operation_lines(["# A", line]) == "; line 2 looks like an operation"


@pytest.mark.parametrize("line", OTHERS)
def test_other_lines_do_not(line: str) -> None:
    assert operation_lines(["# A", line]) == ""


def test_the_first_ten_lines_are_named() -> None:
    assert operation_lines(["GET /a"] * 2) == "; lines 1, 2 look like operations"
    named = ", ".join(map(str, range(1, 11)))
    assert operation_lines(["GET /a"] * 13) == f"; lines {named} and 3 more look like operations"
