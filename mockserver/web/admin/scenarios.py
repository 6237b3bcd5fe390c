"""Control operations on scenarios.

WireMock's clients see a scenario as a machine of two states: `on` and `off`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract import scenarios
from mockserver.contract.model import Contract
from mockserver.contract.scenarios.definition import SCHEMA, Wrong
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.errors import UnknownScenario, Violation
from mockserver.formats.json_schema import Validator
from mockserver.sandbox.snapshot import World
from mockserver.web.admin.call import Call, Json, refuse
from mockserver.web.admin.schemas import BOOLEAN, COUNT, EMPTY, TEXT, TEXTS, a_list, an_object, or_null

STATES = {True: "on", False: "off"}
_STATE = {"enum": list(STATES.values())}
_OWN = {"name": TEXT, "title": TEXT, "operations": TEXTS, "on": BOOLEAN, "file": or_null(TEXT)}
_WHAT = {name: schema for name, schema in SCHEMA["properties"].items() if name not in _OWN}
_WHILE_ON = {"overrides": scenarios.OVERRIDES, "matched": COUNT, "spoken": COUNT, "left": COUNT}
SHOWN = an_object({**_WHAT, **_WHILE_ON}, **_OWN)
_MACHINE = {"id": TEXT, "state": _STATE, "possibleStates": a_list(_STATE), "mappings": EMPTY}
LISTED = an_object(scenarios=a_list(an_object({**_WHAT, **_WHILE_ON}, **_OWN, **_MACHINE)))
RESET = an_object(sandbox=TEXT, scenarios=TEXTS)
OVERRIDES = Validator(scenarios.OVERRIDES)
"""The body of `switch_on`."""
PUT_STATE = Validator(an_object({"state": _STATE}))
"""The body of `put_state`: without a state the scenario is as it was at the start."""


def every(call: Call) -> Json:
    """All of them: name, title, what each does, and whether it is on; and in WireMock's words."""
    world = call.server.sandboxes.open(call.sandbox)
    told = [_told(scenario, world) for scenario in call.server.contract.scenarios.values()]
    return {"scenarios": [{**each, **_as_states(each)} for each in told]}


def one(call: Call, name: str) -> Json:
    """One of them. Raises `UnknownScenario`."""
    return _told(_known(call, name), call.server.sandboxes.open(call.sandbox))


def switch_on(call: Call, name: str) -> Json:
    """Switch on, from its beginning where it is on; the body says what is another than in its definition.

    Done when it is answered. Raises `UnknownScenario`, and `ControlRequestInvalid` for overrides that cannot be meant.
    """
    scenario = _known(call, name)
    refuse(wrong_overrides(call.server.contract, scenario, call.body))
    call.server.sandboxes.switch_on(call.sandbox, name, dict(call.body))
    return one(call, name)


def switch_off(call: Call, name: str) -> Json:
    """Done when it is answered. Raises `UnknownScenario`."""
    call.server.sandboxes.switch_off(call.sandbox, name)
    return one(call, name)


def put_state(call: Call, name: str) -> Json:
    """Switch it to `state`, or to what it was at the start. Raises `UnknownScenario`."""
    at_start = STATES[name in call.server.settings.scenarios]
    if call.body.get("state", at_start) == "on":
        call.server.sandboxes.switch_on(call.sandbox, name)
    else:
        call.server.sandboxes.switch_off(call.sandbox, name)
    return one(call, name)


def reset(call: Call) -> Json:
    """All of them as they were at the start; records, clock and journal stay."""
    on = call.server.settings.scenarios
    call.server.sandboxes.switch_all(call.sandbox, on)
    return {"sandbox": call.sandbox, "scenarios": list(on)}


def _known(call: Call, name: str) -> Scenario:
    scenario = call.server.contract.scenarios.get(name)
    if scenario is None:
        raise UnknownScenario(f"there is no scenario {name}", {"scenarios": sorted(call.server.contract.scenarios)})
    return scenario


def wrong_overrides(contract: Contract, scenario: Scenario, overrides: Mapping[str, Any]) -> list[Violation]:
    """What the definition would have that cannot be meant, were it to say what these overrides say."""
    if not overrides:
        return []
    # One for all APIs may name the operations of each.
    of = [api for api in contract.apis if scenario.api in ("", api.id)]
    whole = replace(of[0], operations=tuple(each for api in of for each in api.operations))
    return [_violation(wrong) for wrong in scenarios.judged({**scenario.definition, **overrides}, whole, None)]


def _violation(wrong: Wrong) -> Violation:
    actual, _, expected = wrong.message.partition("; expected ")
    return Violation("".join(f"/{step}" for step in wrong.pointer), expected, actual)


def _told(scenario: Scenario, world: World) -> Json:
    on = next((each for each in world.scenarios if each.scenario.name == scenario.name), None)
    told = {
        "name": scenario.name,
        **scenario.definition,
        "on": on is not None,
        "file": scenario.at.file if scenario.at else None,
    }
    if on is None:
        return told
    left = {} if on.scenario.times is None else {"left": on.scenario.times - on.switched.spoken}
    return {**told, "overrides": on.switched.overrides, "matched": on.switched.matched, "spoken": on.switched.spoken, **left}


def _as_states(told: Json) -> Json:
    return {"id": told["name"], "state": STATES[told["on"]], "possibleStates": list(STATES.values()), "mappings": []}
