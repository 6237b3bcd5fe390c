"""Every store keeps the protocol; and what is particular to one."""

import gc
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from conftest import clean_environ
from hypothesis import given
from hypothesis import strategies as st
from stores_under_test import count, counted, opened, redis_running

from mockserver.clock import PROGRESSIONS, Clock
from mockserver.errors import StartError, UsageError
from mockserver.stores import State, Store, StoreLimits, StoreUnavailable
from mockserver.stores.cache import Cache, Seen
from mockserver.stores.opening import open_store

KINDS = ("memory", "sqlite", "redis")
Make = Callable[..., Store]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_running(tmp_path_factory.mktemp("redis")) as (_, url):
        yield url


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Makes an open store; called twice, a second one over the same sandboxes (but for the memory's)."""
    url = {"memory": "memory:", "sqlite": f"sqlite:///{tmp_path}/s.sqlite"}.get(request.param)
    if url is None:
        url = request.getfixturevalue("redis_url")
        with closing(__import__("redis").Redis.from_url(url)) as client:
            client.flushdb()
    with ExitStack() as stack:
        yield lambda initial=None, **limits: stack.enter_context(opened(url, initial, **limits))


@pytest.fixture
def store(make: Make) -> Store:
    return make()


@pytest.fixture
def two(make: Make) -> tuple[Store, Store]:
    """Two stores over the same sandboxes, as two processes have them."""
    first = make()
    if not first.shared:
        pytest.skip("one process only")
    return first, make()


def test_a_sandbox_never_changed_has_the_initial_state(make: Make) -> None:
    initial = State(scenarios=("one",))
    store = make(initial)
    assert store.read("a") is initial
    assert store.sandboxes() == []
    store.check()


def test_a_change_is_read_and_returns_its_result(store: Store) -> None:
    assert store.change("a", count) == 1
    assert store.change("a", count) == 2
    assert counted(store.read("a")) == 2
    assert counted(store.read("b")) == 0


def test_an_unchanged_state_is_the_same_object(store: Store) -> None:
    store.change("a", count)
    before = store.read("a")
    store.change("b", count)
    store.log("a", b"{}")
    store.logged("a")
    assert store.read("a") is before


def test_what_another_changed_is_read_and_the_rest_is_the_same_object(two: tuple[Store, Store]) -> None:
    one, other = two
    one.change("a", count)
    one.change("b", count)
    kept = other.read("b")
    assert counted(other.read("a")) == 1
    other.change("a", count)
    assert counted(one.read("a")) == 2
    one.change("a", count)
    assert counted(other.read("a")) == 3
    assert other.read("b") is kept


def test_a_sandbox_forgotten_and_made_anew_is_not_taken_for_the_old_one(two: tuple[Store, Store]) -> None:
    one, other = two
    one.change("a", lambda state: (State(scenarios=("old",)), None))
    assert other.read("a").scenarios == ("old",)
    one.forget("a")
    one.change("a", lambda state: (State(scenarios=("new",)), None))
    assert other.read("a").scenarios == ("new",)


def test_a_change_that_raises_writes_nothing(store: Store) -> None:
    store.change("a", count)
    before = store.read("a")

    def fails(state: State) -> tuple[State, int]:
        raise LookupError("no")

    with pytest.raises(LookupError):
        store.change("a", fails)
    assert store.read("a") is before
    assert store.change("a", count) == 2


def test_a_change_that_returns_the_same_state_writes_nothing(store: Store) -> None:
    assert store.change("a", lambda state: (state, "as it was")) == "as it was"
    assert not store.forget("a")


def test_a_change_may_read(store: Store) -> None:
    store.change("a", count)
    assert store.change("b", lambda state: (state, counted(store.read("a")))) == 1


def test_forgetting_drops_state_and_journal(store: Store) -> None:
    store.change("a", count)
    store.log("a", b"1")
    assert store.forget("a")
    assert not store.forget("a")
    assert counted(store.read("a")) == 0
    assert store.logged("a") == []
    assert store.sandboxes() == []


def test_a_state_over_the_limit_is_refused_before_it_is_written(make: Make) -> None:
    store = make(bytes=500)
    store.change("a", count)
    with pytest.raises(ValueError, match="expected at most 500"):
        store.change("a", lambda state: (State(scenarios=("x" * 500,)), None))
    assert counted(store.read("a")) == 1


def test_sandboxes_are_listed_last_used_first(store: Store) -> None:
    store.change("a", count)
    store.log("b", b"1")
    store.change("c", count)
    store.log("a", b"2")
    found = store.sandboxes()
    assert [each.name for each in found] == ["a", "c", "b"]
    sizes = {each.name: each.bytes for each in found}
    assert sizes["b"] == 0
    assert sizes["a"] == len(orjson.dumps(store.read("a").as_json()))
    assert all(0 < each.created <= each.used for each in found)


def test_the_least_recently_used_sandbox_is_dropped_with_its_journal(make: Make) -> None:
    store = make(sandboxes=2)
    store.change("a", count)
    store.log("a", b"1")
    store.change("b", count)
    store.log("a", b"2")
    store.change("c", count)
    assert [each.name for each in store.sandboxes()] == ["c", "a"]
    assert counted(store.read("b")) == 0
    assert counted(store.read("a")) == 1
    assert store.dropped() == 1
    store.log("d", b"3")
    assert [each.name for each in store.sandboxes()] == ["d", "c"]
    assert store.logged("a") == []
    assert store.dropped() == 2


def test_the_journal_is_in_order_and_bounded(make: Make) -> None:
    store = make(exchanges=3)
    for number in range(5):
        store.log("a", b"%d" % number)
    store.log("b", b"other")
    assert store.logged("a") == [b"2", b"3", b"4"]
    assert store.logged("b") == [b"other"]
    store.clear_log("a")
    assert store.logged("a") == []
    assert len(store.sandboxes()) == 2


def test_the_journals_of_all_sandboxes_are_bounded_together(make: Make) -> None:
    store = make(all_exchanges=4)
    for name in "abcdef":
        store.log(name, name.encode())
    assert [store.logged(name) for name in "abcdef"] == [[], [], [b"c"], [b"d"], [b"e"], [b"f"]]


def test_the_journal_holds_what_others_added(two: tuple[Store, Store]) -> None:
    one, other = two
    for number in range(6):
        (one if number % 2 else other).log("a", b"%d" % number)
    assert one.logged("a") == other.logged("a") == [b"%d" % number for number in range(6)]
    one.log("a", b"late")
    other.clear_log("a")
    assert one.logged("a") == []


def test_of_changes_by_many_threads_none_is_lost(make: Make) -> None:
    store = make()
    stores = [store, make()] if store.shared else [store]
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda n: stores[n % len(stores)].change("a", count), range(200)))
    assert sorted(numbers) == list(range(1, 201))
    assert {counted(each.read("a")) for each in stores} == {200}


values = st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists, max_leaves=5)
records = st.dictionaries(st.tuples(st.text(), st.text()), st.none() | st.dictionaries(st.text(), values), max_size=4)
seconds = st.floats(0, 1e9)
clocks = st.builds(Clock, seconds, st.none() | seconds, st.sampled_from(PROGRESSIONS), seconds)


@given(st.builds(State, records, records, st.lists(st.text()).map(tuple), clocks))
def test_a_state_is_the_same_after_its_json(state: State) -> None:
    again = State.from_json(orjson.loads(orjson.dumps(state.as_json())))
    for name in ("records", "overlaid", "scenarios", "clock"):
        assert getattr(again, name) == getattr(state, name)
    assert list(again.records) == list(state.records)


def test_the_cache_drops_the_least_recently_read() -> None:
    cache = Cache(room=5000)
    for name in "abc":
        cache.put(name, Seen(State(), 1, 1000))
    cache.put("a", Seen(State(), 2, 1000))
    assert [cache.get(name) is not None for name in "abc"] == [True, False, True]


# -- opening ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "", "sqlite", "mysql://x", "memory:x", "sqlite:x", "sqlite:///", "sqlite://host/x",
        "redis://h/0?socket_timeout=5", "redis://h/0?socket_timeout=0", "redis://h:x/0", "redis://h/0?nonsense=1",
    ],
)  # fmt: skip
def test_a_url_that_cannot_be_meant_is_refused(url: str) -> None:
    if url.startswith("redis:"):
        pytest.importorskip("redis", reason="the package redis is not installed")
    with pytest.raises(UsageError, match="expected one of memory:, sqlite:"):
        open_store(url, State(), StoreLimits())


def test_the_password_in_a_url_is_not_shown() -> None:
    with pytest.raises(UsageError) as caught:
        open_store("mysql://me:secret@host/0", State(), StoreLimits())
    assert "secret" not in str(caught.value)


def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mockserver.stores.redis", raising=False)
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(StartError, match=r"pip install 'mockserver\[redis\]'"):
        open_store("redis://localhost/0", State(), StoreLimits())


def write_text(path: Path) -> None:
    path.write_text("not a database, but long enough for SQLite to look at it " * 100)


def write_other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")


@pytest.mark.parametrize(
    ("name", "spoil", "said"),
    [
        ("no/such/folder.sqlite", lambda path: None, "is not a folder"),
        ("s.sqlite", write_text, "not a database"),
        ("s.sqlite", write_other_database, "a database of another program"),
        ("s.sqlite", Path.mkdir, "unable to open"),
    ],
)
def test_a_file_that_cannot_be_used_is_said(tmp_path: Path, name: str, spoil: Callable[[Path], None], said: str) -> None:
    spoil(tmp_path / name)
    with pytest.raises(StartError, match=said) as caught:
        open_store(f"sqlite:///{tmp_path / name}", State(), StoreLimits())
    assert "\n" not in str(caught.value)


def test_the_temporary_file_goes_with_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with opened("sqlite:") as store:
        assert store.change("a", count) == 1
        assert len(list(tmp_path.iterdir())) == 1
    del store
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_folder_that_cannot_be_written_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/no/such/folder")
    with opened("sqlite:") as store:
        assert store.change("a", count) == 1


def test_memory_and_sqlite_load_no_redis() -> None:
    code = (
        "import sys; from mockserver.stores.opening import open_store; from mockserver.stores import State, StoreLimits\n"
        "for url in ('memory:', 'sqlite:'): store = open_store(url, State(), StoreLimits()); store.open(); store.close()\n"
        "sys.exit('redis' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], env=clean_environ(), check=True)


# -- SQLite ----------------------------------------------------------------------------------------------------------------


def test_a_kept_file_is_used_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    with opened(url) as store:
        store.change("a", count)
        store.log("a", b"1")
    with opened(url) as store:
        assert store.change("a", count) == 2
        assert store.logged("a") == [b"1"]


def test_a_full_disk_refuses_changes_and_recovers(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/s.sqlite") as opened_store:
        store: Any = opened_store
        store.change("a", count)
        before = store.read("a")
        store._states.rows("PRAGMA max_page_count = 1")  # SQLite takes the present size
        with pytest.raises(StoreUnavailable, match="full") as caught:
            store.change("b", lambda state: (State(scenarios=("x" * 100_000,)), None))
        assert not caught.value.unknown
        assert store.read("a") is before
        assert store.read("b").scenarios == ()
        store._states.rows("PRAGMA max_page_count = 100000")
        assert store.change("a", count) == 2


def test_a_full_disk_makes_the_journal_forget_and_no_request_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.stores.sqlite_journal.HELD", 3)
    with opened(f"sqlite:///{tmp_path}/s.sqlite") as opened_store:
        store: Any = opened_store
        store.log("a", b"first")
        assert store.logged("a") == [b"first"]
        store._journal._database.rows("PRAGMA max_page_count = 1")
        for number in range(5):
            store.log("a", b"%d" % number * 100_000)
        assert [entry[:1] for entry in store.logged("a")] == [b"f", b"2", b"3", b"4"]
        assert store._journal.lost == 2
        store._journal._database.rows("PRAGMA max_page_count = 100000")
        assert len(store.logged("a")) == 4
        assert not store._journal._held


def test_who_changes_waits_for_another_process_and_who_reads_does_not(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/s.sqlite") as store, closing(sqlite3.connect(tmp_path / "s.sqlite")) as other:
        store.change("a", count)
        other.execute("BEGIN IMMEDIATE")
        results: list[Any] = []
        waiting = threading.Thread(target=lambda: results.append(store.change("a", count)))
        waiting.start()
        assert counted(store.read("a")) == 1
        other.rollback()
        waiting.join()
        assert results == [2]


def test_a_file_that_stays_locked_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.stores.database.PATIENCE", 0.05)
    with opened(f"sqlite:///{tmp_path}/s.sqlite") as store, closing(sqlite3.connect(tmp_path / "s.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            store.change("a", count)
        other.rollback()
        assert store.change("a", count) == 1


def test_a_store_whose_connection_fails_recovers(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/s.sqlite") as opened_store:
        store: Any = opened_store
        store.change("a", count)
        store._states._connection.close()
        with pytest.raises(StoreUnavailable):
            store.change("a", count)
        assert store.change("a", count) == 2
        hidden = (tmp_path / "s.sqlite").rename(tmp_path / "hidden")
        store._states.close()
        for ask in (lambda: store.read("a"), store.check):
            with pytest.raises(StoreUnavailable, match="unable to open"):
                ask()
        hidden.rename(tmp_path / "s.sqlite")
        assert counted(store.read("a")) == 2


# -- Redis -----------------------------------------------------------------------------------------------------------------


def test_a_redis_that_is_gone_is_unavailable_and_comes_back(tmp_path: Path) -> None:
    with ExitStack() as stack:
        with redis_running(tmp_path, 0, "--appendonly", "yes", "--appendfsync", "always") as (_, url):
            store = stack.enter_context(opened(url))
            store.change("a", count)
        for ask in (store.check, lambda: store.read("a"), lambda: store.logged("a"), lambda: store.change("a", count)):
            with pytest.raises(StoreUnavailable):
                ask()
        store.log("a", b"held back")
        port = int(url.rpartition(":")[2].partition("/")[0])
        stack.enter_context(redis_running(tmp_path, port, "--appendonly", "yes"))
        assert store.change("a", count) == 2
        store._next_try = 0.0  # type: ignore[attr-defined] # no need to wait for it
        assert store.logged("a") == [b"held back"]


def test_a_redis_that_hangs_leaves_open_whether_the_change_was_made(tmp_path: Path) -> None:
    with redis_running(tmp_path) as (process, url), opened(f"{url}?socket_timeout=0.2") as store:

        def hangs(state: State) -> tuple[State, int]:
            os.kill(process.pid, 19)
            return count(state)

        with pytest.raises(StoreUnavailable) as caught:
            store.change("a", hangs)
        assert caught.value.unknown
        store.log("a", b"1")
        with pytest.raises(StoreUnavailable) as caught:
            store.read("a")
        assert not caught.value.unknown
        os.kill(process.pid, 18)
        assert counted(store.read("a")) == 1  # made once, and not again
        store._next_try = 0.0  # type: ignore[attr-defined] # no need to wait for it
        store.log("a", b"2")
        assert store.logged("a") == [b"1", b"2"]


def test_a_change_that_loses_a_race_is_made_on_what_the_other_left(redis_url: str) -> None:
    with opened(redis_url) as one, opened(redis_url) as other:
        one.forget("race")
        tries = []

        def overtaken(state: State) -> tuple[State, int]:
            tries.append(counted(state))
            if len(tries) < 3:
                other.change("race", count)
            return count(state)

        assert one.change("race", overtaken) == 3
        assert tries == [0, 1, 2]


def test_a_change_that_always_loses_gives_up(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.stores.redis.RACES", 3)
    with opened(redis_url) as one, opened(redis_url) as other:

        def overtaken(state: State) -> tuple[State, int]:
            other.change("race", count)
            return count(state)

        with pytest.raises(StoreUnavailable, match="other processes"):
            one.change("race", overtaken)


def test_a_redis_that_refuses_to_write_is_known_not_to_have(redis_url: str) -> None:
    with opened(redis_url) as store, closing(__import__("redis").Redis.from_url(redis_url)) as client:
        client.config_set("maxmemory", 1)
        with pytest.raises(StoreUnavailable) as caught:
            store.change("full", count)
        client.config_set("maxmemory", 0)
        assert not caught.value.unknown
        assert store.change("full", count) == 1
