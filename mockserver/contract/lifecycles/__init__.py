"""Read `fixtures/API/lifecycles.yaml`: the states of records and the transitions between them."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from mockserver.contract.lifecycles.lifecycle import (
    CountRule,
    FieldPath,
    Lifecycle,
    LifecycleState,
    get_path,
    set_path,
)
from mockserver.contract.lifecycles.progression import advance_once, advance_to, state_at
from mockserver.contract.timestamps import UNITS
from mockserver.errors import FileError, InvalidFiles, similar_name
from mockserver.formats import strict_yaml
from mockserver.formats.json_schema import Validator, closed_object
from mockserver.formats.strict_yaml import Document, Pointer

__all__ = [
    "CountRule",
    "FieldPath",
    "Lifecycle",
    "LifecycleState",
    "advance_once",
    "advance_to",
    "get_path",
    "read_lifecycles",
    "set_path",
    "state_at",
]

MAX_PATHS = 1000
"""The maximum number of paths to one state. Each record is compared with all of them."""

_FIELD = {"type": "string", "pattern": r"^[^.]+(\.[^.]+)*$"}
_NAMES = {"type": ["string", "array"], "items": {"type": "string"}}

_PARTS = {"type": "array", "items": _FIELD, "minItems": 1}
_COUNTS = closed_object(["total", "parts"], total=_FIELD, parts=_PARTS, complete=_NAMES)
_DURATION = {"type": "string", "pattern": r"^[0-9]{1,6}(\.[0-9]{1,3})? ?(s|min|h|d)$"}
_STATE = closed_object([], next=_NAMES, increments=_FIELD, duration=_DURATION)
_STATES = {"type": "object", "minProperties": 1, "additionalProperties": _STATE}
_LIFECYCLE = closed_object(
    ["state", "states"],
    state=_FIELD,
    history=_FIELD,
    created_at=_FIELD,
    counts=_COUNTS,
    states=_STATES,
)
_FILE = Validator({"type": "object", "additionalProperties": _LIFECYCLE})


def read_lifecycles(path: Path, shown_as: str) -> dict[str, Lifecycle]:
    """Read the lifecycles of a file, by collection.

    Args:
        path: The file.
        shown_as: The file's name in errors.

    Raises:
        InvalidFiles: The file is invalid. All errors are in it.
    """
    document = strict_yaml.read_yaml(path, shown_as)
    if errors := document.file_errors(_FILE.violations(document.value)):
        raise InvalidFiles(errors)
    for collection in document.value:
        errors += _reference_errors(document, collection)
        errors += _path_errors(document, collection)
    if errors:
        raise InvalidFiles(errors)
    return {
        collection: _lifecycle(collection, entry) for collection, entry in document.value.items()
    }


def _names(value: str | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _field_path(text: str) -> FieldPath:
    return tuple(text.split(".")) if text else ()


def _seconds(text: str | None) -> float:
    """Return the seconds of a text such as `5 s` or `1.5 min`, which fits the schema."""
    if not text:
        return 0.0
    unit = text.lstrip("0123456789. ")
    return float(text.removesuffix(unit)) * UNITS[unit]


def _lifecycle(collection: str, entry: Mapping[str, Any]) -> Lifecycle:
    states = {name: _state(name, state_entry) for name, state_entry in entry["states"].items()}
    return Lifecycle(
        collection,
        _field_path(entry["state"]),
        states,
        history=_field_path(entry.get("history", "")),
        created_at=_field_path(entry.get("created_at", "")),
        counts=_counts(entry.get("counts")),
        paths=_paths(states),
    )


def _state(name: str, entry: Mapping[str, Any]) -> LifecycleState:
    increments = _field_path(entry.get("increments", ""))
    return LifecycleState(
        name, _names(entry.get("next")), increments, _seconds(entry.get("duration"))
    )


def _counts(entry: Mapping[str, Any] | None) -> CountRule | None:
    if entry is None:
        return None
    parts = tuple(_field_path(part) for part in entry["parts"])
    return CountRule(_field_path(entry["total"]), parts, frozenset(_names(entry.get("complete"))))


def _paths(states: Mapping[str, LifecycleState]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return all paths to each state, the shortest first. The states have no cycle and at most `MAX_PATHS` paths."""
    first = next(iter(states))
    paths: dict[str, list[tuple[str, ...]]] = {first: [(first,)]}
    for name in _in_order({name: state.next_states for name, state in states.items()}):
        for following in states[name].next_states:
            extended = [(*path, following) for path in paths.get(name, ())]
            paths.setdefault(following, []).extend(extended)
    order = list(states).index
    return {
        name: tuple(sorted(each, key=lambda path: (len(path), *map(order, path))))
        for name, each in paths.items()
    }


def _in_order(next_states: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the states, each after all states that lead to it. Raises `CycleError`."""
    return list(TopologicalSorter(next_states).static_order())[::-1]


def _path_errors(document: Document, collection: str) -> Iterator[FileError]:
    """Yield an error for a cycle, and for each state with no path to it or with too many."""
    entries = document.value[collection]["states"]
    pointer: Pointer = (collection, "states")
    next_states: dict[str, tuple[str, ...]] = {}
    for state, entry in entries.items():
        names = _names(entry.get("next"))
        next_states[state] = tuple(name for name in names if name in entries)
    try:
        order = _in_order(next_states)
    except CycleError as error:
        cycle = error.args[1]
        message = f"{' > '.join(cycle)} is a cycle; a record can be in each state only once"
        yield FileError(document.key_position((*pointer, cycle[0])), message)
        return
    first = next(iter(next_states))
    path_counts = dict.fromkeys(next_states, 0) | {first: 1}
    for state in order:
        for following in next_states[state]:
            path_counts[following] += path_counts[state]
    for state, count in path_counts.items():
        position = document.key_position((*pointer, state))
        if count == 0:
            yield FileError(
                position,
                f"state '{state}' cannot be reached from '{first}'; add it to `next` of another state",
            )
        elif count > MAX_PATHS:
            yield FileError(
                position, f"state '{state}' has {count} paths; expected at most {MAX_PATHS}"
            )


def _reference_errors(document: Document, collection: str) -> Iterator[FileError]:
    """Yield an error for each unknown state and count that the lifecycle uses."""
    entry = document.value[collection]
    counts = entry.get("counts") or {}
    states = list(entry["states"])
    parts = counts.get("parts", [])
    uses: list[tuple[Pointer, Any, list[str], str]] = [
        (("counts", "complete"), counts.get("complete"), states, "state")
    ]
    for state, state_entry in entry["states"].items():
        uses.append((("states", state, "next"), state_entry.get("next"), states, "state"))
        uses.append(
            (
                ("states", state, "increments"),
                state_entry.get("increments"),
                parts,
                "part of the counts",
            )
        )
    for steps, value, allowed, kind in uses:
        for index, name in enumerate(_names(value)):
            if name not in allowed:
                item_steps = steps if isinstance(value, str) else (*steps, index)
                message = f"unknown {kind} '{name}'; expected {_expected(name, allowed)}"
                yield document.file_error((collection, *item_steps), message)
    if counts and (len(set(parts)) < len(parts) or counts["total"] in parts):
        message = "duplicate part; expected each member once, without the total"
        yield document.file_error((collection, "counts", "parts"), message)


def _expected(name: str, allowed: list[str]) -> str:
    similar = similar_name(name, allowed)
    if similar:
        return f"{similar}, or another of {', '.join(allowed)}"
    return f"one of {', '.join(allowed)}" if allowed else "none, because the lifecycle has none"
