"""Read OLD and NEW: a blueprint, a folder, or a file or folder in a Git revision."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from mockserver.cli.blueprints.arguments import SUFFIXES, blueprint_files
from mockserver.cli.comparison.revisions import exported, revision_of
from mockserver.contract.loader import list_apis
from mockserver.errors import FileMessage, InvalidFiles, MockServerError, Position, UsageError
from mockserver.spec.blueprint_files import read_apis
from mockserver.verification.diff.sides import (
    DescribedApi,
    Side,
    described_apis,
    described_folders,
)


def read_sides(arguments: Sequence[str]) -> tuple[list[Side], list[MockServerError]]:
    """Read all sides, and return them with the errors of those that cannot be read."""
    sides: list[Side] = []
    errors: list[MockServerError] = []
    for argument in arguments:
        try:
            sides.append(_read_side(argument))
        except MockServerError as error:
            errors.append(error)
    return sides, errors


def _read_side(argument: str) -> Side:
    """Read one side.

    Raises:
        InvalidFiles: It cannot be read.
        UsageError: The argument names nothing.
    """
    revision = revision_of(argument)
    if revision is None:
        return Side(argument, _described(argument), lambda position: position)
    with exported(revision) as (root, path):
        shown = partial(_shown, root, f"{revision.name}:")
        try:
            apis = _described(str(path))
        except InvalidFiles as error:
            raise InvalidFiles(_renamed(error.errors, root, shown)) from error
        except UsageError as error:
            message = f"{argument!r} has no blueprint; expected a file with the suffix"
            raise UsageError(f"{message} {' or '.join(SUFFIXES)}") from error
        renamed: list[DescribedApi] = []
        for described in apis:
            messages = _renamed(described.api.messages, root, shown)
            api = replace(described.api, messages=tuple(messages))
            renamed.append(replace(described, api=api))
        return Side(argument, tuple(renamed), shown, f"{revision.name}:")


def _described(argument: str) -> tuple[DescribedApi, ...]:
    """Return the APIs of a file, a folder or a pattern.

    Schema files count in folders that `serve` reads: `schemas` and `schemas/API`.
    """
    path = Path(argument)
    if argument and path.is_dir():
        names = list_apis(path)
        if names:
            return described_folders([path / name for name in names])
        if (path / f"{path.resolve().name}.apib").exists():
            return described_folders([path])
    return described_apis(read_apis(blueprint_files([argument])))


def _shown(root: Path, prefix: str, position: Position) -> Position:
    """Return a position in a temporary folder with the name of the revision's file."""
    try:
        relative = Path(position.file).resolve().relative_to(root)
    except (OSError, ValueError):
        return position
    return replace(position, file=f"{prefix}{relative.as_posix()}")


def _renamed(
    messages: Sequence[FileMessage], root: Path, shown: Callable[[Position], Position]
) -> list[FileMessage]:
    renamed: list[FileMessage] = []
    prefix = shown(Position(str(root / "a"))).file.removesuffix("a")
    for message in messages:
        text = message.message.replace(f"{root.as_posix()}/", prefix)
        renamed.append(replace(message, position=shown(message.position), message=text))
    return renamed
