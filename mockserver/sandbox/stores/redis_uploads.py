"""The uploaded APIs of a Redis store.

Each process has an entry with the time of its last call and the version that it serves. A process
that was killed or cannot reach Redis has an old time, and is not waited for. Redis's own clock
gives the times, because the clocks of the hosts differ.

Keys, after the prefix:

    uploads            hash: documents by key
    uploads-version    the version
    uploads-processes  sorted set: process by Unix time of its last call
    uploads-served     hash: the version that a process serves
    uploads-changing   the process that changes the uploads
"""

import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from threading import Lock
from typing import Any

import redis

from mockserver.errors import StoreUnavailable
from mockserver.sandbox.stores.redis_scripts import PREFIX
from mockserver.sandbox.stores.uploads import StoredUploads

ALIVE_SECONDS = 5
"""Seconds after its last call in which a process is alive."""
CHANGE_SECONDS = 300
"""Seconds after its begin in which a change excludes others. A later `change` is refused."""
REPORT_SECONDS = 1.0
"""Seconds in which a process reports once that it is alive.

Each report is written to the log and the replicas of Redis.
"""
_POLL_SECONDS = 0.02
_CALL = f"""
local U = '{PREFIX}uploads'
local me = ARGV[1]
local now = tonumber(redis.call('TIME')[1])
for _, old in ipairs(redis.call('ZRANGEBYSCORE', U..'-processes', '-inf', now - {ALIVE_SECONDS})) do
  redis.call('ZREM', U..'-processes', old)
  redis.call('HDEL', U..'-served', old)
end
local function version() return tonumber(redis.call('GET', U..'-version') or '0') end
local function is_alive(process) return redis.call('ZSCORE', U..'-processes', process) end
"""
"""The start of each script: forget old processes."""
_REPORT = (
    _CALL
    + """
redis.call('ZADD', U..'-processes', now, me)
redis.call('HSET', U..'-served', me, ARGV[2])
return version()
"""
)
"""Arguments: the process, and the version that it serves. Returns the current version."""
_BEGIN = (
    _CALL
    + """
local other = redis.call('GET', U..'-changing')
if other and other ~= me and is_alive(other) then return 0 end
redis.call('ZADD', U..'-processes', now, me)
redis.call('SET', U..'-changing', me, 'EX', ARGV[2])
return 1
"""
)
"""Arguments: the process, and the maximum seconds of its change.

If Redis did not respond at the end of a change, its entry is still there.
"""
_END = (
    _CALL + "if redis.call('GET', U..'-changing') == me then redis.call('DEL', U..'-changing') end"
)
_CHANGE = (
    _CALL
    + """
if redis.call('GET', U..'-changing') ~= me then return -1 end
if ARGV[3] == '' then redis.call('HDEL', U, ARGV[2]) end
if ARGV[3] ~= '' then redis.call('HSET', U, ARGV[2], ARGV[3]) end
return redis.call('INCR', U..'-version')
"""
)
"""Arguments: the process, the key, and the document (empty to delete it).

Returns the version, or -1 if another process has begun a change, because this one was stopped.
"""
_PENDING = (
    _CALL
    + """
local pending = 0
for _, process in ipairs(redis.call('ZRANGE', U..'-processes', 0, -1)) do
  local served = tonumber(redis.call('HGET', U..'-served', process) or '-1')
  if process ~= me and served < tonumber(ARGV[2]) then pending = pending + 1 end
end
return pending
"""
)
"""Arguments: the process, and a version. Returns the number of others that do not serve it yet."""
StoreErrors = Callable[..., AbstractContextManager[None]]


class RedisUploads:
    """An `UploadStore` for any number of processes on any number of hosts."""

    def __init__(self, client: "redis.Redis", store_errors: StoreErrors) -> None:
        self._client, self._store_errors = client, store_errors
        self._name = secrets.token_hex(8)
        self._changing = Lock()
        self._served = -1
        self._next_report = 0.0

    def begin(self) -> bool:
        """See `UploadStore`."""
        if not self._changing.acquire(blocking=False):
            return False
        has_begun = False
        try:
            has_begun = bool(self._eval(_BEGIN, CHANGE_SECONDS))
        finally:
            if not has_begun:
                self._changing.release()
        return has_begun

    def end(self) -> None:
        """See `UploadStore`."""
        try:
            self._eval(_END)
        finally:
            self._changing.release()

    def change(self, key: str, document: bytes | None) -> int:
        """See `UploadStore`."""
        version = self._eval(_CHANGE, key, document or b"", unknown=True)
        if version < 0:
            raise StoreUnavailable("another process has begun to change the uploaded APIs")
        return version

    def version(self) -> int:
        """See `UploadStore`. It reports once in `REPORT_SECONDS`."""
        if time.monotonic() >= self._next_report:
            return self._report(self._served)
        with self._store_errors():
            version: Any = self._client.get(f"{PREFIX}uploads-version")
        return int(version or 0)

    def read(self) -> StoredUploads:
        """See `UploadStore`."""
        with self._store_errors(), self._client.pipeline(transaction=True) as pipeline:
            pipeline.get(f"{PREFIX}uploads-version")
            pipeline.hgetall(f"{PREFIX}uploads")
            version, documents = pipeline.execute()
        named = {key.decode(): document for key, document in sorted(documents.items())}
        return StoredUploads(int(version or 0), named)

    def confirm(self, version: int) -> None:
        """See `UploadStore`."""
        self._served = version
        self._report(version)

    def wait(self, version: int, seconds: float) -> bool:
        """See `UploadStore`."""
        deadline = time.monotonic() + seconds
        while self._eval(_PENDING, version):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def close(self) -> None:
        """Remove the entry of this process, so that no process waits for it."""
        with (
            suppress(StoreUnavailable),
            self._store_errors(),
            self._client.pipeline(transaction=True) as pipeline,
        ):
            pipeline.zrem(f"{PREFIX}uploads-processes", self._name)
            pipeline.hdel(f"{PREFIX}uploads-served", self._name)
            pipeline.execute()

    def _report(self, served: int) -> int:
        """Report the version that this process serves, and return the current one."""
        version = self._eval(_REPORT, served)
        self._next_report = time.monotonic() + REPORT_SECONDS
        return version

    def _eval(self, script: str, *values: Any, unknown: bool = False) -> int:
        with self._store_errors(unknown=unknown):
            result: Any = self._client.eval(script, 0, self._name, *values)
        return int(result or 0)
