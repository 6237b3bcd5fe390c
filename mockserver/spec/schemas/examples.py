"""Build example bodies for payloads that have none, from their attributes or their schema.

Source: API Blueprint 1A, "Payload section", "Relation of Body, Schema and Attributes sections".
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import orjson

from mockserver.errors import Position
from mockserver.spec.description import Api, DataType, Member, Operation, Payload, Transaction
from mockserver.spec.schemas.instances import schema_instance
from mockserver.spec.schemas.samples import Samples, TypeLocation, location_of

MAX_LEVELS = 36
"""Level below which an example follows no references, because bodies have at most 64 levels."""
MAX_VALUES = 5_000
"""Maximum number of types in an example before references are not followed."""
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
        self._open: list[Position] = []
        """The references that are being followed, from the outermost to the innermost."""
        self._level = 0
        self._count = 0
        """The number of types in the present example."""

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
        self._count = 0
        if payload.data is not None:
            examples.append(self._value(payload.data, location_of(payload)))
        if payload.schema is not None:
            return schema_instance(orjson.loads(payload.schema), examples)
        if not examples:
            raise ValueError("neither attributes nor a schema")
        return examples[0]

    def _value(self, data: DataType, location: TypeLocation) -> Any:
        """Return the value of a type.

        Raises:
            ValueError: The value would not end.
        """
        if data.reference is None:
            return self._contents(data, location)
        is_endless = data.reference in self._open or self._level > MAX_LEVELS
        if is_endless or self._count > MAX_VALUES:
            return _shortest(data)
        self._open.append(data.reference)
        try:
            contents = self._samples.types[data.reference]
            return self._contents(contents, (data.reference,))
        finally:
            self._open.pop()

    def _contents(self, data: DataType, location: TypeLocation) -> Any:
        """Return the value of a type that is written out."""
        self._count += 1
        values = self._samples.values_of(data, location)
        if data.nullable and (data.samples == (None,) or _has_no_value(data, values)):
            return None
        self._level += 1
        try:
            return _VALUE_BUILDERS[data.kind](self, data, location)
        finally:
            self._level -= 1

    def _object(self, data: DataType, location: TypeLocation) -> Any:
        value: dict[str, Any] = {}
        alternatives = self._alternatives(data)
        for member in data.members:
            if member.name in alternatives:
                if alternatives[member.name] is not _ABSENT:
                    value[member.name] = alternatives[member.name]
                continue
            self._add_member(value, data, member)
        for variable in data.variables:
            if variable.name not in {member.name for member in data.members}:
                # No object needs a property with a variable name, not even a fixed one.
                with suppress(ValueError):
                    value[variable.name] = self._value(variable.type, (variable.position,))
        return value

    def _add_member(self, value: dict[str, Any], data: DataType, member: Member) -> None:
        """Add the value of a member. An optional member whose value would not end is omitted."""
        is_complete = (data.fixed or data.fixed_type) and not member.optional
        try:
            value[member.name] = self._value(member.type, (member.position,))
        except ValueError:
            if member.required or is_complete:
                raise

    def _alternatives(self, data: DataType) -> dict[str, Any]:
        """Return the values of the members in a One Of, of the first alternative that has some."""
        values: dict[str, Any] = {}
        for choice in data.one_of:
            for alternative in choice:
                for member in alternative:
                    values.setdefault(member.name, _ABSENT)
            values |= self._first_alternative(choice)
        return values

    def _first_alternative(self, choice: tuple[tuple[Member, ...], ...]) -> dict[str, Any]:
        """Return the values of the first alternative whose values end.

        Raises:
            ValueError: There is none.
        """
        for alternative in choice:
            try:
                return {
                    member.name: self._value(member.type, (member.position,))
                    for member in alternative
                }
            except ValueError:
                continue
        raise ValueError("no alternative has a value that ends")

    def _array(self, data: DataType, location: TypeLocation) -> Any:
        values: list[Any] = []
        for index, item in enumerate(data.items):
            try:
                values += self._items(item, (*location, index))
            except ValueError:
                if data.fixed:
                    raise
        return values

    def _items(self, item: DataType, location: TypeLocation) -> list[Any]:
        """Return the values of an item type in an array: all samples, or the first other value.

        A base type without a value has no item.
        """
        if item.kind in ("object", "array"):
            return [self._value(item, location)]
        if item.samples:
            return list(item.samples)
        values = [*self._samples.values_of(item, location), *item.values]
        return values[:1]

    def _enum(self, data: DataType, location: TypeLocation) -> Any:
        values = [*self._samples.values_of(data, location), *data.values]
        if not values:
            return _DEFAULTS[data.items[0].kind if data.items else "string"]
        return values[0]

    def _scalar(self, data: DataType, location: TypeLocation) -> Any:
        values = self._samples.values_of(data, location)
        if not values:
            return _DEFAULTS[data.kind]
        return values[0]


_ABSENT: Any = object()
"""The value of a member of an alternative that an example does not have."""


def _has_no_value(data: DataType, values: list[Any]) -> bool:
    """Return whether a type documents no value and no contents."""
    return not values and not data.members and not data.items and not data.variables


def _shortest(data: DataType) -> Any:
    """Return the value of a reference that is not followed.

    Raises:
        ValueError: The type has no value without its contents.
    """
    if data.nullable:
        return None
    if data.kind == "array":
        return []
    raise ValueError(f"the type {data.name} would not end")


_VALUE_BUILDERS: dict[str, Callable[[_ExampleBuilder, DataType, TypeLocation], Any]] = {
    "object": _ExampleBuilder._object,
    "array": _ExampleBuilder._array,
    "enum": _ExampleBuilder._enum,
    "string": _ExampleBuilder._scalar,
    "number": _ExampleBuilder._scalar,
    "boolean": _ExampleBuilder._scalar,
}
