"""`mockserver scenario new NAME`: write the file of a new scenario from a recipe."""

import argparse
import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mockserver.cli.blueprints.sources import contract_source
from mockserver.cli.options import add_settings
from mockserver.cli.parser import CommandParser
from mockserver.cli.scenario_recipes import RECIPES, Recipe, operations_for
from mockserver.config.setting_sources import load_settings
from mockserver.config.settings import PREFIX, Settings
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.config.similar_names import similar_hint
from mockserver.contract.model import Contract, ServedOperation
from mockserver.errors import InvalidFiles, UsageError
from mockserver.formats.files import RESERVED_NAMES, display_path, write_text
from mockserver.formats.yaml_writer import block_lines

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DEFAULT_FOLDER = Path("scenarios")
_HEADING = "# docs/scenarios.md explains each key."
_WIDTH = 100
_VARIABLE = f"{PREFIX}SCENARIOS_FOLDER"


def add_arguments(parser: CommandParser) -> None:
    """Add the name, the recipe, the operations, and the settings of the contract."""
    parser.add_argument("name", metavar="NAME", help="Name of the scenario and of its file.")
    recipes = "; ".join(f"`{name}` ({recipe.title})" for name, recipe in RECIPES.items())
    parser.add_choice("--recipe", names=RECIPES, help=f"What the scenario does: {recipes}.")
    parser.add_argument(
        "--operation",
        dest="operations",
        action="append",
        default=[],
        metavar="ID",
        help="Operation that the scenario applies to. Repeatable. Default: each operation to which "
        "the recipe applies.",
    )
    parser.add_argument(
        "--blueprint",
        dest="files",
        action="append",
        metavar="FILE",
        help="Blueprint that is served without folders. Repeatable.",
    )
    add_settings(parser, ["schemas", "fixtures", "scenarios_folder", "no_cache"])


def run(args: argparse.Namespace) -> int:
    """Write the file, check it, and print what to do next. Return 0.

    Raises:
        UsageError: An argument is invalid, or the scenario exists.
        InvalidFiles: A file of the contract is invalid.
    """
    target = _target(args)
    contract = contract_source(target.settings).load()
    recipe = _recipe(args.recipe)
    operations = _operations(args, recipe, contract)
    _check_name(args.name, contract)
    names = [api.id for api in contract.apis]
    path = target.path(args.name, operations[0].api.id, names)
    _write(path, _text(_title(recipe, args.operations, operations), recipe, operations))
    try:
        contract_source(target.settings_with_file).load()
    except InvalidFiles:
        path.unlink()
        raise
    print(f"wrote {display_path(path)}: {recipe.title}")
    serve = _serve_command(target.settings_with_file)
    print(f"  serve it:    {serve} --scenario {args.name}")
    print(
        f"  switch it:   mockserver scenario on {args.name}   (after a restart, or with --reload)"
    )
    print("  change it:   docs/scenarios.md explains each key")
    return 0


@dataclass(frozen=True, slots=True)
class _Target:
    """Where the file is written."""

    settings: Settings
    """The settings of the present contract."""
    folder: Path | None
    """The folder of `--scenarios`; `None` for the folder of fixtures."""

    def path(self, name: str, api: str, names: Sequence[str]) -> Path:
        """Return the path of a scenario of one of the APIs with these names."""
        if self.folder is None:
            folder = self.settings.fixtures / api / "scenarios"
        elif len(names) == 1:
            folder = self.folder
        else:
            folder = self.folder / api
        return folder / f"{name}.yaml"

    @property
    def settings_with_file(self) -> Settings:
        """The settings with which the file is read."""
        return replace(self.settings, scenarios_folder=self.folder)


def _target(args: argparse.Namespace) -> _Target:
    """Return the folder of the arguments, else that of the fixtures, else `./scenarios`.

    Nothing is written to the shipped folders. The folder need not exist.
    """
    text = args.scenarios_folder or os.environ.get(_VARIABLE)
    flags = {**vars(args), "scenarios_folder": None}
    environ = {name: value for name, value in os.environ.items() if name != _VARIABLE}
    settings = load_settings(flags, environ)
    if not text and not settings.files and settings.fixtures.resolve() != FIXTURES.resolve():
        return _Target(settings, None)
    folder = Path(text or _DEFAULT_FOLDER)
    if folder.is_dir():
        settings = replace(settings, scenarios_folder=folder)
    elif folder.exists():
        raise UsageError(f"--scenarios: expected a folder, got the file {str(folder)!r}")
    return _Target(settings, folder)


def _recipe(name: str | None) -> Recipe:
    if name is None:
        lines = ["scenario new: --recipe required; expected one of:"]
        lines += [f"  {name:<18} {recipe.title}" for name, recipe in RECIPES.items()]
        raise UsageError("\n".join(lines))
    return RECIPES[name]


def _operations(
    args: argparse.Namespace, recipe: Recipe, contract: Contract
) -> list[ServedOperation]:
    """Return the operations of the scenario.

    Raises:
        UsageError: An operation is unknown, or the recipe does not apply.
    """
    selected = list(contract.served)
    if args.operations:
        selected = _named_operations(args.operations, contract)
    apis = sorted({served.api.id for served in selected if recipe.applies(served)})
    if len(apis) > 1:
        raise UsageError(
            f"a scenario belongs to one API, got {', '.join(apis)}; choose with --operation"
        )
    operations = operations_for(recipe, selected)
    missing = [served for served in selected if served not in operations]
    if operations and not (args.operations and missing):
        return operations
    ids = [served.operation.id for served in operations_for(recipe, contract.served)]
    names = ", ".join(ids) or "none, because the contract has no such operation"
    subject = f"--recipe {args.recipe} applies to {recipe.needs}"
    raise UsageError(f"{subject}; expected --operation with one of {names}")


def _named_operations(ids: Sequence[str], contract: Contract) -> list[ServedOperation]:
    known = {served.operation.id: served for served in contract.served}
    messages = []
    for name in ids:
        if name not in known:
            expected = f"expected one of {', '.join(known)}{similar_hint(name, known)}"
            messages.append(f"--operation: unknown operation {name!r}; {expected}")
    if messages:
        raise UsageError("\n".join(messages))
    return [known[name] for name in dict.fromkeys(ids)]


def _check_name(name: str, contract: Contract) -> None:
    if not _NAME.fullmatch(name) or name.lower().endswith((".yaml", ".yml")):
        raise UsageError(
            f"invalid name {name!r}; expected at most 100 letters, digits, . _ and -, "
            "without the suffix .yaml"
        )
    if name.lower().partition(".")[0] in RESERVED_NAMES:
        raise UsageError(f"{name!r} is a device on Windows; choose another name")
    if name in contract.scenarios:
        raise UsageError(f"the scenario {name!r} already exists; choose another name")


def _title(recipe: Recipe, ids: Sequence[str], operations: Sequence[ServedOperation]) -> str:
    """Return the title. It names selected operations, because a recipe can be used for each."""
    if not ids:
        return recipe.title
    names = ", ".join(served.operation.name for served in operations)
    return f"{names}: {recipe.title}"


def _text(title: str, recipe: Recipe, operations: Sequence[ServedOperation]) -> str:
    """Return the content of the file."""
    definition = {
        "title": title,
        "operations": [served.operation.id for served in operations],
        **recipe.keys(operations),
    }
    return "".join(f"{line}\n" for line in [_HEADING, *block_lines(definition, 0, _WIDTH)])


def _write(path: Path, text: str) -> None:
    """Write a new file.

    Raises:
        UsageError: The file exists already.
        OSError: The file cannot be written.
    """
    if os.path.lexists(path):
        raise UsageError(f"{display_path(path)} already exists; choose another name")
    write_text(path, text)


def _serve_command(settings: Settings) -> str:
    """Return the command that serves the contract of these settings."""
    words = ["mockserver", "serve", *settings.files]
    folders = {
        "--schemas": (settings.schemas, SCHEMAS),
        "--fixtures": (settings.fixtures, FIXTURES),
        "--scenarios": (settings.scenarios_folder, None),
    }
    for flag, (folder, default) in folders.items():
        if folder and folder != default:
            words += [flag, display_path(folder)]
    return shlex.join(words)
