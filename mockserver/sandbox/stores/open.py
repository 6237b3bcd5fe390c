"""Open the store of a URL: one row of a table for each kind of store."""

from collections.abc import Callable

from mockserver.config import extras
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.store import Store, StoreLimits, invalid_store_url

Opener = Callable[[str, SandboxState, StoreLimits], Store]

STORES: dict[str, str] = {
    "memory": "mockserver.sandbox.stores.memory:open_memory",
    "sqlite": "mockserver.sandbox.stores.sqlite_files:open_sqlite",
    "redis": "mockserver.sandbox.stores.redis:open_redis",
    "rediss": "mockserver.sandbox.stores.redis:open_redis",
    "unix": "mockserver.sandbox.stores.redis:open_redis",
}
"""Scheme of the URL to an `Opener`, as `module:function`. Imported only when a URL needs it."""


def open_store(url: str, initial: SandboxState, limits: StoreLimits) -> Store:
    """Return the store of a URL.

    Call it before the fork: it creates missing files. Only `Store.open` connects.

    Raises:
        UsageError: the URL is invalid.
        StartError: the store cannot be used on this machine.
    """
    scheme, colon, _ = url.partition(":")
    if not colon or scheme not in STORES:
        raise invalid_store_url(url)
    opener: Opener = extras.import_extra(STORES[scheme], "redis", f"--store {scheme}:")
    return opener(url, initial, limits)
