"""The standard streams of a command. Each may be closed, full, or a pipe without a reader."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import Any, TextIO, cast

STDOUT = "stdout"
"""The name of the stream in errors."""


def prepare_streams() -> None:
    """Open closed streams, and name stdout in its errors. Characters it lacks are escaped."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name with characters outside the encoding would end in a traceback.
            stream.reconfigure(errors="backslashreplace")
    sys.stdout = cast(TextIO, _NamedOutput(sys.stdout))


def _open_closed_streams() -> None:
    """Connect each closed stream to nothing. A socket would get its descriptor, and its output."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    # Python has no object for a stream that was closed at the start.
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115


def discard_output() -> None:
    """Discard buffered output. Otherwise Python would write it at exit, and fail again."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def print_utf8(document: bytes) -> None:
    """Write a document to stdout, as UTF-8 in every locale, with its own newlines."""
    with _named_errors():
        if hasattr(sys.stdout, "buffer"):
            sys.stdout.buffer.write(document)
        else:
            sys.stdout.write(document.decode())


class _NamedOutput:
    """A stream whose errors have the file name `STDOUT`. Python's own errors have none."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """See `TextIO`."""
        with _named_errors():
            return self._stream.write(text)

    def flush(self) -> None:
        """See `TextIO`."""
        with _named_errors():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        error.filename = STDOUT
        raise
