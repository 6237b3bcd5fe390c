"""What operations do to the records: one function for each kind of effect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.effects import Effect
from mockserver.contract.lifecycles import advance_once
from mockserver.contract.model import ServedOperation
from mockserver.contract.records import Record, RecordKey
from mockserver.errors import KeyConflict, RecordNotFound
from mockserver.pipeline.record_writes import create_record, record_url, update_record
from mockserver.sandbox.journal import Transition
from mockserver.sandbox.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class EffectResult:
    """What came of one operation."""

    status: int
    content: Any = None
    """The record or the list of records to answer with; `None` for the documented example of the status."""
    echo: Mapping[str, Any] = field(default_factory=dict)
    """What the answer repeats of the request."""
    changes: Mapping[RecordKey, Record | None] = field(default_factory=dict)
    """The records that are another from now on; `None` for one that is gone."""
    reason: str = "the records as they are"
    """What of the records chose the status."""
    transition: Transition | None = None
    """The change of state that was made."""
    location: str | None = None
    """The path of the record that was made."""
    total: int | None = None
    """How many records match on all pages; `None` for what is not a list."""


def _list(world: Snapshot, served: ServedOperation, arguments: Mapping[str, Any]) -> EffectResult:
    effect, rule = served.effect, served.rule
    records = list(world.records(served.collection).values())
    if rule and rule.parent:
        # As text, like a key: a variable that the blueprint says nothing of is a string, whatever the records have.
        within = str(arguments[rule.parent])
        records = [r for r in records if str(r[rule.parent]) == within]
    for variable, member in effect.search.items():
        if text := str(arguments.get(variable, "")).casefold():
            records = [r for r in records if text in str(r.get(member, "")).casefold()]
    for variable, member in effect.filter.items():
        if variable in arguments:
            records = [r for r in records if _is_one_of(r.get(member), arguments[variable])]
    limit, start, paging = _page(effect, arguments)
    echo = {**arguments, **paging, effect.total or "": len(records)}
    return EffectResult(served.operation.success or 200, records[start : start + limit], echo, total=len(records))


def _is_one_of(value: Any, wanted: Any) -> bool:
    """Whether a member has the value that is asked for: of its own type, or as text."""
    several = wanted if isinstance(wanted, list) else [wanted]
    return value in several or str(value) in map(str, several)


def _page(effect: Effect, arguments: Mapping[str, Any]) -> tuple[int, int, dict[str, Any]]:
    """How many records to show, with which to begin, and what the answer repeats of it."""
    limit: int = arguments.get(effect.size, effect.limit)
    if effect.page:
        page: int = arguments.get(effect.page, 1)
        return limit, (page - 1) * limit, {effect.size: limit, effect.page: page}
    offset: int | None = arguments.get("offset", effect.offset)
    return limit, offset or 0, {effect.size: limit, "offset": offset}


def _retrieve(world: Snapshot, served: ServedOperation, arguments: Mapping[str, Any]) -> EffectResult:
    found = _find(world, served, arguments)
    if isinstance(found, EffectResult):
        return found
    success, key, lifecycle = served.operation.success or 200, _record_key(served, arguments), served.lifecycle
    moved = advance_once(found, lifecycle, world.now) if lifecycle and world.advances_on_read else None
    if moved is None or lifecycle is None:
        return EffectResult(success, found)
    move = Transition("/".join(key), str(lifecycle.state_of(found)), moved[1])
    return EffectResult(
        success, found, changes={key: moved[0]}, reason="the record as it is; this look moves it on", transition=move
    )


def _transition(world: Snapshot, served: ServedOperation, arguments: Mapping[str, Any]) -> EffectResult:
    record, effect, lifecycle = _find(world, served, arguments), served.effect, served.lifecycle
    if isinstance(record, EffectResult) or lifecycle is None:
        return record if isinstance(record, EffectResult) else EffectResult(served.operation.success or 200, record)
    state = lifecycle.state_of(record)
    if state in effect.reject:
        return EffectResult(effect.reject[state], reason=f"the record is {state}")
    success = served.operation.success or 200
    if state not in effect.from_states:
        return EffectResult(success, record, reason=f"the record is {state}, and stays so")
    key, moved = (
        _record_key(served, arguments),
        lifecycle.transitioned(record, effect.to_state, lifecycle.timestamp_after(record, world.now)),
    )
    move = Transition("/".join(key), str(state), effect.to_state)
    return EffectResult(success, moved, changes={key: moved}, reason=f"the record was {state}", transition=move)


def _create(world: Snapshot, served: ServedOperation, arguments: Mapping[str, Any]) -> EffectResult:
    record = create_record(world, served, arguments)
    key = served.collection, served.rule.key_of(record) if served.rule else ""
    is_new = key[1] not in world.records(served.collection)
    if is_new or _is_unchanged_example(world, served, key, record):
        reason = "a new record" if is_new else "the first creation of the record that the blueprint shows"
        location = record_url(world, served, record)
        return EffectResult(served.operation.success or 201, record, changes={key: record}, reason=reason, location=location)
    why = f"{served.effect.collection} has {key[1]} already"
    if served.effect.conflict_status is None:
        raise KeyConflict(f"{why}, and the blueprint documents no answer for that", {"collection": served.effect.collection})
    return EffectResult(served.effect.conflict_status, reason=why)


def _is_unchanged_example(world: Snapshot, served: ServedOperation, key: RecordKey, record: Record) -> bool:
    """Whether the documented request creates a shipped record, which nothing has changed yet.

    The record is there from the start, so that the documented GET finds it; the documented creation has to succeed, too.
    """
    is_documented = served.rule is not None and str(record.get(served.rule.id_field)) in served.example_keys
    return is_documented and key not in world.state.records and key not in world.state.overlay


def _update(world: Snapshot, served: ServedOperation, arguments: Mapping[str, Any]) -> EffectResult:
    record = _find(world, served, arguments)
    if isinstance(record, EffectResult):
        return record
    after, move = update_record(world, served, record, arguments)
    key = _record_key(served, arguments)
    return EffectResult(
        served.operation.success or 200, after, changes={key: after}, reason="the record was changed", transition=move
    )


def _remove(world: Snapshot, served: ServedOperation, arguments: Mapping[str, Any]) -> EffectResult:
    record = _find(world, served, arguments)
    if isinstance(record, EffectResult):
        return record
    return EffectResult(served.operation.success or 200, record, changes={_record_key(served, arguments): None})


def _example(world: Snapshot, served: ServedOperation, arguments: Mapping[str, Any]) -> EffectResult:
    return EffectResult(served.operation.success or served.operation.statuses[0], reason="the documented example")


EFFECTS: dict[str, Callable[[Snapshot, ServedOperation, Mapping[str, Any]], EffectResult]] = {
    "list": _list,
    "retrieve": _retrieve,
    "transition": _transition,
    "create": _create,
    "update": _update,
    "remove": _remove,
    "example": _example,
}
"""Kind of effect to what it does; none of them changes anything itself."""


def _record_key(served: ServedOperation, arguments: Mapping[str, Any]) -> RecordKey:
    return served.collection, served.rule.key_in(arguments) if served.rule else ""


def _find(world: Snapshot, served: ServedOperation, arguments: Mapping[str, Any]) -> Any:
    """The record that the path names, or the outcome that says that there is none."""
    collection, key = _record_key(served, arguments)
    record = world.records(collection).get(key)
    if record is not None:
        return record
    if served.effect.not_found_status is None:
        name = served.effect.collection
        raise RecordNotFound(f"{name} has no {key}, and the blueprint documents no answer for that", {"collection": name})
    return EffectResult(served.effect.not_found_status, reason=f"{served.effect.collection} has no {key}")
