"""A stdout that is not UTF-8: every command says what it has to say, and no command ends in a traceback."""

import json
import os
import shutil
import subprocess
import sys
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
    "strict": {"PYTHONIOENCODING": "ascii:strict"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "POSIX": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
NARROW = ("C", "POSIX")
"""In these file names are ASCII too, and files that are named otherwise cannot be used."""
WIDE = [locale for locale in LOCALES if locale not in NARROW]
COMMANDS = ["check", "operations", "openapi", "schemas", "schemas --check", "fixtures", "fixtures --check"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two folders of an API whose names are not ASCII."""
    folder = tmp_path_factory.mktemp("api")
    (folder / "ue.apib").write_text(BLUEPRINT, encoding="utf-8")
    assert run_process("init", "ue.apib", cwd=folder, PYTHONUTF8="1").returncode == 0
    scenarios = folder / "fixtures/ue/scenarios"
    scenarios.mkdir()
    (scenarios / "größe.yaml").write_text("title: Größe 😀\noperations: [läse-grüße]\nstatus: 200\n", encoding="utf-8")
    return folder


def run(folder: Path, locale: str, *call: str) -> tuple[int, bytes]:
    """Exit code and all that is said."""
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", *call],
        cwd=folder,
        env=clean_environ(**LOCALES[locale]),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode, done.stdout


FOLDERS = ("--schemas", "schemas", "--fixtures", "fixtures")


@pytest.mark.parametrize(
    ("call", "locale"),
    [(call, locale) for call in COMMANDS for locale in ("ascii", "POSIX")]
    + [(call, locale) for call in ("check", "openapi") for locale in ("strict", "latin-1", "C")],
)
def test_no_command_ends_in_a_traceback(made: Path, call: str, locale: str) -> None:
    code, said = run(made, locale, *call.split(), *FOLDERS)
    assert b"Traceback" not in said
    if locale in NARROW and call != "fixtures --check":
        assert code == 1
        assert b"set PYTHONUTF8=1, or a locale such as C.UTF-8" in said
    else:
        assert code == 0


@pytest.mark.parametrize("locale", WIDE)
def test_openapi_is_utf_8_in_every_locale(made: Path, locale: str) -> None:
    _, said = run(made, locale, "openapi", *FOLDERS)
    assert json.loads(said.decode("utf-8"))["info"]["title"] == "Übersicht 日本"


@pytest.mark.parametrize("locale", WIDE)
def test_init_and_wrong_files_are_said(made: Path, tmp_path: Path, locale: str) -> None:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    (tmp_path / "fixtures/ue/scenarios/bad.yaml").write_text("title: ä\noperations: [xöx]\nstatus: 200\n", encoding="utf-8")
    code, said = run(tmp_path, locale, "check", *FOLDERS)
    assert (code, said.count(b"bad.yaml:2:14: unknown operation x")) == (1, 1)
    shutil.rmtree(tmp_path / "schemas")
    shutil.rmtree(tmp_path / "fixtures")
    code, said = run(tmp_path, locale, "init", "ue.apib")
    assert (code, b"Traceback" in said) == (0, False)


@pytest.mark.server
@pytest.mark.parametrize("locale", WIDE)
def test_serve_scenario_and_journal_say_what_they_have(made: Path, locale: str) -> None:
    folders = ["--schemas", str(made / "schemas"), "--fixtures", str(made / "fixtures")]
    with running_server(*folders, "--workers", "1", **LOCALES[locale]) as process:
        for call in (["scenario", "list", "--url", process.url], ["journal", process.url]):
            code, said = run(made, locale, *call)
            assert (code, b"Traceback" in said) == (0, False)
        process.terminate()
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize("part", ["schemas/ue", "fixtures/ue/scenarios/größe.yaml"])
def test_a_file_name_that_is_not_utf_8_is_said(made: Path, tmp_path: Path, part: str) -> None:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    strange = (tmp_path / part).with_name("\udcff.yaml" if part.endswith(".yaml") else "\udcff")
    (tmp_path / part).rename(strange)
    if strange.is_dir():
        (strange / "ue.apib").rename(strange / "\udcff.apib")
    code, said = run(tmp_path, "ascii", "check", *FOLDERS)
    assert (code, b"Traceback" in said) == (1, False)
    assert rb"\udcff" in said
    assert b"the file's name is not UTF-8" in said
    assert os.fsencode("\udcff") == b"\xff"
