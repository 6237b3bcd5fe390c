"""Build and check the files of a release in dist/, from the last commit. Nothing is uploaded.

`make dist` and `make release` call this with the environment `.venv-release`:

    python tools/release.py build                  build and check the files
    python tools/release.py release [--files URL]  do the same for a commit that is ready,
                                                   and print the commands that upload them

URL is the address of the repository's files, for the links of the pages in the registries.
"""

import argparse
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from environments import ROOT, Failed, log, run
from registry_pages import page_for_registry

DIST = ROOT / "dist"
PYTHON_PROJECTS = ("pyproject.toml", "clients/*/pyproject.toml")
NPM_PROJECTS = ("clients/*/package.json",)
PAGES = ("README.md", "clients/*/README.md")
"""The pages that the registries show, as patterns."""


def version_of(source: Path) -> str:
    """Return the version of a source tree, which all packages have."""
    text = (source / "mockserver/__init__.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    assert match
    return match[1]


def check_commit(source: Path) -> None:
    """Check that the last commit can be released.

    Raises:
        Failed: It cannot; the text has all reasons.
    """
    reasons = []
    if run(["git", "status", "--porcelain"]).strip():
        reasons.append("There are uncommitted changes. Commit them first.")
    version = version_of(source)
    changelog = (source / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = next(iter(re.findall(r"^## (.*)", changelog, re.MULTILINE)), "")
    if not re.fullmatch(rf"{re.escape(version)} \(\d{{4}}-\d\d-\d\d\)", heading):
        reasons.append(
            f"CHANGELOG.md begins with {heading!r}. Rename this heading to "
            f"'{version} (YEAR-MONTH-DAY)', or set another version in mockserver/__init__.py."
        )
    if f"v{version}" in run(["git", "tag"]).split():
        reasons.append(f"The tag v{version} exists. Set a new version in mockserver/__init__.py.")
    if reasons:
        raise Failed("\n".join(reasons))


def copy_commit(source: Path) -> None:
    """Write the files of the last commit to a folder, so that no other file is released."""
    archive = source.parent / "source.zip"
    run(["git", "archive", "--format=zip", f"--output={archive}", "HEAD"])
    with zipfile.ZipFile(archive) as files:
        files.extractall(source)


def rewrite_pages(source: Path, files_url: str) -> None:
    """Rewrite the links of the pages that the registries show."""
    for pattern in PAGES:
        for path in source.glob(pattern):
            folder = path.parent.relative_to(source).as_posix()
            text = page_for_registry(path.read_text(encoding="utf-8"), folder, files_url)
            path.write_text(text, encoding="utf-8")


def build(source: Path, files_url: str) -> list[Path]:
    """Build all files of a source tree into dist/, check them, and return them."""
    rewrite_pages(source, files_url)
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    version = version_of(source)
    for pattern in PYTHON_PROJECTS:
        for path in sorted(source.glob(pattern)):
            build_python(path.parent)
    for pattern in NPM_PROJECTS:
        for path in sorted(source.glob(pattern)):
            build_npm(path.parent)
    files = sorted(DIST.iterdir())
    check_versions(files, version)
    python_files = [str(file) for file in files if file.suffix != ".tgz"]
    run([sys.executable, "-m", "twine", "check", "--strict", *python_files])
    return files


def build_python(project: Path) -> None:
    """Build the sdist of a project, and the wheel from the sdist."""
    log(f"Building the Python distribution in {project.name}")
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(DIST), str(project)])


def build_npm(project: Path) -> None:
    """Build the package of a project with npm.

    Raises:
        Failed: npm is not installed, or it fails.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise Failed(f"npm is required for the package in {project.name}: install Node.js")
    log(f"Building the npm package in {project.name}")
    for arguments in (["ci"], ["pack", "--dry-run"]):
        run([npm, *arguments, "--no-audit", "--no-fund"], cwd=project)
    run([npm, "pack", "--ignore-scripts", "--pack-destination", str(DIST)], cwd=project)


def check_versions(files: Sequence[Path], version: str) -> None:
    """Check that each file has the version of the release.

    Raises:
        Failed: A file has another one.
    """
    others = [file.name for file in files if f"-{version}" not in file.name]
    if others:
        raise Failed(
            f"mockserver/__init__.py has version {version}, but these files have another one: "
            f"{', '.join(others)}"
        )


def print_files(files: Sequence[Path]) -> None:
    """Print each file with its size."""
    for file in files:
        log(f"  dist/{file.name}  {file.stat().st_size // 1024} KB")


def print_uploads(files: Sequence[Path]) -> None:
    """Print the commands that upload the files."""
    log("Nothing is uploaded yet. These commands upload the release:")
    log("  .venv-release/bin/twine upload dist/*.whl dist/*.tar.gz")
    for file in files:
        if file.suffix == ".tgz":
            log(f"  npm publish ./dist/{file.name}")  # without ./, npm takes it for a repository


def arguments_of(words: Sequence[str]) -> argparse.Namespace:
    """Return the arguments of the command line."""
    parser = argparse.ArgumentParser(description="Build and check the files of a release.")
    parser.add_argument("command", choices=["build", "release"])
    parser.add_argument("--files", metavar="URL", default="", help="Address of the files.")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Run one command; the top of this file lists them."""
    arguments = arguments_of(words)
    try:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "source"
            copy_commit(source)
            if arguments.command == "release":
                check_commit(source)
            files = build(source, arguments.files)
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    print_files(files)
    if arguments.command == "release":
        print_uploads(files)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
