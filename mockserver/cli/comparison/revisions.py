"""Read blueprints from a Git revision: `REVISION:PATH`, as `git show` reads it.

The files are written to a temporary folder, with the files that include lines name.
"""

import posixpath
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mockserver.config.tempfiles import writable_directory
from mockserver.errors import InvalidFiles, UsageError
from mockserver.spec import blueprint

_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_READ = (".apib", ".md", ".json")
"""The files that are read from a folder."""
_REGULAR = ("100644", "100755")
"""Modes of files in a Git tree. Links and submodules have other modes."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A file or folder in a Git revision."""

    text: str
    """As the user wrote it."""
    name: str
    """The branch, tag or commit."""
    path: str
    """The path from the root of the repository."""


def revision_of(text: str) -> Revision | None:
    """Return what an argument names in Git; `None` if it is a path of the file system.

    Raises:
        UsageError: It is a URL.
    """
    with suppress(OSError, ValueError):
        if Path(text).exists():
            return None
    if _URL.match(text):
        raise UsageError(f"{text!r} is a URL; expected a file, a folder or REVISION:PATH")
    name, colon, path = text.partition(":")
    if not colon or not name or _DRIVE.match(text):
        return None
    return Revision(text, name, path)


@contextmanager
def exported(revision: Revision) -> Iterator[tuple[Path, Path]]:
    """Provide a temporary folder with the files of a revision, and the path in it.

    Raises:
        UsageError: Git is missing, or has no such revision or path.
    """
    with tempfile.TemporaryDirectory(dir=writable_directory(), prefix="mockserver-diff-") as name:
        root = Path(name).resolve()
        tree = _Tree(revision)
        tree.export(root)
        yield root, root / tree.path


class _Tree:
    """The files of one revision."""

    def __init__(self, revision: Revision) -> None:
        self._revision = revision
        _git(revision, "rev-parse", "--git-dir", error="this folder is not in a Git repository")
        self._tree = self._object(f"{revision.name}^{{tree}}", self._unknown_revision())
        self.path = self._normalized(revision.path)
        self._files = self._list()

    def _unknown_revision(self) -> str:
        expected = "expected a branch, a tag or a commit of this clone before the colon"
        return f"unknown revision {self._revision.name!r}; {expected}, or an existing file"

    def _object(self, name: str, error: str) -> str:
        """Return the id of an object."""
        arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        return _git(self._revision, *arguments, error=error).decode().strip()

    def _normalized(self, path: str) -> str:
        """Return a path from the root of the repository. `./` starts at the working folder."""
        if path.startswith(("./", "../")) or path in (".", ".."):
            error = "a path that starts with a dot needs a working tree"
            prefix = _git(self._revision, "rev-parse", "--show-prefix", error=error)
            path = posixpath.join(prefix.decode().rstrip("\n"), path)
        path = posixpath.normpath(path.rstrip("/") or ".")
        if path.startswith(("/", "..")):
            raise _error(self._revision, f"{path!r} is outside the repository")
        return path.removeprefix(".") if path == "." else path

    def _list(self) -> Mapping[str, str]:
        """Return the id of each file by its path. A file that is named has only its folder's."""
        error = f"the revision {self._revision.name!r} has no {self.path!r}"
        error = f"{error}; expected a path from the root of the repository"
        found = self._object(f"{self._tree}:{self.path}", error)
        kind = _git(self._revision, "cat-file", "-t", found, error=error).decode().strip()
        self._is_file = kind == "blob"
        folder = self.path
        if self._is_file:
            folder = posixpath.dirname(self.path)
        listed = self._object(f"{self._tree}:{folder}", error)
        output = _git(self._revision, "ls-tree", "-r", "-z", "--full-tree", listed, error=error)
        files: dict[str, str] = {}
        for entry in filter(None, output.split(b"\0")):
            head, _, name = entry.partition(b"\t")
            mode, _, file_id = head.decode().split(" ")
            if mode in _REGULAR:
                path = posixpath.join(folder, name.decode("utf-8", "surrogateescape"))
                files[path] = file_id
        if self._is_file and self.path not in files:
            raise _error(self._revision, f"{self.path!r} is a link; expected a file")
        return files

    def export(self, root: Path) -> None:
        """Write the files that are read, then the files that these include."""
        wanted = {self.path}
        if not self._is_file:
            wanted = {path for path in self._files if _is_read(path)}
            (root / self.path).mkdir(parents=True, exist_ok=True)
        written: set[str] = set()
        while wanted - written:
            added = sorted(wanted - written)
            self._write(root, added)
            written |= set(added)
            for path in added:
                wanted |= self._included(root, path)

    def _write(self, root: Path, paths: Sequence[str]) -> None:
        ids = [self._files[path] for path in paths]
        for path, data in zip(paths, _contents(self._revision, ids), strict=True):
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)

    def _included(self, root: Path, path: str) -> set[str]:
        """Return the files of the revision that a file includes."""
        if path.endswith(".json"):
            return set()
        try:
            text = blueprint.read_text(root / path)
        except InvalidFiles:
            return set()
        included: set[str] = set()
        for target in text.paths:
            name = posixpath.normpath(target.relative_to(root).as_posix())
            if name in self._files:
                included.add(name)
        return included


def _is_read(path: str) -> bool:
    parts = path.split("/")
    return path.endswith(_READ) and not any(part.startswith(".") for part in parts)


def _contents(revision: Revision, ids: Sequence[str]) -> Iterator[bytes]:
    """Yield the contents of files, which one process reads."""
    error = "Git cannot read the files of this revision"
    lines = "".join(f"{file_id}\n" for file_id in ids)
    output = _git(revision, "cat-file", "--batch", error=error, stdin=lines.encode())
    start = 0
    for _ in ids:
        end = output.index(b"\n", start)
        size = int(output[start:end].split(b" ")[2])
        yield output[end + 1 : end + 1 + size]
        start = end + 1 + size + 1


def _git(revision: Revision, *arguments: str, error: str, stdin: bytes = b"") -> bytes:
    """Return the output of a Git command.

    Args:
        revision: What is read, for errors.
        arguments: The command and its arguments. No shell reads them.
        error: The error if Git fails.
        stdin: The input of Git.

    Raises:
        UsageError: Git is missing or fails.
    """
    try:
        result = subprocess.run(  # noqa: S603
            ["git", *arguments],  # noqa: S607
            input=stdin,
            capture_output=True,
            check=False,
        )
    except OSError as missing:
        message = "the program `git` cannot be started; install it, or compare files"
        raise _error(revision, message) from missing
    except ValueError as invalid:
        raise _error(revision, "the name has a null character") from invalid
    if result.returncode:
        reason = result.stderr.decode(errors="replace").strip().split("\n")[0]
        if reason:
            error = f"{error} (git: {reason})"
        raise _error(revision, error)
    return result.stdout


def _error(revision: Revision, message: str) -> UsageError:
    return UsageError(f"cannot read {revision.text!r}: {message}")
