"""Write the lines of a log, without blocking a request.

Text sent by a client must not end a line, colour a terminal, or reverse text (log injection, as in
CVE-2024-1681). So everything except printable ASCII is escaped.
"""

import json
import os
import re
import select
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Thread
from typing import Any

MAX_QUEUED_LINES = 10_000
"""Lines of one process that are queued. Further lines are lost, and a line reports their number."""
MAX_LINE_BYTES: int = getattr(select, "PIPE_BUF", 4096)
"""Bytes of one write. POSIX never mixes writes of this size by several processes to one pipe.

Linux has 4096, macOS 512. Windows has no such limit, and one process.
"""
BATCH_SECONDS = 0.02
"""Seconds in which lines are collected: a wake-up for each line would slow requests down."""
CLOSE_SECONDS = 1.0
"""Timeout for the queued lines when the log is closed."""
MAX_TEXT_LENGTH = 40
"""Characters of each text in a line that would be too long."""
_CONTROL_CHARS = re.compile(r"[^\t\n -~]")
_WORD = re.compile(r"[!#-\[\]-~]+")
"""A text without blanks, quotes, backslashes and non-ASCII."""


def rfc3339(timestamp: float) -> str:
    """Return a Unix time in the notation of RFC 3339, in UTC with milliseconds."""
    return (
        datetime.fromtimestamp(timestamp, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def json_line(fields: Mapping[str, Any]) -> str:
    """Return one line of JSON that fits into one write. Long texts are shortened if necessary."""
    line = ascii_json(fields)
    if len(line) < MAX_LINE_BYTES:
        return line
    shortened = {name: _shortened(value) for name, value in fields.items()}
    line = ascii_json(shortened)
    while len(line) >= MAX_LINE_BYTES and _shorten_longest(shortened):
        line = ascii_json(shortened)
    return line


def _shorten_longest(fields: dict[str, Any]) -> bool:
    """Halve the text that takes most bytes. Return whether it could be shortened."""
    texts = [name for name, value in fields.items() if isinstance(value, str)]
    longest = max(texts, key=lambda name: len(ascii_json(fields[name])), default="")
    beginning = fields.get(longest, "").removesuffix("…")
    fields[longest] = f"{beginning[: len(beginning) // 2]}…"
    return bool(beginning)


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_TEXT_LENGTH:
        return f"{value[:MAX_TEXT_LENGTH]}…"
    return value


def ascii_json(value: Any) -> str:
    """Return a value as compact JSON in ASCII."""
    return json.dumps(value, separators=(",", ":"))


def quote_if_needed(text: str) -> str:
    """Return a text as one word. A text with blanks, quotes or non-ASCII becomes JSON."""
    if _WORD.fullmatch(text):
        return text
    return ascii_json(text)


def escape_control_chars(text: str) -> str:
    """Return a text with everything escaped that a terminal would interpret, except line ends."""
    if text.isprintable():
        return text
    return _CONTROL_CHARS.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


class LineWriter:
    """Writes lines to a file descriptor, from a thread. Safe for threads and forks."""

    def __init__(self, lost_line: Callable[[int], str], descriptor: int = 1) -> None:
        """Take the function that returns the line for a number of lost lines."""
        self._lost_line, self._descriptor = lost_line, descriptor
        self._process = 0

    def add(self, line: Callable[[], str]) -> None:
        """Queue a line, which `line` returns when the writer calls it. Raises nothing."""
        if self._process != os.getpid():
            self._start_writer()
        if self._queue.qsize() < MAX_QUEUED_LINES:
            self._queue.put(line)
        else:
            self._lost_count += 1

    def close(self) -> None:
        """Wait until all lines are written, for `CLOSE_SECONDS` at most."""
        if self._process == os.getpid():
            self._queue.put(None)
            self._writer.join(CLOSE_SECONDS)
            self._process = 0

    def _start_writer(self) -> None:
        """Start the writer, in each process again: a thread does not survive a fork."""
        self._queue: SimpleQueue[Callable[[], str] | None] = SimpleQueue()
        self._lost_count, self._process = 0, os.getpid()
        self._writer = Thread(target=self._write_all, args=(self._queue,), name="log", daemon=True)
        self._writer.start()

    def _write_all(self, queue: "SimpleQueue[Callable[[], str] | None]") -> None:
        # After a broken pipe the reader has exited, so the queued lines are lost.
        with suppress(BrokenPipeError):
            while self._write_batch(queue):
                pass

    def _write_batch(self, queue: "SimpleQueue[Callable[[], str] | None]") -> bool:
        """Write the queued lines. Return False after the end marker, `None`."""
        batch = [queue.get()]
        if batch[0]:
            time.sleep(BATCH_SECONDS)
        for _ in range(queue.qsize()):
            batch.append(queue.get())
        lines = [line() for line in batch if line]
        if self._lost_count:
            lost_count, self._lost_count = self._lost_count, 0
            lines.append(self._lost_line(lost_count))
        try:
            self._write(lines)
        except BrokenPipeError:
            raise
        except OSError:  # for example a full disk, which may have room later
            self._lost_count += len(lines)
        return None not in batch

    def _write(self, lines: list[str]) -> None:
        buffer = b""
        for line in lines:
            data = line.encode("ascii", "backslashreplace") + b"\n"
            if len(buffer) + len(data) > MAX_LINE_BYTES:
                _write_fully(self._descriptor, buffer)
                buffer = b""
            buffer += data
        _write_fully(self._descriptor, buffer)


def _write_fully(descriptor: int, data: bytes) -> None:
    """Write all data, also if the descriptor accepts only a part, or is not ready.

    Raises:
        OSError: the data cannot be written.
    """
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            time.sleep(BATCH_SECONDS)
