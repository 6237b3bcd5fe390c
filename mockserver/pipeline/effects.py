"""The effects of operations on the records: one function for each kind of effect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.effects import Effect
from mockserver.contract.lifecycles import advance_once
from mockserver.contract.model import ServedOperation
from mockserver.contract.record_index import Contains, Criterion, is_one_of
from mockserver.contract.record_types import Record, RecordKey
from mockserver.errors import KeyConflict, RecordNotFound
from mockserver.pipeline.record_copies import RecordCopies
from mockserver.pipeline.record_writes import create_record, record_url, update_record
from mockserver.pipeline.repeated_lists import ListCriteria, repeated_page
from mockserver.sandbox.journal import Transition
from mockserver.sandbox.snapshot import Snapshot

Arguments = Mapping[str, Any]
"""Value of each path and query parameter, by name."""


@dataclass(frozen=True, slots=True)
class EffectResult:
    """The result of one operation."""

    status: int
    content: Any = None
    """The record or the list of records to return; `None` for the documented example."""
    echo: Mapping[str, Any] = field(default_factory=dict)
    """Values of the request that the response repeats."""
    changes: Mapping[RecordKey, Record | None] = field(default_factory=dict)
    """The changed records; `None` for a deleted one."""
    reason: str = "the current records"
    """The cause of the status."""
    transition: Transition | None = None
    """The change of a lifecycle state, if there was one."""
    location: str | None = None
    """The path of the created record."""
    total: int | None = None
    """The number of matching records on all pages; `None` if the result is not a list."""
    notes: tuple[str, ...] = ()
    """Notes for the journal."""


def _list(
    snapshot: Snapshot, served: ServedOperation, arguments: Arguments, body: Any
) -> EffectResult:
    effect = served.effect
    limit, start, paging = _page(effect, arguments)
    criteria = (*_parent_criteria(served, arguments), *_search_criteria(served, arguments))
    page, total = snapshot.records(served.collection).page(criteria, start, limit)
    echo = {**arguments, **paging, effect.total or "": total}
    return EffectResult(_success(served), page, echo, total=total)


def list_of_length(
    snapshot: Snapshot, served: ServedOperation, arguments: Arguments, length: int
) -> EffectResult:
    """Return a page of a list whose records are repeated up to a length.

    Each copy has another key, if the schema allows one.
    """
    effect = served.effect
    limit, start, paging = _page(effect, arguments)
    view = snapshot.records(served.collection)
    criteria = ListCriteria(
        _parent_criteria(served, arguments), _search_criteria(served, arguments)
    )
    echo = {**arguments, **paging, effect.total or "": length}
    copies = None
    if served.rule:
        copies = RecordCopies(view, served.rule, _validity(served, echo))
    page = repeated_page(view, criteria, length, (start, limit), copies)
    echo[effect.total or ""] = page.total
    notes: tuple[str, ...] = ()
    if page.copy_count:
        notes = (f"copies in the list: {page.copy_count}; copies exist in lists only",)
    return EffectResult(_success(served), page.records, echo, total=page.total, notes=notes)


def _validity(served: ServedOperation, echo: Mapping[str, Any]) -> Callable[[Record], bool]:
    """Return a function that checks whether a list may have a record, as its only one."""
    envelope, validator = served.envelope, served.validators.get(_success(served))
    if envelope is None or validator is None:
        return lambda record: True
    return lambda record: validator.accepts(envelope.wrap([envelope.item(record)], echo))


def _parent_criteria(served: ServedOperation, arguments: Arguments) -> tuple[Criterion, ...]:
    """Return the criterion for the records of the parent in the path; none without a parent."""
    locator = served.rule
    if locator and locator.parent and locator.parent_member:
        # As text, because a variable that the blueprint does not describe is always a string.
        return (is_one_of(locator.parent_member, [str(arguments[locator.parent])]),)
    return ()


def _search_criteria(served: ServedOperation, arguments: Arguments) -> tuple[Criterion, ...]:
    """Return the criteria of the search and the filters in the query."""
    effect = served.effect
    criteria: list[Criterion] = []
    for variable, member in effect.search.items():
        text = str(arguments.get(variable, "")).casefold()
        if text:
            criteria.append(Contains(member, text))
    for variable, member in effect.filter.items():
        if variable in arguments:
            requested = arguments[variable]
            if not isinstance(requested, list):
                requested = [requested]
            criteria.append(is_one_of(member, requested))
    return tuple(criteria)


def _page(effect: Effect, arguments: Arguments) -> tuple[int, int, dict[str, Any]]:
    """Return the page size, the index of the first record, and the values to echo."""
    limit: int = arguments.get(effect.size, effect.limit)
    if effect.page:
        page: int = arguments.get(effect.page, 1)
        return limit, (page - 1) * limit, {effect.size: limit, effect.page: page}
    offset: int | None = arguments.get("offset", effect.offset)
    return limit, offset or 0, {effect.size: limit, "offset": offset}


def _retrieve(
    snapshot: Snapshot, served: ServedOperation, arguments: Arguments, body: Any
) -> EffectResult:
    record = _find(snapshot, served, arguments)
    if isinstance(record, EffectResult):
        return record
    lifecycle, advanced = served.lifecycle, None
    records, key = snapshot.records(served.collection), _record_key(served, arguments)
    if lifecycle and snapshot.advances_on_read and not records.has_overridden_state(key[1]):
        advanced = advance_once(record, lifecycle, snapshot.now)
    if lifecycle is None or advanced is None:
        return EffectResult(_success(served), record)
    updated, state = advanced
    return EffectResult(
        _success(served),
        record,
        changes={key: updated},
        reason="the current record, which this read advances",
        transition=Transition("/".join(key), str(lifecycle.state_of(record)), state),
    )


def _transition(
    snapshot: Snapshot, served: ServedOperation, arguments: Arguments, body: Any
) -> EffectResult:
    effect, lifecycle = served.effect, served.lifecycle
    record = _find(snapshot, served, arguments)
    if isinstance(record, EffectResult):
        return record
    if lifecycle is None:
        return EffectResult(_success(served), record)
    state = lifecycle.state_of(record)
    if state in effect.reject:
        return EffectResult(effect.reject[state], reason=f"the record is {state}")
    if state not in effect.from_states:
        return EffectResult(
            _success(served), record, reason=f"the record is {state} and stays in this state"
        )
    key = _record_key(served, arguments)
    timestamp = lifecycle.timestamp_after(record, snapshot.now)
    updated = lifecycle.transitioned(record, effect.to_state, timestamp)
    return EffectResult(
        _success(served),
        updated,
        changes={key: updated},
        reason=f"the record was {state}",
        transition=Transition("/".join(key), str(state), effect.to_state),
    )


def _create(
    snapshot: Snapshot, served: ServedOperation, arguments: Arguments, body: Any
) -> EffectResult:
    record = create_record(snapshot, served, arguments, body)
    key = (served.collection, "")
    if served.rule:
        key = (served.collection, served.rule.key_of(record))
    reason = "a new record"
    if key[1] in snapshot.records(served.collection):
        reason = "the first creation of the documented record"
        if not _is_unchanged_example(snapshot, served, key, record):
            return _key_conflict(served.effect, key[1])
    return EffectResult(
        served.operation.success_status or 201,
        record,
        changes={key: record},
        reason=reason,
        location=record_url(snapshot, served, record),
    )


def _key_conflict(effect: Effect, key: str) -> EffectResult:
    """Return the documented response for a key that another record has.

    Raises:
        KeyConflict: the blueprint documents no response for that.
    """
    reason = f"{effect.collection} already has a record {key!r}"
    if effect.conflict_status is None:
        detail = f"{reason}; the blueprint documents no response for this"
        raise KeyConflict(detail, {"collection": effect.collection})
    return EffectResult(effect.conflict_status, reason=reason)


def _is_unchanged_example(
    snapshot: Snapshot, served: ServedOperation, key: RecordKey, record: Record
) -> bool:
    """Return whether the documented request creates a shipped record that nothing has changed yet.

    The record exists from the start, so that the documented GET finds it. The documented creation
    has to succeed as well.
    """
    if served.rule is None or str(record.get(served.rule.id_field)) not in served.example_keys:
        return False
    return key not in snapshot.state.records and key not in snapshot.state.overlay


def _update(
    snapshot: Snapshot, served: ServedOperation, arguments: Arguments, body: Any
) -> EffectResult:
    record = _find(snapshot, served, arguments)
    if isinstance(record, EffectResult):
        return record
    updated, transition = update_record(snapshot, served, record, body)
    return EffectResult(
        _success(served),
        updated,
        changes={_record_key(served, arguments): updated},
        reason="the record was changed",
        transition=transition,
    )


def _remove(
    snapshot: Snapshot, served: ServedOperation, arguments: Arguments, body: Any
) -> EffectResult:
    record = _find(snapshot, served, arguments)
    if isinstance(record, EffectResult):
        return record
    return EffectResult(_success(served), record, changes={_record_key(served, arguments): None})


def _example(
    snapshot: Snapshot, served: ServedOperation, arguments: Arguments, body: Any
) -> EffectResult:
    status = served.operation.success_status or served.operation.statuses[0]
    return EffectResult(status, reason="the documented example")


EFFECTS: dict[str, Callable[[Snapshot, ServedOperation, Arguments, Any], EffectResult]] = {
    "list": _list,
    "retrieve": _retrieve,
    "transition": _transition,
    "create": _create,
    "update": _update,
    "remove": _remove,
    "example": _example,
}
"""Kind of effect to its function.

The last argument is the JSON body. No function changes the snapshot.
"""


def _success(served: ServedOperation) -> int:
    return served.operation.success_status or 200


def _record_key(served: ServedOperation, arguments: Arguments) -> RecordKey:
    if served.rule is None:
        return served.collection, ""
    return served.collection, served.rule.key_in(arguments)


def _find(snapshot: Snapshot, served: ServedOperation, arguments: Arguments) -> Any:
    """Return the record that the path names, or the `EffectResult` for a missing record.

    Raises:
        RecordNotFound: the record is missing, and the blueprint documents no response for that.
    """
    collection, key = _record_key(served, arguments)
    record = snapshot.records(collection).get(key)
    if record is not None:
        return record
    name = served.effect.collection
    reason = f"{name} has no record {key!r}"
    if served.effect.not_found_status is None:
        detail = f"{reason}; the blueprint documents no response for this"
        raise RecordNotFound(detail, {"collection": name})
    return EffectResult(served.effect.not_found_status, reason=reason)
