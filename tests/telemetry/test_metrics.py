"""Metrics: Prometheus's own parser reads them, and they count the requests that were sent."""

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
    """Each sample's name with its labels, as text, to its value; as Prometheus' own parser reads them."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sample.labels.items())
            found[f"{sample.name.removeprefix('mockserver_')} {labels}".strip()] = sample.value
    return found


CASES: list[tuple[str, str, str, dict[str, str], dict[str, float]]] = [
    ("an answer", "GET", TRASH, {}, {f"requests_total operation={LIST_TRASH},status=200": 1}),
    ("no operation", "GET", "/api/nothing/at/all", {}, {"requests_total operation=none,status=404": 1}),
    ("no method", "PUT", TRASH, {}, {"requests_total operation=none,status=405": 1}),
    (
        "violations of a request",
        "GET",
        f"{TRASH}?limit=x&offset=y",
        {},
        {f"requests_total operation={LIST_TRASH},status=400": 1, f"violations_total operation={LIST_TRASH}": 2},
    ),
    (
        "a scenario",
        "GET",
        f"{EXPORTS}/100",
        {"prefer": f"scenario={RETRIEVE}-404"},
        {f"requests_total operation={RETRIEVE},status=404": 1, f"scenario_hits_total scenario={RETRIEVE}-404": 1},
    ),
    (
        "a fault",
        "GET",
        f"{EXPORTS}/100",
        {"prefer": "scenario=fault-reset"},
        {
            f"requests_total operation={RETRIEVE},status=500": 1,
            "faults_total fault=reset": 1,
            "scenario_hits_total scenario=fault-reset": 1,
        },
    ),
    ("a forced status is no scenario", "DELETE", f"{EXPORTS}/100", {"prefer": "code=400"}, {f"requests_total operation={CANCEL},status=400": 1}),  # noqa: E501
]  # fmt: skip


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
    found = samples(server.metrics.exposition(None))
    assert {name: value for name, value in found.items() if "duration" not in name} == {
        "journal_lost_total": 0,
        **expected,
    }


def test_the_histogram_holds_each_request_at_or_below_its_bound() -> None:
    metrics = Metrics()
    for seconds in (0.00005, BOUNDS[0], 0.02, 99.0):
        metrics.count_response("a", 200, seconds)
    metrics.count_response("b", 200, 0.0)
    found = samples(metrics.exposition(None))
    buckets = [
        found[f"request_duration_seconds_bucket operation=a,le={bound}"]
        for bound in (*BOUNDS, "+Inf")
    ]
    assert buckets == [2.0] * 7 + [3.0] * 8 + [4.0]
    assert found["request_duration_seconds_count operation=a"] == 4
    assert found["request_duration_seconds_sum operation=a"] == pytest.approx(99.02015)
    assert found["request_duration_seconds_count operation=b"] == 1


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
    for _ in range(4):
        child = os.fork()
        if not child:
            for _ in range(20_000):
                count(0.02)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    found = samples(metrics.exposition(None))
    assert (
        found["requests_total operation=a,status=200"]
        == found["request_duration_seconds_count operation=a"]
        == 80_001
    )


def test_a_label_may_have_any_character() -> None:
    metrics, name = Metrics(), 'quo"te \\ new\nline'
    metrics.count_response(name, 200, 0.0)
    assert samples(metrics.exposition(3)).keys() >= {
        f"requests_total operation={name},status=200",
        "sandboxes",
    }


def test_labels_are_never_what_a_client_sent(ask: Ask, server: MockServer) -> None:
    before = None
    for number in range(5):
        ask(
            "GET",
            f"/api/nothing/{number}",
            prefer=f"scenario=made-up-{number}",
            x_mock_sandbox=f"s{number}",
        )
        ask(f"M{number}", TRASH)
        ask("GET", TRASH, prefer=f"scenario=made-up-{number}")
        names = set(samples(server.metrics.exposition(None)))
        assert before in (None, {name for name in names if "bucket" in name or "total" in name})
        before = {name for name in names if "bucket" in name or "total" in name}


def test_what_the_wire_refuses_counts_too(client: FlaskClient) -> None:
    client.get(f"{TRASH}?searched_text={'x' * 10_000}", headers=TOKEN)
    client.get(TRASH, headers={**TOKEN, "X-Mock-Sandbox": "mine"})
    response = client.get("/__admin/metrics")
    assert (response.status_code, response.content_type) == (
        200,
        "text/plain; version=0.0.4; charset=utf-8",
    )
    found = samples(response.get_data(as_text=True))
    assert found["requests_total operation=none,status=414"] == 1
    assert found["sandboxes"] == 1


def test_without_its_store_the_server_still_reports_the_rest(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> Any:
        raise StoreUnavailable("it is gone")

    client.get(TRASH, headers=TOKEN)
    monkeypatch.setattr(client.application.extensions["mockserver"].store, "count", gone)
    found = samples(client.get("/__admin/metrics").get_data(as_text=True))
    assert found[f"requests_total operation={LIST_TRASH},status=200"] == 1
    assert "sandboxes" not in found


def test_prometheus_shows_the_token() -> None:
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
        found = [
            scraped(process.url)[f"requests_total operation={LIST_TRASH},status=200"]
            for _ in range(6)
        ]
    assert found == [40.0] * 6


@pytest.mark.server
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the workers are found in /proc")
def test_a_killed_worker_loses_no_count() -> None:
    name = f"requests_total operation={LIST_TRASH},status=200"
    with running_server("--workers", "1") as process:
        for killed in range(1, 4):
            for _ in range(10):
                with urlopen(Call(f"{process.url}{TRASH}", headers=TOKEN)):
                    pass
            worker = next(iter(child_ids(process.pid)), None)
            assert worker
            os.kill(worker, signal.SIGKILL)
            # What waits to be accepted is answered by the next worker.
            assert scraped(process.url)[name] == 10 * killed


def test_lost_journal_entries_are_reported_to_every_reader() -> None:
    app = create_app(Settings(store="memory:"))
    client, metrics = app.test_client(), app.extensions["mockserver"].metrics
    assert samples(client.get("/__admin/metrics").text)["journal_lost_total"] == 0
    metrics.count_lost(2)
    metrics.count_lost(1)
    assert samples(client.get("/__admin/metrics").text)["journal_lost_total"] == 3
    assert client.get("/__admin/requests").json["meta"] == {"total": 0, "lost": 3}  # type: ignore[index]
    made = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=made.serve_forever, daemon=True).start()
    ended = run_command(
        "journal", f"http://127.0.0.1:{made.server_port}", "--fail-on", "violations"
    )
    made.shutdown()
    assert ended.returncode == 0
    assert (
        "warning: 3 exchanges were lost: the store was unavailable, or a worker was killed"
        in ended.stderr
    )
