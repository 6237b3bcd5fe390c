"""The definition of a scenario: its schema, and the scenario built from it.

A definition comes from a YAML file, or from a file and the overrides with which the scenario was
switched on.
"""

from collections.abc import Mapping
from typing import Any

from mockserver.contract.lifecycles.progression import PROGRESSIONS
from mockserver.contract.scenarios.faults import FAULTS
from mockserver.contract.scenarios.list_lengths import DATA_NAMES, MAX_COUNT
from mockserver.contract.scenarios.scenario import RequestMatcher, ResponseOverride, Scenario
from mockserver.contract.scenarios.undocumented import (
    RESPONSE,
    TEXT,
    build_undocumented,
    text_of_value,
)
from mockserver.errors import Position
from mockserver.formats.json_schema import MAPPING, NAME, closed_object

_TEXTS = {"type": "object", "additionalProperties": TEXT, "minProperties": 1}
_SECONDS = {"type": "number", "minimum": 0, "maximum": 600}
# If two types are valid, each keyword applies to one of them. `anyOf` would give unclear errors.
_RESPONSE: dict[str, Any] = {
    "status": {"type": "integer", "minimum": 100, "maximum": 599},
    "example": NAME,
    "data": {
        "type": ["string", "object"],
        "required": ["count"],
        "properties": {"count": {"type": "integer", "minimum": 0, "maximum": MAX_COUNT}},
        "additionalProperties": False,
        "if": {"type": "string"},
        "then": {"enum": list(DATA_NAMES)},
    },
    "delay": {
        **_SECONDS,
        "type": ["number", "object"],
        "required": ["from", "to"],
        "properties": {"from": _SECONDS, "to": _SECONDS},
        "additionalProperties": False,
    },
    "fault": {"enum": list(FAULTS)},
    "response": RESPONSE,
}
_WHEN: dict[str, Any] = {
    "operations": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    "match": closed_object([], path=_TEXTS, query=_TEXTS, headers=_TEXTS),
    "times": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
    "after": {"type": "integer", "minimum": 0, "maximum": 1_000_000},
    "every": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
    "repeat": {"type": "boolean"},
    "probability": {"type": "number", "minimum": 0, "maximum": 1},
    "seed": {"type": "integer", "minimum": 0, "maximum": 1 << 53},
    "until": {"type": ["number", "string"], "minimum": 0, "maximum": 1e9},
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["title", "operations"],
    "properties": {
        "title": NAME,
        **_WHEN,
        **_RESPONSE,
        "records": {"type": "object", "minProperties": 1, "additionalProperties": MAPPING},
        "token_features": {"type": ["array", "string"], "items": {"type": "string"}},
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
"""The keys that change something. A scenario needs at least one of them."""
_COPIED = (
    "progression",
    "repeat",
    "times",
    "after",
    "every",
    "probability",
    "seed",
    "until",
    "breaks_contract",
)
"""The keys whose values are those of the scenario, without conversion."""


def build_scenario(
    name: str, api: str, value: Mapping[str, Any], position: Position | None = None
) -> Scenario:
    """Build the scenario of a definition without errors.

    Args:
        name: The scenario's name.
        api: Id of the API; empty for a scenario of all APIs.
        value: A definition that is valid by `SCHEMA` and has no `definition_errors`.
        position: The position of `records` in the file; `None` without a file.
    """
    token_features = value.get("token_features")
    if isinstance(token_features, list):
        token_features = tuple(token_features)
    steps = map(step_members, value.get("sequence", ()))
    return Scenario(
        name,
        value["title"],
        api,
        tuple(value["operations"]),
        response=_response(value),
        match=_matcher(value.get("match", {})),
        records=value.get("records", {}),
        token_features=token_features,
        sequence=tuple(map(_response, steps)),
        definition=value,
        position=position,
        **{key: value[key] for key in _COPIED if key in value},
    )


def _response(value: Mapping[str, Any]) -> ResponseOverride:
    delay = value.get("delay")
    if isinstance(delay, dict):
        delay = (delay["from"], delay["to"])
    elif delay is not None:
        delay = (delay, delay)
    data = value.get("data")
    if isinstance(data, dict):
        data = data["count"]
    undocumented = None
    if "response" in value:
        undocumented = build_undocumented(value["response"])
    return ResponseOverride(
        value.get("status"), value.get("example"), data, delay, value.get("fault"), undocumented
    )


def step_members(step: Any) -> Mapping[str, Any]:
    """Return the keys of a step of a sequence. A number is its status."""
    if isinstance(step, int):
        return {"status": step}
    return step  # type: ignore[no-any-return]


def _matcher(value: Mapping[str, Any]) -> RequestMatcher:
    headers = _texts(value.get("headers", {}))
    return RequestMatcher(
        path=_texts(value.get("path", {})),
        query=_texts(value.get("query", {})),
        headers={name.lower(): text for name, text in headers.items()},
    )


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: text_of_value(value) for name, value in values.items()}
