"""The scripts of the jobs in docs/contract-testing.md run, and do what the page states."""

import json
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any

import pytest
import yaml
from helpers.console import PUBLISHED_URL, Shell, named_files, sections
from helpers.own_api import OWN_API_PAGE
from helpers.processes import free_port, running_server
from helpers.repository import ROOT
from helpers.tools import require_tool
from helpers.uploads import call_once

pytestmark = pytest.mark.server

SECTIONS = sections((ROOT / "docs/contract-testing.md").read_text())
BLUEPRINT = "schemas/vendor/vendor.apib"
NOTES = dict(named_files(OWN_API_PAGE))["notes.apib"]
CHANGED = NOTES.replace('"text"', '"content"')
"""The next contract: a member of each response has another name."""
NPX = """
case "$2 $3" in *--shard=1/2) paths=notes;; *) paths=$SECOND;; esac
for path in $paths; do curl -sS -o /dev/null "$API_URL/$path"; done
"""
"""The tests of an app. The second shard requests what the variable SECOND has."""
PROGRAMS = {"pip": "exit 0", "npm": "exit 0", "npx": NPX, "gh": 'echo "$@" >> gh.log'}


def job_file(heading: str) -> dict[str, Any]:
    block = re.search(r"```yaml\n(.*?)```", SECTIONS[heading], re.DOTALL)
    assert block
    document: dict[str, Any] = yaml.safe_load(block[1])
    return document


GITHUB, GITLAB = job_file("GitHub Actions"), job_file("GitLab")
NEXT = job_file("Test against the next contract")["jobs"]["next"]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_server("--workers", "2") as process:
        yield process.url


class Checkout:
    """A clone with a branch that changes the blueprint, and the environment of the jobs."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.environ = folder / "clone", url, {}
        origin = folder / "origin"
        (origin / BLUEPRINT).parent.mkdir(parents=True)
        (origin / BLUEPRINT).write_text(NOTES)
        self.environ = Shell(folder).environ
        self.environ |= {"SECOND": "notes/1", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
        for name, text in PROGRAMS.items():
            path = folder / ".programs" / name
            path.write_text(f"#!/bin/bash\n{text}\n")
            path.chmod(0o755)
        identity = "-c user.name=a -c user.email=a@example.com"
        git = f"git init -qb main && git add . && git {identity} commit -qm one"
        subprocess.run(f"{git} && git clone -q . ../clone", shell=True, cwd=origin, check=True)

    def run(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a script as the runners do."""
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env={**self.environ, **variables},
            capture_output=True,
            text=True,
        )

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()


@pytest.fixture
def checkout(tmp_path: Path, url: str) -> Checkout:
    for tool in ("curl", "jq", "git", "node"):
        require_tool(tool)
    return Checkout(tmp_path, url)


def github_step(
    checkout: Checkout, job: Mapping[str, Any], name: str, **context: str
) -> subprocess.CompletedProcess[str]:
    """Run a step with the variables of the workflow and of the job."""
    variables: dict[str, str] = {}
    for variable, value in {**GITHUB["env"], **job["env"]}.items():
        for expression, replacement in context.items():
            dotted = expression.replace("__", ".")
            value = value.replace(f"${{{{ {dotted} }}}}", replacement)
        variables[variable] = value.replace(PUBLISHED_URL, checkout.url)
    script = next(step["run"] for step in job["steps"] if step.get("name") == name)
    return checkout.run(script, **variables)


def run_github_shards(checkout: Checkout) -> None:
    for shard in ("1", "2"):
        call_once(checkout.url, "DELETE", "/__admin/coverage")  # a new server
        for name in ("Upload the blueprint", "Test", "Save the coverage"):
            job = GITHUB["jobs"]["test"]
            result = github_step(checkout, job, name, matrix__shard=shard)
            assert result.returncode == 0, result.stderr


def test_the_github_jobs_report_what_a_branch_changes(checkout: Checkout) -> None:
    report = GITHUB["jobs"]["report"]
    run_github_shards(checkout)
    result = github_step(checkout, report, "Report the coverage")
    assert result.returncode == 0, result.stderr
    assert "## Contract coverage" in Path(checkout.environ["GITHUB_STEP_SUMMARY"]).read_text()
    assert f'filename="{BLUEPRINT}"' in checkout.read("cobertura.xml")
    assert "<skipped" in checkout.read("junit.xml")
    items = json.loads(checkout.read("coverage.json"))["items"]
    called = [item["id"] for item in items if item["covered"] and item["kind"] == "operation"]
    assert called == ["list-notes", "get-a-note"], "one operation of each shard"
    for name in ("Keep the coverage of the main branch", "Lose no coverage"):
        assert github_step(checkout, report, name).returncode == 0

    (checkout.folder / BLUEPRINT).write_text(CHANGED)
    checkout.environ["SECOND"] = ""
    run_github_shards(checkout)
    assert github_step(checkout, report, "Report the coverage").returncode == 0
    lost = github_step(checkout, report, "Lose no coverage")
    assert (lost.returncode, "get-a-note: not served" in lost.stderr) == (1, True)
    context = {"github__base_ref": "main", "github__event__pull_request__number": "7"}
    compared = github_step(checkout, report, "Compare the contracts", **context)
    assert compared.returncode == 1
    assert f"::error file={BLUEPRINT},line=" in compared.stdout
    assert "touch your tests: 1 test" in checkout.read("diff.md")
    comment = github_step(checkout, report, "Comment on the pull request", **context)
    assert comment.returncode == 0
    arguments = "pr comment 7 --edit-last --create-if-none --body-file diff.md\n"
    assert checkout.read("gh.log") == arguments


def test_the_comparison_passes_without_a_change_and_without_main_json(checkout: Checkout) -> None:
    job = GITHUB["jobs"]["report"]
    result = github_step(checkout, job, "Compare the contracts", github__base_ref="main")
    assert (result.returncode, result.stdout) == (0, "")
    (checkout.folder / BLUEPRINT).unlink()
    result = github_step(checkout, job, "Compare the contracts", github__base_ref="main")
    assert (result.returncode, "cannot be read" in result.stderr) == (1, True)


def test_the_github_jobs_have_the_least_permissions() -> None:
    assert GITHUB["permissions"] == {"contents": "read"}
    assert "permissions" not in GITHUB["jobs"]["test"]
    assert GITHUB["jobs"]["report"]["permissions"] == {
        "contents": "read",
        "pull-requests": "write",
    }


# GitLab -------------------------------------------------------------------------------------------


class GitLab(ThreadingHTTPServer):
    """The part of GitLab's API that the job calls: an artifact, and the notes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), GitLabHandler)
        self.artifact = b""
        self.notes: list[dict[str, Any]] = [{"id": 5, "body": "by a person"}]
        self.calls: list[str] = []


class GitLabHandler(BaseHTTPRequestHandler):
    server: GitLab

    def do_GET(self) -> None:
        if self.headers["PRIVATE-TOKEN"] != "secret":
            self.reply(401, b"{}")
        elif "/raw/coverage.json?job=report" not in self.path:
            self.reply(200, json.dumps(self.server.notes).encode())
        elif self.server.artifact:
            self.reply(200, self.server.artifact)
        else:
            self.reply(404, b"{}")

    def do_POST(self) -> None:
        self.write_note(len(self.server.notes) + 10)

    def do_PUT(self) -> None:
        self.write_note(int(self.path.rpartition("/")[2]))

    def write_note(self, number: int) -> None:
        note = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        others = [other for other in self.server.notes if other["id"] != number]
        self.server.notes = [*others, {"id": number, **note}]
        self.server.calls.append(f"{self.command} {self.path}")
        self.reply(200, b"{}")

    def reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    with GitLab() as api:
        thread = threading.Thread(target=api.serve_forever)
        thread.start()
        yield api
        api.shutdown()
        thread.join()


def gitlab_job(
    checkout: Checkout, name: str, part: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    job = GITLAB[name]
    for variable, value in {**GITLAB["variables"], **job["variables"]}.items():
        value = value.replace("http://mockserver:8080", checkout.url)
        variables[variable] = Template(value).safe_substitute(variables)
    return checkout.run("\n".join(job[part]), **variables)


def run_gitlab_shards(checkout: Checkout) -> None:
    for index in ("1", "2"):
        call_once(checkout.url, "DELETE", "/__admin/coverage")
        for part in ("script", "after_script"):
            result = gitlab_job(checkout, "test", part, CI_NODE_INDEX=index, CI_NODE_TOTAL="2")
            assert result.returncode == 0, result.stderr


def test_the_gitlab_jobs_report_what_a_branch_changes(checkout: Checkout, gitlab: GitLab) -> None:
    run_gitlab_shards(checkout)
    result = gitlab_job(checkout, "report", "script", CI_MERGE_REQUEST_IID="")
    assert result.returncode == 0, result.stderr
    assert re.search(GITLAB["report"]["coverage"].strip("/"), result.stdout, re.MULTILINE)
    assert (gitlab.calls, (checkout.folder / "diff.md").exists()) == ([], False)

    merge_request = {
        "CI_API_V4_URL": f"http://127.0.0.1:{gitlab.server_port}/api/v4",
        "CI_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_DEFAULT_BRANCH": "main",
        "CONTRACT_TOKEN": "secret",
    }
    result = gitlab_job(checkout, "report", "script", **merge_request)
    assert result.returncode == 0, "there is no artifact yet, and no change"
    gitlab.artifact = checkout.read("coverage.json").encode()
    (checkout.folder / BLUEPRINT).write_text(CHANGED)
    checkout.environ["SECOND"] = ""
    run_gitlab_shards(checkout)
    result = gitlab_job(checkout, "report", "script", **merge_request)
    assert (result.returncode, "get-a-note: not served" in result.stderr) == (1, True)
    notes = "/api/v4/projects/3/merge_requests/7/notes"
    assert gitlab.calls == [f"POST {notes}", f"PUT {notes}/11"]
    assert [note["id"] for note in gitlab.notes] == [5, 11]
    assert "touch your tests: 1 test" in gitlab.notes[1]["body"]

    result = gitlab_job(checkout, "report", "script", **{**merge_request, "CONTRACT_TOKEN": ""})
    assert (result.returncode, "The comment failed." in result.stdout) == (1, True)


# The next contract --------------------------------------------------------------------------------


@pytest.mark.parametrize(("contract", "member"), [("main", "text"), ("next", "content")])
def test_the_job_for_the_next_contract(checkout: Checkout, contract: str, member: str) -> None:
    (checkout.folder / "next").mkdir()
    (checkout.folder / "next/vendor.apib").write_text(CHANGED)
    checkout.url = f"http://localhost:{free_port()}"
    checkout.environ["MOCKSERVER_PORT"] = checkout.url.rpartition(":")[2]
    scripts = [step["run"] for step in NEXT["steps"] if "run" in step]
    variables = {}
    for name, value in NEXT["env"].items():
        variables[name] = value.replace(PUBLISHED_URL, checkout.url)
    variables["MOCKSERVER_CONTRACT"] = contract
    body = 'curl -sS "$API_URL/notes/1"; kill %1; wait'
    result = checkout.run("\n".join([*scripts, body]), **variables)
    assert f'"{member}"' in result.stdout, result.stderr
    assert "get-a-note" not in result.stderr
