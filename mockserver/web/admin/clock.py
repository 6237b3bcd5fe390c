"""The admin API of a sandbox's clock."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.lifecycles.progression import PROGRESSIONS
from mockserver.contract.timestamps import LATEST, between, is_timestamp
from mockserver.errors import Violation
from mockserver.formats.json_schema import Validator
from mockserver.formats.json_text import abbreviated_json
from mockserver.sandbox.clock import Clock
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import SandboxState
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.schemas import TEXT, Json, object_of
from mockserver.web.admin.violations import raise_invalid

MAX_ADVANCE_SECONDS = 10 * 366 * 86400
"""The maximum of one `advance`, in seconds: ten years."""

FROZEN, RUNNING = "frozen", "running"
_MEMBERS = {
    "now": TEXT,
    "mode": {"enum": [FROZEN, RUNNING]},
    "progression": {"enum": list(PROGRESSIONS)},
}
CLOCK = object_of(**_MEMBERS)
CLOCK_REQUEST = Validator(object_of(_MEMBERS))
ADVANCE = Validator(
    object_of(seconds={"type": "number", "minimum": 0, "maximum": MAX_ADVANCE_SECONDS})
)


def get_clock(call: AdminCall) -> Json:
    """Return the time, the mode (frozen or running) and the progression of the clock."""
    snapshot = call.server.sandboxes.snapshot(call.sandbox)
    clock = snapshot.state.clock
    return {"now": snapshot.now, "mode": _mode(clock), "progression": clock.progression}


def _mode(clock: Clock) -> str:
    if clock.running_since is None:
        return FROZEN
    return RUNNING


def set_clock(call: AdminCall) -> Json:
    """Set some of the members that `get_clock` returns.

    Raises:
        AdminRequestInvalid: `now` is not a timestamp, or is out of range.
    """
    now = call.body.get("now")
    start = call.contract.start
    if now is not None and (not is_timestamp(now) or not start <= now <= LATEST):
        expected = f"a timestamp, YYYY-MM-DD HH:MM:SS, from {start} to {LATEST}"
        raise_invalid([Violation("/now", expected, abbreviated_json(now))])
    return _change(call, lambda clock, start: _with_members(clock, start, call.body))


def advance(call: AdminCall) -> Json:
    """Advance the clock by a number of seconds.

    Raises:
        AdminRequestInvalid: the time would be out of range.
    """
    seconds = call.body["seconds"]

    def advance_clock(clock: Clock, start: str) -> Clock:
        if clock.seconds() + seconds > between(start, LATEST):
            expected = f"a time not after {LATEST}"
            raise_invalid([Violation("/seconds", expected, abbreviated_json(seconds))])
        return replace(clock, offset_seconds=clock.offset_seconds + seconds)

    return _change(call, advance_clock)


def _with_members(clock: Clock, start: str, members: Mapping[str, Any]) -> Clock:
    """Return the clock with these members. `start` is the fixtures' date."""
    offset, running_since = clock.seconds(), None
    if "now" in members:
        offset = between(start, members["now"])
    if members.get("mode", _mode(clock)) == RUNNING:
        running_since = time.time()
    new_clock = replace(clock, offset_seconds=offset, running_since=running_since)
    progression = members.get("progression", clock.progression)
    if progression != clock.progression:
        return replace(new_clock, progression=progression, progression_started_at=offset)
    return new_clock


def _change(call: AdminCall, change: Callable[[Clock, str], Clock]) -> Json:
    """Change the clock. The arguments of `change` are the clock and the fixtures' date."""

    def step(snapshot: Snapshot) -> tuple[SandboxState, None]:
        state = snapshot.state
        clock = change(state.clock, snapshot.contract.start)
        if clock.progression != state.clock.progression:
            # The records keep the changes of the previous progression.
            state = snapshot.materialized()
        return replace(state, clock=clock), None

    call.server.sandboxes.change(call.sandbox, step)
    return get_clock(call)
