"""The commands of the README are run, and print what it shows."""

import json
import re
import subprocess
from typing import Any

import pytest
from helpers.processes import running_server
from helpers.repository import ROOT
from helpers.tools import require_tool

pytestmark = pytest.mark.server

TEXT = (ROOT / "README.md").read_text() if (ROOT / "README.md").exists() else ""
BLOCKS = re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)


def calls() -> list[tuple[str, str]]:
    """Each `$ curl ...` of the README with what the README says it prints."""
    found = []
    for block in BLOCKS:
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            while command.endswith("\\"):
                more, _, output = output.partition("\n")
                command = command[:-1] + more.strip()
            found.append((command, output.strip()))
    return [each for each in found if each[0].startswith("curl")]


def agrees(shown: Any, real: Any) -> bool:
    """Whether an answer is what the README shows of it; `"..."` stands for anything, at the end of a list for the rest."""
    if shown == "...":
        return True
    if isinstance(shown, dict) and isinstance(real, dict):
        return shown.keys() == real.keys() and all(
            agrees(shown[name], real[name]) for name in shown
        )
    if isinstance(shown, list) and isinstance(real, list):
        if shown and shown[-1] == "...":
            return len(real) >= len(shown) - 1 and all(map(agrees, shown[:-1], real))
        return len(shown) == len(real) and all(map(agrees, shown, real))
    return bool(shown == real)


def test_the_readme_shows_every_operation_and_documented_status() -> None:
    commands = " ".join(command for command, _ in calls())
    assert len(calls()) >= 8
    assert all(
        word in commands for word in ("/exports", "DELETE", "PATCH", "trash", "Prefer: code=")
    )


def test_each_call_of_the_readme_answers_as_it_says() -> None:
    require_tool("curl")
    with running_server() as process:
        for command, output in calls():
            live = command.replace("http://localhost:8080", process.url)
            done = subprocess.run(["bash", "-c", live], capture_output=True, text=True)
            if output.startswith("{"):
                assert agrees(json.loads(output), json.loads(done.stdout)), (command, done.stdout)
            else:
                assert done.stdout.strip() == output, command


def test_the_two_commands_are_there() -> None:
    assert "make serve" in TEXT
    assert "make test" in TEXT
