"""Schema files: one for each operation and status, `OPERATION-ID.STATUS.json`, beside the blueprint."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import Any

import orjson

from mockserver.errors import FileError, InvalidFiles, Position
from mockserver.formats import exact_json, line_breaks, strict_yaml
from mockserver.formats.files import invalid_name, read_bytes, visible_paths
from mockserver.formats.json_schema import schema_violations

Schemas = dict[tuple[str, int], dict[str, Any]]
"""By operation id and status."""

_FILE = re.compile(r"(?P<operation>.+)\.(?P<status>[1-5][0-9]{2})\.json")


def file_name(operation_id: str, status: int) -> str:
    """The name of a schema's file: `OPERATION-ID.STATUS.json`."""
    return f"{operation_id}.{status}.json"


def render(schema: Mapping[str, Any]) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_files(schemas: Schemas, folder: Path) -> list[Path]:
    """Write the files of these schemas, and remove those of such a name that belong to none; returns what is written."""
    for path in surplus(schemas, folder):
        path.unlink()
    for key, schema in schemas.items():
        (folder / file_name(*key)).write_text(render(schema), encoding="utf-8", newline="\n")
    return [folder / file_name(*key) for key in schemas]


def surplus(schemas: Iterable[tuple[str, int]], folder: Path) -> list[Path]:
    """The schema files of a folder that belong to none of these operations and statuses."""
    names = {file_name(*key) for key in schemas}
    return [path for path in _files(folder) if path.name not in names]


def differences(schemas: Schemas, folder: Path) -> Iterator[str]:
    """How the files of a folder differ from these schemas: for each that does, a unified diff or a sentence."""
    for key, schema in schemas.items():
        path = folder / file_name(*key)
        if not path.exists():
            yield f"{path.name} is missing"
        elif (old := read_bytes(path)) != render(schema).encode():
            yield _difference(path.name, old, render(schema))
    for path in surplus(schemas, folder):
        yield f"{path.name} is surplus: the blueprint does not document this response"


def _difference(name: str, old: bytes, new: str) -> str:
    if line_breaks.unix_line_breaks(old) == new.encode():
        return f"{name} {line_breaks.ADVICE}"
    was, now = old.decode(errors="replace").splitlines(), new.splitlines()
    lines = list(unified_diff(was, now, f"{name} (the file)", f"{name} (the blueprint)", lineterm=""))
    return "\n".join(lines) or f"{name} differs in whitespace at the end of lines or of the file"


def blocked(schemas: Iterable[tuple[str, int]], folder: Path) -> list[str]:
    """The names of schema files whose place a folder takes, of these schemas and of surplus ones."""
    names = {file_name(*key) for key in schemas} | {path.name for path in _files(folder)}
    return sorted(name for name in names if (folder / name).is_dir())


def _files(folder: Path) -> list[Path]:
    """The schema files of a folder. Raises `FaultsFound` for names that are no text: they would pass for other files."""
    found = [path for path in visible_paths(folder.glob("*.json")) if _FILE.fullmatch(path.name)]
    if faults := [FileError(Position(str(path)), wrong) for path in found if (wrong := invalid_name(path.name))]:
        raise InvalidFiles(faults)
    return found


def read_schemas(folder: Path, shown_as: str) -> Schemas:
    """The schemas that a folder holds; faults call it `shown_as`.

    Raises `FaultsFound` with each file that is not JSON, and each keyword that makes one no JSON Schema.
    """
    found: Schemas = {}
    faults: list[FileError] = []
    for path in _files(folder):
        operation_id, status, _ = path.name.rsplit(".", 2)
        try:
            found[operation_id, int(status)] = _read_one(path, f"{shown_as}/{path.name}")
        except InvalidFiles as error:
            faults += error.errors
    if faults:
        raise InvalidFiles(faults)
    return found


def _read_one(path: Path, name: str) -> dict[str, Any]:
    try:
        data = read_bytes(path)
        schema: dict[str, Any] = exact_json.loads(data)
    except OSError as error:
        raise InvalidFiles([FileError(Position(name), f"the file cannot be read: {error.strerror}")]) from error
    except exact_json.InexactInteger as error:
        raise InvalidFiles([FileError(Position(name, error.lineno, error.colno), error.msg)]) from error
    except orjson.JSONDecodeError as error:
        at = Position(name, error.lineno, error.colno)
        raise InvalidFiles([FileError(at, f"invalid JSON: {error.msg.split(': line')[0]}; expected a JSON Schema")]) from error
    faults = list(_schema_errors(schema, data, name))
    if faults:
        raise InvalidFiles(faults)
    return schema


def _schema_errors(schema: Any, data: bytes, name: str) -> Iterator[FileError]:
    violations = schema_violations(schema)
    if not violations:
        return
    try:
        # JSON is YAML as well, and the reader of YAML knows the lines.
        yield from strict_yaml.parse_yaml(data, name).file_errors(violations)
    except InvalidFiles:
        yield from (FileError(Position(name), f"invalid JSON Schema 2020-12 at {violation}") for violation in violations)
