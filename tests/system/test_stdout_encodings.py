"""A stdout that is not UTF-8: every command prints its output, without a traceback."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest
from helpers.processes import clean_environ, run_process, running_server

BLUEPRINT = """FORMAT: 1A
HOST: https://x.test/api

# Übersicht 日本

## Größen [/größen/{id}]

### Läse Grüße 😀 [GET]

+ Parameters
    + id: `ß1` (string, required)

+ Response 200 (application/json)

        {"größe": "ä"}
"""
LOCALES = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
WIDE = ["ascii", "latin-1"]
"""In C, file names are ASCII too, and files that are named otherwise cannot be used."""
COMMANDS = [
    "check",
    "operations",
    "openapi",
    "schemas",
    "schemas --check",
    "fixtures",
    "fixtures --check",
]
FOLDERS = ("--schemas", "schemas", "--fixtures", "fixtures")
RUN_ALL = """
import json, os, sys, tempfile, traceback
from mockserver.cli import main

results = []
for call in json.loads(sys.argv[1]):
    with tempfile.TemporaryFile() as output:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        try:
            code = main(call)
        except SystemExit as end:
            code = end.code
        except BaseException:
            traceback.print_exc()
            code = "traceback"
        sys.stdout.flush()
        sys.stderr.flush()
        output.seek(0)
        results.append([code or 0, output.read().decode("latin-1")])
with open(sys.argv[2], "w", encoding="ascii") as file:
    json.dump(results, file)
"""
"""Runs several commands in one process, because starting a process takes longer than a command."""


@pytest.fixture(scope="module")
def api_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an API whose names are not ASCII."""
    folder = tmp_path_factory.mktemp("api")
    (folder / "ue.apib").write_text(BLUEPRINT, encoding="utf-8")
    assert run_process("init", "ue.apib", cwd=folder, PYTHONUTF8="1").returncode == 0
    scenarios = folder / "fixtures/ue/scenarios"
    scenarios.mkdir()
    (scenarios / "größe.yaml").write_text(
        "title: Größe 😀\noperations: [läse-grüße]\nstatus: 200\n", encoding="utf-8"
    )
    return folder


def run(folder: Path, locale: str, *calls: list[str]) -> list[tuple[int | str, bytes]]:
    """Run commands in one process. Return the exit code and the output of each."""
    with tempfile.TemporaryDirectory() as results:
        path = Path(results) / "results.json"
        call = [sys.executable, "-c", RUN_ALL, json.dumps(calls), str(path)]
        subprocess.run(call, cwd=folder, env=clean_environ(**LOCALES[locale]), check=True)
        return [(code, output.encode("latin-1")) for code, output in json.loads(path.read_text())]


@cache
def run_commands(folder: Path, locale: str) -> dict[str, tuple[int | str, bytes]]:
    """Run each of `COMMANDS` in a locale, in one process."""
    return dict(
        zip(
            COMMANDS,
            run(folder, locale, *([*call.split(), *FOLDERS] for call in COMMANDS)),
            strict=True,
        )
    )


@pytest.mark.parametrize("call", COMMANDS)
@pytest.mark.parametrize("locale", LOCALES)
def test_no_command_ends_in_a_traceback(api_folder: Path, call: str, locale: str) -> None:
    code, output = run_commands(api_folder, locale)[call]
    assert b"Traceback" not in output
    if locale not in WIDE and call != "fixtures --check":
        assert code == 1
        assert b"set PYTHONUTF8=1, or a locale such as C.UTF-8" in output
    else:
        assert code == 0


@pytest.mark.parametrize("locale", LOCALES)
def test_a_separate_process_ends_without_a_traceback(api_folder: Path, locale: str) -> None:
    call = [sys.executable, "-m", "mockserver", "check", *FOLDERS]
    ended = subprocess.run(
        call, cwd=api_folder, env=clean_environ(**LOCALES[locale]), capture_output=True
    )
    code, output = run_commands(api_folder, locale)["check"]
    assert ended.returncode == code
    # In one process both outputs are one stream.
    assert sorted((ended.stdout + ended.stderr).splitlines()) == sorted(output.splitlines())


@pytest.mark.parametrize("locale", WIDE)
def test_openapi_is_utf_8_in_every_locale(api_folder: Path, locale: str) -> None:
    _, output = run_commands(api_folder, locale)["openapi"]
    assert json.loads(output.decode("utf-8"))["info"]["title"] == "Übersicht 日本"


@pytest.mark.parametrize("locale", WIDE)
def test_init_and_invalid_files_are_reported(api_folder: Path, tmp_path: Path, locale: str) -> None:
    shutil.copytree(api_folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "fixtures/ue/scenarios/bad.yaml").write_text(
        "title: ä\noperations: [xöx]\nstatus: 200\n", encoding="utf-8"
    )
    init = ["init", "ue.apib", "--schemas", "new/schemas", "--fixtures", "new/fixtures"]
    checked, initialized = run(tmp_path, locale, ["check", *FOLDERS], init)
    assert (checked[0], checked[1].count(b"bad.yaml:2:14: error: unknown operation 'x")) == (1, 1)
    assert (initialized[0], b"Traceback" in initialized[1]) == (0, False)


@pytest.mark.server
@pytest.mark.parametrize("locale", WIDE)
def test_serve_scenario_and_journal_print_without_a_traceback(
    api_folder: Path, locale: str
) -> None:
    folders = ["--schemas", str(api_folder / "schemas"), "--fixtures", str(api_folder / "fixtures")]
    with running_server(*folders, "--workers", "1", **LOCALES[locale]) as process:
        for code, output in run(
            api_folder, locale, ["scenario", "list", "--url", process.url], ["journal", process.url]
        ):
            assert (code, b"Traceback" in output) == (0, False)
        process.terminate()
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize("part", ["schemas/ue", "fixtures/ue/scenarios/größe.yaml"])
def test_a_file_name_that_is_not_utf_8_is_reported(
    api_folder: Path, tmp_path: Path, part: str
) -> None:
    shutil.copytree(api_folder, tmp_path, dirs_exist_ok=True)
    renamed = (tmp_path / part).with_name("\udcff.yaml" if part.endswith(".yaml") else "\udcff")
    (tmp_path / part).rename(renamed)
    if renamed.is_dir():
        (renamed / "ue.apib").rename(renamed / "\udcff.apib")
    [(code, output)] = run(tmp_path, "ascii", ["check", *FOLDERS])
    assert (code, b"Traceback" in output) == (1, False)
    assert rb"\udcff" in output
    assert b"the file's name is not UTF-8" in output
    assert os.fsencode("\udcff") == b"\xff"
