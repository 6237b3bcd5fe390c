"""What names say plainly: of query variables, of members, of operations. Names are compared as words, however they are joined."""

import re
from collections.abc import Iterable

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case: `createdAt`, `created_at` and `Created-At` are `created` and `at`."""
    return tuple(each.lower() for each in _WORD.findall(name))


def snake_case(name: str) -> str:
    """The words of a name with `_` between them."""
    return "_".join(words(name))


def singular(name: str) -> str:
    """One of what a name means many of; only as far as it takes to compare names."""
    for many, one in _ENDINGS:
        if name.endswith(many):
            return name.removesuffix(many) + one
    return name


def first_match(names: Iterable[str], among: tuple[str, ...]) -> str | None:
    """The name that is one of these, by the order of these; `None` where none is."""
    known = {snake_case(name): name for name in reversed(list(names))}
    return next((known[each] for each in among if each in known), None)


_ENDINGS = (("sses", "ss"), ("ies", "y"), ("ss", "ss"), ("us", "us"), ("s", ""))

SIZES = ("limit", "per_page", "page_size", "pagesize", "size", "page_limit", "max_results", "results_per_page")
"""Query variables that say how long a page is."""
PAGES = ("page", "page_number", "page_no", "page_num")
"""Query variables that name a page, from 1."""
TOTALS = ("total", "total_count", "total_items", "total_results", "total_records", "total_elements")
"""Members that say how many records there are on all pages."""
SEARCHES = ("q", "query", "search", "searched_text", "search_text", "search_query", "term", "keyword", "keywords")
"""Query variables that hold a text to search for; what it is searched in is one of `columns.LABELS`."""
TOKENS = ("x_access_token", "authorization", "x_auth_token", "x_api_key", "api_key", "access_token", "x_token")
"""Request headers that hold a token."""
COUNTS = ("count",)
"""Members that say so, too, where there is one page, or members named as `SIBLINGS` lead to the others."""
SIBLINGS = ("next", "previous", "prev")
KEYS = ("id", "uuid", "guid", "key", "slug", "code")
"""Members that tell one record from another, likelier ones first."""
WRAPPERS = ("data", "item", "items", "result", "results", "record", "records", "entry", "entries")
"""Members that hold what was asked for, whatever it is."""
STATES = ("status", "state")
"""Members that may name the state of a lifecycle."""
CREATED = ("created_at", "created", "created_on", "creation_date", "date_created", "create_time", "inserted_at")
"""Members that say when a record was made."""
CHANGED = ("updated_at", "updated", "modified", "modified_at", "changed_at", "last_modified", "date_updated", "update_time")
"""Members that say when a record was last changed."""
TRASH = ("trash", "trashed", "deleted", "bin")
"""Collections of what was thrown away; an operation named with one of `RESTORES` takes a record out."""
RESTORES = ("restore", "undelete", "recover")
_ACTIONS = """
accept activate approve archive cancel close confirm deactivate decline disable enable expire finish follow
fork like lock mark open pause pay publish recover reject reopen reset restore resume revoke send star start
stop submit suspend undelete unfollow unlike unlock unpublish unstar
"""
ACTIONS = frozenset(_ACTIONS.split())
"""First words of names of operations that do something else than to change a record's members, or to take it away."""
