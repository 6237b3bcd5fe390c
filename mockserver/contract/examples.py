"""What the blueprint shows of an operation: the documented body of a response, and a path that finds a record."""

from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.contract.model import ServedOperation
from mockserver.contract.record_types import Record
from mockserver.spec.description import Parameter, Payload


def example(payload: Payload) -> tuple[Any, str | None]:
    """The documented body of a response, as JSON where it is JSON, and its content type; `None` for no body."""
    if payload.body is None:
        return None, payload.content_type
    return orjson.loads(payload.body) if payload.is_json else payload.body, payload.content_type


def example_path(served: ServedOperation, records: Mapping[str, Record] | None = None) -> str:
    """The path of an operation, with `example_values` for its variables."""
    return served.api.base_path + served.template.expand(example_values(served, records or {})).partition("?")[0]


def example_values(served: ServedOperation, records: Mapping[str, Record]) -> dict[str, Any]:
    """Return a value for each variable of an operation's path.

    It is the one that the blueprint shows, else the one of the first of `records` that the shown values lead to, else 1.
    """
    parameters = {each.name: each for each in served.operation.parameters if each.location == "path"}
    shown = {name: _example(parameters[name]) if name in parameters else None for name in served.template.path}
    values = {name: value for name, value in shown.items() if value is not None}
    members = served.rule.members if served.rule else {}
    record = next((each for each in records.values() if _leads_to(values, members, each)), {})
    found = {name: record.get(member) for name, member in members.items() if name in shown}
    return {name: values.get(name, found.get(name) or 1) for name in shown}


def _leads_to(values: Mapping[str, Any], members: Mapping[str, str], record: Record) -> bool:
    return all(str(record.get(member)) == str(values[name]) for name, member in members.items() if name in values)


def _example(parameter: Parameter) -> Any:
    """The value that the blueprint shows for a parameter; `None` for none."""
    shown = (parameter.example, parameter.default, *parameter.values)
    return next((each for each in shown if each is not None), None)
