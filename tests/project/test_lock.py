"""The lock files fit setup.cfg, agree with each other, and match what is installed."""

import configparser
import re
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from helpers.environments import environments
from helpers.repository import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SETS = environments.SETS
TEXTS = {name: environments.lock_file(name).read_text() for name in SETS}
PINS = {name: environments.pins(text) for name, text in TEXTS.items()}


def required_lines() -> list[tuple[str, str]]:
    """Return each requirement of setup.cfg with each set that it belongs to."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    extras = parser["options.extras_require"]
    lines = []
    for name, group in SETS.items():
        texts = [parser["options"]["install_requires"]]
        texts += [extras[extra] for extra in group.extras]
        lines += [(name, line) for line in "\n".join(texts).splitlines() if line and line[0] != "#"]
    return lines


def test_each_lock_file_belongs_to_a_set() -> None:
    assert {environments.lock_file(name) for name in SETS} == set(ROOT.glob("requirements*"))


@pytest.mark.parametrize(("name", "line"), required_lines())
def test_each_requirement_is_locked_to_a_version_that_fits(name: str, line: str) -> None:
    requirement = Requirement(line)
    version = PINS[name][canonicalize_name(requirement.name)]
    assert version in requirement.specifier, "`make lock` renews the lock files"


@pytest.mark.parametrize("name", SETS)
def test_the_dependencies_of_a_locked_package_are_locked(name: str) -> None:
    for package in PINS[name]:
        try:
            needed = [Requirement(line) for line in requires(package) or ()]
        except PackageNotFoundError:
            continue  # for another platform or Python, or of another environment
        for requirement in needed:
            if not requirement.marker or requirement.marker.evaluate({"extra": ""}):
                assert canonicalize_name(requirement.name) in PINS[name], package


def test_a_package_has_the_same_version_in_all_lock_files() -> None:
    versions: dict[str, set[str]] = {}
    for text in TEXTS.values():
        for package, version in re.findall(r"^([a-z0-9-]+)==([^ ]+)", text, re.MULTILINE):
            versions.setdefault(package, set()).add(version)
    assert {name: numbers for name, numbers in versions.items() if len(numbers) > 1} == {}


@pytest.mark.parametrize("name", SETS)
def test_a_package_is_locked_once_with_its_hashes_and_without_an_address(name: str) -> None:
    entries = re.split(r"^(?=[^ #\n])", TEXTS[name], flags=re.MULTILINE)[1:]
    assert len(entries) == len(PINS[name])
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==[^ ]+ (; [^\\]+ )?\\\n", entry)
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry)
    assert "://" not in TEXTS[name]
    assert " @ " not in TEXTS[name]


def test_the_environments_of_the_tests_and_the_checks_have_what_the_image_has() -> None:
    for name in ("test", "check"):
        assert PINS["serve"].items() <= PINS[name].items()
    assert PINS["test"].items() <= PINS["check"].items()


def test_the_image_installs_only_locked_packages() -> None:
    installs = re.findall(
        r"pip install (.*?)(?: \\)?$", (ROOT / "Dockerfile").read_text(), re.MULTILINE
    )
    assert installs == [
        "--require-hashes --requirement requirements.lock",
        "--no-index --no-deps --no-build-isolation /dist/*.tar.gz",
    ]


INSTALLERS = [ROOT / "Makefile", *sorted((ROOT / ".ci").iterdir())]


def test_make_and_ci_install_only_locked_packages() -> None:
    commands = {}
    for path in INSTALLERS:
        text = path.read_text()
        commands[path.name] = re.findall(r"pip\"? install[^;\n]*", text)
    assert commands == {
        "Makefile": [],
        "run": [],
        "image": [],
        "wheel": [
            'pip" install --quiet --disable-pip-version-check '
            '--constraint "$work/constraints" "${@:2}"'
        ],
        # The packages of an application, which are older than the locked ones.
        "plugin": ['pip" install --quiet --disable-pip-version-check "$@"'],
    }


def test_each_command_of_make_installs_a_set_before_it_uses_an_environment() -> None:
    recipes = re.findall(
        r"^([a-z -]+):\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    users = {targets: lines for targets, lines in recipes if "$(BIN)" in lines or ".venv-" in lines}
    assert len(users) > 8
    for targets, lines in users.items():
        first = lines.splitlines()[0]
        if targets in ("test-newest", "test-oldest"):
            command = targets.removeprefix("test-")
            assert first == f"\t@$(PYTHON) tools/environments.py {command}"
        elif targets != "clean":
            installed = re.fullmatch(r"\t\$\(INSTALL\) (\w+)", first)
            assert installed, targets
            assert installed[1] in SETS


def test_the_files_of_each_environment_are_ignored_by_git_and_removed_by_make_clean() -> None:
    environment_names = {group.environment for group in SETS.values()}
    environment_names |= {environments.NEWEST, environments.OLDEST, environments.RESOLVER}
    makefile = (ROOT / "Makefile").read_text()
    removed = re.findall(r"^\trm -rf (\.venv.*)$", makefile, re.MULTILINE)
    assert set(removed[0].split()) == environment_names
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert ".venv*/" in ignored
    assert all(Path(name).match(".venv*") for name in environment_names)
