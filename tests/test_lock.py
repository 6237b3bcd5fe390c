"""requirements.lock is what setup.cfg asks for, and the image has nothing but that."""

import configparser
import re
from importlib.metadata import PackageNotFoundError, requires

import pytest
from conftest import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TEXT = (ROOT / "requirements.lock").read_text()
PINS = dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", TEXT, re.MULTILINE))


def asked() -> list[str]:
    """What setup.cfg names for the image: what is always needed, the Redis client, what builds."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    extras = parser["options.extras_require"]
    return "\n".join([parser["options"]["install_requires"], extras["redis"], extras["build"]]).split()


@pytest.mark.parametrize("line", asked())
def test_what_is_asked_for_is_locked_to_a_version_that_fits(line: str) -> None:
    requirement = Requirement(line)
    assert PINS[canonicalize_name(requirement.name)] in requirement.specifier, "`make lock` brings it up to date"


@pytest.mark.parametrize("name", PINS)
def test_what_a_locked_package_needs_is_locked(name: str) -> None:
    try:
        needed = [Requirement(line) for line in requires(name) or ()]
    except PackageNotFoundError:
        return  # for another platform or Python, or only for the build
    for requirement in needed:
        if not requirement.marker or requirement.marker.evaluate({"extra": ""}):
            assert canonicalize_name(requirement.name) in PINS


def test_each_has_its_hashes_and_none_says_where_it_comes_from() -> None:
    parts = re.split(r"^(?=[a-z0-9-]+==)", TEXT, flags=re.MULTILINE)[1:]
    assert len(parts) == len(PINS)
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", part) for part in parts)
    assert "://" not in TEXT
    assert " @ " not in TEXT


def test_the_image_installs_by_the_lock_alone() -> None:
    installs = re.findall(r"pip install (.*?)(?: \\)?$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert installs == [
        "--require-hashes --requirement requirements.lock",
        "--no-index --no-deps --no-build-isolation /dist/*.tar.gz",
    ]
