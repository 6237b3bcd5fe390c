"""Server-sent events (HTML Living Standard, section 9.2): what happens in a sandbox, told to whoever looks at it.

All streams of one sandbox in one process look at it together, through one `Watch`; so many open panels ask the store no more
than one does. Nothing is queued for a stream: it compares what is there with what it has told, and a client that reads slowly
misses the exchanges that have left the window meanwhile.
"""

import secrets
import select
import socket
import threading
import time
from collections.abc import Callable, Container, Iterator
from typing import Any
from weakref import WeakValueDictionary

import orjson

from mockserver.errors import TooManyStreams
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.stores.store import StoreUnavailable

MAX_STREAMS = 64
"""Streams of one process."""
INTERVAL = 0.2
"""Seconds between two looks."""
BUSY_INTERVAL = 1.0
"""Seconds to the next look after one that found more exchanges than are told: reading the journal makes all workers write."""
WINDOW = 100
"""The exchanges that one look finds; of more than that, the newest are told."""
PING = 15.0
"""Seconds of silence after which a comment is sent, so that nothing on the way takes the connection for dead."""
RETRY = b"retry: 1000\n\n"


class SandboxWatcher:
    """One sandbox, as this process has last seen it."""

    def __init__(self, server: MockServer, sandbox: str) -> None:
        """Raises `StoreUnavailable`."""
        self._server, self._sandbox = server, sandbox
        self._looking = threading.Lock()
        self._name, self._changes = secrets.token_hex(4), 0
        self.window: dict[bytes, bytes] = {}
        """The newest entries of the journal, oldest first, each to the event that tells it."""
        self._moment: object = None
        self._due = 0.0
        self._look()

    @property
    def version(self) -> str:
        """Another one after each change of the sandbox's world."""
        return f"{self._name}-{self._changes}"

    def refresh(self) -> None:
        """Look again, if it is time and nobody else is at it. While the store is away, nothing has changed."""
        if time.monotonic() < self._due or not self._looking.acquire(blocking=False):
            return
        try:
            self._look()
        except StoreUnavailable:
            self._due = time.monotonic() + BUSY_INTERVAL
        finally:
            self._looking.release()

    def _look(self) -> None:
        before, moment = self.window, self._fingerprint()
        entries = self._server.store.journal(self._sandbox, WINDOW)
        window = {entry: before.get(entry) or _exchange(entry) for entry in entries}
        emptied = bool(before) and not window
        self._changes += moment != self._moment or emptied
        self._moment, self.window = moment, window
        overrun = len(window) == WINDOW and before.keys().isdisjoint(window)
        self._due = time.monotonic() + (BUSY_INTERVAL if overrun else INTERVAL)

    def _fingerprint(self) -> object:
        """What the world is made of. Where records progress with a running clock, each of its seconds is another world."""
        state, contract = self._server.store.read(self._sandbox), self._server.contract
        clock = state.clock
        progresses = clock.running_since is not None and clock.progression == "time"
        return state, contract, clock.now(contract.start) if progresses else ""


class EventStreams:
    """The event streams of one process."""

    def __init__(self, server: MockServer) -> None:
        self._server = server
        self._watches: WeakValueDictionary[str, SandboxWatcher] = WeakValueDictionary()
        self.open = 0
        """How many there are."""
        self.ended = False

    def end(self) -> None:
        """End all of them, within one interval."""
        self.ended = True

    def stream(self, sandbox: str, last: str | None, has_left: Callable[[], bool]) -> Iterator[bytes]:
        """The events of a sandbox from now on; with `last`, the id of an exchange, those after it too.

        Raises `TooManyStreams` and `StoreUnavailable`.
        """
        if self.open >= MAX_STREAMS:
            detail = f"{MAX_STREAMS} event streams are open in this process, which are as many as there may be; close one"
            raise TooManyStreams(detail, headers=(("Retry-After", "5"),))
        watch = self._watches.get(sandbox) or self._watches.setdefault(sandbox, SandboxWatcher(self._server, sandbox))
        if last is None:
            return self._events(watch, b"", watch.window, has_left)
        entries = self._server.store.journal(sandbox)
        missed = b"".join(map(_exchange, _entries_after(last, entries)))
        return self._events(watch, missed, frozenset(entries), has_left)

    def _events(
        self, watch: SandboxWatcher, missed: bytes, told: Container[bytes], has_left: Callable[[], bool]
    ) -> Iterator[bytes]:
        version = watch.version
        self.open += 1
        try:
            # Who comes back cannot know what has changed meanwhile, and so is always told to look.
            yield RETRY + missed + _snapshot_event(version)
            yield from self._new_events(watch, version, told, has_left)
        finally:
            self.open -= 1

    def _new_events(
        self, watch: SandboxWatcher, version: str, told: Container[bytes], has_left: Callable[[], bool]
    ) -> Iterator[bytes]:
        spoken = time.monotonic()
        before: Container[bytes] = ()  # an entry may be in the last window but one, where several looks crossed
        while not (self.ended or has_left()):
            window = watch.window
            news = b"".join(event for entry, event in window.items() if entry not in told and entry not in before)
            if version != watch.version:
                version = watch.version
                news += _snapshot_event(version)
            if not news and time.monotonic() - spoken >= PING:
                news = b": nothing new\n\n"
            if news:
                yield news
                spoken = time.monotonic()
            if window is not told:
                before, told = told, window
            time.sleep(INTERVAL)
            watch.refresh()


def is_disconnected(connection: Any) -> bool:
    """Whether the other side of a socket has closed it."""
    try:
        waiting = select.poll()
        waiting.register(connection, select.POLLIN)
        return bool(waiting.poll(0)) and connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True


def _exchange(entry: bytes) -> bytes:
    return b"id: %b\nevent: exchange\ndata: %b\n\n" % (orjson.loads(entry)["id"].encode(), entry)


def _snapshot_event(version: str) -> bytes:
    return b"event: world\ndata: %b\n\n" % orjson.dumps({"version": version})


def _entries_after(last: str, entries: list[bytes]) -> list[bytes]:
    """The entries after that of this id; all, where it is there no more."""
    ids = [orjson.loads(entry)["id"] for entry in entries]
    return entries[ids.index(last) + 1 :] if last in ids else entries
