"""The journal of a SQLite store.

Each process queues its entries, and a thread writes them in batches.

sqlite3 releases the GIL for each step of a statement. Next to a busy event loop, a thread then
waits up to `sys.getswitchinterval()` until it has the GIL again. So no statement here runs once per
row: INSERT has many rows, and lists of names and rows are one JSON value.

The file also has the times of use of each sandbox, to evict the least recently used. The times
change with each request. In the file of the states, they would make all readers read again.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from mockserver.errors import StoreUnavailable
from mockserver.sandbox.stores.journal_queue import EncodedEntry, JournalQueue, QueuedEntry, paced
from mockserver.sandbox.stores.shared_memory import SharedMemory
from mockserver.sandbox.stores.sqlite_connection import Database, connect
from mockserver.sandbox.stores.store import StoreLimits

APPLICATION_ID = 0x4D4F434A
TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sandbox TEXT NOT NULL,
    at REAL NOT NULL,
    entry BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_by_sandbox ON entries (sandbox, at, id);
CREATE TABLE IF NOT EXISTS uses (
    sandbox TEXT PRIMARY KEY, created REAL NOT NULL, used REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS uses_by_time ON uses (used);
CREATE TABLE IF NOT EXISTS counted (dropped INTEGER NOT NULL)
"""
POLL_INTERVAL = 0.02
"""Seconds between two reads of the generation. `Journal.entries` waits for about as long."""
FLUSH_INTERVAL = 0.5
"""Seconds between two batches without a reader.

Only the newest entries of a busy sandbox are then written.
"""
FLUSH_SECONDS = 1.0
"""Timeout for writing a batch, and for other processes."""
PAGE_SIZE = 16384
"""Bytes of a page.

With 4 KB an entry fills several pages, and writing 1,000 entries takes twice as long.
"""
ENTRIES_PER_TRANSACTION = 1000
"""Entries that are encoded, and then written, at a time: some megabytes."""
ROWS_PER_INSERT = 200
"""Rows of one INSERT. sqlite3 copies their values while it holds the GIL."""
_INSERT_VALUES = "INSERT INTO entries (sandbox, at, entry) VALUES "
_UPSERT_USES = """
INSERT INTO uses SELECT key, value, value FROM json_each(?1) WHERE true
ON CONFLICT DO UPDATE SET used = max(used, excluded.used)
"""
_TRIM_SANDBOXES = """
DELETE FROM entries WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY sandbox ORDER BY at DESC, id DESC) AS place
        FROM entries WHERE sandbox IN (SELECT value FROM json_each(?1))
    ) WHERE place > ?2
)
"""
# By id, so that deleted entries count towards the limit, as in the memory store.
_TRIM_ALL = "DELETE FROM entries WHERE id <= (SELECT max(id) FROM entries) - ?1"
_NEWEST_ENTRIES = """
SELECT CAST(group_concat(entry, char(10)) AS BLOB) FROM (
    SELECT entry FROM (
        SELECT entry, at, id FROM entries WHERE sandbox = ?1 ORDER BY at DESC, id DESC LIMIT ?2
    ) ORDER BY at, id
)
"""
"""All entries in one row. JSON has no line ends."""
_ALL_USES = """
SELECT json_group_array(json_array(sandbox, created, used))
FROM (SELECT * FROM uses ORDER BY used DESC)
"""
_LEAST_USED = """
SELECT json_group_array(sandbox) FROM (SELECT sandbox FROM uses ORDER BY used, rowid LIMIT ?1)
"""
_DELETE_ENTRIES = "DELETE FROM entries WHERE sandbox IN (SELECT value FROM json_each(?1))"
_DELETE_USES = "DELETE FROM uses WHERE sandbox IN (SELECT value FROM json_each(?1))"


def import_uses(path: Path, changed: list[tuple[str, float]], *, durable: bool) -> None:
    """Reset the number of evicted sandboxes, and add uses that a killed process did not write.

    `changed` has the sandboxes of the states, with the Unix time of their last change.
    """
    with closing(connect(path, FLUSH_SECONDS, durable=durable)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT OR IGNORE INTO uses VALUES (?1, ?2, ?2)", changed)
        connection.execute("DELETE FROM counted")
        connection.execute("COMMIT")


class Journal:
    """The journal in one process. Create it after the fork."""

    def __init__(
        self,
        path: Path,
        shared: SharedMemory,
        limits: StoreLimits,
        delete_states: Callable[[list[str]], None],
        queue: JournalQueue,
        *,
        durable: bool,
    ) -> None:
        """Open the file, and start the thread that writes the queue.

        `delete_states` deletes the states of evicted sandboxes.

        Raises:
            StoreUnavailable: the file cannot be opened.
        """
        self._limits, self._delete_states, self._queue = limits, delete_states, queue
        self._failure: StoreUnavailable | None = None
        self._database = Database(path, durable=durable)
        self._reader = Database(path, durable=durable)
        """Another connection, because a transaction of the writer takes many milliseconds."""
        self._shared = shared
        self._flush_lock = threading.Lock()
        self._stopping = threading.Event()
        self._writer = threading.Thread(
            target=self._flush_periodically, name="journal", daemon=True
        )
        self._writer.start()

    def entries(self, sandbox: str, most: int | None = None) -> list[bytes]:
        """Return the entries of a sandbox, oldest first; with `most`, only the newest.

        Entries that this process cannot write now are last.
        """
        limit = self._limits.exchanges
        if most is not None:
            limit = min(most, limit)
        self._flush_all_processes()
        if not limit:
            return []
        # Under the lock, so that no entry is written between the two reads.
        with self._flush_lock:
            rows: list[Any] = self._reader.rows(_NEWEST_ENTRIES, sandbox, limit)
            unwritten = self._queue.unwritten(sandbox)
        entries: list[bytes] = []
        joined = rows[0][0]
        if joined:
            entries = joined.split(b"\n")
        entries += [entry() for entry in paced(unwritten)]
        return entries[-limit:]

    def last_uses(self) -> dict[str, tuple[float, float]]:
        """Return the Unix times of the first and last use of each sandbox, the last used first."""
        self._flush_all_processes()
        rows: list[Any] = self._reader.rows(_ALL_USES)
        return {name: (created, used) for name, created, used in orjson.loads(rows[0][0])}

    def count_uses(self) -> int:
        """Return the number of used sandboxes."""
        self._flush_all_processes()
        count: Any = self._database.rows("SELECT count(*) FROM uses")[0][0]
        return int(count)

    def clear(self, sandbox: str) -> None:
        """Delete the entries of a sandbox."""
        self._flush_all_processes()
        with self._database.transaction() as cursor:
            cursor.execute("DELETE FROM entries WHERE sandbox = ?", (sandbox,))

    def delete(self, sandbox: str) -> bool:
        """Delete the entries and uses of a sandbox. Return whether it was used."""
        self._flush_all_processes()
        with self._database.transaction() as cursor:
            cursor.execute("DELETE FROM entries WHERE sandbox = ?", (sandbox,))
            return cursor.execute("DELETE FROM uses WHERE sandbox = ?", (sandbox,)).rowcount > 0

    def evicted(self) -> int:
        """Return the number of evicted sandboxes."""
        count: Any = self._reader.rows("SELECT total(dropped) FROM counted")[0][0]
        return int(count)

    def check(self) -> None:
        """Check that the file can be read.

        Raises:
            StoreUnavailable: it cannot.
        """
        self._reader.rows("SELECT 1 FROM uses LIMIT 1")

    def check_writes(self) -> None:
        """Check that this process could write its last batch. A failed batch is retried.

        Raises:
            StoreUnavailable: it could not.
        """
        if self._failure:
            raise StoreUnavailable(self._failure.detail)

    def flush(self) -> None:
        """Write the queue. After an error it stays queued: the journal never fails a request."""
        with self._flush_lock:
            entries, uses = self._queue.take()
            try:
                while len(entries) > ENTRIES_PER_TRANSACTION:
                    self._write(entries[:ENTRIES_PER_TRANSACTION], {})
                    entries = entries[ENTRIES_PER_TRANSACTION:]
                # The uses are last: they evict sandboxes, for which no entry may follow.
                if entries or uses:
                    self._write(entries, uses)
                    self._queue.uses_written()
                self._failure = None
            except StoreUnavailable as error:
                self._failure = error

    def close(self) -> None:
        """Stop the writer, write the queue, and disconnect."""
        self._stopping.set()
        self._writer.join(FLUSH_SECONDS)
        self.flush()
        self._queue.lose()
        self._database.close()
        self._reader.close()

    def _flush_all_processes(self) -> None:
        """Write the queues of all processes."""
        generation = self._shared.next_generation()
        self.flush()
        self._shared.wait(generation, FLUSH_SECONDS)

    def _flush_periodically(self) -> None:
        last_flush = time.monotonic()
        while not self._stopping.wait(POLL_INTERVAL):
            generation = self._shared.generation()
            is_due = time.monotonic() - last_flush >= FLUSH_INTERVAL
            if is_due or generation != self._shared.acknowledged():
                self.flush()
                self._shared.acknowledge(generation)
                last_flush = time.monotonic()
            else:
                self._queue.publish()

    def _write(self, entries: list[QueuedEntry], uses: dict[str, float]) -> None:
        """Write entries and uses in one transaction.

        Raises:
            StoreUnavailable: the file cannot be written.
        """
        encoded = self._queue.encode(entries)
        with self._database.transaction(FLUSH_SECONDS) as cursor:
            _insert_rows(cursor, encoded)
            names = _json(list({sandbox for sandbox, _, _ in encoded}))
            cursor.execute(_TRIM_SANDBOXES, (names, self._limits.exchanges))
            cursor.execute(_TRIM_ALL, (self._limits.total_exchanges,))
            if uses:
                self._write_uses(cursor, uses)
        self._queue.written(len(entries))

    def _write_uses(self, cursor: sqlite3.Cursor, uses: dict[str, float]) -> None:
        cursor.execute(_UPSERT_USES, (_json(uses),))
        surplus = cursor.execute("SELECT count(*) FROM uses").fetchone()[0] - self._limits.sandboxes
        if surplus <= 0:
            return
        names = cursor.execute(_LEAST_USED, (surplus,)).fetchone()[0]
        self._delete_states(orjson.loads(names))
        cursor.execute(_DELETE_ENTRIES, (names,))
        cursor.execute(_DELETE_USES, (names,))
        cursor.execute("INSERT INTO counted VALUES (?)", (surplus,))


def _insert_rows(cursor: sqlite3.Cursor, rows: list[EncodedEntry]) -> None:
    for start in range(0, len(rows), ROWS_PER_INSERT):
        part = rows[start : start + ROWS_PER_INSERT]
        placeholders = ",".join(["(?,?,?)"] * len(part))
        cursor.execute(_INSERT_VALUES + placeholders, list(chain.from_iterable(part)))


def _json(value: object) -> str:
    """Return a value as SQLite's `json_each` takes it."""
    return orjson.dumps(value).decode()
