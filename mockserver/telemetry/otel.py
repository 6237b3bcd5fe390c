"""OpenTelemetry's own tracer, behind `traces`: the one room that knows it (extra `mockserver[otel]`).

Imported in the process that serves, once gevent has patched it, and not before: what speaks TLS here keeps the `SSLContext` that
it finds when it is imported, and gevent's in its place then ends in a `RecursionError`.
"""

from collections.abc import Mapping
from threading import Thread

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from mockserver import __version__

CLOSE_SECONDS = 1.0
"""Seconds that are given to what is still to be sent at the end."""


class OtelExporter:
    """Spans on their way over OTLP, in batches, from a thread of their own, as the variables `OTEL_*` say."""

    def __init__(self) -> None:
        said = OTELResourceDetector().detect().attributes
        resource = Resource.create({"service.name": "mockserver", "service.version": __version__, **said})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("mockserver", __version__)
        self._parents = TraceContextTextMapPropagator()

    def add(
        self,
        name: str,
        headers: Mapping[str, str],
        attributes: Mapping[str, str | int | list[str]],
        start: int,
        end: int,
        *,
        failed: bool,
    ) -> None:
        """Have one sent soon. Times are Unix times in nanoseconds; `headers` may name its trace (W3C Trace Context)."""
        parent = self._parents.extract(headers)
        span = self._tracer.start_span(name, parent, SpanKind.SERVER, attributes, start_time=start)
        if failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(end)

    def close(self) -> None:
        """Wait, for `PATIENCE` at most, until all is sent."""
        ending = Thread(target=self._provider.shutdown, daemon=True, name="mockserver-spans-end")
        ending.start()
        ending.join(CLOSE_SECONDS)
