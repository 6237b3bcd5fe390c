"""Recognize the names of members that are whole numbers, such as ids and counts."""

import re

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_IDS = ("id", "ids", "by", "code", "port", "status", "number", "sequence", "revision")
_COUNTS = ("count", "counts", "total", "totals", "unread", "items", "results", "records", "entries")
_PAGING = ("limit", "offset", "page", "pages", "size", "index", "position", "rank", "order", "rows")
_TIMES = ("year", "month", "day", "hour", "minute", "age", "timestamp", "epoch")
_LAST_WORDS = frozenset((*_IDS, *_COUNTS, *_PAGING, *_TIMES, "elements"))
_FIRST_WORDS = frozenset(("id", "count", "num", "number"))


def is_whole(name: str) -> bool:
    """Return whether a member of this name is an id or a count.

    Its last word decides: `user_id`, `userId`, `total`. The first word counts if it is one
    of `id_user`, `num_likes` and similar names.
    """
    words = _words(name)
    if not words:
        return False
    return words[-1] in _LAST_WORDS or words[0] in _FIRST_WORDS


def member_name(name: str, of: str) -> str:
    """Return the name that decides whether a member is a whole number.

    Args:
        name: The name of the member.
        of: The name of its object. The members of `message_counts` are counts.
    """
    words = _words(of)
    if words and words[-1] == "counts":
        return of
    return name


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]
