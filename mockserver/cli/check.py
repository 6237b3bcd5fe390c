"""`mockserver check`: run the checks of `serve`, `schemas` and `fixtures`.

It then sends each documented request to the server.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from mockserver.cli import schemas
from mockserver.cli.message_formats import print_messages
from mockserver.cli.options import add_settings, settings_of
from mockserver.cli.proof import prove_contract
from mockserver.contract import loader
from mockserver.errors import FileMessage, InvalidFiles
from mockserver.formats.files import display_path, paths_in_folders
from mockserver.generation import recipes
from mockserver.generation.scaffold import build
from mockserver.pipeline.factory import make_server


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file argument and the settings that select what is checked."""
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE.apib", help="Check only this blueprint file."
    )
    add_settings(parser, ["schemas", "fixtures", "scenarios"])


def run(args: argparse.Namespace) -> int:
    """Check, and return 0. Raises `InvalidFiles` with all errors."""
    if args.file:
        return _check_blueprint(args.file)
    settings = settings_of(args)
    messages = [*_recipe_errors(settings.fixtures), *_schema_messages(settings.schemas)]
    errors = [message for message in messages if not message.code]
    try:
        loaded = loader.load_contract(settings.schemas, settings.fixtures)
    except InvalidFiles as error:
        raise InvalidFiles([*errors, *error.errors]) from error
    if errors:
        raise InvalidFiles(errors)
    make_server(settings, loaded)
    messages = sorted({*messages, *loaded.messages})
    print_messages(messages)
    if any(message.is_error for message in messages):
        return 1
    failures = prove_contract(loaded)
    if failures:
        raise InvalidFiles(failure.problem for failure in failures)
    names = ", ".join(api.id for api in loaded.apis)
    records = sum(map(len, loaded.collections.values()))
    counts = f"{len(loaded.served)} operations, {records} records"
    print(f"{names}: OK ({counts}, {len(loaded.scenarios)} scenarios)")
    return 0


def _check_blueprint(path: Path) -> int:
    api = build.read_blueprint(path)
    print_messages(api.messages)
    if any(message.is_error for message in api.messages):
        return 1
    print(f"{path}: OK ({len(api.operations)} operations)")
    return 0


def _recipe_errors(fixtures: Path) -> Iterator[FileMessage]:
    for path in paths_in_folders(fixtures, "recipes.yaml"):
        try:
            recipes.read_recipes(path, display_path(path))
        except InvalidFiles as error:
            yield from error.errors


def _schema_messages(folder: Path) -> Iterator[FileMessage]:
    """Yield the messages of `mockserver schemas`."""
    try:
        for api in schemas.read_apis(folder).values():
            yield from api.messages
    except InvalidFiles as error:
        yield from error.errors
