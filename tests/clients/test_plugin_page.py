"""The files and commands of docs/pytest.md work, in pytest sessions."""

import re
import shutil
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from helpers.console import Shell, named_files, run_commands, sections
from helpers.plugin_sessions import run
from helpers.repository import ROOT
from helpers.shipped_api import LIST_TRASH

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.server

PAGE = (ROOT / "docs/pytest.md").read_text()
FILES = dict(named_files(PAGE))
EXAMPLES = 6
"""The number of tests on the page, which all pass."""
MISTAKES = """
def test_no_mistake(mockserver):
    ask(mockserver.api_base, TRASH)

def test_a_wrong_path(mockserver):
    ask(mockserver.api_base, "/api/push_notification/trash")

def test_a_wrong_query(mockserver):
    ask(mockserver.api_base, TRASH + "?limit=abc")
"""


def write_examples(folder: Path) -> None:
    """Write the app and its tests. A block without a name continues the file of the tests."""
    tests = [FILES["test_shop.py"]]
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        if not re.match(r"# \S+\.py\n", block):
            tests.append(block)
    (folder / "shop.py").write_text(FILES["shop.py"])
    (folder / "test_shop.py").write_text("\n".join(tests))


def test_the_examples_pass(session: pytest.Pytester) -> None:
    write_examples(session.path)
    session.runpytest_inprocess("test_shop.py").assert_outcomes(passed=EXAMPLES)


def test_the_examples_pass_with_the_check_of_each_test(session: pytest.Pytester) -> None:
    write_examples(session.path)
    session.makeconftest(FILES["conftest.py"])
    session.runpytest_inprocess("test_shop.py").assert_outcomes(passed=EXAMPLES)


def test_the_check_of_each_test_reports_wrong_requests(session: pytest.Pytester) -> None:
    run(session, MISTAKES).assert_outcomes(passed=3)
    session.makeconftest(FILES["conftest.py"])
    result = run(session, MISTAKES)
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*expected no unmatched request in sandbox *, got 1:",
            "*expected no violation in sandbox *, got 1 exchange(s) with one:",
        ]
    )


def test_the_journal_of_a_shared_server_has_no_exchange_of_the_tests(
    session: pytest.Pytester, live: str
) -> None:
    run(session, MISTAKES, f"--mockserver-url={live}").assert_outcomes(passed=3)
    with Shell(session.path, live) as shell:
        ended = shell.call(f"mockserver journal {live}")
        assert "/api/push_notification/trash" not in ended.stdout
    with urlopen(f"{live}/__admin/metrics") as response:
        metrics = response.read().decode()
    assert re.search(r'^mockserver_requests_total\{operation="none",status="404"\}', metrics, re.M)
    assert re.search(r"^mockserver_violations_total\{", metrics, re.M)


def test_the_commands_for_a_shared_server_run_the_examples(tmp_path: Path) -> None:
    write_examples(tmp_path)
    with Shell(tmp_path) as shell:
        script = tmp_path / ".programs/pytest"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pytest "$@"\n')
        script.chmod(0o755)
        run_commands(sections(PAGE)["Share a running server"], shell)


def test_the_ini_options_serve_a_scenario_of_the_folder(
    session: pytest.Pytester, shipped: Path
) -> None:
    shutil.copytree(shipped / "fixtures", session.path / "fixtures")
    scenario = session.path / "fixtures/push_notifications/scenarios/mine.yaml"
    scenario.write_text(f"title: Mine\noperations: [{LIST_TRASH}]\ndelay: 0\n")
    source = '@pytest.mark.scenario("mine")\ndef test_it(mockserver): pass\n'
    run(session, source).assert_outcomes(errors=1)
    (session.path / "pyproject.toml").write_text(FILES["pyproject.toml"])
    run(session, source).assert_outcomes(passed=1)
