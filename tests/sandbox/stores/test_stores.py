"""Every store implements the protocol."""

from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from helpers.stores import MakeStore, count_in, encoder_of, increment
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.lifecycles.progression import PROGRESSIONS
from mockserver.errors import SandboxTooLarge
from mockserver.sandbox.clock import Clock
from mockserver.sandbox.state import Activation, SandboxState
from mockserver.sandbox.stores.state_cache import CachedState, StateCache
from mockserver.sandbox.stores.store import SandboxInfo, Store

SHARED = pytest.mark.parametrize("make", ["sqlite", "redis"], indirect=True)


def test_an_unchanged_sandbox_has_the_initial_state(make: MakeStore) -> None:
    initial = SandboxState(scenarios=(Activation("one"),))
    store = make(initial)
    assert store.read("a") is initial
    assert store.sandboxes() == []
    store.check()


def test_a_change_is_read_and_returns_its_result(store: Store) -> None:
    assert store.change("a", increment) == 1
    assert store.change("a", increment) == 2
    assert count_in(store.read("a")) == 2
    assert count_in(store.read("b")) == 0


def test_an_unchanged_state_is_the_same_object(store: Store) -> None:
    store.change("a", increment)
    before = store.read("a")
    store.change("b", increment)
    store.append("a", encoder_of(b"{}"))
    store.journal("a")
    assert store.read("a") is before


@SHARED
def test_only_changed_states_are_read_again(two: tuple[Store, Store]) -> None:
    one, other = two
    one.change("a", increment)
    one.change("b", increment)
    unchanged = other.read("b")
    assert count_in(other.read("a")) == 1
    other.change("a", increment)
    assert count_in(one.read("a")) == 2
    one.change("a", increment)
    assert count_in(other.read("a")) == 3
    assert other.read("b") is unchanged


@SHARED
def test_a_deleted_and_created_sandbox_is_not_served_from_the_cache(
    two: tuple[Store, Store],
) -> None:
    one, other = two
    one.change("a", lambda state: (SandboxState(scenarios=(Activation("old"),)), None))
    assert other.read("a").scenarios[0].name == "old"
    one.delete("a")
    one.change("a", lambda state: (SandboxState(scenarios=(Activation("new"),)), None))
    assert other.read("a").scenarios[0].name == "new"


def test_a_change_that_raises_writes_nothing(store: Store) -> None:
    store.change("a", increment)
    before = store.read("a")

    def fails(state: SandboxState) -> tuple[SandboxState, int]:
        raise LookupError("no")

    with pytest.raises(LookupError):
        store.change("a", fails)
    assert store.read("a") is before
    assert store.change("a", increment) == 2


def test_a_change_that_returns_the_same_state_writes_nothing(store: Store) -> None:
    assert store.change("a", lambda state: (state, "as it was")) == "as it was"
    assert not store.delete("a")


def test_a_change_may_read(store: Store) -> None:
    store.change("a", increment)
    assert store.change("b", lambda state: (state, count_in(store.read("a")))) == 1


def test_deleting_a_sandbox_deletes_state_and_journal(store: Store) -> None:
    store.change("a", increment)
    store.append("a", encoder_of(b"1"))
    assert store.delete("a")
    assert not store.delete("a")
    assert count_in(store.read("a")) == 0
    assert store.journal("a") == []
    assert store.sandboxes() == []


def test_a_state_over_the_limit_is_rejected_before_it_is_written(make: MakeStore) -> None:
    store = make(bytes=500)
    store.change("a", increment)
    with pytest.raises(
        SandboxTooLarge, match=r": the sandbox would have [0-9]{3} bytes, expected at most 500$"
    ):
        store.change("a", lambda state: (SandboxState(scenarios=(Activation("x" * 500),)), None))
    assert count_in(store.read("a")) == 1


def test_sandboxes_are_listed_with_the_most_recently_used_first(store: Store) -> None:
    store.change("a", increment)
    store.append("b", encoder_of(b"1"))
    store.change("c", increment)
    store.append("a", encoder_of(b"2"))
    infos = store.sandboxes()
    assert [info.name for info in infos] == ["a", "c", "b"]
    sizes = {info.name: info.bytes for info in infos}
    assert sizes["b"] == 0
    assert sizes["a"] == len(orjson.dumps(store.read("a").as_json()))
    assert all(0 < info.created <= info.last_used for info in infos)


def test_counting_sandboxes_does_not_list_them(
    make: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make(sandboxes=3)

    def list_of_all() -> list[SandboxInfo]:
        raise AssertionError("the sandboxes are read")

    monkeypatch.setattr(store, "sandboxes", list_of_all)
    assert store.count() == 0
    store.change("a", increment)
    store.append("b", encoder_of(b"1"))
    store.change("a", increment)
    assert store.count() == 2
    store.delete("a")
    assert store.count() == 1
    for name in "cdef":
        store.append(name, encoder_of(b"2"))
    assert store.count() == 3


def test_the_least_recently_used_sandbox_is_evicted_with_its_journal(make: MakeStore) -> None:
    store = make(sandboxes=2)
    store.change("a", increment)
    store.append("a", encoder_of(b"1"))
    store.change("b", increment)
    store.append("a", encoder_of(b"2"))
    assert len(store.journal("a")) == 2, "written, so that the store knows the last use"
    store.change("c", increment)
    assert [info.name for info in store.sandboxes()] == ["c", "a"]
    assert count_in(store.read("b")) == 0
    assert count_in(store.read("a")) == 1
    assert store.evicted() == 1
    store.append("d", encoder_of(b"3"))
    assert [info.name for info in store.sandboxes()] == ["d", "c"]
    assert store.journal("a") == []
    assert store.evicted() == 2


def test_the_journal_is_in_order_and_limited(make: MakeStore) -> None:
    store = make(exchanges=3)
    for number in range(5):
        store.append("a", encoder_of(b"%d" % number))
    store.append("b", encoder_of(b"other"))
    assert store.journal("a") == [b"2", b"3", b"4"]
    assert store.journal("b") == [b"other"]
    store.clear_journal("a")
    assert store.journal("a") == []
    assert len(store.sandboxes()) == 2


def test_the_newest_entries_can_be_read_without_the_others(store: Store) -> None:
    for number in range(5):
        store.append("a", encoder_of(b"%d" % number))
    assert [store.journal("a", most) for most in (2, 9)] == [
        [b"3", b"4"],
        [b"0", b"1", b"2", b"3", b"4"],
    ]
    assert store.journal("b", 2) == []


def test_the_number_of_all_journal_entries_is_limited(make: MakeStore) -> None:
    store = make(total_exchanges=4)
    for name in "abcdef":
        store.append(name, encoder_of(name.encode()))
    assert [store.journal(name) for name in "abcdef"] == [[], [], [b"c"], [b"d"], [b"e"], [b"f"]]


@SHARED
def test_the_journal_contains_entries_of_another_store_object(two: tuple[Store, Store]) -> None:
    one, other = two
    for number in range(6):
        store = (other, one)[number % 2]
        store.append("a", encoder_of(b"%d" % number))
    assert one.journal("a") == other.journal("a") == [b"%d" % number for number in range(6)]
    one.append("a", encoder_of(b"late"))
    other.clear_journal("a")
    assert one.journal("a") == []


def test_no_change_of_many_threads_is_lost(make: MakeStore) -> None:
    store = make()
    stores, changes = [store], 200
    if store.shared:
        stores.append(make())

    def change(number: int) -> int:
        return stores[number % len(stores)].change("a", increment)

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(change, range(changes)))
    assert sorted(numbers) == list(range(1, changes + 1))
    assert {count_in(any_store.read("a")) for any_store in stores} == {changes}


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists, max_leaves=5
)
records = st.dictionaries(
    st.tuples(st.text(), st.text()), st.none() | st.dictionaries(st.text(), values), max_size=4
)
seconds = st.floats(0, 1e9)
bindings = st.dictionaries(st.text(), st.text(), max_size=3)
clocks = st.builds(Clock, seconds, st.none() | seconds, st.sampled_from(PROGRESSIONS), seconds)


activations = st.builds(
    Activation,
    st.text(),
    st.dictionaries(st.text(), values),
    seconds,
    st.integers(0, 9),
    st.integers(0, 9),
)


@given(
    st.builds(SandboxState, records, records, st.lists(activations).map(tuple), clocks, bindings)
)
def test_a_state_survives_its_json(state: SandboxState) -> None:
    again = SandboxState.from_json(orjson.loads(orjson.dumps(state.as_json())))
    for name in ("records", "overlay", "scenarios", "clock", "bindings"):
        assert getattr(again, name) == getattr(state, name)
    assert list(again.records) == list(state.records)


def test_a_stored_state_without_bindings_is_read() -> None:
    state_json = SandboxState().as_json()
    del state_json["bindings"]
    assert SandboxState.from_json(state_json).bindings == {}


def test_the_cache_drops_the_oldest_entry_first() -> None:
    cache = StateCache(max_bytes=5000)
    for name in "abc":
        cache.put(name, CachedState(SandboxState(), 1, 1000))
    cache.put("a", CachedState(SandboxState(), 2, 1000))
    assert [cache.get(name) is not None for name in "abc"] == [True, False, True]
