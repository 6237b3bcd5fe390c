"""The parser of one command, with its help, and with errors that state what to type."""

import argparse
import os
import shlex
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from mockserver.cli.commands import COMMANDS, EXAMPLES, GROUPS, ROOT_FLAGS, SYNONYMS
from mockserver.config.similar_names import similar_hint, similar_name
from mockserver.errors import UsageError

_REQUIRED = "the following arguments are required: "


class OneOf:
    """A converter for a text that is one of some names. The error has a similar name."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)

    def __call__(self, text: str) -> str:
        """Return the text. Raise `ArgumentTypeError` if it is another one."""
        if text in self.names:
            return text
        hint = similar_hint(text, self.names)
        expected = f"expected one of {', '.join(self.names)}"
        raise argparse.ArgumentTypeError(f"{expected}, got {text!r}{hint}")


class CommandParser(argparse.ArgumentParser):
    """The parser of one command."""

    def __init__(self, name: str, **others: Any) -> None:
        super().__init__(
            f"mockserver {name}",
            description=COMMANDS[name],
            epilog=examples(name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **others,
        )

    def print_help(self, file: Any = None) -> None:
        """Print the help. argparse itself would hide an error of stdout."""
        print(self.format_help(), end="", flush=True)

    def add_choice(
        self, *flags: str, names: Iterable[str], help: str, default: str | None = None
    ) -> None:
        """Add an argument that is one of some names."""
        kind = OneOf(names)
        metavar = f"{{{','.join(kind.names)}}}"
        if not flags[0].startswith("-"):
            metavar = flags[0].upper()
        self.add_argument(*flags, type=kind, metavar=metavar, help=help, default=default)

    def parse_command(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Return the values of the arguments.

        Raises:
            UsageError: An argument is invalid or unknown.
        """
        if "--" in arguments:
            args, unknown = self.parse_known_args(arguments)
        else:
            # Options may stand between arguments. argparse then forgets that `--` ended them.
            args, unknown = self.parse_known_intermixed_args(arguments)
        if unknown:
            raise UsageError(f"{self._short_name}: {self._unknown(unknown[0])}")
        return args

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError` for a message of argparse."""
        text = message.removeprefix("argument ").replace("expected one argument", "value required")
        if text.startswith(_REQUIRED):
            text = f"{text.removeprefix(_REQUIRED)} required; see `{self.prog} --help`"
        raise UsageError(f"{self._short_name}: {text}")

    @property
    def _short_name(self) -> str:
        return self.prog.removeprefix("mockserver ")

    def _unknown(self, argument: str) -> str:
        """Return the error of an argument that the command does not have."""
        see = f"see `{self.prog} --help`"
        if not argument.startswith("-"):
            return f"unexpected argument {argument!r}; {see}"
        flag = argument.partition("=")[0]
        for action in self._get_positional_actions():
            if flag.lstrip("-") in str(action.metavar or action.dest).lower().split("|"):
                return f"unknown option {flag}; type the value without it; {see}"
        similar = _similar_flag(flag, self._option_string_actions)
        if similar:
            return f"unknown option {flag}; did you mean {similar}?"
        return f"unknown option {flag}; {see}"


def _similar_flag(flag: str, flags: Iterable[str]) -> str:
    """Return the most similar flag, or an empty text. Dashes are not compared."""
    flags_by_name = {known.lstrip("-"): known for known in flags}
    similar = similar_name(flag.lstrip("-"), flags_by_name)
    return flags_by_name.get(similar, "")


def find_command(arguments: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the command, and its arguments.

    Raises:
        UsageError: The first argument is not a command.
    """
    two_words = " ".join(arguments[:2])
    if two_words in COMMANDS:
        return two_words, arguments[2:]
    first = arguments[0]
    if first in COMMANDS:
        return first, arguments[1:]
    raise UsageError(_command_error(first, arguments))


def _command_error(first: str, arguments: Sequence[str]) -> str:
    """Return the error of a first argument that is not a command."""
    if first.startswith("-"):
        return _option_error(first, arguments)
    word = first.lower()
    # A folder may have the name of a thing: `scenarios`. `Path` fails for a long name.
    is_path = first.endswith(".apib") or os.path.exists(first)
    if is_path and word not in SYNONYMS:
        advice = f"to serve this file, run `mockserver serve {shlex.quote(first)}`"
        return f"{first!r} is not a command; {advice}"
    if word == "help" and len(arguments) > 1:
        return f"help is an option; type `mockserver {shlex.join(arguments[1:])} --help`"
    similar = SYNONYMS.get(word) or similar_name(word, COMMANDS)
    if similar:
        return f"unknown command {first!r}; did you mean `mockserver {similar}`?"
    return f"unknown command {first!r}; `mockserver --help` lists all commands"


def _option_error(flag: str, arguments: Sequence[str]) -> str:
    """Return the error of an option before the command, or without one."""
    similar = SYNONYMS.get(flag) or _similar_flag(flag, ROOT_FLAGS)
    if similar:
        return f"unknown option {flag}; did you mean `mockserver {similar}`?"
    names = [argument for argument in arguments if argument in COMMANDS]
    command = (*names, "serve")[0]
    return f"{flag}: options follow the command; type `mockserver {command} {flag} ...`"


def overview() -> str:
    """Return the help of all commands."""
    lines = [
        "usage: mockserver COMMAND ...",
        "",
        "A mock server for APIs documented as an API Blueprint.",
    ]
    for heading, commands in GROUPS.items():
        lines += ["", f"{heading}:"]
        for name, summary in commands.items():
            lines += _command_lines(name, summary)
    lines += [
        "",
        "Start with `mockserver serve`.",
        "`mockserver COMMAND --help` has options and examples.",
        "`mockserver --version` prints the version.",
    ]
    return "\n".join(lines)


def _command_lines(name: str, summary: str) -> list[str]:
    """Return a command and its summary, wrapped to the terminal."""
    indent = " " * 18
    width = max(shutil.get_terminal_size().columns, 40)
    return textwrap.wrap(summary, width, initial_indent=f"    {name:<14}", subsequent_indent=indent)


def short_help() -> str:
    """Return what to type first."""
    return (
        "usage: mockserver COMMAND ...\n"
        f"commands: {', '.join(COMMANDS)}\n"
        "Start with `mockserver serve`. `mockserver --help` explains the commands."
    )


def examples(name: str) -> str:
    """Return the examples of a command, for its help."""
    lines = ["examples:"]
    for call, meaning in EXAMPLES[name].items():
        lines += [f"  {call}", f"      {meaning}"]
    return "\n".join(lines)
