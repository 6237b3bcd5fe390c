"""The uploaded APIs of a SQLite store.

The documents are in the file of the states. The version is in shared memory of another file, so a
process detects a change without a read of the file. The lock of a change is the lock of another
file, which the operating system releases when the process ends.
"""

from pathlib import Path
from typing import Any, BinaryIO

from mockserver.config import file_locks
from mockserver.errors import StoreUnavailable
from mockserver.sandbox.stores.shared_memory import SharedMemory
from mockserver.sandbox.stores.sqlite_connection import Database
from mockserver.sandbox.stores.uploads import StoredUploads

_UPSERT = "INSERT INTO uploads VALUES (?, ?) ON CONFLICT DO UPDATE SET document = excluded.document"


def processes_file(path: Path) -> Path:
    """Return the file of the shared memory, for the file of the states."""
    return path.with_name(f"{path.name}-uploads")


class SqliteUploads:
    """An `UploadStore` for the processes of one host. Create it after the fork."""

    def __init__(self, database: Database, path: Path) -> None:
        """Take the database of the states, and its file.

        Raises:
            StoreUnavailable: the shared memory cannot be opened, or has no free slot.
        """
        self._database = database
        self._lock_path = path.with_name(f"{path.name}-uploads.lock")
        self._shared = SharedMemory(processes_file(path))
        self._lock_file: BinaryIO | None = None

    def begin(self) -> bool:
        """See `UploadStore`."""
        try:
            file = self._lock_path.open("ab")
        except OSError as error:
            raise StoreUnavailable(f"{self._lock_path.name}: {error.strerror}") from error
        try:
            file_locks.try_lock(file)
        except BlockingIOError:
            file.close()
            return False
        self._lock_file = file
        return True

    def end(self) -> None:
        """See `UploadStore`."""
        if self._lock_file:
            self._lock_file.close()
            self._lock_file = None

    def change(self, key: str, document: bytes | None) -> int:
        """See `UploadStore`."""
        with self._database.transaction() as cursor:
            if document is None:
                cursor.execute("DELETE FROM uploads WHERE key = ?", (key,))
            else:
                cursor.execute(_UPSERT, (key, document))
            # Before the commit: if this process is killed between the two, the others read again.
            version = self._shared.next_generation()
            cursor.execute("COMMIT")
        return version

    def version(self) -> int:
        """See `UploadStore`."""
        try:
            return self._shared.generation()
        except ValueError as error:  # a thread still polls while the store is closed
            raise StoreUnavailable("the store is closed") from error

    def read(self) -> StoredUploads:
        """See `UploadStore`. The transaction waits for a change that is not committed yet."""
        version = self._shared.generation()
        with self._database.transaction():
            rows: list[Any] = self._database.rows("SELECT key, document FROM uploads ORDER BY key")
        return StoredUploads(version, dict(rows))

    def confirm(self, version: int) -> None:
        """See `UploadStore`."""
        self._shared.acknowledge(version)

    def wait(self, version: int, seconds: float) -> bool:
        """See `UploadStore`."""
        return self._shared.wait(version, seconds)

    def close(self) -> None:
        """Free the slot of this process."""
        self._shared.close()
