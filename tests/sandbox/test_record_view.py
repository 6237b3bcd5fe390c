"""A view computes single records and pages. They equal those of all records with all layers."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from helpers.plain_records import plain_list, plain_records
from helpers.shipped_api import BUSY, LIST_EXPORTS, RETRIEVE, shipped_contract
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract.lifecycles.progression import PROGRESSIONS
from mockserver.contract.model import Contract, ServedOperation
from mockserver.contract.record_types import Record
from mockserver.contract.scenarios.scenario import RequestMatcher, Scenario
from mockserver.contract.shipped_records import ShippedRecords
from mockserver.pipeline.effects import EFFECTS
from mockserver.sandbox.clock import Clock
from mockserver.sandbox.record_edits import delete_record, transition_record
from mockserver.sandbox.snapshot import Snapshot
from mockserver.sandbox.state import Activation, SandboxState

API, COLLECTION, OTHER = (
    "push_notifications",
    "push_notifications/exports",
    "push_notifications/trash",
)
KINDS = (1, True, "1", 1.0, 1.5, None, "None", "True", ["a"], {"b": 2})
"""Values that are equal as numbers, as text, or neither."""
MODELS = [
    record for record in shipped_contract().collections[COLLECTION].values() if record["id"] > 101
][:9]


def scenario(name: str, records: Mapping[str, Any], export_id: str = "", **others: Any) -> Scenario:
    match = RequestMatcher(path={"export_id": export_id} if export_id else {})
    return Scenario(
        name,
        name,
        API,
        (RETRIEVE,),
        records={"exports": records} if records else {},
        match=match,
        **others,
    )


SCENARIOS = {
    scenario_.name: scenario_
    for scenario_ in (
        scenario("run", {"status": "running"}),
        scenario("fail", {"status": "error"}),
        scenario("wait-one", {"status": "waiting"}, "2"),
        scenario("rename", {"name": "Renamed", "kind": True}),
        scenario("recount", {"message_counts.sent": 0}, "3"),
        scenario("short", {"status": "canceled", "name": "Short"}, until=60),
        scenario("time", {}, progression="time"),
        scenario("manual", {}, progression="manual"),
    )
}


def record(number: int, model: Record, parent: str, kind: Any) -> Record:
    fields = {
        **model,
        "id": number,
        "push_notification_id": parent,
        "kind": kind,
        "name": f"Name {number % 3}",
    }
    if kind is None and number % 2:
        del fields["kind"]
    return fields


def records_of(number: int) -> st.SearchStrategy[Record]:
    parts = (st.sampled_from(MODELS), st.sampled_from("pq"), st.sampled_from(KINDS))
    return st.builds(record, st.just(number), *parts)


def changes(numbers: range) -> st.SearchStrategy[dict[tuple[str, str], Record | None]]:
    """Changed, new and deleted records, in any order, and records of another collection."""
    one = st.sampled_from(numbers).flatmap(
        lambda number: st.tuples(st.just(number), st.none() | records_of(number))
    )

    def as_changes(items: list[tuple[int, Record | None]]) -> dict[tuple[str, str], Record | None]:
        return {(COLLECTION, str(number)): changed for number, changed in items} | {
            (OTHER, "1"): None
        }

    return st.lists(one, max_size=8).map(as_changes)


ACTIVATIONS = st.lists(
    st.builds(
        Activation,
        st.sampled_from(sorted(SCENARIOS)),
        activated_at=st.sampled_from([0.0, 3.0, 40.0]),
    ),
    max_size=3,
    unique_by=lambda activation: activation.name,
)
CLOCKS = st.builds(
    Clock,
    offset_seconds=st.sampled_from([0.0, 4.0, 30.0, 90.0, 4000.0]),
    progression=st.sampled_from(PROGRESSIONS),
    progression_started_at=st.sampled_from([0.0, 2.0]),
)
SHIPPED = st.tuples(*map(records_of, range(6)))
REQUESTED = st.fixed_dictionaries(
    {"push_notification_id": st.sampled_from("pqz")},
    optional={
        "status": st.sampled_from(
            ["running", "error", "waiting", ["running", "finished", "canceled"]]
        ),
        "kind": st.sampled_from([1, "1", 1.0, True, "None", "['a']", [1.5, True], []]),
        "text": st.sampled_from(["name", "NAME 1", "renamed", "o", ""]),
        "limit": st.integers(0, 4),
        "offset": st.integers(0, 6),
    },
)


@st.composite
def states(draw: st.DrawFn) -> SandboxState:
    activations = tuple(draw(ACTIVATIONS))
    overlay = {}
    if any(SCENARIOS[activation.name].records for activation in activations):
        overlay = draw(changes(range(9)))
    return SandboxState(draw(changes(range(9))), overlay, activations, draw(CLOCKS))


def contract_of(shipped: Mapping[str, Record]) -> Contract:
    collections = {**shipped_contract().collections, COLLECTION: ShippedRecords(shipped)}
    return replace(shipped_contract(), collections=collections, scenarios=SCENARIOS)


def listing() -> ServedOperation:
    """Return the list of exports, with filters and a search."""
    served = shipped_contract().operation(LIST_EXPORTS)
    filters = {"status": "status", "kind": "kind"}
    return replace(
        served,
        effect=replace(
            served.effect, search={"text": "name", "counts": "message_counts"}, filter=filters
        ),
    )


def assert_equal_to_plain(snapshot: Snapshot, requests: list[dict[str, Any]]) -> None:
    plain = dict(plain_records(snapshot).records(COLLECTION))
    view = snapshot.records(COLLECTION)
    for number in range(10):
        key = str(number)
        assert (view.get(key), key in view) == (plain.get(key), key in plain)
    assert list(view.items()) == list(plain.items())
    assert len(view) == len(plain)
    for arguments in requests:
        selected = plain_list(plain.values(), listing(), arguments)
        start, limit = arguments.get("offset", 0), arguments.get("limit", 20)
        result = EFFECTS["list"](snapshot, listing(), arguments, None)
        assert (result.content, result.total) == (selected[start : start + limit], len(selected)), (
            arguments
        )


@settings(max_examples=100)
@given(
    SHIPPED,
    st.lists(states(), min_size=1, max_size=3),
    st.lists(REQUESTED, max_size=4),
    st.sampled_from(sorted(SCENARIOS)),
)
def test_a_view_equals_all_records_with_all_layers(
    shipped: tuple[Record, ...],
    states: list[SandboxState],
    requests: list[dict[str, Any]],
    preferred: str,
) -> None:
    contract = contract_of(
        {str(shipped_record["id"]): shipped_record for shipped_record in shipped}
    )
    for state in states:  # they share the indexes of the contract
        snapshot = Snapshot(contract, state)
        assert_equal_to_plain(snapshot, requests)
        for_request = (*snapshot.scenarios, snapshot.request_scoped(preferred))
        assert_equal_to_plain(snapshot.with_scenarios_for_request(for_request), requests)


@settings(max_examples=100)
@given(SHIPPED, states())
def test_the_progress_of_a_view_equals_the_progress_of_all_records(
    shipped: tuple[Record, ...], state: SandboxState
) -> None:
    snapshot = Snapshot(
        contract_of({str(shipped_record["id"]): shipped_record for shipped_record in shipped}),
        state,
    )
    changed, overlay = plain_records(snapshot).progress()
    expected = replace(
        state, records={**state.records, **changed}, overlay={**state.overlay, **overlay}
    )
    assert snapshot.materialized().as_json() == expected.as_json()


SEARCHES: list[dict[str, Any]] = [
    *({"status": state} for state in ("waiting", "running", "finished", "error", "canceled")),
    *({"kind": kind} for kind in (1, True, "None")),
    *({"text": text} for text in ("renamed", "name 1", "short")),
    *({"counts": text} for text in ("'sent': 0", "'sent': 1")),
]


@pytest.mark.parametrize("progression", PROGRESSIONS)
@pytest.mark.parametrize("seconds", [4.0, 30.0, 90.0])
@pytest.mark.parametrize(
    "names", [(), *((name,) for name in SCENARIOS), ("run", "recount"), ("rename", "wait-one")]
)
def test_each_filter_selects_the_same_as_a_filter_of_all_records(
    names: tuple[str, ...], seconds: float, progression: str
) -> None:
    shipped = {
        str(number): record(number, model, "p", KINDS[number])
        for number, model in enumerate(MODELS[:8])
    }
    changed: Any = {(COLLECTION, "1"): None, (COLLECTION, "8"): record(8, MODELS[0], "p", 1)}
    activations = tuple(Activation(name, activated_at=3.0) for name in names)
    state = SandboxState(changed, {}, activations, Clock(seconds, progression=progression))
    requests = [{"push_notification_id": "p", **search} for search in SEARCHES]
    assert_equal_to_plain(Snapshot(contract_of(shipped), state), requests)


class CountingRecords(dict[str, Record]):
    """Counts the records that are read."""

    count = 0

    def __getitem__(self, key: str) -> Record:
        self.count += 1
        return super().__getitem__(key)

    def values(self) -> Any:
        self.count += len(self)
        return super().values()

    def items(self) -> Any:
        self.count += len(self)
        return super().items()

    def __iter__(self) -> Iterator[str]:
        self.count += len(self)
        return super().__iter__()


def reads(
    size: int, activation: str, progression: str, arguments: dict[str, Any]
) -> dict[str, int]:
    """Return how many of `size` records each kind of request reads."""
    shipped = CountingRecords()
    for number in range(size):
        shipped[str(number)] = record(number, MODELS[number % len(MODELS)], BUSY, 1)
    contract = contract_of(shipped)
    contract.collections[COLLECTION].prepare(["push_notification_id", "status", "kind"], ["name"])
    activations = (Activation(activation),) if activation else ()
    state = SandboxState(scenarios=activations, clock=Clock(30.0, progression=progression))
    counts = {}
    cancelable = [
        str(key)
        for key in range(size)
        if MODELS[key % len(MODELS)]["status"] in ("waiting", "running")
    ]
    for key in cancelable[:3]:
        shipped.count = 0
        snapshot = Snapshot(contract, state)
        snapshot.records(COLLECTION).get(key)
        counts[f"retrieve {key}"] = shipped.count
        EFFECTS["list"](
            snapshot, listing(), {"push_notification_id": BUSY, "offset": 7, **arguments}, None
        )
        counts[f"page {key}"] = shipped.count
        state, _ = transition_record(snapshot, (COLLECTION, key), "canceled")
        new = {**MODELS[0], "name": key}
        state = Snapshot(contract, state).state_after({(COLLECTION, f"new {key}"): new})
        state = delete_record(Snapshot(contract, state), (COLLECTION, f"{50 + len(counts)}"))
        counts[f"changes {key}"] = shipped.count
    return counts


MAX_READS = 60
"""More than any request needs, and less than the smallest collection has."""
FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    "filtered": {"kind": 1, "limit": 3},
    "searched": {"text": "name 1", "limit": 3},
}


@pytest.mark.parametrize("arguments", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("progression", PROGRESSIONS)
@pytest.mark.parametrize("activation", ["", "run", "wait-one"])
def test_a_request_reads_equally_many_records_of_a_large_and_a_small_collection(
    activation: str, progression: str, arguments: dict[str, Any]
) -> None:
    small = reads(100, activation, progression, arguments)
    assert reads(5000, activation, progression, arguments) == small
    assert max(small.values()) < MAX_READS


@pytest.mark.parametrize(("activation", "progression"), [("run", "manual"), ("", "time")])
def test_a_filter_by_a_field_that_changes_reads_all_records_once(
    activation: str, progression: str
) -> None:
    counts = reads(1000, activation, progression, {"status": "running"})
    pages = [count for name, count in counts.items() if name.startswith("page")]
    assert pages[0] > 1000
    assert max(pages[1:]) < MAX_READS
