"""Find the blueprints that arguments name: files, folders and patterns."""

import glob
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from mockserver.errors import UsageError
from mockserver.formats.files import files_below
from mockserver.spec.blueprint_files import BlueprintFile

SUFFIXES = (".apib", ".md")
"""The files that a folder or a pattern selects."""
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_WILDCARDS = "*?["


def blueprint_files(arguments: Iterable[str]) -> list[BlueprintFile]:
    """Return the files of all arguments, each once, in order.

    Args:
        arguments: A file, a folder (all files below it that may be blueprints), or a pattern, in
            which `**` matches folders.

    Raises:
        UsageError: A folder or a pattern selects no file.
    """
    files: dict[Path, BlueprintFile] = {}
    errors: list[str] = []
    for argument in arguments:
        if _URL.match(argument):
            errors.append(f"FILE: expected a file, got the URL {argument!r}; download it first")
            continue
        selected = list(_selected(argument))
        if not selected:
            expected = f"expected at least one file with the suffix {' or '.join(SUFFIXES)}"
            errors.append(f"FILE: no blueprint matches {argument!r}; {expected}")
        for file in selected:
            known = files.setdefault(file.path.resolve(), file)
            if file.named and not known.named:
                files[file.path.resolve()] = file
    if errors:
        raise UsageError("\n".join(errors))
    return list(files.values())


def watched_paths(arguments: Iterable[str]) -> Iterator[Path]:
    """Yield the files that the arguments name now. A file may be missing."""
    for argument in arguments:
        for file in _selected(argument):
            yield file.path


def _selected(argument: str) -> Iterator[BlueprintFile]:
    if not argument:
        return  # Path("") is the current folder, which an unset variable does not mean
    path = Path(argument)
    if path.is_dir():
        yield from _in_folder(path)
    elif path.exists() or not any(character in argument for character in _WILDCARDS):
        yield BlueprintFile(path, named=True)
    else:
        for name in sorted(glob.glob(argument, recursive=True)):
            if Path(name).is_file():
                yield from _candidates([Path(name)])


def _in_folder(folder: Path) -> Iterator[BlueprintFile]:
    yield from _candidates(files_below(folder))


def _candidates(paths: Iterable[Path]) -> Iterator[BlueprintFile]:
    for path in paths:
        if path.suffix.lower() in SUFFIXES and path.is_file():
            yield BlueprintFile(path, named=False)
