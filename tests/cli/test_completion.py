"""`mockserver completion`: the scripts of the shells, and that no other command imports shtab."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.processes import clean_environ, run_command

from mockserver import cli
from mockserver.cli.commands import COMMANDS
from mockserver.cli.completion import SHELLS

COMPLETE = """
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
COMP_LINE="$*"
COMP_POINT=${#COMP_LINE}
_shtab_mockserver
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("completion") / "mockserver.bash"
    path.write_text(run_command("completion", "bash").stdout)
    return path


def completions(script: Path, *words: str) -> set[str]:
    """Return what bash proposes for the last word of `mockserver WORDS`."""
    call = ["bash", "-c", COMPLETE, "bash", str(script), "mockserver", *words]
    return set(subprocess.run(call, capture_output=True, text=True, check=True).stdout.split())


def test_bash_completes_commands_options_and_values(script: Path) -> None:
    assert completions(script, "") >= {name.split()[0] for name in COMMANDS}
    assert completions(script, "se") == {"serve"}
    assert completions(script, "serve", "--sc") == {"--schemas", "--scenario", "--scenarios"}
    assert completions(script, "check", "--format", "s") == {"sarif"}
    assert completions(script, "scenario", "") >= {"on", "off", "list", "new"}
    assert completions(script, "scenario", "new", "--recipe", "st") == {"stuck"}
    assert completions(script, "completion", "f") == {"fish"}


def test_bash_completes_files_and_folders(script: Path) -> None:
    assert "tests/" in {path.rstrip("/") + "/" for path in completions(script, "serve", "tes")}
    assert "README.md" in completions(script, "init", "READ")
    assert completions(script, "serve", "--schemas", "READ") == set()


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_can_read_its_script(shell: str, tmp_path: Path) -> None:
    ended = run_command("completion", shell)
    assert (ended.returncode, ended.stderr) == (0, "")
    for word in ("serve", "--scenarios", "not-found"):
        assert word in ended.stdout
    path = tmp_path / "script"
    path.write_text(ended.stdout)
    if shell == "bash":
        subprocess.run([shell, "-n", str(path)], check=True)


LOADED = """
import sys

from mockserver import cli

try:
    cli.main(sys.argv[1:])
except SystemExit:
    pass
print(*sorted(sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["scenario", "--help"], ["journal", "--help"], ["nope"]],
    ids=" ".join,
)
def test_a_quick_command_imports_little(arguments: list[str]) -> None:
    """A script calls `scenario on` often, so it must not wait for the contract or a library."""
    call = [sys.executable, "-c", LOADED, *arguments]
    ended = subprocess.run(call, env=clean_environ(), capture_output=True, text=True, check=True)
    loaded = set(ended.stderr.split())
    assert "mockserver.cli.parser" in loaded
    others = {"shtab", "jsonschema", "jsonschema_rs", "yaml", "flask", "faker"}
    modules = {"mockserver.contract.model", "mockserver.cli.serve", "mockserver.generation"}
    assert not loaded & (others | modules)


def test_a_script_has_no_carriage_returns_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(output, newline="\r\n"))
    assert cli.main(["completion", "bash"]) == 0
    assert b"_shtab_mockserver" in output.getvalue()
    assert b"\r" not in output.getvalue()
