"""Examples of an operation: the body of a documented response, and a path to an existing record."""

from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.contract.model import ServedOperation
from mockserver.contract.record_types import Record
from mockserver.spec.description import Parameter, Payload


def example(payload: Payload) -> tuple[Any, str | None]:
    """Return the documented body of a response and its content type.

    A JSON body is parsed. Without a body the first value is `None`.
    """
    if payload.body is None:
        return None, payload.content_type
    if payload.is_json:
        return orjson.loads(payload.body), payload.content_type
    return payload.body, payload.content_type


def example_path(served: ServedOperation, records: Mapping[str, Record] | None = None) -> str:
    """Return the path of an operation, with `example_values` for its variables."""
    target = served.template.expand(example_values(served, records or {}))
    path = target.partition("?")[0]
    return served.api.base_path + path


def example_values(served: ServedOperation, records: Mapping[str, Record]) -> dict[str, Any]:
    """Return a value for each path variable of an operation.

    The value is the documented example, else that of the first matching record, else 1.
    """
    documented = _documented_values(served)
    members: Mapping[str, str] = {}
    if served.rule:
        members = served.rule.members
    record = _first_match(records, members, documented)
    values: dict[str, Any] = {}
    for name in served.template.path:
        if name in documented:
            values[name] = documented[name]
        elif name in members:
            values[name] = record.get(members[name]) or 1
        else:
            values[name] = 1
    return values


def _documented_values(served: ServedOperation) -> dict[str, Any]:
    """Return the documented values of path variables, as far as they exist."""
    values: dict[str, Any] = {}
    for parameter in served.operation.parameters:
        value = _example(parameter)
        if parameter.location == "path" and value is not None:
            values[parameter.name] = value
    return values


def _first_match(
    records: Mapping[str, Record], members: Mapping[str, str], values: Mapping[str, Any]
) -> Record:
    """Return the first record with these values; an empty one if there is none."""
    for record in records.values():
        if _matches(record, members, values):
            return record
    return {}


def _matches(record: Record, members: Mapping[str, str], values: Mapping[str, Any]) -> bool:
    known = members.keys() & values.keys()
    return all(str(record.get(members[name])) == str(values[name]) for name in known)


def _example(parameter: Parameter) -> Any:
    """Return the documented value of a parameter; `None` without one."""
    for candidate in (parameter.example, parameter.default, *parameter.values):
        if candidate is not None:
            return candidate
    return None
