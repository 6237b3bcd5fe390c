"""The mock server's own log, on stderr: warnings, and faults of its own."""

import logging
import sys
import time

from mockserver.telemetry.line_writer import ascii_json, escape_control_chars, rfc3339


class TextLines(logging.Formatter):
    """For people: what a terminal would obey is escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        return "mockserver: " + escape_control_chars(super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line, whatever is told: `time`, `level`, `logger`, `message`, and `exception` where there was one."""

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter`."""
        told = {
            "time": rfc3339(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return ascii_json(told)


FORMATS: dict[str, type[logging.Formatter]] = {"text": TextLines, "json": JsonLines}
"""Name of `--log-format` to what writes a record."""


def configure(kind: str) -> None:
    """Have everything that is logged in this process written so, from warnings on."""
    handler = logging.StreamHandler()
    handler.setFormatter(FORMATS[kind]())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def warn(kind: str, text: str) -> None:
    """Tell what was noticed at start."""
    print(json_line("warning", text) if kind == "json" else f"mockserver: warning: {escape_control_chars(text)}", file=sys.stderr)


def json_line(level: str, text: str, **more: str) -> str:
    """What is told before anything is logged, as a line of the log."""
    return ascii_json({"time": rfc3339(time.time()), "level": level, "logger": "mockserver", "message": text, **more})
