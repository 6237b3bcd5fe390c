"""Server-sent events (HTML Living Standard, section 9.2) of a sandbox.

All streams of one sandbox in one process share one `SandboxWatcher`, so many open panels poll the
store as often as one. Streams have no queues: each compares the journal with the events that it
has sent. A slow client misses exchanges that have left the window.
"""

import secrets
import selectors
import socket
import threading
import time
from collections.abc import Callable, Container, Iterator
from typing import Any
from weakref import WeakValueDictionary

import orjson

from mockserver.errors import StoreUnavailable, TooManyStreams
from mockserver.pipeline.mock_server import MockServer

MAX_STREAMS = 64
"""The maximum number of streams in one process."""
INTERVAL = 0.2
"""Seconds between two polls."""
BUSY_INTERVAL = 1.0
"""Seconds until the next poll if there were more exchanges than the window.

Each poll makes all workers write their journal entries, so a busy server is polled less often.
"""
WINDOW = 100
"""The maximum number of exchanges that one poll returns. They are the newest."""
PING = 15.0
"""Seconds without an event until a comment is sent, so that proxies keep the connection."""
RETRY = b"retry: 1000\n\n"
PAUSE = b""
"""A chunk that means a pause: the server reads the next chunk after `INTERVAL`.

PEP 3333 allows empty chunks.
"""


class SandboxWatcher:
    """One sandbox with its state and journal at the last poll of this process."""

    def __init__(self, server: MockServer, sandbox: str) -> None:
        """Read the sandbox for the first time.

        Raises:
            StoreUnavailable: the store does not respond.
        """
        self._server, self._sandbox = server, sandbox
        self._lock = threading.Lock()
        self._name, self._changes = secrets.token_hex(4), 0
        self.window: dict[bytes, bytes] = {}
        """The newest journal entries, the oldest first, each with its event."""
        self._last_fingerprint: object = None
        self._due = 0.0
        self._poll()

    @property
    def version(self) -> str:
        """A text that differs after each change of the sandbox."""
        return f"{self._name}-{self._changes}"

    def refresh(self) -> None:
        """Poll the store if a poll is due and no other stream polls.

        Do nothing while the store is unavailable.
        """
        if time.monotonic() < self._due or not self._lock.acquire(blocking=False):
            return
        try:
            self._poll()
        except StoreUnavailable:
            self._due = time.monotonic() + BUSY_INTERVAL
        finally:
            self._lock.release()

    def _poll(self) -> None:
        previous, fingerprint = self.window, self._fingerprint()
        entries = self._server.store.journal(self._sandbox, WINDOW)
        window = {entry: previous.get(entry) or _exchange_event(entry) for entry in entries}
        is_journal_cleared = bool(previous) and not window
        if fingerprint != self._last_fingerprint or is_journal_cleared:
            self._changes += 1
        self._last_fingerprint, self.window = fingerprint, window
        interval = INTERVAL
        if len(window) == WINDOW and previous.keys().isdisjoint(window):
            interval = BUSY_INTERVAL
        self._due = time.monotonic() + interval

    def _fingerprint(self) -> object:
        """Return a value that differs if the records or the reload errors differ.

        If the records progress with a running clock, the value differs in each second.
        """
        state, contracts = self._server.store.read(self._sandbox), self._server.contracts
        clock = state.clock
        now = ""
        if clock.running_since is not None and clock.progression == "time":
            # Every contract starts at a whole second, so any of them will do.
            now = clock.now(contracts.main.contract.start)
        return state, contracts, self._server.reload_errors.all, now


class EventStreams:
    """The event streams of one process."""

    def __init__(self, server: MockServer) -> None:
        self._server = server
        self._watchers: WeakValueDictionary[str, SandboxWatcher] = WeakValueDictionary()
        self.open = 0
        """The number of open streams."""
        self.ending = False
        """Whether all streams end at their next poll."""

    def end(self) -> None:
        """End all streams, within one interval."""
        self.ending = True

    def stream(
        self, sandbox: str, last: str | None, is_gone: Callable[[], bool]
    ) -> Iterator[bytes]:
        """Yield the events of a sandbox from now on, and `PAUSE` after each poll.

        Args:
            sandbox: its name.
            last: the id of an exchange. Later exchanges are the first events.
            is_gone: returns whether the client has disconnected.

        Raises:
            TooManyStreams: this process has `MAX_STREAMS` open streams.
            StoreUnavailable: the store does not respond.
        """
        if self.open >= MAX_STREAMS:
            detail = f"{MAX_STREAMS} event streams are open in this process, the maximum; close one"
            raise TooManyStreams(detail, headers=(("Retry-After", "5"),))
        watcher = self._watcher(sandbox)
        if last is None:
            return self._events(watcher, b"", watcher.window, is_gone)
        entries = self._server.store.journal(sandbox)
        later = b"".join(map(_exchange_event, _entries_after(last, entries)))
        return self._events(watcher, later, frozenset(entries), is_gone)

    def _watcher(self, sandbox: str) -> SandboxWatcher:
        """Return the watcher of a sandbox, which all its streams share."""
        watcher = self._watchers.get(sandbox)
        if watcher is None:
            watcher = self._watchers.setdefault(sandbox, SandboxWatcher(self._server, sandbox))
        return watcher

    def _events(
        self,
        watcher: SandboxWatcher,
        first_events: bytes,
        sent: Container[bytes],
        is_gone: Callable[[], bool],
    ) -> Iterator[bytes]:
        version = watcher.version
        self.open += 1
        try:
            # A client that reconnects may have missed changes, so it always gets the event `state`.
            yield RETRY + first_events + _state_event(version)
            yield from self._new_events(watcher, version, sent, is_gone)
        finally:
            self.open -= 1

    def _new_events(
        self,
        watcher: SandboxWatcher,
        version: str,
        sent: Container[bytes],
        is_gone: Callable[[], bool],
    ) -> Iterator[bytes]:
        last_sent = time.monotonic()
        # If polls overlapped, an entry may be in the window before the last one.
        sent_before: Container[bytes] = ()
        while not (self.ending or is_gone()):
            window = watcher.window
            new_events = []
            for entry, event in window.items():
                if entry not in sent and entry not in sent_before:
                    new_events.append(event)
            events = b"".join(new_events)
            if version != watcher.version:
                version = watcher.version
                events += _state_event(version)
            if not events and time.monotonic() - last_sent >= PING:
                events = b": nothing new\n\n"
            if events:
                yield events
                last_sent = time.monotonic()
            if window is not sent:
                sent_before, sent = sent, window
            yield PAUSE
            watcher.refresh()


def with_pauses(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the chunks, and sleep at each pause. Servers with a thread per connection need this."""
    for chunk in chunks:
        if chunk == PAUSE:
            time.sleep(INTERVAL)
        else:
            yield chunk


def is_disconnected(connection: Any) -> bool:
    """Return whether the client has closed a connection."""
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ)
            return bool(selector.select(0)) and connection.recv(1, socket.MSG_PEEK) == b""
    except (OSError, ValueError):  # a closed socket has no descriptor
        return True


def _exchange_event(entry: bytes) -> bytes:
    return b"id: %b\nevent: exchange\ndata: %b\n\n" % (orjson.loads(entry)["id"].encode(), entry)


def _state_event(version: str) -> bytes:
    return b"event: state\ndata: %b\n\n" % orjson.dumps({"version": version})


def _entries_after(last: str, entries: list[bytes]) -> list[bytes]:
    """Return the entries after the entry with the id `last`; all entries if it does not exist."""
    ids = [orjson.loads(entry)["id"] for entry in entries]
    if last not in ids:
        return entries
    return entries[ids.index(last) + 1 :]
