"""The three packages: one file names each, and the documents use its name."""

import configparser
import json
import re
import tomllib
from typing import Any

import apib_mockserver
import pytest
from apib_mockserver import server as plugin_server
from helpers.repository import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import mockserver
from mockserver.config.extras import require_extra
from mockserver.errors import StartError

PLUGIN: dict[str, Any] = tomllib.loads((ROOT / "clients/python/pyproject.toml").read_text())
NPM: dict[str, Any] = json.loads((ROOT / "clients/js/package.json").read_text())
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg")
SERVER_NAME = SETUP["metadata"]["name"]
PLUGIN_NAME = PLUGIN["project"]["name"]
NPM_NAME = NPM["name"]
FOREIGN_ON_PYPI = {"mock-server", "mockserver-client"}
"""Packages of other projects. PyPI refuses a name that is equal without separators."""
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *(ROOT / "clients" / name / "README.md" for name in ("js", "python")),
]


def bare(name: str) -> str:
    return canonicalize_name(name).replace("-", "")


def test_the_names_do_not_collide_with_packages_of_others() -> None:
    names = {bare(SERVER_NAME), bare(PLUGIN_NAME)}
    assert len(names) == 2
    assert names.isdisjoint(map(bare, FOREIGN_ON_PYPI))
    assert NPM_NAME != "mockserver-client"


def test_all_packages_have_the_same_version() -> None:
    lock = json.loads((ROOT / "clients/js/package-lock.json").read_text())
    versions = [apib_mockserver.__version__, NPM["version"], lock["version"]]
    assert versions == [mockserver.__version__] * 3
    assert lock["name"] == NPM_NAME


@pytest.mark.parametrize("folder", ["clients/js", "clients/python"])
def test_each_package_contains_the_license(folder: str) -> None:
    license_text = (ROOT / "LICENSE").read_text()
    assert (ROOT / folder / "LICENSE").read_text() == license_text


def test_the_plugin_depends_on_pytest_alone_and_the_server_has_no_plugin() -> None:
    assert [Requirement(line).name for line in PLUGIN["project"]["dependencies"]] == ["pytest"]
    assert PLUGIN["project"]["entry-points"].keys() == {"pytest11"}
    assert SETUP["options.entry_points"].keys() == {"console_scripts"}


def test_messages_name_the_distribution_of_the_server() -> None:
    with pytest.raises(StartError, match=rf"pip install '{SERVER_NAME}\[otel\]'"):
        require_extra("no-such-package", "otel", "--traces")
    assert f"the package {SERVER_NAME}\n" in plugin_server.WAYS + "\n"


def test_the_page_of_the_packages_lists_each_name() -> None:
    section = (ROOT / "docs/index.md").read_text().partition("### Names of the packages")[2]
    names = re.findall(r"^\| `([\w-]+)`", section, re.M)[:3]
    assert names == [SERVER_NAME, PLUGIN_NAME, NPM_NAME]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_installs_only_packages_of_ours(page: Any) -> None:
    text = page.read_text(encoding="utf-8")
    names = set(re.findall(r"['\"`](\S*mockserver)\[\w+\]", text))
    assert names <= {SERVER_NAME}
    imported = set(re.findall(r"from \"([\w-]*mockserver-client)\"", text))
    archives = set(re.findall(r"([\w-]*mockserver-client)-\d", text))
    assert imported | archives <= {NPM_NAME}
    python_names = set(re.findall(r"\b[\w-]*apib-mockserver\b(?!-)", text))
    assert python_names <= {SERVER_NAME, PLUGIN_NAME}


def test_the_ranges_of_the_server_stay_within_a_major_version() -> None:
    for line in SETUP["options"]["install_requires"].split("\n"):
        if line and line[0] != "#":
            operators = {each.operator for each in Requirement(line).specifier}
            assert operators == {">=", "<"}, line


def test_each_package_has_the_licence() -> None:
    licence = (ROOT / "LICENSE").read_bytes()
    for name in ("js", "python"):
        assert (ROOT / "clients" / name / "LICENSE").read_bytes() == licence
