"""The command line: `mockserver COMMAND`.

Each command is a module in this package. Only the module of the called command is imported.
"""

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from mockserver import __version__
from mockserver.cli.command_parser import command_parser
from mockserver.cli.commands import module_name
from mockserver.cli.parser import find_command, overview, short_help
from mockserver.cli.streams import STDOUT, discard_output, prepare_streams
from mockserver.errors import FileMessage, InvalidFiles, StartError, UsageError
from mockserver.formats.files import NARROW_LOCALE, invalid_name
from mockserver.telemetry import server_log

CODES: dict[type[Exception], int] = {InvalidFiles: 1, StartError: 1, UsageError: 2}
"""The exit code of each kind of error. For several errors, the greatest one counts."""


_ROOT_OPTIONS: dict[str, Callable[[], str]] = {
    "-h": overview,
    "--help": overview,
    "--version": lambda: f"mockserver {__version__}",
}
"""The options without a command, and what they print."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code.

    Exit codes: 0 success, 1 error in a file or on the machine, 2 wrong usage, 130 Ctrl-C.
    """
    if argv is None:
        argv = sys.argv[1:]
    stdout = sys.stdout
    prepare_streams()
    try:
        code = _run(argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except UnicodeEncodeError as error:
        return _print_errors(1, f"mockserver: {_encoding_error(error)}")
    except OSError as error:
        return _print_os_error(error)
    finally:
        sys.stdout = stdout
    return code


def _run(arguments: Sequence[str]) -> int:
    message = _concurrency_error()
    if message:
        return _print_errors(2, f"mockserver: {message}")
    if not arguments:
        return _print_errors(2, short_help())
    if arguments[0] in _ROOT_OPTIONS:
        print(_ROOT_OPTIONS[arguments[0]]())
        return 0
    try:
        args = _parse(arguments)
    except UsageError as error:
        return _print_errors(2, f"mockserver: {error}")
    return _run_command(args)


def _run_command(args: argparse.Namespace) -> int:
    try:
        code: int = args.run(args)
    except ExceptionGroup as group:
        return _failed(args, group.exceptions)
    except tuple(CODES) as error:
        return _failed(args, [error])
    return code


def _encoding_error(error: UnicodeEncodeError) -> str:
    """Return the error of an argument or file name that this locale cannot encode.

    Raises:
        UnicodeEncodeError: The text is neither of them.
    """
    if sys.getfilesystemencoding() == "utf-8":
        if not invalid_name(str(error.object)):
            raise error
        return f"{error.object!a} is not UTF-8"
    reason = f"this locale encodes file names as {error.encoding}"
    return f"cannot use the file name {error.object!a}: {reason}; {NARROW_LOCALE}"


def _print_os_error(error: OSError) -> int:
    """Print the error of a file or of stdout, and return the exit code."""
    if error.filename == STDOUT:
        discard_output()
        if isinstance(error, BrokenPipeError):  # the reader stopped reading
            return 0
    text = str(error.strerror or error)
    if error.filename:
        text = f"{error.filename}: {text}"
    elif isinstance(error, FileNotFoundError):
        text = "the working directory does not exist; change to another one"
    return _print_errors(1, f"mockserver: {text}")


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
    name, rest = find_command(arguments)
    if name == "serve":
        # The objects of a start are never freed, and each garbage collection would visit them.
        gc.disable()
    module = importlib.import_module(module_name(name))
    return command_parser(name, module).parse_command(rest)


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
    """Print lines to stderr, if possible, and return the exit code."""
    with suppress(OSError):
        for line in lines:
            print(line, file=sys.stderr)
    return code
