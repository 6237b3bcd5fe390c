"""The cache of generated folders: an entry for each content of the blueprints.

    CACHE/mockserver/KEY/schemas/API/, fixtures/API/    generated files
    CACHE/mockserver/KEY/entry.json                     their hashes

An entry is written in a temporary folder and renamed, so several processes can start at once. An
entry that is damaged or belongs to another user is not used.
"""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

import mockserver
from mockserver.config.tempfiles import writable_directory
from mockserver.errors import StartError
from mockserver.spec.description import Api

MAX_BYTES = 100_000_000
"""Maximum size of all entries. The entries that were not used for the longest time are removed."""
_MANIFEST = "entry.json"
_NEW = ".new-"
_OLD = ".old-"
_ABANDONED = 3600.0
"""Age in seconds of a temporary folder whose process has ended without removing it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A complete entry."""

    folder: Path
    inode: int
    data: Any
    """What `Cache.add` has kept with the folders, as JSON."""

    @property
    def is_complete(self) -> bool:
        """Whether no other process has removed or replaced the entry."""
        try:
            return self.folder.lstat().st_ino == self.inode
        except OSError:
            return False


def cache_key(apis: Iterable[Api]) -> str:
    """Return the key of the folders for these APIs: their content, and the code that reads them."""
    content = [mockserver.__version__, version("faker"), *_code_versions()]
    for api in apis:
        content += [api.id, api.sha256]
    return sha256("\n".join(content).encode()).hexdigest()


def _code_versions() -> Iterator[str]:
    """Yield the version of each module, because a clone changes without another version number."""
    package = Path(mockserver.__file__).parent
    for path in sorted(package.rglob("*.py")):
        status = path.stat()
        yield f"{path.relative_to(package)} {status.st_size} {status.st_mtime_ns}"


def open_cache() -> "Cache | None":
    """Return the cache of this user; `None` if no folder is writable and private."""
    for folder in _candidates():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_private(folder) and os.access(folder, os.W_OK | os.X_OK):
                return Cache(folder)
        except OSError:
            continue
    return None


def _candidates() -> Iterator[Path]:
    """Yield the possible folders of the cache.

    Source: XDG Base Directory Specification. Windows has LOCALAPPDATA instead.
    """
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        configured = os.environ.get(variable, "")
        if os.path.isabs(configured):
            yield Path(configured, "mockserver")
    home = os.environ.get("HOME", "")
    if os.path.isabs(home):
        yield Path(home, ".cache", "mockserver")
    try:
        yield writable_directory() / f"mockserver-cache-{_user_id()}"
    except StartError:
        return


def _user_id() -> int:
    """Return the id of this user; 0 on Windows, where each file has the user id 0."""
    if hasattr(os, "getuid"):
        return os.getuid()
    return 0


def _is_private(folder: Path) -> bool:
    """Return whether a folder is ours, and no other user can write to it.

    Windows has no modes of files. There the folders of `_candidates` belong to one user.
    """
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != _user_id():
        return False
    if not hasattr(os, "getuid"):
        return True
    if status.st_mode & 0o022:
        return False
    if status.st_mode & 0o055:
        folder.chmod(0o700)
    return True


class Cache:
    """A folder with an entry for each key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entry(self, key: str) -> Entry | None:
        """Return the entry with this key; `None` if it is missing, damaged or another user's."""
        folder = self.folder / key
        try:
            inode = folder.lstat().st_ino
            manifest = orjson.loads((folder / _MANIFEST).read_bytes())
            if manifest["files"] != dict(_hashes(folder)):
                return None
            os.utime(folder)
            return Entry(folder, inode, manifest["data"])
        except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
            return None

    @contextmanager
    def new_folder(self) -> Iterator[Path]:
        """Provide an empty folder in the cache, which is removed unless `add` has moved it."""
        folder = Path(tempfile.mkdtemp(dir=self.folder, prefix=_NEW))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def add(self, key: str, folder: Path, data: Any) -> None:
        """Make a folder the entry with this key, unless another process has made it.

        Args:
            key: The key of the entry.
            folder: A folder of `new_folder`.
            data: What is kept with the folders, as JSON.

        Raises:
            OSError: The entry cannot be written.
        """
        manifest = {"files": dict(_hashes(folder)), "data": data}
        (folder / _MANIFEST).write_bytes(orjson.dumps(manifest))
        target = self.folder / key
        if target.exists() and self.entry(key) is None:
            self._remove(target)
        try:
            folder.rename(target)
        except OSError:
            if self.entry(key) is None:
                raise
        self._remove_oldest(target)

    def _remove_oldest(self, newest: Path) -> None:
        """Remove abandoned folders, and the oldest entries above the size limit."""
        entries: list[tuple[float, int, Path]] = []
        for path in self.folder.iterdir():
            age = time.time() - path.lstat().st_mtime
            if not path.name.startswith("."):
                entries.append((age, _size(path), path))
            elif age > _ABANDONED:
                shutil.rmtree(path, ignore_errors=True)
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries, reverse=True):
            if total <= MAX_BYTES:
                return
            if path != newest:
                self._remove(path)
                total -= size

    def _remove(self, path: Path) -> None:
        """Remove an entry: at once for other processes, then its files."""
        trash = Path(tempfile.mkdtemp(dir=self.folder, prefix=_OLD))
        with suppress(OSError):  # another process may have removed it, or reads it (Windows)
            path.rename(trash / path.name)
        shutil.rmtree(trash, ignore_errors=True)


def _hashes(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the relative path and the hash of each file of an entry.

    Raises:
        OSError: A file is not a regular file of this user.
    """
    for directory, folders, names in os.walk(folder):
        for name in (*folders, *names):
            status = Path(directory, name).lstat()
            is_regular = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
            if status.st_uid != _user_id() or not is_regular:
                raise PermissionError(f"{directory}/{name} is not a file of this user")
        for name in names:
            if name != _MANIFEST:
                path = Path(directory, name)
                yield path.relative_to(folder).as_posix(), sha256(path.read_bytes()).hexdigest()


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*"))
