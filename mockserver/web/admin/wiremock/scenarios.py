"""WireMock's routes on scenarios.

For WireMock's clients, a scenario is a state machine with the states `on` and `off`.
"""

from mockserver.formats.json_schema import Validator
from mockserver.web.admin import scenarios
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.schemas import EMPTY, TEXT, Json, array_of, object_of

ON, OFF = "on", "off"
_STATE_SCHEMA = {"enum": [ON, OFF]}
_MACHINE = {
    "id": TEXT,
    "state": _STATE_SCHEMA,
    "possibleStates": array_of(_STATE_SCHEMA),
    "mappings": EMPTY,
}
SCENARIOS = object_of(
    scenarios=array_of(object_of(scenarios.OPTIONAL, **scenarios.REQUIRED, **_MACHINE))
)
STATE_REQUEST = Validator(object_of({"state": _STATE_SCHEMA}))
"""The body of `set_state`. The default is the state at server start."""


def list_scenarios(call: AdminCall) -> Json:
    """Return all scenarios, each with its state."""
    machines = []
    for scenario in scenarios.list_scenarios(call)["scenarios"]:
        machines.append({**scenario, **_machine_json(scenario)})
    return {"scenarios": machines}


def set_state(call: AdminCall, name: str) -> Json:
    """Switch a scenario to a state. The default is its state at server start.

    Raises:
        UnknownScenario: the contract does not have it.
    """
    initial_state = _state(name in call.server.settings.scenarios)
    if call.body.get("state", initial_state) == ON:
        call.server.sandboxes.switch_on(call.sandbox, name)
    else:
        call.server.sandboxes.switch_off(call.sandbox, name)
    return scenarios.get_scenario(call, name)


def _machine_json(scenario: Json) -> Json:
    """Return the members of WireMock's scenarios."""
    state = _state(scenario["on"])
    return {"id": scenario["name"], "state": state, "possibleStates": [ON, OFF], "mappings": []}


def _state(is_on: bool) -> str:
    if is_on:
        return ON
    return OFF
