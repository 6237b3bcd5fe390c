"""What is shipped: every package of the tree is named in setup.cfg, with the data that it needs."""

import configparser
from pathlib import Path

import pytest
from conftest import ROOT


@pytest.fixture
def options() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def test_every_package_is_named(options: configparser.ConfigParser) -> None:
    named = set(options["options"]["packages"].split())
    there = {".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "mockserver").rglob("__init__.py")}
    assert named - there == {"mockserver._shipped.schemas", "mockserver._shipped.fixtures"}
    assert there - named == set()


@pytest.mark.parametrize("folder", ["schemas", "fixtures"])
def test_every_shipped_file_is_matched_by_package_data(options: configparser.ConfigParser, folder: str) -> None:
    patterns = options["options.package_data"][f"mockserver._shipped.{folder}"].split(", ")
    for path in (ROOT / folder).rglob("*"):
        if path.is_file():
            assert any(Path(path.relative_to(ROOT / folder)).match(pattern) for pattern in patterns), path


def test_every_dependency_has_its_reason_in_the_architecture(options: configparser.ConfigParser) -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    for line in options["options"]["install_requires"].strip().splitlines():
        name = line.partition(">")[0].partition("=")[0].strip()
        assert f"| {name} " in text, name
