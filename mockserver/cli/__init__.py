"""The command line: `mockserver COMMAND`.

Each command is a module in this package. Only the module of the called command is imported.
"""

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper

from mockserver import __version__
from mockserver.cli.command_parser import command_parser
from mockserver.cli.commands import module_name
from mockserver.cli.parser import find_command, overview, short_help
from mockserver.errors import FileMessage, InvalidFiles, StartError, UsageError
from mockserver.formats.files import NARROW_LOCALE
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
    name, rest = find_command(arguments)
    if name == "serve":
        # The objects of a start are never freed, and each garbage collection would visit them.
        gc.disable()
    module = importlib.import_module(module_name(name))
    return command_parser(name, module).parse_command(rest)


def _discard_output() -> None:
    """Discard buffered output. Otherwise Python would write it at exit, and fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
