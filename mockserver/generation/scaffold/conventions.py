"""Naming conventions of query variables, members and operations.

Names are compared as words, in any notation.
"""

import re
from collections.abc import Iterable

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words(name: str) -> tuple[str, ...]:
    """Return the words of a name, in lower case: of `createdAt`, `created` and `at`."""
    return tuple(each.lower() for each in _WORD.findall(name))


def snake_case(name: str) -> str:
    """Return the words of a name joined by `_`."""
    return "_".join(words(name))


def singular(name: str) -> str:
    """Return the singular of a name, precise enough to compare names."""
    for many, one in _ENDINGS:
        if name.endswith(many):
            return name.removesuffix(many) + one
    return name


def first_match(names: Iterable[str], conventions: tuple[str, ...]) -> str | None:
    """Return the name that matches the earliest convention; `None` without a match."""
    by_convention: dict[str, str] = {}
    for name in names:
        by_convention.setdefault(snake_case(name), name)
    for convention in conventions:
        if convention in by_convention:
            return by_convention[convention]
    return None


_ENDINGS = (("sses", "ss"), ("ies", "y"), ("ss", "ss"), ("us", "us"), ("s", ""))

SIZES = (
    "limit",
    "per_page",
    "page_size",
    "pagesize",
    "size",
    "page_limit",
    "max_results",
    "results_per_page",
)
"""Query variables for the page size."""
PAGES = ("page", "page_number", "page_no", "page_num")
"""Query variables for a page number, from 1."""
TOTALS = ("total", "total_count", "total_items", "total_results", "total_records", "total_elements")
"""Members with the number of records on all pages."""
SEARCHES = (
    "q",
    "query",
    "search",
    "searched_text",
    "search_text",
    "search_query",
    "term",
    "keyword",
    "keywords",
)
"""Query variables with a text to search for, in a member of `records.LABELS`."""
TOKENS = (
    "x_access_token",
    "authorization",
    "x_auth_token",
    "x_api_key",
    "api_key",
    "access_token",
    "x_token",
)
"""Request headers with an access token."""
COUNTS = ("count",)
"""Members with that number if there is one page, or if `SIBLINGS` link to other pages."""
SIBLINGS = ("next", "previous", "prev")
KEYS = ("id", "uuid", "guid", "key", "slug", "code")
"""Members that may be the key, likelier ones first."""
WRAPPERS = ("data", "item", "items", "result", "results", "record", "records", "entry", "entries")
"""Generic members that hold the requested records."""
STATES = ("status", "state")
"""Members that may hold the state of a lifecycle."""
CREATED = (
    "created_at",
    "created",
    "created_on",
    "creation_date",
    "date_created",
    "create_time",
    "inserted_at",
)
"""Members with the creation time of a record."""
CHANGED = (
    "updated_at",
    "updated",
    "modified",
    "modified_at",
    "changed_at",
    "last_modified",
    "date_updated",
    "update_time",
)
"""Members with the last modification time of a record."""
INVALID = (422, 400)
"""Statuses for an invalid request body, likelier ones first."""
TRASH = ("trash", "trashed", "deleted", "bin")
"""Collections of deleted records. Operations named with a word of `RESTORES` remove a record."""
RESTORES = ("restore", "undelete", "recover")
_ACTIONS = """
accept activate approve archive cancel close confirm deactivate decline disable enable expire
finish follow fork like lock mark open pause pay publish recover reject reopen reset restore resume
revoke send star start stop submit suspend undelete unfollow unlike unlock unpublish unstar
"""
ACTIONS = frozenset(_ACTIONS.split())
"""First words of operation names that mean more than an update or removal of a record."""
