"""What axe finds on a page, in light and in dark."""

from collections.abc import Iterable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

IMPACTS = ("serious", "critical")
RULES: dict[str, dict[str, Any]] = {
    "light": {},
    # The dark style sheets change colours only.
    "dark": {"runOnly": ["color-contrast", "link-in-text-block"]},
}
"""Colour scheme to the option of axe that selects rules. All rules are checked in one scheme."""
NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""A page learns of another colour scheme when it is painted."""
Finding = tuple[str, str, str]
"""Rule, element, and what is wrong with it."""


def serious_findings(page: Page, known: Iterable[tuple[str, str]] = ()) -> list[Finding]:
    """Return the serious findings of both colour schemes.

    `known` are findings to leave out: a rule, and a selector of its elements.
    """
    findings: list[Finding] = []
    for scheme, rules in RULES.items():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate(NEXT_FRAME)
        options = {"resultTypes": ["violations"], **rules}
        for violation in Axe().run(page, options=options).response["violations"]:
            if violation["impact"] in IMPACTS:
                findings += _element_findings(page, violation, list(known))
    return findings


def _element_findings(
    page: Page, violation: dict[str, Any], known: list[tuple[str, str]]
) -> list[Finding]:
    rule = violation["id"]
    selectors = [selector for known_rule, selector in known if known_rule == rule]
    findings = []
    for node in violation["nodes"]:
        if not _matches(page, node["target"][0], selectors):
            findings.append((rule, node["html"], node["failureSummary"]))
    return findings


def _matches(page: Page, target: str, selectors: list[str]) -> bool:
    matches = "([target, selector]) => document.querySelector(target).matches(selector)"
    return any(page.evaluate(matches, [target, selector]) for selector in selectors)
