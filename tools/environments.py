"""Create the virtual environments of this clone from its lock files, and renew the lock files.

`make` calls this before anything is installed, so it uses only Python's standard library:

    python3 tools/environments.py install NAME   create or update the environment of a set
    python3 tools/environments.py newest         install the newest versions that setup.cfg allows
    python3 tools/environments.py oldest         install the oldest versions that setup.cfg allows
    python3 tools/environments.py lock           resolve setup.cfg again, write all lock files
"""

from __future__ import annotations  # older versions of Python must reach their message

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
CLIENT = "clients/python"
"""The folder of the client and its pytest plugin, a project that the tests need too."""
PROJECT_FILES = (
    "setup.cfg",
    "pyproject.toml",
    "mockserver/__init__.py",
    f"{CLIENT}/pyproject.toml",
    f"{CLIENT}/src/apib_mockserver/__init__.py",
)
QUIET = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off")


class PackageSet(NamedTuple):
    """The packages that some commands need: in which environment, by which extras of setup.cfg."""

    environment: str
    extras: tuple[str, ...]
    client: bool = False
    """Whether it needs the client."""


SETS = {
    "serve": PackageSet(".venv", ("redis", "build", "completion")),
    "test": PackageSet(".venv", ("redis", "build", "completion", "test"), client=True),
    "check": PackageSet(".venv", ("redis", "build", "completion", "test", "check"), client=True),
    "conformance": PackageSet(".venv-conformance", ("redis", "build", "conformance")),
    "docs": PackageSet(".venv-docs", ("build", "docs")),
    "release": PackageSet(".venv-release", ("build", "release")),
}
NEWEST = ".venv-newest"
OLDEST = ".venv-oldest"
RESOLVER = ".venv-lock"


class Failed(Exception):
    """A failed step; the text names it, and has the output of its command."""


def lock_file(name: str) -> Path:
    """Return the path of the lock file of a set."""
    return ROOT / ("requirements.lock" if name == "serve" else f"requirements-{name}.lock")


def pins(text: str) -> dict[str, str]:
    """Return the versions in the text of a lock file, by package."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text, re.MULTILINE))


# Environments ------------------------------------------------------------------------------------


def install(name: str) -> None:
    """Install the packages of a lock file, and the project, in the environment of a set.

    An environment that is incomplete, outdated or moved is created again. Otherwise pip would take
    a package that an interrupted run has written in part for an installed one.
    """
    folder = ROOT / SETS[name].environment
    state = read_state(folder)
    if not is_current(state):
        create(folder)
        state = {"made_for": identity(), "locks": {}, "project": ""}
    locked = digest(lock_file(name))
    project = digest(*(ROOT / file for file in PROJECT_FILES))
    if state["locks"].get(name) == locked and state["project"] == project:
        return
    state_file(folder).unlink(missing_ok=True)
    if state["locks"].get(name) != locked:
        install_locked(folder, lock_file(name))
    install_projects(folder, SETS[name])
    state["locks"][name] = locked
    state["project"] = project
    write_state(folder, state)


def create(folder: Path) -> None:
    """Create an empty environment. Anything else in the folder is deleted."""
    version = ".".join(map(str, sys.version_info[:3]))
    log(f"Creating {folder.name} with Python {version}")
    run([sys.executable, "-m", "venv", "--clear", str(folder)])


def install_locked(folder: Path, lock: Path) -> None:
    """Install a lock file's packages; pip compares each with its hashes."""
    log(f"Installing the packages of {lock.name} (about a minute)")
    pip_install(folder, "--require-hashes", "--requirement", str(lock))


def install_projects(folder: Path, group: PackageSet) -> None:
    """Install the project itself with the tools of the lock file; nothing is downloaded."""
    log(f"Installing mockserver into {folder.name}")
    projects = ["--editable", str(ROOT)]
    if group.client:
        projects += ["--editable", str(ROOT / CLIENT)]
    pip_install(folder, "--no-index", "--no-deps", "--no-build-isolation", *projects)


def install_newest() -> None:
    """Create an environment with the newest versions that setup.cfg allows."""
    folder = ROOT / NEWEST
    create(folder)
    log("Installing the newest versions that setup.cfg allows (about a minute)")
    extras = ",".join(SETS["test"].extras)
    projects = ["--editable", f"{ROOT}[{extras}]", "--editable", str(ROOT / CLIENT)]
    pip_install(folder, "--upgrade", *projects)
    log_differences(folder)


def install_oldest() -> None:
    """Create an environment with the oldest versions that setup.cfg allows."""
    create_resolver()
    folder = ROOT / OLDEST
    create(folder)
    oldest = folder / "oldest.txt"
    resolve(oldest, SETS["test"].extras, ["--resolution", "lowest-direct"])
    install_locked(folder, oldest)
    install_projects(folder, SETS["test"])
    log_differences(folder)


def log_differences(folder: Path) -> None:
    """Print which packages of an environment have another version than the lock."""
    installed = json.loads(run([pip(folder), "list", "--format", "json", *QUIET[:1]]))
    locked = pins(lock_file("test").read_text())
    for package in installed:
        name = re.sub(r"[-_.]+", "-", package["name"]).lower()
        version = package["version"]
        if name in locked and locked[name] != version:
            log(f"  {name} {version}, locked: {locked[name]}")


# The origin of an environment --------------------------------------------------------------------


def state_file(folder: Path) -> Path:
    """Return the path of the file that a complete environment has, with its origin."""
    return folder / "installed.json"


def read_state(folder: Path) -> dict[str, Any]:
    """Return the origin of the environment; empty if it is not complete."""
    try:
        state: dict[str, Any] = json.loads(state_file(folder).read_text())
    except (OSError, ValueError):
        return {}
    return state


def write_state(folder: Path, state: dict[str, Any]) -> None:
    """Write the origin of the environment, which is then complete."""
    draft = state_file(folder).with_suffix(".draft")
    draft.write_text(json.dumps(state, indent=2))
    draft.replace(state_file(folder))


def is_current(state: dict[str, Any]) -> bool:
    """Return whether the environment fits this clone, this Python and today's lock files."""
    if state.get("made_for") != identity():
        return False
    outdated = []
    for name, locked in state["locks"].items():
        if name not in SETS or digest(lock_file(name)) != locked:
            outdated.append(name)
    return not outdated


def identity() -> list[str]:
    """Return the folder of this clone and the version of Python.

    An environment does not work after either has changed.
    """
    return [str(ROOT), "{}.{}".format(*sys.version_info)]


def digest(*files: Path) -> str:
    """Return a hash of the bytes of some files."""
    sums = hashlib.sha256()
    for file in files:
        sums.update(file.read_bytes())
    return sums.hexdigest()


# Lock files --------------------------------------------------------------------------------------


def renew_locks(arguments: list[str]) -> None:
    """Resolve all sets together, then each alone with the versions of that result."""
    folder = create_resolver()
    log("Resolving setup.cfg with all extras")
    everything = folder / "everything.lock"
    extras: set[str] = set()
    for group in SETS.values():
        extras.update(group.extras)
    resolve(everything, sorted(extras), arguments)
    drafts = {}
    for name, group in SETS.items():
        draft = folder / lock_file(name).name
        # uv keeps the versions of the file that it writes.
        shutil.copyfile(everything, draft)
        resolve(draft, group.extras, arguments)
        drafts[draft] = lock_file(name)
    for draft, lock in drafts.items():
        shutil.copyfile(draft, lock)
        log(f"{lock.name}: {len(pins(lock.read_text()))} packages")


def create_resolver() -> Path:
    """Create the environment with uv, and return its folder."""
    folder = ROOT / RESOLVER
    create(folder)
    log("Installing uv, which resolves the dependencies")
    pip_install(folder, "uv")
    return folder


def resolve(lock: Path, extras: Iterable[str], arguments: list[str]) -> None:
    """Write one lock file, for every platform and Python that setup.cfg allows.

    uv ignores pip's configuration, so the file has only packages of the public index.
    """
    call = [str(ROOT / RESOLVER / "bin" / "uv"), "pip", "compile", "setup.cfg", "--universal"]
    call += ["--python-version", "{}.{}".format(*OLDEST_PYTHON), "--fork-strategy", "fewest"]
    for extra in extras:
        call += ["--extra", extra]
    call += ["--generate-hashes", "--custom-compile-command", "make lock", "--no-config"]
    run([*call, "--output-file", str(lock), *arguments])


# Commands ----------------------------------------------------------------------------------------

RANGE_ENDS = {"newest": install_newest, "oldest": install_oldest}
"""The commands that create an environment at one end of the ranges of setup.cfg."""


def pip(folder: Path) -> str:
    """Return the path of an environment's pip."""
    return str(folder / "bin" / "pip")


def pip_install(folder: Path, *arguments: str) -> None:
    """Run `pip install`; on a terminal, count the packages while they are downloaded."""
    begun = time.monotonic()
    output = run([pip(folder), "install", *QUIET, *arguments], counted="Collecting ")
    installed = re.findall(r"^Successfully installed (.*)$", output, re.MULTILINE)
    count = len(installed[-1].split()) if installed else 0
    log(f"  {count} installed in {time.monotonic() - begun:.0f} s")


def run(call: list[str], counted: str = "", cwd: Path = ROOT) -> str:
    """Run a command silently and return its output. Lines that begin with `counted` are counted.

    Raises:
        Failed: The command failed; the text has its output.
    """
    lines = []
    count = 0
    with subprocess.Popen(
        call,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout
        for line in process.stdout:
            lines.append(line)
            if counted and line.startswith(counted):
                count += 1
                show_progress(f"{count}: {line.split()[1]}")
    clear_progress()
    output = "".join(lines)
    if process.returncode:
        raise Failed(f"{output}\nThis command failed:\n  {' '.join(call)}")
    return output


def show_progress(text: str) -> None:
    """Replace the last line of a terminal; write nothing to anything else."""
    if sys.stdout.isatty():
        print(f"\r\033[K  {text}", end="", flush=True)


def clear_progress() -> None:
    """Clear the line of `show_progress`."""
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)


def log(text: str) -> None:
    """Print a line at once, to a file or a pipe too."""
    print(text, flush=True)


@contextmanager
def alone() -> Iterator[None]:
    """Let one process at a time change the environments of this clone (`make -j2 serve test`)."""
    with open(__file__, encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            log("Waiting for another installation in this clone")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    """Run one command; the top of this file lists them."""
    if sys.version_info < OLDEST_PYTHON:
        print("Python 3.11 or later is required: make PYTHON=python3.11 ...", file=sys.stderr)
        return 1
    command, *rest = arguments or [""]
    try:
        with alone():
            if command == "install" and len(rest) == 1 and rest[0] in SETS:
                install(rest[0])
            elif command in RANGE_ENDS and not rest:
                RANGE_ENDS[command]()
            elif command == "lock":
                renew_locks(rest)
            else:
                sets = "|".join(SETS)
                raise Failed(f"usage: install {sets}, newest, oldest, or lock [option of uv ...]")
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
