"""Traces: a collector receives a span for each exchange, in the trace of the request."""

import gzip
import os
import signal
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.request import Request as Call
from urllib.request import urlopen

import pytest
from helpers.processes import running_server
from helpers.shipped_api import BUSY, CANCEL, EXPORTS, RETRIEVE, TRASH
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.errors import StartError
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.telemetry import traces
from mockserver.telemetry.traces import Tracing

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
ROUTE = "/api/push_notifications/{push_notification_id}/exports/{export_id}"


class Collector:
    """A collector of spans over OTLP/HTTP."""

    def __init__(self) -> None:
        self.sent: list[ExportTraceServiceRequest] = []
        sent = self.sent

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                sent.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def resources(self) -> list[dict[str, Any]]:
        """The attributes of the resource of each message."""
        resources = []
        for message in self.sent:
            for resource_spans in message.resource_spans:
                resources.append(_plain(resource_spans.resource.attributes))
        return resources

    @property
    def spans(self) -> list[Span]:
        """All spans, in the order of their arrival."""
        spans: list[Span] = []
        for message in self.sent:
            for resource_spans in message.resource_spans:
                for scope in resource_spans.scope_spans:
                    spans += scope.spans
        return spans

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _plain(attributes: Any) -> dict[str, Any]:
    return {attribute.key: _value(attribute.value) for attribute in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    return getattr(value, kind)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    running = Collector()
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", running.url)
    yield running
    running.close()


Traced = Callable[..., tuple[Span, dict[str, Any]]]


@pytest.fixture
def traced(contract: Contract, collector: Collector) -> Traced:
    """Send one request to the pipeline, and return its span with the attributes."""
    server = MockServer(contract, Settings(), MemoryStore(SandboxState()), Tracing({}))
    server.open()

    def ask(method: str, path: str, query: str = "", **headers: str) -> tuple[Span, dict[str, Any]]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        server.respond(
            Request(
                method,
                path,
                query,
                {"x-access-token": "a-secret-token", **named},
                address="192.0.2.7",
            )
        )
        server.close()
        (span,) = collector.spans
        return span, _plain(span.attributes)

    return ask


CASES: list[tuple[str, str, str, dict[str, str], str, dict[str, Any]]] = [
    (
        "a documented response",
        "GET",
        f"{EXPORTS}/100",
        {"user_agent": "app/1"},
        f"GET {ROUTE}",
        {
            "http.request.method": "GET",
            "http.route": ROUTE,
            "http.response.status_code": 200,
            "url.path": f"{EXPORTS}/100",
            "url.scheme": "http",
            "client.address": "192.0.2.7",
            "user_agent.original": "app/1",
            "mockserver.operation": RETRIEVE,
            "mockserver.sandbox": "default",
        },
    ),
    ("no operation", "GET", "/api/nothing", {}, "GET", {"http.response.status_code": 404}),
    (
        "an unknown method",
        "FROB",
        TRASH,
        {},
        "HTTP",
        {"http.request.method": "_OTHER", "http.request.method_original": "FROB"},
    ),
    (
        "a scenario",
        "GET",
        f"{EXPORTS}/100",
        {"prefer": f"scenario={RETRIEVE}-404"},
        f"GET {ROUTE}",
        {"mockserver.scenario": f"{RETRIEVE}-404", "http.response.status_code": 404},
    ),
    (
        "a sandbox",
        "GET",
        TRASH,
        {"x_access_token": "t@anna"},
        f"GET {TRASH}",
        {"mockserver.sandbox": "anna"},
    ),
    (
        "a change of state",
        "DELETE",
        f"{EXPORTS}/100",
        {},
        f"DELETE {ROUTE}",
        {
            "mockserver.operation": CANCEL,
            "mockserver.transition": f"push_notifications/exports/{BUSY}/100: running to canceled",
        },
    ),
    (
        "bytes that are not text",
        "GET",
        "/api/\ufffd\x00\n",
        {"user_agent": "\xff\x00"},
        "GET",
        {"url.path": "/api/\ufffd\x00\n"},
    ),
]


@pytest.mark.parametrize(
    ("method", "path", "headers", "name", "expected"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_a_span_describes_request_and_response(
    traced: Traced, method: str, path: str, headers: Any, name: str, expected: dict[str, Any]
) -> None:
    span, span_attributes = traced(method, path, "limit=3&searched_text=private", **headers)
    assert (span.name, span.kind, span.parent_span_id) == (name, Span.SPAN_KIND_SERVER, b"")
    assert span_attributes == span_attributes | expected
    assert "error.type" not in span_attributes
    assert span.status.code == 0
    assert span.start_time_unix_nano < span.end_time_unix_nano
    assert "secret" not in str(span)
    assert "private" not in str(span)


BROKEN: list[tuple[str, dict[str, Any]]] = [
    (
        "fault-reset",
        {"error.type": "reset", "mockserver.fault": "reset", "http.response.status_code": None},
    ),
    ("fault-truncated", {"error.type": "truncated", "http.response.status_code": 200}),
    ("fault-bad-gateway", {"error.type": "bad-gateway", "http.response.status_code": 502}),
]


@pytest.mark.parametrize(("scenario", "expected"), BROKEN, ids=[case[0] for case in BROKEN])
def test_a_response_that_a_client_sees_as_a_failure_has_the_status_error(
    traced: Traced, scenario: str, expected: dict[str, Any]
) -> None:
    span, span_attributes = traced("GET", f"{EXPORTS}/100", prefer=f"scenario={scenario}")
    assert {name: span_attributes.get(name) for name in expected} == expected
    assert span.status.code == span.status.STATUS_CODE_ERROR


def test_a_span_lists_the_violations(traced: Traced) -> None:
    _, span_attributes = traced("GET", TRASH, "limit=x&offset=-1")
    first, second = span_attributes["mockserver.violations"]
    assert first.startswith("query/limit: expected ")
    assert second.startswith("query/offset: expected ")


def test_a_span_belongs_to_the_trace_of_its_caller(traced: Traced) -> None:
    span, _ = traced("GET", TRASH, traceparent=f"00-{TRACE}-{PARENT}-01", tracestate="vendor=1")
    assert (span.trace_id.hex(), span.parent_span_id.hex(), span.trace_state) == (
        TRACE,
        PARENT,
        "vendor=1",
    )


@pytest.mark.parametrize(
    "traceparent",
    ["", "00-x", f"00-{'0' * 32}-{PARENT}-01", f"ff-{TRACE}-{PARENT}-01", "00-" + "é" * 500],
)
def test_an_invalid_traceparent_is_ignored(traced: Traced, traceparent: str) -> None:
    span, _ = traced("GET", TRASH, traceparent=traceparent)
    assert span.parent_span_id == b""
    assert len(span.trace_id) == 16


def test_an_exchange_of_an_unsampled_trace_is_not_exported(
    contract: Contract, collector: Collector
) -> None:
    server = MockServer(contract, Settings(), MemoryStore(SandboxState()), Tracing({}))
    server.open()
    for flags in ("00", "01", "00"):
        server.respond(
            Request(
                "GET",
                TRASH,
                "",
                {"x-access-token": "any", "traceparent": f"00-{TRACE}-{PARENT}-{flags}"},
            )
        )
    server.close()
    assert len(collector.spans) == 1


def test_every_worker_exports_its_exchanges(collector: Collector) -> None:
    variables = {
        "OTEL_SERVICE_NAME": "vendor",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=ci,service.version=9",
    }
    parents = [f"{number:016x}" for number in range(1, 41)]
    with running_server(
        "--traces", "--workers", "2", **variables, OTEL_BSP_SCHEDULE_DELAY="20"
    ) as process:
        for parent in parents:
            headers = {"X-Access-Token": "any", "traceparent": f"00-{TRACE}-{parent}-01"}
            with urlopen(Call(f"{process.url}{TRASH}", headers=headers)) as response:
                assert response.status == 200
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")
    assert sorted(span.parent_span_id.hex() for span in collector.spans) == parents
    configured = {
        "service.name": "vendor",
        "service.version": "9",
        "deployment.environment.name": "ci",
    }
    for resource in collector.resources:
        assert resource == resource | configured


def test_responses_do_not_wait_for_an_unreachable_collector(collector: Collector) -> None:
    collector.close()
    with running_server(
        "--traces", "--workers", "1", "--log-format", "json", OTEL_BSP_SCHEDULE_DELAY="1"
    ) as process:
        for _ in range(20):
            with urlopen(
                Call(f"{process.url}{TRASH}", headers={"X-Access-Token": "any"})
            ) as response:
                assert response.status == 200
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in errors


QUEUE, BATCH = "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"
INVALID = {
    QUEUE: ("0", "is not a whole number above 0"),
    BATCH: ("many", "is not a whole number above 0"),
    "OTEL_BSP_SCHEDULE_DELAY": ("1.5", "is not a whole number above 0"),
    "OTEL_EXPORTER_OTLP_ENDPOINT": (
        "collector:4318",
        "is not a URL; set a URL such as http://collector:4318",
    ),
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": (
        "http://collector:port",
        "is not a URL; set a URL such as http://collector:4318",
    ),
    "OTEL_EXPORTER_OTLP_PROTOCOL": ("grpc", "is not supported; set http/protobuf"),
}
"""Variable to an invalid value, and its error."""


def test_all_invalid_variables_are_reported_together() -> None:
    with pytest.raises(StartError) as error:
        Tracing({name: value for name, (value, _) in INVALID.items()})
    lines = str(error.value).splitlines()
    assert lines == [f"{name}: {value!r} {text}" for name, (value, text) in INVALID.items()]


VALID = (
    {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
    {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://[::1]:4318/otel"},
    {QUEUE: ""},
)


@pytest.mark.parametrize("variables", VALID)
def test_valid_variables_are_accepted(variables: dict[str, str]) -> None:
    Tracing(variables)


def test_a_batch_larger_than_the_queue_is_an_error() -> None:
    message = f"{BATCH}: '512' is more than {QUEUE}; set it to 10 or less"
    with pytest.raises(StartError, match=f"^{message}$"):
        Tracing({QUEUE: "10"})


def test_a_missing_extra_names_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "PACKAGE", "a-package-that-nobody-has")
    advice = r"pip install 'apib-mockserver\[otel\]'"
    with pytest.raises(StartError, match=rf"^--traces requires the package \S+: {advice}$"):
        Tracing({})
