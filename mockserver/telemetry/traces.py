"""Exchanges as OpenTelemetry spans: what a span says of one, and which of OpenTelemetry's variables can be meant.

A span is made once its exchange is over, from what the journal notes of it. Where a request names its trace (`traceparent`), the
span is part of that: whoever traces an application sees in it what the vendor's API answered, and why.

Source: OpenTelemetry's semantic conventions for HTTP server spans.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from mockserver.config import extras
from mockserver.contract.scenarios.faults import FAULTS
from mockserver.errors import StartError
from mockserver.sandbox.journal import JournalEntry

EXPORTER = "mockserver.telemetry.otel:OtelExporter"
PACKAGE = "opentelemetry-exporter-otlp-proto-http"
"""The one of the extra's packages that needs the others."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"})
"""What may name a span; any other method is whatever a client sent."""
QUEUE, BATCH = "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"
POSITIVE_INTEGERS = {QUEUE: 2048, BATCH: 512, "OTEL_BSP_SCHEDULE_DELAY": 5000}
"""Variables that hold whole numbers above 0, and what they are unless given."""
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
PROTOCOL = "http/protobuf"


class Tracing:
    """The spans of a server, in each of its processes. Safe for threads and greenlets."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Raises `StartError` that names every variable which cannot be meant, or the extra where it is missing."""
        extras.require_extra(PACKAGE, "otel", "--traces")
        wrong = list(_setting_errors(environ))
        if wrong:
            raise StartError("\n".join(wrong))
        self.routes: Mapping[str, str] = {}
        """Id of each operation to its path from the server's root, its variables as `{name}`."""
        self._exporter: Any = None

    def open(self) -> None:
        """Send spans from this process on: a thread does not live through a fork."""
        self._exporter = extras.import_extra(EXPORTER, "otel", "--traces")()

    def export(self, entry: JournalEntry) -> None:
        """Have a span of one exchange sent soon. Raises nothing, and waits for nobody."""
        if self._exporter:
            method = entry.method if entry.method in METHODS else "HTTP"
            route, end = self.routes.get(entry.operation or ""), int(entry.finished_at * 1e9)
            self._exporter.add(
                f"{method} {route}" if route else method,
                {name: value for name, value in entry.headers.items() if value is not None},
                attributes(entry, route),
                end - int(entry.duration * 1e9),
                end,
                failed=entry.status >= 500 or entry.fault is not None,
            )

    def close(self) -> None:
        """Send what is still to be sent, as long as that is quick."""
        if self._exporter:
            self._exporter.close()
            self._exporter = None


def attributes(entry: JournalEntry, route: str | None) -> dict[str, str | int | list[str]]:
    """What a span says, without query and token, as in the exchange log; what there is none of is left out."""
    known, reasons, move = entry.method in METHODS, entry.explanation, entry.explanation.transition
    told: dict[str, str | int | list[str] | None] = {
        "http.request.method": entry.method if known else "_OTHER",
        "http.request.method_original": None if known else entry.method,
        "http.route": route,
        "http.response.status_code": None if entry.fault and FAULTS[entry.fault].silent else entry.status,
        "url.scheme": "http",
        "url.path": entry.path,
        "client.address": entry.address,
        "user_agent.original": entry.headers.get("user-agent"),
        "error.type": entry.fault or (str(entry.status) if entry.status >= 500 else None),
        "mockserver.exchange": entry.entry_id,
        "mockserver.sandbox": entry.sandbox,
        "mockserver.operation": entry.operation,
        "mockserver.why": reasons.reason,
        "mockserver.scenario": reasons.scenario,
        "mockserver.fault": entry.fault,
        "mockserver.transition": f"{move.record}: {move.before} to {move.after}" if move else None,
        "mockserver.violations": [str(violation) for violation in entry.violations] or None,
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def _setting_errors(environ: Mapping[str, str]) -> Iterator[str]:
    """What OpenTelemetry would pass over, fail at later, or tell at each attempt to send."""
    given = {name: environ[name] for name in (*POSITIVE_INTEGERS, *ENDPOINTS, *PROTOCOLS) if environ.get(name)}
    wrong = {name for name in POSITIVE_INTEGERS if not re.fullmatch(r"0*[1-9][0-9]{0,8}", given.get(name, "1"))}
    yield from (f"{name}: expected a whole number above 0, got {given[name]!r}" for name in POSITIVE_INTEGERS if name in wrong)
    queue, batch = (
        POSITIVE_INTEGERS[name] if name in wrong else int(given.get(name, POSITIVE_INTEGERS[name])) for name in (QUEUE, BATCH)
    )
    if batch > queue:
        yield f"{BATCH}: expected at most {queue}, which is {QUEUE}, got {batch}"
    for name in ENDPOINTS:
        if not _is_url(given.get(name, "http://localhost")):
            yield f"{name}: expected a URL such as http://collector:4318, got {given[name]!r}"
    for name in PROTOCOLS:
        if given.get(name, PROTOCOL) != PROTOCOL:
            yield f"{name}: expected {PROTOCOL}, which is what is spoken here, got {given[name]!r}"


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
