"""The pytest plugin reports each failure with its reason and the journal of the test."""

from xml.etree import ElementTree

import pytest
from apib_mockserver import NoResponse, connect
from helpers.plugin_sessions import COMMAND, functions, run
from helpers.shipped_api import EXPORTS, LIST_TRASH, TRASH

from mockserver.web.servers.thread import running_in_thread

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.server

FAILING = """
def test_fails(mockserver_url, mockserver_server):
    Path("address").write_text(mockserver_server)
    ask(mockserver_url, EXPORTS + "?limit=abc")
    ask(mockserver_url, "/api/push_notification/trash")
    assert False
"""


JOURNAL = [
    f"400  GET  {EXPORTS}?limit=abc*problem request-breaks-contract",
    '    query/limit: expected an integer from 0 to 1000, got string "abc"',
    "404  GET  /api/push_notification/trash*problem unknown-operation",
    f"    closest is GET {TRASH} (segment 2: expected push_notifications, got push_notification)",
]


@pytest.mark.parametrize("arguments", [(), (f"--mockserver-command={COMMAND}",)])
def test_a_failure_shows_the_journal_and_leaves_no_server(
    session: pytest.Pytester, arguments: tuple[str, ...]
) -> None:
    result = run(session, FAILING, *arguments, "--show-capture=no", "--junitxml=report.xml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- mockserver journal -*", *JOURNAL])
    [failure] = ElementTree.parse(session.path / "report.xml").iter("failure")
    pytest.LineMatcher((failure.text or "").splitlines()).fnmatch_lines(
        ["*- mockserver journal -*", *JOURNAL]
    )
    with pytest.raises(NoResponse, match="got no response"):
        connect((session.path / "address").read_text()).sandbox("default").requests()


WRONG = {
    "a request that no operation has": (
        'ask(mockserver_url, "/api/push_notification/trash"); mockserver.expect_no_unmatched()',
        [
            "*expected no unmatched request in sandbox *, got 1:",
            f"*closest is GET {TRASH} (segment 2: *",
        ],
    ),
    "a request without the base path": (
        f'ask(mockserver_url, "{TRASH.removeprefix("/api")}"); mockserver.expect_no_unmatched()',
        [
            "*expected no unmatched request in sandbox *, got 1:",
            f"*closest is GET {TRASH} (base path: expected /api, got none)*",
        ],
    ),
    "a violation": (
        'ask(mockserver_url, TRASH + "?limit=abc"); mockserver.expect_no_violations()',
        [
            "*expected no violation in sandbox *, got 1 exchange(s) with one:",
            '*query/limit: expected an integer*got string "abc"',
        ],
    ),
    "too few calls": (
        "ask(mockserver_url, TRASH)\n    "
        f'assert mockserver.count(operation="{LIST_TRASH}", status=200) == 2',
        ["*assert 1 == 2*", "*- mockserver journal -*", f"*200  GET  {TRASH} *"],
    ),
    "no call": (
        f'assert mockserver.count(operation="{LIST_TRASH}")',
        ["*assert 0*", "no request arrived at http://127.0.0.1:*/~test-*"],
    ),
    "a scenario that does not exist": (
        'mockserver.on("nope")',
        ["*unknown scenario 'nope'; expected one of *finished-export-cancel*"],
    ),
    "an invalid override": (
        'mockserver.on("slow", times="often")',
        ["*/times: expected *"],
    ),
    "a filter that does not exist": ("mockserver.requests(code=200)", ["*code*"]),
}


def test_a_failed_assertion_has_the_reason(session: pytest.Pytester) -> None:
    cases = (
        f"def test_{number}(mockserver, mockserver_url):\n    {does}"
        for number, (does, _) in enumerate(WRONG.values())
    )
    result = run(session, functions(cases))
    result.assert_outcomes(failed=len(WRONG))
    result.stdout.fnmatch_lines([line for _, lines in WRONG.values() for line in lines])
    result.stdout.no_fnmatch_line("*connection.py*")  # the message, not its source
    assert result.stdout.str().count(f"200  GET  {TRASH} ") == 1, "a journal is printed twice"


MARKERS = {
    "unknown": (
        '"nope"',
        "mockserver",
        ["@pytest.mark.scenario('nope'): *unknown scenario 'nope'; expected one of *slow*"],
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
        ["*mark.scenario('slow'): */delay: expected *"],
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


def test_a_server_that_cannot_start_fails_the_test_with_the_reason(
    session: pytest.Pytester,
) -> None:
    result = run(session, "def test_it(mockserver): pass", "--mockserver-url=http://127.0.0.1:1")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["cannot use the mock server: expected a mock server at http://127.0.0.1:1, got no *: *"]
    )


def test_an_unreachable_server_is_reported_in_one_line(session: pytest.Pytester) -> None:
    source = "def test_it(mockserver): mockserver._connection.url = 'http://127.0.0.1:1'"
    result = run(session, source)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["cannot delete the sandbox: expected a mock server at http://127.0.0.1:1, got no*"]
    )
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")
    result.stdout.no_fnmatch_line("*mockserver journal*")


def test_a_missing_admin_token_is_reported_before_any_test(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_in_thread({"admin_token": "right"}) as url:
        result = run(session, "def test_it(mockserver): pass", f"--mockserver-url={url}")
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(
            ["cannot use the mock server: *expected the token of --admin-token *"]
        )
        monkeypatch.setenv("MOCKSERVER_ADMIN_TOKEN", "right")
        run(session, "def test_it(mockserver): pass", f"--mockserver-url={url}").assert_outcomes(
            passed=1
        )


def test_a_folder_for_a_server_by_url_is_wrong_usage(session: pytest.Pytester) -> None:
    result = run(session, "", "--mockserver-fixtures=f", "--mockserver-url=http://127.0.0.1:1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--mockserver-fixtures does not change a server by URL *"])
