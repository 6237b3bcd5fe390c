"""Scenarios: named variations that a tester switches on and off, from `fixtures/API/scenarios/NAME.yaml`.

Each documented response is one by itself, made from the blueprint and named `OPERATION-ID-STATUS`; so is each fault on the
wire, named `fault-NAME`.
"""

from mockserver.contract.scenarios.definition import OVERRIDES, judged, made
from mockserver.contract.scenarios.files import generated, of_faults, read
from mockserver.contract.scenarios.scenario import Doing, Matching, Scenario

__all__ = [
    "OVERRIDES",
    "Doing",
    "Matching",
    "Scenario",
    "generated",
    "judged",
    "made",
    "of_faults",
    "read",
]
