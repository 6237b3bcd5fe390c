"""`mockserver schemas`: the JSON Schemas that the blueprints describe, written beside them."""

import argparse
from pathlib import Path

from mockserver.contract.loader import api_names, no_api_faults
from mockserver.errors import Fault, FaultsFound, UsageError
from mockserver.formats.files import shown
from mockserver.spec import blueprint, schemas
from mockserver.spec.description import Api


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--check` shows the drift instead of ending it."""
    parser.add_argument(
        "--check", action="store_true", help="Write nothing; say how the files differ, and exit with 1 if they do."
    )


def run(args: argparse.Namespace) -> int:
    """0 when the files are written, or need not be; 1 for drift. Raises `FaultsFound` when a blueprint cannot be used."""
    apis = read(args.schemas)
    return _check(apis) if args.check else _write(apis)


def read(schemas_folder: Path) -> dict[Path, Api]:
    """Each folder with its API. Raises `FaultsFound` with everything for which schemas are not written."""
    found: dict[Path, Api] = {}
    faults: list[Fault] = []
    for folder in (schemas_folder / name for name in api_names(schemas_folder)):
        path = folder / f"{folder.name}.apib"
        try:
            found[folder] = blueprint.read(path, shown(path))
            faults += schemas.faults(found[folder], folder, shown(folder))
        except FaultsFound as error:
            faults += error.faults
    if not found and not faults:
        faults += no_api_faults(schemas_folder)
    if faults:
        raise FaultsFound(faults)
    return found


def _write(apis: dict[Path, Api]) -> int:
    for folder, api in apis.items():
        surplus = schemas.surplus(schemas.derive(api), folder)
        try:
            written = schemas.write(api, folder)
        except OSError as error:
            message = f"{error.filename or shown(folder)}: {error.strerror}; expected a folder that can be written"
            raise UsageError(message) from error
        print(
            "".join([*(f"removed {shown(path)}\n" for path in surplus), *(f"wrote {shown(path)}\n" for path in written)]), end=""
        )
    return 0


def _check(apis: dict[Path, Api]) -> int:
    drifts = [f"{shown(folder)}: {each}" for folder, api in apis.items() for each in schemas.drift(api, folder)]
    for each in drifts:
        print(each)
    if not drifts:
        print("no drift: the schemas are what the blueprint says")
    return 1 if drifts else 0
