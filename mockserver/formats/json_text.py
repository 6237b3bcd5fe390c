"""JSON as messages show it: short enough for one line."""

from typing import Any

import orjson

_ABBREVIATED_LENGTH = 80


def abbreviated_json(value: Any) -> str:
    """A value as a reader of a message wants it: its JSON, cut where it is long."""
    try:
        text = orjson.dumps(value).decode()
    except TypeError:
        text = repr(value)
    return text if len(text) <= _ABBREVIATED_LENGTH else f"{text[: _ABBREVIATED_LENGTH - 1]}…"
