"""JSON read exactly: an integer that orjson would turn into a float is an error, and is never rounded."""

import re
from typing import Any

import orjson

LEAST_INTEGER, MOST_INTEGER = -(2**63), 2**64 - 1
"""What orjson reads and writes as an integer."""
INEXACT = f"an integer cannot be kept exactly; expected {LEAST_INTEGER} to {MOST_INTEGER}, or a text in quotes"

_LONG, _LONG_BYTES = re.compile(r"[0-9]{19}"), re.compile(rb"[0-9]{19}")
"""Each integer that is too large has so many digits: most texts have no such run, and are not read twice."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9]+(?P<rest>[.eE][0-9.eE+-]*)?')
_DIGITS = 20
"""The most digits of an integer in the range."""


class InexactInteger(orjson.JSONDecodeError):
    """JSON with an integer outside the range; `pos` says where it stands."""


def loads(data: bytes | str) -> Any:
    """Return the value of JSON text.

    Raises `orjson.JSONDecodeError` for what is not JSON, and `InexactInteger` for an integer outside the range.
    """
    value = orjson.loads(data)
    long = _LONG.search(data) if isinstance(data, str) else _LONG_BYTES.search(data)
    if long:
        _check(data if isinstance(data, str) else data.decode())
    return value


def is_exact(digits: str) -> bool:
    """Return whether an integer, as JSON writes it, is in the range."""
    return len(digits.lstrip("-")) <= _DIGITS and LEAST_INTEGER <= int(digits) <= MOST_INTEGER


def require_exact(value: Any) -> Any:
    """Return a value of JSON. Raises `ValueError` where it holds an integer outside the range."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            require_exact(each)
    elif isinstance(value, int) and not LEAST_INTEGER <= value <= MOST_INTEGER:
        raise ValueError(INEXACT)
    return value


def _check(text: str) -> None:
    for token in _TOKEN.finditer(text):
        is_integer = not token[0].startswith('"') and token["rest"] is None
        if is_integer and not is_exact(token[0]):
            raise InexactInteger(INEXACT, text, token.start())
