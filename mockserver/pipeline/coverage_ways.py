"""How to cover each item of a contract: found by trying, so that each way is known to work.

The requests go through the pipeline of a separate server, in memory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mockserver.config.settings import Settings
from mockserver.contract.coverage.document import Way
from mockserver.contract.coverage.item import CoverageItem
from mockserver.contract.coverage.items import CoverageItems
from mockserver.contract.model import Contract
from mockserver.pipeline.coverage_attempts import Attempt, Attempts
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.mock_server import DelayedResponse, MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore

_NO_RECORD = "no shipped record leads to it; another one may"
_NO_EXAMPLE = "no documented example shows it, and the operation returns no records"
_WHY_NOT = {
    "operation": "no documented request is valid",
    "status": "with the shipped records the operation returns another status",
    "parameter": "no documented request is valid with it",
    "request": "the documented request has no place for it",
    "response": _NO_RECORD,
    "list": _NO_RECORD,
    "scenario": "it applies to no documented request",
}
"""Kind of an item to the reason why no way was found."""


def closing_ways(contract: Contract, items: CoverageItems) -> dict[str, Way]:
    """Return a way to cover each item of a contract, by id."""
    trial = _Trial(contract, items)
    ways: dict[str, Way] = {}
    by_operation: dict[str, list[CoverageItem]] = {}
    for item in items.items:
        by_operation.setdefault(item.operation, []).append(item)
    for served in contract.served:
        operation_id = served.operation.id
        attempts = Attempts(contract, served, items)
        ways |= trial.ways(by_operation.get(operation_id, ()), attempts.all())
    for item in by_operation.get("", ()):
        ways |= trial.ways([item], _scenario_attempts(contract, items, item))
    with_records = {served.operation.id for served in contract.served if served.envelope}
    for item in items.items:
        reason = _WHY_NOT[item.kind]
        if item.kind in ("response", "list") and item.operation not in with_records:
            reason = _NO_EXAMPLE
        ways.setdefault(item.id, Way("", reason))
    return ways


def _scenario_attempts(
    contract: Contract, items: CoverageItems, item: CoverageItem
) -> Iterator[Attempt]:
    scenario = contract.scenarios[item.id.removeprefix("scenario ")]
    for operation_id in scenario.operations:
        served = contract.operation(operation_id)
        yield Attempts(contract, served, items).of_scenario(scenario)


class _Trial:
    """A server that requests are tried with."""

    def __init__(self, contract: Contract, items: CoverageItems) -> None:
        self._items = items
        # A server needs a main contract, whose name is empty. It numbers the items in the same way,
        # because the contracts are otherwise equal.
        main = replace(contract, name="")
        self._server = MockServer(main, Settings(), MemoryStore(SandboxState()))
        self._count = 0

    def ways(self, items: Iterable[CoverageItem], attempts: Iterable[Attempt]) -> dict[str, Way]:
        """Return the first attempt that covers each of these items, by id."""
        missing = 0
        for item in items:
            missing |= 1 << self._items.numbers[item.id]
        ways: dict[str, Way] = {}
        for attempt in attempts:
            bits = self._covered(attempt) & missing
            for item_id in self._items.ids(bits):
                ways[item_id] = Way(attempt.description)
            missing &= ~bits
            if not missing:
                break
        return ways

    def _covered(self, attempt: Attempt) -> int:
        """Return the items that an attempt covers in a new sandbox."""
        self._count += 1
        sandbox = f"trial-{self._count}"
        headers = {**attempt.request.headers, "x-mock-sandbox": sandbox}
        if attempt.scenario:
            self._server.sandboxes.switch_on(sandbox, attempt.scenario)
        exchange = Exchange(replace(attempt.request, headers=headers))
        result = self._server.handle(exchange)
        if isinstance(result, DelayedResponse):
            result = result.finish()
        if attempt.for_error and 200 <= result.status < 300:
            return 0
        return exchange.covered
