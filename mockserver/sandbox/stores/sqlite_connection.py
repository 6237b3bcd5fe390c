"""One SQLite file as one process sees it: one connection behind one lock, and what goes wrong said as `StoreUnavailable`."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from mockserver.sandbox.stores.store import StoreUnavailable

BUSY_SECONDS = 0.02
"""Seconds that SQLite itself waits for another process. Under gevent nothing else runs meanwhile, so it is short."""
RETRY_PAUSE = 0.005
"""Seconds between two tries of ours, in which other greenlets and threads run."""
TRANSACTION_SECONDS = 5.0
"""Seconds for which a change is tried while others hold the file."""
_HARMLESS_ERRORS = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_LOCKED}


def connect(path: Path, timeout: float = BUSY_SECONDS, *, create: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode, for any thread. Raises `sqlite3.Error`; a file that is gone is not made anew."""
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    made = sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False)
    try:
        made.execute("PRAGMA synchronous = NORMAL")
        made.execute("PRAGMA journal_size_limit = 4194304")
    except BaseException:
        made.close()
        raise
    return made


def prepare(path: Path, application_id: int, tables: str) -> None:
    """Make the file and its tables where they are missing. `kind` marks the file as ours. Raises `sqlite3.Error`, and
    `ValueError` for a database that is not of this kind."""
    with closing(connect(path, TRANSACTION_SECONDS, create=True)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        found = connection.execute("PRAGMA application_id").fetchone()[0]
        strange = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] if not found else found != application_id
        if strange:
            raise ValueError("it is a database of another program, or of another version of this one")
        connection.execute(f"PRAGMA application_id = {application_id}")
        for table in tables.split(";"):
            connection.execute(table)
        connection.execute("COMMIT")


class Database:
    """An open file. Safe for threads and greenlets; make it after the fork."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Looked up when called, here as below: gevent has put its own in place by now.
        self.lock = threading.RLock()
        self._connections = 0
        self._connection: sqlite3.Connection | None = None
        with self.lock, self._store_errors():
            self._cursor_of_connection()

    def version(self) -> int:
        """A number that is another one after any other process has committed. For who holds the lock."""
        try:
            cursor = self._cursor if self._connection else self._cursor_of_connection()
            found: int = cursor.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error as error:
            raise self._unavailable(error) from error
        return self._connections << 32 | found  # a new connection counts from somewhere else

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """What a SELECT finds, outside any transaction, or inside the one that this thread has open."""
        with self.lock, self._store_errors():
            return self._cursor_of_connection().execute(sql, values).fetchall()

    @contextmanager
    def transaction(self, patience: float | None = None) -> Iterator[sqlite3.Cursor]:
        """A change of the file: committed at the end, if it was not before; rolled back on any exception."""
        self._begin(TRANSACTION_SECONDS if patience is None else patience)
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
        """Begin, and keep the lock. Waits with the lock released, so that reads go on."""
        until = time.monotonic() + patience
        while True:
            self.lock.acquire()
            try:
                with self._store_errors():
                    self._cursor_of_connection().execute("BEGIN IMMEDIATE")
                return
            except StoreUnavailable as error:
                self.lock.release()
                if not _is_busy(error.__cause__) or time.monotonic() > until:
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

    def _cursor_of_connection(self) -> sqlite3.Cursor:
        if self._connection is None:
            self._connection = connect(self._path)
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
        """The error as the store's; whoever comes next connects anew, unless the connection is known to be good."""
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _HARMLESS_ERRORS:
            self.close()
        return StoreUnavailable(f"{self._path.name}: {error}")


def _is_busy(error: BaseException | None) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
