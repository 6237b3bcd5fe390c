"""Scenarios: named variations that a tester switches on and off, from `fixtures/API/scenarios/NAME.yaml`.

Each documented response is one by itself, made from the blueprint and named `OPERATION-ID-STATUS`; so is each fault on the
wire, named `fault-NAME`.
"""

from mockserver.contract.scenarios.definition import OVERRIDES, build_scenario, definition_errors
from mockserver.contract.scenarios.files import fault_scenarios, read_scenarios, response_scenarios
from mockserver.contract.scenarios.scenario import RequestMatcher, ResponseOverride, Scenario

__all__ = [
    "OVERRIDES",
    "RequestMatcher",
    "ResponseOverride",
    "Scenario",
    "build_scenario",
    "definition_errors",
    "fault_scenarios",
    "read_scenarios",
    "response_scenarios",
]
