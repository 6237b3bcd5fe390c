"""The language of scenarios: which members a definition has, what they may say, and what is made of it.

One definition may come from a YAML file, or from a file and the overrides of whoever switched it on.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mockserver.contract.lifecycles.progression import PROGRESSIONS
from mockserver.contract.parameters import TypedParameter, typed_parameters
from mockserver.contract.scenarios.data_variants import VARIANTS
from mockserver.contract.scenarios.faults import FAULTS
from mockserver.contract.scenarios.scenario import RequestMatcher, ResponseOverride, Scenario
from mockserver.contract.timestamps import is_timestamp
from mockserver.contract.tokens import EXPIRED
from mockserver.errors import Position
from mockserver.formats.json_schema import MAPPING, NAME
from mockserver.formats.strict_yaml import Pointer
from mockserver.spec.description import Api

_TEXT = {"type": ["string", "number", "boolean"]}
_SECONDS = {"type": "number", "minimum": 0, "maximum": 600}
_TIMESTAMP = "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"
# Where two types will do, each keyword means the type that it is for: that words faults better than `anyOf`.
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
_HOW_OFTEN: dict[str, Any] = {
    "operations": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    "match": {
        "type": "object",
        "properties": {
            place: {"type": "object", "additionalProperties": _TEXT, "minProperties": 1} for place in ("path", "query", "headers")
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
        **_HOW_OFTEN,
        **_RESPONSE,
        "cause": {"type": "object", "minProperties": 1, "additionalProperties": MAPPING},
        "rights": {"type": ["array", "string"], "items": {"type": "string"}, "pattern": f"^{EXPIRED}$"},
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
    "properties": {**_HOW_OFTEN, "delay": _RESPONSE["delay"]},
    "additionalProperties": False,
}
"""What of a definition who switches it on may say in place of it."""
WHAT = (*_RESPONSE, "cause", "rights", "progression", "sequence")
"""The members of which a scenario has to have one."""
_ALONE = {
    "cause": ("after", "probability", "sequence"),
    "progression": ("times", "after", "probability", "sequence", "until", "match"),
    "sequence": tuple(_RESPONSE),
}
"""A member to those that cannot stand beside it: the world would be another from one request to the next."""


class DefinitionError(NamedTuple):
    """Something in a definition that cannot be meant."""

    pointer: Pointer
    message: str
    of_key: bool = False
    """Whether it is the key that is wrong, and not what it holds."""


def definition_errors(value: Mapping[str, Any], api: Api, collections: Mapping[str, Any] | None) -> Iterator[DefinitionError]:
    """Everything in a definition that fits `SCHEMA` and still cannot be meant.

    Without `collections` causes are not judged.
    """
    if not any(name in value for name in WHAT):
        yield DefinitionError((), f"the scenario changes nothing; expected one of {', '.join(WHAT)}")
    for name, others in _ALONE.items():
        for other in others if name in value else ():
            if other in value:
                yield DefinitionError((other,), f"{name} and {other} cannot stand together; expected one of them", True)
    known = {operation.id: operation for operation in api.operations}
    for index, name in enumerate(value["operations"]):
        if name not in known:
            yield DefinitionError(("operations", index), f"unknown operation {name}; expected one of {', '.join(known)}")
    for pointer, step in _steps(value):
        yield from _response_errors(pointer, step, value, api)
    yield from _match_errors(value, api)
    for place in ("query", "headers") if "cause" in value else ():
        if place in value.get("match", {}):
            yield DefinitionError(("match", place), f"a cause is there whatever is asked; expected path alone, got {place}", True)
    if isinstance(value.get("until"), str) and not is_timestamp(value["until"]):
        yield DefinitionError(("until",), f"no moment {value['until']}; expected a stamp, YYYY-MM-DD HH:MM:SS")
    for name in value.get("cause", {}):
        if collections is not None and name not in collections:
            yield DefinitionError(("cause", name), f"unknown collection {name}; expected one of {', '.join(collections)}", True)
    features = sorted({feature for operation in api.operations for feature in operation.required_features})
    for index, feature in enumerate(value["rights"] if isinstance(value.get("rights"), list) else ()):
        if feature not in features:
            yield DefinitionError(("rights", index), f"unknown feature {feature}; expected one of {', '.join(features)}")


def _steps(value: Mapping[str, Any]) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    yield (), value
    for index, step in enumerate(value.get("sequence", ())):
        pointer: Pointer = ("sequence", index)
        yield pointer, {"status": step} if isinstance(step, int) else step


def _response_errors(at: Pointer, doing: Mapping[str, Any], value: Mapping[str, Any], api: Api) -> Iterator[DefinitionError]:
    of = [operation for operation in api.operations if operation.id in value["operations"]]
    place = (*at, "status") if doing.get("status") is not None and "sequence" not in at else at or ("status",)
    for operation in of:
        if "status" in doing and doing["status"] not in operation.statuses:
            documented = ", ".join(map(str, operation.statuses))
            yield DefinitionError(place, f"{operation.id} documents no status {doing['status']}; expected one of {documented}")
        if "example" in doing and doing["example"] not in operation.examples:
            named = ", ".join(operation.examples) or "none, since it names none"
            yield DefinitionError((*at, "example"), f"{operation.id} has no example {doing['example']}; expected one of {named}")
    if isinstance(doing.get("delay"), dict) and doing["delay"]["from"] > doing["delay"]["to"]:
        yield DefinitionError((*at, "delay", "to"), f"less than `from`; expected at least {doing['delay']['from']}")
    if "fault" in doing and "breaks_contract" not in value:
        yield DefinitionError((*at, "fault"), "a fault breaks the contract; expected `breaks_contract: true` beside it")


def _match_errors(value: Mapping[str, Any], api: Api) -> Iterator[DefinitionError]:
    """What no request that the contract lets in will ever match."""
    of = [operation for operation in api.operations if operation.id in value["operations"]]
    every = [check for operation in of for check in typed_parameters(operation.parameters, paged=False)]
    for place in ("path", "query"):
        known = dict.fromkeys(check.parameter.name for check in every if check.parameter.location == place)
        for name, wanted in value.get("match", {}).get(place, {}).items():
            meant = [check for check in every if (check.parameter.location, check.parameter.name) == (place, name)]
            if meant and not any(_reads(check, _text(wanted)) for check in meant):
                yield DefinitionError(("match", place, name), f"{name} is never {_text(wanted)}; expected {meant[0].expected}")
            elif of and not meant:
                expected = f"one of {', '.join(known)}" if known else "none, since they have none"
                yield DefinitionError(
                    ("match", place, name), f"the operations have no {place} variable {name}; expected {expected}", True
                )


def _reads(check: TypedParameter, text: str) -> bool:
    try:
        check.parse([text])
    except ValueError:
        return False
    return True


def build_scenario(name: str, api: str, value: Mapping[str, Any], at: Position | None = None) -> Scenario:
    """The scenario of a definition that `SCHEMA` and `judged` found right."""
    rights = value.get("rights")
    same = ("progression", "times", "after", "probability", "seed", "until", "breaks_contract")
    return Scenario(
        name,
        value["title"],
        api,
        tuple(value["operations"]),
        response=_response(value),
        match=_matching(value.get("match", {})),
        records=value.get("cause", {}),
        token_features=tuple(rights) if isinstance(rights, list) else rights,
        sequence=tuple(_response({"status": step} if isinstance(step, int) else step) for step in value.get("sequence", ())),
        definition=value,
        position=at,
        **{key: value[key] for key in same if key in value},
    )


def _response(value: Mapping[str, Any]) -> ResponseOverride:
    delay = value.get("delay")
    span = (delay["from"], delay["to"]) if isinstance(delay, dict) else (delay, delay) if delay is not None else None
    return ResponseOverride(value.get("status"), value.get("example"), value.get("data"), span, value.get("fault"))


def _matching(value: Mapping[str, Any]) -> RequestMatcher:
    texts = {place: {name: _text(wanted) for name, wanted in value.get(place, {}).items()} for place in ("path", "query")}
    headers = {name.lower(): _text(wanted) for name, wanted in value.get("headers", {}).items()}
    return RequestMatcher(texts["path"], texts["query"], headers)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
