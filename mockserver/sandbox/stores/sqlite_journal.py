"""The journal of a SQLite store: entries are held in the process for some milliseconds, and written in batches.

Also who used which sandbox when, so that the least recently used is dropped: what is noted with each request must not touch
the file of the states, whose readers would then have to look again.
"""

import sqlite3
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from mockserver.sandbox.stores.shared_memory import SharedMemory
from mockserver.sandbox.stores.sqlite_connection import Database, connect
from mockserver.sandbox.stores.store import EncodeEntry, OnLost, StoreLimits, StoreUnavailable

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
"""Seconds between two looks of the writer at the barrier, and so what `Journal.entries` mostly waits for."""
FLUSH_INTERVAL = 0.5
"""Seconds between two batches while nobody asks; of a busy sandbox's many only the newest are then still worth writing."""
FLUSH_SECONDS = 1.0
"""Seconds for which a batch, or another process, is waited for."""
MAX_QUEUED_ENTRIES = 2000
"""Entries that are held back when the file cannot be written; then the oldest are lost."""

QueuedEntry = tuple[float, str, EncodeEntry]
"""When (Unix), in which sandbox, and what."""


def import_uses(path: Path, changed: list[tuple[str, float]]) -> None:
    """Count from now, and count in the sandboxes that were changed by a process that was killed before it could tell."""
    with closing(connect(path, FLUSH_SECONDS)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT OR IGNORE INTO uses VALUES (?1, ?2, ?2)", changed)
        connection.execute("DELETE FROM counted")
        connection.execute("COMMIT")


class Journal:
    """The journal as one process sees it. `drop` drops the states of sandboxes. Make it after the fork."""

    def __init__(
        self, path: Path, barrier: SharedMemory, limits: StoreLimits, drop: Callable[[list[str]], None], lost: OnLost
    ) -> None:
        self._limits, self._delete_states, self._on_lost = limits, drop, lost
        self._queue: deque[QueuedEntry] = deque()
        self._failure: StoreUnavailable | None = None
        self._uses: dict[str, float] = {}
        self._database = Database(path)
        self._shared = barrier
        self._flush_lock = threading.RLock()
        self._stopping = threading.Event()
        self._writer = threading.Thread(target=self._flush_periodically, name="journal", daemon=True)
        self._writer.start()

    def append(self, sandbox: str, entry: EncodeEntry | None = None) -> None:
        """The sandbox is used, and perhaps there is an entry."""
        now = self._uses[sandbox] = time.time()
        if entry:
            self._queue.append((now, sandbox, entry))

    def entries(self, sandbox: str, most: int | None = None) -> list[bytes]:
        """Oldest first, with `most` the newest so many. What this process cannot write now stands at the end."""
        limit = self._limits.exchanges if most is None else min(most, self._limits.exchanges)
        self._flush_all_processes()
        sql = "SELECT entry FROM entries WHERE sandbox = ? ORDER BY at DESC, id DESC LIMIT ?"
        written: list[Any] = [entry for (entry,) in self._database.rows(sql, sandbox, limit)]
        held = [entry() for _, name, entry in list(self._queue) if name == sandbox]
        return (written[::-1] + held)[-limit:]

    def last_uses(self) -> dict[str, tuple[float, float]]:
        """By sandbox, the Unix times of the first use and the last."""
        self._flush_all_processes()
        found: list[Any] = self._database.rows("SELECT sandbox, created, used FROM uses")
        return {name: (created, used) for name, created, used in found}

    def clear(self, sandbox: str) -> None:
        """Drop the sandbox's entries."""
        self._flush_all_processes()
        with self._database.transaction() as cursor:
            cursor.execute("DELETE FROM entries WHERE sandbox = ?", (sandbox,))

    def delete(self, sandbox: str) -> bool:
        """Drop the sandbox's entries and uses; whether there were any."""
        self._flush_all_processes()
        with self._database.transaction() as cursor:
            cursor.execute("DELETE FROM entries WHERE sandbox = ?", (sandbox,))
            return cursor.execute("DELETE FROM uses WHERE sandbox = ?", (sandbox,)).rowcount > 0

    def evicted(self) -> int:
        """Sandboxes dropped for want of room."""
        found: Any = self._database.rows("SELECT total(dropped) FROM counted")[0][0]
        return int(found)

    def check(self) -> None:
        """Raises `StoreUnavailable` when the file cannot be read."""
        self._database.rows("SELECT 1 FROM uses LIMIT 1")

    def check_writes(self) -> None:
        """Raises `StoreUnavailable` when the last batch of this process could not be written; it is tried again and again."""
        if self._failure:
            raise StoreUnavailable(str(self._failure))

    def flush(self) -> None:
        """Write what is held. What cannot be written is held on, within bounds: a journal makes no request fail."""
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
                for name, at in uses.items():
                    self._uses.setdefault(name, at)
                while len(self._queue) > MAX_QUEUED_ENTRIES:
                    self._queue.popleft()
                    self._on_lost(1)

    def close(self) -> None:
        """Write, end the writer, disconnect."""
        self._stopping.set()
        self._writer.join(FLUSH_SECONDS)
        self.flush()
        self._on_lost(len(self._queue))
        self._database.close()

    def _flush_all_processes(self) -> None:
        """Have every process write what it holds."""
        asked = self._shared.request_flush()
        self.flush()
        self._shared.wait(asked, FLUSH_SECONDS)

    def _flush_periodically(self) -> None:
        written = time.monotonic()
        while not self._stopping.wait(POLL_INTERVAL):
            asked = self._shared.generation()
            if asked != self._shared.acknowledged() or time.monotonic() - written >= FLUSH_INTERVAL:
                self.flush()
                self._shared.acknowledge(asked)
                written = time.monotonic()
            elif len(self._queue) > 2 * self._limits.exchanges:
                self._discard_surplus()

    def _discard_surplus(self) -> None:
        """Let go of what will not be written: a busy sandbox has thousands of entries between two batches."""
        with self._flush_lock:
            held = [self._queue.popleft() for _ in range(len(self._queue))]
            self._queue.extendleft(reversed(self._within_limits(held)))

    def _insert(self, cursor: sqlite3.Cursor, batch: list[QueuedEntry], uses: dict[str, float]) -> None:
        entries = [(name, at, entry()) for at, name, entry in self._within_limits(batch)]
        cursor.executemany("INSERT INTO entries (sandbox, at, entry) VALUES (?, ?, ?)", entries)
        sql = "INSERT INTO uses VALUES (?1, ?2, ?2) ON CONFLICT DO UPDATE SET used = max(used, excluded.used)"
        cursor.executemany(sql, uses.items())
        self._trim(cursor, {name for name, _, _ in entries})
        surplus = cursor.execute("SELECT count(*) FROM uses").fetchone()[0] - self._limits.sandboxes
        if surplus > 0:
            self._evict(cursor, surplus)

    def _within_limits(self, batch: list[QueuedEntry]) -> list[QueuedEntry]:
        """The entries that the trimming would not drop at once, oldest first."""
        counts: Counter[str] = Counter()
        found = []
        for at, name, entry in reversed(batch[-self._limits.total_exchanges :]):
            if counts[name] < self._limits.exchanges:
                counts[name] += 1
                found.append((at, name, entry))
        return found[::-1]

    def _trim(self, cursor: sqlite3.Cursor, sandboxes: set[str]) -> None:
        newest = "SELECT id FROM entries WHERE sandbox = ?1 ORDER BY at DESC, id DESC LIMIT -1 OFFSET ?2"
        limit = self._limits.exchanges
        cursor.executemany(f"DELETE FROM entries WHERE id IN ({newest})", [(name, limit) for name in sandboxes])  # noqa: S608 - our own text  # nosec B608
        # Numbers of entries that are gone count too: each had its turn, as in the memory store.
        cursor.execute("DELETE FROM entries WHERE id <= (SELECT max(id) FROM entries) - ?", (self._limits.total_exchanges,))

    def _evict(self, cursor: sqlite3.Cursor, surplus: int) -> None:
        names = [name for (name,) in cursor.execute("SELECT sandbox FROM uses ORDER BY used, rowid LIMIT ?", (surplus,))]
        self._delete_states(names)
        for table in ("entries", "uses"):
            cursor.executemany(f"DELETE FROM {table} WHERE sandbox = ?", [(name,) for name in names])  # noqa: S608 - ours too  # nosec B608
        cursor.execute("INSERT INTO counted VALUES (?)", (surplus,))
