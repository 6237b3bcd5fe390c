"""docs/diff-rules.md shows each rule of `mockserver diff` with a pair of blueprints.

The page is generated from the table in the code and from tests/golden/diff. After a change, write
it again: `WRITE_GOLDEN=1 pytest tests/docs/test_diff_page.py`.
"""

import difflib
import os
import re
from collections.abc import Iterator

from helpers.contract_diffs import GOLDEN
from helpers.processes import run_command
from helpers.repository import ROOT

from mockserver.verification.diff.rule import MOCK_FILES, Rule
from mockserver.verification.diff.rules import RULES

PAGE = ROOT / "docs/diff-rules.md"
INTRODUCTION = """\
# Rules of mockserver diff

[`mockserver diff`](diff.md) gives each change of a contract a rule, and each rule three verdicts.
The *app* was written for OLD and meets NEW. The *server* implements OLD and must keep NEW. The
*mock* column names the files of a mock server that can need an edit: F for records, S for
scenarios, E for effects and lifecycles.

A test generates this page from the table in the code, and provokes each rule with the example below
it.
"""


def page() -> str:
    """Return the page."""
    lines = [INTRODUCTION, "## All rules", ""]
    lines += ["| rule | change | app | server | mock |", "|---|---|---|---|---|"]
    lines += map(table_row, RULES)
    lines.append("")
    for rule in RULES:
        lines += section(rule)
    return "\n".join(lines)


def table_row(rule: Rule) -> str:
    link = f"[{rule.id}](#{rule.id.lower()})"
    cells = [link, rule.change, verdict(rule, "app"), verdict(rule, "server"), mock(rule)]
    return f"| {' | '.join(cells)} |"


def verdict(rule: Rule, party: str) -> str:
    """Return the verdicts of the rule and of its variants, without repetition."""
    if not rule.is_counted:
        return "not counted"
    verdicts = [getattr(row, party) for row in (rule, *rule.variants)]
    return ", ".join(dict.fromkeys(verdicts))


def mock(rule: Rule) -> str:
    return " ".join(rule.mock) or "-"


def section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}"
    yield ""
    yield f"The change: {rule.change}. {rule.explanation}"
    yield ""
    if rule.is_counted:
        yield f"- App: {rule.app}. Server: {rule.server}."
    for variant in rule.variants:
        condition = f"{variant.condition[0].upper()}{variant.condition[1:]}"
        yield f"- {condition}. App: {variant.app}. Server: {variant.server}."
    if rule.mock:
        yield f"- Mock server: {', '.join(MOCK_FILES[letter] for letter in rule.mock)}."
    yield f"- To do: {rule.advice}"
    yield ""
    yield block("diff", difference(rule))
    yield ""
    yield block("text", report(rule))
    yield ""


def difference(rule: Rule) -> str:
    """Return the difference of the two blueprints, with five lines around each change."""
    old = (GOLDEN / rule.id / "old.apib").read_text().splitlines()
    new = (GOLDEN / rule.id / "new.apib").read_text().splitlines()
    lines = list(difflib.unified_diff(old, new, "old.apib", "new.apib", lineterm="", n=5))
    return "\n".join(line.rstrip() for line in lines if not line.startswith("@@"))


def report(rule: Rule) -> str:
    folder = f"tests/golden/diff/{rule.id}"
    result = run_command("diff", f"{folder}/old.apib", f"{folder}/new.apib")
    assert result.stderr == ""
    return result.stdout.replace(f"{folder}/", "")


def block(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def test_the_page_is_generated_from_the_rules() -> None:
    if os.environ.get("WRITE_GOLDEN"):
        PAGE.write_text(page())
    assert PAGE.read_text() == page()


def test_the_page_about_the_command_names_each_option() -> None:
    text = (ROOT / "docs/diff.md").read_text()
    options = re.findall(r"--[a-z-]+", run_command("diff", "--help").stdout)
    for option in set(options) - {"--help", "--schemas", "--output"}:
        assert option in text


def test_the_page_about_the_command_names_existing_rules() -> None:
    text = (ROOT / "docs/diff.md").read_text()
    names = set(re.findall(r"`([A-Z]+(?:-[A-Z]+)+)`", text))
    assert names <= {rule.id for rule in RULES}
    assert names
