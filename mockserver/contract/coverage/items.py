"""All items of a contract, with their numbers."""

import hashlib

from mockserver.contract.coverage.item import CoverageItem
from mockserver.contract.coverage.observers import OperationObserver
from mockserver.contract.coverage.operation_items import (
    OperationItems,
    scenario_id,
    scenario_items,
)
from mockserver.contract.model import Contract, ServedOperation


class CoverageItems:
    """The items of one contract. Create it once, when the first exchange needs it."""

    def __init__(self, contract: Contract) -> None:
        self._operations: dict[str, OperationItems] = {}
        self._observers: dict[str, OperationObserver] = {}
        items: dict[str, CoverageItem] = {}
        for served in contract.served:
            operation = OperationItems(served)
            self._operations[operation.id] = operation
            for item in operation.items():
                items.setdefault(item.id, item)
        for item in scenario_items(contract.scenarios):
            items[item.id] = item
        self.items: tuple[CoverageItem, ...] = tuple(items.values())
        self.numbers: dict[str, int] = {name: number for number, name in enumerate(items)}
        """Id of an item to its number, which is its place in `items`."""
        self.excluded: dict[str, str] = {}
        """Id of an excluded item to the reason in `coverage.yaml`."""
        names = sorted(api.id for api in contract.apis)
        text = "\n".join([*names, "", *sorted(items)])
        self.fingerprint = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
        """The hash of the names of the APIs and of all ids. It ignores their order."""

    def observer(self, served: ServedOperation) -> OperationObserver:
        """Return the observer of an operation of this contract."""
        operation_id = served.operation.id
        observer = self._observers.get(operation_id)
        if observer is None:
            observer = OperationObserver(self._operations[operation_id], self.numbers)
            self._observers[operation_id] = observer
        return observer

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
