"""Explain why a value violates its JSON Schema. jsonschema finds the violations.

The module is imported at the first violation, because the import of jsonschema would take a tenth
of the server's start.
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
    """Check RFC 3339 as jsonschema-rs does. jsonschema itself accepts a newline at the end."""
    if not isinstance(value, str):
        return True
    return not value.endswith("\n") and bool(validate_rfc3339(value))


_MAX_LENGTH = 300
"""Maximum characters of a message of jsonschema, because it contains the value."""
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


def _with_type(value: Any) -> str:
    """Return the JSON type of a value, and the value if it is a string, number or boolean."""
    json_type = _TYPES.get(type(value), type(value).__name__)
    if value is None or isinstance(value, dict | list):
        return json_type
    return f"{json_type} {abbreviated_json(value)}"


def _either(values: Iterable[Any]) -> str:
    """Return the alternatives as text: `1, 2 or 3`."""
    *others, last = map(abbreviated_json, values)
    if not others:
        return last
    return f"{', '.join(others)} or {last}"


def _one(error: Any, expected: str, actual: str | None = None) -> list[Violation]:
    """Return one violation. By default `actual` is the value with its type."""
    return [
        Violation(
            to_pointer(error.absolute_path),
            expected,
            actual or _with_type(error.instance),
            to_pointer(error.absolute_schema_path),
        )
    ]


def _required(error: Any) -> list[Violation]:
    """Return a violation with the name of the missing member.

    jsonschema has one error for each member, and only the error's message contains the name.
    """
    missing = next(name for name in error.validator_value if error.message.startswith(f"{name!r} "))
    return _one(error, f"member {abbreviated_json(missing)}", "none of that name")


def _undocumented(error: Any) -> list[Violation]:
    """Return a violation for each member that the schema does not document."""
    documented: dict[str, Any] = {}
    if isinstance(error.schema, dict):
        documented = error.schema.get("properties", {})
    expected = "no member"
    if documented:
        expected = f"no other member than {_either(documented)}"
    violations = []
    for name in error.instance:
        if name not in documented:
            pointer = to_pointer([*error.absolute_path, name])
            actual = f"undocumented member {abbreviated_json(name)}"
            schema_pointer = to_pointer(error.absolute_schema_path)
            violations.append(Violation(pointer, expected, actual, schema_pointer))
    return violations


def _type(error: Any) -> list[Violation]:
    json_types = error.validator_value
    if isinstance(json_types, str):
        return _one(error, json_types)
    return _one(error, " or ".join(json_types))


def _length(expected: str) -> Callable[[Any], list[Violation]]:
    """Return the message of a limit for the number of items or members."""

    def explain(error: Any) -> list[Violation]:
        return _one(error, expected.format(error.validator_value), str(len(error.instance)))

    return explain


def _value(expected: str) -> Callable[[Any], list[Violation]]:
    """Return the message of a keyword whose value is part of the expectation."""

    def explain(error: Any) -> list[Violation]:
        return _one(error, expected.format(error.validator_value))

    return explain


_BY_KEYWORD: dict[str, Callable[[Any], list[Violation]]] = {
    "type": _type,
    "required": _required,
    "additionalProperties": _undocumented,
    "enum": lambda error: _one(error, _either(error.validator_value)),
    "const": lambda error: _one(error, abbreviated_json(error.validator_value)),
    "pattern": _value("a string that matches {}"),
    "format": _value("a string of format {}"),
    "minimum": _value("at least {}"),
    "maximum": _value("at most {}"),
    "minLength": _value("at least {} characters"),
    "maxLength": _value("at most {} characters"),
    "minProperties": _length("at least {} members"),
    "minItems": _length("at least {} items"),
    "maxItems": _length("at most {} items"),
}
"""The function that explains each keyword. The message of jsonschema explains other keywords."""


def _violations(error: Any) -> list[Violation]:
    explain = _BY_KEYWORD.get(str(error.validator))
    if explain:
        return explain(error)
    return _one(error, f"a value that fits {error.validator}", error.message[:_MAX_LENGTH])
