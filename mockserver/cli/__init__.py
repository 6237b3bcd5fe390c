"""The command line: `mockserver COMMAND`.

Each command is a module in this package. Only the module of the called command is imported.
"""

import argparse
import gc
import importlib
import os
import shlex
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from types import ModuleType

from mockserver import __version__
from mockserver.cli.folders import file_error
from mockserver.config.settings import PREFIX
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.errors import FileMessage, InvalidFiles, StartError, UsageError
from mockserver.formats.files import NARROW_LOCALE
from mockserver.telemetry import server_log

COMMANDS = {
    "serve": "Serve the API.",
    "init": "Create the schemas and fixtures of an API from its blueprint.",
    "check": "Validate blueprints, schemas, records and scenarios, and report every error.",
    "operations": "List the operations with their statuses and scenarios.",
    "scenario": "Switch scenarios on and off on a running server.",
    "journal": "Show the requests of a running server; fail on violations or unmatched requests.",
    "coverage": "Report which parts of the contract were served; fail if too few were.",
    "diff": "Compare two contracts, and report whom each change breaks.",
    "openapi": "Print the OpenAPI 3.1 document.",
    "schemas": "Generate JSON Schema files from the blueprints.",
    "fixtures": "Generate record files from the recipes.",
}
"""Command to its summary. The module of that name has `add_arguments(parser)` and `run(args)`."""

CODES: dict[type[Exception], int] = {InvalidFiles: 1, StartError: 1, UsageError: 2}
"""The exit code of each kind of error. For several errors, the greatest one counts."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code.

    Exit codes: 0 success, 1 error in a file or on the machine, 2 wrong usage, 130 Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name with characters outside the encoding would end in a traceback.
            stream.reconfigure(errors="backslashreplace")
    if argv is None:
        argv = sys.argv[1:]
    try:
        return _run(argv)
    except KeyboardInterrupt:
        return 130
    except UnicodeEncodeError as error:
        if sys.getfilesystemencoding() == "utf-8":
            raise
        message = f"cannot use the file name {error.object!a}"
        reason = f"this locale encodes file names as {error.encoding}"
        return _print_errors(1, f"mockserver: {message}: {reason}; {NARROW_LOCALE}")


def _run(arguments: Sequence[str]) -> int:
    message = _concurrency_error()
    if message:
        return _print_errors(2, f"mockserver: {message}")
    try:
        args = _parse(arguments)
    except UsageError as error:
        return _print_errors(2, f"mockserver: {error}")
    try:
        code: int = args.run(args)
        if sys.stdout:  # None if the caller closed it
            sys.stdout.flush()
    except ExceptionGroup as group:
        return _failed(args, group.exceptions)
    except tuple(CODES) as error:
        return _failed(args, [error])
    except BrokenPipeError:
        _discard_output()  # the reader stopped reading
        return 0
    except OSError as error:
        _discard_output()
        return _print_errors(1, f"mockserver: {error.filename or 'stdout'}: {error.strerror}")
    return code


def _concurrency_error() -> str:
    """Return the error of WEB_CONCURRENCY. An empty one is removed from the environment.

    gunicorn reads the variable at import, and would end in a traceback.
    """
    concurrency = os.environ.get("WEB_CONCURRENCY", "")
    if not concurrency:
        os.environ.pop("WEB_CONCURRENCY", "")
    elif not concurrency.isdecimal():
        return f"WEB_CONCURRENCY: expected an integer from 1 to 64, got {concurrency!r}"
    return ""


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line. Only the module of its command is imported."""
    names = [argument for argument in arguments if not argument.startswith("-")]
    if not names or names[0] not in COMMANDS:
        _check_is_command(names)
        return _parser("", None).parse_args(arguments)
    if names[0] == "serve":
        # The objects of a start are never freed, and each garbage collection would visit them.
        gc.disable()
    module = importlib.import_module(f"mockserver.cli.{names[0]}")
    return _parser(names[0], module).parse_args(arguments)


def _check_is_command(names: Sequence[str]) -> None:
    """Raise `UsageError` if the first name is a file instead of a command."""
    if names and (Path(names[0]).exists() or names[0].endswith(".apib")):
        advice = f"to serve this file, run `mockserver serve {shlex.quote(names[0])}`"
        raise UsageError(f"{names[0]!r} is not a command; {advice}")


def _discard_output() -> None:
    """Discard buffered output. Otherwise Python would write it at exit, and fail again."""
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
    for name, shipped in (("schemas", SCHEMAS), ("fixtures", FIXTURES)):
        option = f"--{name}"
        if option in command._option_string_actions:
            continue
        variable = f"{PREFIX}{name.upper()}"
        text = f"Folder with one folder of {name} per API."
        text += f" [{variable}] Default: the shipped folder."
        # A text, because argparse validates it like the value of a flag.
        default = os.environ.get(variable) or str(shipped)
        command.add_argument(option, type=_folder, default=default, metavar="FOLDER", help=text)


def _folder(text: str) -> Path:
    path = Path(text)
    message = file_error(path)
    if message:
        raise argparse.ArgumentTypeError(message)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"expected an existing folder, got {text!r}")
    return path


def _failed(args: argparse.Namespace, errors: Sequence[Exception]) -> int:
    """Print the errors in the format of the server's log, and return the exit code."""
    log_format = None
    if "log_format" in args:
        log_format = args.log_format or os.environ.get("MOCKSERVER_LOG_FORMAT")
    lines: list[str] = []
    for error in errors:
        if isinstance(error, InvalidFiles):
            lines += [_message_line(message, log_format) for message in error.errors]
        else:
            lines += [_error_line(line, log_format) for line in str(error).splitlines()]
    return _print_errors(max(CODES[type(error)] for error in errors), *lines)


def _message_line(message: FileMessage, log_format: str | None) -> str:
    if log_format == "json":
        return server_log.json_line(message.severity, str(message))
    return message.labelled  # editors expect FILE:LINE:COLUMN at the start


def _error_line(line: str, log_format: str | None) -> str:
    if log_format == "json":
        return server_log.json_line("error", line)
    return f"mockserver: {line}"


def _print_errors(code: int, *lines: str) -> int:
    for line in lines:
        print(line, file=sys.stderr)
    return code
