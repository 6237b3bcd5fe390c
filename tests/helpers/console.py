"""Run the commands of a page in a shell, as a reader does, and compare their output."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from helpers.processes import clean_environ, running_server

PUBLISHED_URL = "http://localhost:8080"
"""The URL that the pages use; the tests replace it with that of their server."""


class Command(NamedTuple):
    """A command of a page, and the output that the page shows."""

    line: str
    output: str


def console_commands(text: str) -> list[Command]:
    """Return the commands of all console blocks of a page, in order."""
    commands = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            while line.endswith("\\"):
                more, _, output = output.partition("\n")
                line = line[:-1] + more.strip()
            commands.append(Command(line, output.strip()))
    return commands


def sections(text: str) -> dict[str, str]:
    """Return the sections of a page by heading (`##`). The introduction has an empty heading."""
    parts: dict[str, str] = {}
    heading, in_code = "", False
    for line in text.splitlines(keepends=True):
        if line.startswith("```"):
            in_code = not in_code
        if line.startswith("## ") and not in_code:
            heading = line.removeprefix("## ").strip()
        parts[heading] = parts.get(heading, "") + line
    return parts


def named_files(text: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each block whose first line is a comment with a path."""
    block = r"```\w+\n(?:#|//|<!--) (\S+\.\w+)(?: -->)?\n(.*?)```"
    yield from re.findall(block, text, re.DOTALL)


def agrees(documented: Any, real: Any) -> bool:
    """Return whether a JSON value is what a page shows.

    The text `...` stands for any value, as the last item of a list for the rest, and as a name for
    further members.
    """
    if documented == "...":
        return True
    if isinstance(documented, dict) and isinstance(real, dict):
        return _members_agree(documented, real)
    if isinstance(documented, list) and isinstance(real, list):
        if documented and documented[-1] == "...":
            real = real[: len(documented) - 1]
            documented = documented[:-1]
        return len(documented) == len(real) and all(map(agrees, documented, real))
    return bool(documented == real)


def _members_agree(documented: dict[str, Any], real: dict[str, Any]) -> bool:
    names = documented.keys() - {"..."}
    if "..." not in documented and names != real.keys():
        return False
    return names <= real.keys() and all(agrees(documented[name], real[name]) for name in names)


def assert_output(command: Command, real: str) -> None:
    """Assert that a command has printed what its page shows; `...` stands for any text."""
    if not command.output:
        return
    if command.output.startswith(("{", "[")):
        assert agrees(json.loads(command.output), json.loads(real)), (command.line, real)
        return
    pattern = re.escape(command.output).replace(r"\.\.\.", ".*?")
    assert re.fullmatch(pattern, real.strip(), re.DOTALL), (command.line, real)


class Shell:
    """A shell in a folder, with `mockserver` on its path and a server at the published URL."""

    def __init__(self, folder: Path, url: str = PUBLISHED_URL) -> None:
        self.folder = folder
        self.url = url
        self.environ = clean_environ()
        self._servers = ExitStack()
        programs = folder / ".programs"
        programs.mkdir(exist_ok=True)
        script = programs / "mockserver"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mockserver "$@"\n')
        script.chmod(0o755)
        # On a terminal curl shows no progress.
        (programs / ".curlrc").write_text("silent\nshow-error\n")
        self.environ["CURL_HOME"] = str(programs)
        self.environ["PATH"] = f"{programs}:{self.environ['PATH']}"

    def __enter__(self) -> "Shell":
        return self

    def __exit__(self, *_: object) -> None:
        self._servers.close()

    def run(self, command: Command) -> None:
        """Run a command, and check its exit code and its output.

        `mockserver serve` runs until the end of the shell, on a free port. `cd` and `export` are
        valid for all later commands.
        """
        program, *arguments = shlex.split(command.line)
        if command.line.startswith("mockserver serve"):
            self._serve(*arguments[1:])
        elif program == "cd":
            self.folder = self.folder / arguments[0]
        elif program == "export":
            values = [argument.replace(PUBLISHED_URL, self.url) for argument in arguments]
            self.environ.update(value.split("=", 1) for value in values)
        else:
            ended = self.call(command.line)
            assert ended.returncode == 0, (command.line, ended.stdout)
            assert_output(command, ended.stdout.replace(self.url, PUBLISHED_URL))

    def call(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line until it ends; its errors are part of its output."""
        line = line.replace(PUBLISHED_URL, self.url)
        environ = dict(self.environ)
        if line.startswith("mockserver "):
            environ.setdefault("MOCKSERVER_URL", self.url)  # the default is the published URL
        return subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _serve(self, *arguments: str) -> None:
        settings = {
            name: value for name, value in self.environ.items() if name.startswith("MOCKSERVER_")
        }
        server = running_server(*arguments, "--port", "0", cwd=self.folder, **settings)
        self.url = self._servers.enter_context(server).url


def run_commands(text: str, shell: Shell) -> None:
    """Run all commands of a page, or of a part of it, in one shell."""
    for command in console_commands(text):
        shell.run(command)
