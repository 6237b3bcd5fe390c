"""From the URL of a store to the store: one line in a table for each kind."""

import importlib
import os
import re
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import cast
from urllib.parse import unquote

from mockserver.errors import StartError, UsageError
from mockserver.stores import State, Store, StoreLimits
from mockserver.stores.memory import MemoryStore
from mockserver.stores.sqlite import SqliteStore, prepare

Opener = Callable[[str, State, StoreLimits], Store]

STORES: dict[str, str] = {
    "memory": "mockserver.stores.opening:open_memory",
    "sqlite": "mockserver.stores.opening:open_sqlite",
    "redis": "mockserver.stores.redis:open_redis",
    "rediss": "mockserver.stores.redis:open_redis",
    "unix": "mockserver.stores.redis:open_redis",
}
"""Scheme of the URL -> `module:function` that takes the URL, the initial state and the limits. Loaded when asked for."""
POSSIBLE = "memory:, sqlite:, sqlite:///FILE (four slashes for an absolute one), redis://HOST:PORT/DB, rediss://..., unix://..."


def open_store(url: str, initial: State, limits: StoreLimits) -> Store:
    """The store that the URL names. What must be there before the fork is made; nothing is connected before `Store.open`.

    Raises `UsageError` for a URL that cannot be meant, `StartError` for a store that cannot be used on this machine.
    """
    module, _, name = STORES.get(url.partition(":")[0], "").partition(":")
    if not module or ":" not in url:
        raise cannot_be_meant(url)
    try:
        opener = cast(Opener, getattr(importlib.import_module(module), name))
    except ModuleNotFoundError as error:
        raise StartError(f"{url.partition(':')[0]}: needs the package {error.name}: pip install 'mockserver[redis]'") from error
    return opener(url, initial, limits)


def cannot_be_meant(url: str, why: str = "") -> UsageError:
    """The error that says which URLs there are. A password in the URL is not shown."""
    shown = re.sub(r":[^:/@]*@", ":...@", url)
    return UsageError(f"{shown!r} is not a store{why and f': {why}'}; expected one of {POSSIBLE}")


def open_memory(url: str, initial: State, limits: StoreLimits) -> Store:
    """`memory:`."""
    if url not in ("memory:", "memory://"):
        raise cannot_be_meant(url)
    return MemoryStore(initial, limits)


def open_sqlite(url: str, initial: State, limits: StoreLimits) -> Store:
    """`sqlite:`, or `sqlite:///FILE`."""
    if url in ("sqlite:", "sqlite://"):
        return _temporary(initial, limits)
    path = unquote(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or not path or "\0" in path:
        raise cannot_be_meant(url)
    return _kept(Path(path), initial, limits)


def _kept(path: Path, initial: State, limits: StoreLimits) -> SqliteStore:
    path = path.absolute()  # wherever the server's folder will be
    try:
        prepare(path)
    except (sqlite3.Error, OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        folder = "" if path.parent.is_dir() else f" ({path.parent} is not a folder)"
        raise StartError(f"the store {path} cannot be used: {why}{folder}") from error
    return SqliteStore(path, initial, limits)


def _temporary(initial: State, limits: StoreLimits) -> SqliteStore:
    folder = _temporary_folder()
    store = _kept(folder / "sandboxes.sqlite", initial, limits)
    weakref.finalize(store, _remove, folder, os.getpid())
    return store


def _temporary_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="mockserver-", dir=writable_folder()))


def writable_folder() -> Path:
    """The first of TMPDIR, /tmp and /dev/shm in which a file can be made: a container's root may be read-only.

    Raises `StartError` where there is none.
    """
    for place in filter(None, (os.environ.get("TMPDIR"), "/tmp", "/dev/shm")):  # noqa: S108 - the places to try
        try:
            with tempfile.TemporaryFile(dir=place):
                return Path(place)
        except OSError:
            continue
    raise StartError("no folder can be written: neither TMPDIR nor /tmp nor /dev/shm; set TMPDIR to one that can")


def _remove(folder: Path, owner: int) -> None:
    """A worker that ends runs this too, and leaves the others their files."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
