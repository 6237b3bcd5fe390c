"""Values as block-style YAML, a member per line, for files that people read and edit."""

import math
import re
from collections.abc import Iterator
from typing import Any

from mockserver.formats import strict_yaml
from mockserver.formats.exact_json import require_exact

# Text that stands in YAML as it is: no indicator at its start, no `: ` or ` #` within, no space at its end.
_PLAIN = re.compile(r"[^\W_](?:[\w.,;()+/'’%&@!?–-]|:(?=[^\s:])| (?=[^\s#])|(?<=\S)#(?=\S))*")

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}

# What YAML's double quotes cannot hold, or an editor would not show.
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\xa0\xad\u2028\u2029\ufeff\ufffe\uffff]')

# YAML 1.2, section 8.2.2: a key that is longer needs a question mark of its own.
_LONGEST_KEY = 1000


def _item(value: Any, depth: int) -> Iterator[str]:
    """An item of a list: its first line starts with the dash."""
    lines = iter(_block(value, depth + 2)) if isinstance(value, dict | list) and value else iter([scalar(value)])
    yield f"{' ' * depth}- {next(lines).lstrip()}"
    yield from lines


def _block(value: dict[str, Any] | list[Any], depth: int) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _item(item, depth)
        return
    for name, member in value.items():
        key = _key(name)
        start = f"{' ' * depth}{key}:" if len(key) < _LONGEST_KEY else f"{' ' * depth}? {key}\n{' ' * depth}:"
        if isinstance(member, dict | list) and member:
            yield start
            yield from _block(member, depth + 2)
        else:
            yield f"{start} {scalar(member)}"


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else quoted(name)


def scalar(value: Any) -> str:
    """A value on one line, where it is no filled object or list. Raises `ValueError` for a value that JSON does not have."""
    if isinstance(value, str):
        # A plain scalar that strict_yaml would read as a number, or as nothing, has to be quoted.
        return value if _PLAIN.fullmatch(value) and strict_yaml.is_text(value) else quoted(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is no value of JSON")
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return repr(require_exact(value))
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    raise ValueError(f"{value!r} is no value of JSON")


def quoted(text: str) -> str:
    """A text in YAML's double quotes."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return _ESCAPES.get(character) or (f"\\u{ord(character):04x}")


def flow(value: Any) -> str:
    """A value in YAML's flow style: on one line, whatever it is."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(str(key))}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    plain = scalar(value)
    # Plain text may have a comma where it stands on a line alone.
    return quoted(value) if isinstance(value, str) and "," in plain and plain[0] != '"' else plain
