"""Control operations on a sandbox's clock."""

import time
from collections.abc import Callable
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
from mockserver.web.admin.call import AdminCall, Json, raise_invalid
from mockserver.web.admin.schemas import TEXT, object_of

MAX_ADVANCE_SECONDS = 10 * 366 * 86400
"""The most seconds that the clock is put forward at once: ten years."""

_MEMBERS = {"now": TEXT, "mode": {"enum": ["frozen", "running"]}, "progression": {"enum": list(PROGRESSIONS)}}
CLOCK = object_of(**_MEMBERS)
CLOCK_REQUEST = Validator(object_of(_MEMBERS))
ADVANCE = Validator(object_of(seconds={"type": "number", "minimum": 0, "maximum": MAX_ADVANCE_SECONDS}))


def get_clock(call: AdminCall) -> Json:
    """`now`, a stamp; `mode`, frozen or running; `progression`, a word of `progression.PROGRESSIONS`."""
    world = call.server.sandboxes.snapshot(call.sandbox)
    clock = world.state.clock
    return {"now": world.now, "mode": "frozen" if clock.running_since is None else "running", "progression": clock.progression}


def set_clock(call: AdminCall) -> Json:
    """Change any of what `shown` tells."""
    now = call.body.get("now")
    start = call.server.contract.start
    if now is not None and (not is_timestamp(now) or not start <= now <= LATEST):
        raise_invalid([Violation("/now", f"a stamp, YYYY-MM-DD HH:MM:SS, from {start} to {LATEST}", abbreviated_json(now))])
    return _changed(call, lambda clock, start: _put(clock, start, call.body))


def advance(call: AdminCall) -> Json:
    """Put it forward; records that progress with time are then as they would be."""
    seconds = call.body["seconds"]

    def forward(clock: Clock, start: str) -> Clock:
        if clock.seconds() + seconds > between(start, LATEST):
            raise_invalid([Violation("/seconds", f"a time not after {LATEST}", abbreviated_json(seconds))])
        return replace(clock, offset_seconds=clock.offset_seconds + seconds)

    return _changed(call, forward)


def _put(clock: Clock, start: str, wanted: Any) -> Clock:
    ahead = between(start, wanted["now"]) if "now" in wanted else clock.seconds()
    running = wanted.get("mode", "frozen" if clock.running_since is None else "running") == "running"
    after = replace(clock, offset_seconds=ahead, running_since=time.time() if running else None)
    if wanted.get("progression", clock.progression) != clock.progression:
        return replace(after, progression=wanted["progression"], progression_started_at=ahead)
    return after


def _changed(call: AdminCall, change: Callable[[Clock, str], Clock]) -> Json:
    start = call.server.contract.start

    def step(world: Snapshot) -> tuple[SandboxState, None]:
        clock = change(world.state.clock, start)
        # What the clock has made of the records stays, though from now on something else moves them on.
        state = world.materialized() if clock.progression != world.state.clock.progression else world.state
        return replace(state, clock=clock), None

    call.server.sandboxes.change(call.sandbox, step)
    return get_clock(call)
