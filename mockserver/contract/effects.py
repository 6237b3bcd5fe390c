"""The effects of operations: what each operation does to the records. `effects_file` reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RecordLocator:
    """How the variables of a URI template identify a record of a collection."""

    name: str
    key: str
    """The variable that identifies one record."""
    id_field: str = "id"
    """The record's member that has the value of the variable `key`."""
    parent: str | None = None
    """The variable that identifies the parent of the records."""
    parent_field: str | None = None
    """The record's member with the value of `parent`; `None` for the one of the same name."""

    @property
    def parent_member(self) -> str | None:
        """The record's member that has the key of the parent; `None` without a parent."""
        return self.parent_field or self.parent

    @property
    def members(self) -> Mapping[str, str]:
        """Map each variable to the record's member that has its value."""
        if self.parent and self.parent_member:
            return {self.key: self.id_field, self.parent: self.parent_member}
        return {self.key: self.id_field}

    def key_of(self, record: Mapping[str, Any]) -> str:
        """Return the key of a record in its collection, as text."""
        if self.parent_member:
            return f"{record.get(self.parent_member)}/{record.get(self.id_field)}"
        return str(record.get(self.id_field))

    def key_in(self, variables: Mapping[str, Any]) -> str:
        """Return the key of the record that a request's variables identify."""
        if self.parent:
            return f"{variables.get(self.parent)}/{variables.get(self.key)}"
        return str(variables.get(self.key))


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of one operation on the records."""

    kind: str = "example"
    """A key of `effects_file.KINDS`. An operation that the file does not list has `example`."""
    collection: str = ""
    """The collection whose records it reads or changes."""
    search: Mapping[str, str] = field(default_factory=dict)
    """Query variable to the member that must contain its text. Case is ignored."""
    filter: Mapping[str, str] = field(default_factory=dict)
    """Query variable to the member that must equal its value, or one of its values."""
    page: str = ""
    """The query variable with the page number, from 1.

    If it is empty, the variable `offset` selects the first record.
    """
    size: str = "limit"
    """The query variable with the page length."""
    total: str | None = None
    """The response's member with the number of records on all pages."""
    container: str | None = None
    """The response's member that holds the records. Needed if the schema has several candidates."""
    limit: int = 20
    """The default page length."""
    offset: int | None = None
    """The `offset` in the response if the request has none.

    The page then starts with the first record.
    """
    to_state: str = ""
    """The state after a transition."""
    from_states: tuple[str, ...] = ()
    """The states in which a transition is possible.

    A record in another state is returned unchanged.
    """
    reject: Mapping[str, int] = field(default_factory=dict)
    """State to the documented status that rejects the transition."""
    not_found_status: int | None = None
    """The documented status for a record that does not exist; `None` if there is none."""
    conflict_status: int | None = None
    """The documented status for a new record whose key is in use; `None` if there is none."""
    invalid_status: int | None = None
    """The documented status for an invalid request body; `None` if there is none."""
    timestamps: tuple[str, ...] = ()
    """The members that are set to the time of the sandbox's clock."""
    respond_with: str = "record"
    """The content of a successful response: the `record`, or the documented `example`."""

    @property
    def writes(self) -> bool:
        """Return whether the operation may change a record."""
        return self.kind in ("transition", "create", "update", "remove")


@dataclass(frozen=True, slots=True)
class Effects:
    """The content of one effects.yaml."""

    access_token: str | None = None
    """The request header with the access token. If it is missing, the status is 401 and not 400."""
    collections: Mapping[str, RecordLocator] = field(default_factory=dict)
    operations: Mapping[str, Effect] = field(default_factory=dict)

    def for_operation(self, operation_id: str) -> Effect:
        """Return the effect of an operation."""
        return self.operations.get(operation_id, Effect())
