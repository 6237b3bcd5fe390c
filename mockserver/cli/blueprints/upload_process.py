"""Generate and check the files of an uploaded API, in a process with limits.

stdin has the sent files as JSON. stdout gets the complete files, null if they are invalid, and all
messages. If the process fails, the server still serves.
"""

import os
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from mockserver.cli.blueprints.sources import with_failures
from mockserver.cli.blueprints.upload_limits import (
    MAX_BYTES,
    MAX_CPU_SECONDS,
    MAX_MEMORY,
    MAX_MESSAGES,
    MAX_OPERATIONS,
    NICENESS,
    OUT_OF_MEMORY,
)
from mockserver.cli.proof import prove_contract
from mockserver.config.tempfiles import writable_directory
from mockserver.contract.api_files import ApiFiles
from mockserver.contract.api_folder import ApiFolder, in_texts
from mockserver.contract.model import Contract
from mockserver.errors import FileMessage, InvalidFiles, Position
from mockserver.generation import recipes
from mockserver.generation.proof import Failure
from mockserver.generation.scaffold.build import scaffold_api
from mockserver.spec import blueprint, schemas
from mockserver.spec.blueprint.includes import include_errors
from mockserver.spec.blueprint.messages import as_json
from mockserver.spec.description import Api

try:
    import resource
except ImportError:
    HAS_LIMITS = False
else:
    HAS_LIMITS = True


def main() -> int:
    """Read the sent files, and write the result."""
    if HAS_LIMITS:
        _limit()
    try:
        files = ApiFiles.from_json(orjson.loads(sys.stdin.buffer.read()))
        sys.stdout.buffer.write(orjson.dumps(complete(files)))
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _limit() -> None:
    """Limit the process. Windows has no such limits, and macOS no limit of the memory."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS + 1))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


def complete(files: ApiFiles) -> dict[str, Any]:
    """Return the files with all that the server generates, and the messages about them."""
    with tempfile.TemporaryDirectory(dir=writable_directory(), prefix="mockserver-") as name:
        folder = ApiFolder(Path(name), files.name)
        try:
            contract = _contract(files, folder)
            generated = folder.read()
            _check_size(generated)
        except InvalidFiles as error:
            return {"files": None, "messages": _messages(error.errors, folder)}
        messages = _messages(contract.messages, folder)
        return {"files": generated.as_json(), "messages": messages}


def _contract(files: ApiFiles, folder: ApiFolder) -> Contract:
    """Fill the folder, and return its contract with a message for each failed documented request.

    Raises:
        InvalidFiles: the API cannot be served.
    """
    errors = list(include_errors(files.blueprint, files.blueprint_file))
    if errors:
        raise InvalidFiles(errors)
    folder.write(files)
    api = blueprint.read_blueprint(folder.blueprint, files.blueprint_file)
    _check_operations(api)
    if files.fixtures:
        schemas.write(api, folder.schema_folder)
        folder.write(files)
        _check_recipes(folder)
    else:
        scaffolded = scaffold_api(api, folder.schema_folder, folder.fixture_folder, prove_contract)
        if not files.schemas:
            return _with_warnings(scaffolded.contract, scaffolded.failures)
        folder.write(files)
    contract = folder.load()
    return _with_warnings(contract, prove_contract(contract))


def _with_warnings(contract: Contract, failures: Iterable[Failure]) -> Contract:
    reasons = {failure.operation_id: failure.problem.message for failure in failures}
    return with_failures(contract, reasons)


def _check_operations(api: Api) -> None:
    count = len(api.operations)
    if count > MAX_OPERATIONS:
        message = f"the blueprint has {count} operations; expected at most {MAX_OPERATIONS}"
        raise InvalidFiles([FileMessage(Position(api.file), message)])


def _check_recipes(folder: ApiFolder) -> None:
    """Check the sent recipes as `mockserver check` does. The server only reads their date.

    Raises:
        InvalidFiles: the recipes are invalid. The exception has the errors of the other files too.
    """
    path = folder.fixture_folder / "recipes.yaml"
    errors: list[FileMessage] = []
    if not path.exists():
        return
    try:
        recipes.read_recipes(path, str(path))
    except InvalidFiles as error:
        errors += error.errors
        try:
            folder.load()
        except InvalidFiles as load_error:
            errors += load_error.errors
        raise InvalidFiles(errors) from error


def _check_size(files: ApiFiles) -> None:
    size = 0
    for text in (files.blueprint, *files.schemas.values(), *files.fixtures.values()):
        size += len(text.encode())
    if size > MAX_BYTES:
        message = (
            f"the files have {size} bytes with the generated ones; expected at most {MAX_BYTES}"
        )
        raise InvalidFiles([FileMessage(Position(files.blueprint_file), message)])


def _messages(messages: Iterable[FileMessage], folder: ApiFolder) -> list[dict[str, Any]]:
    """Return messages as JSON, sorted by position. They name the sent texts."""
    named = {in_texts(message, folder) for message in messages}
    return [as_json(message) for message in sorted(named)[:MAX_MESSAGES]]


if __name__ == "__main__":
    sys.exit(main())
