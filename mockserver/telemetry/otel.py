"""Export spans with the SDK of OpenTelemetry (extra `otel`). Only this module imports the SDK.

Import it in the serving process: its import takes time and memory that other commands do not need.
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
"""Timeout for the queued spans when the exporter is closed."""


class OtelExporter:
    """Sends spans over OTLP, in batches and from a thread. The variables `OTEL_*` configure it."""

    def __init__(self) -> None:
        configured = OTELResourceDetector().detect().attributes
        service = {"service.name": "mockserver", "service.version": __version__}
        resource = Resource.create({**service, **configured})
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
        """Queue one span.

        `start` and `end` are Unix times in nanoseconds. `headers` may contain a W3C Trace Context.
        """
        parent = self._parents.extract(headers)
        span = self._tracer.start_span(name, parent, SpanKind.SERVER, attributes, start_time=start)
        if failed:
            span.set_status(Status(StatusCode.ERROR))
        span.end(end)

    def close(self) -> None:
        """Wait until all spans are sent, for `CLOSE_SECONDS` at most."""
        shutdown = Thread(target=self._provider.shutdown, daemon=True, name="mockserver-spans-end")
        shutdown.start()
        shutdown.join(CLOSE_SECONDS)
