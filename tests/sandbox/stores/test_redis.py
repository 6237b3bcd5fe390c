"""The Redis store: outages, hangs and races."""

import signal
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import redis
from helpers.stores import count_in, encoder_of, increment, open_store_at, running_redis

from mockserver.errors import StoreUnavailable
from mockserver.sandbox.state import SandboxState


def test_a_stopped_redis_is_unavailable_until_it_starts_again(tmp_path: Path) -> None:
    lost: list[int] = []
    with ExitStack() as stack:
        with running_redis(tmp_path, 0, "--appendonly", "yes", "--appendfsync", "always") as (
            _,
            url,
        ):
            store = stack.enter_context(open_store_at(url, lost=lost.append, exchanges=2))
            store.change("a", increment)
        for ask in (
            store.check,
            lambda: store.read("a"),
            lambda: store.journal("a"),
            lambda: store.change("a", increment),
        ):
            with pytest.raises(StoreUnavailable):
                ask()
        for number in range(4):
            store.append("a", encoder_of(b"%d" % number))
        port = int(url.rpartition(":")[2].partition("/")[0])
        stack.enter_context(running_redis(tmp_path, port, "--appendonly", "yes"))
        assert store.change("a", increment) == 2
        store._journal._next_try = 0.0  # type: ignore[attr-defined] # no need to wait for it
        assert store.journal("a") == [b"2", b"3"]
    assert sum(lost) == 0, "the journal keeps two exchanges only"


def test_a_timeout_of_redis_is_reported_as_an_unknown_outcome(tmp_path: Path) -> None:
    with (
        running_redis(tmp_path) as (process, url),
        open_store_at(f"{url}?socket_timeout=0.2") as store,
    ):

        def hangs(state: SandboxState) -> tuple[SandboxState, int]:
            process.send_signal(signal.SIGSTOP)
            return increment(state)

        with pytest.raises(StoreUnavailable) as caught:
            store.change("a", hangs)
        assert caught.value.unknown
        store.append("a", encoder_of(b"1"))
        with pytest.raises(StoreUnavailable) as caught:
            store.read("a")
        assert not caught.value.unknown
        process.send_signal(signal.SIGCONT)
        assert count_in(store.read("a")) == 1  # made once, and not again
        store._journal._next_try = 0.0  # type: ignore[attr-defined] # no need to wait for it
        store.append("a", encoder_of(b"2"))
        assert store.journal("a") == [b"1", b"2"]


def test_a_conflicting_change_is_repeated_on_the_newest_state(redis_url: str) -> None:
    with open_store_at(redis_url) as one, open_store_at(redis_url) as other:
        one.delete("race")
        tries = []

        def overtaken(state: SandboxState) -> tuple[SandboxState, int]:
            tries.append(count_in(state))
            if len(tries) < 3:
                other.change("race", increment)
            return increment(state)

        assert one.change("race", overtaken) == 3
        assert tries == [0, 1, 2]


def test_a_change_that_always_conflicts_fails(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.sandbox.stores.redis.MAX_ATTEMPTS", 3)
    with open_store_at(redis_url) as one, open_store_at(redis_url) as other:

        def overtaken(state: SandboxState) -> tuple[SandboxState, int]:
            other.change("race", increment)
            return increment(state)

        with pytest.raises(StoreUnavailable, match="other processes"):
            one.change("race", overtaken)


def test_a_write_that_redis_rejects_changes_nothing(redis_url: str) -> None:
    with open_store_at(redis_url) as store, closing(redis.Redis.from_url(redis_url)) as client:
        client.config_set("maxmemory", 1)
        with pytest.raises(StoreUnavailable) as caught:
            store.change("full", increment)
        client.config_set("maxmemory", 0)
        assert not caught.value.unknown
        assert store.change("full", increment) == 1
