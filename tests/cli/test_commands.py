"""The commands as processes: exit codes, output and errors."""

import importlib
import json
import re
import shlex
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from helpers.processes import run_command, run_process, running_server
from helpers.repository import ROOT
from helpers.shipped_api import CANCEL

from mockserver import __version__
from mockserver.cli.command_parser import command_parser
from mockserver.cli.commands import EXAMPLES, module_name
from mockserver.cli.parser import find_command
from mockserver.config.shipped import FIXTURES, SCHEMAS

SUMMARIES = {
    "serve": "Serve the API.",
    "init": "Create the schemas and fixtures of an API from its blueprint.",
    "check": "Validate blueprints, schemas, records and scenarios, and report every error.",
    "scenario": "Switch scenarios on and off on a running server.",
    "journal": "Show the requests of a running server; fail on violations or unmatched requests.",
    "coverage": "Report which parts of the contract were served; fail if too few were.",
    "scenario new": "Write the file of a new scenario from a recipe.",
    "operations": "List the operations with their statuses and scenarios.",
    "diff": "Compare two contracts, and report whom each change breaks.",
    "openapi": "Print the OpenAPI 3.1 document.",
    "schemas": "Generate JSON Schema files from the blueprints.",
    "fixtures": "Generate record files from the recipes.",
    "completion": "Print the completion script for a shell.",
}


def test_version_and_help_are_printed() -> None:
    assert run_process("--version").stdout == f"mockserver {__version__}\n"
    listed = re.findall(
        r"^    ([a-z]+(?: new)?) +(.+)$", run_process("--help", COLUMNS="200").stdout, re.MULTILINE
    )
    assert dict(listed) == SUMMARIES
    assert [name for name, _ in listed] == [*SUMMARIES]


@pytest.mark.parametrize("name", SUMMARIES)
def test_each_command_has_help(name: str) -> None:
    words = name.split()
    ended = run_process(*words, "--help") if name == "serve" else run_command(*words, "--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert SUMMARIES[name] in " ".join(ended.stdout.split())
    assert f"  mockserver {name}" in ended.stdout
    without_folders = ("scenario", "journal", "coverage", "completion")
    assert ("--schemas" in ended.stdout) == (name not in without_folders)


WRONG = [
    ([], 2, "Start with `mockserver serve`"),
    (["nope"], 2, "unknown command 'nope'; `mockserver --help` lists all commands"),
    (
        ["serve", "--port", "x"],
        2,
        "mockserver: --port: expected an integer from 0 to 65535, got 'x'",
    ),
    (
        ["serve", "--scenario", "nope", "--port", "0"],
        2,
        "mockserver: --scenario (MOCKSERVER_SCENARIOS): unknown scenario 'nope'",
    ),
    (["check", "--schemas", "/nowhere"], 2, "expected an existing folder"),
    (
        ["check", "--schemas", "tests"],
        1,
        "no API found; expected a folder NAME with the blueprint NAME.apib",
    ),
    (["scenario", "on"], 2, "scenario on: name of a scenario required"),
    (["journal", "--fail-on", ","], 2, "--fail-on: expected one or more of violations, unmatched"),
    (
        ["journal", "--fail-on", "nope"],
        2,
        "--fail-on: unknown reason nope; expected one or more of violations, unmatched",
    ),
    (["journal", "--sandbox", "not/x"], 2, "--sandbox: invalid sandbox name 'not/x'"),
    (
        ["scenario", "list", "--url", "localhost:1"],
        2,
        "invalid server URL 'localhost:1'; expected http://HOST:PORT",
    ),
    (
        ["scenario", "list", "--url", "http://localhost:abc"],
        2,
        "invalid server URL 'http://localhost:abc'; expected http://HOST:PORT",
    ),
    (
        ["scenario", "list", "--url", "http://[::1"],
        2,
        "invalid server URL 'http://[::1'; expected http://HOST:PORT",
    ),
    (
        ["scenario", "list", "--url", "http://x y:80"],
        2,
        "invalid server URL 'http://x y:80'; expected http://HOST:PORT",
    ),
    (
        ["scenario", "list", "--url", "http://127.0.0.1:1"],
        1,
        "no mock server is reachable at http://127.0.0.1:1",
    ),
]


@pytest.mark.parametrize(
    ("arguments", "code", "message"), WRONG, ids=[" ".join(a) for a, _, _ in WRONG]
)
def test_wrong_usage_is_reported_without_a_traceback(
    arguments: list[str], code: int, message: str
) -> None:
    ended = run_process(*arguments) if "serve" in arguments else run_command(*arguments)
    assert ended.returncode == code, ended.stderr
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr


def test_serve_reports_the_errors_of_independent_steps_on_a_line_each() -> None:
    ended = run_process(
        "serve",
        "--port",
        "0",
        "--scenario",
        "nope",
        "--token",
        "any=nope",
        "--store",
        "memory:",
        "--workers",
        "2",
    )
    lines = ended.stderr.splitlines()
    assert ended.returncode == 2
    assert [line.split(":")[:2] for line in lines] == [
        ["mockserver", " --scenario (MOCKSERVER_SCENARIOS)"],
        ["mockserver", " --token any"],
        ["mockserver", " --workers"],
    ]


def test_check_finds_no_error_in_the_shipped_files() -> None:
    ended = run_process("check")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("push_notifications: OK (5 operations, ")


def test_check_reports_the_errors_of_all_files_together(shipped: Path) -> None:
    folder = shipped / "fixtures/push_notifications"
    (folder / "effects.yaml").write_text(
        (folder / "effects.yaml").read_text().replace("not_found: 404", "not_found: 410", 1)
    )
    (folder / "scenarios/slow.yaml").write_text("title: Slow\n\tdelay: 2\n")
    ended = run_command(
        "check", "--schemas", str(shipped / "schemas"), "--fixtures", str(shipped / "fixtures")
    )
    assert ended.returncode == 1
    assert ended.stderr.count("effects.yaml:16:") == 1
    assert ended.stderr.count("slow.yaml:2:1: error: invalid YAML") == 1


def test_operations_lists_operations_statuses_and_scenarios() -> None:
    text = run_process("operations").stdout
    assert "DELETE /api/push_notifications/{push_notification_id}/exports/{export_id}" in text
    assert "finished-export-cancel: Canceling a finished export is refused" in text
    assert f"{CANCEL}-400" in text


def test_openapi_prints_the_served_document(live: str) -> None:
    with urllib.request.urlopen(f"{live}/openapi.json") as response:
        assert json.loads(run_process("openapi").stdout) == json.load(response)


def test_scenarios_are_switched_from_the_command_line(live: str) -> None:
    assert (
        run_command("scenario", "on", "empty-lists", "slow", "--url", live).stdout
        == "empty-lists is on\nslow is on\n"
    )
    listed = run_command("scenario", "list", "--url", live).stdout
    assert "on   empty-lists" in listed
    assert re.search(rf"off  {CANCEL}-400 .* {CANCEL}$", listed, re.MULTILINE)
    assert (
        run_command("scenario", "off", "empty-lists", "slow", "--url", live).stdout
        == "empty-lists is off\nslow is off\n"
    )
    unknown = run_command("scenario", "on", "nope", "--url", live)
    assert unknown.returncode == 1
    assert "unknown scenario 'nope'; expected one of" in unknown.stderr


def test_two_folders_are_enough_for_a_second_api(shipped: Path) -> None:
    folder = shipped / "schemas/polls"
    folder.mkdir()
    (folder / "polls.apib").write_text((ROOT / "tests/second_api/polls.apib").read_text())
    ended = run_command(
        "operations", "--schemas", str(shipped / "schemas"), "--fixtures", str(shipped / "fixtures")
    )
    assert ended.returncode == 0, ended.stderr
    assert "GET /v1/questions/{question_id}" in ended.stdout
    assert "DELETE /api/push_notifications" in ended.stdout


@pytest.mark.parametrize(
    "arguments", [["operations"], ["openapi"], ["schemas", "--check"], ["check"]], ids=" ".join
)
def test_each_command_uses_the_folders_in_the_environment(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "polls").mkdir()
    (tmp_path / "polls/polls.apib").write_text((ROOT / "tests/second_api/polls.apib").read_text())
    monkeypatch.setenv("MOCKSERVER_SCHEMAS", str(tmp_path))
    monkeypatch.setenv("MOCKSERVER_FIXTURES", str(tmp_path))
    process = run_command(*arguments)
    assert "question" in process.stdout + process.stderr
    assert "push_notification" not in process.stdout + process.stderr
    flags = run_command(*arguments, "--schemas", str(SCHEMAS), "--fixtures", str(FIXTURES))
    assert "question" not in flags.stdout + flags.stderr, "a flag beats the variable"


def test_journal_exits_with_1_for_the_reasons_of_fail_on(live: str) -> None:
    base = f"{live}/~job"
    for path in ("/api/push_notifications/trash?limit=x", "/api/nothing"):
        request = urllib.request.Request(base + path, headers={"X-Access-Token": "any"})
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(request)
    ended = run_command("journal", live, "--sandbox", "job", "--fail-on", "violations,unmatched")
    assert ended.returncode == 1
    assert "query/limit: expected an integer from 0 to 1000" in ended.stdout
    assert "closest is" in ended.stdout
    assert "2 of 2 exchanges with violations or unmatched" in ended.stdout
    assert (
        run_command("journal", live, "--sandbox", "other", "--fail-on", "violations").returncode
        == 0
    )
    assert run_command("journal", f"{live}/~other", "--fail-on", "violations").returncode == 0
    ended = run_command("journal", live, "--fail-on", "violations,unmatched")
    assert ended.returncode == 1, (
        "each test has a sandbox: without a name, the journals of all are read"
    )
    assert re.search(
        r"^job +404 +GET +/api/nothing|^404 +GET +/api/nothing", ended.stdout, re.MULTILINE
    )


def test_a_full_journal_is_reported_because_exchanges_may_be_missing() -> None:
    with running_server("--workers", "1", "--journal-size", "2") as process:
        for number in range(3):
            request = urllib.request.Request(
                f"{process.url}/api/nothing/{number}", headers={"X-Access-Token": "any@full"}
            )
            with pytest.raises(urllib.error.HTTPError):
                urllib.request.urlopen(request)
        ended = run_command("journal", process.url, "--fail-on", "violations")
    assert (ended.returncode, ended.stdout) == (0, "0 of 2 exchanges with violations\n")
    assert (
        "warning: the journal of sandbox full is full (2 exchanges, --journal-size); "
        "older exchanges may be missing" in ended.stderr
    )


def test_a_journal_without_a_request_fails_for_empty(live: str) -> None:
    base = f"{live}/~nobody"
    for reasons, code in (("violations,unmatched", 0), ("empty", 1), ("violations,empty", 1)):
        ended = run_command("journal", base, "--fail-on", reasons)
        assert ended.returncode == code, reasons
        assert ("--fail-on empty: no request arrived" in ended.stderr) == bool(code)
    request = urllib.request.Request(
        f"{base}/api/push_notifications/trash", headers={"X-Access-Token": "any"}
    )
    urllib.request.urlopen(request).close()
    ended = run_command("journal", base, "--fail-on", "empty")
    assert (ended.returncode, ended.stdout) == (0, "1 exchange, so the journal is not empty\n")


def test_a_server_without_a_journal_fails_for_each_reason() -> None:
    with running_server("--workers", "1", "--journal-size", "0") as process:
        assert run_command("journal", process.url).returncode == 0
        for reason in ("violations", "unmatched", "empty"):
            ended = run_command("journal", process.url, "--fail-on", reason)
            assert (ended.returncode, ended.stdout) == (1, "")
            assert f"--fail-on {reason}: the server keeps no journal" in ended.stderr


@pytest.mark.parametrize("command", [["scenario", "list"], ["journal"], ["coverage"]], ids=" ".join)
def test_the_url_of_the_server_can_come_from_the_environment(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_PORT", "2")
    assert "http://localhost:2: " in run_command(*command).stderr
    monkeypatch.setenv("MOCKSERVER_URL", "http://127.0.0.1:1")
    assert "http://127.0.0.1:1: " in run_command(*command).stderr


def test_the_port_has_a_short_flag() -> None:
    assert run_process("serve", "-p", "x").stderr.startswith("mockserver: --port: expected")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_a_command_are_valid(name: str) -> None:
    for call in EXAMPLES[name]:
        line = call.removeprefix('eval "$(').removesuffix(')"').partition(" > ")[0]
        words = shlex.split(re.sub("^MOCKSERVER_URL=[^ ]+ ", "", line))
        assert words[0] == "mockserver"
        command, arguments = find_command(words[1:])
        if "--help" not in arguments:
            parser = command_parser(command, importlib.import_module(module_name(command)))
            parser.parse_command(arguments)


def test_an_empty_web_concurrency_is_ignored() -> None:
    assert run_process("serve", "--scenario", "nope", WEB_CONCURRENCY="").stderr.startswith(
        "mockserver: --scenario"
    )


def test_web_concurrency_sets_the_number_of_workers() -> None:
    ended = run_process("serve", "--store", "memory:", "--port", "0", WEB_CONCURRENCY="3")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(
        "mockserver: --workers: the store memory: belongs to one process, so 3 workers would "
    )


def test_an_invalid_web_concurrency_exits_with_2() -> None:
    ended = run_process("check", WEB_CONCURRENCY="abc")
    assert (ended.returncode, ended.stderr) == (
        2,
        "mockserver: WEB_CONCURRENCY: expected an integer from 1 to 64, got 'abc'\n",
    )
