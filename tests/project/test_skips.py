"""In CI a test fails if a tool is missing that .ci/run installs; otherwise it is skipped."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.repository import ROOT
from helpers.tools import packages_of_ci, require_tool

PROVIDED = ["chromium", "redis-server", "haproxy", "curl", "git", "jq", "make"]
OUTCOMES = {
    # Whether .ci/run installs the tool, and the value of CI.
    (True, "true"): pytest.fail.Exception,
    (True, ""): pytest.skip.Exception,
    (True, "false"): pytest.skip.Exception,
    (False, "true"): pytest.skip.Exception,
    (False, ""): pytest.skip.Exception,
}


@pytest.fixture
def without_tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Set the PATH to an empty folder."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return monkeypatch


@pytest.mark.parametrize("name", PROVIDED)
def test_ci_installs_the_tools_of_the_tests(name: str) -> None:
    assert name in packages_of_ci()


def test_no_test_uses_another_tool() -> None:
    for path in (ROOT / "tests").rglob("test_*.py"):
        if path.name != Path(__file__).name:
            text = path.read_text()
            assert "importorskip" not in text, path.name
            assert "shutil.which" not in text


@pytest.mark.parametrize(("provided", "ci"), OUTCOMES)
def test_a_missing_tool_skips_a_test_outside_ci_and_fails_it_in_ci(
    provided: bool, ci: str, without_tools: pytest.MonkeyPatch
) -> None:
    without_tools.setenv("CI", ci)
    with pytest.raises(OUTCOMES[provided, ci]):
        require_tool("chromium" if provided else "no-such-tool")


def test_an_installed_tool_skips_no_test(without_tools: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.touch(0o755)
    without_tools.setenv("CI", "true")
    assert require_tool("chromium") == str(program)


NESTED = """
import pytest
from helpers.tools import require_tool

def test_provided():
    require_tool("chromium")

def test_not_provided():
    require_tool("no-such-tool")

@pytest.mark.skipif(True, reason="this machine has no such device")
def test_of_a_device():
    pass
"""


def run_in_copy(folder: Path, *files: str, **environ: str) -> set[str]:
    """Run test files in CI, in a clone with no other folder. Return the outcome of each test."""
    tests = folder / "clone" / "tests"
    tests.mkdir(parents=True)
    shutil.copytree(ROOT / ".ci", folder / "clone" / ".ci")
    shutil.copy(ROOT / "pyproject.toml", folder / "clone")
    shutil.copy(ROOT / "tests" / "conftest.py", tests)
    shutil.copytree(ROOT / "tests" / "helpers", tests / "helpers")
    for file in files:
        source = ROOT / "tests" / file
        text = source.read_text() if source.exists() else NESTED
        (tests / file).parent.mkdir(exist_ok=True)
        (tests / file).write_text(text)
    call = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider"]
    variables = {**os.environ, "CI": "true", "PYTHONPATH": str(ROOT), **environ}
    ended = subprocess.run(
        call, cwd=folder / "clone", env=variables, capture_output=True, text=True
    )
    return set(
        re.findall(r"^(tests/\S+(?: \S+)*? (?:PASSED|FAILED|SKIPPED))", ended.stdout, re.MULTILINE)
    )


def test_in_ci_a_missing_tool_of_ci_fails_and_anything_else_missing_is_skipped(
    tmp_path: Path,
) -> None:
    outcomes = run_in_copy(
        tmp_path, "test_nested.py", "spec/test_shipped_blueprint.py", PATH=str(tmp_path)
    )
    nested = {line for line in outcomes if line.startswith("tests/test_nested.py")}
    assert nested == {
        "tests/test_nested.py::test_provided FAILED",
        "tests/test_nested.py::test_not_provided SKIPPED",
        "tests/test_nested.py::test_of_a_device SKIPPED",
    }
    others = outcomes - nested
    assert others
    assert {line.rpartition(" ")[2] for line in others} == {"SKIPPED"}
