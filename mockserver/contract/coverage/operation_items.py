"""The items of one operation, and those of the scenarios."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import orjson

from mockserver.contract.coverage.bodies import Place, all_places, read_places
from mockserver.contract.coverage.item import CoverageItem
from mockserver.contract.coverage.positions import member_positions
from mockserver.contract.model import ServedOperation
from mockserver.contract.parameters import MAX_OFFSET, TypedParameter
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.errors import Position

BODY = "body"
"""The word of an id for a whole body."""


class OperationItems:
    """The items of one operation, and the places of its bodies."""

    def __init__(self, served: ServedOperation) -> None:
        self.served = served
        self.id = served.operation.id
        self.request: Place | None = None
        if served.body:
            self.request = read_places(served.body.schema)
        self.responses: dict[int, Place] = {}
        for status, validator in served.validators.items():
            place = read_places(validator.schema)
            if place:
                self.responses[status] = place

    def items(self) -> Iterator[CoverageItem]:
        """Yield all items, in the order of the blueprint."""
        operation = self.served.operation
        yield CoverageItem(self.id, "operation", self.id, operation.name, operation.position)
        for parameter in self.served.parameters:
            yield from self._parameter_items(parameter)
        if self.request:
            positions = member_positions(self.served.api, operation.requests)
            fallback = _first_position(operation.requests, operation.position)
            yield from self._body_items(self.request, "request", positions, fallback)
        for status in operation.statuses:
            yield from self._status_items(status)

    def _parameter_items(self, typed: TypedParameter) -> Iterator[CoverageItem]:
        parameter = typed.parameter
        for word, label in parameter_words(typed):
            yield CoverageItem(
                parameter_id(self.id, typed, word),
                "parameter",
                self.id,
                f"{parameter.name} {label}",
                parameter.position,
            )

    def _status_items(self, status: int) -> Iterator[CoverageItem]:
        operation = self.served.operation
        responses = [transaction.response for transaction in operation.transactions_for(status)]
        position = responses[0].position
        yield CoverageItem(
            status_id(self.id, status), "status", self.id, _status_label(status), position
        )
        body = self.responses.get(status)
        if body:
            positions = member_positions(self.served.api, responses)
            yield from self._body_items(body, str(status), positions, position)

    def _body_items(
        self, body: Place, part: str, positions: Mapping[str, Position], fallback: Position
    ) -> Iterator[CoverageItem]:
        """Yield the items of a body.

        Args:
            body: The body.
            part: Its word in ids: `request`, or the status of a response.
            positions: The positions of its members, by pointer.
            fallback: The position of a member that is not in `positions`.
        """
        is_request = part == "request"
        for place in all_places(body):
            position = positions.get(place.pointer, fallback)
            for word, label in place_words(place, with_lengths=not is_request):
                kind = "response"
                if is_request:
                    kind = "request"
                elif word in place.lengths:
                    kind = "list"
                name = place.pointer or "the body"
                yield CoverageItem(
                    place_id(self.id, part, place, word), kind, self.id, f"{name} {label}", position
                )


def scenario_items(scenarios: Mapping[str, Scenario]) -> Iterator[CoverageItem]:
    """Yield an item for each scenario with a file.

    The scenario of a documented response is the item of its status. A network fault is not part
    of the contract. A progression alone decides no response.
    """
    for name, scenario in scenarios.items():
        if scenario.position is not None and scenario.decides_responses:
            position = Position(scenario.position.file)
            yield CoverageItem(
                scenario_id(name), "scenario", "", scenario.title, position, scenario.operations
            )


def scenario_id(name: str) -> str:
    """Return the id of the item of a scenario."""
    return f"scenario {name}"


def status_id(operation_id: str, status: int) -> str:
    """Return the id of the item of a documented status."""
    return f"{operation_id} {status}"


def parameter_id(operation_id: str, typed: TypedParameter, word: str) -> str:
    """Return the id of an item of a parameter."""
    parameter = typed.parameter
    return f"{operation_id} {parameter.location} {parameter.name} {word}"


def place_id(operation_id: str, part: str, place: Place, word: str) -> str:
    """Return the id of an item of a body. `part` is `request`, or the status of a response."""
    return f"{operation_id} {part} {place.pointer or BODY} {word}"


def value_word(value: Any) -> str:
    """Return the word of an id for a documented value: its JSON."""
    return orjson.dumps(value).decode()


def parameter_words(typed: TypedParameter) -> Iterator[tuple[str, str]]:
    """Yield the words of a parameter's items, each with a label."""
    if not typed.parameter.required:
        yield "absent", "is absent"
    yield "present", "is present"
    for value in parameter_values(typed):
        word = value_word(value)
        yield word, f"is {word}"
    if typed.minimum is not None:
        yield "minimum", f"is at its minimum ({typed.minimum})"
    # The largest number of a record is a limit of JSON. Nobody documents it.
    if typed.maximum is not None and typed.maximum != MAX_OFFSET:
        yield "maximum", f"is at its maximum ({typed.maximum})"


def parameter_values(typed: TypedParameter) -> tuple[Any, ...]:
    """Return the documented values of a parameter, or of its items. A constant is none."""
    parameter = typed.parameter
    kind = typed.type
    if kind == "array":
        kind = parameter.item_type
    values = tuple(dict.fromkeys(parameter.values))
    if kind == "boolean" and not values:
        return (False, True)
    if len(values) < 2:
        return ()
    return values


def place_words(place: Place, *, with_lengths: bool) -> Iterator[tuple[str, str]]:
    """Yield the words of the items of a place, each with a label."""
    if place.has_absent:
        yield "absent", "is absent"
    if place.has_present:
        yield "present", "is present"
    if place.shape.null:
        yield "null", "is null"
    for value in place.values:
        word = value_word(value)
        yield word, f"is {word}"
    if with_lengths:
        for length in place.lengths:
            yield length, _LENGTH_LABELS[length]


_LENGTH_LABELS = {
    "empty": "is empty",
    "one": "has one item",
    "many": "has several items",
}


def _status_label(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _first_position(payloads: Iterable[Any], otherwise: Position) -> Position:
    for payload in payloads:
        position: Position = payload.position
        return position
    return otherwise
