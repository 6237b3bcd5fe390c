"""Control operations on scenarios."""

from mockserver.errors import ControlRequestInvalid, UnknownScenario
from mockserver.sandbox import World
from mockserver.scenarios import Scenario
from mockserver.web.control.call import Call, Json


def every(call: Call) -> Json:
    """All of them, by name, title, operations, and on or off."""
    world = call.server.sandboxes.open(call.sandbox)
    return {"scenarios": [_told(scenario, world) for scenario in call.server.contract.scenarios.values()]}


def one(call: Call, name: str) -> Json:
    """One of them. Raises `UnknownScenario`."""
    scenario = call.server.contract.scenarios.get(name)
    if scenario is None:
        raise UnknownScenario(f"there is no scenario {name}", {"scenarios": sorted(call.server.contract.scenarios)})
    return _told(scenario, call.server.sandboxes.open(call.sandbox))


def switch_on(call: Call, name: str) -> Json:
    """Done when it is answered. Raises `UnknownScenario`, and `ControlRequestInvalid` for any override."""
    if call.body:
        raise ControlRequestInvalid(f"a scenario takes no overrides, expected {{}}, got the members {', '.join(call.body)}")
    call.server.sandboxes.switch_on(call.sandbox, name)
    return one(call, name)


def switch_off(call: Call, name: str) -> Json:
    """Done when it is answered. Raises `UnknownScenario`."""
    call.server.sandboxes.switch_off(call.sandbox, name)
    return one(call, name)


def _told(scenario: Scenario, world: World) -> Json:
    what = {"status": scenario.status, "cause": scenario.cause, "data": scenario.data, "delay": scenario.delay}
    what |= {"fault": scenario.fault, "breaks_contract": scenario.breaks_contract}
    return {
        "name": scenario.name,
        "title": scenario.title,
        "operations": list(scenario.operations),
        "on": scenario.name in world.state.scenarios,
        "file": scenario.at.file if scenario.at else None,
        **{key: value for key, value in what.items() if value},
    }
