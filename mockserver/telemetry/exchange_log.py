"""The exchange log: one line on stdout for each exchange (`--access-log`)."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mockserver.sandbox.journal import JournalEntry, mask_token
from mockserver.telemetry.line_writer import (
    MAX_LINE_BYTES,
    LineWriter,
    json_line,
    quote_if_needed,
    rfc3339,
)

UNNAMED_FIELDS = frozenset({"time", "method", "path", "status"})
"""The fields at the start of a text line, which has their values only."""


def entry_fields(entry: JournalEntry) -> dict[str, Any]:
    """Return the fields of a line. The query is not one of them, since it may be confidential."""
    return {
        "time": rfc3339(entry.finished_at),
        "sandbox": entry.sandbox,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "operation": entry.operation,
        "closest": _closest(entry),
        "scenario": entry.explanation.scenario,
        "reason": entry.explanation.reason,
        "fault": entry.fault,
        "violations": len(entry.violations),
        "duration_ms": round(entry.duration * 1000, 3),
        "address": entry.address,
        "token": mask_token(entry.token),
    }


def _closest(entry: JournalEntry) -> str | None:
    """Return the operation closest to an unmatched request; `None` for any other request."""
    if not entry.near_misses:
        return None
    nearest = entry.near_misses[0]
    return f"{nearest['method']} {nearest['uri_template']}"


def text_line(line: Mapping[str, Any]) -> str:
    """Return a line for people: time, method, path and status, then the other fields by name."""
    unnamed, named = [], []
    for name, value in line.items():
        if value in (None, "", 0):
            continue
        word = quote_if_needed(str(value))
        if name in UNNAMED_FIELDS:
            unnamed.append(word)
        else:
            named.append(f"{name}={word}")
    text = " ".join(unnamed + named)
    if len(text) < MAX_LINE_BYTES:
        return text
    return f"{text[: MAX_LINE_BYTES - 4]}..."


FORMATS: dict[str, Callable[[Mapping[str, Any]], str]] = {"text": text_line, "json": json_line}
"""Name of `--log-format` to the function that formats a line."""


class ExchangeLog:
    """Writes one line for each exchange. Safe for threads and forks."""

    def __init__(self, log_format: str, descriptor: int = 1) -> None:
        """Write lines in a format of `FORMATS` to a file descriptor."""
        self._format = FORMATS[log_format]
        self._lines = LineWriter(self._lost_line, descriptor)
        self.close = self._lines.close

    def write(self, entry: JournalEntry) -> None:
        """Queue the line of an exchange. Fast, and raises nothing."""
        self._lines.add(partial(self._line, entry))

    def _line(self, entry: JournalEntry) -> str:
        return self._format(entry_fields(entry))

    def _lost_line(self, count: int) -> str:
        message = (
            f"{count} exchanges are missing: "
            "the log could not be written, or was not read fast enough"
        )
        return self._format({"time": rfc3339(time.time()), "level": "warning", "message": message})
