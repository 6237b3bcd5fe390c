"""The folder of `--scenarios`: more scenarios, in addition to those of the fixtures.

A scenario is `API/NAME.yaml`. With one API, it can also be `NAME.yaml`.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mockserver.config.similar_names import similar_hint
from mockserver.errors import FileMessage, Position
from mockserver.formats.files import display_path, files_below, visible_paths

SUFFIX = ".yaml"
_DATA_SUFFIXES = (SUFFIX, ".yml", ".json")


class ScenarioFolder(NamedTuple):
    """A folder whose files `NAME.yaml` are the scenarios of one API."""

    path: Path
    shown_as: str
    """The folder's name in errors."""

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield the name of each scenario, and its file as errors show it."""
        for path in visible_paths(self.path.glob(f"*{SUFFIX}")):
            yield path.stem, f"{self.shown_as}/{path.name}"


def scenario_folders(
    folder: Path | None, api_name: str, names: Sequence[str]
) -> list[ScenarioFolder]:
    """Return the folders of one API in the folder of `--scenarios`.

    Args:
        folder: The value of `--scenarios`; `None` without one.
        api_name: The name of the API.
        names: The names of all APIs.
    """
    if folder is None:
        return []
    paths = [folder / api_name]
    if len(names) == 1:
        paths.append(folder)
    return [ScenarioFolder(path, display_path(path)) for path in paths]


def duplicate_errors(folders: Iterable[ScenarioFolder]) -> Iterator[FileMessage]:
    """Yield an error for each scenario that an earlier folder has too."""
    files: dict[str, str] = {}
    for folder in folders:
        for name, file in folder.files():
            first = files.setdefault(name, file)
            if first != file:
                message = f"{first} is a scenario '{name}' too; expected another file name"
                yield FileMessage(Position(file), message)


def misplaced_errors(folder: Path | None, names: Sequence[str]) -> Iterator[FileMessage]:
    """Yield an error for each file in the folder of `--scenarios` that no API reads.

    Args:
        folder: The value of `--scenarios`; `None` without one.
        names: The names of all APIs.
    """
    if folder is None:
        return
    for file in files_below(folder):
        path = file.relative_to(folder)
        if path.suffix.lower() not in _DATA_SUFFIXES:
            continue
        message = _misplaced_error(path, names)
        if message:
            yield FileMessage(Position(f"{display_path(folder)}/{path.as_posix()}"), message)


def _misplaced_error(path: Path, names: Sequence[str]) -> str:
    """Return why no API reads a file of the folder; empty if one does."""
    one_of = f"expected one of {', '.join(names)}"
    if path.suffix != SUFFIX:
        return f"a scenario is a file NAME{SUFFIX}; rename it to {path.stem}{SUFFIX}"
    folders = path.parent.parts
    if len(folders) > 1:
        return f"the file is in too many folders; move it to API/{path.name}, {one_of} for API"
    if not folders and len(names) > 1:
        return f"several APIs are served; move the file to API/{path.name}, {one_of} for API"
    if not folders or folders[0] in names:
        return ""
    return f"unknown API '{folders[0]}'; {one_of}{similar_hint(folders[0], names)}"
