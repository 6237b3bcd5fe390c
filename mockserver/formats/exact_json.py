"""Read JSON exactly: an integer that orjson would turn into a float is an error.

An integer is never rounded.
"""

import re
from typing import Any

import orjson

LEAST_INTEGER, MOST_INTEGER = -(2**63), 2**64 - 1
"""What orjson reads and writes as an integer."""
INEXACT = f"integer out of range; expected {LEAST_INTEGER} to {MOST_INTEGER}, or text in quotes"

_LONG, _LONG_BYTES = re.compile(r"[0-9]{19}"), re.compile(rb"[0-9]{19}")
"""An integer out of range has at least 19 digits. Most texts have none and are parsed only once."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9]+(?P<rest>[.eE][0-9.eE+-]*)?')
_DIGITS = 20
"""The maximum number of digits of an integer in the range."""


class InexactInteger(orjson.JSONDecodeError):
    """JSON with an integer outside the range; `pos` is its index."""


def loads(data: bytes | str) -> Any:
    """Return the value of JSON text.

    Raises:
        orjson.JSONDecodeError: The text is not JSON.
        InexactInteger: An integer is outside the range.
    """
    value = orjson.loads(data)
    if isinstance(data, str):
        if _LONG.search(data):
            _check(data)
    elif _LONG_BYTES.search(data):
        _check(data.decode())
    return value


def is_exact(digits: str) -> bool:
    """Return whether an integer, as JSON writes it, is in the range."""
    return len(digits.lstrip("-")) <= _DIGITS and LEAST_INTEGER <= int(digits) <= MOST_INTEGER


def require_exact(value: Any) -> Any:
    """Return the JSON value unchanged.

    Raises:
        ValueError: The value contains an integer outside the range.
    """
    if isinstance(value, dict):
        for member in value.values():
            require_exact(member)
    elif isinstance(value, list):
        for item in value:
            require_exact(item)
    elif isinstance(value, int) and not LEAST_INTEGER <= value <= MOST_INTEGER:
        raise ValueError(INEXACT)
    return value


def _check(text: str) -> None:
    """Raise `InexactInteger` at the first integer outside the range."""
    for token in _TOKEN.finditer(text):
        is_integer = not token[0].startswith('"') and token["rest"] is None
        if is_integer and not is_exact(token[0]):
            raise InexactInteger(INEXACT, text, token.start())
