"""The journal of a Redis store.

Each process queues its entries, and a thread sends them in batches.

A reader publishes a request on a channel. Redis returns the number of processes that received it.
Each process sends its queue and then confirms, so a reader sees all entries that were added before.
It also reads the generation of the coverage before it confirms.
"""

import secrets
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import redis

from mockserver.errors import StoreUnavailable
from mockserver.sandbox.stores.journal_queue import JournalQueue, QueuedEntry, paced
from mockserver.sandbox.stores.redis_scripts import APPEND, PREFIX
from mockserver.sandbox.stores.store import StoreLimits

FLUSH_INTERVAL = 0.05
"""Seconds between two batches without a reader."""
FLUSH_SECONDS = 1.0
"""Timeout for the confirmations of all processes."""
ENTRIES_PER_COMMAND = 100
"""Redis serves no other client while a command runs."""
RETRY_PAUSE = 1.0
"""Seconds until the journal tries Redis again after a failure: each attempt may take a timeout."""

StoreErrors = Callable[..., AbstractContextManager[None]]
"""Returns a context manager that raises errors of redis-py as `StoreUnavailable`."""


class RedisJournal:
    """The journal in one process. Create it after the fork."""

    def __init__(
        self,
        client: "redis.Redis",
        limits: StoreLimits,
        queue: JournalQueue,
        store_errors: StoreErrors,
        on_request: Callable[[], None],
    ) -> None:
        """Start the thread that sends the queue. It connects when Redis responds.

        `on_request` is called for each request on the channel, before the confirmation. It is also
        called after the thread has connected, for the requests that it has missed.
        """
        self._on_request = on_request
        self._client, self._limits, self._queue = client, limits, queue
        self._store_errors = store_errors
        # Channels are common to all databases of a Redis.
        database = client.connection_pool.connection_kwargs.get("db") or 0
        self._channel = f"{PREFIX}flush:{database}"
        self._lock = threading.Lock()
        self._next_try = 0.0
        self._stopping = threading.Event()
        self._sender = threading.Thread(target=self._send_periodically, name="journal", daemon=True)
        self._sender.start()

    def entries(self, sandbox: str, most: int | None = None) -> list[bytes]:
        """Return the entries of a sandbox, oldest first; with `most`, only the newest.

        Entries that this process cannot send now are last.

        Raises:
            StoreUnavailable: Redis does not respond.
        """
        limit = self._limits.exchanges
        if most is not None:
            limit = min(most, limit)
        self.flush_all_processes()
        if not limit:
            return []
        # Under the lock, so that no entry is sent between the two reads.
        with self._lock, self._store_errors():
            sent: Any = self._client.zrange(f"{PREFIX}log:{sandbox}", -limit, -1)
            unsent = self._queue.unwritten(sandbox)
        queued = [entry() for entry in paced(unsent)]
        return (list(sent) + queued)[-limit:]

    def flush(self) -> None:
        """Send the queue. After an error it stays queued: the journal never fails a request."""
        with self._lock:
            if time.monotonic() < self._next_try:
                return
            entries, _ = self._queue.take()
            self._queue.uses_written()  # each entry marks its sandbox as used in Redis
            try:
                while entries:
                    self._send(entries[:ENTRIES_PER_COMMAND])
                    entries = entries[ENTRIES_PER_COMMAND:]
            except StoreUnavailable:
                self._next_try = time.monotonic() + RETRY_PAUSE

    def flush_all_processes(self) -> None:
        """Make all processes send their queues, and wait for them, for a limited time.

        Raises:
            StoreUnavailable: Redis does not respond.
        """
        self.flush()
        name = f"{PREFIX}flushed:{secrets.token_hex(8)}"
        deadline = time.monotonic() + FLUSH_SECONDS
        with self._store_errors(), self._pubsub() as confirmations:
            confirmations.subscribe(name)
            confirmations.get_message(timeout=FLUSH_SECONDS)  # subscribed
            missing: Any = self._client.publish(self._channel, name)
            while missing > 0 and time.monotonic() < deadline:
                if confirmations.get_message(timeout=deadline - time.monotonic()):
                    missing -= 1

    def close(self) -> None:
        """Stop the sender, and send the queue."""
        self._stopping.set()
        self._sender.join(FLUSH_SECONDS)
        self._next_try = 0.0
        self.flush()
        self._queue.lose()

    def _pubsub(self) -> Any:
        pubsub: Any = self._client.pubsub  # redis-py has no types for it
        return pubsub(ignore_subscribe_messages=True)

    def _send(self, entries: list[QueuedEntry]) -> None:
        """Send entries in one command.

        Raises:
            StoreUnavailable: Redis does not respond, or refuses the command.
        """
        limits = self._limits
        values: list[Any] = [limits.exchanges, limits.total_exchanges, limits.sandboxes]
        for sandbox, timestamp, entry in self._queue.encode(entries):
            values += (sandbox, timestamp, entry)
        with self._store_errors(unknown=True):
            self._client.eval(APPEND, 0, *values)
        self._queue.written(len(entries))

    def _send_periodically(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._pubsub() as requests:
                    requests.subscribe(self._channel)
                    requests.get_message(timeout=FLUSH_SECONDS)  # subscribed
                    self._on_request()
                    while not self._stopping.is_set():
                        self._send_once(requests)
            # ValueError: the store was closed while Redis did not respond.
            except (redis.RedisError, OSError, ValueError):
                self._stopping.wait(RETRY_PAUSE)

    def _send_once(self, requests: Any) -> None:
        """Send the queue after `FLUSH_INTERVAL`, or when a reader asks for it, and confirm this."""
        message = requests.get_message(timeout=FLUSH_INTERVAL)
        self.flush()
        self._queue.publish()
        if message:
            self._on_request()
            self._client.publish(message["data"], b"")
