"""Files as they lie in a user's folders: which of them count, and how one is read."""

import errno
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path


def visible_paths(paths: Iterable[Path]) -> list[Path]:
    """Return these paths in order, without hidden ones: locks of editors (`.#x.yaml`), forks of macOS (`._x.yaml`), `.git`."""
    return sorted(path for path in paths if not path.name.startswith("."))


NARROW_LOCALE = "set PYTHONUTF8=1, or a locale such as C.UTF-8"
"""How to fix a locale whose file names are not UTF-8."""


def invalid_name(name: str) -> str:
    """Return what is wrong with a file's name, or nothing. Python reads bytes that are no text as surrogates; JSON has none."""
    if not any("\ud800" <= character <= "\udfff" for character in name):
        return ""
    if sys.getfilesystemencoding() != "utf-8":
        return f"the file's name is not {sys.getfilesystemencoding()}, as this locale wants it; {NARROW_LOCALE}"
    return "the file's name is not UTF-8; expected another name"


def paths_in_folders(folder: Path, name: str) -> list[Path]:
    """Return the file of this name in each visible folder of a folder, where it is there."""
    return [each / name for each in visible_paths(folder.glob("*")) if (each / name).exists()]


def files_below(folder: Path) -> Iterator[Path]:
    """Yield every visible file below a folder, in order. Linked folders are followed, each once."""
    seen = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        here = os.path.realpath(place)
        if here in seen:
            folders.clear()  # a link that leads back
            continue
        seen.add(here)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from visible_paths(Path(place, name) for name in names)


def read_bytes(path: Path) -> bytes:
    """Read a file. Raises `OSError`, also for a FIFO or a device: these may never end."""
    if path.exists() and not path.is_dir() and not path.is_file():
        raise OSError(errno.EINVAL, "it is a FIFO, a socket or a device; expected a file", str(path))
    return path.read_bytes()


def display_path(path: Path) -> str:
    """A path as messages show it: short, where it is below the working folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def write_text(path: Path, text: str) -> None:
    """Write a file in one step: whoever reads it meanwhile sees the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        # mkstemp makes files for their owner alone; records are for everyone who may read the folder.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
