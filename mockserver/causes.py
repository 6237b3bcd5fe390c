"""What a scenario's cause makes of a record: members replaced, and a state that was truly come to."""

from collections.abc import Mapping
from typing import Any

from mockserver.lifecycles import Lifecycle, value_at, with_value
from mockserver.stores import Record


def caused(record: Record, members: Mapping[str, Any], lifecycle: Lifecycle | None, stamp: str) -> Record:
    """The record with these members (`stats.sent` names one within another); the record given stays as it is.

    The member that holds the state takes history and counts along, as if the record had moved there by `stamp`.
    """
    for name, value in members.items():
        steps = tuple(name.split("."))
        if lifecycle and steps == lifecycle.state and value in lifecycle.states:
            record = _in_state(record, lifecycle, value, stamp)
        else:
            record = with_value(record, steps, value)
    return record


def _in_state(record: Record, lifecycle: Lifecycle, to: str, stamp: str) -> Record:
    """The record in another state: its history as far as it leads there, then the moves that are left."""
    if lifecycle.state_of(record) == to:
        return record
    history = value_at(record, lifecycle.history) or {}
    way = max(lifecycle.ways_to(to), key=lambda way: len(_shared(way, history)))
    kept = _shared(way, history) or way[:1]
    record = with_value(record, lifecycle.state, kept[-1])
    if lifecycle.history:
        record = with_value(record, lifecycle.history, {name: history.get(name, stamp) for name in kept})
    if lifecycle.counts and kept == way[:1]:
        for part in lifecycle.counts.parts:
            record = with_value(record, part, 0)
    for following in way[len(kept) :]:
        record = lifecycle.moved(record, following, stamp)
    return record


def _shared(way: tuple[str, ...], history: Mapping[str, Any]) -> tuple[str, ...]:
    """The beginning of a way that a history has behind it already."""
    end = next((index for index, name in enumerate(way) if name not in history), len(way))
    return way[:end]
