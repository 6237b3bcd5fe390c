"""The admin API of scenarios."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from mockserver.contract import scenarios
from mockserver.contract.effects import Effects, RecordLocator
from mockserver.contract.model import Contract
from mockserver.contract.scenarios.definition import SCHEMA
from mockserver.contract.scenarios.definition_rules import DefinitionError
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.errors import AdminRequestInvalid, Violation
from mockserver.formats.json_pointer import to_pointer
from mockserver.formats.json_schema import Schema, Validator
from mockserver.sandbox.active_scenarios import ActiveScenario
from mockserver.sandbox.snapshot import Snapshot
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.schemas import BOOLEAN, COUNT, TEXT, TEXTS, Json, nullable, object_of

REQUIRED: dict[str, Schema] = {
    "name": TEXT,
    "title": TEXT,
    "operations": TEXTS,
    "on": BOOLEAN,
    "file": nullable(TEXT),
}
_DEFINITION = {
    name: schema for name, schema in SCHEMA["properties"].items() if name not in REQUIRED
}
_ACTIVATION: dict[str, Schema] = {
    "overrides": scenarios.OVERRIDES,
    "matched_requests": COUNT,
    "times_applied": COUNT,
    "remaining": COUNT,
}
OPTIONAL: dict[str, Schema] = {**_DEFINITION, **_ACTIVATION}
SCENARIO = object_of(OPTIONAL, **REQUIRED)
RESET = object_of(sandbox=TEXT, scenarios=TEXTS)
OVERRIDES = Validator(scenarios.OVERRIDES)
"""The body of `switch_on`."""


def list_scenarios(call: AdminCall) -> Json:
    """Return all scenarios, each with its definition and whether it is on."""
    snapshot = call.server.sandboxes.snapshot(call.sandbox)
    all_scenarios = snapshot.contract.scenarios.values()
    return {"scenarios": [scenario_json(scenario, snapshot) for scenario in all_scenarios]}


def get_scenario(call: AdminCall, name: str) -> Json:
    """Return one scenario.

    Raises:
        UnknownScenario: the contract does not have it.
    """
    return scenario_json(call.contract.scenario(name), call.server.sandboxes.snapshot(call.sandbox))


def switch_on(call: AdminCall, name: str) -> Json:
    """Switch a scenario on, or start it again. The body overrides members of its definition.

    The change is complete when the response is sent.

    Raises:
        UnknownScenario: the contract does not have it.
        AdminRequestInvalid: an override is invalid.
    """
    scenario = call.contract.scenario(name)
    check_overrides(call.contract, scenario, call.body)
    call.server.sandboxes.switch_on(call.sandbox, name, dict(call.body))
    return get_scenario(call, name)


def switch_off(call: AdminCall, name: str) -> Json:
    """Switch a scenario off. The change is complete when the response is sent.

    Raises:
        UnknownScenario: the contract does not have it.
    """
    call.server.sandboxes.switch_off(call.sandbox, name)
    return get_scenario(call, name)


def reset(call: AdminCall) -> Json:
    """Reset all scenarios to their state at server start, and nothing else."""
    call.server.sandboxes.set_scenarios(call.sandbox, call.server.settings.scenarios)
    snapshot = call.server.sandboxes.snapshot(call.sandbox)
    return {"sandbox": call.sandbox, "scenarios": snapshot.activated}


def check_overrides(
    contract: Contract, scenario: Scenario, overrides: Mapping[str, Any], location: str = ""
) -> None:
    """Check the definition of a scenario with these overrides.

    Args:
        contract: The contract of the scenario.
        scenario: The scenario.
        overrides: The members that replace those of its definition.
        location: A JSON pointer to the overrides in the body.

    Raises:
        AdminRequestInvalid: The definition is invalid. It has all errors.
    """
    if not overrides:
        return
    # A scenario without an API may name operations of all APIs.
    apis = [api for api in contract.apis if scenario.api in ("", api.id)]
    operations = chain.from_iterable(api.operations for api in apis)
    api = replace(apis[0], operations=tuple(operations))
    effects = Effects(
        # No override changes `records`, so their collections are known.
        collections={name: RecordLocator(name, "") for name in scenario.records},
        operations={served.operation.id: served.effect for served in contract.served},
    )
    definition = {**scenario.definition, **overrides}
    details = []
    violations = []
    for error in scenarios.definition_errors(definition, api, effects):
        violation = _violation(error, location)
        details.append(f"{violation.pointer}: {error.message}")
        violations.append(violation.as_json())
    if violations:
        raise AdminRequestInvalid("; ".join(details), {"violations": violations})


def _violation(error: DefinitionError, location: str) -> Violation:
    """Return an error as a violation, with the two parts of its message."""
    actual, _, expected = error.message.partition("; expected ")
    return Violation(location + to_pointer(error.pointer), expected, actual)


def scenario_json(scenario: Scenario, snapshot: Snapshot) -> Json:
    """Return the JSON of a scenario, with its activation if it is on."""
    active = _active(scenario, snapshot)
    members = {
        "name": scenario.name,
        **scenario.definition,
        "on": active is not None,
        "file": None,
    }
    if scenario.position:
        members["file"] = scenario.position.file
    if active is None:
        return members
    activation, times = active.activation, active.scenario.times
    members |= {
        "overrides": activation.overrides,
        "matched_requests": activation.matched_requests,
        "times_applied": activation.times_applied,
    }
    if times is not None:
        members["remaining"] = times - activation.times_applied
    return members


def _active(scenario: Scenario, snapshot: Snapshot) -> ActiveScenario | None:
    """Return the activation of a scenario; `None` if it is off."""
    for active in snapshot.scenarios:
        if active.scenario.name == scenario.name:
            return active
    return None
