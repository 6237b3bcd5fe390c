"""Control operations on a sandbox's clock."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mockserver.contract.lifecycles import is_stamp
from mockserver.contract.lifecycles.progression import PROGRESSIONS
from mockserver.contract.timestamps import LATEST, between
from mockserver.errors import Violation
from mockserver.formats.json_schema import Validator
from mockserver.formats.json_text import show
from mockserver.sandbox.clock import Clock
from mockserver.sandbox.snapshot import World
from mockserver.sandbox.state import State
from mockserver.web.admin.call import Call, Json, refuse
from mockserver.web.admin.schemas import TEXT, an_object

MOST = 10 * 366 * 86400
"""The most seconds that the clock is put forward at once: ten years."""

_MEMBERS = {"now": TEXT, "mode": {"enum": ["frozen", "running"]}, "progression": {"enum": list(PROGRESSIONS)}}
SHOWN = an_object(**_MEMBERS)
PUT = Validator(an_object(_MEMBERS))
ADVANCE = Validator(an_object(seconds={"type": "number", "minimum": 0, "maximum": MOST}))


def shown(call: Call) -> Json:
    """`now`, a stamp; `mode`, frozen or running; `progression`, a word of `progression.PROGRESSIONS`."""
    world = call.server.sandboxes.open(call.sandbox)
    clock = world.state.clock
    return {"now": world.now, "mode": "frozen" if clock.since is None else "running", "progression": clock.progression}


def put(call: Call) -> Json:
    """Change any of what `shown` tells."""
    now = call.body.get("now")
    start = call.server.contract.start
    if now is not None and (not is_stamp(now) or not start <= now <= LATEST):
        refuse([Violation("/now", f"a stamp, YYYY-MM-DD HH:MM:SS, from {start} to {LATEST}", show(now))])
    return _changed(call, lambda clock, start: _put(clock, start, call.body))


def advance(call: Call) -> Json:
    """Put it forward; records that progress with time are then as they would be."""
    seconds = call.body["seconds"]

    def forward(clock: Clock, start: str) -> Clock:
        if clock.seconds() + seconds > between(start, LATEST):
            refuse([Violation("/seconds", f"a time not after {LATEST}", show(seconds))])
        return replace(clock, ahead=clock.ahead + seconds)

    return _changed(call, forward)


def _put(clock: Clock, start: str, wanted: Any) -> Clock:
    ahead = between(start, wanted["now"]) if "now" in wanted else clock.seconds()
    running = wanted.get("mode", "frozen" if clock.since is None else "running") == "running"
    after = replace(clock, ahead=ahead, since=time.time() if running else None)
    if wanted.get("progression", clock.progression) != clock.progression:
        return replace(after, progression=wanted["progression"], progresses_from=ahead)
    return after


def _changed(call: Call, change: Callable[[Clock, str], Clock]) -> Json:
    start = call.server.contract.start

    def step(world: World) -> tuple[State, None]:
        clock = change(world.state.clock, start)
        # What the clock has made of the records stays, though from now on something else moves them on.
        state = world.settled() if clock.progression != world.state.clock.progression else world.state
        return replace(state, clock=clock), None

    call.server.sandboxes.change(call.sandbox, step)
    return shown(call)
