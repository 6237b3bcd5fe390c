"""Fixtures of the tests of stores."""

from collections.abc import Iterator

import pytest
from helpers.stores import running_redis


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a Redis that the tests of one file share."""
    with running_redis(tmp_path_factory.mktemp("redis")) as (_, url):
        yield url
