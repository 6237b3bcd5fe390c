"""Scenarios: variations that a tester switches on and off, from `fixtures/API/scenarios/NAME.yaml`.

Every API also has a scenario for each documented response, named `OPERATION-ID-STATUS`, and one for
each network fault, named `fault-NAME`.
"""

from mockserver.contract.scenarios.definition import OVERRIDES, build_scenario
from mockserver.contract.scenarios.definition_rules import definition_errors
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
