"""The quick path: a repeated request gets the response that was validated for exactly this request.

Two tables find a request again: by all its bytes, and by its meaning. The meaning is the method,
the target and the deciding headers, on which a response may depend. The contracts name them.

A response is valid in one snapshot of its sandbox. Every change of records, scenarios, clock,
contract or address bindings makes another snapshot. Snapshots are compared by identity.
Journal and metrics record each exchange, as they do without the quick path. The coverage has the
items of an exchange already, unless it was deleted.
"""

import time
from collections.abc import Callable
from weakref import ref

from mockserver.config.sandbox_names import DEFAULT
from mockserver.pipeline.exchange import Exchange, next_exchange_id
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.pipeline.sandbox_selection import requested_sandbox
from mockserver.pipeline.served_contracts import ServedContracts
from mockserver.sandbox.journal import RECORDED_HEADERS, EntryTemplate
from mockserver.sandbox.snapshot import Snapshot
from mockserver.telemetry.metrics import NO_OPERATION
from mockserver.web.http.message import Message, RawHeaders
from mockserver.web.http.responses import date_header, encode_parts

MAX_BYTES = 16 * 1024 * 1024
"""The maximum size of all kept requests and responses. Above it, all are forgotten."""
MAX_REQUESTS = 4096
"""The maximum number of requests in each table. Above it, all are forgotten."""
MAX_RESPONSE = 1024 * 1024
"""The maximum size of a response that is kept."""
MAX_HEAD = 4096
"""The maximum size of a kept request: of its bytes, and of its meaning."""
OVERHEAD = 2048
"""Bytes that are added to the size of each kept request, for Python's objects."""
ALWAYS_DECIDING = ("accept", "baggage", "content-type", "origin", "prefer", "x-mock-sandbox")
"""The headers on which a response may depend in any contract."""
_NEVER_REPEATED = frozenset((b"content-length", b"expect", b"transfer-encoding", b"upgrade"))
"""The headers of requests that the connection treats in a special way."""
_RECORDED = frozenset(name.encode() for name in (*RECORDED_HEADERS, "x-access-token"))
"""The headers that a journal entry needs."""
_METHODS = ("GET", "HEAD")

Meaning = tuple[str, bytes, tuple[tuple[bytes, bytes], ...]]
"""Method, target, and the deciding headers in their order: a response depends on these only."""


class RepeatedRequest:
    """A request that was repeated, and its response in one snapshot."""

    __slots__ = (
        "count",
        "counted_in",
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
        """Returns the snapshot while it exists, then `None`."""
        self.template: EntryTemplate
        self.start = self.rest = self.payload = b""
        self.second = -1
        """The Unix time of `payload`."""
        self.size = 0
        """The bytes of this request that count towards `MAX_BYTES`."""
        self.counted_in: int | None = None
        """The generation of the coverage that has the covered items; `None` for no coverage."""
        self.count: Callable[[float], None]
        """Counts the response in the metrics. The argument is its duration in seconds."""


class QuickPath:
    """The repeated requests of one process, and their responses. It runs on the event loop only."""

    def __init__(self, server: MockServer) -> None:
        settings = server.settings
        self._server = server
        # Logs and traces need the whole entry. A proxy's header can select the sandbox.
        needs_whole_exchange = bool(server.log or server.traces or settings.trusted_proxies)
        self.enabled = settings.quick_path and not needs_whole_exchange
        self._forget()

    def repeat(self, data: bytes) -> bytes | None:
        """Return the kept response to exactly these bytes, or `None` if there is none."""
        match = self._by_bytes.get(data)
        if match is None:
            return None
        request, headers = match
        return self._payload(request, headers)

    def meaning_of(self, message: Message) -> Meaning | None:
        """Return the meaning of a message; `None` if its response must not be kept."""
        if not self.enabled or message.method not in _METHODS:
            return None
        if message.close or message.version != "1.1":
            return None
        if self._contracts is not self._server.contracts:
            self._forget()
        names = self._deciding
        deciding = [header for header in message.headers if header[0] in names]
        for name, _ in deciding:
            if name in _NEVER_REPEATED:
                return None
        return message.method, message.target, tuple(deciding)

    def repeat_meaning(self, meaning: Meaning, message: Message) -> bytes | None:
        """Return the kept response to a request of this meaning, or `None` if there is none."""
        request = self._by_meaning.get(meaning)
        if request is None:
            return None
        # The journal keeps this list for as long as the entry.
        headers = [header for header in message.headers if header[0] in _RECORDED]
        payload = self._payload(request, headers)
        if payload is not None and message.received is not None:
            self._remember_bytes(message.received, request, headers)
        return payload

    def keep(self, meaning: Meaning, exchange: Exchange, response: Response) -> None:
        """Keep the response to a repeated request, if equal requests get the same response."""
        snapshot = exchange.repeatable_in
        if exchange.coverage and exchange.counted_in is None:
            return  # the store could not keep the covered items; the next exchange tries again
        if snapshot is None or exchange.entry is None or not self._is_decided(exchange, snapshot):
            return
        if meaning not in self._by_meaning and not self._is_repeated(meaning):
            return
        start, rest = encode_parts(response, exchange.request.method)
        size = _size_of(meaning)
        if size > MAX_HEAD or len(rest) > MAX_RESPONSE:
            return
        request = self._by_meaning.setdefault(meaning, RepeatedRequest(exchange.sandbox))
        request.start, request.rest, request.second = start, rest, -1
        request.snapshot = ref(snapshot)
        request.counted_in = exchange.counted_in
        request.template = EntryTemplate(exchange.entry)
        operation = exchange.operation or NO_OPERATION
        request.count = self._server.metrics.response_counter(operation, response.status)
        # The response counts twice: as `rest`, and as `payload` with the date.
        growth = size + 2 * len(rest) + OVERHEAD - request.size
        request.size += growth
        self._grow(growth)

    def _is_decided(self, exchange: Exchange, snapshot: Snapshot) -> bool:
        """Return whether response and sandbox depend only on meaning and snapshot."""
        if not self._contracts.serve(snapshot.contract):
            return False  # reloaded while this request was handled
        if snapshot.scenarios or snapshot.advances_on_read:
            return False
        sandbox = requested_sandbox(exchange.request, self._contracts.tokens)
        if sandbox is None:
            # The bindings of addresses are part of the state of `default`.
            return exchange.sandbox == DEFAULT and not snapshot.state.bindings
        return exchange.sandbox == sandbox

    def _payload(self, request: RepeatedRequest, headers: RawHeaders) -> bytes | None:
        """Return the response if its snapshot is the current one, and record the exchange."""
        start = time.perf_counter()
        server, contracts = self._server, self._contracts
        if contracts is not server.contracts:
            return None  # the contract of the sandbox may not be served any more
        snapshot = contracts.sandboxes.current_snapshot(request.sandbox)
        if snapshot is None or request.snapshot() is not snapshot:
            return None
        counted_in = request.counted_in
        if counted_in is not None and counted_in != server.store.coverage_generation():
            return None
        now = time.time()
        second = int(now)
        if request.second != second:
            request.second = second
            request.payload = b"%b%b%b" % (request.start, date_header(second), request.rest)
        duration = time.perf_counter() - start
        entry = request.template.entry(next_exchange_id(), now, duration, headers)
        server.store.append(request.sandbox, entry)
        request.count(duration)
        return request.payload

    def _is_repeated(self, key: object) -> bool:
        """Return whether a request was received before. Most random requests are never repeated.

        Only hashes are stored. If two requests have the same hash, one response is kept too early.
        """
        fingerprint = hash(key)
        if fingerprint in self._hashes:
            return True
        if len(self._hashes) >= MAX_REQUESTS:
            self._hashes.clear()
        self._hashes.add(fingerprint)
        return False

    def _remember_bytes(self, data: bytes, request: RepeatedRequest, headers: RawHeaders) -> None:
        if len(data) > MAX_HEAD or data in self._by_bytes or not self._is_repeated(data):
            return
        self._by_bytes[data] = request, headers
        self._grow(2 * len(data) + OVERHEAD)

    def _grow(self, size: int) -> None:
        """Count the bytes of kept requests, and forget all requests if there are too many."""
        self._size += size
        is_full = max(len(self._by_bytes), len(self._by_meaning)) > MAX_REQUESTS
        if is_full or self._size > MAX_BYTES:
            self._forget()

    def _forget(self) -> None:
        """Forget all requests, for example because the contract was reloaded."""
        self._contracts = self._server.contracts
        names = frozenset(name.encode() for name in deciding_headers(self._contracts))
        self._deciding = names | _NEVER_REPEATED
        self._by_bytes: dict[bytes, tuple[RepeatedRequest, RawHeaders]] = {}
        self._by_meaning: dict[Meaning, RepeatedRequest] = {}
        self._hashes: set[int] = set()
        self._size = 0


def deciding_headers(contracts: ServedContracts) -> frozenset[str]:
    """Return the names of the request headers that a response may depend on, in lower case."""
    names = {*ALWAYS_DECIDING, *contracts.tokens}
    for operation in contracts.operations():
        names.update(operation.headers)
    return frozenset(names)


def _size_of(meaning: Meaning) -> int:
    """Return the number of bytes in the target and the headers of a meaning."""
    _, target, headers = meaning
    return len(target) + sum(len(name) + len(value) for name, value in headers)
