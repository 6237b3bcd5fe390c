"""Typical mistakes: the last line of each states what to type instead."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from helpers.processes import run_command, run_process
from helpers.repository import ROOT

BLUEPRINT = "tests/second_api/polls.apib"
OPENAPI = "openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\npaths: {}\n"

MISTAKES: list[tuple[list[str], int, str]] = [
    # Commands
    (["start"], 2, "mockserver: unknown command 'start'; did you mean `mockserver serve`?"),
    (["servr"], 2, "mockserver: unknown command 'servr'; did you mean `mockserver serve`?"),
    (["SERVE"], 2, "mockserver: unknown command 'SERVE'; did you mean `mockserver serve`?"),
    (["a" * 300], 2, "; `mockserver --help` lists all commands"),
    ([""], 2, "mockserver: unknown command ''; `mockserver --help` lists all commands"),
    (["help", "serve"], 2, "help is an option; type `mockserver serve --help`"),
    (["help"], 2, "mockserver: unknown command 'help'; did you mean `mockserver --help`?"),
    (
        [BLUEPRINT],
        2,
        f"mockserver: '{BLUEPRINT}' is not a command; to serve this file, run "
        f"`mockserver serve {BLUEPRINT}`",
    ),
    (
        ["--port", "9000", "serve"],
        2,
        "mockserver: --port: options follow the command; type `mockserver serve --port ...`",
    ),
    (["help", "scenario", "new"], 2, "option; type `mockserver scenario new --help`"),
    (["-v"], 2, "mockserver: unknown option -v; did you mean `mockserver --version`?"),
    (["--hlep"], 2, "mockserver: unknown option --hlep; did you mean `mockserver --help`?"),
    # Options
    (["serve", "--prot", "9000"], 2, "unknown option --prot; did you mean --port?"),
    (["check", "--stict"], 2, "unknown option --stict; did you mean --strict?"),
    (
        ["scenario", "on", "slow", "--delay", "2"],
        2,
        "scenario: unknown option --delay; see `mockserver scenario --help`",
    ),
    (["serve", "--port="], 2, "--port: expected an integer from 0 to 65535, got ''"),
    (["serve", "--port", "99999"], 2, "--port: expected an integer from 0 to 65535, got '99999'"),
    (["serve", "-p"], 2, "serve: -p/--port: value required"),
    (["check", "--format", "jsn"], 2, "github, sarif, got 'jsn'; did you mean 'json'?"),
    (["init"], 2, "mockserver: init: FILE required; see `mockserver init --help`"),
    (["schemas", "polls"], 2, "unexpected argument 'polls'; see `mockserver schemas --help`"),
    # Files and folders
    (
        ["serve", "tests/second_api/pols.apib"],
        1,
        f"the file cannot be read: No such file or directory; did you mean '{BLUEPRINT}'?",
    ),
    (
        ["serve", "tests\\second_api\\polls.apib"],
        1,
        f"the file cannot be read: No such file or directory; did you mean '{BLUEPRINT}'?",
    ),
    (
        ["check", "tests/secondapi/polls.apib"],
        1,
        "No such file or directory; the folder 'tests/secondapi' does not exist",
    ),
    (
        ["serve", "docs/site"],
        2,
        "FILE: no blueprint matches 'docs/site'; "
        "expected at least one file with the suffix .apib or .md",
    ),
    (
        ["serve", "fixtures/push_notifications/scenarios/slow.yaml"],
        1,
        "To use a file of scenarios, name its folder with --scenarios",
    ),
    (
        ["serve", "--schemas", BLUEPRINT],
        2,
        f"--schemas: expected a folder, got the file '{BLUEPRINT}': to serve a blueprint, run "
        "`mockserver serve FILE`; to create both folders from it, run `mockserver init FILE`",
    ),
    (["serve", "--schemas", ""], 2, "--schemas: expected an existing folder, got ''"),
    (["check", "--scenarios", ""], 2, "--scenario NAME (MOCKSERVER_SCENARIOS), got ''"),
    (["schemas", "--schemas", ""], 2, "--schemas: expected an existing folder, got ''"),
    (
        ["operations", "http://localhost:8080"],
        2,
        "FILE: expected a file, got the URL 'http://localhost:8080'; download it first",
    ),
    (
        ["coverage", "C:\\coverage.json"],
        1,
        "No such file or directory; expected a file, or a URL such as http://localhost:8080",
    ),
    # Scenarios
    (
        ["serve", "--scenario", "slw", "--port", "0"],
        2,
        "slow; did you mean 'slow'?",
    ),
    (
        ["serve", "--scenario", "slow,empty-lists", "--port", "0"],
        2,
        "slow; repeat the flag: --scenario slow --scenario empty-lists",
    ),
    (
        ["serve", "--scenarios", "slow"],
        2,
        "--scenarios: expected an existing folder; to switch a scenario on, use --scenario NAME "
        "(MOCKSERVER_SCENARIOS), got 'slow'",
    ),
    (
        ["serve", "--scenarios", "fixtures/push_notifications/scenarios/slow.yaml"],
        2,
        "--scenarios: expected the folder of scenario files, without the name of a file, got "
        "'fixtures/push_notifications/scenarios/slow.yaml'",
    ),
    (
        ["serve", "--scenario", "./scenarios", "--port", "0"],
        2,
        "; to read scenarios of a folder, use --scenarios FOLDER (MOCKSERVER_SCENARIOS_FOLDER)",
    ),
    (["scenario", "onn", "slow"], 2, "on, off, list, new, got 'onn'; did you mean 'on'?"),
    (
        ["scenario", "on"],
        2,
        "scenario on: name of a scenario required; see `mockserver scenario list`",
    ),
    (
        ["scenario", "--sandbox", "anna", "new", "later"],
        2,
        "scenario: options follow `new`; type `mockserver scenario new NAME ...`",
    ),
    (
        ["scenario", "new", "later.yaml", "--recipe", "slow"],
        2,
        "expected at most 100 letters, digits, . _ and -, without the suffix .yaml",
    ),
    (
        ["scenario", "new", "Aux.later", "--recipe", "slow"],
        2,
        "mockserver: 'Aux.later' is a device on Windows; choose another name",
    ),
    # Servers
    (
        ["serve", "--host", "a" * 100],
        1,
        f"mockserver: cannot listen on '{'a' * 100}': invalid name of a host",
    ),
    (
        ["scenario", "list", "http://localhost:8080"],
        2,
        "scenario list: takes no names; name a server with --url",
    ),
    (
        ["scenario", "on", "slow", "http://localhost:8080"],
        2,
        "name of a scenario, got 'http://localhost:8080'; name a server with --url",
    ),
    (["scenario", "on", "\udcff"], 1, "mockserver: '\\udcff' is not UTF-8"),
    (["coverage", ""], 2, "mockserver: invalid server URL ''; expected http://HOST:PORT"),
    (["journal", "http://localhost:1/a b"], 2, "1/a b'; expected http://HOST:PORT"),
    (["journal", "http://localhost:1/é"], 2, "1/é'; expected http://HOST:PORT"),
    (["journal", f"http://{'a' * 100}:1"], 2, "a:1'; expected http://HOST:PORT"),
    (
        ["journal", "localhost:8080"],
        2,
        "mockserver: invalid server URL 'localhost:8080'; expected http://HOST:PORT; "
        "did you mean http://localhost:8080?",
    ),
    (
        ["journal", "--url", "http://localhost:8080"],
        2,
        "journal: unknown option --url; type the value without it; see `mockserver journal --help`",
    ),
    (
        ["coverage", "--url=http://localhost:8080"],
        2,
        "unknown option --url; type the value without it; see `mockserver coverage --help`",
    ),
    (["coverage", "localhost:8080"], 2, "HOST:PORT; did you mean http://localhost:8080?"),
    (
        ["journal", "http://127.0.0.1:1"],
        1,
        "start one with `mockserver serve`, or name another URL (MOCKSERVER_URL)",
    ),
    (["journal", "--fail-on", "unmached"], 2, "comma-separated; did you mean 'unmatched'?"),
]
"""A call, its exit code, and the end of the last line of its output."""


def last_line(*arguments: str, **environ: str) -> tuple[int, str]:
    if "serve" in arguments or environ:
        ended = run_process(*arguments, **environ)
    else:
        ended = run_command(*arguments)
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "code", "end"), MISTAKES, ids=[" ".join(call) for call, _, _ in MISTAKES]
)
def test_a_mistake_is_answered_with_what_to_type(arguments: list[str], code: int, end: str) -> None:
    if arguments[0] == "check" and arguments[-1].endswith(".apib"):
        ended = run_command(*arguments)
        assert (ended.returncode, end in ended.stderr) == (code, True)
        return
    actual_code, line = last_line(*arguments)
    assert (actual_code, line[-len(end) :]) == (code, end)


def test_an_option_may_stand_between_arguments() -> None:
    code, line = last_line("scenario", "on", "--url", "http://127.0.0.1:1", "slow")
    assert (code, line.endswith("name another URL (MOCKSERVER_URL)")) == (1, True), line


@pytest.mark.parametrize("command", ["journal", "scenario", "coverage"])
def test_a_default_url_may_have_a_percent_sign(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_URL", "http://mock/~a%20b")
    words = run_command(command, "--help").stdout.split()
    assert "http://mock/~a%20b." in words


def test_a_document_of_another_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(OPENAPI)
    code, line = last_line("init", str(tmp_path / "shop.yaml"))
    assert code == 1
    assert line.endswith("such as Prism, or convert it to API Blueprint")


def test_init_does_not_run_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_SCHEMAS", str(tmp_path / "schemas"))
    monkeypatch.setenv("MOCKSERVER_FIXTURES", str(tmp_path / "fixtures"))
    assert run_command("init", BLUEPRINT).returncode == 0
    code, line = last_line("init", BLUEPRINT)
    assert (code, line.endswith("choose another --name")) == (2, True), line


def test_a_variable_with_a_wrong_value_is_named() -> None:
    code, line = last_line("serve", MOCKSERVER_PORT="abc")
    expected = "mockserver: MOCKSERVER_PORT: expected an integer from 0 to 65535, got 'abc'"
    assert (code, line) == (2, expected)


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code, line = last_line("serve", "--host", "127.0.0.1", "-p", str(port))
    expected = f"port {port} of 127.0.0.1 is already in use; choose another with --port"
    assert (code, line) == (1, f"mockserver: {expected}")


def test_a_scenario_that_the_server_does_not_have_is_named(live: str) -> None:
    code, line = last_line("scenario", "on", "empty-list", "--url", live)
    assert (code, line.endswith("; did you mean 'empty-lists'?")) == (1, True), line


@pytest.mark.parametrize("path", ["api", "__admin/", "docs"])
def test_a_url_with_another_path_is_corrected(live: str, path: str) -> None:
    code, line = last_line("scenario", "list", "--url", f"{live}/{path}")
    expected = f"use the URL without this path: {live}"
    assert (code, line.endswith(expected)) == (1, True), line


class OtherServer(BaseHTTPRequestHandler):
    """Another server that responds with JSON."""

    def do_GET(self) -> None:
        """Respond with an empty object; below /page with a page."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>" if self.path.startswith("/page") else b"{}")

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def other_url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), OtherServer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("command", [["journal"], ["scenario", "list", "--url"]])
@pytest.mark.parametrize("path", ["", "/page"])
def test_another_server_is_recognized(other_url: str, command: list[str], path: str) -> None:
    code, line = last_line(*command, other_url + path)
    assert code == 1
    assert f"the server at {other_url}{path} is not a mock server: " in line
    assert line.endswith("; check the port; `mockserver serve` prints its URL")


def test_an_extra_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "shtab.py").write_text("raise ModuleNotFoundError(name='shtab')\n")
    code, line = last_line("completion", "bash", PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert code == 1
    assert line.endswith("requires the package shtab: pip install 'apib-mockserver[completion]'")


def test_options_may_stand_between_arguments(live: str) -> None:
    server = ("--url", live, "--sandbox", "options-between")
    ended = run_command("scenario", "on", "slow", *server, "empty-lists")
    assert ended.stdout == "slow is on\nempty-lists is on\n"
    ended = run_command("scenario", *server, "off", "slow")
    assert ended.stdout == "slow is off\n"


def test_a_folder_with_the_name_of_a_thing_is_not_taken_for_a_blueprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").mkdir()
    ended = run_command("scenarios")
    assert ended.stderr.endswith("did you mean `mockserver scenario list`?\n")
