"""Open a SQLite store: a file, or a temporary directory that is deleted when the server stops."""

import os
import re
import shutil
import sqlite3
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from mockserver.config import file_locks
from mockserver.config.tempfiles import writable_directory
from mockserver.errors import StartError
from mockserver.formats.files import visible_paths
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.sqlite import SqliteStore, files, prepare
from mockserver.sandbox.stores.store import Store, StoreLimits, invalid_store_url

TEMPORARY_PREFIX = "mockserver-"
"""The prefix of the names of temporary directories."""
_OWN_FILES = re.compile(r"owner|sandboxes\.sqlite.*")
"""The names of the files in a temporary directory."""


def open_sqlite(url: str, initial: SandboxState, limits: StoreLimits) -> Store:
    """Return the store of `sqlite:` (a temporary file), or `sqlite:///FILE`.

    Raises:
        UsageError: the URL is invalid.
        StartError: the file cannot be used.
    """
    if url in ("sqlite:", "sqlite://"):
        return _temporary_store(initial, limits)
    path = unquote(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or not path or "\0" in path:
        raise invalid_store_url(url)
    return _store(Path(path), initial, limits, durable=True)


def _store(path: Path, initial: SandboxState, limits: StoreLimits, *, durable: bool) -> SqliteStore:
    # Absolute, because the server may change its working directory.
    path = path.absolute()
    for file in files(path):
        # SQLite itself reports a directory.
        if file.exists() and not file.is_file() and not file.is_dir():
            reason = f"{file} is a FIFO, a socket or a device; expected a file, or none"
            raise StartError(f"the store {path} cannot be used: {reason}")
    try:
        prepare(path, durable=durable)
    except (sqlite3.Error, OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        detail = f"the store {path} cannot be used: {cause}"
        if not path.parent.is_dir():
            detail = f"{detail} ({path.parent} is not a folder)"
        raise StartError(detail) from error
    return SqliteStore(path, initial, limits, durable=durable)


def _temporary_store(initial: SandboxState, limits: StoreLimits) -> SqliteStore:
    directory, owner = _temporary_directory(writable_directory())
    # After a crash of the machine nothing reads these files, so writes need not wait for the disk.
    store = _store(directory / "sandboxes.sqlite", initial, limits, durable=False)
    weakref.finalize(store, _remove, directory, os.getpid(), owner)
    return store


def _temporary_directory(parent: Path) -> tuple[Path, BinaryIO]:
    """Return a new directory, and its owner file, locked as long as one of its processes lives."""
    for other in visible_paths(parent.glob(f"{TEMPORARY_PREFIX}*")):
        _remove_abandoned(other)
    while True:
        directory = Path(tempfile.mkdtemp(prefix=TEMPORARY_PREFIX, dir=parent))
        owner = (directory / "owner").open("wb")
        file_locks.lock(owner)
        if (directory / "owner").exists():
            return directory, owner
        owner.close()  # another server has removed the directory before the file was locked


def _remove_abandoned(directory: Path) -> None:
    """Remove the directory of a killed server.

    A directory with any other file is not ours, and stays.
    """
    with suppress(OSError):
        names = {path.name for path in directory.iterdir()}
        owner = directory / "owner"
        if not all(map(_OWN_FILES.fullmatch, names)) or not owner.is_file():
            return
        with owner.open("rb") as file:
            file_locks.try_lock(file)
            shutil.rmtree(directory, ignore_errors=True)
        # Windows cannot remove an open file. Another server may use the directory from now on.
        owner.unlink()
        directory.rmdir()


def _remove(directory: Path, creator: int, owner: BinaryIO) -> None:
    # A worker that exits runs this too, and must leave the files to the other processes.
    owner.close()
    if os.getpid() == creator:
        shutil.rmtree(directory, ignore_errors=True)
