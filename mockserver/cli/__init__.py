"""The command line: `mockserver COMMAND`. Each command is a module here; only the one that is called is imported."""

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from types import ModuleType

from mockserver import __version__
from mockserver.cli.folders import file_error
from mockserver.config.settings import PREFIX
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.errors import InvalidFiles, StartError, UsageError
from mockserver.formats.files import NARROW_LOCALE
from mockserver.telemetry import server_log

COMMANDS = {
    "serve": "Serve the API.",
    "init": "Create the schemas and fixtures of an API from its blueprint.",
    "check": "Validate blueprints, schemas, records and scenarios, and report every error.",
    "operations": "List the operations with their statuses and scenarios.",
    "scenario": "Switch scenarios on and off on a running server.",
    "journal": "Show the requests a running server received; fail on violations or unmatched requests.",
    "openapi": "Print the OpenAPI 3.1 document.",
    "schemas": "Generate JSON Schema files from the blueprints.",
    "fixtures": "Generate record files from the recipes.",
}
"""Command to its summary. The module of that name has `add_arguments(parser)` and `run(args)`."""

CODES: dict[type[Exception], int] = {InvalidFiles: 1, StartError: 1, UsageError: 2}
"""The exit code of each kind of error. For several errors, the greatest one counts."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit codes: 0 success, 1 error in a file or on the machine, 2 wrong usage, 130 Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, TextIOWrapper
        ):  # a name outside the encoding would end in a traceback
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(argv)
    except KeyboardInterrupt:
        return 130
    except UnicodeEncodeError as error:
        if sys.getfilesystemencoding() == "utf-8":
            raise
        message = f"cannot use the file name {error.object!a}: this locale encodes file names as {error.encoding}"
        return _print_errors(1, f"mockserver: {message}; {NARROW_LOCALE}")


def _run(argv: Sequence[str] | None) -> int:
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in arguments if not word.startswith("-")), "")
    concurrency = os.environ.get("WEB_CONCURRENCY") or os.environ.pop("WEB_CONCURRENCY", "") or "1"
    if not concurrency.isdecimal():  # gunicorn reads it at import and would end in a traceback
        return _print_errors(
            2, f"mockserver: WEB_CONCURRENCY: expected an integer from 1 to 64, got {concurrency!r}"
        )
    if name == "serve":
        gc.disable()  # what a start imports and reads lives on, and collecting it again and again takes time
    module = importlib.import_module(f"mockserver.cli.{name}") if name in COMMANDS else None
    args = _parser(name, module).parse_args(arguments)
    try:
        code: int = args.run(args)
        if sys.stdout:  # None if the caller closed it
            sys.stdout.flush()
    except ExceptionGroup as group:
        return _failed(args, *group.exceptions)
    except tuple(CODES) as error:
        return _failed(args, error)
    except BrokenPipeError:
        _discard_output()  # the reader stopped reading
        return 0
    except OSError as error:
        _discard_output()
        return _print_errors(1, f"mockserver: {error.filename or 'stdout'}: {error.strerror}")
    return code


def _discard_output() -> None:
    """Discard buffered output, so that writing it does not fail again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _HelpFormatter(argparse.HelpFormatter):
    """Keep the longest command and its summary on one line."""

    def add_argument(self, action: argparse.Action) -> None:
        """See argparse, which forgets that commands are indented (until Python 3.13)."""
        super().add_argument(action)
        if action.nargs == argparse.PARSER:
            self._action_max_length += self._indent_increment


def _parser(command_name: str, module: ModuleType | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "mockserver",
        description="A mock server for APIs documented as an API Blueprint.",
        formatter_class=_HelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"mockserver {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        if name == command_name and module:
            module.add_arguments(command)
            command.set_defaults(run=module.run)
            _add_folders(command)
    return parser


def _add_folders(command: argparse.ArgumentParser) -> None:
    """Add `--schemas` and `--fixtures` to a command without settings.

    Their defaults come from the same variables, so that a command writes where `serve` reads.
    """
    for option, shipped in (("schemas", SCHEMAS), ("fixtures", FIXTURES)):
        if not any(f"--{option}" in action.option_strings for action in command._actions):
            variable = f"{PREFIX}{option.upper()}"
            text = f"Folder with one folder of {option} per API. [{variable}] Default: the shipped folder."
            default = os.environ.get(variable) or str(
                shipped
            )  # argparse validates a text like a flag
            command.add_argument(
                f"--{option}", type=_folder, default=default, metavar="FOLDER", help=text
            )


def _folder(text: str) -> Path:
    path = Path(text)
    if message := file_error(path):
        raise argparse.ArgumentTypeError(message)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"expected an existing folder, got {text!r}")
    return path


def _failed(args: argparse.Namespace, *errors: Exception) -> int:
    """Print the errors in the format of the server's log, and return the exit code."""
    log_format = "log_format" in args and (
        args.log_format or os.environ.get("MOCKSERVER_LOG_FORMAT")
    )
    lines = []
    for error in errors:
        prefix = (
            "" if isinstance(error, InvalidFiles) else "mockserver: "
        )  # editors expect FILE:LINE:COLUMN first
        for line in str(error).splitlines():
            lines.append(
                server_log.json_line("error", line) if log_format == "json" else prefix + line
            )
    return _print_errors(max(CODES[type(error)] for error in errors), *lines)


def _print_errors(code: int, *lines: str) -> int:
    for line in lines:
        print(line, file=sys.stderr)
    return code
