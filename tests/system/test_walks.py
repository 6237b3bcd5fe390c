"""Random walks: records stay consistent, and responses match the contract."""

import functools
from dataclasses import replace
from typing import Any

import orjson
import pytest
from helpers.shipped_api import BUSY, EXPORTS, LIST_EXPORTS, RETRIEVE, TRASH, shipped_contract
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.contract.scenarios.definition import build_scenario
from mockserver.contract.scenarios.definition_rules import definition_errors
from mockserver.contract.scenarios.list_lengths import DATA_NAMES
from mockserver.contract.scenarios.scenario import ResponseOverride
from mockserver.formats.json_schema import Validator
from mockserver.pipeline.messages import Request, Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.record_edits import transition_record
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore

MORE_SCENARIOS: dict[str, dict[str, Any]] = {
    "all-wait": {"records": {"exports": {"status": "waiting"}}},
    "one-runs": {
        "records": {"exports": {"status": "running"}},
        "match": {"path": {"export_id": 102}},
    },
    "all-fail-for-a-minute": {
        "records": {"exports": {"status": "error", "name": "x"}},
        "until": 60,
    },
    "time": {"progression": "time"},
    "polls": {"progression": "polls"},
    "nothing-moves": {"progression": "manual", "records": {"exports": {"name": "still"}}},
    "again-and-again": {"sequence": [200, {"data": {"count": 30}}, 404], "repeat": True},
    "undocumented": {"response": {"status": 418, "body": "short"}, "breaks_contract": True},
    "many": {"data": {"count": 30}, "operations": [LIST_EXPORTS], "every": 2},
}
"""Additional scenarios: some override or advance records, some change responses."""


@functools.cache
def contract() -> Contract:
    """Return the shipped contract with `MORE_SCENARIOS`. No walk changes it."""
    shipped = shipped_contract()
    (api,) = shipped.apis
    scenarios = dict(shipped.scenarios)
    for name, definition in MORE_SCENARIOS.items():
        members = {"title": name, "operations": [RETRIEVE], **definition}
        scenarios[name] = build_scenario(name, api.id, members)
    return replace(shipped, scenarios=scenarios)


PROBLEM_STATUSES = {400, 401, 403, 404}
"""Statuses of the problems that a walk can receive."""
EXPORT_RECORDS = contract().collections["push_notifications/exports"]
OPEN_EXPORTS = [
    key
    for key in range(100, 140)
    if EXPORT_RECORDS.get(f"{BUSY}/{key}", {}).get("status") in ("waiting", "running")
]
KEYS = st.sampled_from([*OPEN_EXPORTS, 101, 999_999])
IN_TRASH = st.sampled_from(
    [*list(contract().collections["push_notifications/trash"])[:4], "nobody"]
)
TOKENS = st.sampled_from(["any"] * 12 + ["view-only", "edit-only", "no-features", "expired", ""])
VARIANT_PREFERENCES = [f"data={name}" for name in (*DATA_NAMES, 37)]
SCENARIO_PREFERENCES = [
    "scenario=finished-export-cancel",
    "scenario=all-wait",
    "scenario=export-not-found",
    "scenario=fault-truncated",
    "scenario=undocumented",
]
PREFERENCES = st.sampled_from(
    [*[""] * 6, "code=404", "code=200", *VARIANT_PREFERENCES, *SCENARIO_PREFERENCES]
)
OVERRIDES = st.fixed_dictionaries(
    {},
    optional={
        "times": st.integers(1, 3),
        "after": st.integers(0, 2),
        "every": st.integers(1, 3),
        "repeat": st.booleans(),
        "probability": st.sampled_from([0.0, 0.3, 1.0]),
        "until": st.integers(0, 100),
        "match": st.fixed_dictionaries(
            {"path": st.fixed_dictionaries({"export_id": st.integers(100, 103)})}
        ),
    },
)


class Walk(RuleBasedStateMachine):
    """One sandbox, and requests and changes to it."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.server = MockServer(contract(), Settings(max_delay=0), MemoryStore(SandboxState()))
        self.canceled: set[str] = set()
        """Exports that were canceled without overrides, and so stay canceled."""
        self.restored: set[str] = set()
        """Push notifications that were restored without overrides, and so stay out of the trash."""
        self.latest = contract().start
        """The latest time that the clock has had."""

    def ask(self, method: str, target: str, prefer: str = "", token: str = "any") -> Response:
        """Send a request, and validate the response against the contract."""
        path, _, query = target.partition("?")
        headers = {"x-access-token": token, **({"prefer": prefer} if prefer else {})}
        response = self.server.respond(Request(method, path, query, headers))
        Walk.steps += 1
        served = self.server.contracts.main.router.match(method, path).served
        kind = dict(response.headers).get("Content-Type")
        if not response.is_documented:
            assert (response.status, response.body) == (418, b"short")
        elif response.fault and response.status not in served.operation.statuses:
            assert response.body == b"", "the pipeline does not send the page of a proxy"
        elif kind == "application/problem+json":
            assert response.status in PROBLEM_STATUSES, response.body
        else:
            assert response.status in served.operation.statuses
            assert served.validators[response.status].violations(orjson.loads(response.body)) == ()
        return response

    def snapshot(self) -> Any:
        return self.server.sandboxes.snapshot("default")

    @rule(
        limit=st.none() | st.integers(0, 50),
        offset=st.none() | st.integers(0, 50),
        prefer=PREFERENCES,
        token=TOKENS,
    )
    def list_exports(self, limit: int | None, offset: int | None, prefer: str, token: str) -> None:
        query = "&".join(
            f"{name}={value}"
            for name, value in (("limit", limit), ("offset", offset))
            if value is not None
        )
        self.ask("GET", f"{EXPORTS}?{query}", prefer, token)

    @rule(key=KEYS, prefer=PREFERENCES, token=TOKENS)
    def retrieve(self, key: int, prefer: str, token: str) -> None:
        self.ask("GET", f"{EXPORTS}/{key}", prefer, token)

    @rule(key=KEYS, prefer=PREFERENCES, token=TOKENS)
    def cancel(self, key: int, prefer: str, token: str) -> None:
        response = self.ask("DELETE", f"{EXPORTS}/{key}", prefer, token)
        transition = next(iter(self.journal()), {}).get("transition")
        if (
            response.status == 200
            and transition
            and transition["to"] == "canceled"
            and not self.snapshot().has_overrides
            and "scenario" not in prefer
        ):
            self.canceled.add(f"{BUSY}/{key}")

    @rule(text=st.sampled_from(["", "a", "<b>"]), prefer=PREFERENCES, token=TOKENS)
    def list_trash(self, text: str, prefer: str, token: str) -> None:
        self.ask("GET", f"{TRASH}?searched_text={text}", prefer, token)

    @rule(key=IN_TRASH, prefer=PREFERENCES, token=TOKENS)
    def restore(self, key: str, prefer: str, token: str) -> None:
        before = self.snapshot()
        response = self.ask("PATCH", f"{TRASH}/{key}", prefer, token)
        if (
            response.status == 200
            and not before.has_overrides
            and not response.fault
            and "scenario" not in prefer
        ):
            assert (
                self.ask("PATCH", f"{TRASH}/{key}", "delay=0").status in (403, 404) or self.forced()
            )
            self.restored.add(key)

    @rule(name=st.sampled_from(sorted(contract().scenarios)), overrides=OVERRIDES)
    def switch_on(self, name: str, overrides: dict[str, Any]) -> None:
        scenario = contract().scenarios[name]
        definition = {**scenario.definition, **overrides}
        errors = definition_errors(definition, contract().apis[0], None)
        invalid = {error.pointer[0] for error in errors}
        overrides = {key: value for key, value in overrides.items() if key not in invalid}
        self.server.sandboxes.switch_on("default", name, overrides)

    @rule(name=st.sampled_from(sorted(contract().scenarios)))
    def switch_off(self, name: str) -> None:
        self.server.sandboxes.switch_off("default", name)

    @rule()
    def all_off(self) -> None:
        self.server.sandboxes.set_scenarios("default", ())

    @rule(
        seconds=st.sampled_from([1, 5, 60, 3600, -1, -3600]),
        progression=st.sampled_from(["", "manual", "time", "polls"]),
    )
    def pass_time(self, seconds: int, progression: str) -> None:
        """Advance or set back the clock, and choose the progression of records."""

        def step(snapshot: Any) -> tuple[SandboxState, None]:
            clock = snapshot.state.clock
            new_progression = progression or clock.progression
            after = replace(clock, offset_seconds=max(0, clock.offset_seconds + seconds))
            if new_progression == clock.progression:
                return replace(snapshot.state, clock=after), None
            after = replace(
                after,
                progression=new_progression,
                progression_started_at=after.offset_seconds,
            )
            return replace(snapshot.materialized(), clock=after), None

        self.server.sandboxes.change("default", step)
        self.latest = max(self.latest, self.snapshot().now)

    @rule(key=KEYS, data=st.data())
    def move_with_the_admin_api(self, key: int, data: st.DataObject) -> None:
        where = "push_notifications/exports", f"{BUSY}/{key}"
        record = self.snapshot().records(where[0]).get(where[1])
        next_states = contract().lifecycles[where[0]].next_of(record) if record else ()
        if not next_states:
            return
        to = data.draw(st.sampled_from(next_states))
        self.server.sandboxes.change(
            "default", lambda snapshot: transition_record(snapshot, where, to)
        )
        after = self.snapshot().records(where[0])[where[1]]
        assert after["status"] == to or self.snapshot().progression == "time"

    @rule()
    def copy(self) -> None:
        """Replace the sandbox with the state that is read from its JSON."""
        before = self.snapshot().records("push_notifications/exports")
        state = SandboxState.from_json(orjson.loads(orjson.dumps(self.snapshot().state.as_json())))
        self.server.sandboxes.replace("default", state)
        assert self.snapshot().records("push_notifications/exports") == before

    @rule(name=st.sampled_from(["time", "polls"]), on=st.booleans())
    def choose_progression(self, name: str, on: bool) -> None:
        """Change the progression. No record changes at this moment."""
        before = self.snapshot().records("push_notifications/exports")
        if on:
            self.server.sandboxes.switch_on("default", name)
        else:
            self.server.sandboxes.switch_off("default", name)
        assert self.snapshot().records("push_notifications/exports") == before

    @rule()
    def reset(self) -> None:
        self.server.sandboxes.reset("default")
        self.canceled.clear()
        self.restored.clear()

    def journal(self) -> list[dict[str, Any]]:
        return [orjson.loads(entry) for entry in self.server.store.journal("default")[:-2:-1]]

    @invariant()
    def every_record_matches_its_schema(self) -> None:
        snapshot = self.snapshot()
        for served in contract().served:
            if served.envelope and served.operation.method == "GET":
                for record in snapshot.records(served.collection).values():
                    assert item(served.operation.id).accepts(served.envelope.item(record)), record
        for name, lifecycle in contract().lifecycles.items():
            for record in snapshot.records(name).values():
                assert list(lifecycle.violations(record, self.latest)) == []

    @invariant()
    def canceled_exports_stay_canceled(self) -> None:
        if not self.snapshot().has_overrides:
            records = self.snapshot().records("push_notifications/exports")
            assert {records[key]["status"] for key in self.canceled} <= {"canceled"}
            assert not self.restored & set(self.snapshot().records("push_notifications/trash"))

    def forced(self) -> bool:
        """Return whether a scenario is on that changes single responses, and not the records."""
        for active in self.snapshot().scenarios:
            scenario = active.scenario
            if scenario.response != ResponseOverride() or scenario.sequence:
                return True
            if scenario.token_features is not None or scenario.times is not None:
                return True
        return False

    @invariant()
    def list_and_detail_agree(self) -> None:
        if self.forced() or self.snapshot().advances_on_read:
            return  # a scenario changes one response only, or a read advances a record
        content = orjson.loads(self.ask("GET", f"{EXPORTS}?limit=3").body)
        for export in content["push_notification_exports"]:
            response = self.ask("GET", f"{EXPORTS}/{export['id']}")
            detail = orjson.loads(response.body)["push_notification_export"]
            assert {name: export[name] for name in detail} == detail


@functools.cache
def item(operation: str) -> Validator:
    """Return the validator of a record in the responses of an operation."""
    served = contract().operation(operation)
    assert served.envelope
    return Validator(dict(served.envelope.item_schema))


PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""The phases without shrinking, which takes five minutes without output."""


def test_random_walks_break_no_invariant(request: pytest.FixtureRequest) -> None:
    """A failed walk prints its steps at once. `--shrink` looks for fewer steps."""
    thorough = bool(request.config.getoption("--thorough"))
    shrinks = bool(request.config.getoption("--shrink"))
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    Walk.steps = 0
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=300 if thorough else 15,
            stateful_step_count=50,
            deadline=None,
            phases=(*PHASES, Phase.shrink) if shrinks else PHASES,
            report_multiple_bugs=False,
            suppress_health_check=slow,
        ),
    )
    print(f"\n{Walk.steps} answers of the walks, none broken")
