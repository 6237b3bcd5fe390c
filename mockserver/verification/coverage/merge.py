"""Join the coverage of shards and reruns of one contract."""

from collections.abc import Sequence
from dataclasses import replace

from mockserver.errors import FileMessage, InvalidFiles, Position
from mockserver.verification.coverage.model import Coverage

_MAX_NAMED = 5
_ADVICE = "merge only files of the same contract and coverage.yaml"


def merge(parts: Sequence[tuple[str, Coverage]]) -> Coverage:
    """Return the union of the items that were served, and of their tests.

    Labels and positions are those of the first part.

    Args:
        parts: The name of each file or server, and its coverage; at least one.

    Raises:
        InvalidFiles: A part has other items or other exclusions than the first.
    """
    first_name, first = parts[0]
    errors = []
    for name, part in parts[1:]:
        difference = _difference(first_name, first, name, part)
        if difference:
            errors.append(FileMessage(Position(name, 0), f"{difference}; {_ADVICE}"))
    if errors:
        raise InvalidFiles(errors)
    merged = first
    for _, part in parts[1:]:
        merged = _union(merged, part)
    return merged


def _union(one: Coverage, other: Coverage) -> Coverage:
    others = {item.id: item for item in other.items}
    items = []
    for item in one.items:
        same = others[item.id]
        tests = item.tests | same.tests
        items.append(replace(item, covered=bool(tests), tests=tests))
    contract = one.contract
    if contract != other.contract:
        contract = ""
    return replace(
        one,
        contract=contract,
        is_complete=one.is_complete and other.is_complete,
        items=tuple(items),
        tests=tuple(sorted({*one.tests, *other.tests})),
    )


def _difference(first_name: str, first: Coverage, name: str, part: Coverage) -> str:
    """Return how the contract of a part differs from that of the first part; empty if it is it."""
    lines = []
    for owner, own, others in ((first_name, first, part), (name, part, first)):
        other_ids = {item.id for item in others.items}
        ids = [item.id for item in own.items if item.id not in other_ids]
        if ids:
            lines.append(f"only {owner} has {_named(ids)}")
    if lines:
        return f"another contract than {first_name}: {', and '.join(lines)}"
    if first.fingerprint != part.fingerprint:
        return f"another contract than {first_name}: the names of the APIs differ"
    exclusions = {item.id: item.excluded for item in first.items}
    ids = [item.id for item in part.items if item.excluded != exclusions[item.id]]
    if ids:
        return f"other exclusions (coverage.yaml) than {first_name}: {_named(ids)}"
    return ""


def _named(ids: Sequence[str]) -> str:
    """Return the first ids, and the number of the others."""
    text = ", ".join(f"'{item_id}'" for item_id in ids[:_MAX_NAMED])
    if len(ids) > _MAX_NAMED:
        text += f" and {len(ids) - _MAX_NAMED} more"
    return text
