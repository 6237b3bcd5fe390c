"""What operations do to the records: one function for each kind of effect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.effects import Effect
from mockserver.contract.lifecycles import next_by_poll
from mockserver.contract.model import Served
from mockserver.contract.records import Record, RecordKey
from mockserver.errors import KeyTaken, NotInCollection
from mockserver.pipeline.record_writes import created, located, updated
from mockserver.sandbox.journal import Move
from mockserver.sandbox.snapshot import World


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one operation."""

    status: int
    content: Any = None
    """The record or the list of records to answer with; `None` for the documented example of the status."""
    echo: Mapping[str, Any] = field(default_factory=dict)
    """What the answer repeats of the request."""
    changes: Mapping[RecordKey, Record | None] = field(default_factory=dict)
    """The records that are another from now on; `None` for one that is gone."""
    why: str = "the records as they are"
    """What of the records chose the status."""
    move: Move | None = None
    """The change of state that was made."""
    location: str | None = None
    """The path of the record that was made."""
    total: int | None = None
    """How many records match on all pages; `None` for what is not a list."""


def _list(world: World, served: Served, arguments: Mapping[str, Any]) -> Outcome:
    effect, rule = served.effect, served.rule
    records = list(world.records(served.collection).values())
    if rule and rule.within:
        # As text, like a key: a variable that the blueprint says nothing of is a string, whatever the records have.
        within = str(arguments[rule.within])
        records = [r for r in records if str(r[rule.within]) == within]
    for variable, member in effect.search.items():
        if text := str(arguments.get(variable, "")).casefold():
            records = [r for r in records if text in str(r.get(member, "")).casefold()]
    for variable, member in effect.where.items():
        if variable in arguments:
            records = [r for r in records if _is_one_of(r.get(member), arguments[variable])]
    limit, start, paging = _page(effect, arguments)
    echo = {**arguments, **paging, effect.total or "": len(records)}
    return Outcome(served.operation.success or 200, records[start : start + limit], echo, total=len(records))


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


def _retrieve(world: World, served: Served, arguments: Mapping[str, Any]) -> Outcome:
    found = _find(world, served, arguments)
    if isinstance(found, Outcome):
        return found
    success, key, lifecycle = served.operation.success or 200, _key(served, arguments), served.lifecycle
    moved = next_by_poll(found, lifecycle, world.now) if lifecycle and world.polled else None
    if moved is None or lifecycle is None:
        return Outcome(success, found)
    move = Move("/".join(key), str(lifecycle.state_of(found)), moved[1])
    return Outcome(success, found, changes={key: moved[0]}, why="the record as it is; this look moves it on", move=move)


def _transition(world: World, served: Served, arguments: Mapping[str, Any]) -> Outcome:
    record, effect, lifecycle = _find(world, served, arguments), served.effect, served.lifecycle
    if isinstance(record, Outcome) or lifecycle is None:
        return record if isinstance(record, Outcome) else Outcome(served.operation.success or 200, record)
    state = lifecycle.state_of(record)
    if state in effect.refuse:
        return Outcome(effect.refuse[state], why=f"the record is {state}")
    success = served.operation.success or 200
    if state not in effect.come_from:
        return Outcome(success, record, why=f"the record is {state}, and stays so")
    key, moved = _key(served, arguments), lifecycle.moved(record, effect.to, lifecycle.stamp_after(record, world.now))
    move = Move("/".join(key), str(state), effect.to)
    return Outcome(success, moved, changes={key: moved}, why=f"the record was {state}", move=move)


def _create(world: World, served: Served, arguments: Mapping[str, Any]) -> Outcome:
    record = created(world, served, arguments)
    key = served.collection, served.rule.key_of(record) if served.rule else ""
    is_new = key[1] not in world.records(served.collection)
    if is_new or _is_shown_record(world, served, key, record):
        reason = "a new record" if is_new else "the first creation of the record that the blueprint shows"
        location = located(world, served, record)
        return Outcome(served.operation.success or 201, record, changes={key: record}, why=reason, location=location)
    why = f"{served.effect.collection} has {key[1]} already"
    if served.effect.taken is None:
        raise KeyTaken(f"{why}, and the blueprint documents no answer for that", {"collection": served.effect.collection})
    return Outcome(served.effect.taken, why=why)


def _is_shown_record(world: World, served: Served, key: RecordKey, record: Record) -> bool:
    """Whether the documented request creates a shipped record, which nothing has changed yet.

    The record is there from the start, so that the documented GET finds it; the documented creation has to succeed, too.
    """
    is_documented = served.rule is not None and str(record.get(served.rule.member)) in served.example_keys
    return is_documented and key not in world.state.records and key not in world.state.overlaid


def _update(world: World, served: Served, arguments: Mapping[str, Any]) -> Outcome:
    record = _find(world, served, arguments)
    if isinstance(record, Outcome):
        return record
    after, move = updated(world, served, record, arguments)
    key = _key(served, arguments)
    return Outcome(served.operation.success or 200, after, changes={key: after}, why="the record was changed", move=move)


def _remove(world: World, served: Served, arguments: Mapping[str, Any]) -> Outcome:
    record = _find(world, served, arguments)
    if isinstance(record, Outcome):
        return record
    return Outcome(served.operation.success or 200, record, changes={_key(served, arguments): None})


def _example(world: World, served: Served, arguments: Mapping[str, Any]) -> Outcome:
    return Outcome(served.operation.success or served.operation.statuses[0], why="the documented example")


EFFECTS: dict[str, Callable[[World, Served, Mapping[str, Any]], Outcome]] = {
    "list": _list,
    "retrieve": _retrieve,
    "transition": _transition,
    "create": _create,
    "update": _update,
    "remove": _remove,
    "example": _example,
}
"""Kind of effect to what it does; none of them changes anything itself."""


def _key(served: Served, arguments: Mapping[str, Any]) -> RecordKey:
    return served.collection, served.rule.key_in(arguments) if served.rule else ""


def _find(world: World, served: Served, arguments: Mapping[str, Any]) -> Any:
    """The record that the path names, or the outcome that says that there is none."""
    collection, key = _key(served, arguments)
    record = world.records(collection).get(key)
    if record is not None:
        return record
    if served.effect.missing is None:
        name = served.effect.collection
        raise NotInCollection(f"{name} has no {key}, and the blueprint documents no answer for that", {"collection": name})
    return Outcome(served.effect.missing, why=f"{served.effect.collection} has no {key}")
