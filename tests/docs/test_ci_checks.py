"""The checks of docs/ci.md pass and fail as its tables state, and the jobs run them."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import yaml
from helpers.console import Shell, run_commands, sections
from helpers.processes import clean_environ, free_port, run_command, running_server
from helpers.repository import ROOT
from helpers.shipped_api import TOKEN, TRASH
from helpers.tools import require_tool

pytestmark = pytest.mark.server

SECTIONS = sections((ROOT / "docs/ci.md").read_text())
CHECKS = SECTIONS["Requests that fail the check"]
FAIL_ON = ("--fail-on", "violations,unmatched")


class Case(NamedTuple):
    """A row of the table: a request, its status, and the result of the check."""

    title: str
    method: str
    path: str
    header: str
    status: str
    result: str


CASES = [
    Case(*row)
    for row in re.findall(
        r"^\| (.+?) \| `(\S+) (\S+)`(?: with `(.+?)`)? \| (\d+) \| (passes|fails) \|$",
        CHECKS,
        re.MULTILINE,
    )
]


def status_of(url: str, method: str = "GET", header: str = "") -> int:
    """Send a request with a token, or with the given header, and return the status."""
    headers = dict(TOKEN)
    if header:
        name, _, value = header.partition(":")
        headers[name] = value.strip()
    body = b"text" if method == "PATCH" else None
    try:
        with urlopen(Request(url, body, headers, method=method)) as response:
            return int(response.status)
    except HTTPError as error:
        return error.code


@pytest.fixture(scope="module")
def shared_url() -> Iterator[str]:
    with running_server("--workers", "1") as process:
        yield process.url


@pytest.fixture
def new_url() -> Iterator[str]:
    """Return the URL of a server that has had no request."""
    with running_server("--workers", "1") as process:
        yield process.url


def test_the_table_has_its_rows() -> None:
    rows = [line for line in CHECKS.splitlines() if line.startswith("| ")]
    assert len(CASES) == len(rows) - 1 == 12


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_request_of_the_table_passes_or_fails_the_check(shared_url: str, case: Case) -> None:
    sandbox = f"row-{CASES.index(case)}"
    url = f"{shared_url}/~{sandbox}"
    assert status_of(f"{url}{case.path}", case.method, case.header) == int(case.status)
    check = run_command("journal", shared_url, *FAIL_ON, "--sandbox", sandbox)
    assert "of 1 exchanges" in check.stdout
    assert check.returncode == (case.result == "fails")


@pytest.mark.parametrize(("reasons", "exit_code"), [("", 0), (",empty", 1)])
def test_without_a_request_of_a_client_only_empty_fails_the_check(
    new_url: str, reasons: str, exit_code: int
) -> None:
    assert status_of(f"{new_url}/favicon.ico") == 404
    check = run_command("journal", new_url, "--fail-on", f"violations,unmatched{reasons}")
    assert (check.returncode, check.stdout[:18]) == (exit_code, "0 of 0 exchanges w")


def test_a_server_that_does_not_respond_fails_the_check() -> None:
    assert run_command("journal", f"http://127.0.0.1:{free_port()}", *FAIL_ON).returncode == 1


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/~gone/__admin/reset"), ("DELETE", "/__admin/sandboxes/gone")]
)
def test_only_the_metrics_have_a_sandbox_that_is_reset_or_deleted(
    new_url: str, method: str, path: str
) -> None:
    status_of(f"{new_url}/~gone{TRASH}?limit=abc")
    headers = {"Content-Type": "application/json"}
    urlopen(Request(f"{new_url}{path}", b"{}", headers, method=method)).close()
    assert run_command("journal", new_url, *FAIL_ON).returncode == 0
    assert metrics_have_violations(new_url)


def test_only_the_metrics_have_a_request_that_is_rejected_while_it_is_read(new_url: str) -> None:
    assert status_of(f"{new_url}{TRASH}/1", "PATCH", "Content-Encoding: br") == 415
    assert run_command("journal", new_url, *FAIL_ON).returncode == 0
    assert metrics_have_violations(new_url)


def metrics_have_violations(url: str) -> bool:
    """Return whether the expression of the GitLab job finds a line of the metrics."""
    pattern = re.search(r"grep -E '(.*?)'", SECTIONS["GitLab"])
    assert pattern
    with urlopen(f"{url}/__admin/metrics") as response:
        return bool(re.search(pattern[1], response.read().decode(), re.MULTILINE))


def test_the_commands_for_invalid_requests_on_purpose(new_url: str, tmp_path: Path) -> None:
    require_tool("curl")
    with Shell(tmp_path, new_url) as shell:
        run_commands(CHECKS, shell)


# Jobs ---------------------------------------------------------------------------------------------


def yaml_of(heading: str) -> dict[str, Mapping[str, object]]:
    block = re.search(r"```yaml\n(.*?)```", SECTIONS[heading], re.DOTALL)
    assert block
    document: dict[str, Mapping[str, object]] = yaml.safe_load(block[1])
    return document


def write_program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)


MOCKSERVER = f'exec "{sys.executable}" -m mockserver "$@"'
CALL = "curl -sH 'X-Access-Token: any' http://mockserver:8080/api/push_notifications/trash"


@pytest.mark.parametrize(
    ("call", "test_exit_code", "exit_code"),
    [
        (CALL, 0, 0),
        (CALL, 1, 1),
        (f"{CALL}?limit=abc", 0, 1),
        (f"{CALL}?limit=abc", 1, 1),
        ("true", 0, 1),
    ],
)
def test_the_gitlab_job_fails_for_a_failed_test_a_violation_or_no_request(
    new_url: str, tmp_path: Path, call: str, test_exit_code: int, exit_code: int
) -> None:
    require_tool("curl")
    npm = f'[ "$1" = ci ] || {{ {call} >/dev/null; exit {test_exit_code}; }}'
    programs = tmp_path / "programs"
    write_program(programs, "npm", npm.replace("http://mockserver:8080", new_url))
    job = yaml_of("GitLab")["test"]
    environ = clean_environ(PATH=f"{programs}:{os.environ['PATH']}")
    codes = []
    for part in ("script", "after_script"):
        lines = job[part]
        assert isinstance(lines, list)
        script = "\n".join(lines).replace("http://mockserver:8080", new_url)
        ended = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=tmp_path,
            env=environ,
            stdout=subprocess.DEVNULL,
        )
        codes.append(ended.returncode)
    assert codes == [exit_code, 0]
    assert (tmp_path / "metrics.txt").exists(), "the check also runs after a failed test"
    assert "requests" in (tmp_path / "journal.json").read_text()


def test_the_commands_of_the_github_job_run_after_a_failed_test_too(
    new_url: str, tmp_path: Path
) -> None:
    """The test runs them without `docker exec`."""
    status_of(f"{new_url}{TRASH}")
    blocks = re.findall(r"```yaml\n(.*?)```", SECTIONS["GitHub Actions"], re.DOTALL)
    job, saving = map(yaml.safe_load, blocks)
    steps = [job["jobs"]["test"]["steps"][-1], *saving]
    assert [step["if"] for step in steps] == ["always()"] * 3
    with Shell(tmp_path, new_url) as shell:
        for step in steps[:2]:
            line = step["run"].removeprefix("docker exec ${{ job.services.mockserver.id }} ")
            assert shell.call(line).returncode == 0
    assert TRASH in (tmp_path / steps[2]["with"]["path"]).read_text()


@pytest.mark.parametrize(("query", "exit_code"), [("", 0), ("?limit=abc", 1), (None, 1)])
def test_the_job_without_a_container_starts_the_server_and_checks_it(
    tmp_path: Path, query: str | None, exit_code: int
) -> None:
    """A `git` that makes a folder with this server stands for the clone and its installation."""
    require_tool("curl")
    clone, port = tmp_path / "mockserver", free_port()
    programs = tmp_path / "programs"
    write_program(programs, "git", f'[ "$1" = clone ] && [ "${{@: -1}}" = "{clone}" ]')
    write_program(clone / ".venv/bin", "mockserver", MOCKSERVER)
    (clone / "tools").mkdir()
    (clone / "tools/environments.py").touch()
    environ = clean_environ(
        PATH=f"{programs}:{os.environ['PATH']}",
        RUNNER_TEMP=str(tmp_path),
        MOCKSERVER_PORT=str(port),
        MOCKSERVER_WORKERS="1",
    )
    steps = yaml_of("Without a container")["jobs"]["test"]
    assert isinstance(steps, dict)
    runs = [step for step in steps["steps"] if "name" in step]
    start, check = [step["run"].replace("8080", str(port)) for step in runs]
    assert runs[1]["if"] == "always()"
    starting = subprocess.Popen(["bash", "-ec", start], env=environ, start_new_session=True)
    try:
        assert starting.wait() == 0
        if query is not None:
            status_of(f"http://localhost:{port}{TRASH}{query}")
        assert subprocess.run(["bash", "-ec", check], env=environ).returncode == exit_code
    finally:
        os.killpg(starting.pid, signal.SIGTERM)
