"""Format JSON for messages, short enough for one line."""

from typing import Any

import orjson

_ABBREVIATED_LENGTH = 80


def abbreviated_json(value: Any) -> str:
    """Return the JSON of a value for a message, truncated if it is long."""
    try:
        text = orjson.dumps(value).decode()
    except TypeError:
        text = repr(value)
    if len(text) <= _ABBREVIATED_LENGTH:
        return text
    return f"{text[: _ABBREVIATED_LENGTH - 1]}…"
