"""The messages about files that `mockserver serve` and `init` print."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from helpers.generated_apis import folder_flags, run_init
from helpers.processes import run_process, running_server

from mockserver.telemetry.server_log import MAX_MESSAGES

TYPES = 24
"""Number of unknown types in the blueprint: a warning for each."""
MEMBERS = "".join(f"        + a{index} (nummer)\n" for index in range(TYPES))
TEXT = (
    "# A\n\n## T [/t]\n\n### Show [GET]\n\n"
    f"+ Response 200 (application/json)\n    + Attributes\n{MEMBERS}\n"
    "### Change [FETCH]\n\n+ Response 204\n"
)


@pytest.fixture
def created(tmp_path: Path) -> CompletedProcess[str]:
    """The result of `init`, which created the folders of the API in tmp_path."""
    return run_init(tmp_path, TEXT)


def start_messages(folder: Path, *flags: str) -> list[str]:
    """Return the lines of stderr that `serve` prints at its start."""
    more = ("--store", "memory:", "--workers", "1", *flags)
    with running_server(*folder_flags(folder), *more) as process:
        process.terminate()
        return list(process.stderr.read().splitlines())


@pytest.mark.server
def test_serve_prints_the_first_messages_with_errors_first(
    created: CompletedProcess[str], tmp_path: Path
) -> None:
    lines = start_messages(tmp_path)
    assert created.returncode == 0
    assert len(lines) == MAX_MESSAGES + 1
    assert lines[0].startswith("mockserver: error: ")
    assert "a.apib:34:5: unknown method 'FETCH'" in lines[0]
    assert lines[0].endswith("The operation is not served. [B111]")
    for line in lines[1:-1]:
        assert line.startswith("mockserver: warning: ")
        assert line.endswith(" [B410]")
    schemas, fixtures = tmp_path / "schemas", tmp_path / "fixtures"
    assert lines[-1] == (
        f"mockserver: warning: and {TYPES + 1 - MAX_MESSAGES} more: "
        f"mockserver check --schemas {schemas} --fixtures {fixtures}"
    )


@pytest.mark.server
def test_the_json_log_has_the_same_messages(created: CompletedProcess[str], tmp_path: Path) -> None:
    lines = [json.loads(line) for line in start_messages(tmp_path, "--log-format", "json")]
    assert [line["level"] for line in lines] == ["error"] + ["warning"] * MAX_MESSAGES
    assert "a.apib:34:5: unknown method 'FETCH'" in lines[0]["message"]
    assert lines[-1]["message"].startswith("and 5 more: mockserver check ")


def test_serve_fails_without_an_operation_and_labels_warnings(tmp_path: Path) -> None:
    (tmp_path / "schemas/a").mkdir(parents=True)
    (tmp_path / "fixtures").mkdir()
    (tmp_path / "schemas/a/a.apib").write_text("FORMAT: 2\n\n# A\n\nGET /a\n")
    result = run_process("serve", *folder_flags(tmp_path), "--port", "0")
    name = tmp_path / "schemas/a/a.apib"
    assert result.returncode == 1
    assert result.stderr.splitlines()[0] == (
        f"{name}:1:9: warning: unknown format '2'; expected 1A. It is read as 1A. [B104]"
    )
    assert f"{name}:3:3: no operation can be served; line 5 looks like" in result.stderr
    logged = run_process("serve", *folder_flags(tmp_path), "--port", "0", "--log-format", "json")
    levels = [json.loads(line)["level"] for line in logged.stderr.splitlines()]
    assert levels == ["warning", "error"]


def test_init_lists_the_operations_that_are_not_served(created: CompletedProcess[str]) -> None:
    assert "Operations that are not served: 1. Each has an error.\n" in created.stdout
    assert "a.apib:34:5: error: unknown method 'FETCH'" in created.stderr
    assert "    ### Change [FETCH]\n        ^\n" in created.stderr
    assert created.stderr.count("[B410]") == TYPES
