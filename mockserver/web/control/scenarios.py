"""Control operations on scenarios.

WireMock's clients see a scenario as a machine of two states: `on` and `off`.
"""

from collections.abc import Iterable
from dataclasses import replace

from mockserver.contract import Contract
from mockserver.errors import UnknownScenario
from mockserver.json_schema import Validator
from mockserver.sandbox import World
from mockserver.scenarios import Scenario
from mockserver.stores import State
from mockserver.web.control.call import Call, Json
from mockserver.web.control.shapes import (
    ANYTHING,
    BOOLEAN,
    EMPTY,
    INTEGER,
    NUMBER,
    TEXT,
    TEXTS,
    a_list,
    a_map,
    an_object,
    or_null,
)

STATES = {True: "on", False: "off"}
_OWN = {"name": TEXT, "title": TEXT, "operations": TEXTS, "on": BOOLEAN, "file": or_null(TEXT)}
_WHAT = {"status": INTEGER, "cause": a_map(a_map(ANYTHING)), "data": TEXT, "delay": NUMBER}
_STATE = {"enum": list(STATES.values())}
SHOWN = an_object(_WHAT, **_OWN)
LISTED = an_object(
    scenarios=a_list(an_object(_WHAT, **_OWN, id=TEXT, state=_STATE, possibleStates=a_list(_STATE), mappings=EMPTY))
)
RESET = an_object(sandbox=TEXT, scenarios=TEXTS)
OVERRIDES = Validator(an_object())
"""The body of `switch_on`: a scenario takes no overrides."""
PUT_STATE = Validator(an_object({"state": _STATE}))
"""The body of `put_state`: without a state the scenario is as it was at the start."""


def every(call: Call) -> Json:
    """All of them, by name, title, operations, and on or off; and in WireMock's words."""
    world = call.server.sandboxes.open(call.sandbox)
    told = [_told(scenario, world) for scenario in call.server.contract.scenarios.values()]
    return {"scenarios": [{**each, **_as_states(each)} for each in told]}


def one(call: Call, name: str) -> Json:
    """One of them. Raises `UnknownScenario`."""
    scenario = call.server.contract.scenarios.get(name)
    if scenario is None:
        raise UnknownScenario(f"there is no scenario {name}", {"scenarios": sorted(call.server.contract.scenarios)})
    return _told(scenario, call.server.sandboxes.open(call.sandbox))


def switch_on(call: Call, name: str) -> Json:
    """Done when it is answered. Raises `UnknownScenario`."""
    call.server.sandboxes.switch_on(call.sandbox, name)
    return one(call, name)


def switch_off(call: Call, name: str) -> Json:
    """Done when it is answered. Raises `UnknownScenario`."""
    call.server.sandboxes.switch_off(call.sandbox, name)
    return one(call, name)


def put_state(call: Call, name: str) -> Json:
    """Switch it to `state`, or to what it was at the start. Raises `UnknownScenario`."""
    at_start = STATES[name in call.server.settings.scenarios]
    switch = {"on": switch_on, "off": switch_off}[call.body.get("state", at_start)]
    return switch(call, name)


def reset(call: Call) -> Json:
    """All of them as they were at the start; records, clock and journal stay."""
    contract, on = call.server.contract, call.server.settings.scenarios

    def step(world: World) -> tuple[State, None]:
        state = world.state
        if state.scenarios == on:
            return state, None
        # What happened while a cause lay over the records goes when the causes change.
        same = _causes(contract, state.scenarios) == _causes(contract, on)
        return replace(state, scenarios=on, overlaid=state.overlaid if same else {}), None

    call.server.sandboxes.change(call.sandbox, step)
    return {"sandbox": call.sandbox, "scenarios": list(on)}


def _causes(contract: Contract, names: Iterable[str]) -> list[str]:
    return [name for name in names if name in contract.scenarios and contract.scenarios[name].cause]


def _told(scenario: Scenario, world: World) -> Json:
    what = {"status": scenario.status, "cause": scenario.cause, "data": scenario.data, "delay": scenario.delay}
    return {
        "name": scenario.name,
        "title": scenario.title,
        "operations": list(scenario.operations),
        "on": scenario.name in world.state.scenarios,
        "file": scenario.at.file if scenario.at else None,
        **{key: value for key, value in what.items() if value},
    }


def _as_states(told: Json) -> Json:
    return {"id": told["name"], "state": STATES[told["on"]], "possibleStates": list(STATES.values()), "mappings": []}
