"""Processes of Python without the modules and functions that Windows does not have."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from helpers.processes import clean_environ, running_server
from helpers.repository import ROOT

HIDER = Path(__file__).parent / "as_on_windows"
"""Python imports the file `sitecustomize.py` of this folder at its start."""


def environ(folder: Path) -> dict[str, str]:
    """Return the variables of a process that keeps its temporary files and its cache in a folder.

    A file of the package that is opened without an encoding is an error.
    """
    folders = {"TMPDIR": str(folder), "LOCALAPPDATA": str(folder), "HOME": "", "XDG_CACHE_HOME": ""}
    path = os.pathsep.join((str(HIDER), str(ROOT)))
    return {"PYTHONPATH": path, "PYTHONWARNDEFAULTENCODING": "1", **folders}


def run_python(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `python ARGUMENTS` in a folder, until it ends."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=clean_environ(**environ(folder), **variables),
        capture_output=True,
        text=True,
    )


@contextmanager
def server(*arguments: str, folder: Path) -> Iterator[Any]:
    """Run `mockserver serve ARGUMENTS` in a folder, as `running_server` does."""
    with running_server(*arguments, cwd=folder, **environ(folder)) as process:
        yield process
