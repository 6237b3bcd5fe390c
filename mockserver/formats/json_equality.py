"""Compare JSON values. In Python, `1` equals `True`."""

import json
from typing import Any

from mockserver.formats.json_schema import exceeds_depth


def same_value(first: Any, second: Any) -> bool:
    """Return whether two JSON values are equal: `1` and `1.0` are, `1` and `true` are not."""
    if first != second:
        return False
    return exceeds_depth(first) or value_key(first) == value_key(second)


def value_key(value: Any) -> str:
    """Return a text that is the same for equal JSON values: `1` and `1.0`, but not `true`."""
    if exceeds_depth(value):
        return f"deep value {id(value)}"
    return json.dumps(_canonical(value), sort_keys=True)


def _canonical(value: Any) -> Any:
    """Return a value with integers for whole numbers."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, dict):
        return {name: _canonical(member) for name, member in value.items()}
    return value
