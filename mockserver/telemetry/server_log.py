"""The log of the server itself, on stderr: warnings and internal errors."""

import logging
import sys
import time
from collections.abc import Iterable, Iterator

from mockserver.errors import FileMessage
from mockserver.telemetry.line_writer import ascii_json, escape_control_chars, rfc3339

MAX_MESSAGES = 20
"""Number of messages about files that are logged at a start or a reload."""


class TextLines(logging.Formatter):
    """Formats records as text, with everything escaped that a terminal would interpret."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        return "mockserver: " + escape_control_chars(super().format(record))


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: `time`, `level`, `logger`, `message`, `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        fields = {
            "time": rfc3339(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return ascii_json(fields)


FORMATS: dict[str, type[logging.Formatter]] = {"text": TextLines, "json": JsonLines}
"""Name of `--log-format` to the formatter of records."""


def configure(log_format: str) -> None:
    """Write the log of this process in a format of `FORMATS`, from level WARNING on."""
    handler = logging.StreamHandler()
    handler.setFormatter(FORMATS[log_format]())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def print_line(log_format: str, level: str, text: str) -> None:
    """Print a line of the log, before the log is configured."""
    line = f"mockserver: {level}: {escape_control_chars(text)}"
    if log_format == "json":
        line = json_line(level, text)
    print(line, file=sys.stderr)


def first_messages(messages: Iterable[FileMessage], command: str) -> Iterator[tuple[str, str]]:
    """Yield the level and the text of messages about files: at most `MAX_MESSAGES`, errors first.

    Args:
        messages: The messages.
        command: The command that prints all of them.
    """
    ordered = sorted(messages, key=lambda message: not message.is_error)
    for message in ordered[:MAX_MESSAGES]:
        yield message.severity, str(message)
    more = len(ordered) - MAX_MESSAGES
    if more > 0:
        yield ordered[MAX_MESSAGES].severity, f"and {more} more: {command}"


def json_line(level: str, text: str, **more: str) -> str:
    """Return a line of the log, for a message before the log is configured."""
    fields = {"time": rfc3339(time.time()), "level": level, "logger": "mockserver", "message": text}
    return ascii_json({**fields, **more})
