"""Export exchanges as OpenTelemetry spans, and check the variables of OpenTelemetry.

A span is created from the journal entry when its exchange is finished. If the request names a trace
(`traceparent`), the span is part of it, so that the trace of an application shows each response of
the mock server and its reason.

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
"""The package of the extra that depends on its other packages."""
METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"}
)
"""Methods in the names of spans. Any other method is a text sent by a client."""
QUEUE, BATCH = "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"
POSITIVE_INTEGERS = {QUEUE: 2048, BATCH: 512, "OTEL_BSP_SCHEDULE_DELAY": 5000}
"""Variables with whole numbers above 0, and their defaults."""
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
PROTOCOL = "http/protobuf"


class Tracing:
    """Exports the spans of a server, in each of its processes. Safe for threads."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Check the variables of OpenTelemetry.

        Raises:
            StartError: the extra is missing, or variables are invalid. It names all of them.
        """
        extras.require_extra(PACKAGE, "otel", "--traces")
        errors = list(_setting_errors(environ))
        if errors:
            raise StartError("\n".join(errors))
        self.routes: Mapping[str, str] = {}
        """Id of each operation to its path from the server's root, with variables as `{name}`."""
        self._exporter: Any = None

    def open(self) -> None:
        """Start the exporter. Call it after the fork, which a thread does not survive."""
        self._exporter = extras.import_extra(EXPORTER, "otel", "--traces")()

    def export(self, entry: JournalEntry) -> None:
        """Queue the span of one exchange. Fast, and raises nothing."""
        if not self._exporter:
            return
        name = entry.method if entry.method in METHODS else "HTTP"
        route = self.routes.get(entry.operation or "")
        if route:
            name = f"{name} {route}"
        end = int(entry.finished_at * 1e9)
        self._exporter.add(
            name,
            {header: value for header, value in entry.headers.items() if value is not None},
            attributes(entry, route),
            end - int(entry.duration * 1e9),
            end,
            failed=entry.status >= 500 or entry.fault is not None,
        )

    def close(self) -> None:
        """Send the queued spans, for a limited time."""
        if self._exporter:
            self._exporter.close()
            self._exporter = None


def attributes(entry: JournalEntry, route: str | None) -> dict[str, str | int | list[str]]:
    """Return the attributes of a span.

    As in the exchange log, query and token are not among them.
    """
    explanation, transition = entry.explanation, entry.explanation.transition
    is_known_method = entry.method in METHODS
    is_silent = entry.fault is not None and FAULTS[entry.fault].silent
    transition_text = None
    if transition:
        transition_text = f"{transition.record}: {transition.before} to {transition.after}"
    values: dict[str, str | int | list[str] | None] = {
        "http.request.method": entry.method if is_known_method else "_OTHER",
        "http.request.method_original": None if is_known_method else entry.method,
        "http.route": route,
        "http.response.status_code": None if is_silent else entry.status,
        "url.scheme": "http",
        "url.path": entry.path,
        "client.address": entry.address,
        "user_agent.original": entry.headers.get("user-agent"),
        "error.type": entry.fault or (str(entry.status) if entry.status >= 500 else None),
        "mockserver.exchange": entry.entry_id,
        "mockserver.sandbox": entry.sandbox,
        "mockserver.operation": entry.operation,
        "mockserver.reason": explanation.reason,
        "mockserver.scenario": explanation.scenario,
        "mockserver.fault": entry.fault,
        "mockserver.transition": transition_text,
        "mockserver.violations": [str(violation) for violation in entry.violations] or None,
    }
    return {name: value for name, value in values.items() if value not in (None, "")}


def _setting_errors(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield an error for each variable that OpenTelemetry would ignore or fail on later."""
    names = (*POSITIVE_INTEGERS, *ENDPOINTS, *PROTOCOLS)
    values = {name: environ[name] for name in names if environ.get(name)}
    numbers = dict(POSITIVE_INTEGERS)
    for name in POSITIVE_INTEGERS:
        if name not in values:
            continue
        if re.fullmatch(r"0*[1-9][0-9]{0,8}", values[name]):
            numbers[name] = int(values[name])
        else:
            yield f"{name}: expected a whole number above 0, got {values[name]!r}"
    if numbers[BATCH] > numbers[QUEUE]:
        yield f"{BATCH}: expected at most {numbers[QUEUE]}, which is {QUEUE}, got {numbers[BATCH]}"
    for name in ENDPOINTS:
        if not _is_url(values.get(name, "http://localhost")):
            yield f"{name}: expected a URL such as http://collector:4318, got {values[name]!r}"
    for name in PROTOCOLS:
        if values.get(name, PROTOCOL) != PROTOCOL:
            yield f"{name}: expected {PROTOCOL}, the only supported protocol, got {values[name]!r}"


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
