"""Build the parser of a command, with the options that every command has."""

import argparse
import os
from pathlib import Path
from types import ModuleType

from mockserver.cli.folders import file_error
from mockserver.cli.parser import CommandParser
from mockserver.config.settings import PREFIX
from mockserver.config.shipped import FIXTURES, SCHEMAS

_WITHOUT_FOLDERS = ("scenario", "journal", "coverage", "completion")
"""The commands that read no contract from folders."""


def command_parser(name: str, module: ModuleType) -> CommandParser:
    """Return the parser of a command, whose module has its arguments."""
    parser = CommandParser(name)
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)
    if name not in _WITHOUT_FOLDERS:
        _add_folders(parser)
    return parser


def _add_folders(parser: CommandParser) -> None:
    """Add `--schemas` and `--fixtures` to a command without settings.

    Their defaults come from the same variables, so that a command writes where `serve` reads.
    """
    for name, shipped in (("schemas", SCHEMAS), ("fixtures", FIXTURES)):
        option = f"--{name}"
        if option in parser._option_string_actions:
            continue
        variable = f"{PREFIX}{name.upper()}"
        text = f"Folder with one folder of {name} per API."
        text += f" [{variable}] Default: the shipped folder."
        # A text, because argparse validates it like the value of a flag.
        default = os.environ.get(variable) or str(shipped)
        parser.add_argument(option, type=_folder, default=default, metavar="FOLDER", help=text)


def _folder(text: str) -> Path:
    path = Path(text)
    message = file_error(path)
    if message:
        raise argparse.ArgumentTypeError(message)
    if not text or not path.is_dir():
        raise argparse.ArgumentTypeError(f"expected an existing folder, got {text!r}")
    return path
