"""The scenarios of network faults."""

from helpers.faults import TITLES
from helpers.shipped_api import CANCEL, LIST_EXPORTS, LIST_TRASH, RESTORE, RETRIEVE

from mockserver.contract.model import Contract


def test_every_fault_is_a_scenario_for_every_operation(contract: Contract) -> None:
    ids = tuple(served.operation.id for served in contract.served)
    assert ids == (LIST_EXPORTS, RETRIEVE, CANCEL, LIST_TRASH, RESTORE)
    for name, title in TITLES.items():
        scenario = contract.scenarios[f"fault-{name}"]
        assert scenario.title == title
        assert scenario.operations == ids
        assert scenario.response.fault == name
        assert scenario.breaks_contract
