"""A store in Redis or Valkey, for servers on several hosts. Imported only when a URL needs it.

Each change of more than one key is a script, which Redis runs atomically. WATCH of redis-py is not
used: it mistakes a connection lost during EXEC for a lost race, and would make the change twice.
"""

import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from mockserver.errors import StoreUnavailable
from mockserver.sandbox.coverage import CoverageKey, StoredCoverage
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.journal_queue import JournalQueue
from mockserver.sandbox.stores.redis_coverage import RedisCoverage
from mockserver.sandbox.stores.redis_journal import RedisJournal
from mockserver.sandbox.stores.redis_scripts import CHANGE, DELETE, PREFIX
from mockserver.sandbox.stores.redis_uploads import RedisUploads
from mockserver.sandbox.stores.state_cache import CachedState, StateCache
from mockserver.sandbox.stores.store import (
    EncodeEntry,
    OnLost,
    OnUnwritten,
    SandboxInfo,
    StoreLimits,
    check_size,
    ignore,
    invalid_store_url,
)

T = TypeVar("T")
TIMEOUT = 1.0
"""Default timeout in seconds; a URL sets another with `?socket_timeout=`."""
MAX_TIMEOUT = 2.0
MAX_ATTEMPTS = 200
"""Attempts of one change while other processes are faster."""
LOCKS = 64


def open_redis(url: str, initial: SandboxState, limits: StoreLimits) -> "RedisStore":
    """Return the store of a URL that redis-py accepts.

    Raises:
        UsageError: the URL is invalid.
    """
    try:
        _check_sockets(url)
        # redis-py reads an invalid number as database 0, which other programs may use.
        if not url.startswith("unix:") and not re.fullmatch(r"/?[0-9]*", urlsplit(url).path):
            raise ValueError("the database after the host is not a number")
        client = _client(url)
        # This does not connect yet, but rejects unknown options.
        client.connection_pool.make_connection()
    except (ValueError, TypeError) as error:
        raise invalid_store_url(url, str(error)) from error
    options = client.connection_pool.connection_kwargs
    for name in ("socket_timeout", "socket_connect_timeout"):
        timeout = options.get(name)
        if not timeout or not 0 < timeout <= MAX_TIMEOUT:
            raise invalid_store_url(
                url, f"a timeout must be above 0 and at most {MAX_TIMEOUT:g} seconds"
            )
    return RedisStore(url, initial, limits)


def _check_sockets(url: str) -> None:
    if url.startswith("unix:") and not hasattr(socket, "AF_UNIX"):
        raise ValueError("this platform has no Unix sockets; use redis://")


def _client(url: str) -> "redis.Redis":
    # No retry by redis-py: it would repeat a change whose reply was lost.
    retry = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(
        url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=retry
    )


class RedisStore:
    """A `Store` for any number of processes on any number of hosts."""

    shared = True
    is_persistent = True

    def __init__(self, url: str, initial: SandboxState, limits: StoreLimits | None = None) -> None:
        self._url, self._initial, self._limits = url, initial, limits or StoreLimits()

    def open(self, on_lost: OnLost = ignore, on_unwritten: OnUnwritten = ignore) -> None:
        """See `Store`. It connects at the first command, so that Redis may start later."""
        self._client = _client(self._url)
        self._cache = StateCache()
        self._cache_lock = threading.Lock()
        self._locks = [threading.RLock() for _ in range(LOCKS)]
        self._queue = JournalQueue(self._limits, on_lost, on_unwritten)
        self._coverage = RedisCoverage(self._client, _store_errors)
        self.uploads = RedisUploads(self._client, _store_errors)
        self._journal = RedisJournal(
            self._client, self._limits, self._queue, _store_errors, self._coverage.refresh
        )

    def close(self) -> None:
        """See `Store`."""
        self._journal.close()
        self.uploads.close()
        self._client.close()

    def check(self) -> None:
        """See `Store`."""
        with _store_errors():
            self._client.ping()

    def check_writes(self) -> None:
        """See `Store`.

        A replica, or a Redis without free memory or disk, accepts reads but not this write.
        """
        with _store_errors():
            self._client.set(f"{PREFIX}health", "1")

    def read(self, sandbox: str) -> SandboxState:
        """See `Store`. Each call is one small command to Redis."""
        return self._current(sandbox).state

    def peek(self, sandbox: str) -> SandboxState | None:
        """See `Store`. Every state is in Redis, which may respond late."""
        return None

    def change(self, sandbox: str, change: Callable[[SandboxState], tuple[SandboxState, T]]) -> T:
        """See `Store`."""
        # Changes of one process wait for each other, so that they do not race.
        with self._locks[hash(sandbox) % LOCKS]:
            for _ in range(MAX_ATTEMPTS):
                before = self._current(sandbox)
                state, result = change(before.state)
                if state is before.state or self._replace_state(sandbox, before, state):
                    return result
        raise StoreUnavailable(
            f"{MAX_ATTEMPTS} attempts failed: other processes changed the sandbox at the same time"
        )

    def delete(self, sandbox: str) -> bool:
        """See `Store`."""
        self._journal.flush_all_processes()
        with _store_errors(unknown=True):
            return bool(self._client.eval(DELETE, 0, sandbox))

    def sandboxes(self) -> list[SandboxInfo]:
        """See `Store`."""
        self._journal.flush_all_processes()
        with _store_errors(), self._client.pipeline(transaction=True) as pipeline:
            pipeline.zrevrange(f"{PREFIX}used", 0, -1, withscores=True)
            pipeline.hgetall(f"{PREFIX}created")
            pipeline.hgetall(f"{PREFIX}bytes")
            used, created, sizes = pipeline.execute()
        infos = []
        for name, last_used in used:
            size, created_at = int(sizes.get(name, 0)), float(created.get(name, last_used))
            infos.append(SandboxInfo(name.decode(), size, created_at, float(last_used)))
        return infos

    def count(self) -> int:
        """See `Store`."""
        self._journal.flush_all_processes()
        with _store_errors():
            count: Any = self._client.zcard(f"{PREFIX}used")
        return int(count)

    def append(self, sandbox: str, entry: EncodeEntry) -> None:
        """See `Store`."""
        self._queue.append(sandbox, entry)

    def journal(self, sandbox: str, limit: int | None = None) -> list[bytes]:
        """See `Store`."""
        return self._journal.entries(sandbox, limit)

    def clear_journal(self, sandbox: str) -> None:
        """See `Store`."""
        self._journal.flush_all_processes()
        with _store_errors(unknown=True):
            self._client.delete(f"{PREFIX}log:{sandbox}")

    def evicted(self) -> int:
        """See `Store`. It counts since the Redis database was empty."""
        with _store_errors():
            count: Any = self._client.get(f"{PREFIX}dropped")
        return int(count or 0)

    def coverage_generation(self) -> int:
        """See `Store`."""
        return self._coverage.generation

    def add_coverage(self, key: CoverageKey, items: tuple[str, ...]) -> None:
        """See `Store`."""
        self._coverage.add(key, items)

    def coverage(self) -> StoredCoverage:
        """See `Store`."""
        return self._coverage.read()

    def clear_coverage(self) -> None:
        """See `Store`."""
        self._coverage.clear()
        self._journal.flush_all_processes()

    def _current(self, sandbox: str) -> CachedState:
        """Return the state in Redis; the cached one, if its version is current."""
        key = f"{PREFIX}state:{sandbox}"
        with _store_errors():
            version: Any = self._client.hget(key, "version")
            with self._cache_lock:
                cached = self._cache.get(sandbox)
            if cached is not None and cached.version == version:
                return cached
            stored: Any = self._client.hmget(key, ["version", "state"])
        return self._remember(sandbox, self._decode(sandbox, *stored))

    def _decode(self, sandbox: str, version: bytes | None, encoded: bytes | None) -> CachedState:
        if version is None or encoded is None:
            return CachedState(self._initial, None, 0)
        try:
            return CachedState(SandboxState.from_json(orjson.loads(encoded)), version, len(encoded))
        except (KeyError, TypeError, ValueError) as error:
            raise StoreUnavailable(
                f"the state of {sandbox} in Redis cannot be read: {error!r}"
            ) from error

    def _remember(self, sandbox: str, state: CachedState) -> CachedState:
        """Cache a state, and return it, or the object that another thread has cached before."""
        with self._cache_lock:
            cached = self._cache.get(sandbox)
            if cached is not None and cached.version == state.version:
                return cached
            self._cache.put(sandbox, state)
        return state

    def _replace_state(self, sandbox: str, before: CachedState, state: SandboxState) -> bool:
        """Replace the state, and return True; if another process was faster, return False."""
        encoded = orjson.dumps(state.as_json())
        check_size(len(encoded), self._limits)
        # Random, so that a sandbox that is deleted and created again never has an old version.
        version = secrets.token_hex(8).encode()
        values = (
            sandbox,
            before.version or b"",
            version,
            encoded,
            time.time(),
            self._limits.sandboxes,
        )
        with _store_errors(unknown=True):
            replaced = bool(self._client.eval(CHANGE, 0, *values))
        if replaced:
            self._remember(sandbox, CachedState(state, version, len(encoded)))
        return replaced


@contextmanager
def _store_errors(*, unknown: bool = False) -> Iterator[None]:
    """Raise errors of redis-py as `StoreUnavailable`.

    `unknown` is for a change, which may have been made although its reply was lost. After an error
    reply, nothing has changed.
    """
    try:
        yield
    except redis.ResponseError as error:
        raise StoreUnavailable(f"Redis: {error}") from error
    except (redis.RedisError, OSError) as error:
        raise StoreUnavailable(f"Redis: {error}", unknown=unknown) from error
