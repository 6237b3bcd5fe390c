"""The scenarios of network faults."""

from helpers.faults import TITLES

from mockserver.contract.model import Contract


def test_every_fault_is_a_scenario_for_every_operation(contract: Contract) -> None:
    ids = tuple(served.operation.id for served in contract.served)
    assert len(ids) == 5
    for name, title in TITLES.items():
        made = contract.scenarios[f"fault-{name}"]
        assert (made.title, made.operations, made.response.fault, made.breaks_contract) == (
            title,
            ids,
            name,
            True,
        )
