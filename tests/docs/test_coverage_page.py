"""Statements of docs/coverage.md. `test_task_pages.py` runs the commands of the page."""

import re
import shlex

import pytest
import yaml
from helpers.repository import ROOT
from helpers.shop_coverage import shop_coverage

from mockserver.cli import coverage
from mockserver.cli.parser import CommandParser
from mockserver.contract.coverage.item import KINDS

PAGE = (ROOT / "docs/coverage.md").read_text()
JOBS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
CALLS = re.findall(r"mockserver coverage (.*)$", "".join(JOBS), re.MULTILINE)


def test_each_format_is_documented() -> None:
    section = PAGE.partition("## Formats")[2].partition("### ")[0]
    rows = re.findall(r"^\| `([a-z]+)` \|", section, re.MULTILINE)
    assert sorted(rows) == sorted(coverage.FORMATS)


def test_each_kind_of_item_is_documented() -> None:
    section = PAGE.partition("## Items")[2].partition("## ")[0]
    assert tuple(re.findall(r"^\| ([a-z]+) \| `", section, re.MULTILINE)) == KINDS


def test_the_examples_of_jobs_are_yaml() -> None:
    assert len(JOBS) == 3
    for job in JOBS:
        assert yaml.safe_load(job)


@pytest.mark.parametrize("call", CALLS)
def test_the_commands_of_jobs_have_existing_options(call: str) -> None:
    parser = CommandParser("coverage")
    coverage.add_arguments(parser)
    args = parser.parse_args(shlex.split(call.partition(" >>")[0]))
    assert args.sources
    assert args.report or args.format != "text"


def test_the_expression_for_gitlab_finds_one_line_of_the_text() -> None:
    expression = yaml.safe_load(JOBS[2])["contract-coverage"]["coverage"].strip("/")
    lines = coverage.FORMATS["text"](shop_coverage(), 0).splitlines()
    matches = [match[1] for match in (re.search(expression, line) for line in lines) if match]
    assert matches == ["42.8"]
