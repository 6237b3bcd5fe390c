"""Continue the pattern of text keys: after `a1` and `a2` comes `a3`."""

import re
from collections.abc import Collection, Iterable
from uuid import NAMESPACE_URL, uuid5

_NUMBERED = re.compile(r"(.*?)([0-9]{1,15})", re.DOTALL)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"(?=.*[0-9])[0-9a-f]{8,32}")


def next_text_key(shipped: Collection[str], added: Collection[str], name: str) -> str:
    """Return a key that is in neither collection, in the notation of the shipped keys.

    Args:
        shipped: The keys of the shipped records.
        added: The keys that were added to them.
        name: The name of the collection. A key without another pattern is a UUID made from it.
    """
    used = {*shipped, *added}
    digest = uuid5(NAMESPACE_URL, f"{name}/{len(used)}")
    if any(_UUID.fullmatch(key) for key in shipped):
        return str(digest)
    lengths = {len(key) for key in shipped}
    if len(lengths) == 1 and len(shipped) > 1 and all(map(_HEX.fullmatch, shipped)):
        return digest.hex[: lengths.pop()]
    numbered = _following(shipped, used)
    if numbered is not None:
        return numbered
    return str(digest)


def _following(shipped: Collection[str], used: Iterable[str]) -> str | None:
    """Return the key after the greatest number; `None` if most keys have no common prefix."""
    counts: dict[str, int] = {}
    width = 0
    for key in shipped:
        match = _NUMBERED.fullmatch(key)
        if match:
            counts[match[1]] = counts.get(match[1], 0) + 1
    prefix = max(counts, key=lambda each: counts[each], default=None)
    if prefix is None or 2 * counts[prefix] <= len(shipped):
        return None
    greatest = 0
    for key in used:
        match = _NUMBERED.fullmatch(key)
        if match and match[1] == prefix:
            greatest = max(greatest, int(match[2]))
            if match[2].startswith("0"):
                width = max(width, len(match[2]))
    return f"{prefix}{greatest + 1:0{width}d}"
