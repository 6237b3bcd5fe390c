"""Example bodies for payloads that show none: made of what their attributes show, else of their schema.

Source: API Blueprint 1A, "Attributes section": a payload without a body has the one that its attributes describe.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from mockserver.spec.description import Api, DataType, Operation, Payload
from mockserver.spec.schemas.instances import schema_instance
from mockserver.spec.schemas.samples import Samples, TypeLocation, location_of

_BLANK = {"string": "", "number": 0, "boolean": False}
"""What a type has of which nothing is shown anywhere."""


def with_examples(api: Api) -> Api:
    """The same API, where each payload of JSON that has attributes or a schema has an example body, too."""
    making = _Making(Samples(api))
    return replace(api, operations=tuple(map(making.operation, api.operations)))


class _Making:
    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def operation(self, operation: Operation) -> Operation:
        transactions = tuple(
            replace(each, request=each.request and self._payload(each.request), response=self._payload(each.response))
            for each in operation.transactions
        )
        return replace(operation, transactions=transactions)

    def _payload(self, payload: Payload) -> Payload:
        if not payload.is_json or payload.body is not None:
            return payload
        try:
            return replace(payload, body=orjson.dumps(self._example(payload)).decode())
        except ValueError:
            return payload

    def _example(self, payload: Payload) -> Any:
        """The value of the attributes; with a schema, one that fits it. Raises `ValueError` where there is none."""
        made = [] if payload.data is None else [self.value(payload.data, location_of(payload))]
        if payload.schema is not None:
            return schema_instance(orjson.loads(payload.schema), made)
        if not made:
            raise ValueError("neither attributes nor a schema")
        return made[0]

    def value(self, data: DataType, place: TypeLocation) -> Any:
        """One value of a documented type."""
        return _MADE[data.kind](self, data, place)

    def _object(self, data: DataType, place: TypeLocation) -> Any:
        # Of each One Of only the first alternative can be there.
        others = {name for choice in data.one_of for names in choice[1:] for name in names}
        others -= {name for choice in data.one_of for name in choice[0]}
        return {each.name: self.value(each.type, (each.position,)) for each in data.members if each.name not in others}

    def _array(self, data: DataType, place: TypeLocation) -> Any:
        return [self.value(each, (*place, index)) for index, each in enumerate(data.items)]

    def _enum(self, data: DataType, place: TypeLocation) -> Any:
        return next(iter([*self._samples.of(data, place), *data.values]), None)

    def _scalar(self, data: DataType, place: TypeLocation) -> Any:
        return next(iter(self._samples.of(data, place)), _BLANK[data.kind])


_MADE: dict[str, Callable[[_Making, DataType, TypeLocation], Any]] = {
    "object": _Making._object,
    "array": _Making._array,
    "enum": _Making._enum,
    "string": _Making._scalar,
    "number": _Making._scalar,
    "boolean": _Making._scalar,
}
