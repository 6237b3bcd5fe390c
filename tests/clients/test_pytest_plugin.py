"""The pytest plugin, in pytest sessions in this process: ten times as fast as in another one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.plugin_sessions import COMMAND, run
from helpers.processes import clean_environ
from helpers.shipped_api import CANCEL, LIST_TRASH, RESTORE

from mockserver.cli.admin_client import call
from mockserver.web.servers.thread import running_in_thread

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
    assert ask(started_once, EXPORT, "DELETE", f"any@{{mockserver.name}}")[0] == 200
    assert mockserver.count(operation="{CANCEL}") == 1

def test_calls_are_in_the_journal(mockserver, mockserver_url):
    assert mockserver_url == mockserver.api_base
    assert ask(mockserver_url, EXPORT, "DELETE")[0] == 200
    assert mockserver.count(operation="{CANCEL}", status=200) == 1
    assert mockserver.count(operation="{RESTORE}") == 0
    mockserver.expect_no_violations()
    mockserver.expect_no_unmatched()
    [exchange] = mockserver.requests(transition=True)
    assert exchange["transition"]["to"] == "canceled"
    mockserver.reset()
    assert mockserver.requests() == []
    assert ask(mockserver.api_base, EXPORT)[1]["push_notification_export"]["status"] == "running"

def test_switches_scenarios(mockserver):
    mockserver.on("finished-export-cancel", times=1)
    assert ask(mockserver.api_base, EXPORT, "DELETE")[0] == 400
    assert ask(mockserver.api_base, EXPORT, "DELETE")[0] == 200
    mockserver.on("export-not-found")
    assert ask(mockserver.api_base, EXPORT)[0] == 404

def test_moves_the_clock(mockserver):
    before = mockserver.clock.get()["now"]
    assert mockserver.clock.progression("time")["progression"] == "time"
    assert mockserver.clock.advance(61)["now"] > before
    assert ask(mockserver.api_base, EXPORT)[1]["push_notification_export"]["status"] == "finished"
    assert mockserver.clock.run()["mode"] == "running"
    assert mockserver.clock.freeze()["mode"] == "frozen"
    assert mockserver.clock.set("2030-01-01 00:00:00")["now"] == "2030-01-01 00:00:00"

def test_meets_a_fault_on_the_wire(mockserver):
    mockserver.on("fault-reset")
    with pytest.raises(OSError):
        ask(mockserver.api_base, TRASH)
    mockserver.off("fault-reset")
    assert ask(mockserver.api_base, TRASH)[0] == 200

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


def test_the_plugin_works_in_the_tests_of_an_app(session: pytest.Pytester) -> None:
    result = run(session, USE, "-rA")
    result.assert_outcomes(passed=USES)
    result.stdout.no_fnmatch_line("*mockserver journal*")


def test_a_command_starts_a_server_for_each_worker(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_COMMAND", COMMAND)
    run(session, USE, "-n", "2").assert_outcomes(passed=USES)


def test_a_running_server_is_shared_by_all_workers_and_not_changed(
    session: pytest.Pytester, live: str
) -> None:
    before = call(live, "GET", "/sandboxes")["sandboxes"]
    run(session, USE, "-n", "2", "--mockserver-url", live + "/").assert_outcomes(passed=USES)
    assert call(live, "GET", "/sandboxes")["sandboxes"] == before


TITLES = """
from mockserver.cli.admin_client import call

def title_of(server, sandbox):
    return call(server, "PATCH", f"/sandboxes/{sandbox.name}")["test"]

class TestOfAClass:
    @pytest.mark.parametrize("number", [1], ids="é")
    def test_with_an_id(self, mockserver_server, mockserver, number):
        title = "test_app.py::TestOfAClass::test_with_an_id[\\\\xe9]"
        assert title_of(mockserver_server, mockserver) == title
        mockserver.reset()
        assert title_of(mockserver_server, mockserver) == title

@pytest.mark.parametrize("number", [1], ids=["x" * 2000])
def test_with_a_long_id(mockserver_server, mockserver, number):
    title = "test_app.py::test_with_a_long_id[" + "x" * 2000
    assert title_of(mockserver_server, mockserver) == title[:999] + "…"
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
    with running_in_thread({}) as url:
        run(session, TWO, "--mockserver-url", url).assert_outcomes(errors=2)
        assert call(url, "GET", "/sandboxes")["sandboxes"] == []


def test_folders_in_the_ini_file_are_relative_to_it(
    session: pytest.Pytester, shipped: Path
) -> None:
    mine = shipped / "fixtures/push_notifications/scenarios/mine.yaml"
    mine.write_text(f"title: Mine\noperations: [{LIST_TRASH}]\ndelay: 0\n")
    folders = "".join(
        f"mockserver_{name} = {os.path.relpath(shipped, session.path)}/{name}\n"
        for name in ("schemas", "fixtures")
    )
    session.makeini(f"[pytest]\n{folders}")
    source = '@pytest.mark.scenario("mine")\ndef test_it(mockserver): pass'
    run(session, source).assert_outcomes(passed=1)


def test_a_folder_has_more_scenarios(session: pytest.Pytester) -> None:
    mine = session.mkdir("scenarios") / "mine.yaml"
    mine.write_text(f"title: Mine\noperations: [{LIST_TRASH}]\ndelay: 0\n")
    source = '@pytest.mark.scenario("mine")\ndef test_it(mockserver): pass'
    run(session, source, "--mockserver-scenarios=scenarios").assert_outcomes(passed=1)


def test_a_command_in_the_ini_file_runs_in_its_folder(
    session: pytest.Pytester, shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = shipped / "fixtures/push_notifications/scenarios/mine.yaml"
    mine.write_text(f"title: Mine\noperations: [{LIST_TRASH}]\ndelay: 0\n")
    folder = os.path.relpath(shipped, session.path)
    session.makeini(f"[pytest]\nmockserver_command = {COMMAND} --fixtures={folder}/fixtures")
    path = session.makepyfile(test_mine="def test_it(mockserver): mockserver.on('mine')")
    monkeypatch.chdir(session.mkdir("below"))
    session.runpytest_inprocess(path).assert_outcomes(passed=1)


@pytest.mark.parametrize("weaker", ["MOCKSERVER_URL", "mockserver_url"])
def test_a_stronger_option_wins_over_a_weaker_url_or_command(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, weaker: str
) -> None:
    if weaker.isupper():
        monkeypatch.setenv(weaker, "http://127.0.0.1:1")
        argument = f"--mockserver-command={COMMAND}"
    else:
        session.makeini(f"[pytest]\n{weaker} = http://127.0.0.1:1")
        monkeypatch.setenv("MOCKSERVER_COMMAND", COMMAND)
        argument = "-q"
    run(session, "def test_it(mockserver): pass", argument).assert_outcomes(passed=1)


def test_of_equally_strong_options_the_url_wins(
    session: pytest.Pytester, live: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_COMMAND", "/none")
    monkeypatch.setenv("MOCKSERVER_URL", live)
    run(session, "def test_it(mockserver): pass").assert_outcomes(passed=1)


def test_the_plugin_imports_no_other_module_at_start() -> None:
    script = (
        "import sys, apib_mockserver.pytest_plugin; "
        "print(*(n for n in sys.modules if n.partition('.')[0].endswith('mockserver')))"
    )
    process = subprocess.run(
        [sys.executable, "-c", script],
        env=clean_environ(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.split() == ["apib_mockserver", "apib_mockserver.pytest_plugin"]
