"""Sandboxes in Redis or Valkey, for servers on several hosts. Loaded only when a URL asks for it.

Each change of more than one key is a script, which Redis runs as one step. redis-py's own WATCH is not used: it takes a
connection that was lost in the middle of EXEC for a lost race, and the change would be made twice.
"""

import re
import secrets
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.redis_scripts import APPEND, CHANGE, DELETE, PREFIX
from mockserver.sandbox.stores.state_cache import CachedState, StateCache
from mockserver.sandbox.stores.store import (
    EncodeEntry,
    OnLost,
    SandboxInfo,
    StateTooLarge,
    StoreLimits,
    StoreUnavailable,
    ignore_lost,
    invalid_store_url,
)

T = TypeVar("T")
TIMEOUT = 1.0
"""Seconds for which Redis is waited for, unless the URL says otherwise with `?socket_timeout=`."""
MAX_TIMEOUT = 2.0
MAX_ATTEMPTS = 200
"""How often a change is tried while other processes are faster."""
LOCKS = 64
MAX_QUEUED_ENTRIES = 2000
"""Entries of the journal that are held back while Redis is away; then the oldest are lost."""
RETRY_PAUSE = 1.0
"""Seconds for which the journal does not try again after Redis was away: each try may cost a timeout."""


def open_redis(url: str, initial: SandboxState, limits: StoreLimits) -> "RedisStore":
    """The store behind a URL of redis-py's. Raises `UsageError`."""
    # gevent's worker patches after the fork, and says that `redis.asyncio` has taken SSL's classes before: we do not use that.
    warnings.filterwarnings("ignore", "Monkey-patching ssl after ssl has already been imported")
    try:
        # redis-py takes what is no number for 0, where others may keep theirs.
        if not url.startswith("unix:") and not re.fullmatch(r"/?[0-9]*", urlsplit(url).path):
            raise ValueError("the database after the host is no number")
        made = _client(url)
        made.connection_pool.make_connection()  # connects to nothing; refuses words that it does not know
    except (ValueError, TypeError) as error:
        raise invalid_store_url(url, str(error)) from error
    timeouts = [made.connection_pool.connection_kwargs.get(name) for name in ("socket_timeout", "socket_connect_timeout")]
    if not all(timeout and 0 < timeout <= MAX_TIMEOUT for timeout in timeouts):
        raise invalid_store_url(url, f"a timeout has to be above 0 and at most {MAX_TIMEOUT:g} seconds")
    return RedisStore(url, initial, limits)


def _client(url: str) -> "redis.Redis":
    # No second try by redis-py: it would make a change twice whose reply was lost.
    retry = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=retry)


class RedisStore:
    """A `Store` for any number of processes on any number of hosts."""

    shared = True

    def __init__(self, url: str, initial: SandboxState, limits: StoreLimits | None = None) -> None:
        self._url, self._initial, self._limits = url, initial, limits or StoreLimits()

    def open(self, on_lost: OnLost = ignore_lost) -> None:
        """See `Store`. Connects when it is first asked for something, so a Redis that starts later will do."""
        self._client = _client(self._url)
        self._cache = StateCache()
        self._cache_lock = threading.Lock()
        self._locks = [threading.RLock() for _ in range(LOCKS)]
        self._queue: deque[tuple[str, bytes, float]] = deque()
        self._on_lost = on_lost
        self._next_try = 0.0

    def close(self) -> None:
        """See `Store`."""
        self._next_try = 0.0
        self._send_queued()
        self._on_lost(len(self._queue))
        self._client.close()

    def check(self) -> None:
        """See `Store`."""
        with _store_errors():
            self._client.ping()

    def check_writes(self) -> None:
        """See `Store`. A Redis that is a replica, or has no memory or disk left, answers reads and refuses this."""
        with _store_errors():
            self._client.set(f"{PREFIX}health", "1")

    def read(self, sandbox: str) -> SandboxState:
        """See `Store`. One small question to Redis each time."""
        return self._current(sandbox).state

    def change(self, sandbox: str, change: Callable[[SandboxState], tuple[SandboxState, T]]) -> T:
        """See `Store`."""
        # Of one process's own changes none loses a race against another.
        with self._locks[hash(sandbox) % LOCKS]:
            for _ in range(MAX_ATTEMPTS):
                before = self._current(sandbox)
                state, result = change(before.state)
                if state is before.state or self._replace_state(sandbox, before, state):
                    return result
        raise StoreUnavailable(f"other processes changed the sandbox {MAX_ATTEMPTS} times meanwhile")

    def delete(self, sandbox: str) -> bool:
        """See `Store`."""
        with _store_errors(unknown=True):
            return bool(self._client.eval(DELETE, 0, sandbox))

    def sandboxes(self) -> list[SandboxInfo]:
        """See `Store`."""
        with _store_errors(), self._client.pipeline(transaction=True) as asked:
            asked.zrevrange(f"{PREFIX}used", 0, -1, withscores=True)
            asked.hgetall(f"{PREFIX}created")
            asked.hgetall(f"{PREFIX}bytes")
            used, created, sizes = asked.execute()
        return [
            SandboxInfo(name.decode(), int(sizes.get(name, 0)), float(created.get(name, when)), float(when))
            for name, when in used
        ]

    def append(self, sandbox: str, entry: EncodeEntry) -> None:
        """See `Store`. One message to Redis, if it answers; held back for a while, if not."""
        now = time.time()
        if time.monotonic() < self._next_try:
            self._enqueue(sandbox, entry(), now)
            return
        self._send_queued()
        self._send(sandbox, entry(), now)

    def journal(self, sandbox: str, limit: int | None = None) -> list[bytes]:
        """See `Store`."""
        self._send_queued()
        with _store_errors():
            found: Any = self._client.lrange(f"{PREFIX}log:{sandbox}", 0 if limit is None else -limit, -1)
        return list(found)

    def clear_journal(self, sandbox: str) -> None:
        """See `Store`."""
        with _store_errors(unknown=True):
            self._client.delete(f"{PREFIX}log:{sandbox}")

    def evicted(self) -> int:
        """See `Store`; since this Redis database was empty."""
        with _store_errors():
            found: Any = self._client.get(f"{PREFIX}dropped")
        return int(found or 0)

    def _current(self, sandbox: str) -> CachedState:
        """The state in Redis; the one seen before, if it is still that one."""
        key = f"{PREFIX}state:{sandbox}"
        with _store_errors():
            version: Any = self._client.hget(key, "version")
            with self._cache_lock:
                seen = self._cache.get(sandbox)
            if seen is not None and seen.version == version:
                return seen
            found: Any = self._client.hmget(key, ["version", "state"])
        return self._remember(sandbox, self._decode(sandbox, *found))

    def _decode(self, sandbox: str, version: bytes | None, told: bytes | None) -> CachedState:
        if version is None or told is None:
            return CachedState(self._initial, None, 0)
        try:
            return CachedState(SandboxState.from_json(orjson.loads(told)), version, len(told))
        except (KeyError, TypeError, ValueError) as error:
            raise StoreUnavailable(f"the state of {sandbox} in Redis cannot be read: {error!r}") from error

    def _remember(self, sandbox: str, seen: CachedState) -> CachedState:
        """Keep it, unless a thread has kept the same one before: then that is the one."""
        with self._cache_lock:
            kept = self._cache.get(sandbox)
            if kept is not None and kept.version == seen.version:
                return kept
            self._cache.put(sandbox, seen)
        return seen

    def _replace_state(self, sandbox: str, before: CachedState, state: SandboxState) -> bool:
        """Put the state in place, if the one before is still there."""
        told = orjson.dumps(state.as_json())
        if len(told) > self._limits.bytes:
            raise StateTooLarge(f"the sandbox would have {len(told)} bytes, expected at most {self._limits.bytes}")
        # At random: a sandbox that was forgotten and made anew must not come to a version that it had.
        version = secrets.token_hex(8).encode()
        values = (sandbox, before.version or b"", version, told, time.time(), self._limits.sandboxes)
        with _store_errors(unknown=True):
            done = self._client.eval(CHANGE, 0, *values)
        if done:
            self._remember(sandbox, CachedState(state, version, len(told)))
        return bool(done)

    def _send(self, sandbox: str, entry: bytes, at: float, *, again: bool = False) -> bool:
        """Add to the journal; hold back what Redis does not take. Whether it took it."""
        limits = self._limits
        values = (sandbox, entry, at, limits.exchanges, limits.total_exchanges, limits.sandboxes, int(again))
        try:
            with _store_errors(unknown=True):
                self._client.eval(APPEND, 0, *values)
        except StoreUnavailable:
            self._next_try = time.monotonic() + RETRY_PAUSE
            self._enqueue(sandbox, entry, at)
            return False
        return True

    def _enqueue(self, sandbox: str, entry: bytes, at: float) -> None:
        self._queue.append((sandbox, entry, at))
        if len(self._queue) > MAX_QUEUED_ENTRIES:
            self._queue.popleft()
            self._on_lost(1)

    def _send_queued(self) -> None:
        """What was held back may have arrived all the same, its reply lost: it is not added a second time."""
        for _ in range(len(self._queue)):
            if time.monotonic() < self._next_try or not self._queue or not self._send(*self._queue.popleft(), again=True):
                return


@contextmanager
def _store_errors(*, unknown: bool = False) -> Iterator[None]:
    """Tell redis-py's errors as the store's; `unknown` for a change. A reply that says no is known to have changed nothing."""
    try:
        yield
    except redis.ResponseError as error:
        raise StoreUnavailable(f"Redis: {error}") from error
    except (redis.RedisError, OSError) as error:
        raise StoreUnavailable(f"Redis: {error}", unknown=unknown) from error
