"""Control operations on scenarios."""

from dataclasses import replace

from mockserver.errors import UnknownScenario, Violation
from mockserver.json_schema import Validator, show
from mockserver.sandbox import World
from mockserver.scenarios import OVERRIDES, Scenario, judged
from mockserver.web.control.call import Call, Json, refuse

_OVERRIDES = Validator(OVERRIDES)


def every(call: Call) -> Json:
    """All of them: name, title, what each does, and whether it is on; `on` is false for one whose time is over."""
    world = call.server.sandboxes.open(call.sandbox)
    return {"scenarios": [_told(scenario, world) for scenario in call.server.contract.scenarios.values()]}


def one(call: Call, name: str) -> Json:
    """One of them. Raises `UnknownScenario`."""
    return _told(_known(call, name), call.server.sandboxes.open(call.sandbox))


def switch_on(call: Call, name: str) -> Json:
    """Switch on, from its beginning where it is on; the body says what is another than in its definition.

    Done when it is answered. Raises `UnknownScenario`, and `ControlRequestInvalid` for overrides that cannot be meant.
    """
    scenario = _known(call, name)
    call.expect(_OVERRIDES)
    if call.body:
        refuse(_wrong(scenario, call))
    call.server.sandboxes.switch_on(call.sandbox, name, dict(call.body))
    return one(call, name)


def switch_off(call: Call, name: str) -> Json:
    """Done when it is answered. Raises `UnknownScenario`."""
    call.server.sandboxes.switch_off(call.sandbox, name)
    return one(call, name)


def _known(call: Call, name: str) -> Scenario:
    scenario = call.server.contract.scenarios.get(name)
    if scenario is None:
        raise UnknownScenario(f"there is no scenario {name}", {"scenarios": sorted(call.server.contract.scenarios)})
    return scenario


def _wrong(scenario: Scenario, call: Call) -> list[Violation]:
    """What the definition would have that cannot be meant, were it to say what the body says."""
    definition = {**scenario.definition, **call.body}
    # One for all APIs may name the operations of each.
    of = [api for api in call.server.contract.apis if scenario.api in ("", api.id)]
    found = judged(definition, replace(of[0], operations=tuple(each for api in of for each in api.operations)), None)
    return [Violation("".join(f"/{step}" for step in wrong.pointer), wrong.message, show(call.body)) for wrong in found]


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
