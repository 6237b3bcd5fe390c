"""A store in SQLite files, for all processes of one host.

PATH holds the states. PATH-journal.sqlite holds what changes with each request. PATH-processes is
memory that the processes share (see `shared_memory`). PATH-coverage-* hold the coverage (see
`coverage_files`).
"""

import secrets
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import orjson

from mockserver.errors import StoreUnavailable
from mockserver.sandbox.coverage import CoverageKey, StoredCoverage
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores import (
    shared_memory,
    sqlite_connection,
    sqlite_journal,
    sqlite_uploads,
)
from mockserver.sandbox.stores.coverage_files import CoverageFiles
from mockserver.sandbox.stores.journal_queue import JournalQueue
from mockserver.sandbox.stores.shared_memory import SharedMemory
from mockserver.sandbox.stores.sqlite_connection import Database
from mockserver.sandbox.stores.sqlite_journal import Journal
from mockserver.sandbox.stores.sqlite_uploads import SqliteUploads
from mockserver.sandbox.stores.state_cache import CachedState, StateCache
from mockserver.sandbox.stores.store import (
    EncodeEntry,
    OnLost,
    OnUnwritten,
    SandboxInfo,
    StoreLimits,
    check_size,
    ignore,
)

T = TypeVar("T")
APPLICATION_ID = 0x4D4F434B
TABLES = """
CREATE TABLE IF NOT EXISTS states (
    sandbox TEXT PRIMARY KEY, version INTEGER NOT NULL, changed REAL NOT NULL, state BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS uploads (key TEXT PRIMARY KEY, document BLOB NOT NULL)
"""
PROBE_INTERVAL = 1.0
"""Seconds after a successful write in which a health check does not write again."""
PROBE_SECONDS = 0.5
"""Seconds that a health check waits for a change of another process."""
_UPSERT = """
INSERT INTO states VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
SET version = excluded.version, changed = excluded.changed, state = excluded.state
"""
_ALL_STATES = "SELECT json_group_array(json_array(sandbox, length(state), changed)) FROM states"
_DELETE_STATES = "DELETE FROM states WHERE sandbox IN (SELECT value FROM json_each(?1))"


def files(path: Path) -> tuple[Path, Path, Path]:
    """Return the files of the states, the journal and the shared memory."""
    journal = path.with_name(f"{path.name}-journal.sqlite")
    return path, journal, path.with_name(f"{path.name}-processes")


def prepare(path: Path, *, durable: bool = True) -> None:
    """Create the missing files. Call it before the fork. `durable` is as for `SqliteStore`.

    Raises:
        sqlite3.Error, OSError: a file cannot be created or read.
        ValueError: a file is not a database of this program.
    """
    states, journal, processes = files(path)
    sqlite_connection.prepare(states, APPLICATION_ID, TABLES, durable=durable)
    sqlite_connection.prepare(
        journal,
        sqlite_journal.APPLICATION_ID,
        sqlite_journal.TABLES,
        durable=durable,
        page_size=sqlite_journal.PAGE_SIZE,
    )
    shared_memory.prepare(processes)
    shared_memory.prepare(sqlite_uploads.processes_file(path))
    with closing(sqlite_connection.connect(states, durable=durable)) as source:
        changed = source.execute("SELECT sandbox, changed FROM states").fetchall()
    sqlite_journal.import_uses(journal, changed, durable=durable)


class SqliteStore:
    """A `Store` for the processes of one host.

    `prepare` creates its files, and `open` opens them. A change of files that are not `durable`
    does not wait for the disk.
    """

    shared = True

    def __init__(
        self,
        path: Path,
        initial: SandboxState,
        limits: StoreLimits | None = None,
        *,
        durable: bool = True,
    ) -> None:
        self._path, self._initial, self._limits = path, initial, limits or StoreLimits()
        self._durable = self.is_persistent = durable

    def open(self, on_lost: OnLost = ignore, on_unwritten: OnUnwritten = ignore) -> None:
        """See `Store`."""
        states, journal, processes = files(self._path)
        self._inode = states.stat().st_ino
        self._cache = StateCache()
        self._last_write = float("-inf")
        self._states = Database(states, durable=self._durable)
        self._shared = SharedMemory(processes)
        self._coverage = CoverageFiles(states)
        self.uploads = SqliteUploads(self._states, self._path)
        self._queue = JournalQueue(self._limits, on_lost, on_unwritten)
        self._journal = Journal(
            journal,
            self._shared,
            self._limits,
            self._delete_states,
            self._queue,
            durable=self._durable,
        )

    def close(self) -> None:
        """See `Store`."""
        self._journal.close()
        self._coverage.close()
        self._shared.close()
        self.uploads.close()
        self._states.close()

    def check(self) -> None:
        """See `Store`."""
        self._check_file()
        self._states.rows("SELECT 1 FROM states LIMIT 1")
        self._journal.check()

    def check_writes(self) -> None:
        """See `Store`."""
        if time.monotonic() - self._last_write < PROBE_INTERVAL:
            return
        with self._states.transaction(PROBE_SECONDS) as cursor:
            cursor.execute("PRAGMA user_version = 0")  # always writes the first page
        self._journal.check_writes()
        self._last_write = time.monotonic()

    def read(self, sandbox: str) -> SandboxState:
        """See `Store`."""
        state = self.peek(sandbox)
        if state is not None:
            return state
        with self._states.lock:
            return self._current(sandbox).state

    def peek(self, sandbox: str) -> SandboxState | None:
        """See `Store`. Until a process changes something, it reads shared memory only."""
        cached = self._cache.get(sandbox)
        if cached is not None and cached.counters == self._shared.change_counters():
            return cached.state
        return None

    def change(self, sandbox: str, change: Callable[[SandboxState], tuple[SandboxState, T]]) -> T:
        """See `Store`."""
        self._check_file()
        # Until the commit: a failed change must not count as a successful write.
        self._last_write = float("-inf")
        with self._states.transaction() as cursor, self._shared.mark_change():
            before = self._current(sandbox)
            state, result = change(before.state)
            if state is before.state:
                return result
            after = self._write_state(cursor, sandbox, state)
            after.data_version = self._states.version()
            cursor.execute("COMMIT")
            # Still within the lock, so that no other thread reads the old state.
            self._cache.put(sandbox, after)
            self._last_write = time.monotonic()
        self._queue.mark_used(sandbox)
        return result

    def delete(self, sandbox: str) -> bool:
        """See `Store`."""
        with self._states.transaction() as cursor, self._shared.mark_change():
            cursor.execute("DELETE FROM states WHERE sandbox = ?", (sandbox,))
            had_state = cursor.rowcount > 0
            cursor.execute("COMMIT")
            self._cache.drop(sandbox)
        had_uses = self._journal.delete(sandbox)
        return had_uses or had_state

    def sandboxes(self) -> list[SandboxInfo]:
        """See `Store`."""
        uses = self._journal.last_uses()
        # One row, because sqlite3 would release the GIL for each of many.
        rows: list[Any] = self._states.rows(_ALL_STATES)
        sizes = {}
        for name, size, changed in orjson.loads(rows[0][0]):
            sizes[name] = size
            # A killed process may have changed a state without writing the use to the journal.
            uses.setdefault(name, (changed, changed))
        infos = []
        for name, (created, last_used) in uses.items():
            infos.append(SandboxInfo(name, sizes.get(name, 0), created, last_used))
        return sorted(infos, key=lambda info: info.last_used, reverse=True)

    def count(self) -> int:
        """See `Store`. A killed process may not have written the uses of its last half second."""
        return self._journal.count_uses()

    def append(self, sandbox: str, entry: EncodeEntry) -> None:
        """See `Store`."""
        self._queue.append(sandbox, entry)

    def journal(self, sandbox: str, limit: int | None = None) -> list[bytes]:
        """See `Store`."""
        return self._journal.entries(sandbox, limit)

    def clear_journal(self, sandbox: str) -> None:
        """See `Store`."""
        self._journal.clear(sandbox)

    def evicted(self) -> int:
        """See `Store`."""
        return self._journal.evicted()

    def coverage_generation(self) -> int:
        """See `Store`. It reads shared memory only."""
        return self._shared.coverage_generation()

    def add_coverage(self, key: CoverageKey, items: tuple[str, ...]) -> None:
        """See `Store`."""
        try:
            self._coverage.add(self._shared.coverage_generation(), key, items)
        except OSError as error:
            self._shared.mark_coverage_incomplete()
            raise _coverage_error(error) from error

    def coverage(self) -> StoredCoverage:
        """See `Store`."""
        try:
            table = self._coverage.read(self._shared.coverage_generation())
        except OSError as error:
            raise _coverage_error(error) from error
        return StoredCoverage(table.items(), self._shared.is_coverage_complete())

    def clear_coverage(self) -> None:
        """See `Store`."""
        try:
            with self._shared.begin_coverage() as generation:
                self._coverage.delete_others(generation)
        except OSError as error:
            raise _coverage_error(error) from error

    def _check_file(self) -> None:
        """Check that the file was not removed or replaced, which would lose the changes.

        Raises:
            StoreUnavailable: it was.
        """
        try:
            inode = files(self._path)[0].stat().st_ino
        except OSError as error:
            raise StoreUnavailable(f"{self._path}: {error.strerror}") from error
        if inode != self._inode:
            raise StoreUnavailable(f"{self._path} was replaced after the server started")

    def _current(self, sandbox: str) -> CachedState:
        """Return the state in the file; the cached one, if it is current.

        The caller holds the lock.
        """
        counters, data_version = self._shared.stable_counters(), self._states.version()
        cached = self._cache.get(sandbox)
        if cached is not None and cached.data_version == data_version:
            cached.counters = counters
            return cached
        rows: list[Any] = self._states.rows("SELECT version FROM states WHERE sandbox = ?", sandbox)
        version = None
        if rows:
            version = rows[0][0]
        if cached is None or cached.version != version:
            cached = self._read(sandbox)
            self._cache.put(sandbox, cached)
        cached.data_version, cached.counters = data_version, counters
        return cached

    def _read(self, sandbox: str) -> CachedState:
        rows: list[Any] = self._states.rows(
            "SELECT version, state FROM states WHERE sandbox = ?", sandbox
        )
        if not rows:
            return CachedState(self._initial, None, 0)
        version, encoded = rows[0]
        try:
            return CachedState(SandboxState.from_json(orjson.loads(encoded)), version, len(encoded))
        except (KeyError, TypeError, ValueError) as error:
            raise StoreUnavailable(
                f"{self._path.name}: the state of {sandbox} cannot be read: {error!r}"
            ) from error

    def _write_state(
        self, cursor: sqlite3.Cursor, sandbox: str, state: SandboxState
    ) -> CachedState:
        encoded = orjson.dumps(state.as_json())
        check_size(len(encoded), self._limits)
        # Random, so that a sandbox that is deleted and created again never has an old version.
        version = secrets.randbits(62)
        cursor.execute(_UPSERT, (sandbox, version, time.time(), encoded))
        return CachedState(state, version, len(encoded))

    def _delete_states(self, sandboxes: list[str]) -> None:
        with self._states.transaction() as cursor, self._shared.mark_change():
            cursor.execute(_DELETE_STATES, (orjson.dumps(sandboxes).decode(),))
            cursor.execute("COMMIT")
            for name in sandboxes:
                self._cache.drop(name)


def _coverage_error(error: OSError) -> StoreUnavailable:
    return StoreUnavailable(f"the coverage: {error}")
