"""One SQLite file in one process: one connection and one lock.

Its errors become `StoreUnavailable`.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from mockserver.errors import StoreUnavailable

BUSY_SECONDS = 0.02
"""Seconds that SQLite waits for another process.

Short, because this thread holds the lock of the connection meanwhile.
"""
RETRY_PAUSE = 0.005
"""Seconds between two attempts of this module, in which other threads may use the connection."""
TRANSACTION_SECONDS = 5.0
"""Seconds in which a change is attempted while other processes hold the file."""
_HARMLESS_ERRORS = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_LOCKED}


def connect(
    path: Path, timeout: float = BUSY_SECONDS, *, create: bool = False, durable: bool = True
) -> sqlite3.Connection:
    """Return a connection in autocommit mode, for any thread. Only `create` creates a missing file.

    A file that is not `durable` survives a killed process, but not a crash of the machine.

    Raises:
        sqlite3.Error: the file cannot be opened.
    """
    mode, synchronous = "rw", "OFF"
    if create:
        mode = "rwc"
    if durable:
        synchronous = "NORMAL"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA journal_size_limit = 4194304")
    except BaseException:
        connection.close()
        raise
    return connection


def prepare(
    path: Path, application_id: int, tables: str, *, durable: bool, page_size: int = 4096
) -> None:
    """Create the file and its tables, if they are missing. `application_id` marks the file as ours.

    `page_size` is the size of a page of a new file in bytes.

    Raises:
        sqlite3.Error: the file cannot be created or read.
        ValueError: the file is a database with another application id.
    """
    with closing(connect(path, TRANSACTION_SECONDS, create=True, durable=durable)) as connection:
        connection.execute(f"PRAGMA page_size = {page_size}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        if _is_foreign(connection, application_id):
            raise ValueError("it is a database of another program or of another version")
        connection.execute(f"PRAGMA application_id = {application_id}")
        for table in tables.split(";"):
            connection.execute(table)
        connection.execute("COMMIT")


def _is_foreign(connection: sqlite3.Connection, application_id: int) -> bool:
    """Return whether a database has another application id, or tables without one."""
    actual_id = connection.execute("PRAGMA application_id").fetchone()[0]
    if actual_id:
        return bool(actual_id != application_id)
    table_count = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return bool(table_count > 0)


class Database:
    """An open file. Safe for threads. Create it after the fork."""

    def __init__(self, path: Path, *, durable: bool) -> None:
        self._path, self._durable = path, durable
        self.lock = threading.RLock()
        self._connections = 0
        self._connection: sqlite3.Connection | None = None
        with self.lock, self._store_errors():
            self._open_cursor()

    def version(self) -> int:
        """Return a number that changes when another process commits. The caller holds the lock.

        Raises:
            StoreUnavailable: the file cannot be read.
        """
        try:
            cursor = self._open_cursor()
            data_version: int = cursor.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error as error:
            raise self._unavailable(error) from error
        # `data_version` belongs to one connection, so the result includes the connection's number.
        return self._connections << 32 | data_version

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Return the rows of a SELECT, within the open transaction of this thread, if any.

        Raises:
            StoreUnavailable: the file cannot be read.
        """
        with self.lock, self._store_errors():
            return self._open_cursor().execute(sql, values).fetchall()

    @contextmanager
    def transaction(self, patience: float = TRANSACTION_SECONDS) -> Iterator[sqlite3.Cursor]:
        """Run the body of the `with` statement as one transaction, which an exception rolls back.

        The body may commit earlier itself. `patience` is how long, in seconds, to wait for other
        processes.

        Raises:
            StoreUnavailable: the file cannot be written, or another process holds it too long.
        """
        self._begin(patience)
        try:
            with self._store_errors():
                cursor = self._cursor
                yield cursor
                if cursor.connection.in_transaction:
                    cursor.execute("COMMIT")
        finally:
            try:
                self._roll_back()
            finally:
                self.lock.release()

    def close(self) -> None:
        """Disconnect."""
        with self.lock:
            connection, self._connection = self._connection, None
            if connection:
                with suppress(sqlite3.Error):
                    connection.close()

    def _begin(self, patience: float) -> None:
        """Begin a transaction, and keep the lock. While it waits, the lock is free for reads."""
        deadline = time.monotonic() + patience
        while True:
            self.lock.acquire()
            try:
                with self._store_errors():
                    self._open_cursor().execute("BEGIN IMMEDIATE")
                return
            except StoreUnavailable as error:
                self.lock.release()
                if not _is_busy(error.__cause__) or time.monotonic() > deadline:
                    raise
            except BaseException:
                self.lock.release()
                raise
            time.sleep(RETRY_PAUSE)

    def _roll_back(self) -> None:
        if self._connection and self._connection.in_transaction:
            try:
                self._connection.rollback()
            except sqlite3.Error:
                self.close()

    def _open_cursor(self) -> sqlite3.Cursor:
        if self._connection is None:
            self._connection = connect(self._path, durable=self._durable)
            self._connections += 1
            self._cursor = self._connection.cursor()
        return self._cursor

    @contextmanager
    def _store_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: sqlite3.Error) -> StoreUnavailable:
        """Return the error as `StoreUnavailable`.

        After most errors, the next call opens a new connection.
        """
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _HARMLESS_ERRORS:
            self.close()
        return StoreUnavailable(f"{self._path.name}: {error}")


def _is_busy(error: BaseException | None) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
