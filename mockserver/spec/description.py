"""The API description: the contents of a blueprint as plain values.

The terms are those of API Blueprint 1A and MSON. The exception is *operation*: an action with its
URI template.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from mockserver.errors import FileMessage, Position

Scalar = str | int | float | bool | None
BODILESS = frozenset({204, 205, 304})
"""Statuses of responses that have no body (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5)."""

Primitive = Literal["string", "number", "boolean", "object", "array", "enum"]
"""The base types of MSON."""

_JSON_TYPES = frozenset(("application/json", "text/json", "application/x-json", "text/x-json"))
# In spite of their suffix, servers send one JSON text per line in these types.
_SEQUENCE_TYPES = frozenset(("application/stream+json",))

_PARAMETER = re.compile(r';\s*([^\s;=,]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,]*)')
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]+)', re.IGNORECASE)


def media_type(content_type: str | None) -> str:
    """Return the media type of a `Content-Type`, in lower case and without parameters."""
    return (content_type or "").partition(";")[0].strip().lower()


def type_parameters(content_type: str | None) -> tuple[tuple[str, str], ...]:
    """Return the names and values of the parameters of a `Content-Type`, in lower case."""
    parameters = []
    for name, value in _PARAMETER.findall(content_type or ""):
        parameters.append((name.lower(), value.strip('"').lower()))
    return tuple(parameters)


def charset(content_type: str | None) -> str:
    """Return the charset of a `Content-Type`, in lower case. The default is `utf-8`."""
    match = _CHARSET.search(content_type or "")
    if match is None:
        return "utf-8"
    return match[1].lower()


def is_json(content_type: str | None) -> bool:
    """Return whether a body of this content type is one JSON text.

    JSON are `application/json`, its old names, and any type with the suffix `+json` (RFC 6839).
    Sequences of JSON texts (`application/x-ndjson`, `application/stream+json`) and extensions of
    JSON (`application/json5`) are plain text.
    """
    media = media_type(content_type)
    if media in _SEQUENCE_TYPES:
        return False
    return media in _JSON_TYPES or media.endswith("+json")


@dataclass(frozen=True, slots=True)
class Member:
    """One property of an object."""

    name: str
    type: "DataType"
    required: bool
    description: str
    position: Position
    optional: bool = False
    """Whether it is marked as optional, so that it can be missing from a fixed object."""


@dataclass(frozen=True, slots=True)
class DataType:
    """An MSON type. Named types are written out, except recursive and large ones.

    These are references to `Api.types`. A reference has a kind and a name, and no contents.
    """

    kind: Primitive
    name: str | None = None
    """The named type that this type is, or extends; `None` if there is none."""
    nullable: bool = False
    fixed: bool = False
    """Whether the sample is the only valid value (MSON `fixed`)."""
    fixed_type: bool = False
    """Whether each member of an object must be present (MSON `fixed-type`)."""
    integer: bool = False
    """Whether a number is declared as an integer."""
    reference: Position | None = None
    """The declaration of the named type that this type refers to; `None` if it is written out."""
    members: tuple[Member, ...] = ()
    """The properties of an object, in the order of the blueprint."""
    items: "tuple[DataType, ...]" = ()
    """The types of an array's items, or the type of an enum's values if it is documented.

    The samples of the items are the sample of the array.
    """
    values: tuple[Scalar, ...] = ()
    """The values of an enum."""
    samples: tuple[Scalar, ...] = ()
    """The documented sample values, as JSON values. Objects and arrays can have `None` only."""
    default: Scalar = None
    variables: tuple[Member, ...] = ()
    """The properties with a variable name (MSON, "Variable Property Name").

    An object with such properties can have any other property of their types.
    """
    one_of: tuple[tuple[tuple[Member, ...], ...], ...] = ()
    """The `One Of` choices of an object: for each alternative, its properties.

    They are in `members` too, where none of them is required.
    """


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
    """The valid values of the parameter, or of an array's items. Empty if there is no enum."""
    position: Position
    item_type: Literal["string", "number", "integer", "boolean"] = "string"
    """The type of an array's items."""
    unfit_example: str = ""
    """The documented example, if it does not fit the type. It is never sent."""
    unfit_default: str = ""
    """The documented default, if it does not fit the type."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A request, a response or a model."""

    name: str
    content_type: str | None
    headers: tuple[tuple[str, str], ...]
    """The headers with their example values, without Content-Type."""
    body: str | None
    """The example body, as typed; `None` if there is none."""
    schema: str | None
    """The text of the `+ Schema` section; `None` if there is none."""
    data: DataType | None
    """The type of the body, from `+ Attributes`; `None` if there is none."""
    description: str
    position: Position
    body_position: Position | None = None
    """The start of the example body; `None` if the body is not in the blueprint."""
    is_text: bool = False
    """Whether the media type is JSON but the body is not. The body is sent as it is."""

    @property
    def documents_body(self) -> bool:
        """Whether a body is documented: by an example, a schema or attributes."""
        return self.body is not None or self.schema is not None or self.data is not None

    @property
    def is_json(self) -> bool:
        """Whether the body is JSON, by its documented content type."""
        return is_json(self.content_type) and not self.is_text


@dataclass(frozen=True, slots=True)
class Transaction:
    """One pair of a request and a response of an operation."""

    request: Payload | None
    response: Payload
    status: int

    @property
    def label(self) -> str:
        """The name of the response, else the name of the request. Can be empty."""
        if self.response.name or self.request is None:
            return self.response.name
        return self.request.name

    @property
    def documents_request_body(self) -> bool:
        """Whether a request with a body is documented."""
        return self.request is not None and self.request.documents_body


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one URI template."""

    id: str
    """Unique in the API: a slug of the action's name (`spec.blueprint.operation_ids`)."""
    name: str
    method: str
    uri_template: str
    """As documented, with query variables; relative to the API's base path."""
    group: str
    resource: str
    description: str
    parameters: tuple[Parameter, ...]
    """The path variables, then the query variables, in the order of the URI template."""
    required_features: tuple[str, ...]
    """A token needs one of these features. Empty if none is required."""
    transactions: tuple[Transaction, ...]
    position: Position
    resource_description: str = ""
    relation: str = ""
    """The link relation in `+ Relation`; empty if there is none."""

    @property
    def statuses(self) -> tuple[int, ...]:
        """The documented statuses without repetition, in the order of the blueprint."""
        return tuple(dict.fromkeys(transaction.status for transaction in self.transactions))

    @property
    def requests(self) -> tuple[Payload, ...]:
        """The documented requests without repetition."""
        # Two documented requests can be equal, so they are compared by identity.
        requests: dict[int, Payload] = {}
        for transaction in self.transactions:
            if transaction.request:
                requests[id(transaction.request)] = transaction.request
        return tuple(requests.values())

    @property
    def needs_body(self) -> bool:
        """Whether every documented request has a body."""
        return all(transaction.documents_request_body for transaction in self.transactions)

    def transactions_for(self, status: int) -> tuple[Transaction, ...]:
        """Return the transactions with this status."""
        return tuple(
            transaction for transaction in self.transactions if transaction.status == status
        )

    def json_response(self, status: int) -> Payload:
        """Return the first JSON response of a documented status, else its first response."""
        responses = [transaction.response for transaction in self.transactions_for(status)]
        return next((response for response in responses if response.is_json), responses[0])

    @property
    def examples(self) -> Mapping[str, Transaction]:
        """The named transactions by label. If several have the same label, the first one."""
        examples: dict[str, Transaction] = {}
        for transaction in self.transactions:
            if transaction.label:
                examples.setdefault(transaction.label, transaction)
        return examples

    @property
    def success_status(self) -> int | None:
        """The first documented 2xx status; `None` if there is none."""
        for status in self.statuses:
            if 200 <= status < 300:
                return status
        return None


@dataclass(frozen=True, slots=True)
class Api:
    """The description of an API."""

    id: str
    """The name of its folder and file: `push_notifications`."""
    name: str
    description: str
    host: str
    """The URL in the metadata `HOST`; empty if there is none."""
    operations: tuple[Operation, ...]
    file: str
    sha256: str
    """The hash of the blueprint, in hex (`spec.blueprint.digest`)."""
    messages: tuple[FileMessage, ...] = ()
    """The errors and warnings of the reader, by line."""
    refused: int = 0
    """The number of operations that are not served."""
    parts: tuple[Path, ...] = ()
    """The blueprints whose operations are served; empty for a text."""
    included: tuple[Path, ...] = ()
    """The files that include lines of the blueprint name. They need not exist."""
    types: Mapping[Position, DataType] = field(default_factory=dict)
    """The named types that references refer to, by the position of their declaration."""
    lines: int = 0
    """The number of lines of `file`."""

    @property
    def base_path(self) -> str:
        """The path of `host` without a trailing slash: `/api`; empty for the root."""
        return urlsplit(self.host).path.rstrip("/")

    def operation(self, operation_id: str) -> Operation:
        """Return the operation with this id.

        Raises:
            KeyError: There is none.
        """
        for operation in self.operations:
            if operation.id == operation_id:
                return operation
        raise KeyError(operation_id)
