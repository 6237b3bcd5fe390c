"""WireMock's routes on scenarios. To its clients a scenario is a machine with two states, `on` and `off`."""

from mockserver.formats.json_schema import Validator
from mockserver.web.admin import scenarios
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.schemas import EMPTY, TEXT, Json, array_of, object_of

ON, OFF = "on", "off"
_STATE = {"enum": [ON, OFF]}
_MACHINE = {"id": TEXT, "state": _STATE, "possibleStates": array_of(_STATE), "mappings": EMPTY}
SCENARIOS = object_of(
    scenarios=array_of(object_of(scenarios.OPTIONAL, **scenarios.REQUIRED, **_MACHINE))
)
STATE_REQUEST = Validator(object_of({"state": _STATE}))
"""The body of `set_state`; without a state the scenario returns to its state at server start."""


def list_scenarios(call: AdminCall) -> Json:
    """Return all scenarios, each with its state."""
    machines = [
        {**scenario, **_machine_json(scenario)}
        for scenario in scenarios.list_scenarios(call)["scenarios"]
    ]
    return {"scenarios": machines}


def set_state(call: AdminCall, name: str) -> Json:
    """Switch a scenario to `state`, by default to its state at server start. Raises `UnknownScenario`."""
    initial = ON if name in call.server.settings.scenarios else OFF
    if call.body.get("state", initial) == ON:
        call.server.sandboxes.switch_on(call.sandbox, name)
    else:
        call.server.sandboxes.switch_off(call.sandbox, name)
    return scenarios.get_scenario(call, name)


def _machine_json(scenario: Json) -> Json:
    state = ON if scenario["on"] else OFF
    return {"id": scenario["name"], "state": state, "possibleStates": [ON, OFF], "mappings": []}
