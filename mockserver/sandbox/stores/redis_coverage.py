"""The coverage of a Redis store: a set of items for each key.

Each process keeps the generation in memory, so that a request needs no command for it. The process
that clears the coverage asks all processes to read the generation again (see `redis_journal`).
"""

import time
from collections.abc import Collection
from typing import Any

import orjson
import redis

from mockserver.errors import StoreUnavailable
from mockserver.sandbox.coverage import MAX_KEYS, CoverageKey, StoredCoverage
from mockserver.sandbox.stores.redis_journal import StoreErrors
from mockserver.sandbox.stores.redis_scripts import ADD_COVERAGE, CLEAR_COVERAGE, PREFIX

KEYS_PER_READ = 500
"""Redis serves no other client while a command runs, and a reply needs memory."""
_COMPLETE, _INCOMPLETE = "", "1"


class RedisCoverage:
    """The coverage in one process. Create it after the fork."""

    def __init__(self, client: "redis.Redis", store_errors: StoreErrors) -> None:
        self._client, self._store_errors = client, store_errors
        self._incomplete = _COMPLETE
        """Whether this process lost items in this generation, and Redis does not know it yet."""
        self.generation = -1
        """The last generation that `refresh` has read."""

    def refresh(self) -> None:
        """Read the current generation.

        Raises:
            redis.RedisError: Redis does not respond.
        """
        generation: Any = self._client.get(f"{PREFIX}coverage-generation")
        if int(generation or 0) != self.generation:
            self.generation = int(generation or 0)
            self._incomplete = _COMPLETE

    def add(self, key: CoverageKey, items: tuple[str, ...]) -> None:
        """Add covered items to those of a key.

        Raises:
            StoreUnavailable: Redis does not respond, or has no free memory.
        """
        values: tuple[Any, ...] = (_encode(key), time.time(), MAX_KEYS, self._incomplete, *items)
        try:
            with self._store_errors(unknown=True):
                self._client.eval(ADD_COVERAGE, 0, *values)
        except StoreUnavailable:
            self._incomplete = _INCOMPLETE
            raise
        self._incomplete = _COMPLETE

    def read(self) -> StoredCoverage:
        """Return the coverage of all processes.

        Raises:
            StoreUnavailable: Redis does not respond.
        """
        with self._store_errors():
            encoded: Any = self._client.zrange(f"{PREFIX}covered", 0, -1)
            keys = [CoverageKey(*orjson.loads(key)) for key in encoded]
            # Last, because keys may be merged into the rests meanwhile.
            keys += dict.fromkeys(key.rest for key in keys)
            items: dict[CoverageKey, Collection[str]] = {}
            for start in range(0, len(keys), KEYS_PER_READ):
                items |= self._read_keys(keys[start : start + KEYS_PER_READ])
            is_incomplete: Any = self._client.exists(f"{PREFIX}coverage-incomplete")
        return StoredCoverage(items, not (is_incomplete or self._incomplete))

    def clear(self) -> None:
        """Delete the coverage, and begin another generation.

        Raises:
            StoreUnavailable: Redis does not respond.
        """
        self._incomplete = _COMPLETE
        with self._store_errors(unknown=True):
            self._client.eval(CLEAR_COVERAGE, 0)
            self.refresh()

    def _read_keys(self, keys: list[CoverageKey]) -> dict[CoverageKey, Collection[str]]:
        """Return the items of those keys that have some."""
        with self._client.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.smembers(f"{PREFIX}covered:{_encode(key)}")
            replies = pipeline.execute()
        covered: dict[CoverageKey, Collection[str]] = {}
        for key, members in zip(keys, replies, strict=True):
            if members:
                covered[key] = [item.decode() for item in members]
        return covered


def _encode(key: CoverageKey) -> str:
    return orjson.dumps(tuple(key)).decode()
