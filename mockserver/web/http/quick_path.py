"""The quick path: a repeated request gets the response that was validated for exactly this request.

Two memories find a request again: by all its bytes, and by its meaning. The meaning is the method,
the target and the deciding headers, on which a response may depend. The contract has their names.

A response is valid in one snapshot of its sandbox. Whatever else it depends on changes the snapshot:
records, scenarios, clock, contract, and the bindings of addresses. A snapshot is compared by identity.
Journal and metrics have each exchange, as always.
"""

import time
from collections.abc import Callable
from weakref import ref

from mockserver.config.sandbox_names import DEFAULT
from mockserver.contract.model import Contract
from mockserver.pipeline.exchange import Exchange, next_exchange_id
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.pipeline.sandbox_selection import requested_sandbox
from mockserver.sandbox.journal import RECORDED_HEADERS, EntryTemplate
from mockserver.sandbox.snapshot import Snapshot
from mockserver.telemetry.metrics import NO_OPERATION
from mockserver.web.http.message import Message, RawHeaders
from mockserver.web.http.responses import date_header, encode_parts

MAX_BYTES = 16 * 1024 * 1024
"""The maximum size of all remembered requests and responses; beyond it, everything is forgotten."""
MAX_REQUESTS = 4096
"""The maximum number of requests in each memory; beyond it, everything is forgotten."""
MAX_RESPONSE = 1024 * 1024
"""The maximum size of a response that is kept."""
MAX_HEAD = 4096
"""The maximum size of a remembered request: of its bytes, and of its meaning."""
OVERHEAD = 2048
"""Bytes that a remembered request counts in addition to its own: Python's objects."""
ALWAYS_DECIDING = ("accept", "content-type", "origin", "prefer", "x-mock-sandbox")
"""The headers on which a response may depend in any contract."""
_NEVER_REPEATED = frozenset((b"content-length", b"expect", b"transfer-encoding", b"upgrade"))
"""The headers of requests that the connection treats in a special way."""
_RECORDED = frozenset(name.encode() for name in (*RECORDED_HEADERS, "x-access-token"))
"""The headers that a journal entry needs."""
_METHODS = ("GET", "HEAD")

Meaning = tuple[str, bytes, tuple[tuple[bytes, bytes], ...]]
"""Method, target, and the deciding headers in their order: all that a response depends on."""


class KnownRequest:
    """A request that was repeated, and its response in one snapshot."""

    __slots__ = (
        "count",
        "payload",
        "rest",
        "sandbox",
        "second",
        "size",
        "snapshot",
        "start",
        "template",
    )

    def __init__(self, sandbox: str) -> None:
        self.sandbox = sandbox
        self.snapshot: Callable[[], Snapshot | None]
        """Returns the snapshot, as long as it exists."""
        self.template: EntryTemplate
        self.start = self.rest = self.payload = b""
        self.second = -1
        """The Unix time of `payload`."""
        self.size = 0
        """Bytes that it counts towards `MAX_BYTES`."""
        self.count: Callable[[float], None]
        """Counts the response."""


class QuickPath:
    """The repeated requests of one process, and their responses. It runs on the event loop only."""

    def __init__(self, server: MockServer) -> None:
        settings = server.settings
        self._server = server
        # Logs and traces need the whole entry, and a proxy's header would decide about the sandbox.
        needs_all = bool(server.log or server.traces or settings.trusted_proxies)
        self.enabled = settings.quick_path and not needs_all
        self._forget()

    def repeat(self, data: bytes) -> bytes | None:
        """Return the response to a request of exactly these bytes; `None` if it has to be handled."""
        known = self._by_bytes.get(data)
        return None if known is None else self._payload(*known)

    def meaning_of(self, message: Message) -> Meaning | None:
        """Return what the response to a message depends on; `None` if it may not be remembered."""
        if not self.enabled or message.method not in _METHODS:
            return None
        if message.close or message.version != "1.1":
            return None
        if self._contract is not self._server.contract:
            self._forget()
        names = self._deciding
        deciding = [header for header in message.headers if header[0] in names]
        for name, _ in deciding:
            if name in _NEVER_REPEATED:
                return None
        return message.method, message.target, tuple(deciding)

    def repeat_meaning(self, meaning: Meaning, message: Message) -> bytes | None:
        """Return the response to a request of this meaning; `None` if it has to be handled."""
        known = self._by_meaning.get(meaning)
        if known is None:
            return None
        # The journal keeps them for as long as the entry.
        recorded = [header for header in message.headers if header[0] in _RECORDED]
        payload = self._payload(known, recorded)
        if payload is not None and message.received is not None:
            self._remember_bytes(message.received, known, recorded)
        return payload

    def keep(self, meaning: Meaning, exchange: Exchange, response: Response) -> None:
        """Keep the response to a request, if it is repeated and an equal request has the same response."""
        snapshot = exchange.repeatable_in
        if snapshot is None or exchange.entry is None or not self._is_decided(exchange, snapshot):
            return
        if meaning not in self._by_meaning and not self._is_repeated(meaning):
            return
        start, rest = encode_parts(response, exchange.request.method)
        size = _size_of(meaning)
        if size > MAX_HEAD or len(rest) > MAX_RESPONSE:
            return
        known = self._by_meaning.setdefault(meaning, KnownRequest(exchange.sandbox))
        known.start, known.rest, known.second = start, rest, -1
        known.snapshot = ref(snapshot)
        known.template = EntryTemplate(exchange.entry)
        operation = exchange.operation or NO_OPERATION
        known.count = self._server.metrics.response_counter(operation, response.status)
        # Twice: `rest`, and `payload` with the date.
        added = size + 2 * len(rest) + OVERHEAD - known.size
        known.size += added
        self._grow(added)

    def _is_decided(self, exchange: Exchange, snapshot: Snapshot) -> bool:
        """Return whether meaning and snapshot alone decide about the response, and about its sandbox."""
        if snapshot.contract is not self._contract:
            return False  # reloaded while this request was handled
        if snapshot.scenarios or snapshot.advances_on_read:
            return False
        named = requested_sandbox(exchange.request, self._contract.access_tokens)
        if named is None:
            # The bindings of addresses are part of the state of `default`.
            return exchange.sandbox == DEFAULT and not snapshot.state.bindings
        return exchange.sandbox == named

    def _payload(self, known: KnownRequest, recorded: RawHeaders) -> bytes | None:
        """Return the response if its snapshot is the current one, and record the exchange."""
        started = time.perf_counter()
        server = self._server
        snapshot = server.sandboxes.current_snapshot(known.sandbox)
        if snapshot is None or known.snapshot() is not snapshot:
            return None
        now = time.time()
        second = int(now)
        if known.second != second:
            known.second = second
            known.payload = b"%b%b%b" % (known.start, date_header(second), known.rest)
        seconds = time.perf_counter() - started
        entry = known.template.entry(next_exchange_id(), now, seconds, recorded)
        server.store.append(known.sandbox, entry)
        known.count(seconds)
        return known.payload

    def _is_repeated(self, key: object) -> bool:
        """Return whether a request came before; most requests of a random client never come again.

        Only a hash is remembered: if two requests have the same one, the first is kept too early.
        """
        fingerprint = hash(key)
        if fingerprint in self._once:
            return True
        if len(self._once) >= MAX_REQUESTS:
            self._once.clear()
        self._once.add(fingerprint)
        return False

    def _remember_bytes(self, data: bytes, known: KnownRequest, recorded: RawHeaders) -> None:
        if len(data) > MAX_HEAD or data in self._by_bytes or not self._is_repeated(data):
            return
        self._by_bytes[data] = known, recorded
        self._grow(2 * len(data) + OVERHEAD)

    def _grow(self, size: int) -> None:
        self._size += size
        is_full = max(len(self._by_bytes), len(self._by_meaning)) > MAX_REQUESTS
        if is_full or self._size > MAX_BYTES:
            self._forget()

    def _forget(self) -> None:
        """Forget everything, for example because the contract has changed."""
        self._contract = self._server.contract
        names = frozenset(name.encode() for name in deciding_headers(self._contract))
        self._deciding = names | _NEVER_REPEATED
        self._by_bytes: dict[bytes, tuple[KnownRequest, RawHeaders]] = {}
        self._by_meaning: dict[Meaning, KnownRequest] = {}
        self._once: set[int] = set()
        self._size = 0


def deciding_headers(contract: Contract) -> frozenset[str]:
    """Return the names of the request headers that a response may depend on, in lower case."""
    names = {*ALWAYS_DECIDING, *contract.access_tokens}
    for served in contract.served:
        names.update(served.headers)
    return frozenset(names)


def _size_of(meaning: Meaning) -> int:
    """Return the bytes of the target and the headers of a meaning."""
    _, target, headers = meaning
    return len(target) + sum(len(name) + len(value) for name, value in headers)
