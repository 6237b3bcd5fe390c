"""The folders of one API: texts become files of a temporary folder only while they are read."""

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from mockserver.config.tempfiles import writable_directory
from mockserver.contract.api_files import (
    FIXTURE_FILE,
    MAX_FILE_BYTES,
    NAME,
    SCHEMA_FILE,
    ApiFiles,
)
from mockserver.contract.api_loader import load_api
from mockserver.contract.model import Contract
from mockserver.errors import FileMessage
from mockserver.formats.files import display_path
from mockserver.spec import blueprint


class ApiFolder:
    """Two folders with the files of one API, as users write them: `schemas/API`, `fixtures/API`."""

    def __init__(self, folder: Path, name: str) -> None:
        """Create the empty folders below a folder.

        Raises:
            ValueError: the name is not the name of a folder.
        """
        _check_name(NAME, name)
        self.name, self.schemas, self.fixtures = name, folder / "schemas", folder / "fixtures"
        self.schema_folder, self.fixture_folder = self.schemas / name, self.fixtures / name
        self.blueprint = self.schema_folder / f"{name}.apib"
        self.schema_folder.mkdir(parents=True)
        self.fixture_folder.mkdir(parents=True)

    def write(self, files: ApiFiles) -> None:
        """Write files into the folders.

        Raises:
            ValueError: a name is not the name of a schema or of a fixture.
        """
        _write(self.blueprint, files.blueprint)
        for name, text in files.schemas.items():
            _check_name(SCHEMA_FILE, name)
            _write(self.schema_folder / name, text)
        for name, text in files.fixtures.items():
            _check_name(FIXTURE_FILE, name)
            _write(self.fixture_folder / name, text)

    def read(self) -> ApiFiles:
        """Return the files that are in the folders now."""
        schemas = dict(_texts(self.schema_folder, "*.json"))
        fixtures = dict(_texts(self.fixture_folder, "**/*.yaml"))
        return ApiFiles(self.name, _read(self.blueprint), schemas, fixtures)

    def load(self) -> Contract:
        """Read and check the files.

        Raises:
            InvalidFiles: at least one file is invalid. The exception has the errors of all files.
        """
        api = blueprint.read_blueprint(self.blueprint, self.blueprint.name)
        return load_api(self.schema_folder, self.fixture_folder, api)


def load_files(files: ApiFiles) -> Contract:
    """Read and check the files of one API.

    Raises:
        InvalidFiles: at least one file is invalid. The exception has the errors of all files.
        OSError: the temporary folder cannot be written.
    """
    with tempfile.TemporaryDirectory(dir=writable_directory(), prefix="mockserver-") as name:
        folder = ApiFolder(Path(name), files.name)
        folder.write(files)
        return folder.load()


def in_texts(message: FileMessage, folder: ApiFolder) -> FileMessage:
    """Return a message with the names of the sent texts: `effects.yaml`, `NAME.apib`."""
    move = _mover(folder)
    position = replace(message.position, file=move(message.position.file))
    return replace(message, position=position, message=move(message.message))


def _mover(folder: ApiFolder) -> Callable[[str], str]:
    """Return a function that removes the paths of the folders from a text."""
    prefixes: list[str] = []
    for path in (folder.schema_folder, folder.fixture_folder):
        # Messages have the second form if the working directory is above the temporary folder.
        prefixes += [re.escape(f"{path}/"), re.escape(f"{display_path(path)}/")]
    expression = re.compile("|".join(prefixes))
    return lambda text: expression.sub("", text)


def _check_name(expression: str, name: str) -> None:
    if not re.fullmatch(expression, name) or len(name.encode()) > MAX_FILE_BYTES:
        raise ValueError(f"invalid name {name!r}")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode())


def _read(path: Path) -> str:
    return path.read_bytes().decode()


def _texts(folder: Path, pattern: str) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob(pattern)):
        yield str(path.relative_to(folder)), _read(path)
