"""`mockserver completion SHELL`: print the script that completes commands, options and files."""

import argparse
import importlib

from mockserver.cli.command_parser import command_parser
from mockserver.cli.commands import COMMANDS, module_name
from mockserver.cli.parser import CommandParser, OneOf
from mockserver.cli.scenario import ACTIONS
from mockserver.cli.streams import print_utf8
from mockserver.config.extras import import_extra

SHELLS = ("bash", "zsh", "fish")
_FILES = {"bash": "_shtab_compgen_files", "zsh": "_files", "fish": "__fish_complete_path"}
_FOLDERS = {
    "bash": "_shtab_compgen_dirs",
    "zsh": "_files -/",
    "fish": "__fish_complete_directories",
}
_PATHS = {
    "FILE": _FILES,
    "URL|FILE": _FILES,
    "OLD": _FILES,
    "NEW": _FILES,
    "FOLDER": _FOLDERS,
}
"""Metavar of an argument to what each shell completes for it."""


def add_arguments(parser: CommandParser) -> None:
    """Add the shell."""
    parser.add_choice("shell", names=SHELLS, help="The shell that reads the script.")


def run(args: argparse.Namespace) -> int:
    """Print the script, with newlines that bash can read on Windows too.

    Raises:
        StartError: The extra `completion` is not installed.
    """
    complete = import_extra("shtab:complete", "completion", f"mockserver completion {args.shell}")
    script = complete(_all_commands(), args.shell)
    print_utf8(f"{script}\n".encode())
    return 0


def _all_commands() -> argparse.ArgumentParser:
    """Return the parser of all commands, with what the shell needs to know of each argument."""
    root = argparse.ArgumentParser("mockserver")
    root.add_argument("--version", action="store_true", help="Print the version.")
    commands = root.add_subparsers()
    words: dict[str, argparse._SubParsersAction[argparse.ArgumentParser]] = {}
    for name, summary in COMMANDS.items():
        first, _, second = name.partition(" ")
        source = command_parser(name, importlib.import_module(module_name(name)))
        if second:
            _copy(source, words[first].add_parser(second, add_help=False, help=summary))
            continue
        command = commands.add_parser(name, add_help=False, help=summary)
        if name == "scenario":
            words[name] = command.add_subparsers()
            for action, text in ACTIONS.items():
                target = words[name].add_parser(action, add_help=False, help=text)
                _copy(source, target, without="action")
        else:
            _copy(source, command)
    return root


def _copy(
    source: argparse.ArgumentParser, target: argparse.ArgumentParser, without: str = ""
) -> None:
    """Copy the arguments of a parser, except one, and add what the shell completes for them."""
    for action in source._actions:
        if action.dest == without:
            continue
        if isinstance(action.type, OneOf):
            action.choices = action.type.names
        kind = _PATHS.get(str(action.metavar))
        if kind:
            action.complete = kind  # type: ignore[attr-defined]
        target._add_action(action)
