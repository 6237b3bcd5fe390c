"""The pytest plugin, in pytest sessions in this process: ten times as fast as in another one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.plugin_sessions import run
from helpers.processes import clean_environ
from helpers.shipped_api import CANCEL, LIST_TRASH, RESTORE

from mockserver.cli.admin_client import call
from mockserver.testing import running

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.server

USE = f"""
pytestmark = pytest.mark.scenario("slow", delay=0)

def test_needs_no_server():
    pass  # the marker of the file applies only to the other tests

@pytest.fixture(scope="session")
def started_once(mockserver_server):
    return mockserver_server

def test_asks_an_app_that_serves_all_tests(started_once, mockserver):
    assert ask(started_once, EXPORT, "DELETE", f"any@{{mockserver.sandbox}}")[0] == 200
    mockserver.assert_called("{CANCEL}", times=1)

def test_calls_are_in_the_journal(mockserver, mockserver_url):
    assert mockserver_url == mockserver.url
    assert ask(mockserver.url, EXPORT, "DELETE")[0] == 200
    mockserver.assert_called("{CANCEL}", times=1, status=200)
    mockserver.assert_called("{RESTORE}", times=0)
    mockserver.assert_no_violations()
    mockserver.assert_no_unmatched()
    [exchange] = mockserver.requests(transition=True)
    assert exchange["transition"]["to"] == "canceled"
    mockserver.reset()
    assert mockserver.requests() == []
    assert ask(mockserver.url, EXPORT)[1]["push_notification_export"]["status"] == "running"

def test_switches_scenarios(mockserver):
    with mockserver.scenario("finished-export-cancel", times=1):
        assert ask(mockserver.url, EXPORT, "DELETE")[0] == 400
    assert ask(mockserver.url, EXPORT, "DELETE")[0] == 200
    mockserver.scenario("export-not-found")
    assert ask(mockserver.url, EXPORT)[0] == 404

def test_moves_the_clock(mockserver):
    before = mockserver.clock.now
    mockserver.clock.progression = "time"
    assert mockserver.clock.progression == "time"
    assert mockserver.clock.advance(61) > before
    assert ask(mockserver.url, EXPORT)[1]["push_notification_export"]["status"] == "finished"
    mockserver.clock.run()
    mockserver.clock.freeze()
    mockserver.clock.now = "2030-01-01 00:00:00"
    assert mockserver.clock.now == "2030-01-01 00:00:00"

def test_meets_a_fault_on_the_wire(mockserver):
    with mockserver.scenario("fault-reset"), pytest.raises(OSError):
        ask(mockserver.url, TRASH)
    assert ask(mockserver.url, TRASH)[0] == 200

@pytest.mark.scenario("empty-lists")
class TestOfAClass:
    @pytest.mark.scenario("finished-export-cancel", times=1)
    @pytest.mark.scenario("slow", delay=0)
    def test_has_the_scenarios_of_all_its_markers(self, mockserver_url):
        assert ask(mockserver_url, EXPORTS)[1]["push_notification_exports"] == []
        assert ask(mockserver_url, EXPORT, "DELETE")[0] == 400

    def test_has_only_the_scenarios_of_its_class(self, mockserver_url):
        assert ask(mockserver_url, EXPORTS)[1]["push_notification_exports"] == []
        assert ask(mockserver_url, EXPORT, "DELETE")[0] == 200

@pytest.mark.parametrize("number", range(4))
def test_restores_the_same_record_as_the_other_tests(mockserver_url, number):
    assert ask(mockserver_url, TRASHED, "PATCH")[0] == 200

@pytest.mark.scenario("finished-export-cancel")
@pytest.mark.parametrize("number", range(4))
def test_contradicts_the_next(mockserver_url, number):
    assert [ask(mockserver_url, EXPORT, "DELETE")[0] for _ in range(5)] == [400] * 5

@pytest.mark.scenario("export-not-found")
@pytest.mark.parametrize("number", range(4))
def test_contradicts_the_one_before(mockserver_url, number):
    assert [ask(mockserver_url, EXPORT)[0] for _ in range(5)] == [404] * 5
"""
USES = 20
"""The number of tests in `USE`, which all pass."""


@pytest.mark.parametrize("arguments", [("-rA",), ("-n", "2", "--mockserver=process")], ids=" ".join)
def test_the_plugin_works_in_the_tests_of_an_app(
    session: pytest.Pytester, arguments: tuple[str, ...]
) -> None:
    result = run(session, USE, *arguments)
    result.assert_outcomes(passed=USES)
    result.stdout.no_fnmatch_line("*mockserver journal*")


def test_a_running_server_is_shared_by_all_workers_and_not_changed(
    session: pytest.Pytester, live: str
) -> None:
    before = call(live, "GET", "/sandboxes")["sandboxes"]
    run(session, USE, "-n", "2", "--mockserver-url", live + "/").assert_outcomes(passed=USES)
    assert call(live, "GET", "/sandboxes")["sandboxes"] == before


TITLES = """
from mockserver.cli.admin_client import call

def title_of(sandbox):
    return call(sandbox.server, "PATCH", f"/sandboxes/{sandbox.sandbox}")["test"]

class TestOfAClass:
    @pytest.mark.parametrize("number", [1], ids="é")
    def test_with_an_id(self, mockserver, number):
        assert title_of(mockserver) == "test_app.py::TestOfAClass::test_with_an_id[\\\\xe9]"
        mockserver.reset()
        assert title_of(mockserver) == "test_app.py::TestOfAClass::test_with_an_id[\\\\xe9]"

@pytest.mark.parametrize("number", [1], ids=["x" * 2000])
def test_with_a_long_id(mockserver, number):
    title = "test_app.py::test_with_a_long_id[" + "x" * 2000
    assert title_of(mockserver) == title[:999] + "…"
"""


def test_a_sandbox_has_the_node_id_of_its_test(session: pytest.Pytester) -> None:
    run(session, TITLES).assert_outcomes(passed=2)


TWO = """
@pytest.mark.scenario("nope")
@pytest.mark.scenario("slow")
def test_one(mockserver): pass

@pytest.mark.scenario("slow")
@pytest.mark.scenario("nope")
def test_two(mockserver): pass
"""


def test_an_unknown_scenario_in_a_marker_leaves_no_other_scenario_on(
    session: pytest.Pytester,
) -> None:
    with running("thread", "", {}) as url:
        run(session, TWO, "--mockserver-url", url).assert_outcomes(errors=2)
        assert call(url, "GET", "/sandboxes")["sandboxes"] == []


def test_mode_and_folders_can_be_set_in_the_ini_file(
    session: pytest.Pytester, shipped: Path
) -> None:
    mine = shipped / "fixtures/push_notifications/scenarios/mine.yaml"
    mine.write_text(f"title: Mine\noperations: [{LIST_TRASH}]\ndelay: 0\n")
    folders = "".join(
        f"mockserver_{name} = {os.path.relpath(shipped, session.path)}/{name}\n"
        for name in ("schemas", "fixtures")
    )
    session.makeini(f"[pytest]\nmockserver = process\n{folders}")
    source = """
from mockserver.cli.admin_client import call

@pytest.mark.scenario("mine")
def test_it(mockserver):
    assert call(mockserver.server, "GET", "/settings")["store"].startswith("sqlite")
"""
    run(session, source).assert_outcomes(passed=1)


def test_the_plugin_imports_no_module_of_the_server_at_start() -> None:
    script = (
        "import sys, mockserver.testing.pytest_plugin as p; "
        "print(*(n for n in sys.modules if n.startswith('mockserver')))"
    )
    process = subprocess.run(
        [sys.executable, "-c", script],
        env=clean_environ(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.split() == [
        "mockserver",
        "mockserver.testing",
        "mockserver.testing.pytest_plugin",
    ]
