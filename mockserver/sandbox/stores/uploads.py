"""The protocol of the part of a store that keeps uploaded APIs.

All processes of a store serve the same uploads. A process that changes one waits for the others:

    begin -> change -> (each process: version, read, confirm) -> wait -> end
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredUploads:
    """All uploads at one moment."""

    version: int = 0
    documents: Mapping[str, bytes] = field(default_factory=dict)
    """By key, in the order of the keys."""


class UploadStore(Protocol):
    """Keeps documents by key, for all processes of a store. Safe for threads.

    Every method may raise `StoreUnavailable`.
    """

    def begin(self) -> bool:
        """Begin a change. Return whether no process of the store is changing the uploads.

        If the process is killed, its change ends.
        """

    def end(self) -> None:
        """End the change of this process."""

    def change(self, key: str, document: bytes | None) -> int:
        """Store a document, or delete it with `None`. Return the new version."""

    def version(self) -> int:
        """Return the current version. Fast, because each process calls it several times a second.

        The call also reports that this process is alive.
        """

    def read(self) -> StoredUploads:
        """Return all documents with their version."""

    def confirm(self, version: int) -> None:
        """Report that this process serves the uploads of a version."""

    def wait(self, version: int, seconds: float) -> bool:
        """Wait until every living process has confirmed a version, for some seconds at most.

        Return whether all have.
        """


class MemoryUploads:
    """An `UploadStore` for one process."""

    def __init__(self) -> None:
        self._changing = Lock()
        self._stored = StoredUploads()

    def begin(self) -> bool:
        """See `UploadStore`."""
        return self._changing.acquire(blocking=False)

    def end(self) -> None:
        """See `UploadStore`."""
        self._changing.release()

    def change(self, key: str, document: bytes | None) -> int:
        """See `UploadStore`."""
        documents = {**self._stored.documents}
        documents.pop(key, None)
        if document is not None:
            documents[key] = document
        version = self._stored.version + 1
        self._stored = StoredUploads(version, dict(sorted(documents.items())))
        return version

    def version(self) -> int:
        """See `UploadStore`."""
        return self._stored.version

    def read(self) -> StoredUploads:
        """See `UploadStore`."""
        return self._stored

    def confirm(self, version: int) -> None:
        """See `UploadStore`."""

    def wait(self, version: int, seconds: float) -> bool:
        """See `UploadStore`."""
        return True
