"""The catalogue of messages about a blueprint: each kind has a code, a severity and an outcome.

`docs/blueprint-messages.md` shows an input for each kind. The codes are stable.

* B1xx: the document, its metadata and sections
* B2xx: URI templates and parameters
* B3xx: payloads: headers, bodies and schemas
* B4xx: attributes and data structures (MSON)
* B5xx: actions and their transactions
* B6xx: parts of the blueprint that disagree
"""

from dataclasses import dataclass
from typing import Any

from mockserver.errors import FileMessage, Position, Severity


@dataclass(frozen=True, slots=True)
class MessageKind:
    """One kind of message."""

    code: str
    slug: str
    """The name in the documentation, for example `unknown-type`."""
    severity: Severity
    """An error means that an operation, or the type of a body, is lost."""
    outcome: str
    """The sentence that states what the reader does with the input."""

    @property
    def refuses_operation(self) -> bool:
        """Whether a message of this kind is about the heading of an operation that is lost."""
        return self.outcome == _NOT_SERVED

    def message(self, position: Position, text: str) -> FileMessage:
        """Return a message of this kind.

        Args:
            position: What the message is about.
            text: What is wrong and how to fix it, with the value in quotes.
        """
        return FileMessage(position, text, self.severity, self.code, self.outcome)


def _error(code: str, slug: str, outcome: str) -> MessageKind:
    return MessageKind(code, slug, "error", outcome)


def _warning(code: str, slug: str, outcome: str) -> MessageKind:
    return MessageKind(code, slug, "warning", outcome)


_NOT_SERVED = "The operation is not served."
_TRANSACTIONS_NOT_SERVED = "These requests and responses are not served."
_NO_FILE = "Nothing of the file is served."
_IGNORED = "It is ignored."
_TEXT = "It is read as a description."

NO_OPERATION = _error("B101", "no-operation", _NO_FILE)
TOO_LONG = _error("B102", "too-long", _NO_FILE)
TOO_DEEP = _error("B103", "too-deep", _NO_FILE)
UNKNOWN_FORMAT = _warning("B104", "unknown-format", "It is read as 1A.")
INVALID_HOST = _warning("B105", "invalid-host", "The API is served at the root path.")
RESERVED_PATH = _warning("B106", "reserved-path", "The API is served at the root path.")
LONG_HEADING = _warning("B107", "long-heading", _TEXT)
ACTION_OUTSIDE_RESOURCE = _error("B108", "action-outside-resource", _NOT_SERVED)
UNCLOSED_HEADING = _warning("B109", "unclosed-heading", "It is read with one closing bracket.")
LOWER_CASE_METHOD = _warning("B110", "lower-case-method", "It is read in upper case.")
UNKNOWN_METHOD = _error("B111", "unknown-method", _NOT_SERVED)
TEXT_AFTER_SECTION = _warning("B112", "text-after-section", _TEXT)
UNKNOWN_SECTION = _warning("B113", "unknown-section", _TEXT)
INDENTED_LIST = _warning("B114", "indented-list", "It is read as a section.")
UNCLOSED_CODE = _warning(
    "B115", "unclosed-code", "The code ends before the next section or at the end of its item."
)
UNCLOSED_HTML = _warning(
    "B116", "unclosed-html", "The HTML ends before the next section or at the end of its item."
)
RESOURCE_WITHOUT_ACTION = _warning(
    "B117", "resource-without-action", "The resource has no operation."
)
SEVERAL_METHODS = _warning("B118", "several-methods", "Each method is an operation.")
TEXT_AFTER_BRACKET = _warning("B119", "text-after-bracket", "The text is ignored.")
MISPLACED_SECTION = _warning("B120", "misplaced-section", "It is read where it belongs.")
HEADING_WITHOUT_SPACE = _warning("B121", "heading-without-space", "It is read as a heading.")
ITEM_WITHOUT_SPACE = _warning("B122", "item-without-space", "It is read as a list item.")
PAYLOAD_IN_RESOURCE = _warning("B126", "payload-in-resource", _IGNORED)
IMPLIED_ACTION = _warning("B123", "implied-action", "It is read as an action of the resource.")
MISSPELLED_SECTION = _warning(
    "B127", "misspelled-section", "It is read as the section that it resembles."
)
MISPLACED_METADATA = _warning("B124", "misplaced-metadata", "It is read as metadata.")
INCOMPLETE_HOST = _warning("B125", "incomplete-host", "Its path is used.")
NOT_INCLUDED = _warning("B130", "not-included", "The line is read as it is.")
NOT_UTF8 = _warning("B131", "not-utf-8", "It is read as Windows-1252.")

INVALID_URI = _error("B201", "invalid-uri", "The operations of this URI are not served.")
PARAMETER_NOT_IN_URI = _warning(
    "B202", "parameter-not-in-uri", "It is read as an optional variable of the query."
)
EMPTY_PARAMETERS = _warning("B203", "empty-parameters", _IGNORED)
DUPLICATE_PARAMETER = _warning("B204", "duplicate-parameter", "The last one is used.")
OBJECT_PARAMETER = _warning("B205", "object-parameter", "It is read as a string.")
INVALID_PARAMETER_VALUE = _warning(
    "B206", "invalid-parameter-value", "It is documented, and is never sent."
)
URI_FRAGMENT = _warning("B207", "uri-fragment", "It is ignored, because clients never send it.")
OTHER_HOST = _warning("B208", "other-host", "Only its path and query are used.")
MISSING_SLASH = _warning("B209", "missing-slash", "A slash is added at the start.")
DUPLICATE_VARIABLE = _warning("B210", "duplicate-variable", "The last one in the path is used.")
PREFIX_VARIABLE = _warning("B211", "prefix-variable", "The variable is the whole value.")
IGNORED_URI_TEXT = _warning("B212", "ignored-uri-text", "The variable is read without it.")
BRACED_NAME = _warning("B214", "braced-name", "Each request must have this part.")
URI_CHARACTER = _warning("B213", "uri-character", "Clients must send it percent-encoded.")

DUPLICATE_PAYLOAD_SECTION = _warning("B301", "duplicate-payload-section", "The last one is used.")
MISPLACED_BODY = _warning(
    "B302", "misplaced-body", "It is read as the contents of its section, else as the body."
)
UNKNOWN_CHARSET = _warning("B303", "unknown-charset", "The body is sent as UTF-8.")
UNENCODABLE_BODY = _warning("B304", "unencodable-body", "The body is sent as UTF-8.")
EMPTY_ATTRIBUTES = _warning("B305", "empty-attributes", "It is read as an empty object.")
UNKNOWN_MODEL = _warning("B306", "unknown-model", "The text is sent as the body.")
EMPTY_HEADERS = _warning("B307", "empty-headers", _IGNORED)
HEADER_WITHOUT_COLON = _warning("B316", "header-without-colon", "The first word is its name.")
INVALID_HEADER = _warning("B308", "invalid-header", _IGNORED)
CONTROL_CHARACTER = _warning("B309", "control-character", "The header is not sent.")
HEADER_NOT_SENT = _warning("B310", "header-not-sent", "The header is not sent.")
REPAIRED_JSON = _warning("B311", "repaired-json", "It is read without these parts.")
INVALID_JSON = _error("B312", "invalid-json", "The body is sent as it is, and is not validated.")
INVALID_SCHEMA_JSON = _warning("B313", "invalid-schema-json", "The schema is ignored.")
INVALID_SCHEMA = _warning("B314", "invalid-schema", "The schema is ignored.")
EXTERNAL_REFERENCE = _warning(
    "B315", "external-reference", "The reference accepts any value, because it is not fetched."
)

UNCLOSED_TYPE = _warning("B401", "unclosed-type", "The bracket ends with the line.")
SECOND_TYPE = _warning("B402", "second-type", "The first type is used.")
INVALID_TYPE = _warning("B403", "invalid-type", "It is read as a string.")
DUPLICATE_TYPE = _warning("B404", "duplicate-type", "The first one is used.")
RESERVED_TYPE = _warning("B405", "reserved-type", "The base type is used.")
OBJECT_VALUE = _warning("B406", "object-value", _IGNORED)
BODY_IN_ATTRIBUTES = _warning("B407", "body-in-attributes", _TEXT)
TYPE_ARGUMENTS = _warning("B408", "type-arguments", "The types in brackets are ignored.")
RECURSIVE_TYPE = _warning("B409", "recursive-type", "It is read without the contents of that type.")
UNKNOWN_TYPE = _warning(
    "B410", "unknown-type", "It is read as a string, or as an object if it has members."
)
LARGE_TYPE = _warning("B411", "large-type", "It is read as an object without members.")
INVALID_INCLUDE = _warning("B412", "invalid-include", _IGNORED)
NAMELESS_MEMBER = _warning("B413", "nameless-member", _IGNORED)
EMPTY_ENUM_VALUE = _warning("B414", "empty-enum-value", _IGNORED)
NESTED_IN_SCALAR = _warning("B415", "nested-in-scalar", _IGNORED)
INVALID_VALUE = _warning("B416", "invalid-value", _IGNORED)
EMPTY_ONE_OF = _warning("B417", "empty-one-of", _IGNORED)
TYPE_NAME = _warning("B418", "type-name", "It is read as the type in the message.")
ENUM_VALUES_IN_TYPE = _warning(
    "B419", "enum-values-in-type", "They are read as values of the enum."
)
REFERENCE = _warning("B420", "reference", "It is read as `Include`.")
VALUE_NOTATION = _warning("B421", "value-notation", "It is read as the value in the message.")
MISSING_DASH = _warning("B422", "missing-dash", _TEXT)
MEMBERS_IN_ARRAY = _warning(
    "B424", "members-in-array", "They are read as the members of each item."
)
ENDLESS_TYPE = _warning(
    "B425", "endless-type", "The member is read as optional, and an array as one without `fixed`."
)
LARGE_ONE_OF = _warning("B423", "large-one-of", "The first alternatives are used.")

NO_RESPONSE = _error("B501", "no-response", _NOT_SERVED)
TOO_MANY_TRANSACTIONS = _error("B502", "too-many-transactions", _TRANSACTIONS_NOT_SERVED)
NO_FINAL_RESPONSE = _error("B503", "no-final-response", _TRANSACTIONS_NOT_SERVED)
INFORMATIONAL_RESPONSE = _warning("B504", "informational-response", "It is not sent.")
BODILESS_STATUS = _warning("B505", "bodiless-status", "The body is not sent.")
INVALID_STATUS = _warning(
    "B506", "invalid-status", "The status that it begins with is used, else 200."
)
DUPLICATE_ACTION = _warning(
    "B507", "duplicate-action", "Its requests and responses are added to the first action."
)
UNNAMED_FEATURE = _warning("B508", "unnamed-feature", "The operation requires no feature.")
FEATURE_CONTENT = _warning("B509", "feature-content", _IGNORED)
PAYLOAD_TEXT = _warning("B510", "payload-text", "Its status, media type and name are used.")
REQUEST_WITHOUT_RESPONSE = _error("B511", "request-without-response", _TRANSACTIONS_NOT_SERVED)

EXAMPLE_BREAKS_SCHEMA = _warning("B601", "example-breaks-schema", "It is sent as it is.")
NO_EXAMPLE = _warning("B602", "no-example", "The response has no body.")
AMBIGUOUS_ROUTE = _warning(
    "B603", "ambiguous-route", "The first action responds to these requests."
)
ROUTE_IN_TWO_FILES = _warning(
    "B604", "route-in-two-files", "The operation of the first file is served."
)


def _all_kinds() -> tuple[MessageKind, ...]:
    kinds = [value for value in globals().values() if isinstance(value, MessageKind)]
    return tuple(sorted(kinds, key=lambda kind: kind.code))


KINDS = _all_kinds()
"""Every kind, by code."""
_SLUGS = {kind.code: kind.slug for kind in KINDS}


def slug_of(code: str) -> str:
    """Return the name of a kind; empty for a message without a code."""
    return _SLUGS.get(code, "")


def as_json(message: FileMessage) -> dict[str, Any]:
    """Return a message about any file as a JSON object.

    Line and column are null in a message about a whole file.
    """
    line: int | None = None
    column: int | None = None
    if message.position.line:
        line, column = message.position.line, message.position.column
    return {
        "file": message.position.file,
        "line": line,
        "column": column,
        "severity": message.severity,
        "code": message.code,
        "slug": slug_of(message.code),
        "message": message.message,
        "outcome": message.outcome,
    }
