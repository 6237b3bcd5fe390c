"""Write JSON values as YAML that people read and edit: a member or an item on each line.

With a `width`, a list or an object that fits on its line is in flow style: `id: {sequence: 100}`.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

from mockserver.formats import strict_yaml
from mockserver.formats.exact_json import require_exact

# Text that needs no quotes: no indicator at its start, no `: ` or ` #` inside, no space at its end.
_PLAIN = re.compile(r"[^\W_](?:[\w.,;()+/'’%&@!?–-]|:(?=[^\s:])| (?=[^\s#])|(?<=\S)#(?=\S))*")

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}

# Characters that double quotes cannot contain, or that an editor does not show.
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\xa0\xad\u2028\u2029\ufeff\ufffe\uffff]')

# YAML 1.2, section 8.2.2: a longer key needs a question mark.
_MAX_KEY_LENGTH = 1000

_WORDS = {None: "null", True: "true", False: "false"}


def block_lines(value: dict[str, Any] | list[Any], depth: int, width: int = 0) -> Iterator[str]:
    """Yield the lines of an object or a list that is not empty, indented by `depth` spaces."""
    if isinstance(value, list):
        for item in value:
            yield from item_lines(item, depth, width)
    else:
        for name, member in value.items():
            yield from member_lines(name, member, depth, width)


def item_lines(item: Any, depth: int, width: int = 0) -> Iterator[str]:
    """Yield the lines of an item of a list; a dash starts the first line."""
    dash = f"{' ' * depth}- "
    text = _one_line(item, width - len(dash))
    if text is not None:
        yield dash + text
        return
    lines = block_lines(item, depth + 2, width)
    yield dash + next(lines).lstrip()
    yield from lines


def member_lines(name: str, member: Any, depth: int, width: int = 0) -> Iterator[str]:
    """Yield the lines of a member of an object; its key starts the first line."""
    indent, key = " " * depth, _key(name)
    start = f"{indent}{key}:"
    if len(key) >= _MAX_KEY_LENGTH:
        start = f"{indent}? {key}\n{indent}:"
    text = _one_line(member, width - len(start) - 1)
    if text is not None:
        yield f"{start} {text}"
        return
    yield start
    yield from block_lines(member, depth + 2, width)


def _one_line(value: Any, width: int) -> str | None:
    """Return the text of a value that fits on one line, else `None`.

    A scalar and an empty collection always fit. A collection fits if it has at most `width`
    characters in flow style.
    """
    if not isinstance(value, dict | list) or not value:
        return scalar(value)
    if width <= 0:
        return None
    text = flow(value)
    if len(text) > width:
        return None
    return text


def _key(name: str) -> str:
    """Return a key of an object. `1` needs no quotes, because the reader reads keys as text."""
    if _PLAIN.fullmatch(name):
        return name
    return quoted(name)


def scalar(value: Any) -> str:
    """Return the text of a scalar, an empty object or an empty list.

    Raises:
        ValueError: JSON does not have this value.
    """
    if isinstance(value, str):
        # Quotes keep text that strict_yaml would read as a number or null.
        if _PLAIN.fullmatch(value) and strict_yaml.is_text(value):
            return value
        return quoted(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return repr(require_exact(value))
    if value == {}:
        return "{}"
    if value == []:
        return "[]"
    raise ValueError(f"not a JSON value: {value!r}")


def quoted(text: str) -> str:
    """Return a text in double quotes."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    return f"\\u{ord(character):04x}"


def flow(value: Any) -> str:
    """Return any value on one line, in flow style."""
    if isinstance(value, dict):
        members = [f"{flow(str(name))}: {flow(member)}" for name, member in value.items()]
        return f"{{{', '.join(members)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, str) and "," in value:
        # Inside brackets, a comma ends a text without quotes.
        return quoted(value)
    return scalar(value)
