"""What a blueprint says, as plain values: the API description.

Source: API Blueprint 1A (format specification) and MSON; the words are theirs, but that an *operation* is what is served.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from mockserver.errors import FileError, Position

Scalar = str | int | float | bool | None
BODILESS = frozenset({204, 205, 304})
"""Statuses of responses that have no body (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5)."""

Primitive = Literal["string", "number", "boolean", "object", "array", "enum"]


_JSON_TYPES = frozenset(("application/json", "text/json", "application/x-json", "text/x-json"))
# It has the suffix of one JSON text, but servers send one JSON text a line.
_SEQUENCE_TYPES = frozenset(("application/stream+json",))


_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]+)', re.IGNORECASE)


def media_type(content_type: str | None) -> str:
    """Return the media type of a `Content-Type`, in lower case and without parameters; empty where there is none."""
    return (content_type or "").partition(";")[0].strip().lower()


def charset(content_type: str | None) -> str:
    """Return the charset of a `Content-Type`, in lower case; `utf-8` if it names none."""
    found = _CHARSET.search(content_type or "")
    return found[1].lower() if found else "utf-8"


def is_json(content_type: str | None) -> bool:
    """Whether a content type means one JSON text: `application/json`, its old spellings, or any `+json` (RFC 6839).

    A sequence of JSON texts (`application/x-ndjson`, `application/stream+json`) and an extension of JSON
    (`application/json5`) are plain text.
    """
    media = media_type(content_type)
    if media in _SEQUENCE_TYPES:
        return False
    return media in _JSON_TYPES or media.endswith("+json")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an MSON object, or one item of an array: a name and what it holds."""

    name: str
    type: "DataType"
    required: bool
    description: str
    position: Position


@dataclass(frozen=True, slots=True)
class DataType:
    """An MSON type with named types resolved, so that it stands alone.

    `samples` are the values that the blueprint shows for it, in its own JSON type.
    """

    kind: Primitive
    name: str | None = None
    """The name of the data structure that it is, or was made from; `None` for an unnamed one."""
    nullable: bool = False
    fixed: bool = False
    """Whether the only value it may have is its sample (MSON `fixed`)."""
    members: tuple[Member, ...] = ()
    """Of an object, in order."""
    items: "tuple[DataType, ...]" = ()
    """Of an array: the types its items may have. Of an enum: the type of its values, where the blueprint names it."""
    values: tuple[Scalar, ...] = ()
    """Of an enum: the values it may have."""
    samples: tuple[Scalar, ...] = ()
    default: Scalar = None
    open: bool = False
    """Whether an object may have members that are not documented (MSON `*` property names)."""
    one_of: tuple[tuple[tuple[str, ...], ...], ...] = ()
    """Of an object: each MSON `One Of`, as its alternatives, each the names of the members that it brings."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One variable of a URI template."""

    name: str
    location: Literal["path", "query"]
    type: Literal["string", "number", "integer", "boolean", "array"]
    required: bool
    description: str
    example: Scalar
    default: Scalar
    values: tuple[Scalar, ...]
    """The values it may have, or each item of an array; empty when any of its type will do."""
    position: Position
    item_type: Literal["string", "number", "integer", "boolean"] = "string"
    """Of an array: the type of its items."""


@dataclass(frozen=True, slots=True)
class Payload:
    """One side of a transaction."""

    name: str
    content_type: str | None
    headers: tuple[tuple[str, str], ...]
    """Without Content-Type; with the values that the blueprint shows as examples."""
    body: str | None
    """The example body as it stands in the blueprint; `None` where there is none."""
    schema: str | None
    """The text of a `+ Schema` section; `None` where there is none."""
    data: DataType | None
    """What `+ Attributes` says of the body."""
    description: str
    position: Position
    body_position: Position | None = None
    """Where the example body's first line stands."""

    @property
    def shows_body(self) -> bool:
        """Whether it says anything of a body."""
        return self.body is not None or self.schema is not None or self.data is not None

    @property
    def is_json(self) -> bool:
        """Whether its body is declared as JSON."""
        return is_json(self.content_type)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One request/response example pair of an operation."""

    request: Payload | None
    response: Payload
    status: int

    @property
    def label(self) -> str:
        """Its name as an example: that of its response, else that of its request; empty where neither has one."""
        return self.response.name or (self.request.name if self.request else "")


@dataclass(frozen=True, slots=True)
class Operation:
    """What is served: one method on one URI template."""

    id: str
    """Unique in the API: a slug of the action's name, with its resource's where the name alone is not unique."""
    name: str
    method: str
    uri_template: str
    """As in the blueprint, with its query variables; relative to the API's base path."""
    group: str
    resource: str
    description: str
    parameters: tuple[Parameter, ...]
    """In the order of the URI template: path variables, then query variables."""
    required_features: tuple[str, ...]
    """A token needs one of these; empty where the blueprint names none."""
    transactions: tuple[Transaction, ...]
    position: Position
    resource_description: str = ""
    relation: str = ""
    """The link relation that `+ Relation` gives; empty where there is none."""

    @property
    def statuses(self) -> tuple[int, ...]:
        """The documented statuses, each once, in the order of the blueprint."""
        return tuple(dict.fromkeys(t.status for t in self.transactions))

    @property
    def requests(self) -> tuple[Payload, ...]:
        """The documented requests, each once."""
        return tuple({id(t.request): t.request for t in self.transactions if t.request}.values())

    @property
    def needs_body(self) -> bool:
        """Whether every documented request of it has a body."""
        return all(t.request is not None and t.request.shows_body for t in self.transactions)

    def documented(self, status: int) -> tuple[Transaction, ...]:
        """The transactions that end with this status."""
        return tuple(t for t in self.transactions if t.status == status)

    def json_response(self, status: int) -> Payload:
        """Return the first response of a documented status that is JSON; the first one where none is."""
        responses = [transaction.response for transaction in self.documented(status)]
        return next((response for response in responses if response.is_json), responses[0])

    @property
    def examples(self) -> Mapping[str, Transaction]:
        """The transactions that have a name, by the name of their response, else of their request."""
        return {each.label: each for each in reversed(self.transactions) if each.label}

    @property
    def success(self) -> int | None:
        """The first documented 2xx status; `None` where there is none."""
        return next((s for s in self.statuses if 200 <= s < 300), None)


@dataclass(frozen=True, slots=True)
class Api:
    """A whole API description."""

    id: str
    """Name of its folder and file: `push_notifications`."""
    name: str
    description: str
    host: str
    """The URL in the blueprint's `HOST`; empty where there is none."""
    operations: tuple[Operation, ...]
    file: str
    sha256: str
    """Of the blueprint's bytes, in hex."""
    warnings: tuple[FileError, ...] = ()
    """Where the reader had to decide, and what it decided."""

    @property
    def base_path(self) -> str:
        """The path of `host`, without a slash at its end: `/api`; empty for the root."""
        return urlsplit(self.host).path.rstrip("/")

    def operation(self, operation_id: str) -> Operation:
        """The operation with this id; `KeyError` where there is none."""
        for operation in self.operations:
            if operation.id == operation_id:
                return operation
        raise KeyError(operation_id)
