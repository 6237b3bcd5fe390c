"""The `Prefer` header (RFC 7240)."""

import re

from mockserver.formats.header_text import TOKEN

_PART = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^,])+')
"""The text between two commas. A comma in quotes does not separate parts."""
_PREFERENCE = re.compile(rf'\s*({TOKEN})\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s,;"]*))?\s*(?:;[^,]*)?')


def parse_prefer(header: str) -> dict[str, tuple[str, str]]:
    """Return the preferences by lower-case name: the name as written, and the value.

    If a name occurs twice, its first value is used. An invalid preference is ignored.
    """
    preferences: dict[str, tuple[str, str]] = {}
    for part in _PART.findall(header):
        match = _PREFERENCE.fullmatch(part)
        if match is None:
            continue
        name, value = match[1], match[2] or ""
        if value.startswith('"'):
            value = _unquoted(value)
        preferences.setdefault(name.lower(), (name, value))
    return preferences


def _unquoted(text: str) -> str:
    """Return the text of a quoted string (RFC 9110, section 5.6.4)."""
    return re.sub(r"\\(.)", r"\1", text[1:-1])
