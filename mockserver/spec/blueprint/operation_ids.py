"""Give each operation an id that is unique in the API: a slug of its name, extended if necessary.

    name -> name and resource -> name, method and path -> the same with a number

If several operations have the same candidate, it is not used. Therefore an id does not depend on
the order in the blueprint. An id is the name of a file, so the name of a device is not used either.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from mockserver.formats.files import RESERVED_NAMES
from mockserver.spec.description import Operation

MAX_ID_BYTES = 200
"""Maximum length of an operation's id, which is part of file names."""
_DIGITS = 8
"""Bytes reserved for a hyphen and a number."""
_UNUSED = RESERVED_NAMES | {""}
_SEPARATORS = re.compile(r"[\W_]+")


def slug(name: str, max_bytes: int = MAX_ID_BYTES) -> str:
    """Return the words of a name in lower case, joined by hyphens."""
    words = _SEPARATORS.sub("-", name.lower()).strip("-")
    return words.encode("utf-8", "ignore")[:max_bytes].decode("utf-8", "ignore").strip("-")


def with_unique_ids(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Return the same operations with unique ids."""
    operations = tuple(operations)
    ids: dict[int, str] = {}
    for candidate_of in _CANDIDATES:
        candidates: dict[int, str] = {}
        for index, operation in enumerate(operations):
            if index not in ids:
                candidates[index] = candidate_of(operation)
        counts = Counter([*candidates.values(), *ids.values()])
        for index, candidate in candidates.items():
            if counts[candidate] == 1 and candidate not in _UNUSED:
                ids[index] = candidate
    used_ids = set(ids.values())
    for index, operation in enumerate(operations):
        if index not in ids:
            ids[index] = _numbered(_by_path(operation), used_ids)
            used_ids.add(ids[index])
    return tuple(replace(operation, id=ids[index]) for index, operation in enumerate(operations))


def _by_name(operation: Operation) -> str:
    return slug(operation.name) or slug(f"{operation.method} {operation.uri_template}")


def _by_resource(operation: Operation) -> str:
    if not operation.resource:
        return ""
    return slug(f"{operation.name} {operation.resource}")


def _by_path(operation: Operation) -> str:
    return slug(f"{operation.name} {operation.method} {operation.uri_template}")


_CANDIDATES: tuple[Callable[[Operation], str], ...] = (_by_name, _by_resource, _by_path)


def _numbered(base: str, used_ids: set[str]) -> str:
    short = slug(base, MAX_ID_BYTES - _DIGITS) or "operation"
    number = 2
    while f"{short}-{number}" in used_ids:
        number += 1
    return f"{short}-{number}"
