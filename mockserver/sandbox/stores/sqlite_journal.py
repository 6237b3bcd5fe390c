"""The journal of a SQLite store. Each process queues its entries, and writes them in batches.

The file also has the times of use of each sandbox, to evict the least recently used. These change
with each request, so they are not in the file of the states, whose readers would have to read again.
"""

import sqlite3
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from mockserver.errors import StoreUnavailable
from mockserver.sandbox.stores.shared_memory import SharedMemory
from mockserver.sandbox.stores.sqlite_connection import Database, connect
from mockserver.sandbox.stores.store import EncodeEntry, OnLost, StoreLimits

APPLICATION_ID = 0x4D4F434A
TABLES = """
CREATE TABLE IF NOT EXISTS entries
    (id INTEGER PRIMARY KEY AUTOINCREMENT, sandbox TEXT NOT NULL, at REAL NOT NULL, entry BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS entries_by_sandbox ON entries (sandbox, at, id);
CREATE TABLE IF NOT EXISTS uses (sandbox TEXT PRIMARY KEY, created REAL NOT NULL, used REAL NOT NULL);
CREATE INDEX IF NOT EXISTS uses_by_time ON uses (used);
CREATE TABLE IF NOT EXISTS counted (dropped INTEGER NOT NULL)
"""
POLL_INTERVAL = 0.02
"""Seconds between two reads of the generation. `Journal.entries` waits for about as long."""
FLUSH_INTERVAL = 0.5
"""Seconds between two batches without a reader.

Of a busy sandbox, only the newest entries are then written.
"""
FLUSH_SECONDS = 1.0
"""Timeout for writing a batch, and for other processes."""
MAX_QUEUED_ENTRIES = 2000
"""Entries that are queued while the file cannot be written. Beyond that, the oldest are lost."""

QueuedEntry = tuple[float, str, EncodeEntry]
"""Unix time, sandbox and entry."""


def import_uses(path: Path, changed: list[tuple[str, float]]) -> None:
    """Reset the number of evicted sandboxes, and add uses that a killed process did not write.

    `changed` has the sandboxes of the states, with the Unix time of their last change.
    """
    with closing(connect(path, FLUSH_SECONDS)) as connection:
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
        on_lost: OnLost,
    ) -> None:
        """Open the file, and start the thread that writes the queue.

        `delete_states` deletes the states of evicted sandboxes.

        Raises:
            StoreUnavailable: the file cannot be opened.
        """
        self._limits, self._delete_states, self._on_lost = limits, delete_states, on_lost
        self._queue: deque[QueuedEntry] = deque()
        self._failure: StoreUnavailable | None = None
        self._uses: dict[str, float] = {}
        self._database = Database(path)
        self._shared = shared
        self._flush_lock = threading.RLock()
        self._stopping = threading.Event()
        self._writer = threading.Thread(target=self._flush_periodically, name="journal", daemon=True)
        self._writer.start()

    def append(self, sandbox: str, entry: EncodeEntry | None = None) -> None:
        """Mark a sandbox as used now, and queue an entry, if there is one."""
        now = self._uses[sandbox] = time.time()
        if entry:
            self._queue.append((now, sandbox, entry))

    def entries(self, sandbox: str, most: int | None = None) -> list[bytes]:
        """Return the entries of a sandbox, oldest first; with `most`, only the newest.

        Entries that this process cannot write now are last.
        """
        limit = self._limits.exchanges
        if most is not None:
            limit = min(most, limit)
        self._flush_all_processes()
        sql = "SELECT entry FROM entries WHERE sandbox = ? ORDER BY at DESC, id DESC LIMIT ?"
        written: list[Any] = [entry for (entry,) in self._database.rows(sql, sandbox, limit)]
        queued = [entry() for _, name, entry in list(self._queue) if name == sandbox]
        return (written[::-1] + queued)[-limit:]

    def last_uses(self) -> dict[str, tuple[float, float]]:
        """Return the Unix times of the first and last use of each sandbox."""
        self._flush_all_processes()
        rows: list[Any] = self._database.rows("SELECT sandbox, created, used FROM uses")
        return {name: (created, used) for name, created, used in rows}

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
        count: Any = self._database.rows("SELECT total(dropped) FROM counted")[0][0]
        return int(count)

    def check(self) -> None:
        """Check that the file can be read.

        Raises:
            StoreUnavailable: it cannot.
        """
        self._database.rows("SELECT 1 FROM uses LIMIT 1")

    def check_writes(self) -> None:
        """Check that this process could write its last batch. A failed batch is retried.

        Raises:
            StoreUnavailable: it could not.
        """
        if self._failure:
            raise StoreUnavailable(self._failure.detail)

    def flush(self) -> None:
        """Write the queue.

        After an error it stays queued, within a limit: the journal never fails a request.
        """
        with self._flush_lock:
            batch = [self._queue.popleft() for _ in range(len(self._queue))]
            uses = {name: self._uses.pop(name) for name in list(self._uses)}
            if not batch and not uses:
                return
            try:
                with self._database.transaction(FLUSH_SECONDS) as cursor:
                    self._insert(cursor, batch, uses)
                self._failure = None
            except StoreUnavailable as error:
                self._failure = error
                self._queue.extendleft(reversed(batch))
                for name, timestamp in uses.items():
                    self._uses.setdefault(name, timestamp)
                while len(self._queue) > MAX_QUEUED_ENTRIES:
                    self._queue.popleft()
                    self._on_lost(1)

    def close(self) -> None:
        """Stop the writer, write the queue, and disconnect."""
        self._stopping.set()
        self._writer.join(FLUSH_SECONDS)
        self.flush()
        self._on_lost(len(self._queue))
        self._database.close()

    def _flush_all_processes(self) -> None:
        """Write the queues of all processes."""
        generation = self._shared.request_flush()
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
            elif len(self._queue) > 2 * self._limits.exchanges:
                self._discard_surplus()

    def _discard_surplus(self) -> None:
        """Drop queued entries that no batch will write: a busy sandbox has thousands of them."""
        with self._flush_lock:
            queued = [self._queue.popleft() for _ in range(len(self._queue))]
            self._queue.extendleft(reversed(self._within_limits(queued)))

    def _insert(self, cursor: sqlite3.Cursor, batch: list[QueuedEntry], uses: dict[str, float]) -> None:
        kept = self._within_limits(batch)
        entries = [(name, timestamp, entry()) for timestamp, name, entry in kept]
        cursor.executemany("INSERT INTO entries (sandbox, at, entry) VALUES (?, ?, ?)", entries)
        sql = "INSERT INTO uses VALUES (?1, ?2, ?2) ON CONFLICT DO UPDATE SET used = max(used, excluded.used)"
        cursor.executemany(sql, uses.items())
        self._trim(cursor, {name for name, _, _ in entries})
        surplus = cursor.execute("SELECT count(*) FROM uses").fetchone()[0] - self._limits.sandboxes
        if surplus > 0:
            self._evict(cursor, surplus)

    def _within_limits(self, batch: list[QueuedEntry]) -> list[QueuedEntry]:
        """Return the entries that `_trim` would keep, oldest first."""
        counts: Counter[str] = Counter()
        kept = []
        for timestamp, name, entry in reversed(batch[-self._limits.total_exchanges :]):
            if counts[name] < self._limits.exchanges:
                counts[name] += 1
                kept.append((timestamp, name, entry))
        return kept[::-1]

    def _trim(self, cursor: sqlite3.Cursor, sandboxes: set[str]) -> None:
        newest = "SELECT id FROM entries WHERE sandbox = ?1 ORDER BY at DESC, id DESC LIMIT -1 OFFSET ?2"
        limit = self._limits.exchanges
        cursor.executemany(f"DELETE FROM entries WHERE id IN ({newest})", [(name, limit) for name in sandboxes])  # noqa: S608 - our own text  # nosec B608
        # By id, so that deleted entries count towards the limit, as in the memory store.
        cursor.execute("DELETE FROM entries WHERE id <= (SELECT max(id) FROM entries) - ?", (self._limits.total_exchanges,))

    def _evict(self, cursor: sqlite3.Cursor, surplus: int) -> None:
        names = [name for (name,) in cursor.execute("SELECT sandbox FROM uses ORDER BY used, rowid LIMIT ?", (surplus,))]
        self._delete_states(names)
        for table in ("entries", "uses"):
            cursor.executemany(f"DELETE FROM {table} WHERE sandbox = ?", [(name,) for name in names])  # noqa: S608 - ours too  # nosec B608
        cursor.execute("INSERT INTO counted VALUES (?)", (surplus,))
