"""Lines of a log: one line whatever is in it, written whole, and never waited for.

What a client sent must not end a line, colour a terminal, or turn text around (CVE-2024-1681 was of that kind): all that is not
plain ASCII is escaped.
"""

import json
import os
import re
from _thread import allocate_lock, start_new_thread
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from queue import SimpleQueue
from select import PIPE_BUF
from time import sleep
from typing import Any

# `SimpleQueue`, `sleep` and the two of `_thread` are taken as they are when this is imported. gevent puts its own in their place,
# but later, in each worker: so the writer is a thread of the system's, and a reader who does not read holds no request up.

MAX_QUEUED_LINES = 10_000
"""Lines of one process that wait to be written; more are lost, and their number is told."""
MAX_LINE_BYTES = PIPE_BUF
"""Bytes that are written at once. So many are never mixed with what other processes write to the same pipe (POSIX, `write`)."""
BATCH_SECONDS = 0.02
"""Seconds in which lines are gathered: to wake up for each of them would hold up the requests."""
CLOSE_SECONDS = 1.0
"""Seconds that are given to what is still to be written at the end."""
MAX_TEXT_LENGTH = 40
"""Characters that are kept of each text of a line that would be too long."""
_CONTROL_CHARS = re.compile(r"[^\t\n -~]")


def rfc3339(at: float) -> str:
    """A Unix time as logs tell it (RFC 3339, milliseconds)."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def json_line(told: Mapping[str, Any]) -> str:
    """An object as one line of JSON that fits into one write."""
    line = ascii_json(told)
    return line if len(line) < MAX_LINE_BYTES else ascii_json({name: _shortened(value) for name, value in told.items()})


def _shortened(value: Any) -> Any:
    return f"{value[:MAX_TEXT_LENGTH]}…" if isinstance(value, str) and len(value) > MAX_TEXT_LENGTH else value


def ascii_json(value: Any) -> str:
    """A value as JSON, in plain ASCII."""
    return json.dumps(value, separators=(",", ":"))


def quote_if_needed(text: str) -> str:
    """A text as one word of a line: as it is, or as JSON where it has blanks or what is not ASCII."""
    return text if re.fullmatch(r"[!#-\[\]-~]+", text) else ascii_json(text)


def escape_control_chars(text: str) -> str:
    """A text of several lines, with everything that a terminal would obey escaped."""
    return _CONTROL_CHARS.sub(lambda found: found[0].encode("unicode_escape").decode(), text) if not text.isprintable() else text


class LineWriter:
    """Lines on their way to a file descriptor. Safe for threads, greenlets and forks; the writer starts with the first line."""

    def __init__(self, lost: Callable[[int], str], descriptor: int = 1) -> None:
        """`lost` gives the line that tells how many lines are missing."""
        self._lost_line, self._descriptor = lost, descriptor
        self._process = 0

    def add(self, line: Callable[[], str]) -> None:
        """Write, soon, what `line` gives when the writer asks. Raises nothing."""
        if self._process != os.getpid():
            self._start_writer()
        if self._queue.qsize() < MAX_QUEUED_LINES:
            self._queue.put(line)
        else:
            self._lost_count += 1

    def close(self) -> None:
        """Wait, for `PATIENCE` at most, until all is written."""
        if self._process == os.getpid():
            self._queue.put(None)
            self._writer_running.acquire(timeout=CLOSE_SECONDS)
            self._process = 0

    def _start_writer(self) -> None:
        """In each process anew: a thread does not live through a fork."""
        self._queue: SimpleQueue[Callable[[], str] | None] = SimpleQueue()
        self._lost_count, self._process = 0, os.getpid()
        self._writer_running = allocate_lock()
        self._writer_running.acquire()
        start_new_thread(self._write_all, (self._queue,))

    def _write_all(self, waiting: "SimpleQueue[Callable[[], str] | None]") -> None:
        with suppress(BrokenPipeError):  # whoever read it has gone; what waits then is lost
            while self._write_some(waiting):
                pass
        self._writer_running.release()

    def _write_some(self, waiting: "SimpleQueue[Callable[[], str] | None]") -> bool:
        """What has gathered; whether there may be more."""
        found = [waiting.get()]
        if found[0]:
            sleep(BATCH_SECONDS)
        found += [waiting.get() for _ in range(waiting.qsize())]
        lines = [line() for line in found if line]
        if self._lost_count:
            missing, self._lost_count = self._lost_count, 0
            lines.append(self._lost_line(missing))
        try:
            self._write(lines)
        except BrokenPipeError:
            raise
        except OSError:  # a disk that is full now may have room later
            self._lost_count += len(lines)
        return None not in found

    def _write(self, lines: list[str]) -> None:
        gathered = b""
        for line in lines:
            data = line.encode("ascii", "backslashreplace") + b"\n"
            if len(gathered) + len(data) > MAX_LINE_BYTES:
                _write_fully(self._descriptor, gathered)
                gathered = b""
            gathered += data
        _write_fully(self._descriptor, gathered)


def _write_fully(descriptor: int, data: bytes) -> None:
    """Write all of it, also to what takes only a part, or none just now. Raises `OSError` where nobody will read it."""
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            sleep(BATCH_SECONDS)
