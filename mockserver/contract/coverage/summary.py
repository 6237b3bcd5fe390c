"""Count the served items of a contract, by three denominators."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

Summary = dict[str, dict[str, int]]
"""Denominator to the number of its `items`, and of those that were `served`."""


class CountedItem(Protocol):
    """An item with what was covered of it."""

    @property
    def kind(self) -> str:
        """One of `item.KINDS`."""

    @property
    def operation(self) -> str:
        """The id of its operation; empty for a scenario."""

    @property
    def operations(self) -> Sequence[str]:
        """The ids of the operations that a scenario applies to."""

    @property
    def covered(self) -> bool:
        """Whether any test covered it."""

    @property
    def excluded(self) -> str | None:
        """The reason in `coverage.yaml`; `None` if it is not excluded."""


Item = TypeVar("Item", bound=CountedItem)


def summary_of(items: Sequence[CountedItem]) -> Summary:
    """Return the number of items and of served items, by denominator.

    The denominators are `contract` (all items), `called` (see `called_items`), and `required`
    (see `required_items`).
    """
    return {
        "contract": _counts(items),
        "called": _counts(called_items(items)),
        "required": _counts(required_items(items)),
    }


def called_items(items: Sequence[Item]) -> list[Item]:
    """Return the items of the operations that were called.

    A scenario belongs to them if it was applied, or if one of its operations was called.
    """
    called: set[str] = set()
    for item in items:
        if item.kind == "operation" and item.covered:
            called.add(item.operation)
    return [item for item in items if _is_called(item, called)]


def required_items(items: Sequence[Item]) -> list[Item]:
    """Return the items of the called operations that are not excluded."""
    return [item for item in called_items(items) if item.excluded is None]


def _is_called(item: CountedItem, called: set[str]) -> bool:
    if item.kind != "scenario":
        return item.operation in called
    return item.covered or not called.isdisjoint(item.operations)


def _counts(items: Sequence[CountedItem]) -> dict[str, int]:
    served = [item for item in items if item.covered]
    return {"items": len(items), "served": len(served)}
