"""The log of the server itself, on stderr: warnings and internal errors."""

import logging
import sys
import time

from mockserver.telemetry.line_writer import ascii_json, escape_control_chars, rfc3339


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


def warn(log_format: str, text: str) -> None:
    """Print a warning before the log is configured."""
    line = f"mockserver: warning: {escape_control_chars(text)}"
    if log_format == "json":
        line = json_line("warning", text)
    print(line, file=sys.stderr)


def json_line(level: str, text: str, **more: str) -> str:
    """Return a line of the log, for a message before the log is configured."""
    fields = {"time": rfc3339(time.time()), "level": level, "logger": "mockserver", "message": text}
    return ascii_json({**fields, **more})
