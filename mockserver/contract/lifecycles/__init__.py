"""How records live: `fixtures/API/lifecycles.yaml`, read."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from mockserver.contract.lifecycles.lifecycle import CountRule, FieldPath, Lifecycle, LifecycleState, get_path, set_path
from mockserver.contract.lifecycles.progression import advance_once, advance_to
from mockserver.contract.timestamps import is_timestamp
from mockserver.errors import FileError, InvalidFiles
from mockserver.formats import strict_yaml
from mockserver.formats.json_schema import Validator
from mockserver.formats.strict_yaml import Document, Pointer

__all__ = [
    "CountRule",
    "FieldPath",
    "Lifecycle",
    "LifecycleState",
    "advance_once",
    "advance_to",
    "get_path",
    "is_timestamp",
    "read_lifecycles",
    "set_path",
]

MAX_PATHS = 1000
"""More ways than this to one state are a fault: each record would have to be held against all of them."""

_MEMBER = {"type": "string", "pattern": r"^[^.]+(\.[^.]+)*$"}
_NAMES = {"type": ["string", "array"], "items": {"type": "string"}}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


_COUNTS = _object(["total", "parts"], total=_MEMBER, parts={"type": "array", "items": _MEMBER, "minItems": 1}, complete=_NAMES)
_AFTER = {"type": "string", "pattern": r"^[0-9]{1,6}(\.[0-9]{1,3})? ?(s|min|h|d)$"}
_STATE = _object([], next=_NAMES, grows=_MEMBER, after=_AFTER)
UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
"""The units of `after`, in seconds."""
_STATES = {"type": "object", "minProperties": 1, "additionalProperties": _STATE}
_LIFECYCLE = _object(["state", "states"], state=_MEMBER, history=_MEMBER, created=_MEMBER, counts=_COUNTS, states=_STATES)
_FILE = Validator({"type": "object", "additionalProperties": _LIFECYCLE})


def read_lifecycles(path: Path, shown_as: str) -> dict[str, Lifecycle]:
    """The lifecycles of a file, by collection. Raises `FaultsFound` with all that is wrong in it."""
    document = strict_yaml.read_yaml(path, shown_as)
    if faults := document.file_errors(_FILE.violations(document.value)):
        raise InvalidFiles(faults)
    faults = [fault for name in document.value for fault in _errors(document, name)]
    if faults:
        raise InvalidFiles(faults)
    return {name: _lifecycle(name, entry) for name, entry in document.value.items()}


def _names(value: str | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _members(text: str) -> FieldPath:
    return tuple(text.split(".")) if text else ()


def _seconds(text: str | None) -> float:
    """Seconds of a text such as `5 s` or `1.5 min`, which the schema has checked."""
    if not text:
        return 0.0
    unit = text.lstrip("0123456789. ")
    return float(text.removesuffix(unit)) * UNITS[unit]


def _lifecycle(name: str, entry: Mapping[str, Any]) -> Lifecycle:
    states = {
        s: LifecycleState(s, _names(e.get("next")), _members(e.get("grows", "")), _seconds(e.get("after")))
        for s, e in entry["states"].items()
    }
    history, created = _members(entry.get("history", "")), _members(entry.get("created", ""))
    return Lifecycle(name, _members(entry["state"]), states, history, created, _counts(entry.get("counts")), _paths(states))


def _counts(entry: Mapping[str, Any] | None) -> CountRule | None:
    if entry is None:
        return None
    return CountRule(_members(entry["total"]), tuple(map(_members, entry["parts"])), frozenset(_names(entry.get("complete"))))


def _paths(states: Mapping[str, LifecycleState]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Every way to each state, the shortest first. The states are known to have no cycle, and not too many ways."""
    ways: dict[str, tuple[tuple[str, ...], ...]] = {next(iter(states)): ((next(iter(states)),),)}
    for name in _in_order({name: state.next_states for name, state in states.items()}):
        for following in states[name].next_states:
            ways[following] = (*ways.get(following, ()), *((*way, following) for way in ways.get(name, ())))
    place = list(states).index
    return {name: tuple(sorted(found, key=lambda way: (len(way), *map(place, way)))) for name, found in ways.items()}


def _in_order(leads: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The states, each after all that lead to it. Raises `CycleError`."""
    return list(TopologicalSorter(leads).static_order())[::-1]


def _errors(document: Document, name: str) -> Iterator[FileError]:
    entry = document.value[name]
    yield from _reference_errors(document, (name,), entry)
    leads = {s: tuple(n for n in _names(e.get("next")) if n in entry["states"]) for s, e in entry["states"].items()}
    under: Pointer = (name, "states")
    try:
        order = _in_order(leads)
    except CycleError as error:
        circle = error.args[1]
        message = f"{' > '.join(circle)} is a cycle; expected states that a record is in once at most"
        yield FileError(document.key_position((*under, circle[0])), message)
        return
    count = dict.fromkeys(leads, 0) | {next(iter(leads)): 1}
    for state in order:
        for following in leads[state]:
            count[following] += count[state]
    for state, ways in count.items():
        if ways == 0:
            message = f"no way leads from {next(iter(leads))} to {state}; expected it as the next of another state"
            yield FileError(document.key_position((*under, state)), message)
        elif ways > MAX_PATHS:
            yield FileError(document.key_position((*under, state)), f"{ways} ways lead to {state}; expected at most {MAX_PATHS}")


def _reference_errors(document: Document, under: Pointer, entry: Mapping[str, Any]) -> Iterator[FileError]:
    """Names of states and counts that are used, and are not there."""
    counts = entry.get("counts") or {}
    states, parts = list(entry["states"]), counts.get("parts", [])
    uses = [((*under, "counts", "complete"), counts.get("complete"), states, "state")]
    for state, each in entry["states"].items():
        uses.append(((*under, "states", state, "next"), each.get("next"), states, "state"))
        uses.append(((*under, "states", state, "grows"), each.get("grows"), parts, "part of the counts"))
    for pointer, value, known, what in uses:
        for index, used in enumerate(_names(value)):
            if used not in known:
                at = pointer if isinstance(value, str) else (*pointer, index)
                yield document.file_error(at, f"no {what} {used}; expected {_expected(used, known)}")
    if counts and (len(set(parts)) < len(parts) or counts["total"] in parts):
        yield document.file_error((*under, "counts", "parts"), "a member is counted twice; expected each once, and not the total")


def _expected(used: str, known: list[str]) -> str:
    near = get_close_matches(used, known, 1)
    return f"{near[0]}, or another of {', '.join(known)}" if near else f"one of {', '.join(known) or 'none, for there is none'}"
