"""Schema files next to the blueprint: one per operation and status, `OPERATION-ID.STATUS.json`."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from mockserver.errors import FileMessage, InvalidFiles, Position
from mockserver.formats import exact_json, line_breaks, strict_yaml
from mockserver.formats.files import invalid_name, read_bytes, visible_paths
from mockserver.formats.json_schema import schema_violations

Schemas = dict[tuple[str, int], dict[str, Any]]
"""JSON Schemas by operation id and status."""

_FILE = re.compile(r"(?P<operation>.+)\.(?P<status>[1-5][0-9]{2})\.json")


def file_name(operation_id: str, status: int) -> str:
    """Return the name of a schema's file: `OPERATION-ID.STATUS.json`."""
    return f"{operation_id}.{status}.json"


def render(schema: Mapping[str, Any]) -> str:
    """Return the contents of a schema's file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_files(schemas: Schemas, folder: Path) -> list[Path]:
    """Write the files of these schemas, delete surplus files, and return the paths written."""
    for path in surplus(schemas, folder):
        path.unlink()
    paths = []
    for key, schema in schemas.items():
        path = folder / file_name(*key)
        path.write_text(render(schema), encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def surplus(schemas: Iterable[tuple[str, int]], folder: Path) -> list[Path]:
    """Return the schema files of a folder whose operation and status are not among these."""
    names = {file_name(*key) for key in schemas}
    return [path for path in _files(folder) if path.name not in names]


def differences(schemas: Schemas, folder: Path) -> Iterator[str]:
    """Yield a diff or a sentence for each file of a folder that differs from these schemas."""
    for key, schema in schemas.items():
        path = folder / file_name(*key)
        if not path.exists():
            yield f"{path.name} is missing"
            continue
        old, new = read_bytes(path), render(schema)
        if old != new.encode():
            yield _difference(path.name, old, new)
    for path in surplus(schemas, folder):
        yield f"{path.name} is surplus: the blueprint does not document this response"


def _difference(name: str, old: bytes, new: str) -> str:
    # Only `mockserver schemas --check` needs this module.
    from difflib import unified_diff  # noqa: PLC0415

    if line_breaks.unix_line_breaks(old) == new.encode():
        return f"{name} {line_breaks.ADVICE}"
    old_lines, new_lines = old.decode(errors="replace").splitlines(), new.splitlines()
    old_name, new_name = f"{name} (the file)", f"{name} (the blueprint)"
    lines = unified_diff(old_lines, new_lines, old_name, new_name, lineterm="")
    return "\n".join(lines) or f"{name} differs in whitespace at the end of lines or of the file"


def names_of_folders(schemas: Iterable[tuple[str, int]], folder: Path) -> list[str]:
    """Return the names of schema files, written or surplus, that are folders."""
    names = {file_name(*key) for key in schemas} | {path.name for path in _files(folder)}
    return sorted(name for name in names if (folder / name).is_dir())


def _files(folder: Path) -> list[Path]:
    """Return the schema files of a folder.

    Raises:
        InvalidFiles: The name of a file is not valid text, so it could be taken for another one.
    """
    paths: list[Path] = []
    errors: list[FileMessage] = []
    for path in visible_paths(folder.glob("*.json")):
        if _FILE.fullmatch(path.name):
            paths.append(path)
            message = invalid_name(path.name)
            if message:
                errors.append(FileMessage(Position(str(path)), message))
    if errors:
        raise InvalidFiles(errors)
    return paths


def read_schemas(folder: Path, shown_as: str) -> Schemas:
    """Return the schemas in the files of a folder.

    Args:
        folder: The folder.
        shown_as: The name of the folder in errors.

    Raises:
        InvalidFiles: Files are not JSON, or are not a valid JSON Schema.
    """
    schemas: Schemas = {}
    errors: list[FileMessage] = []
    for path in _files(folder):
        operation_id, status, _ = path.name.rsplit(".", 2)
        try:
            schemas[operation_id, int(status)] = _read_schema(path, f"{shown_as}/{path.name}")
        except InvalidFiles as error:
            errors += error.errors
    if errors:
        raise InvalidFiles(errors)
    return schemas


def _read_schema(path: Path, name: str) -> dict[str, Any]:
    try:
        data = read_bytes(path)
        schema: dict[str, Any] = exact_json.loads(data)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        raise InvalidFiles([FileMessage(Position(name), message)]) from error
    except exact_json.InexactInteger as error:
        position = Position(name, error.lineno, error.colno)
        raise InvalidFiles([FileMessage(position, error.msg)]) from error
    except orjson.JSONDecodeError as error:
        position = Position(name, error.lineno, error.colno)
        reason = error.msg.split(": line")[0]
        message = f"invalid JSON: {reason}; expected a JSON Schema"
        raise InvalidFiles([FileMessage(position, message)]) from error
    errors = list(_schema_errors(schema, data, name))
    if errors:
        raise InvalidFiles(errors)
    return schema


def _schema_errors(schema: Any, data: bytes, name: str) -> Iterator[FileMessage]:
    """Yield the violations of the meta-schema, with their positions in the file."""
    violations = schema_violations(schema)
    if not violations:
        return
    try:
        # JSON is also YAML, and the YAML parser has the positions of values.
        yield from strict_yaml.parse_yaml(data, name).file_errors(violations)
    except InvalidFiles:
        for violation in violations:
            yield FileMessage(Position(name), f"invalid JSON Schema 2020-12 at {violation}")
