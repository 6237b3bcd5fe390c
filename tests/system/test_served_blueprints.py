"""`mockserver serve FILE` as a process: no folders of schemas and fixtures."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from helpers.blueprint_folders import ITEMS, USERS, write_files
from helpers.processes import clean_environ, healthy_server, run_process, running_server

from mockserver import cli


def call(url: str, method: str = "GET", body: Any = None) -> tuple[int, Any]:
    """Return the status and the JSON of a response."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if data else {}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "api", items=ITEMS)


@pytest.fixture
def cache(tmp_path: Path) -> str:
    return str(tmp_path / "xdg")


@pytest.mark.parametrize("argument", ["items.apib", ".", "*.apib", "**/*.apib"])
def test_a_file_a_folder_and_a_pattern_are_served_with_state(
    folder: Path, cache: str, argument: str
) -> None:
    with healthy_server(argument, cwd=folder, XDG_CACHE_HOME=cache) as process:
        api = f"{process.url}/v1"
        status, created = call(f"{api}/items", "POST", {"name": "Ink"})
        assert status == 201
        assert call(f"{api}/items/{created['id']}") == (200, created)
        assert created in call(f"{api}/items")[1]
        assert call(f"{api}/items/1/weight", "POST") == (200, {"grams": 12})
        assert call(f"{api}/items/none")[0] == 400
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
        (line,) = process.stderr.read().splitlines()
        assert "items.apib:43:9: unknown type 'Unknown'" in line
        assert sorted(path.name for path in folder.iterdir()) == ["items.apib"]


def test_the_kept_api_answers_as_the_generated_one_in_several_workers(
    folder: Path, cache: str
) -> None:
    answers = []
    for options in (["--no-cache"], [], [], ["--store", "memory:", "--workers", "1"]):
        with healthy_server(
            "--workers", "2", *options, "items.apib", cwd=folder, XDG_CACHE_HOME=cache
        ) as process:
            answers.append(call(f"{process.url}/v1/items"))
    assert answers[0][0] == 200
    assert answers == [answers[0]] * 4


def test_two_apis_and_a_file_without_a_host(folder: Path, cache: str) -> None:
    write_files(folder, users=USERS, pets="HOST: https://pets.example.com/v2\n\n" + USERS)
    with running_server(
        "items.apib", "users.apib", "pets.apib", cwd=folder, XDG_CACHE_HOME=cache
    ) as process:
        assert "serves Shop at " in process.banner
        assert call(f"{process.url}/v1/users") == (200, {"name": "Anna"})
        assert call(f"{process.url}/v2/users") == (200, {"name": "Anna"})


def test_the_variable_names_files_where_no_arguments_are_possible(folder: Path, cache: str) -> None:
    write_files(folder, users=USERS)
    environ = {"XDG_CACHE_HOME": cache, "MOCKSERVER_FILES": "items.apib, users.apib"}
    with running_server(cwd=folder, **environ) as process:
        assert call(f"{process.url}/v1/users")[0] == 200


def test_processes_that_start_at_once_make_one_entry(folder: Path, cache: str) -> None:
    call_line = [sys.executable, "-m", "mockserver", "openapi", "items.apib"]
    environ = clean_environ(XDG_CACHE_HOME=cache)
    processes = [
        subprocess.Popen(call_line, cwd=folder, env=environ, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    documents = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert set(documents) == {documents[0]}
    assert "/v1" in documents[0].decode()
    assert len(list(Path(cache, "mockserver").iterdir())) == 1


def test_a_server_reloads_an_included_file(folder: Path, cache: str) -> None:
    (folder / "main.apib").write_text("# A\n\n<!-- include(part.md) -->\n")
    (folder / "part.md").write_text(USERS)
    with healthy_server("--reload", "main.apib", cwd=folder, XDG_CACHE_HOME=cache) as process:
        assert call(f"{process.url}/users")[1] == {"name": "Anna"}
        (folder / "part.md").write_text(USERS.replace("Anna", "Bob"))
        while call(f"{process.url}/users")[1] != {"name": "Bob"}:
            assert process.poll() is None
        (folder / "main.apib").write_text("# A\n")
        while not call(f"{process.url}/__admin/contract")[1]["reload_errors"]:
            assert process.poll() is None
        assert call(f"{process.url}/users")[1] == {"name": "Bob"}


@pytest.mark.parametrize("option", ["--schemas", "--fixtures"])
def test_files_together_with_folders_are_wrong_usage(folder: Path, cache: str, option: str) -> None:
    for command in ("serve", "openapi", "operations"):
        process = run_process(command, "items.apib", option, ".", cwd=folder, XDG_CACHE_HOME=cache)
        assert (process.returncode, process.stdout) == (2, "")
        assert process.stderr.startswith(f"mockserver: {option}: FILE needs no folders, because ")


def test_arguments_override_the_variables_of_folders(folder: Path, cache: str) -> None:
    environ = {"XDG_CACHE_HOME": cache, "MOCKSERVER_SCHEMAS": ".", "MOCKSERVER_FIXTURES": "."}
    process = run_process("operations", "items.apib", cwd=folder, **environ)
    assert process.returncode == 0
    assert "id        weigh-item" in process.stdout
    assert process.stderr.startswith("items.apib:43:9: warning: ")
    process = run_process("operations", MOCKSERVER_FILES="x.apib", cwd=folder, **environ)
    assert process.returncode == 2
    expected = "mockserver: MOCKSERVER_SCHEMAS and MOCKSERVER_FIXTURES: MOCKSERVER_FILES needs no"
    assert process.stderr.startswith(expected)


@pytest.mark.parametrize(
    ("argument", "code", "text"),
    [
        ("none.apib", 1, "none.apib:1:1: the file cannot be read: No such file or directory"),
        ("*.raml", 2, "mockserver: FILE: no blueprint matches '*.raml'"),
        ("prose.md", 1, "prose.md:1:3: no operation can be served"),
    ],
)
def test_an_argument_without_an_operation_is_an_error(
    folder: Path, cache: str, argument: str, code: int, text: str
) -> None:
    (folder / "prose.md").write_text("# Notes\n\nText.\n")
    process = run_process("serve", argument, "--port=0", cwd=folder, XDG_CACHE_HOME=cache)
    assert (process.returncode, process.stdout) == (code, "")
    assert process.stderr.startswith(text)


def test_a_folder_is_checked_file_by_file(folder: Path) -> None:
    write_files(folder, more=ITEMS.replace("HOST", "MORE"), users=USERS, prose="# Notes\n")
    process = run_process("check", ".", cwd=folder)
    assert process.returncode == 0
    assert process.stdout.splitlines() == [
        "items.apib: OK, 4 operations served, 0 refused; 0 errors, 1 warning",
        "more.apib: OK, 4 operations served, 0 refused; 0 errors, 1 warning",
        "users.apib: OK, 1 operation served, 0 refused; 0 errors, 0 warnings",
    ]
    assert process.stderr.count("[B604]") == 4
    process = run_process("check", "p*", cwd=folder)
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr.startswith("prose.apib: error: no file has an operation; ")


@pytest.mark.parametrize("name", ["items.apib", "none.apib", "."])
def test_a_file_instead_of_a_command_hints_at_serve(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    assert cli.main([name, "--port", "1"]) == 2
    expected = f"'{name}' is not a command; to serve this file, run `mockserver serve {name}`"
    assert capsys.readouterr().err == f"mockserver: {expected}\n"
