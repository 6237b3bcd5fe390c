"""The coverage of a SQLite store: files of lines, to which the processes append.

A line has a key, and the number of a line above with items: many tests cover the same items.

A process appends a line before it sends the response, without a lock of other processes and without
a sync. The system then has the line, so a killed process does not lose it.

Each process appends to a file that no other process writes, and holds a lock on this file. A file
with lines and without a lock has no writer any more, so any process may merge it with others.

The name of a file contains a generation. After the coverage is deleted, files of another generation
are written and read.
"""

import errno
import os
import secrets
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO

import orjson

from mockserver.config import file_locks
from mockserver.sandbox.coverage import CoverageKey, CoverageTable, Entry
from mockserver.sandbox.stores.journal_queue import paced

MAX_FILE_BYTES = 4 * 1024 * 1024
"""The size at which a process begins another file."""
MAX_FILES = 16
"""The number of files above which those without a writer are merged."""
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
"""The flags of a new file. Windows has O_BINARY: without it, a newline is written as two bytes."""


class CoverageFiles:
    """The coverage files of a database, in one process. Create it after the fork."""

    def __init__(self, database: Path) -> None:
        """Take the path of the database, which the names of the files begin with."""
        self._folder, self._prefix = database.parent, f"{database.name}-coverage-"
        self._lock = threading.Lock()
        self._file: _Writer | None = None
        """The file that this process appends to."""
        self._generation = 0
        """Its generation."""

    def add(self, generation: int, key: CoverageKey, items: tuple[str, ...]) -> None:
        """Append a line with items of a key.

        Raises:
            OSError: it cannot be written, for example because the disk is full.
        """
        with self._lock:
            file = self._file
            if file is None or generation != self._generation:
                self._end_file()
                file = self._file = _Writer(self._new_file(generation))
                self._generation = generation
            file.write((time.time(), key, items))
            is_full = file.size > MAX_FILE_BYTES
            if is_full:
                self._end_file()
        if is_full and len(self._paths(generation)) > MAX_FILES:
            threading.Thread(target=self._merge, args=(generation,), name="coverage").start()

    def read(self, generation: int) -> CoverageTable:
        """Return the coverage of all processes.

        Raises:
            OSError: a file cannot be read.
        """
        paths, table = self._paths(generation), CoverageTable()
        try:
            for path in paths:
                _read_lines(path.read_bytes(), table)
        except FileNotFoundError:
            return self.read(generation)  # another process has merged the file
        if len(paths) > MAX_FILES:
            self._merge(generation)
        return table

    def delete_others(self, generation: int) -> None:
        """Delete the files of all other generations."""
        with self._lock:
            if generation != self._generation:
                self._end_file()  # Windows cannot delete an open file
        for path in set(self._files(self._prefix)) - set(self._paths(generation)):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file of this process."""
        with self._lock:
            self._end_file()

    def _paths(self, generation: int) -> list[Path]:
        return self._files(f"{self._prefix}{generation}-")

    def _files(self, prefix: str) -> list[Path]:
        # Not `glob`: the name of the database may contain its special characters.
        return [path for path in self._folder.iterdir() if path.name.startswith(prefix)]

    def _new_file(self, generation: int) -> int:
        """Create a file, lock it, and return its descriptor.

        Raises:
            OSError: it cannot be created.
        """
        path = self._folder / f"{self._prefix}{generation}-{secrets.token_hex(8)}"
        file = os.open(path, _NEW_FILE, 0o644)
        file_locks.lock(file)
        return file

    def _end_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _merge(self, generation: int) -> None:
        """Merge the files without a writer into one. After an error they stay as they are.

        Until they are deleted, readers find their lines twice, which has the same meaning.
        """
        with suppress(OSError):
            for path in self._merged_files(generation):
                path.unlink(missing_ok=True)

    def _merged_files(self, generation: int) -> list[Path]:
        """Write the lines of the files without a writer to a new file, and return these files.

        They are closed, because Windows cannot delete open files.

        Raises:
            OSError: a file cannot be read or written.
        """
        table, merged = CoverageTable(), []
        with ExitStack() as stack:
            for path in self._paths(generation):
                file = stack.enter_context(path.open("rb"))
                if _lock_without_writer(file):
                    _read_lines(file.read(), table)
                    merged.append(path)
            if len(merged) < 2:
                return []
            new = _Writer(self._new_file(generation))
            stack.callback(new.close)
            for entry in paced(table.entries()):
                new.write(entry)
        return merged


def _lock_without_writer(file: BinaryIO) -> bool:
    """Lock a file, and return whether it has lines and no process that writes or merges it."""
    try:
        file_locks.try_lock(file)
    except BlockingIOError:
        return False
    # The process that has just created an empty file may not have locked it yet.
    return os.fstat(file.fileno()).st_size > 0


class _Writer:
    """Appends lines to one file."""

    def __init__(self, file: int) -> None:
        """Take the descriptor of the file."""
        self._file = file
        self._numbers: dict[tuple[str, ...], int] = {}
        """The lines with items, by their numbers in the file."""
        self.size = 0

    def write(self, entry: Entry) -> None:
        """Append the lines of an entry with one write.

        Each newline is before its line, so that an incomplete line does not damage the next one.

        Raises:
            OSError: it cannot be written.
        """
        now, key, items = entry
        number, lines = self._numbers.get(items), b""
        if number is None:
            number = len(self._numbers)
            lines = b"\n" + orjson.dumps([number, items])
        lines += b"\n" + orjson.dumps([now, *key, number])
        size = os.write(self._file, lines)
        if size < len(lines):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._numbers[items] = number
        self.size += size

    def close(self) -> None:
        """Close the file, which removes its lock."""
        os.close(self._file)


def _read_lines(data: bytes, table: CoverageTable) -> None:
    """Add the lines of a file to a table. A killed process may leave an incomplete line."""
    items: dict[int, tuple[str, ...]] = {}
    for line in paced(data.split(b"\n")):
        with suppress(ValueError, KeyError):
            match orjson.loads(line):
                case [number, list(ids)]:
                    items[number] = tuple(ids)
                case [now, contract, sandbox, test, number]:
                    table.add(CoverageKey(contract, sandbox, test), items[number], now)
