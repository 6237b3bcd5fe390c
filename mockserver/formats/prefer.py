"""The `Prefer` header (RFC 7240)."""

import re

from mockserver.formats.header_text import TOKEN

_PREFERENCE = re.compile(rf'\s*({TOKEN})\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s,;"]*))?\s*(?:;[^,]*)?')


def parse_prefer(header: str) -> dict[str, tuple[str, str]]:
    """Return the preferences by lower-case name: the name as written, and the value. The first of a name counts."""
    preferences: dict[str, tuple[str, str]] = {}
    for part in re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^,])+', header):
        if match := _PREFERENCE.fullmatch(part):
            name, value = match[1], match[2] or ""
            plain = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
            preferences.setdefault(name.lower(), (name, plain))
    return preferences
