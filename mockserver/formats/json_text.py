"""JSON as messages show it: short enough for one line."""

from typing import Any

import orjson

_SHOWN = 80


def show(value: Any) -> str:
    """A value as a reader of a message wants it: its JSON, cut where it is long."""
    try:
        text = orjson.dumps(value).decode()
    except TypeError:
        text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
