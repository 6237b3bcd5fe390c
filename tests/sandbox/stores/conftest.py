"""Fixtures of the tests of stores."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import redis
from helpers.stores import MakeStore, open_store_at, running_redis

from mockserver.sandbox.stores.store import Store

KINDS = ("memory", "sqlite", "redis")


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a Redis that the tests of one file share."""
    with running_redis(tmp_path_factory.mktemp("redis")) as (_, url):
        yield url


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeStore]:
    """Return a function that opens a store. The stores of a test share sandboxes, not `memory`."""
    url = {"memory": "memory:", "sqlite": f"sqlite:///{tmp_path}/s.sqlite"}.get(request.param)
    if url is None:
        url = request.getfixturevalue("redis_url")
        with closing(redis.Redis.from_url(url)) as client:
            client.flushdb()
    with ExitStack() as stack:
        yield lambda initial=None, **limits: stack.enter_context(
            open_store_at(url, initial, **limits)
        )


@pytest.fixture
def store(make: MakeStore) -> Store:
    return make()


@pytest.fixture
def two(make: MakeStore) -> tuple[Store, Store]:
    """Two stores over the same sandboxes, as two processes have them."""
    return make(), make()
