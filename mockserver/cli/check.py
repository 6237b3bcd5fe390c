"""`mockserver check`: what `serve` and `schemas` check, the recipes, and that each documented request is answered."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from mockserver.cli import schemas
from mockserver.cli.options import add_settings, settings_of
from mockserver.contract import loader
from mockserver.errors import Fault, FaultsFound
from mockserver.formats.files import in_folders, shown
from mockserver.generation import recipes
from mockserver.generation.proof import prove
from mockserver.generation.scaffold import build
from mockserver.web.app import make_server, proof_app


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The settings that say what is checked, or one blueprint."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE.apib", help="Check this blueprint alone, in no folder yet.")
    add_settings(parser, ["schemas", "fixtures", "scenarios"])


def run(args: argparse.Namespace) -> int:
    """0 when all is well. Raises `FaultsFound` with everything that is not."""
    if args.file:
        return _check_blueprint(args.file)
    settings = settings_of(args)
    faults = [*_recipe_faults(settings.fixtures), *_schema_faults(settings.schemas)]
    try:
        loaded = loader.load(settings.schemas, settings.fixtures)
    except FaultsFound as error:
        raise FaultsFound([*faults, *error.faults]) from error
    if faults:
        raise FaultsFound(faults)
    make_server(settings, loaded)
    for warning in loaded.warnings:
        print(f"mockserver: warning: {warning}", file=sys.stderr)
    if failures := prove(loaded, proof_app(loaded)):
        raise FaultsFound(failure.fault for failure in failures)
    records = sum(map(len, loaded.collections.values()))
    names = ", ".join(api.id for api in loaded.apis)
    print(f"{names}: {len(loaded.served)} operations, {records} records, {len(loaded.scenarios)} scenarios, no fault")
    return 0


def _check_blueprint(path: Path) -> int:
    api = build.read(path)
    for warning in api.warnings:
        print(f"mockserver: warning: {warning}", file=sys.stderr)
    print(f"{path}: {len(api.operations)} operations, no fault")
    return 0


def _recipe_faults(fixtures: Path) -> Iterator[Fault]:
    for path in in_folders(fixtures, "recipes.yaml"):
        try:
            recipes.read(path, shown(path))
        except FaultsFound as error:
            yield from error.faults


def _schema_faults(folder: Path) -> Iterator[Fault]:
    """Everything for which `mockserver schemas` would refuse to write."""
    try:
        schemas.read(folder)
    except FaultsFound as error:
        yield from error.faults
