"""Export exchanges as OpenTelemetry spans, and check the variables of OpenTelemetry.

A span is created from the journal entry when its exchange is finished. If the request names a trace
(`traceparent`), the span is part of it, so that the trace of an application shows each response of
the mock server and its reason.

Source: OpenTelemetry's semantic conventions for HTTP server spans.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from mockserver.config import extras
from mockserver.contract.scenarios.faults import FAULTS
from mockserver.errors import StartError
from mockserver.sandbox.journal import JournalEntry, Transition

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
_POSITIVE_INTEGER = re.compile(r"0*[1-9][0-9]{0,8}")


class Tracing:
    """Exports the spans of a server, in each of its processes. Safe for threads."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Check the variables of OpenTelemetry in `environ`.

        Raises:
            StartError: the extra is missing, or variables are invalid. It names all of them.
        """
        extras.require_extra(PACKAGE, "otel", "--traces")
        errors = list(_setting_errors(environ))
        if errors:
            raise StartError("\n".join(errors))
        self.routes: Mapping[tuple[str, str | None], str] = {}
        """The path of each operation from the server's root, with variables as `{name}`.

        The keys are the name of its contract and its id.
        """
        self._exporter: Any = None

    def open(self) -> None:
        """Start the exporter. Call it after the fork, which a thread does not survive."""
        self._exporter = extras.import_extra(EXPORTER, "otel", "--traces")()

    def export(self, entry: JournalEntry) -> None:
        """Queue the span of one exchange. Fast, and raises nothing."""
        if not self._exporter:
            return
        route = self.routes.get((entry.contract, entry.operation))
        end = int(entry.finished_at * 1e9)
        self._exporter.add(
            _span_name(entry.method, route),
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
    values: dict[str, str | int | list[str] | None] = {
        "http.request.method": entry.method,
        "http.route": route,
        "http.response.status_code": entry.status,
        "url.scheme": "http",
        "url.path": entry.path,
        "client.address": entry.address,
        "user_agent.original": entry.headers.get("user-agent"),
        "error.type": entry.fault,
        "mockserver.exchange": entry.entry_id,
        "mockserver.sandbox": entry.sandbox,
        "mockserver.operation": entry.operation,
        "mockserver.reason": entry.explanation.reason,
        "mockserver.scenario": entry.explanation.scenario,
        "mockserver.fault": entry.fault,
        "mockserver.transition": _transition_text(entry.explanation.transition),
    }
    if entry.method not in METHODS:
        values["http.request.method"] = "_OTHER"
        values["http.request.method_original"] = entry.method
    if entry.fault and FAULTS[entry.fault].silent:
        values["http.response.status_code"] = None
    elif entry.status >= 500 and not entry.fault:
        values["error.type"] = str(entry.status)
    if entry.violations:
        values["mockserver.violations"] = [str(violation) for violation in entry.violations]
    return {name: value for name, value in values.items() if value not in (None, "")}


def _span_name(method: str, route: str | None) -> str:
    known_method = "HTTP"
    if method in METHODS:
        known_method = method
    if route:
        return f"{known_method} {route}"
    return known_method


def _transition_text(transition: Transition | None) -> str | None:
    if transition is None:
        return None
    return f"{transition.record}: {transition.before} to {transition.after}"


def _setting_errors(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield an error for each variable that OpenTelemetry would ignore or fail on later."""
    yield from _number_errors(_set_variables(environ, POSITIVE_INTEGERS))
    yield from _endpoint_errors(_set_variables(environ, ENDPOINTS))
    yield from _protocol_errors(_set_variables(environ, PROTOCOLS))


def _set_variables(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the values of those variables that are set. An empty variable counts as not set."""
    return {name: environ[name] for name in names if environ.get(name)}


def _number_errors(values: Mapping[str, str]) -> Iterator[str]:
    numbers = dict(POSITIVE_INTEGERS)
    for name, value in values.items():
        if _POSITIVE_INTEGER.fullmatch(value):
            numbers[name] = int(value)
        else:
            yield f"{name}: {value!r} is not a whole number above 0"
    batch, queue = numbers[BATCH], numbers[QUEUE]
    if batch > queue:
        yield f"{BATCH}: '{batch}' is more than {QUEUE}; set it to {queue} or less"


def _endpoint_errors(values: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        if not _is_url(value):
            yield f"{name}: {value!r} is not a URL; set a URL such as http://collector:4318"


def _protocol_errors(values: Mapping[str, str]) -> Iterator[str]:
    for name, value in values.items():
        if value != PROTOCOL:
            yield f"{name}: {value!r} is not supported; set {PROTOCOL}"


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
