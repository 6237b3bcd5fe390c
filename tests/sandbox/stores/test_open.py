"""Opening a store: URLs, errors, and temporary files."""

import errno
import gc
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from helpers.processes import clean_environ
from helpers.stores import increment, open_store_at

from mockserver.config.tempfiles import writable_directory
from mockserver.errors import StartError, UsageError
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import StoreLimits


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite",
        "mysql://x",
        "memory:x",
        "sqlite:x",
        "sqlite:///",
        "sqlite://host/x",
        "redis://h/0?socket_timeout=5",
        "redis://h/0?socket_timeout=0",
        "redis://h:x/0",
        "redis://h/0?nonsense=1",
        "redis://h/x",
        "rediss://h/1/2",
        "redis://h/-1",
        "redis://[h/0",
    ],
)
def test_an_invalid_store_url_is_rejected(url: str) -> None:
    with pytest.raises(UsageError, match="expected one of memory:, sqlite:"):
        open_store(url, SandboxState(), StoreLimits())


def test_a_store_needs_the_sockets_of_its_url(monkeypatch: pytest.MonkeyPatch) -> None:
    open_store("unix:///run/redis.sock", SandboxState(), StoreLimits())
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(UsageError, match="this platform has no Unix sockets; use redis://"):
        open_store("unix:///run/redis.sock", SandboxState(), StoreLimits())


def test_the_password_in_a_url_is_not_shown() -> None:
    with pytest.raises(UsageError) as caught:
        open_store("mysql://me:secret@host/0", SandboxState(), StoreLimits())
    assert "secret" not in str(caught.value)


def test_a_missing_package_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mockserver.sandbox.stores.redis", raising=False)
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(StartError, match=r"pip install 'apib-mockserver\[redis\]'"):
        open_store("redis://localhost/0", SandboxState(), StoreLimits())


def write_text(path: Path) -> None:
    path.write_text("not a database, but long enough for SQLite to look at it " * 100)


def write_other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")


@pytest.mark.parametrize(
    ("name", "spoil", "message"),
    [
        ("no/such/folder.sqlite", lambda path: None, "is not a folder"),
        ("s.sqlite", write_text, "not a database"),
        ("s.sqlite", write_other_database, "a database of another program"),
        ("s.sqlite", Path.mkdir, "unable to open"),
    ],
)
def test_an_unusable_store_file_is_reported(
    tmp_path: Path, name: str, spoil: Callable[[Path], None], message: str
) -> None:
    spoil(tmp_path / name)
    with pytest.raises(StartError, match=message) as caught:
        open_store(f"sqlite:///{tmp_path / name}", SandboxState(), StoreLimits())
    assert "\n" not in str(caught.value)


def test_the_temporary_file_is_deleted_with_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with open_store_at("sqlite:") as store:
        assert store.change("a", increment) == 1
        assert len(list(tmp_path.iterdir())) == 1
    del store
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_the_next_server_deletes_the_temporary_file_of_a_killed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    code = """
import os
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.store import StoreLimits
from mockserver.sandbox.stores.open import open_store
store = open_store("sqlite:", SandboxState(), StoreLimits())
os._exit(9)
"""
    subprocess.run(
        [sys.executable, "-c", code], env=clean_environ(TMPDIR=str(tmp_path)), check=False
    )
    (abandoned,) = tmp_path.iterdir()
    with open_store_at("sqlite:") as store, open_store_at("sqlite:"):
        assert not abandoned.exists()
        assert len(list(tmp_path.iterdir())) == 2
        assert store.change("a", increment) == 1, "the file of a running server is kept"


def test_an_unwritable_temporary_folder_is_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TMPDIR", "/no/such/folder")
    with open_store_at("sqlite:") as store:
        assert store.change("a", increment) == 1


def test_a_worker_that_exits_does_not_delete_the_temporary_file(tmp_path: Path) -> None:
    code = """
import os, sys
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.store import StoreLimits
from mockserver.sandbox.stores.open import open_store
store = open_store("sqlite:", SandboxState(), StoreLimits())
if os.fork() == 0:
    sys.exit()
os.wait()
print(len(os.listdir(os.environ["TMPDIR"])))
"""
    call = [sys.executable, "-c", code]
    done = subprocess.run(
        call, env=clean_environ(TMPDIR=str(tmp_path)), capture_output=True, text=True, check=True
    )
    assert done.stdout == "1\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("refused", [1, 2, 3])
def test_the_folders_for_temporary_files_are_tried_in_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, refused: int
) -> None:
    """As in a container with a read-only root."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    folders = [str(tmp_path), "/tmp", "/dev/shm"]
    make = tempfile.TemporaryFile

    def read_only(*arguments: Any, dir: str, **members: Any) -> Any:
        if dir in folders[:refused]:
            raise OSError(errno.EROFS, "Read-only file system")
        return make(*arguments, dir=dir, **members)

    monkeypatch.setattr(tempfile, "TemporaryFile", read_only)
    if refused < len(folders):
        assert writable_directory() == Path(folders[refused])
        return
    with pytest.raises(
        StartError,
        match=r"No writable temporary directory \(tried TMPDIR, /tmp, /dev/shm\)\. Set TMPDIR\.",
    ):
        writable_directory()


@pytest.mark.parametrize(("url", "synchronous"), [("sqlite:", 0), ("sqlite:///{folder}/s", 1)])
def test_only_a_persistent_file_waits_for_the_disk(
    tmp_path: Path, url: str, synchronous: int
) -> None:
    with open_store_at(url.format(folder=tmp_path)) as store:
        for database in (store._states, store._journal._database):  # type: ignore[attr-defined]
            assert database.rows("PRAGMA synchronous") == [(synchronous,)]


def test_memory_and_sqlite_do_not_import_redis() -> None:
    code = (
        "import sys\n"
        "from mockserver.sandbox.state import SandboxState\n"
        "from mockserver.sandbox.stores.open import open_store\n"
        "from mockserver.sandbox.stores.store import StoreLimits\n"
        "for url in ('memory:', 'sqlite:'):\n"
        "    store = open_store(url, SandboxState(), StoreLimits())\n"
        "    store.open()\n"
        "    store.close()\n"
        "sys.exit('redis' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], env=clean_environ(), check=True)
