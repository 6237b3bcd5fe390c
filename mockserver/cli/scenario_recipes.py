"""The recipes of `mockserver scenario new`: each gives the keys of a scenario for some operations.

A recipe uses only what the contract has: a documented status, a lifecycle, a feature.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.model import ServedOperation
from mockserver.contract.tokens import EXPIRED

Operations = Sequence[ServedOperation]
Keys = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One row of the table."""

    title: str
    """The title of the scenario, for people."""
    needs: str
    """The operations that the recipe applies to, for messages."""
    applies: Callable[[ServedOperation], bool]
    """Whether the recipe applies to an operation."""
    keys: Callable[[Operations], Keys]
    """Return the keys of the scenario, in addition to title and operations."""
    same: Callable[[ServedOperation], object] = lambda _operation: None
    """What all operations of one scenario have in common, such as a status."""


def operations_for(recipe: Recipe, operations: Iterable[ServedOperation]) -> list[ServedOperation]:
    """Return the operations that one scenario of a recipe applies to."""
    candidates = [served for served in operations if recipe.applies(served)]
    return [served for served in candidates if recipe.same(served) == recipe.same(candidates[0])]


def view_features(operations: Iterable[ServedOperation]) -> list[str]:
    """Return the features that the GET operations require."""
    features: set[str] = set()
    for served in operations:
        if served.operation.method == "GET":
            features.update(served.operation.required_features)
    return sorted(features)


def _any_operation(_served: ServedOperation) -> bool:
    return True


def _has_404(served: ServedOperation) -> bool:
    return 404 in served.operation.statuses


def _error_status(served: ServedOperation) -> int:
    """Return the last documented error of an operation; 0 without one."""
    errors = [status for status in served.operation.statuses if status >= 400]
    return max(errors, default=0)


def _has_error(served: ServedOperation) -> bool:
    return _error_status(served) > 0


def _is_list(served: ServedOperation) -> bool:
    return served.effect.kind == "list"


def _has_lifecycle(served: ServedOperation) -> bool:
    return served.lifecycle is not None and any(_states_to_leave(served))


def _collection(served: ServedOperation) -> str:
    return served.collection


def _has_token(served: ServedOperation) -> bool:
    return served.access_token is not None


def _has_features(served: ServedOperation) -> bool:
    return bool(served.operation.required_features)


def _api(served: ServedOperation) -> str:
    return served.api.id


def _states_to_leave(served: ServedOperation) -> list[str]:
    """Return the states that are not final, the first one last: a record starts in it."""
    if served.lifecycle is None:
        return []
    states = [state.name for state in served.lifecycle.states.values() if state.next_states]
    return states[1:] + states[:1]


def _error(operations: Operations) -> Keys:
    return {"status": _error_status(operations[0])}


def _error_once(operations: Operations) -> Keys:
    return {**_error(operations), "times": 1}


def _every_third_error(operations: Operations) -> Keys:
    return {**_error(operations), "every": 3}


def _error_sometimes(operations: Operations) -> Keys:
    return {**_error(operations), "probability": 0.3, "seed": 1}


def _stuck(operations: Operations) -> Keys:
    first = operations[0]
    value: Any = _states_to_leave(first)[0]
    if first.lifecycle:
        for name in reversed(first.lifecycle.state):
            value = {name: value}
    return {"records": {first.collection.partition("/")[2]: value}}


def _view_only(operations: Operations) -> Keys:
    return {"token_features": view_features(operations)}


def _constant(**keys: Any) -> Callable[[Operations], Keys]:
    """Return a function that gives these keys for any operations."""
    return lambda _operations: keys


_ERRORS = "operations that document an error"
_LISTS = "operations that list records"
_LIFECYCLE = "operations on records with a lifecycle"
_SECURED = "operations that need an access token"
_ALL = "any operation"

RECIPES: dict[str, Recipe] = {
    "not-found": Recipe(
        "The record does not exist",
        "operations that document 404",
        _has_404,
        _constant(status=404),
    ),
    "error": Recipe("The request is refused", _ERRORS, _has_error, _error, _error_status),
    "fails-once": Recipe(
        "The first request fails, and the next one succeeds",
        _ERRORS,
        _has_error,
        _error_once,
        _error_status,
    ),
    "every-third-fails": Recipe(
        "Every third request fails", _ERRORS, _has_error, _every_third_error, _error_status
    ),
    "sometimes-fails": Recipe(
        "Three of ten requests fail", _ERRORS, _has_error, _error_sometimes, _error_status
    ),
    "stuck": Recipe(
        "Every record stays in one state", _LIFECYCLE, _has_lifecycle, _stuck, _collection
    ),
    "moves-on": Recipe(
        "Each poll moves the record to its next state",
        _LIFECYCLE,
        _has_lifecycle,
        _constant(progression="polls"),
        _collection,
    ),
    "empty": Recipe("There is nothing to list", _LISTS, _is_list, _constant(data="empty")),
    "full-pages": Recipe("Each page of the list is full", _LISTS, _is_list, _constant(data="max")),
    "many-records": Recipe(
        "The list has 1,000 records", _LISTS, _is_list, _constant(data={"count": 1000})
    ),
    "long-texts": Recipe("Every text is very long", _ALL, _any_operation, _constant(data="long")),
    "nulls": Recipe("Every optional value is null", _ALL, _any_operation, _constant(data="nulls")),
    "slow": Recipe(
        "Every response is delayed by two seconds", _ALL, _any_operation, _constant(delay=2)
    ),
    "uneven": Recipe(
        "Each response has another delay",
        _ALL,
        _any_operation,
        _constant(delay={"from": 0.2, "to": 3}),
    ),
    "view-only": Recipe(
        "The token may view but not change",
        "operations that require a feature",
        _has_features,
        _view_only,
        _api,
    ),
    "expired": Recipe(
        "The session has expired", _SECURED, _has_token, _constant(token_features=EXPIRED)
    ),
    "broken-connection": Recipe(
        "The connection breaks",
        _ALL,
        _any_operation,
        _constant(fault="reset", breaks_contract=True),
    ),
}
"""Name to recipe, in the order of the help."""
