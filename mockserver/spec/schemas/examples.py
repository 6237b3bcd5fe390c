"""Build example bodies for payloads that have none, from their attributes or their schema.

Source: API Blueprint 1A, "Payload section", "Relation of Body, Schema and Attributes sections".
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from mockserver.spec.description import Api, DataType, Operation, Payload, Transaction
from mockserver.spec.schemas.instances import schema_instance
from mockserver.spec.schemas.samples import Samples, TypeLocation, location_of

_DEFAULTS = {"string": "", "number": 0, "boolean": False}
"""Values of types without documented values."""


def with_examples(api: Api) -> Api:
    """Return the API with an example body in each JSON payload that has attributes or a schema."""
    builder = _ExampleBuilder(Samples(api))
    return replace(api, operations=tuple(map(builder.operation, api.operations)))


class _ExampleBuilder:
    """Builds the example bodies of one API."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def operation(self, operation: Operation) -> Operation:
        transactions = map(self._transaction, operation.transactions)
        return replace(operation, transactions=tuple(transactions))

    def _transaction(self, transaction: Transaction) -> Transaction:
        response = self._payload(transaction.response)
        if transaction.request is None:
            return replace(transaction, response=response)
        return replace(transaction, request=self._payload(transaction.request), response=response)

    def _payload(self, payload: Payload) -> Payload:
        if not payload.is_json or payload.body is not None:
            return payload
        try:
            return replace(payload, body=orjson.dumps(self._example(payload)).decode())
        except ValueError:
            return payload

    def _example(self, payload: Payload) -> Any:
        """Return a value from the attributes. If there is a schema, the value fits it.

        Raises:
            ValueError: No such value exists.
        """
        examples = []
        if payload.data is not None:
            examples.append(self._value(payload.data, location_of(payload)))
        if payload.schema is not None:
            return schema_instance(orjson.loads(payload.schema), examples)
        if not examples:
            raise ValueError("neither attributes nor a schema")
        return examples[0]

    def _value(self, data: DataType, location: TypeLocation) -> Any:
        return _VALUE_BUILDERS[data.kind](self, data, location)

    def _object(self, data: DataType, location: TypeLocation) -> Any:
        # An example has the first alternative of each One Of.
        excluded: set[str] = set()
        for choice in data.one_of:
            for names in choice[1:]:
                excluded.update(names)
        for choice in data.one_of:
            excluded.difference_update(choice[0])
        members = [member for member in data.members if member.name not in excluded]
        return {member.name: self._value(member.type, (member.position,)) for member in members}

    def _array(self, data: DataType, location: TypeLocation) -> Any:
        return [self._value(item, (*location, index)) for index, item in enumerate(data.items)]

    def _enum(self, data: DataType, location: TypeLocation) -> Any:
        values = [*self._samples.values_of(data, location), *data.values]
        if not values:
            return None
        return values[0]

    def _scalar(self, data: DataType, location: TypeLocation) -> Any:
        values = self._samples.values_of(data, location)
        if not values:
            return _DEFAULTS[data.kind]
        return values[0]


_VALUE_BUILDERS: dict[str, Callable[[_ExampleBuilder, DataType, TypeLocation], Any]] = {
    "object": _ExampleBuilder._object,
    "array": _ExampleBuilder._array,
    "enum": _ExampleBuilder._enum,
    "string": _ExampleBuilder._scalar,
    "number": _ExampleBuilder._scalar,
    "boolean": _ExampleBuilder._scalar,
}
