"""The files in a user's folders: which are used, and how they are read and written."""

import errno
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path


def visible_paths(paths: Iterable[Path]) -> list[Path]:
    """Return these paths in order, without hidden ones.

    Hidden are locks of editors (`.#x.yaml`), resource forks of macOS (`._x.yaml`) and `.git`.
    """
    return sorted(path for path in paths if not path.name.startswith("."))


_DEVICES = (
    "con prn aux nul com1 com2 com3 com4 com5 com6 com7 com8 com9 "
    "lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9"
)
RESERVED_NAMES = frozenset(_DEVICES.split())
"""The names of devices. Windows has no file with such a name, nor with one before its first dot."""
NARROW_LOCALE = "set PYTHONUTF8=1, or a locale such as C.UTF-8"
"""How to fix a locale whose file names are not UTF-8."""


def invalid_name(name: str) -> str:
    """Return what is wrong with a file's name, or an empty text.

    Python reads invalid bytes as surrogates. JSON cannot contain them.
    """
    if not any("\ud800" <= character <= "\udfff" for character in name):
        return ""
    encoding = sys.getfilesystemencoding()
    if encoding != "utf-8":
        return f"the file's name is not {encoding}, the encoding of this locale; {NARROW_LOCALE}"
    return "the file's name is not UTF-8; rename the file"


def paths_in_folders(folder: Path, name: str) -> list[Path]:
    """Return the files of this name in the visible folders of a folder."""
    paths = [path / name for path in visible_paths(folder.glob("*"))]
    return [path for path in paths if path.exists()]


def files_below(folder: Path) -> Iterator[Path]:
    """Yield every visible file below a folder, in order. Linked folders are followed, each once.

    The packages of npm are skipped: a frontend has thousands of files in them.
    """
    visited = set()
    for directory, folders, names in os.walk(folder, followlinks=True):
        here = os.path.realpath(directory)
        if here in visited:
            folders.clear()  # a link to a folder above
            continue
        visited.add(here)
        folders[:] = sorted(name for name in folders if _is_visited(name))
        yield from visible_paths(Path(directory, name) for name in names)


def _is_visited(folder_name: str) -> bool:
    return not folder_name.startswith(".") and folder_name != "node_modules"


def read_bytes(path: Path) -> bytes:
    """Return the contents of a file.

    Raises:
        OSError: The file cannot be read, or is a FIFO or a device, which may never end.
    """
    if path.exists() and not path.is_dir() and not path.is_file():
        raise OSError(errno.EINVAL, "not a regular file (FIFO, socket or device)", str(path))
    return path.read_bytes()


def display_path(path: Path) -> str:
    """Return a path for messages: relative if it is below the working directory.

    It has forward slashes on every platform, so that messages and reports are the same.
    """
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def write_text(path: Path, text: str) -> None:
    """Write a file atomically: readers see the complete old file or the complete new file.

    Raises:
        OSError: The file cannot be written. The error has its name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _write_and_rename(path, text)
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def _write_and_rename(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        # By default only the owner can read a file of mkstemp.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
