"""The quick path: a repeated request gets the response that was validated for exactly this request.

Two memories find a request again: by all its bytes, and by its method, target and deciding headers. Deciding headers are those
that the response depends on; the contract has them. The response of a request is valid in one snapshot of its sandbox: the
snapshot changes with records, scenarios, clock and contract. Journal and metrics have each exchange, as always.
"""

import time
from collections.abc import Callable, Iterable
from weakref import ref

from mockserver.contract.model import Contract
from mockserver.pipeline.exchange import Exchange, next_exchange_id
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.pipeline.sandbox_selection import requested_sandbox
from mockserver.sandbox.journal import EntryTemplate
from mockserver.sandbox.snapshot import Snapshot
from mockserver.telemetry.metrics import NO_OPERATION
from mockserver.web.http.message import Message, RawHeaders
from mockserver.web.http.responses import date_header, encode_parts

MAX_BYTES = 16 * 1024 * 1024
"""The maximum size of all remembered requests and responses; beyond it, everything is forgotten."""
MAX_REQUESTS = 4096
"""The maximum number of remembered requests in each memory; beyond it, everything is forgotten."""
MAX_REMEMBERED_HEAD = 4096
"""The maximum size of a request that is remembered by its bytes."""
_ALWAYS_DECIDING = (
    "accept",
    "access-control-request-headers",
    "access-control-request-method",
    "connection",
    "content-encoding",
    "content-type",
    "expect",
    "origin",
    "prefer",
    "transfer-encoding",
    "upgrade",
    "x-mock-sandbox",
)
_METHODS = ("GET", "HEAD")
Meaning = tuple[object, ...]
"""Method, target, and the deciding headers in their order."""


class KnownRequest:
    """A request that was repeated, and its response in one snapshot."""

    __slots__ = ("count", "payload", "rest", "sandbox", "second", "snapshot", "start", "template")

    def __init__(self, sandbox: str) -> None:
        self.sandbox = sandbox
        self.snapshot: Callable[[], Snapshot | None]
        """Returns the snapshot, as long as it exists."""
        self.template: EntryTemplate
        self.start = self.rest = self.payload = b""
        self.second = -1
        """The Unix time of `payload`."""
        self.count: Callable[[float], None]
        """Counts the response."""


class QuickPath:
    """The repeated requests of one process, and their responses. It runs on the event loop only."""

    def __init__(self, server: MockServer) -> None:
        settings = server.settings
        self._server = server
        # Logs and traces need the whole entry, and a proxy's header would decide about the sandbox.
        self.enabled = settings.quick_path and not (server.log or server.traces or settings.trusted_proxies)
        self._contract: Contract | None = None
        self._forget()

    def repeat(self, data: bytes) -> bytes | None:
        """Return the response to a request of exactly these bytes; `None` if it has to be handled."""
        known = self._by_bytes.get(data)
        return None if known is None else self._payload(*known)

    def meaning_of(self, message: Message) -> Meaning | None:
        """Return what the response to a message depends on; `None` if it may not be remembered."""
        if not self.enabled or message.method not in _METHODS or message.close or message.version != "1.1":
            return None
        if self._contract is not self._server.contract:
            self._forget()
        deciding = [header for header in message.headers if header[0] in self._deciding]
        if any(name in (b"expect", b"upgrade") for name, _ in deciding) or message.has_body:
            return None
        return message.method, message.target, *deciding

    def repeat_meaning(self, meaning: Meaning, message: Message) -> bytes | None:
        """Return the response to a request of this meaning; `None` if it has to be handled."""
        known = self._by_meaning.get(meaning)
        if known is None:
            return None
        payload = self._payload(known, message.headers)
        if payload is not None and message.received is not None:
            self._remember_bytes(message.received, known, message.headers)
        return payload

    def keep(self, meaning: Meaning, exchange: Exchange, response: Response) -> None:
        """Keep the response to a request, if it is repeated and an equal request has the same response."""
        snapshot = exchange.repeatable_in
        if snapshot is None or exchange.entry is None or response.fault:
            return
        if snapshot.scenarios or snapshot.advances_on_read or snapshot.contract is not self._contract:
            return
        if snapshot.state.bindings and requested_sandbox(exchange.request, self._server.tokens) is None:
            return
        known = self._by_meaning.get(meaning)
        if known is None:
            if not self._is_repeated(meaning):
                return
            known = self._by_meaning[meaning] = KnownRequest(exchange.sandbox)
        known.start, known.rest = encode_parts(response, exchange.request.method)
        known.snapshot = ref(snapshot)
        known.second = -1
        known.template = EntryTemplate(exchange.entry)
        known.count = self._server.metrics.response_counter(exchange.operation or NO_OPERATION, response.status)
        self._grow(2 * len(known.rest))

    def _payload(self, known: KnownRequest, headers: RawHeaders) -> bytes | None:
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
        entry = known.template.entry(next_exchange_id(), now, seconds, headers)
        server.store.append(known.sandbox, entry)
        known.count(seconds)
        return known.payload

    def _is_repeated(self, key: object) -> bool:
        """Return whether a request came before; most requests of a random client never come again."""
        fingerprint = hash(key)
        if fingerprint in self._once:
            return True
        if len(self._once) >= MAX_REQUESTS:
            self._once.clear()
        self._once.add(fingerprint)
        return False

    def _remember_bytes(self, data: bytes, known: KnownRequest, headers: RawHeaders) -> None:
        if len(data) <= MAX_REMEMBERED_HEAD and data not in self._by_bytes and self._is_repeated(data):
            self._by_bytes[data] = known, headers
            self._grow(4 * len(data))

    def _grow(self, size: int) -> None:
        self._size += size
        is_full = max(len(self._by_bytes), len(self._by_meaning)) > MAX_REQUESTS
        if is_full or self._size > MAX_BYTES:
            self._forget()

    def _forget(self) -> None:
        """Forget everything, for example because the contract has changed."""
        self._contract = self._server.contract
        self._deciding = frozenset(name.encode() for name in deciding_headers(self._contract))
        self._by_bytes: dict[bytes, tuple[KnownRequest, RawHeaders]] = {}
        self._by_meaning: dict[Meaning, KnownRequest] = {}
        self._once: set[int] = set()
        self._size = 0


def deciding_headers(contract: Contract) -> Iterable[str]:
    """Return the names of the request headers that a response may depend on, in lower case."""
    names = {*_ALWAYS_DECIDING, *contract.access_tokens}
    for served in contract.served:
        names.update(name.lower() for name in served.headers)
        if served.access_token:
            names.add(served.access_token)
    return names
