"""Metrics: the parser of Prometheus accepts them, and they count the requests that were sent."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import Request as Call
from urllib.request import urlopen

import pytest
from flask.testing import FlaskClient
from helpers.processes import child_ids, healthy_server, run_command, running_server
from helpers.shipped_api import CANCEL, EXPORTS, LIST_TRASH, RETRIEVE, TOKEN, TRASH
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.serving import make_server

from mockserver.config.settings import Settings
from mockserver.errors import StoreUnavailable
from mockserver.pipeline.messages import Response
from mockserver.pipeline.mock_server import MockServer
from mockserver.telemetry.metrics import Metrics
from mockserver.web.app import create_app

Ask = Callable[..., Response]
BOUNDS = (
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.05,
    0.1,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
)
"""Upper bounds of the histogram, in seconds."""


def samples(text: str) -> dict[str, float]:
    """Return the value of each sample by name and labels, as the parser of Prometheus reads it."""
    values = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sample.labels.items())
            name = f"{sample.name.removeprefix('mockserver_')} {labels}".strip()
            values[name] = sample.value
    return values


LISTED = f"requests_total operation={LIST_TRASH}"
RETRIEVED = f"requests_total operation={RETRIEVE}"
NOT_FOUND = f"{RETRIEVE}-404"
CASES: list[tuple[str, str, str, dict[str, str], dict[str, float]]] = [
    ("a documented response", "GET", TRASH, {}, {f"{LISTED},status=200": 1}),
    (
        "no operation",
        "GET",
        "/api/nothing/at/all",
        {},
        {"requests_total operation=none,status=404": 1},
    ),
    ("no method", "PUT", TRASH, {}, {"requests_total operation=none,status=405": 1}),
    (
        "violations of a request",
        "GET",
        f"{TRASH}?limit=x&offset=y",
        {},
        {f"{LISTED},status=400": 1, f"violations_total operation={LIST_TRASH}": 2},
    ),
    (
        "a scenario",
        "GET",
        f"{EXPORTS}/100",
        {"prefer": f"scenario={NOT_FOUND}"},
        {f"{RETRIEVED},status=404": 1, f"scenario_hits_total scenario={NOT_FOUND}": 1},
    ),
    (
        "a fault",
        "GET",
        f"{EXPORTS}/100",
        {"prefer": "scenario=fault-reset"},
        {
            f"{RETRIEVED},status=500": 1,
            "faults_total fault=reset": 1,
            "scenario_hits_total scenario=fault-reset": 1,
        },
    ),
    (
        "a forced status is not a scenario",
        "DELETE",
        f"{EXPORTS}/100",
        {"prefer": "code=400"},
        {f"requests_total operation={CANCEL},status=400": 1},
    ),
]


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_an_exchange_is_counted(
    ask: Ask,
    server: MockServer,
    method: str,
    path: str,
    headers: dict[str, str],
    expected: dict[str, float],
) -> None:
    assert samples(server.metrics.exposition(None)) == {"journal_lost_total": 0}
    ask(method, path, **headers)
    values = samples(server.metrics.exposition(None))
    assert {name: value for name, value in values.items() if "duration" not in name} == {
        "journal_lost_total": 0,
        **expected,
    }


def test_the_histogram_counts_each_request_at_or_below_its_bound() -> None:
    metrics = Metrics()
    for seconds in (0.00005, BOUNDS[0], 0.02, 99.0):
        metrics.count_response("a", 200, seconds)
    metrics.count_response("b", 200, 0.0)
    values = samples(metrics.exposition(None))
    buckets = [
        values[f"request_duration_seconds_bucket operation=a,le={bound}"]
        for bound in (*BOUNDS, "+Inf")
    ]
    assert buckets == [2.0] * 7 + [3.0] * 8 + [4.0]
    assert values["request_duration_seconds_count operation=a"] == 4
    assert values["request_duration_seconds_sum operation=a"] == pytest.approx(99.02015)
    assert values["request_duration_seconds_count operation=b"] == 1


def test_a_response_counter_counts_as_the_metrics_do() -> None:
    metrics, expected = Metrics(), Metrics()
    count, unused = metrics.response_counter("a", 200), metrics.response_counter("b", 404)
    for seconds in (0.00005, BOUNDS[0], 0.02, 0.0, 99.0):
        count(seconds)
        expected.count_response("a", 200, seconds)
    assert samples(metrics.exposition(None)) == samples(expected.exposition(None))
    unused(0.0)
    assert samples(metrics.exposition(None))["requests_total operation=b,status=404"] == 1


def test_a_response_counter_from_before_a_fork_counts_in_each_process() -> None:
    metrics, children = Metrics(), []
    count = metrics.response_counter("a", 200)
    count(0.02)
    processes, responses = 4, 20_000
    for _ in range(processes):
        child = os.fork()
        if not child:
            for _ in range(responses):
                count(0.02)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * processes
    values = samples(metrics.exposition(None))
    assert (
        values["requests_total operation=a,status=200"]
        == values["request_duration_seconds_count operation=a"]
        == processes * responses + 1
    )


def test_a_label_may_have_any_character() -> None:
    metrics, name = Metrics(), 'quo"te \\ new\nline'
    metrics.count_response(name, 200, 0.0)
    assert samples(metrics.exposition(3)).keys() >= {
        f"requests_total operation={name},status=200",
        "sandboxes",
    }


def test_texts_sent_by_a_client_create_no_label(ask: Ask, server: MockServer) -> None:
    def send_texts(number: int) -> set[str]:
        """Send different texts for each number, and return the names of the counters."""
        invented = f"scenario=invented-{number}"
        ask("GET", f"/api/nothing/{number}", prefer=invented, x_mock_sandbox=f"s{number}")
        ask(f"M{number}", TRASH)
        ask("GET", TRASH, prefer=invented)
        names = samples(server.metrics.exposition(None))
        return {name for name in names if "bucket" in name or "total" in name}

    first = send_texts(0)
    for number in range(1, 5):
        assert send_texts(number) == first


def test_a_request_that_the_http_server_refuses_is_counted(client: FlaskClient) -> None:
    client.get(f"{TRASH}?searched_text={'x' * 10_000}", headers=TOKEN)
    client.get(TRASH, headers={**TOKEN, "X-Mock-Sandbox": "mine"})
    response = client.get("/__admin/metrics")
    assert (response.status_code, response.content_type) == (
        200,
        "text/plain; version=0.0.4; charset=utf-8",
    )
    values = samples(response.get_data(as_text=True))
    assert values["requests_total operation=none,status=414"] == 1
    assert values["sandboxes"] == 1


def test_without_its_store_the_server_reports_all_metrics_except_the_sandboxes(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable() -> Any:
        raise StoreUnavailable("the store does not respond")

    client.get(TRASH, headers=TOKEN)
    monkeypatch.setattr(client.application.extensions["mockserver"].store, "count", unavailable)
    values = samples(client.get("/__admin/metrics").get_data(as_text=True))
    assert values[f"{LISTED},status=200"] == 1
    assert "sandboxes" not in values


def test_the_metrics_require_the_admin_token() -> None:
    client = create_app(Settings(store="memory:", admin_token="secret")).test_client()
    assert client.get("/__admin/metrics").status_code == 401
    assert (
        client.get("/__admin/metrics", headers={"Authorization": "Bearer secret"}).status_code
        == 200
    )


def scraped(url: str) -> dict[str, float]:
    with urlopen(f"{url}/__admin/metrics") as response:
        return samples(response.read().decode())


@pytest.mark.server
def test_workers_count_together() -> None:
    with healthy_server("--workers", "2") as process:
        for _ in range(40):
            with urlopen(Call(f"{process.url}{TRASH}", headers=TOKEN)):
                pass
        counts = [scraped(process.url)[f"{LISTED},status=200"] for _ in range(6)]
    assert set(counts) == {40.0}


@pytest.mark.server
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the workers are found in /proc")
def test_a_killed_worker_loses_no_count() -> None:
    name = f"{LISTED},status=200"
    with running_server("--workers", "1") as process:
        for killed in range(1, 4):
            for _ in range(10):
                with urlopen(Call(f"{process.url}{TRASH}", headers=TOKEN)):
                    pass
            worker = next(iter(child_ids(process.pid)), None)
            assert worker
            os.kill(worker, signal.SIGKILL)
            # A connection that waits to be accepted is served by the next worker.
            assert scraped(process.url)[name] == 10 * killed


def test_lost_journal_entries_are_reported_to_every_reader() -> None:
    app = create_app(Settings(store="memory:"))
    client, metrics = app.test_client(), app.extensions["mockserver"].metrics
    assert samples(client.get("/__admin/metrics").text)["journal_lost_total"] == 0
    metrics.count_lost(2)
    metrics.count_lost(1)
    assert samples(client.get("/__admin/metrics").text)["journal_lost_total"] == 3
    journal: Any = client.get("/__admin/requests").json
    assert journal["meta"] == {"total": 0, "lost": 3}
    http_server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=http_server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{http_server.server_port}"
    command = run_command("journal", url, "--fail-on", "violations")
    http_server.shutdown()
    assert command.returncode == 0
    warning = "warning: 3 exchanges were lost: the store was unavailable, or a worker was killed"
    assert warning in command.stderr
