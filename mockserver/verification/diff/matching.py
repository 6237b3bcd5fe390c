"""Match the APIs and the operations of OLD and NEW.

Operations are matched by method and path, in which names of variables make no difference, then by
name. The query does not select an operation, because a changed query is a changed parameter.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from mockserver.formats.uri_template import UriTemplate, parse_template
from mockserver.spec.description import Operation
from mockserver.verification.diff.sides import DescribedApi

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ApiPair:
    """An API of both sides, or of one."""

    old: DescribedApi | None
    new: DescribedApi | None


@dataclass(frozen=True, slots=True)
class OperationPair:
    """An operation of both sides."""

    old_api: DescribedApi
    old: Operation
    new_api: DescribedApi
    new: Operation
    is_moved: bool = False

    @property
    def templates(self) -> tuple[UriTemplate, UriTemplate]:
        """The URI templates of both sides."""
        return parse_template(self.old.uri_template), parse_template(self.new.uri_template)


@dataclass(frozen=True, slots=True)
class Matches:
    """The operations of an API: matched, and only on one side."""

    pairs: tuple[OperationPair, ...]
    removed: tuple[Operation, ...]
    added: tuple[Operation, ...]


def api_pairs(old: Sequence[DescribedApi], new: Sequence[DescribedApi]) -> list[ApiPair]:
    """Match APIs by id, by name, by base path, and the only one of each side."""
    left = _Left(list(old), list(new))
    left.match(lambda described: described.api.id)
    left.match(lambda described: described.api.name)
    left.match(lambda described: described.api.base_path)
    left.match(lambda _: "the only one")
    pairs = [ApiPair(first, second) for first, second in left.pairs]
    pairs += [ApiPair(described, None) for described in left.old]
    pairs += [ApiPair(None, described) for described in left.new]
    return pairs


def operation_matches(old_api: DescribedApi, new_api: DescribedApi) -> Matches:
    """Match the operations of two APIs."""
    left = _Left(list(old_api.api.operations), list(new_api.api.operations))
    left.match(lambda operation: (*_route(operation), *_query(operation)))
    left.match(lambda operation: (*_route(operation), _query(operation)[0]))
    left.match(lambda operation: (*_route(operation), operation.name))
    left.match_in_order(_route)
    pairs: list[OperationPair] = []
    for old, new in left.pairs:
        pairs.append(OperationPair(old_api, old, new_api, new))
    left.pairs.clear()
    left.match(lambda operation: (operation.method, operation.resource, operation.name))
    left.match(
        _by_unique_name(old_api.api.operations, new_api.api.operations),
    )
    for old, new in left.pairs:
        pairs.append(OperationPair(old_api, old, new_api, new, is_moved=True))
    return Matches(tuple(pairs), tuple(left.old), tuple(left.new))


class _Left:
    """What is not matched yet. Items are compared by identity."""

    def __init__(self, old: list[Any], new: list[Any]) -> None:
        self.old = old
        self.new = new
        self.pairs: list[tuple[Any, Any]] = []

    def match(self, key: Callable[[Any], Hashable]) -> None:
        """Match items with an equal key that each side has once. An empty key has no match."""
        old_groups, new_groups = _groups(self.old, key), _groups(self.new, key)
        for value, group in old_groups.items():
            if value and len(group) == len(new_groups.get(value, ())) == 1:
                self._take(group[0], new_groups[value][0])

    def match_in_order(self, key: Callable[[Any], Hashable]) -> None:
        """Match items with an equal key in their order."""
        new_groups = _groups(self.new, key)
        for value, group in _groups(self.old, key).items():
            for old, new in zip(group, new_groups.get(value, ()), strict=False):
                self._take(old, new)

    def _take(self, old: Any, new: Any) -> None:
        self.pairs.append((old, new))
        self.old = [item for item in self.old if item is not old]
        self.new = [item for item in self.new if item is not new]


def _groups(items: Iterable[T], key: Callable[[T], Hashable]) -> dict[Hashable, list[T]]:
    groups: dict[Hashable, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def _route(operation: Operation) -> tuple[Hashable, ...]:
    """Return the method and the segments of the path, with `None` for each variable."""
    return (operation.method, parse_template(operation.uri_template).pattern)


def _query(operation: Operation) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """Return the literal parts and the variables of the query."""
    template = parse_template(operation.uri_template)
    return frozenset(template.fixed), frozenset(template.query)


def _by_unique_name(*sides: Iterable[Operation]) -> Callable[[Operation], Hashable]:
    """Return a key that is empty for names such as `List`, which several operations have."""
    repeated: set[Hashable] = set()
    for operations in sides:
        for value, group in _groups(operations, _name).items():
            if len(group) > 1:
                repeated.add(value)

    def key(operation: Operation) -> Hashable:
        name = _name(operation)
        if name in repeated:
            return None
        return name

    return key


def _name(operation: Operation) -> tuple[str, str]:
    return operation.method, operation.name
