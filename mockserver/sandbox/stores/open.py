"""From the URL of a store to the store: one line in a table for each kind."""

import fcntl
import os
import re
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from mockserver.config import extras
from mockserver.config.tempfiles import writable_directory
from mockserver.errors import StartError
from mockserver.formats.files import visible_paths
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.sandbox.stores.sqlite import SqliteStore, files, prepare
from mockserver.sandbox.stores.store import Store, StoreLimits, invalid_store_url

TEMPORARY_PREFIX = "mockserver-"
"""How the names of temporary folders begin."""
_OWN_FILES = re.compile(r"owner|sandboxes\.sqlite.*")
"""The names of the files in one."""
Opener = Callable[[str, SandboxState, StoreLimits], Store]

STORES: dict[str, str] = {
    "memory": "mockserver.sandbox.stores.open:open_memory",
    "sqlite": "mockserver.sandbox.stores.open:open_sqlite",
    "redis": "mockserver.sandbox.stores.redis:open_redis",
    "rediss": "mockserver.sandbox.stores.redis:open_redis",
    "unix": "mockserver.sandbox.stores.redis:open_redis",
}
"""Scheme of the URL -> `module:function` that takes the URL, the initial state and the limits. Loaded when asked for."""


def open_store(url: str, initial: SandboxState, limits: StoreLimits) -> Store:
    """The store that the URL names. What must be there before the fork is made; nothing is connected before `Store.open`.

    Raises `UsageError` for a URL that cannot be meant, `StartError` for a store that cannot be used on this machine.
    """
    scheme, colon, _ = url.partition(":")
    if not colon or scheme not in STORES:
        raise invalid_store_url(url)
    opener: Opener = extras.import_extra(STORES[scheme], "redis", f"--store {scheme}:")
    return opener(url, initial, limits)


def open_memory(url: str, initial: SandboxState, limits: StoreLimits) -> Store:
    """`memory:`."""
    if url not in ("memory:", "memory://"):
        raise invalid_store_url(url)
    return MemoryStore(initial, limits)


def open_sqlite(url: str, initial: SandboxState, limits: StoreLimits) -> Store:
    """`sqlite:`, or `sqlite:///FILE`."""
    if url in ("sqlite:", "sqlite://"):
        return _temporary_store(initial, limits)
    path = unquote(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or not path or "\0" in path:
        raise invalid_store_url(url)
    return _persistent_store(Path(path), initial, limits)


def _persistent_store(path: Path, initial: SandboxState, limits: StoreLimits) -> SqliteStore:
    path = path.absolute()  # wherever the server's folder will be
    for each in files(path):
        if each.exists() and not each.is_file() and not each.is_dir():  # SQLite says what it has against a folder
            kind = f"{each} is a FIFO, a socket or a device; expected a file, or none"
            raise StartError(f"the store {path} cannot be used: {kind}")
    try:
        prepare(path)
    except (sqlite3.Error, OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        folder = "" if path.parent.is_dir() else f" ({path.parent} is not a folder)"
        raise StartError(f"the store {path} cannot be used: {why}{folder}") from error
    return SqliteStore(path, initial, limits)


def _temporary_store(initial: SandboxState, limits: StoreLimits) -> SqliteStore:
    folder, owner = _temporary_folder(writable_directory())
    store = _persistent_store(folder / "sandboxes.sqlite", initial, limits)
    weakref.finalize(store, _remove, folder, os.getpid(), owner)
    return store


def _temporary_folder(place: Path) -> tuple[Path, BinaryIO]:
    """A new folder, and the file in it that says whose it is: locked as long as one of the processes with it lives."""
    for other in visible_paths(place.glob(f"{TEMPORARY_PREFIX}*")):
        _remove_abandoned(other)
    # Nobody takes it for abandoned before it is locked: only then has it the name of one.
    made = Path(tempfile.mkdtemp(prefix=f".{TEMPORARY_PREFIX}", dir=place))
    owner = (made / "owner").open("wb")
    fcntl.flock(owner, fcntl.LOCK_EX)
    return made.rename(place / made.name[1:]), owner


def _remove_abandoned(folder: Path) -> None:
    """Remove the folder of a server that was killed; nobody else removes it. What holds anything else is somebody else's."""
    with suppress(OSError):
        names = {path.name for path in folder.iterdir()}
        owner = folder / "owner"
        if "owner" not in names or not all(map(_OWN_FILES.fullmatch, names)) or not owner.is_file():
            return
        with owner.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def _remove(folder: Path, maker: int, owner: BinaryIO) -> None:
    """A worker that ends runs this too, and leaves the others their files."""
    owner.close()
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)
