"""Read `fixtures/API/lifecycles.yaml` and check its references and paths."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from mockserver.config.similar_names import similar_name
from mockserver.contract.lifecycles.lifecycle import (
    CountRule,
    FieldPath,
    Lifecycle,
    LifecycleState,
)
from mockserver.contract.timestamps import UNITS
from mockserver.errors import FileMessage, InvalidFiles
from mockserver.formats import strict_yaml
from mockserver.formats.json_schema import Validator, closed_object
from mockserver.formats.strict_yaml import Document, Pointer

StatePath = tuple[str, ...]
"""The states through which a record goes, from the first state to another one."""

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
        InvalidFiles: The file is invalid. The exception has all its errors.
    """
    document = strict_yaml.read_yaml(path, shown_as)
    if errors := document.file_errors(_FILE.violations(document.value)):
        raise InvalidFiles(errors)
    for collection in document.value:
        errors += _reference_errors(document, collection)
        errors += _path_errors(document, collection)
    if errors:
        raise InvalidFiles(errors)
    lifecycles: dict[str, Lifecycle] = {}
    for collection, entry in document.value.items():
        lifecycles[collection] = _lifecycle(collection, entry)
    return lifecycles


def _names(value: str | list[str] | None) -> tuple[str, ...]:
    """Return the names in a value: one name, a list of names, or `None`."""
    if isinstance(value, str):
        return (value,)
    return tuple(value or ())


def _field_path(text: str) -> FieldPath:
    if not text:
        return ()
    return tuple(text.split("."))


def _seconds(text: str | None) -> float:
    """Return the seconds of a valid duration, such as `5 s` or `1.5 min`."""
    if not text:
        return 0.0
    unit = text.lstrip("0123456789. ")
    return float(text.removesuffix(unit)) * UNITS[unit]


def _lifecycle(collection: str, entry: Mapping[str, Any]) -> Lifecycle:
    states: dict[str, LifecycleState] = {}
    for name, state_entry in entry["states"].items():
        states[name] = _state(name, state_entry)
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
    return LifecycleState(
        name,
        next_states=_names(entry.get("next")),
        increments=_field_path(entry.get("increments", "")),
        duration=_seconds(entry.get("duration")),
    )


def _counts(entry: Mapping[str, Any] | None) -> CountRule | None:
    if entry is None:
        return None
    total = _field_path(entry["total"])
    parts = tuple(map(_field_path, entry["parts"]))
    return CountRule(total, parts, complete=frozenset(_names(entry.get("complete"))))


def _paths(states: Mapping[str, LifecycleState]) -> dict[str, tuple[StatePath, ...]]:
    """Return all paths to each state, the shortest first.

    Args:
        states: States without a cycle, each with at most `MAX_PATHS` paths.
    """
    first = next(iter(states))
    paths: dict[str, list[StatePath]] = {first: [(first,)]}
    for name in _in_order({name: state.next_states for name, state in states.items()}):
        for next_state in states[name].next_states:
            extended = [(*path, next_state) for path in paths.get(name, ())]
            paths.setdefault(next_state, []).extend(extended)
    order = {name: index for index, name in enumerate(states)}

    def rank(path: StatePath) -> tuple[int, ...]:
        return len(path), *(order[name] for name in path)

    return {name: tuple(sorted(state_paths, key=rank)) for name, state_paths in paths.items()}


def _in_order(next_states: Mapping[str, StatePath]) -> list[str]:
    """Return the states, each after all states that lead to it.

    Raises:
        CycleError: The states have a cycle.
    """
    last_to_first = TopologicalSorter(next_states).static_order()
    return list(last_to_first)[::-1]


def _path_errors(document: Document, collection: str) -> Iterator[FileMessage]:
    """Yield an error for a cycle, and for each state with no path or too many paths to it."""
    pointer: Pointer = (collection, "states")
    next_states = _known_next_states(document.value[collection]["states"])
    try:
        order = _in_order(next_states)
    except CycleError as error:
        cycle = error.args[1]
        message = f"{' > '.join(cycle)} is a cycle; a record can be in each state only once"
        yield FileMessage(document.key_position((*pointer, cycle[0])), message)
        return
    first = next(iter(next_states))
    for state, count in _path_counts(order, first, next_states).items():
        position = document.key_position((*pointer, state))
        if count == 0:
            message = (
                f"state '{state}' cannot be reached from '{first}'; "
                "add it to `next` of another state"
            )
            yield FileMessage(position, message)
        elif count > MAX_PATHS:
            message = f"state '{state}' has {count} paths; expected at most {MAX_PATHS}"
            yield FileMessage(position, message)


def _known_next_states(entries: Mapping[str, Any]) -> dict[str, StatePath]:
    """Return the next states of each state, without unknown names, which are another error."""
    next_states: dict[str, StatePath] = {}
    for state, entry in entries.items():
        names = _names(entry.get("next"))
        next_states[state] = tuple(name for name in names if name in entries)
    return next_states


def _path_counts(
    order: list[str], first: str, next_states: Mapping[str, StatePath]
) -> dict[str, int]:
    """Return the number of paths from the first state to each state, in the order of the file."""
    counts = dict.fromkeys(next_states, 0)
    counts[first] = 1
    for state in order:
        for next_state in next_states[state]:
            counts[next_state] += counts[state]
    return counts


def _reference_errors(document: Document, collection: str) -> Iterator[FileMessage]:
    """Yield an error for each unknown state and count that the lifecycle uses."""
    entry = document.value[collection]
    counts = entry.get("counts") or {}
    states = list(entry["states"])
    parts = counts.get("parts", [])
    yield from _unknown_names(document, (collection, "counts", "complete"), states, "state")
    for state in states:
        pointer = (collection, "states", state)
        yield from _unknown_names(document, (*pointer, "next"), states, "state")
        kind = "part of the counts"
        yield from _unknown_names(document, (*pointer, "increments"), parts, kind)
    if counts and (len(set(parts)) < len(parts) or counts["total"] in parts):
        message = "duplicate part; expected each member once, without the total"
        yield document.file_error((collection, "counts", "parts"), message)


def _unknown_names(
    document: Document, pointer: Pointer, allowed: list[str], kind: str
) -> Iterator[FileMessage]:
    """Yield an error for each name that is not allowed.

    Args:
        document: The file.
        pointer: The position of the name or of the list of names. It may be missing.
        allowed: The known names.
        kind: The kind of name, for the message.
    """
    value = document.value
    for step in pointer:
        value = value.get(step) or {}
    for index, name in enumerate(_names(value)):
        if name not in allowed:
            name_pointer = pointer
            if isinstance(value, list):
                name_pointer = (*pointer, index)
            message = f"unknown {kind} '{name}'; expected {_expected(name, allowed)}"
            yield document.file_error(name_pointer, message)


def _expected(name: str, allowed: list[str]) -> str:
    if not allowed:
        return "none, because the lifecycle has none"
    similar = similar_name(name, allowed)
    if similar:
        return f"{similar}, or another of {', '.join(allowed)}"
    return f"one of {', '.join(allowed)}"
