"""tools/environments.py installs the locked packages, with a real pip, in a small project."""

import base64
import fcntl
import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from helpers.environments import environments
from helpers.repository import ROOT

pytestmark = pytest.mark.usefixtures("thorough")
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
# The least that pip needs to install a project in place.
BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        metadata = "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n"
        wheel.writestr("tiny-1.0.dist-info/METADATA", metadata)
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    return name
"""
CREATED = f"Creating .venv with Python {'.'.join(map(str, sys.version_info[:3]))}"
FIRST = [
    CREATED,
    "Installing the packages of requirements.lock (about a minute)",
    "Installing mockserver into .venv",
]


class Clone:
    """A clone of a project with one lock file. pip finds packages only in a folder."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a clone"
        self.wheels = folder / "wheels"
        self.wheels.mkdir()
        (self.root / "tools").mkdir(parents=True)
        (self.root / "mockserver").mkdir()
        client = self.root / environments.CLIENT
        (client / "src" / "apib_mockserver").mkdir(parents=True)
        (client / "pyproject.toml").touch()
        (client / "src" / "apib_mockserver" / "__init__.py").touch()
        shutil.copy(ROOT / "tools" / "environments.py", self.root / "tools")
        (self.root / "setup.cfg").touch()
        (self.root / "mockserver" / "__init__.py").touch()
        (self.root / "pyproject.toml").write_text(PYPROJECT)
        (self.root / "backend.py").write_text(BACKEND)

    def publish(self, name: str, version: str) -> str:
        """Add a package for pip. Return the line that locks it."""
        path = self.wheels / f"{name}-{version}-py3-none-any.whl"
        info = f"{name}-{version}.dist-info"
        files = {
            f"{name}.py": f"version = {version!r}\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        files[f"{info}/RECORD"] = "".join(
            f"{file},{_digest(text)},\n" for file, text in files.items()
        )
        with zipfile.ZipFile(path, "w") as wheel:
            for file, text in files.items():
                wheel.writestr(file, text)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return f"{name}=={version} \\\n    --hash=sha256:{digest}\n"

    def lock(self, *lines: str) -> None:
        (self.root / "requirements.lock").write_text("".join(lines))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        call = [sys.executable, str(self.root / "tools" / "environments.py"), *arguments]
        variables = {"PATH": "/usr/bin:/bin", "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}
        variables["PIP_FIND_LINKS"] = self.wheels.as_uri()
        return subprocess.run(call, env=variables, capture_output=True, text=True)

    def steps(self) -> list[str]:
        """Install; return the lines that name a step."""
        ended = self.run("install", "serve")
        assert (ended.returncode, ended.stderr) == (0, "")
        return [line for line in ended.stdout.splitlines() if not line.startswith("  ")]

    def installed(self, *names: str) -> list[str]:
        """Return the version of each module in the environment; empty for a missing one."""
        script = "import importlib, sys\n"
        script += "for name in sys.argv[1:]:\n"
        script += "    try: print(importlib.import_module(name).version)\n"
        script += "    except ImportError: print()\n"
        call = [self.root / ".venv" / "bin" / "python", "-c", script, *names]
        return subprocess.run(call, check=True, capture_output=True, text=True).stdout.splitlines()


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_the_locked_version_is_installed_if_a_newer_one_exists(clone: Clone) -> None:
    clone.lock(clone.publish("drifting", "1.0"))
    clone.publish("drifting", "99.0")
    assert clone.steps() == FIRST
    assert clone.installed("drifting") == ["1.0"]
    # A second run has nothing to do, and a change of the project leaves the packages.
    assert clone.steps() == []
    (clone.root / "setup.cfg").write_text("[options]\n")
    assert clone.steps() == FIRST[2:]
    assert clone.steps() == []


def test_an_interrupted_or_outdated_environment_is_created_again(clone: Clone) -> None:
    locked = clone.publish("drifting", "1.0")
    clone.lock(locked, clone.publish("dropped", "1.0"))
    # pip would take this for an installed package: its metadata are there, its module is not.
    version = "python{}.{}".format(*sys.version_info)
    half = clone.root / ".venv" / "lib" / version / "site-packages" / "drifting-1.0.dist-info"
    half.mkdir(parents=True)
    (half / "METADATA").write_text("Metadata-Version: 2.1\nName: drifting\nVersion: 1.0\n")
    assert clone.steps() == FIRST
    assert clone.installed("drifting", "dropped") == ["1.0", "1.0"]
    clone.lock(locked)
    assert clone.steps() == FIRST
    assert clone.installed("drifting", "dropped") == ["1.0", ""]


def test_a_package_with_another_hash_is_rejected(clone: Clone) -> None:
    locked = clone.publish("drifting", "1.0")
    digit = "0" if locked[-2] != "0" else "1"
    clone.lock(locked[:-2], digit, "\n")
    ended = clone.run("install", "serve")
    assert ended.returncode == 1
    assert ended.stdout.splitlines() == FIRST[:2]
    assert "DO NOT MATCH THE HASHES" in ended.stderr
    assert "This command failed:" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (clone.root / ".venv" / "installed.json").exists()


def test_an_environment_of_another_clone_or_python_is_not_used() -> None:
    path, version = environments.identity()
    assert environments.is_current({"made_for": [path, version], "locks": {}})
    assert not environments.is_current({"made_for": [f"{path} moved", version], "locks": {}})
    assert not environments.is_current({"made_for": [path, "3.10"], "locks": {}})
    assert not environments.is_current({"made_for": [path, version], "locks": {"serve": "another"}})
    assert not environments.is_current({"made_for": [path, version], "locks": {"no-set": ""}})
    assert not environments.is_current({})


def test_one_installation_waits_for_another(clone: Clone) -> None:
    script = clone.root / "tools" / "environments.py"
    with open(script) as script_file:
        fcntl.flock(script_file, fcntl.LOCK_EX)
        process = subprocess.Popen(
            [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout
        assert process.stdout.readline() == "Waiting for another installation in this clone\n"
        assert process.poll() is None
    _, errors = process.communicate()
    sets = "|".join(environments.SETS)
    assert errors == f"usage: install {sets}, newest, oldest, or lock [option of uv ...]\n"
    assert process.returncode == 1
