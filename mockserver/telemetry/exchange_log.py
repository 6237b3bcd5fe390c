"""The exchange log: a line of stdout for each exchange, by default if stdout is a terminal (`--log-exchanges`)."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mockserver.sandbox.journal import JournalEntry, mask_token
from mockserver.telemetry.line_writer import MAX_LINE_BYTES, LineWriter, json_line, quote_if_needed, rfc3339


def entry_fields(entry: JournalEntry) -> dict[str, Any]:
    """What a line says of an exchange; without the query, which may hold what is nobody else's business."""
    return {
        "time": rfc3339(entry.finished_at),
        "sandbox": entry.sandbox,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "operation": entry.operation,
        "closest": _closest(entry),
        "scenario": entry.explanation.scenario,
        "why": entry.explanation.reason,
        "fault": entry.fault,
        "violations": len(entry.violations),
        "duration_ms": round(entry.duration * 1000, 3),
        "address": entry.address,
        "token": mask_token(entry.token),
    }


def _closest(entry: JournalEntry) -> str | None:
    """Return the operation that an unmatched request came closest to."""
    if not entry.near_misses:
        return None
    nearest = entry.near_misses[0]
    return f"{nearest['method']} {nearest['uri_template']}"


def text_line(line: Mapping[str, Any]) -> str:
    """A line for people: time, method, path and status, and then what else there is to say, by its name."""
    values = {name: quote_if_needed(str(value)) for name, value in line.items() if value not in (None, "", 0)}
    first = " ".join(values.pop(name) for name in ("time", "method", "path", "status") if name in values)
    text = " ".join([first, *(f"{name}={value}" for name, value in values.items())])
    return text if len(text) < MAX_LINE_BYTES else f"{text[: MAX_LINE_BYTES - 4]}..."


FORMATS: dict[str, Callable[[Mapping[str, Any]], str]] = {"text": text_line, "json": json_line}
"""Name of `--log-format` to how a line is written."""


class ExchangeLog:
    """One line for each exchange, in a format of `FORMATS`. Safe for threads, greenlets and forks."""

    def __init__(self, kind: str, descriptor: int = 1) -> None:
        self._format = FORMATS[kind]
        self._lines = LineWriter(self._lost_line, descriptor)
        self.close = self._lines.close

    def write(self, entry: JournalEntry) -> None:
        """Have it written soon. Costs little, and raises nothing."""
        self._lines.add(partial(self._line, entry))

    def _line(self, entry: JournalEntry) -> str:
        return self._format(entry_fields(entry))

    def _lost_line(self, count: int) -> str:
        why = f"{count} exchanges are missing here: this log was not read fast enough, or could not be written"
        return self._format({"time": rfc3339(time.time()), "level": "warning", "message": why})
