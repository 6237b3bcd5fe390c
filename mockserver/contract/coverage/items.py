"""All items of a contract, with their numbers."""

import hashlib
from collections.abc import Mapping
from functools import cached_property

from mockserver.contract.coverage.bodies import Place
from mockserver.contract.coverage.item import CoverageItem
from mockserver.contract.coverage.observers import OperationObserver
from mockserver.contract.coverage.operation_items import (
    OperationItems,
    scenario_id,
    scenario_items,
)
from mockserver.contract.model import Contract, ServedOperation


class CoverageItems:
    """The items of one contract.

    They are found when one of them is first needed, so that a start does not wait for them.
    """

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._observers: dict[str, OperationObserver] = {}

    @cached_property
    def items(self) -> tuple[CoverageItem, ...]:
        """All items, in the order of the blueprints."""
        items: dict[str, CoverageItem] = {}
        for operation in self._operations.values():
            for item in operation.items():
                items.setdefault(item.id, item)
        for item in scenario_items(self.contract.scenarios):
            items.setdefault(item.id, item)
        return tuple(items.values())

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Id of an item to its number, which is its place in `items`."""
        return {item.id: number for number, item in enumerate(self.items)}

    @cached_property
    def fingerprint(self) -> str:
        """The hash of the names of the APIs and of all ids. It ignores their order."""
        names = sorted(api.id for api in self.contract.apis)
        text = "\n".join([*names, "", *sorted(self.numbers)])
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    @property
    def excluded(self) -> Mapping[str, str]:
        """Id of an excluded item to the reason in `coverage.yaml`."""
        return self.contract.excluded

    def observer(self, served: ServedOperation) -> OperationObserver:
        """Return the observer of an operation of this contract."""
        operation_id = served.operation.id
        observer = self._observers.get(operation_id)
        if observer is None:
            observer = OperationObserver(self._operations[operation_id], self.numbers)
            self._observers[operation_id] = observer
        return observer

    def request_body(self, served: ServedOperation) -> Place | None:
        """Return the documented body of an operation's requests; `None` without a schema."""
        return self._operations[served.operation.id].request

    def scenario(self, name: str) -> int:
        """Return the bit of a scenario; 0 if it is not an item."""
        number = self.numbers.get(scenario_id(name))
        if number is None:
            return 0
        return 1 << number

    def ids(self, bits: int) -> list[str]:
        """Return the ids of the items in a bit set, in the order of the items."""
        ids: list[str] = []
        while bits:
            lowest = bits & -bits
            ids.append(self.items[lowest.bit_length() - 1].id)
            bits ^= lowest
        return ids

    @cached_property
    def _operations(self) -> dict[str, OperationItems]:
        """The items of each operation, by its id."""
        return {served.operation.id: OperationItems(served) for served in self.contract.served}
