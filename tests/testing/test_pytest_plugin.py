"""The pytest plugin, in pytest sessions in this process, which is ten times as fast as another process."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from helpers.processes import clean_environ
from helpers.repository import ROOT
from helpers.shipped_api import CANCEL, EXPORTS, LIST_TRASH, RESTORE, TRASH, TRASHED

from mockserver.cli.admin_client import call
from mockserver.errors import StartError
from mockserver.testing import RUNNERS, Sandbox, running
from mockserver.testing.pytest_plugin import MODES

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.server

APP = f'''
import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

EXPORT, EXPORTS, TRASH, TRASHED = "{EXPORTS}/100", "{EXPORTS}", "{TRASH}", "{TRASH}/{TRASHED}"

def ask(base, path, method="GET", token="any"):
    """The app under test: it knows a base URL, and nothing of a mock server."""
    try:
        with urlopen(Request(base + path, method=method, headers={{"X-Access-Token": token}})) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)
'''


WITHOUT = "-p no:cacheprovider -p no:faker -p no:hypothesispytest"
"""Plugins of other people's that no session here needs; to import them takes each of its processes a second and a half."""


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder of somebody's tests, with the app that they test."""
    for name in (
        "PYTEST_XDIST_WORKER",
        "PYTEST_XDIST_WORKER_COUNT",
        "PYTEST_XDIST_TESTRUNUID",
        "PYTEST_ADDOPTS",
    ):
        monkeypatch.delenv(name, raising=False)
    for name in (
        "CI",
        "BUILD_NUMBER",
    ):  # in CI pytest tells each failure twice, the second time in its summary
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("MOCKSERVER_ADMIN_TOKEN", raising=False)
    monkeypatch.setenv("MOCKSERVER_SCENARIOS", "export-not-found")  # is not for the tests' servers
    monkeypatch.setenv("PYTHONPATH", clean_environ()["PYTHONPATH"])
    pytester.makepyfile(app=APP)
    pytester.makeini(
        f"[pytest]\naddopts = --strict-markers --strict-config {WITHOUT}\nfilterwarnings = error"
    )
    return pytester


def run(session: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    session.makepyfile(test_app=f"import pytest\nfrom app import *\n{source}")
    return session.runpytest_inprocess(*arguments)


USE = f"""
pytestmark = pytest.mark.scenario("slow", delay=0)

def test_needs_no_server():
    pass  # the marker of the whole file is for the others

@pytest.fixture(scope="session")
def started_once(mockserver_server):
    return mockserver_server

def test_asks_an_app_that_serves_all_tests(started_once, mockserver):
    assert ask(started_once, EXPORT, "DELETE", f"any@{{mockserver.sandbox}}")[0] == 200
    mockserver.assert_called("{CANCEL}", times=1)

def test_asks_and_looks(mockserver, mockserver_url):
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

    def test_has_those_of_its_class_alone(self, mockserver_url):
        assert ask(mockserver_url, EXPORTS)[1]["push_notification_exports"] == []
        assert ask(mockserver_url, EXPORT, "DELETE")[0] == 200

@pytest.mark.parametrize("number", range(4))
def test_has_a_world_of_its_own(mockserver_url, number):
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
"""Every use that passes."""
USES = 20


@pytest.mark.parametrize("arguments", [("-rA",), ("-n", "2", "--mockserver=process")], ids=" ".join)
def test_a_team_tests_its_app(session: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    result = run(session, USE, *arguments)
    result.assert_outcomes(passed=USES)
    result.stdout.no_fnmatch_line("*mockserver journal*")


def test_a_server_that_runs_already_is_shared_by_all_workers_and_left_as_it_was(
    session: pytest.Pytester, live: str
) -> None:
    before = call(live, "GET", "/sandboxes")["sandboxes"]
    run(session, USE, "-n", "2", "--mockserver-url", live + "/").assert_outcomes(passed=USES)
    assert call(live, "GET", "/sandboxes")["sandboxes"] == before


TWO = """
@pytest.mark.scenario("nope")
@pytest.mark.scenario("slow")
def test_one(mockserver): pass

@pytest.mark.scenario("slow")
@pytest.mark.scenario("nope")
def test_two(mockserver): pass
"""


def test_a_marker_that_is_refused_leaves_nothing_of_the_others(session: pytest.Pytester) -> None:
    with running("thread", "", {}) as url:
        run(session, TWO, "--mockserver-url", url).assert_outcomes(errors=2)
        assert call(url, "GET", "/sandboxes")["sandboxes"] == []


FAILING = """
def test_fails(mockserver):
    Path("address").write_text(mockserver.server)
    ask(mockserver.url, EXPORTS + "?limit=abc")
    ask(mockserver.url, "/api/push_notification/trash")
    assert False
"""


JOURNAL = [
    f"400  GET  {EXPORTS}?limit=abc*problem request-breaks-contract",
    '    query/limit: expected an integer from 0 to 1000, got string "abc"',
    "404  GET  /api/push_notification/trash*problem unknown-operation",
    f"    closest is GET {TRASH} (segment 2: expected push_notifications, got push_notification)",
]


@pytest.mark.parametrize("mode", MODES)
def test_a_failure_shows_the_journal_and_leaves_no_server(
    session: pytest.Pytester, mode: str
) -> None:
    result = run(
        session, FAILING, f"--mockserver={mode}", "--show-capture=no", "--junitxml=report.xml"
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- mockserver journal -*", *JOURNAL])
    [failure] = ElementTree.parse(session.path / "report.xml").iter("failure")
    pytest.LineMatcher((failure.text or "").splitlines()).fnmatch_lines(
        ["*- mockserver journal -*", *JOURNAL]
    )
    with pytest.raises(StartError, match="no mock server is reachable"):
        Sandbox((session.path / "address").read_text(), "default").requests()


WRONG = {
    "a request that no operation has": (
        'ask(mockserver.url, "/api/push_notification/trash"); mockserver.assert_no_unmatched()',
        [
            "*expected no request without an operation, got 1:",
            f"*closest is GET {TRASH} (segment 2: *",
        ],
    ),
    "a request without the base path": (
        f'ask(mockserver.url, "{TRASH.removeprefix("/api")}"); mockserver.assert_no_unmatched()',
        [
            "*expected no request without an operation, got 1:",
            f"*closest is GET {TRASH} (base path: expected /api, got none)*",
        ],
    ),
    "a violation": (
        'ask(mockserver.url, TRASH + "?limit=abc"); mockserver.assert_no_violations()',
        [
            "*expected no exchange that violates the contract, got 1:",
            '*query/limit: expected an integer*got string "abc"',
        ],
    ),
    "too few calls": (
        f'ask(mockserver.url, TRASH); mockserver.assert_called("{LIST_TRASH}", times=2, status=200)',
        [
            f"*expected {LIST_TRASH} to be called 2 times with status=200, got once",
            f"*200  GET  {TRASH} *",
        ],
    ),
    "no call": (
        f'mockserver.assert_called("{LIST_TRASH}")',
        [f"*expected {LIST_TRASH} to be called at least once, got 0 times", "*no request arrived"],
    ),
    "an operation that does not exist": (
        'mockserver.assert_called("list", times=0)',
        [f"*unknown operation list; expected one of *{LIST_TRASH}*"],
    ),
    "a scenario that does not exist": (
        'mockserver.scenario("nope")',
        ["*unknown scenario 'nope'; expected one of *finished-export-cancel*"],
    ),
    "an override that cannot be meant": (
        'mockserver.scenario("slow", times="often")',
        ["*/times: expected *"],
    ),
    "a filter that does not exist": ("mockserver.requests(code=200)", ["*code*"]),
}


def functions(cases: Iterable[str]) -> str:
    return "".join(f"\n{case}" for case in cases)


def test_failures_name_their_reason(session: pytest.Pytester) -> None:
    cases = (
        f"def test_{number}(mockserver):\n    {does}"
        for number, (does, _) in enumerate(WRONG.values())
    )
    result = run(session, functions(cases))
    result.assert_outcomes(failed=len(WRONG))
    result.stdout.fnmatch_lines([line for _, lines in WRONG.values() for line in lines])
    result.stdout.no_fnmatch_line("*admin_client.py*")  # the message, not its source
    assert result.stdout.str().count(f"200  GET  {TRASH} ") == 1, "a journal is printed twice"


MARKERS = {
    "unknown": (
        '"nope"',
        "mockserver",
        ["@pytest.mark.scenario('nope'): unknown scenario 'nope'; expected one of *slow*"],
    ),
    "without a name": (
        "",
        "mockserver",
        ["@pytest.mark.scenario: expected the name of one scenario, got none"],
    ),
    "with two names": (
        '"slow", "nope"',
        "mockserver",
        ["*expected the name of one scenario, got 'slow', 'nope'"],
    ),
    "without the pytest fixture": (
        '"slow"',
        "tmp_path",
        ["*the test must use the pytest fixture mockserver or *"],
    ),
    "with a wrong override": (
        '"slow", delay="soon"',
        "mockserver_url",
        ["*mark.scenario('slow'): /delay: expected *"],
    ),
}


def test_an_invalid_marker_is_an_error(session: pytest.Pytester) -> None:
    cases = (
        f"@pytest.mark.scenario({arguments})\ndef test_{number}({used}): pass"
        for number, (arguments, used, _) in enumerate(MARKERS.values())
    )
    of_a_class = "\n@pytest.mark.scenario('slow')\nclass TestOfAClass:\n    def test_it(self): pass"
    result = run(session, functions(cases) + of_a_class)
    result.assert_outcomes(errors=len(MARKERS) + 1)
    result.stdout.fnmatch_lines([line for _, _, lines in MARKERS.values() for line in lines])
    result.stdout.no_fnmatch_line("*During handling*")


def test_a_session_without_a_server_says_why(session: pytest.Pytester) -> None:
    result = run(session, "def test_it(mockserver): pass", "--mockserver-url=http://127.0.0.1:1")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["cannot use the mock server: no mock server is reachable at http://127.0.0.1:1: *"]
    )


def test_an_unreachable_server_is_reported_in_one_line(session: pytest.Pytester) -> None:
    result = run(
        session,
        "def test_it(mockserver): object.__setattr__(mockserver, 'server', 'http://127.0.0.1:1')",
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["cannot reset the sandbox: no mock server is reachable at http://127.0.0.1:1*"]
    )
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")
    result.stdout.no_fnmatch_line("*mockserver journal*")  # of what is at an end


def test_a_missing_admin_token_is_reported_before_any_test(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RUNNERS["thread"]({"admin_token": "right"}) as url:
        result = run(session, "def test_it(mockserver): pass", f"--mockserver-url={url}")
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(
            ["cannot use the mock server: expected the token of --admin-token *"]
        )
        monkeypatch.setenv("MOCKSERVER_ADMIN_TOKEN", "right")
        run(session, "def test_it(mockserver): pass", f"--mockserver-url={url}").assert_outcomes(
            passed=1
        )


def test_a_mode_that_there_is_not_is_refused(session: pytest.Pytester) -> None:
    result = run(session, "", "--mockserver=tread")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--mockserver: expected thread or process, got 'tread'"])


def test_the_ini_file_names_mode_and_folders(session: pytest.Pytester, shipped: Path) -> None:
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


def test_the_example_of_the_docs_passes(session: pytest.Pytester) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/pytest.md").read_text(), re.DOTALL)
    app, *tests = blocks
    session.makepyfile(shop=app, test_shop="\n".join(tests))
    session.runpytest_inprocess("test_shop.py").assert_outcomes(passed=6)


def test_pytest_loads_nothing_of_the_server_for_the_plugin() -> None:
    script = "import sys, mockserver.testing.pytest_plugin as p; print(*(n for n in sys.modules if n.startswith('mockserver')))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=clean_environ(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [
        "mockserver",
        "mockserver.testing",
        "mockserver.testing.pytest_plugin",
    ]
