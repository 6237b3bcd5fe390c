"""The records of one sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from apib_mockserver.clock import Call
    from apib_mockserver.types import SandboxRecord

__tracebackhide__ = True  # see connection.py


class SandboxRecords:
    """The records of a sandbox, changed without the API. The journal does not contain changes.

    A collection is called `API/COLLECTION`, such as `push_notifications/exports`. A key is the
    record's id, after the key of its parent if it has one: `NOTIFICATION/100`.
    """

    def __init__(self, call: Call) -> None:
        self._call = call

    def list(
        self, collection: str, limit: int | None = None, offset: int | None = None
    ) -> Sequence[SandboxRecord]:
        """Return the records of one collection, at most 1000; deleted records are included."""
        response = self._call("GET", _path(collection=collection, limit=limit, offset=offset))
        records: list[SandboxRecord] = []
        for part in response["collections"]:
            records += part["records"]
        return records

    def put(self, collection: str, key: str, record: Mapping[str, Any]) -> SandboxRecord:
        """Create or replace a record; `key` is the record's own."""
        changed: SandboxRecord = self._call("PUT", _path(collection=collection, key=key), record)
        return changed

    def patch(self, collection: str, key: str, changes: Mapping[str, Any]) -> SandboxRecord:
        """Change fields of a record, also of nested objects; None deletes a field (RFC 7396)."""
        changed: SandboxRecord = self._call("PATCH", _path(collection=collection, key=key), changes)
        return changed

    def delete(self, collection: str, key: str) -> SandboxRecord:
        """Delete a record; return it as it was."""
        deleted: SandboxRecord = self._call("DELETE", _path(collection=collection, key=key))
        return deleted

    def transition(self, collection: str, key: str, to: str) -> SandboxRecord:
        """Move a record to another state of its lifecycle, at the time of the sandbox's clock."""
        body = {"collection": collection, "key": key, "to": to}
        changed: SandboxRecord = self._call("POST", "/records/transition", body)
        return changed

    def restore(self, collection: str, key: str) -> SandboxRecord:
        """Restore a record as shipped, also a deleted one."""
        body = {"collection": collection, "key": key}
        restored: SandboxRecord = self._call("POST", "/records/restore", body)
        return restored


def _path(**parameters: str | int | None) -> str:
    """Return the path of the records with a query.

    Collections and keys contain slashes, so they are not segments of the path.
    """
    query = {name: value for name, value in parameters.items() if value is not None}
    return f"/records?{urlencode(query)}"
