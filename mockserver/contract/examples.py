"""Examples of an operation: the documented body of a response, and a path to an existing record."""

from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.contract.model import ServedOperation
from mockserver.contract.record_types import Record
from mockserver.spec.description import Parameter, Payload


def example(payload: Payload) -> tuple[Any, str | None]:
    """Return the documented body of a response, parsed if it is JSON, and its content type; `None` without a body."""
    if payload.body is None:
        return None, payload.content_type
    return orjson.loads(payload.body) if payload.is_json else payload.body, payload.content_type


def example_path(served: ServedOperation, records: Mapping[str, Record] | None = None) -> str:
    """Return the path of an operation, with `example_values` for its variables."""
    return (
        served.api.base_path
        + served.template.expand(example_values(served, records or {})).partition("?")[0]
    )


def example_values(served: ServedOperation, records: Mapping[str, Record]) -> dict[str, Any]:
    """Return a value for each path variable of an operation.

    The value is the documented example, else that of the first matching record, else 1.
    """
    parameters = {
        each.name: each for each in served.operation.parameters if each.location == "path"
    }
    values: dict[str, Any] = {}
    for name in served.template.path:
        value = _example(parameters[name]) if name in parameters else None
        if value is not None:
            values[name] = value
    members = served.rule.members if served.rule else {}
    record = next((each for each in records.values() if _matches(values, members, each)), {})
    record_values = {name: record.get(member) for name, member in members.items()}
    return {name: values.get(name, record_values.get(name) or 1) for name in served.template.path}


def _matches(values: Mapping[str, Any], members: Mapping[str, str], record: Record) -> bool:
    return all(
        str(record.get(member)) == str(values[name])
        for name, member in members.items()
        if name in values
    )


def _example(parameter: Parameter) -> Any:
    """Return the documented value of a parameter; `None` without one."""
    candidates = (parameter.example, parameter.default, *parameter.values)
    return next((each for each in candidates if each is not None), None)
