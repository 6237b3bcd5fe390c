"""`mockserver schemas`: write the JSON Schemas of the blueprints next to them."""

import argparse
from pathlib import Path

from mockserver.cli.message_formats import print_messages
from mockserver.contract.loader import list_apis, no_api_errors
from mockserver.errors import FileMessage, InvalidFiles, UsageError
from mockserver.formats.files import display_path
from mockserver.generation.scaffold import build
from mockserver.spec import schemas
from mockserver.spec.blueprint_files import read_folder
from mockserver.spec.description import Api


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--check`, which reports drift and writes nothing."""
    parser.add_argument(
        "--check",
        action="store_true",
        help="Write nothing. Show how the files differ from the blueprints. Exit with 1 for drift.",
    )


def run(args: argparse.Namespace) -> int:
    """Write the schemas, or check them. Return 0, or 1 for drift.

    Raises:
        InvalidFiles: A blueprint has no operation that can be served.
    """
    apis = read_apis(args.schemas)
    for api in apis.values():
        print_messages(api.messages)
    return _check(apis) if args.check else _write(apis)


def read_apis(schemas_folder: Path) -> dict[Path, Api]:
    """Return each folder with its API and all messages about its blueprint.

    Raises:
        InvalidFiles: Schemas cannot be written; with all errors.
    """
    apis: dict[Path, Api] = {}
    errors: list[FileMessage] = []
    for name in list_apis(schemas_folder):
        folder = schemas_folder / name
        try:
            apis[folder] = build.with_example_messages(read_folder(folder))
            errors += schemas.schema_errors(apis[folder], folder, display_path(folder))
        except InvalidFiles as error:
            errors += error.errors
    if not apis and not errors:
        errors += no_api_errors(schemas_folder)
    if errors:
        raise InvalidFiles(errors)
    return apis


def _write(apis: dict[Path, Api]) -> int:
    for folder, api in apis.items():
        surplus = schemas.surplus(schemas.derive(api), folder)
        try:
            written = schemas.write(api, folder)
        except OSError as error:
            name = error.filename or display_path(folder)
            message = f"{name}: {error.strerror}; expected a writable folder"
            raise UsageError(message) from error
        for path in surplus:
            print(f"removed {display_path(path)}")
        for path in written:
            print(f"wrote {display_path(path)}")
    return 0


def _check(apis: dict[Path, Api]) -> int:
    has_drift = False
    for folder, api in apis.items():
        for difference in schemas.drift(api, folder):
            print(f"{display_path(folder)}: {difference}")
            has_drift = True
    if not has_drift:
        print("no drift: the schemas match the blueprints")
    return 1 if has_drift else 0
