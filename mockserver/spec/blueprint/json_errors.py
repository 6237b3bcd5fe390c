"""Check the JSON of example bodies and schemas."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import orjson

from mockserver.formats import exact_json

MAX_JSON_DEPTH = 60
"""Maximum nesting of arrays and objects."""

_TRAILING_COMMA = re.compile(r",\s*[\]}]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class JsonError(NamedTuple):
    """What is wrong with a text that should be JSON."""

    offset: int
    """The index of the character to report."""
    message: str
    """The second part of a sentence that starts with the name of the text."""


def find_json_error(text: str) -> JsonError | None:
    """Return the first error of a text that should be JSON, or `None` if there is none."""
    try:
        value = exact_json.loads(text)
    except exact_json.InexactInteger as error:
        return JsonError(error.pos, f"has a number that is not exact: {error.msg}")
    except orjson.JSONDecodeError as error:
        return _syntax_error(text, error)
    if _depth(value) > MAX_JSON_DEPTH:
        return JsonError(0, f"is nested deeper than {MAX_JSON_DEPTH} levels")
    return None


def _syntax_error(text: str, error: orjson.JSONDecodeError) -> JsonError:
    # orjson reports the bracket after a trailing comma, which is often on the next line.
    without_strings = _STRING.sub(lambda string: '"' * len(string.group()), text)
    comma = _TRAILING_COMMA.search(without_strings)
    if comma and comma.start() <= error.pos <= comma.end():
        expected = "expected another member or item, or no comma"
        return JsonError(comma.start(), f"is not valid JSON: trailing comma; {expected}")
    reason = error.msg.split(": line")[0]
    return JsonError(
        min(error.pos, len(text)), f"is not valid JSON: {reason}; expected JSON (RFC 8259)"
    )


def _depth(value: object) -> int:
    """Return how deep arrays and objects nest, without recursion."""
    depth = 0
    level = list(_children([value]))
    while level:
        depth += 1
        level = list(_children(level))
    return depth


def _children(values: Iterable[object]) -> Iterator[object]:
    for value in values:
        if isinstance(value, dict):
            yield from value.values()
        elif isinstance(value, list):
            yield from value
