"""setup.cfg names every package and its data."""

import configparser

import pytest
from helpers.repository import ROOT


@pytest.fixture
def options() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def test_every_package_is_in_setup_cfg(options: configparser.ConfigParser) -> None:
    named = set(options["options"]["packages"].split())
    there = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / "mockserver").rglob("__init__.py")
    }
    assert named - there == {"mockserver._shipped.schemas", "mockserver._shipped.fixtures"}
    assert there - named == set()


@pytest.mark.parametrize("folder", ["schemas", "fixtures"])
def test_every_shipped_file_is_matched_by_package_data(
    options: configparser.ConfigParser, folder: str
) -> None:
    patterns = options["options.package_data"][f"mockserver._shipped.{folder}"].split(", ")
    files = [
        path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*") if path.is_file()
    ]
    assert len(files) > 8
    assert [path for path in files if not any(path.match(pattern) for pattern in patterns)] == []


def test_every_dependency_has_a_reason_in_architecture_md(
    options: configparser.ConfigParser,
) -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    lines = options["options"]["install_requires"].strip().splitlines()
    names = [line.partition(">")[0].partition("=")[0].strip() for line in lines]
    assert "flask" in names
    assert [name for name in names if f"| {name} " not in text] == []
