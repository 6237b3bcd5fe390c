"""Warnings about the folders of an API: drift of its schemas, unknown files, unused lifecycles."""

from collections.abc import Iterator
from pathlib import Path

from mockserver.contract.api_reading import ApiReading
from mockserver.errors import FileMessage, Position
from mockserver.formats.files import files_below
from mockserver.formats.json_equality import same_value
from mockserver.spec import schemas
from mockserver.spec.schemas import Schemas

_FILES = ("coverage.yaml", "effects.yaml", "lifecycles.yaml", "recipes.yaml", "tokens.yaml")
_FOLDERS = ("records", "scenarios")
_DATA_SUFFIXES = (".yaml", ".yml", ".json")


def schema_drift(folder: str, files: Schemas, derived: Schemas) -> Iterator[FileMessage]:
    """Yield a warning for each difference between the schema files and the blueprint.

    Args:
        folder: The name of the folder in messages.
        files: The schemas in files.
        derived: The schemas derived from the blueprint.
    """
    for key in sorted(files.keys() | derived.keys()):
        name = schemas.file_name(*key)
        reason = _drift_of(key, files, derived)
        if reason:
            yield _warning(f"{folder}/{name}", reason)


def _drift_of(key: tuple[str, int], files: Schemas, derived: Schemas) -> str:
    if key not in files:
        return (
            "this file is missing; using the schema from the blueprint "
            "(run `mockserver schemas` to write it)"
        )
    if key not in derived:
        return "this file does not belong to a response of the blueprint; it is not used"
    if not same_value(files[key], derived[key]):
        return (
            "this schema differs from the blueprint; the file is used "
            "(see `mockserver schemas --check`)"
        )
    return ""


def _warning(file: str, text: str) -> FileMessage:
    """Return a warning about a whole file."""
    return FileMessage(Position(file, 0), text, "warning")


def unused_files(reading: ApiReading) -> Iterator[FileMessage]:
    """Yield a warning for each unknown file: its name is probably a typo."""
    expected = f"{', '.join(_FILES)}, or *.yaml in {' or '.join(_FOLDERS)}"
    for path in files_below(reading.folder):
        relative_path = path.relative_to(reading.folder)
        is_data = path.is_file() and path.suffix.lower() in _DATA_SUFFIXES
        if is_data and not _is_known(relative_path):
            file = f"{reading.display_name}/{relative_path}"
            yield _warning(file, f"unknown file, not read; expected {expected}")


def _is_known(relative_path: Path) -> bool:
    if len(relative_path.parts) == 1:
        return relative_path.name in _FILES
    return relative_path.parent.name in _FOLDERS and relative_path.suffix == ".yaml"


def unused_lifecycles(reading: ApiReading) -> Iterator[FileMessage]:
    """Yield a warning for each lifecycle of an unknown collection."""
    for name in reading.lifecycles:
        if name not in reading.effects.collections and name not in reading.collections:
            text = f"unknown collection '{name}' (not in effects.yaml); this lifecycle is not used"
            yield _warning(f"{reading.display_name}/lifecycles.yaml", text)


def missing_records(reading: ApiReading) -> Iterator[FileMessage]:
    """Yield a warning for each collection without a file of records."""
    for name in reading.effects.collections:
        if name not in reading.collections:
            file = f"{reading.display_name}/records/{name}.yaml"
            yield _warning(file, "no such file; the collection is empty")
