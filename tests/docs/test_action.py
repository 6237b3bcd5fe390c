"""The shell steps of action/action.yml run with a `docker` that starts this server as a process."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers.console import named_files
from helpers.own_api import OWN_API_PAGE
from helpers.processes import clean_environ, free_port
from helpers.repository import ROOT
from helpers.shipped_api import TRASH
from helpers.tools import require_tool
from helpers.uploads import call_once

pytestmark = pytest.mark.server

ACTION = yaml.safe_load((ROOT / "action/action.yml").read_text())
SECTION = (ROOT / "docs/ci.md").read_text().partition("\n## The action\n")[2].partition("\n## ")[0]
JOB = yaml.safe_load(SECTION.partition("```yaml\n")[2].partition("```")[0])
STEPS: list[dict[str, Any]] = JOB["jobs"]["test"]["steps"]
USE = next(step for step in STEPS if "uses" in step and step.get("id") == "mock")
CHECK = STEPS[-1]

DOCKER = """#!/bin/bash
folder=$(dirname "$0")
case "$1" in
run)
    while [ $# -gt 1 ]; do
        case "$1" in
        --publish) port=$(cut -d : -f 2 <<<"$2") ;;
        --env-file) set -a; . "$2"; set +a ;;
        --env) export "$2" ;;
        esac
        shift
    done
    echo "$1" >"$folder/image"
    MOCKSERVER_PORT=$port MOCKSERVER_WORKERS=1 "PYTHON" -m mockserver serve >"$folder/log" 2>&1 &
    echo $! >"$folder/pid"
    echo $port >"$folder/port" ;;
container) if kill -0 "$(cat "$folder/pid")"; then echo true; else echo false; fi ;;
logs) cat "$folder/log" ;;
exec)
    shift 3
    exec "PYTHON" -m mockserver "${@//8080/$(cat "$folder/port")}" ;;
esac
"""


class Runner:
    """A runner of GitHub with one workspace: it runs the steps of the action."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder
        self.programs = folder / "programs"
        self.programs.mkdir()
        docker = self.programs / "docker"
        docker.write_text(DOCKER.replace("PYTHON", sys.executable))
        docker.chmod(0o755)
        self.outputs = folder / "outputs"
        self.outputs.touch()
        self.port = str(free_port())

    def use(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run the steps of the action until one fails."""
        values = {f"inputs.{name}": row.get("default") for name, row in ACTION["inputs"].items()}
        given = {**USE["with"], "port": self.port, **inputs}
        values |= {f"inputs.{name}": value for name, value in given.items()}
        assert values.keys() == {f"inputs.{name}" for name in ACTION["inputs"]}
        for step in ACTION["runs"]["steps"]:
            if "if" in step and not self._holds(step["if"], values):
                continue
            environ = {name: self._value(text, values) for name, text in step["env"].items()}
            ended = self.run(step["run"], **environ)
            if ended.returncode:
                break
        return ended

    def run(self, script: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a script as GitHub does."""
        variables = clean_environ(
            PATH=f"{self.programs}:{os.environ['PATH']}",
            RUNNER_TEMP=str(self.workspace),
            GITHUB_OUTPUT=str(self.outputs),
            **environ,
        )
        call = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(
            call, cwd=self.workspace, env=variables, capture_output=True, text=True
        )

    def output(self, name: str) -> str:
        """Return an output of the action."""
        expression = re.fullmatch(
            r"\$\{\{ steps\.(\w+)\.outputs\.(\w+) \}\}", ACTION["outputs"][name]["value"]
        )
        assert expression
        assert expression[1] in [step.get("id") for step in ACTION["runs"]["steps"]]
        lines = dict(line.split("=", 1) for line in self.outputs.read_text().splitlines())
        return lines[expression[2]]

    def stop(self) -> None:
        """Stop the server, if it was started."""
        pid = self.programs / "pid"
        if pid.exists():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid.read_text()), signal.SIGTERM)

    def _value(self, text: str, values: dict[str, Any]) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("steps."):
                return self.output(name.rpartition(".")[2])
            return str(values[name])

        return re.sub(r"\$\{\{ (\S+) \}\}", value, text)

    def _holds(self, condition: str, values: dict[str, Any]) -> bool:
        name, _, other = condition.partition(" != ")
        assert other == "''"
        return bool(values[name] != "")


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    for tool in ("curl", "jq"):
        require_tool(tool)
    (tmp_path / "vendor.apib").write_text(dict(named_files(OWN_API_PAGE))["notes.apib"])
    runner = Runner(tmp_path)
    yield runner
    runner.stop()


def test_the_action_starts_the_server_and_uploads_the_blueprint(runner: Runner) -> None:
    ended = runner.use(contract="next", settings="MOCKSERVER_TOKENS=reader=\nMOCKSERVER_SEED=7")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    url = runner.output("url")
    assert url == f"http://localhost:{runner.port}"
    assert (runner.programs / "image").read_text().strip() == USE["with"]["image"]
    uploaded = json.loads(ended.stdout)
    assert (uploaded["api"], uploaded["contract"]) == ("vendor", "next")
    settings = call_once(url, "GET", "/__admin/settings")[1]
    assert settings["seed"] == 7


@pytest.mark.parametrize(("query", "exit_code"), [("", 0), ("?limit=abc", 1)])
def test_the_check_of_the_job_finds_violations(runner: Runner, query: str, exit_code: int) -> None:
    assert runner.use(blueprint="", scenarios="empty-lists").returncode == 0
    url = runner.output("url")
    call = f"curl -s -H 'X-Access-Token: any' '{url}{TRASH}{query}'"
    response = runner.run(call).stdout
    assert query or json.loads(response)["trashed_push_notifications"] == []
    assert CHECK["if"] == "always()"
    script = CHECK["run"].replace("${{ steps.mock.outputs.container }}", runner.output("container"))
    assert runner.run(script).returncode == exit_code


def test_no_scenarios_of_the_job_leave_those_of_the_settings_on(runner: Runner) -> None:
    ended = runner.use(blueprint="", settings="MOCKSERVER_SCENARIOS=empty-lists")
    assert ended.returncode == 0, ended.stdout
    settings = call_once(runner.output("url"), "GET", "/__admin/settings")[1]
    assert settings["scenarios"] == ["empty-lists"]


def test_the_calls_of_the_action_use_no_proxy(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    ended = runner.use()
    assert ended.returncode == 0, ended.stdout + ended.stderr


UNUSUAL = "-a {b,c}&d=#1 $(touch here)"


@pytest.mark.parametrize("name", ["blueprint", "api", "contract"])
def test_unusual_characters_of_an_input_reach_the_server(runner: Runner, name: str) -> None:
    (runner.workspace / f"{UNUSUAL}.apib").write_text("# Nothing")
    inputs = {name: UNUSUAL}
    if name == "blueprint":
        inputs = {name: f"{UNUSUAL}.apib"}
    ended = runner.use(**inputs)
    assert ended.returncode != 0
    assert UNUSUAL in json.loads(ended.stdout)["detail"]
    assert not (runner.workspace / "here").exists()


def test_a_server_that_does_not_start_fails_the_step_with_its_log(runner: Runner) -> None:
    ended = runner.use(scenarios="unknown-scenario")
    assert ended.returncode == 1
    assert "unknown scenario 'unknown-scenario'" in ended.stdout
    assert "::error::" in ended.stdout
    assert runner.outputs.read_text() == ""


def test_an_invalid_blueprint_fails_the_step_with_its_messages(runner: Runner) -> None:
    (runner.workspace / "vendor.apib").write_text("# Nothing\n")
    ended = runner.use()
    assert ended.returncode != 0
    assert json.loads(ended.stdout)["messages"]


def test_an_invalid_name_fails_the_step_and_the_message_has_the_valid_form(runner: Runner) -> None:
    (runner.workspace / "vendor.apib").rename(runner.workspace / "my vendor.apib")
    ended = runner.use(blueprint="my vendor.apib")
    assert ended.returncode != 0
    assert "'my vendor'" in ended.stdout


def test_each_input_of_the_job_is_one_of_the_action() -> None:
    assert USE["with"].keys() <= ACTION["inputs"].keys()
    table = re.findall(r"^\| `(\w+)` \|", SECTION, re.MULTILINE)
    assert table == [*ACTION["inputs"], *ACTION["outputs"]]
