"""Merge actions with the same method, path and query into one operation."""

from collections.abc import Iterable
from dataclasses import replace

from mockserver.formats import uri_template
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.markdown import Source
from mockserver.spec.description import Operation, Parameter


def merged_operations(source: Source, operations: Iterable[Operation]) -> list[Operation]:
    """Return the operations without duplicates. Messages are added to the source.

    The requests and responses of a duplicate belong to the first operation.
    """
    merged: dict[object, Operation] = {}
    for operation in operations:
        template = uri_template.parse_template(operation.uri_template)
        path = template.display_text
        key = (operation.method, path, frozenset(template.query), frozenset(template.fixed))
        first = merged.get(key)
        if first is None:
            merged[key] = operation
            continue
        name = f"{operation.method} {path}"
        message = f"duplicate action {name[:60]!r} (first defined on line {first.position.line})"
        expected = "expected another method, path or query"
        source.report(messages.DUPLICATE_ACTION, operation.position, f"{message}; {expected}")
        merged[key] = _merged(first, operation)
    return list(merged.values())


def _merged(first: Operation, other: Operation) -> Operation:
    features = (*first.required_features, *other.required_features)
    return replace(
        first,
        transactions=(*first.transactions, *other.transactions),
        parameters=_merged_parameters(first, other),
        required_features=tuple(dict.fromkeys(features)),
    )


def _merged_parameters(first: Operation, other: Operation) -> tuple[Parameter, ...]:
    """Return the parameters of both. A variable that only one of them documents has its text."""
    others = {parameter.name: parameter for parameter in other.parameters}
    parameters = []
    for parameter in first.parameters:
        is_documented = parameter.position != first.position
        if not is_documented:
            parameter = others.get(parameter.name, parameter)
        parameters.append(parameter)
    return tuple(parameters)
