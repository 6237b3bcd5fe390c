"""Random changes of one sandbox of a server, for random walks."""

import random
import time
from dataclasses import replace
from typing import Any

import orjson

from helpers.http_front import Front
from mockserver.contract.record_types import RecordKey
from mockserver.errors import Problem
from mockserver.sandbox.record_edits import restore_record, transition_record
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import SandboxState

ADDRESSES = ("", "10.0.0.1", "10.0.0.2")
SANDBOXES = ("default", "anna", "ben", "cyril", "dana")
SCENARIOS: dict[str, dict[str, Any]] = {
    "one-runs": {
        "records": {"exports": {"status": "running"}},
        "match": {"path": {"export_id": 102}},
    },
    "fail-for-a-minute": {"records": {"exports": {"status": "error"}}, "until": 60},
    "by-time": {"progression": "time"},
    "by-polls": {"progression": "polls"},
    "three-times": {"status": 404, "times": 3},
    "sometimes": {"status": 404, "probability": 0.5},
    "every-second": {"status": 404, "every": 2, "after": 1},
    "again-and-again": {"sequence": [200, {"data": {"count": 3}}, 404], "repeat": True},
    "undocumented": {
        "response": {"status": 418, "headers": {"Vary": "Cookie"}, "body": "short"},
        "breaks_contract": True,
    },
    "many": {"data": {"count": 50}},
    "of-a-client": {"status": 404, "match": {"headers": {"user-agent": "test"}}},
    "without-features": {"token_features": []},
}
"""Name of a scenario to its definition."""


def switch_scenario(front: Front, name: str, choice: random.Random) -> None:
    names = [*SCENARIOS, "export-not-found", "empty-lists"]
    scenario = choice.choice(
        [name for name in names if name in front.server.contracts.main.contract.scenarios] or [""]
    )
    if not scenario:
        return
    if choice.random() < 0.4:
        front.server.sandboxes.switch_on(name, scenario)
    elif choice.random() < 0.5:
        front.server.sandboxes.switch_off(name, scenario)
    else:
        front.server.sandboxes.set_scenarios(name, ())


def change_clock(front: Front, name: str, choice: random.Random) -> None:
    seconds = choice.choice([1, 60, 3600, -1, -3600])
    progression = choice.choice(["manual", "time", "polls"])
    kind = choice.choice(["freeze", "run", "set", "progression"])

    def change(snapshot: Snapshot) -> tuple[SandboxState, None]:
        clock = snapshot.state.clock.frozen()
        if kind == "run":
            clock = replace(clock, running_since=time.time())
        elif kind == "set":
            clock = replace(clock, offset_seconds=max(0, clock.offset_seconds + seconds))
        elif kind == "progression":
            clock = replace(
                clock, progression=progression, progression_started_at=clock.offset_seconds
            )
        return replace(snapshot.materialized(), clock=clock), None

    front.server.sandboxes.change(name, change)


def bind_address(front: Front, _name: str, choice: random.Random) -> None:
    address, sandbox = choice.choice(ADDRESSES[1:]), choice.choice(["anna", "ben", None, None])
    front.server.sandboxes.change(
        "default", lambda before: (before.state.with_binding(address, sandbox), None)
    )


def edit_record(front: Front, name: str, choice: random.Random) -> None:
    collection = "push_notifications/exports"
    keys = list(front.server.contracts.main.contract.collections.get(collection, ()))[:3]
    key: RecordKey = collection, choice.choice(keys or ["1"])
    state = choice.choice(["running", "finished", "error", ""])
    try:
        if state:
            front.server.sandboxes.change(
                name, lambda before: transition_record(before, key, state)
            )
        else:
            front.server.sandboxes.change(name, lambda before: (restore_record(before, key), None))
    except Problem:
        return  # the record's state does not allow it


def reset_sandboxes(front: Front, name: str, choice: random.Random) -> None:
    front.server.sandboxes.reset(name)
    for address in ADDRESSES[1:]:
        front.server.sandboxes.change(
            "default",
            lambda before, address=address: (before.state.with_binding(address, None), None),
        )
    if choice.random() < 0.8:
        for sandbox in SANDBOXES:
            front.server.sandboxes.reset(sandbox)


def import_sandbox(front: Front, name: str, choice: random.Random) -> None:
    other = front.server.sandboxes.snapshot(choice.choice(SANDBOXES)).state
    front.server.sandboxes.replace(
        name, SandboxState.from_json(orjson.loads(orjson.dumps(other.as_json())))
    )
