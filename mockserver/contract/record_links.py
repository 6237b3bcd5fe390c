"""Links in a record that name the record itself: paths and URLs with its key as a segment."""

import re
from typing import Any


def split_link(text: str, key: Any) -> tuple[str, str] | None:
    """Return the parts of a link before and after the key of a record.

    Of several segments that equal the key, the last one is the key. The result is `None` for a text
    without such a segment.
    """
    segment = re.compile(rf"(?<=/){re.escape(str(key))}(?=[/?#]|$)")
    matches = list(segment.finditer(text))
    if not matches:
        return None
    return text[: matches[-1].start()], text[matches[-1].end() :]


def with_links(value: Any, key: Any, new_key: Any) -> Any:
    """Return a value of a record whose links name another key."""
    if isinstance(value, dict):
        return {name: with_links(member, key, new_key) for name, member in value.items()}
    if isinstance(value, list):
        return [with_links(item, key, new_key) for item in value]
    parts = None
    if isinstance(value, str):
        parts = split_link(value, key)
    if parts is None:
        return value
    return f"{parts[0]}{new_key}{parts[1]}"
