"""Ids of operations: the slug of the action's name, and as much more as makes it unique in the API.

    name -> name and resource -> name, method and path -> the same with a number

Of operations that have the same candidate none gets it, so that an id does not depend on the order in the blueprint.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from mockserver.spec.description import Operation

LONGEST_ID = 200
"""Bytes of an operation's id: files are named by it."""
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def slug(name: str, longest: int = LONGEST_ID) -> str:
    """Return the words of a name in lower case, with hyphens between them."""
    words = _BETWEEN_WORDS.sub("-", name.lower()).strip("-")
    return words.encode("utf-8", "ignore")[:longest].decode("utf-8", "ignore").strip("-")


def with_unique_ids(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return the same operations, each with an id of its own."""
    operations = tuple(operations)
    ids: dict[int, str] = {}
    for candidate_of in _CANDIDATES:
        open_indexes = [index for index in range(len(operations)) if index not in ids]
        candidates = {index: candidate_of(operations[index]) for index in open_indexes}
        counts = Counter([*candidates.values(), *ids.values()])
        ids |= {index: candidate for index, candidate in candidates.items() if candidate and counts[candidate] == 1}
    taken = set(ids.values())
    for index, operation in enumerate(operations):
        if index not in ids:
            ids[index] = _numbered(_by_path(operation), taken)
            taken.add(ids[index])
    return tuple(replace(operation, id=ids[index]) for index, operation in enumerate(operations))


def _by_name(operation: Operation) -> str:
    return slug(operation.name) or slug(f"{operation.method} {operation.uri_template}")


def _by_resource(operation: Operation) -> str:
    return slug(f"{operation.name} {operation.resource}") if operation.resource else ""


def _by_path(operation: Operation) -> str:
    return slug(f"{operation.name} {operation.method} {operation.uri_template}")


_CANDIDATES: tuple[Callable[[Operation], str], ...] = (_by_name, _by_resource, _by_path)


def _numbered(base: str, taken: set[str]) -> str:
    short = slug(base, LONGEST_ID - 8) or "operation"
    numbers = range(2, len(taken) + 3)
    return next(name for number in numbers if (name := f"{short}-{number}") not in taken)
