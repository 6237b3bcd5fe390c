"""Messages that explain why a value violates its JSON Schema; jsonschema finds the violations.

Imported at the first violation: the import of jsonschema would take a tenth of the server's start.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError
from rfc3339_validator import validate_rfc3339

from mockserver.errors import Violation
from mockserver.formats.json_pointer import to_pointer
from mockserver.formats.json_text import abbreviated_json

_FORMATS = FormatChecker(formats=("date", "email", "ipv4", "ipv6", "uuid"))


@_FORMATS.checks("date-time")
def _is_date_time(value: Any) -> bool:
    """Check RFC 3339 as jsonschema-rs does: jsonschema accepts a newline at the end."""
    return not isinstance(value, str) or (
        not value.endswith("\n") and bool(validate_rfc3339(value))
    )


_MAX_LENGTH = 300
"""Maximum characters of a message of jsonschema, which contains the value."""
_TYPES = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


def violations(schema: dict[str, Any], value: Any) -> Iterator[Violation]:
    """Yield the violations of `schema` by `value`, lazily."""
    for error in Draft202012Validator(schema, format_checker=_FORMATS).iter_errors(value):
        yield from _violations(error)


def schema_violations(schema: Any) -> list[Violation]:
    """Return the violations of the meta-schema of JSON Schema 2020-12 by `schema`."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return _violations(error)
    return []


def _typed(value: Any) -> str:
    kind = _TYPES.get(type(value), type(value).__name__)
    return (
        kind
        if value is None or isinstance(value, dict | list)
        else f"{kind} {abbreviated_json(value)}"
    )


def _either(values: Iterable[Any]) -> str:
    *most, last = [abbreviated_json(v) for v in values]
    return f"{', '.join(most)} or {last}" if most else last


def _one(error: Any, expected: str, actual: str | None = None) -> list[Violation]:
    where = to_pointer(error.absolute_path)
    return [
        Violation(
            where,
            expected,
            actual or _typed(error.instance),
            to_pointer(error.absolute_schema_path),
        )
    ]


def _required(error: Any) -> list[Violation]:
    """Name the missing member: jsonschema has one error for each, and only its message has the name."""
    missing = next(name for name in error.validator_value if error.message.startswith(f"{name!r} "))
    return _one(error, f"member {abbreviated_json(missing)}", "none of that name")


def _undocumented(error: Any) -> list[Violation]:
    known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    schema_pointer = to_pointer(error.absolute_schema_path)
    expected = f"no other member than {_either(known)}" if known else "no member"
    return [
        Violation(
            to_pointer([*error.absolute_path, name]),
            expected,
            f"undocumented member {abbreviated_json(name)}",
            schema_pointer,
        )
        for name in error.instance
        if name not in known
    ]


def _type(error: Any) -> list[Violation]:
    kinds = error.validator_value
    return _one(error, kinds if isinstance(kinds, str) else " or ".join(kinds))


_BY_KEYWORD: dict[str, Callable[[Any], list[Violation]]] = {
    "type": _type,
    "required": _required,
    "additionalProperties": _undocumented,
    "enum": lambda e: _one(e, _either(e.validator_value)),
    "const": lambda e: _one(e, abbreviated_json(e.validator_value)),
    "pattern": lambda e: _one(e, f"a string that matches {e.validator_value}"),
    "format": lambda e: _one(e, f"a string of format {e.validator_value}"),
    "minimum": lambda e: _one(e, f"at least {e.validator_value}"),
    "maximum": lambda e: _one(e, f"at most {e.validator_value}"),
    "minLength": lambda e: _one(e, f"at least {e.validator_value} characters"),
    "maxLength": lambda e: _one(e, f"at most {e.validator_value} characters"),
    "minProperties": lambda e: _one(
        e, f"at least {e.validator_value} members", f"{len(e.instance)}"
    ),
    "minItems": lambda e: _one(e, f"at least {e.validator_value} items", f"{len(e.instance)}"),
    "maxItems": lambda e: _one(e, f"at most {e.validator_value} items", f"{len(e.instance)}"),
}
"""The violations of each keyword. For other keywords the message of jsonschema is used."""


def _violations(error: Any) -> list[Violation]:
    violations_of = _BY_KEYWORD.get(str(error.validator))
    if violations_of:
        return violations_of(error)
    return _one(error, f"a value that fits {error.validator}", error.message[:_MAX_LENGTH])
