"""tools/release.py builds the files of a commit that is ready, in a small repository.

Programs with the same names stand for `build`, twine and npm. `.ci/wheel` runs the real ones.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.repository import ROOT
from helpers.tools import require_tool

BUILD = """
import sys, pathlib
folder = pathlib.Path(sys.argv[sys.argv.index("--outdir") + 1])
name, version = pathlib.Path(sys.argv[-1], "pyproject.toml").read_text().split()
(folder / f"{name}-{version}-py3-none-any.whl").touch()
(folder / f"{name}-{version}.tar.gz").touch()
"""
TWINE = "import sys; sys.exit('strict' not in ' '.join(sys.argv) or not sys.argv[3:])"
NPM = """#!/bin/sh
if [ "$1 $2" = "pack --ignore-scripts" ]; then touch "$4/client-$(cat package.json).tgz"; fi
"""
READY = "# Changelog\n\n## 1.2.3 (2026-11-26)\n\n### Added\n"
FILES = {
    "CHANGELOG.md": READY,
    "README.md": "[Overview](docs/index.md)\n",
    "mockserver/__init__.py": '__version__ = "1.2.3"\n',
    "pyproject.toml": "server 1.2.3",
    "clients/python/pyproject.toml": "plugin 1.2.3",
    "clients/js/package.json": "1.2.3",
}


class Repository:
    """A small repository with one commit, and the programs that the release calls."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "repository"
        self.programs = folder / "programs"
        self.programs.mkdir()
        (self.programs / "build.py").write_text(BUILD)
        (self.programs / "twine.py").write_text(TWINE)
        (self.programs / "npm").write_text(NPM)
        (self.programs / "npm").chmod(0o755)
        for name in ("environments", "release", "registry_pages"):
            (self.root / "tools").mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / f"tools/{name}.py", self.root / "tools")
        (self.root / ".gitignore").write_text("dist/\n__pycache__/\n")
        self.git("init", "--quiet")
        self.commit(FILES)

    def git(self, *arguments: str) -> None:
        """Run Git without the user's configuration."""
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        environ = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        subprocess.run(["git", *identity, *arguments], cwd=self.root, env=environ, check=True)

    def commit(self, files: dict[str, str]) -> None:
        """Write files and commit them."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run tools/release.py."""
        environ = {**os.environ, "PYTHONPATH": str(self.programs)}
        environ["PATH"] = f"{self.programs}:{environ['PATH']}"
        call = [sys.executable, str(self.root / "tools/release.py"), *arguments]
        return subprocess.run(call, env=environ, capture_output=True, text=True)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    require_tool("git")
    return Repository(tmp_path)


def test_a_release_builds_each_distribution_and_prints_the_uploads(repository: Repository) -> None:
    ended = repository.run("release")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert {path.name for path in (repository.root / "dist").iterdir()} == {
        "client-1.2.3.tgz",
        "plugin-1.2.3-py3-none-any.whl",
        "plugin-1.2.3.tar.gz",
        "server-1.2.3-py3-none-any.whl",
        "server-1.2.3.tar.gz",
    }
    assert ended.stdout.splitlines()[-2:] == [
        "  .venv-release/bin/twine upload dist/*.whl dist/*.tar.gz",
        "  npm publish ./dist/client-1.2.3.tgz",
    ]


def test_all_reasons_against_a_release_are_reported_together(repository: Repository) -> None:
    repository.git("tag", "v1.2.3")
    repository.commit({"CHANGELOG.md": READY.replace("1.2.3 (2026-11-26)", "Unreleased")})
    (repository.root / "new.txt").touch()
    ended = repository.run("release")
    assert ended.returncode == 1
    reasons = ["uncommitted changes", "begins with 'Unreleased'", "The tag v1.2.3 exists"]
    lines = ended.stderr.splitlines()
    assert len(lines) == len(reasons)
    for line, reason in zip(lines, reasons, strict=True):
        assert reason in line
    assert not (repository.root / "dist").exists()
    assert repository.run("build").returncode == 0, "a build is possible between two releases"


def test_a_changelog_without_a_version_is_refused(repository: Repository) -> None:
    repository.commit({"CHANGELOG.md": "# Changelog\n"})
    ended = repository.run("release")
    assert ended.returncode == 1
    assert ended.stderr.startswith("CHANGELOG.md begins with ''. Rename this heading to '1.2.3 (")


def test_a_distribution_of_another_version_is_refused(repository: Repository) -> None:
    repository.commit({"clients/python/pyproject.toml": "plugin 1.2.2"})
    ended = repository.run("release")
    assert ended.returncode == 1
    assert "has version 1.2.3" in ended.stderr
    assert "plugin-1.2.2.tar.gz" in ended.stderr
    assert "server" not in ended.stderr.rpartition(":")[2]


def test_a_failed_check_stops_the_release(repository: Repository) -> None:
    (repository.programs / "twine.py").write_text("import sys; sys.exit('no summary')")
    ended = repository.run("release")
    assert ended.returncode == 1
    assert "no summary" in ended.stderr
    assert "upload" not in ended.stdout


@pytest.mark.parametrize("place", ["README.md", "clients/*/README.md"])
def test_the_pages_of_the_registries_are_those_of_the_projects(place: str) -> None:
    assert f'"{place}"' in (ROOT / "tools/release.py").read_text()
    assert list(ROOT.glob(place))


def test_the_page_of_releasing_names_the_commands() -> None:
    page = (ROOT / "docs/releasing.md").read_text()
    targets = set(re.findall(r"`?make (dist|release)\b", page))
    assert targets == {"dist", "release"}
    make = require_tool("make")
    for target in sorted(targets):
        shown = subprocess.run([make, "--dry-run", target], cwd=ROOT, capture_output=True)
        assert shown.returncode == 0
