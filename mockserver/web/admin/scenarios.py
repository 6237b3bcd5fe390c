"""Control operations on scenarios.

WireMock's clients see a scenario as a machine of two states: `on` and `off`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract import scenarios
from mockserver.contract.model import Contract
from mockserver.contract.scenarios.definition import SCHEMA, DefinitionError
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.errors import UnknownScenario, Violation
from mockserver.formats.json_pointer import to_pointer
from mockserver.formats.json_schema import Validator
from mockserver.sandbox.snapshot import Snapshot
from mockserver.web.admin.call import AdminCall, Json, raise_invalid
from mockserver.web.admin.schemas import BOOLEAN, COUNT, EMPTY, TEXT, TEXTS, array_of, nullable, object_of

STATES = {True: "on", False: "off"}
_STATE = {"enum": list(STATES.values())}
_OWN = {"name": TEXT, "title": TEXT, "operations": TEXTS, "on": BOOLEAN, "file": nullable(TEXT)}
_WHAT = {name: schema for name, schema in SCHEMA["properties"].items() if name not in _OWN}
_WHILE_ON = {"overrides": scenarios.OVERRIDES, "matched": COUNT, "spoken": COUNT, "left": COUNT}
SCENARIO = object_of({**_WHAT, **_WHILE_ON}, **_OWN)
_MACHINE = {"id": TEXT, "state": _STATE, "possibleStates": array_of(_STATE), "mappings": EMPTY}
LISTED = object_of(scenarios=array_of(object_of({**_WHAT, **_WHILE_ON}, **_OWN, **_MACHINE)))
RESET = object_of(sandbox=TEXT, scenarios=TEXTS)
OVERRIDES = Validator(scenarios.OVERRIDES)
"""The body of `switch_on`."""
STATE_REQUEST = Validator(object_of({"state": _STATE}))
"""The body of `put_state`: without a state the scenario is as it was at the start."""


def list_scenarios(call: AdminCall) -> Json:
    """All of them: name, title, what each does, and whether it is on; and in WireMock's words."""
    world = call.server.sandboxes.snapshot(call.sandbox)
    told = [scenario_json(scenario, world) for scenario in call.server.contract.scenarios.values()]
    return {"scenarios": [{**each, **_as_states(each)} for each in told]}


def get_scenario(call: AdminCall, name: str) -> Json:
    """One of them. Raises `UnknownScenario`."""
    return scenario_json(_require(call, name), call.server.sandboxes.snapshot(call.sandbox))


def switch_on(call: AdminCall, name: str) -> Json:
    """Switch on, from its beginning where it is on; the body says what is another than in its definition.

    Done when it is answered. Raises `UnknownScenario`, and `ControlRequestInvalid` for overrides that cannot be meant.
    """
    scenario = _require(call, name)
    raise_invalid(wrong_overrides(call.server.contract, scenario, call.body))
    call.server.sandboxes.switch_on(call.sandbox, name, dict(call.body))
    return get_scenario(call, name)


def switch_off(call: AdminCall, name: str) -> Json:
    """Done when it is answered. Raises `UnknownScenario`."""
    call.server.sandboxes.switch_off(call.sandbox, name)
    return get_scenario(call, name)


def put_state(call: AdminCall, name: str) -> Json:
    """Switch it to `state`, or to what it was at the start. Raises `UnknownScenario`."""
    at_start = STATES[name in call.server.settings.scenarios]
    if call.body.get("state", at_start) == "on":
        call.server.sandboxes.switch_on(call.sandbox, name)
    else:
        call.server.sandboxes.switch_off(call.sandbox, name)
    return get_scenario(call, name)


def reset(call: AdminCall) -> Json:
    """All of them as they were at the start; records, clock and journal stay."""
    on = call.server.settings.scenarios
    call.server.sandboxes.set_scenarios(call.sandbox, on)
    return {"sandbox": call.sandbox, "scenarios": list(on)}


def _require(call: AdminCall, name: str) -> Scenario:
    scenario = call.server.contract.scenarios.get(name)
    if scenario is None:
        raise UnknownScenario(f"unknown scenario {name}", {"scenarios": sorted(call.server.contract.scenarios)})
    return scenario


def wrong_overrides(contract: Contract, scenario: Scenario, overrides: Mapping[str, Any]) -> list[Violation]:
    """What the definition would have that cannot be meant, were it to say what these overrides say."""
    if not overrides:
        return []
    # One for all APIs may name the operations of each.
    of = [api for api in contract.apis if scenario.api in ("", api.id)]
    whole = replace(of[0], operations=tuple(each for api in of for each in api.operations))
    return [_violation(wrong) for wrong in scenarios.definition_errors({**scenario.definition, **overrides}, whole, None)]


def _violation(wrong: DefinitionError) -> Violation:
    actual, _, expected = wrong.message.partition("; expected ")
    return Violation(to_pointer(wrong.pointer), expected, actual)


def scenario_json(scenario: Scenario, world: Snapshot) -> Json:
    """The JSON of a scenario, as it is at this moment."""
    on = next((each for each in world.scenarios if each.scenario.name == scenario.name), None)
    told = {
        "name": scenario.name,
        **scenario.definition,
        "on": on is not None,
        "file": scenario.position.file if scenario.position else None,
    }
    if on is None:
        return told
    left = {} if on.scenario.times is None else {"left": on.scenario.times - on.activation.times_applied}
    return {
        **told,
        "overrides": on.activation.overrides,
        "matched": on.activation.matched_requests,
        "spoken": on.activation.times_applied,
        **left,
    }


def _as_states(told: Json) -> Json:
    return {"id": told["name"], "state": STATES[told["on"]], "possibleStates": list(STATES.values()), "mappings": []}
