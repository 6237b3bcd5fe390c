"""Find the lines of a text that look like operations, for a file in which none can be served."""

import re
from collections.abc import Iterable

_METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"
_OPERATION = re.compile(
    rf"""
      \[ \s* (?:{_METHODS}) \b             # Name [GET], Name [get /path]
    | (?:^|\W) (?-i:{_METHODS}) \s+ \S*[/{{]  # GET /path, `POST` https://a.example/path
    | ^\s*\#* \s* (?-i:{_METHODS}) \s*$    # GET
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MAX_NAMED = 10
"""Number of lines that a message names."""
_MAX_COMPARED = 500
"""Characters of a line that are compared."""


def operation_lines(lines: Iterable[str]) -> str:
    """Return a clause that names the lines that look like operations; empty if there is none."""
    numbers: list[int] = []
    for number, line in enumerate(lines, 1):
        if _OPERATION.search(line[:_MAX_COMPARED]):
            numbers.append(number)
    if not numbers:
        return ""
    return f"; {_named(numbers)}"


def no_operation_text(lines: Iterable[str]) -> str:
    """Return the message about a file in which no operation can be served."""
    expected = "expected a heading such as `## List [GET]` in a resource, and a response below it"
    return f"no operation can be served{operation_lines(lines)}; {expected}"


def _named(numbers: list[int]) -> str:
    named = ", ".join(map(str, numbers[:_MAX_NAMED]))
    more = len(numbers) - _MAX_NAMED
    if more > 0:
        named = f"{named} and {more} more"
    if len(numbers) == 1:
        return f"line {named} looks like an operation"
    return f"lines {named} look like operations"
