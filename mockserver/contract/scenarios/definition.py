"""The definition of a scenario: its schema, the errors that a schema cannot find, and the scenario built from it.

A definition comes from a YAML file, or from a file and the overrides with which the scenario was switched on.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.contract.lifecycles.progression import PROGRESSIONS
from mockserver.contract.parameters import TypedParameter, typed_parameters
from mockserver.contract.scenarios.data_variants import VARIANTS
from mockserver.contract.scenarios.faults import FAULTS
from mockserver.contract.scenarios.scenario import RequestMatcher, ResponseOverride, Scenario
from mockserver.contract.timestamps import is_timestamp
from mockserver.contract.tokens import EXPIRED, features
from mockserver.errors import Position
from mockserver.formats.json_schema import MAPPING, NAME
from mockserver.formats.strict_yaml import Pointer
from mockserver.spec.description import Api, Operation

_TEXT = {"type": ["string", "number", "boolean"]}
_SECONDS = {"type": "number", "minimum": 0, "maximum": 600}
_TIMESTAMP = "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"
# Where two types are valid, each keyword applies to its own type. The errors are clearer than those of `anyOf`.
_RESPONSE: dict[str, Any] = {
    "status": {"type": "integer", "minimum": 100, "maximum": 599},
    "example": NAME,
    "data": {"enum": list(VARIANTS)},
    "delay": {
        **_SECONDS,
        "type": ["number", "object"],
        "required": ["from", "to"],
        "properties": {"from": _SECONDS, "to": _SECONDS},
        "additionalProperties": False,
    },
    "fault": {"enum": list(FAULTS)},
}
_WHEN: dict[str, Any] = {
    "operations": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    "match": {
        "type": "object",
        "properties": {
            location: {"type": "object", "additionalProperties": _TEXT, "minProperties": 1}
            for location in ("path", "query", "headers")
        },
        "additionalProperties": False,
    },
    "times": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
    "after": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
    "probability": {"type": "number", "minimum": 0, "maximum": 1},
    "seed": {"type": "integer", "minimum": 0, "maximum": 1 << 53},
    "until": {"type": ["number", "string"], "minimum": 0, "maximum": 1e9, "pattern": _TIMESTAMP},
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["title", "operations"],
    "properties": {
        "title": NAME,
        **_WHEN,
        **_RESPONSE,
        "records": {"type": "object", "minProperties": 1, "additionalProperties": MAPPING},
        "token_features": {
            "type": ["array", "string"],
            "items": {"type": "string"},
            "pattern": f"^{EXPIRED}$",
        },
        "progression": {"enum": list(PROGRESSIONS)},
        "sequence": {
            "type": "array",
            "minItems": 2,
            "items": {
                **_RESPONSE["status"],
                "type": ["integer", "object"],
                "properties": _RESPONSE,
                "minProperties": 1,
                "additionalProperties": False,
            },
        },
        "breaks_contract": {"const": True},
    },
    "additionalProperties": False,
}
"""A definition."""
OVERRIDES: dict[str, Any] = {
    "type": "object",
    "properties": {**_WHEN, "delay": _RESPONSE["delay"]},
    "additionalProperties": False,
}
"""The keys of a definition that can be overridden when the scenario is switched on."""
CHANGES = (*_RESPONSE, "records", "token_features", "progression", "sequence")
"""The keys of which a scenario needs at least one."""
_EXCLUSIVE = {
    "records": ("after", "probability", "sequence"),
    "progression": ("times", "after", "probability", "sequence", "until", "match"),
    "sequence": tuple(_RESPONSE),
}
"""Key to the keys that it cannot be combined with: the records must not differ from one request to the next."""


class DefinitionError(NamedTuple):
    """An error in a definition that its schema cannot find."""

    pointer: Pointer
    message: str
    of_key: bool = False
    """Whether the key is wrong, and not its value."""


def definition_errors(
    value: Mapping[str, Any], api: Api, collections: Mapping[str, Any] | None
) -> Iterator[DefinitionError]:
    """Yield every error in a definition that fits `SCHEMA`.

    Args:
        value: The definition.
        api: The API whose operations and features it may name.
        collections: The collections that `records` may name; `None` to skip this check.
    """
    yield from _combination_errors(value)
    yield from _operation_errors(value, api)
    for pointer, response in _responses(value):
        yield from _response_errors(pointer, response, value, api)
    yield from _match_errors(value, api)
    if "records" in value:
        yield from _record_errors(value, collections)
    until = value.get("until")
    if isinstance(until, str) and not is_timestamp(until):
        yield DefinitionError(
            ("until",), f"invalid timestamp '{until}'; expected YYYY-MM-DD HH:MM:SS"
        )
    yield from _feature_errors(value, api)


def _combination_errors(value: Mapping[str, Any]) -> Iterator[DefinitionError]:
    if not any(name in value for name in CHANGES):
        yield DefinitionError(
            (), f"the scenario changes nothing; expected one of {', '.join(CHANGES)}"
        )
    for name, others in _EXCLUSIVE.items():
        for other in others:
            if name in value and other in value:
                message = f"'{name}' and '{other}' cannot be combined; expected only one of them"
                yield DefinitionError((other,), message, of_key=True)


def _operation_errors(value: Mapping[str, Any], api: Api) -> Iterator[DefinitionError]:
    ids = [operation.id for operation in api.operations]
    for index, operation_id in enumerate(value["operations"]):
        if operation_id not in ids:
            message = f"unknown operation '{operation_id}'; expected one of {', '.join(ids)}"
            yield DefinitionError(("operations", index), message)


def _responses(value: Mapping[str, Any]) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    """Yield the pointer and the keys of each response: the definition itself, then the steps of its sequence."""
    yield (), value
    for index, step in enumerate(value.get("sequence", ())):
        pointer: Pointer = ("sequence", index)
        yield pointer, _step(step)


def _step(step: Any) -> Mapping[str, Any]:
    return {"status": step} if isinstance(step, int) else step


def _response_errors(
    pointer: Pointer, response: Mapping[str, Any], value: Mapping[str, Any], api: Api
) -> Iterator[DefinitionError]:
    status, example = response.get("status"), response.get("example")
    # A step of a sequence may be the status itself.
    status_pointer = (
        pointer
        if pointer and isinstance(value["sequence"][pointer[-1]], int)
        else (*pointer, "status")
    )
    for operation in _operations(value, api):
        if status is not None and status not in operation.statuses:
            documented = ", ".join(map(str, operation.statuses))
            message = (
                f"'{operation.id}' does not document status {status}; expected one of {documented}"
            )
            yield DefinitionError(status_pointer, message)
        if example is not None and example not in operation.examples:
            names = ", ".join(operation.examples)
            expected = f"one of {names}" if names else "none, because it has no named examples"
            message = f"'{operation.id}' has no example '{example}'; expected {expected}"
            yield DefinitionError((*pointer, "example"), message)
    delay = response.get("delay")
    if isinstance(delay, dict) and delay["from"] > delay["to"]:
        yield DefinitionError(
            (*pointer, "delay", "to"),
            f"'to' is less than 'from'; expected at least {delay['from']}",
        )
    if "fault" in response and "breaks_contract" not in value:
        message = "a fault breaks the contract; expected `breaks_contract: true` in the scenario"
        yield DefinitionError((*pointer, "fault"), message)


def _operations(value: Mapping[str, Any], api: Api) -> list[Operation]:
    return [operation for operation in api.operations if operation.id in value["operations"]]


def _match_errors(value: Mapping[str, Any], api: Api) -> Iterator[DefinitionError]:
    """Yield an error for each variable that no valid request to the operations can have."""
    operations = _operations(value, api)
    if not operations:
        return
    parameters: list[TypedParameter] = []
    for operation in operations:
        parameters += typed_parameters(operation.parameters, paged=False)
    for location in ("path", "query"):
        at_location = [each for each in parameters if each.parameter.location == location]
        for name, required in value.get("match", {}).get(location, {}).items():
            candidates = [each for each in at_location if each.parameter.name == name]
            pointer = ("match", location, name)
            if not candidates:
                names = dict.fromkeys(each.parameter.name for each in at_location)
                expected = f"one of {', '.join(names)}" if names else "none, because they have none"
                message = (
                    f"the operations have no {location} variable '{name}'; expected {expected}"
                )
                yield DefinitionError(pointer, message, of_key=True)
            elif not any(_is_valid(candidate, _text(required)) for candidate in candidates):
                message = f"no request can have the {name} '{_text(required)}'; expected {candidates[0].expected}"
                yield DefinitionError(pointer, message)


def _is_valid(parameter: TypedParameter, text: str) -> bool:
    try:
        parameter.parse([text])
    except ValueError:
        return False
    return True


def _record_errors(
    value: Mapping[str, Any], collections: Mapping[str, Any] | None
) -> Iterator[DefinitionError]:
    for location in ("query", "headers"):
        if location in value.get("match", {}):
            message = f"'records' applies to every request; expected only 'path' in 'match', got '{location}'"
            yield DefinitionError(("match", location), message, of_key=True)
    for name in value["records"]:
        if collections is not None and name not in collections:
            message = f"unknown collection '{name}'; expected one of {', '.join(collections)}"
            yield DefinitionError(("records", name), message, of_key=True)


def _feature_errors(value: Mapping[str, Any], api: Api) -> Iterator[DefinitionError]:
    token_features = value.get("token_features")
    if not isinstance(token_features, list):
        return
    documented = features((api,))
    for index, feature in enumerate(token_features):
        if feature not in documented:
            message = f"unknown feature '{feature}'; expected one of {', '.join(documented)}"
            yield DefinitionError(("token_features", index), message)


def build_scenario(
    name: str, api: str, value: Mapping[str, Any], position: Position | None = None
) -> Scenario:
    """Build the scenario of a definition without errors.

    Args:
        name: The scenario's name.
        api: Id of the API; empty for a scenario of all APIs.
        value: The definition. It fits `SCHEMA` and has no `definition_errors`.
        position: Where the file sets `records`; `None` without a file.
    """
    token_features = value.get("token_features")
    if isinstance(token_features, list):
        token_features = tuple(token_features)
    same = ("progression", "times", "after", "probability", "seed", "until", "breaks_contract")
    return Scenario(
        name,
        value["title"],
        api,
        tuple(value["operations"]),
        response=_response(value),
        match=_matcher(value.get("match", {})),
        records=value.get("records", {}),
        token_features=token_features,
        sequence=tuple(_response(_step(step)) for step in value.get("sequence", ())),
        definition=value,
        position=position,
        **{key: value[key] for key in same if key in value},
    )


def _response(value: Mapping[str, Any]) -> ResponseOverride:
    delay = value.get("delay")
    if isinstance(delay, dict):
        delay = (delay["from"], delay["to"])
    elif delay is not None:
        delay = (delay, delay)
    return ResponseOverride(
        value.get("status"), value.get("example"), value.get("data"), delay, value.get("fault")
    )


def _matcher(value: Mapping[str, Any]) -> RequestMatcher:
    path = {name: _text(required) for name, required in value.get("path", {}).items()}
    query = {name: _text(required) for name, required in value.get("query", {}).items()}
    headers = {name.lower(): _text(required) for name, required in value.get("headers", {}).items()}
    return RequestMatcher(path, query, headers)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
