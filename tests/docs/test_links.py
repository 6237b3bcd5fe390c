"""Links of the pages: `make docs` checks files and anchors, this file the form of external links."""

import re
from urllib.parse import urlsplit

import pytest
from helpers.repository import ROOT

PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    ROOT / "clients/js/README.md",
    ROOT / "examples/playwright/README.md",
]
LINKS = [
    (page.name, link)
    for page in PAGES
    for link in re.findall(r"\]\(([a-z+]+:[^)]*)\)", page.read_text())
]


def test_the_pages_have_external_links() -> None:
    assert len(LINKS) > 4


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_an_external_link_is_a_web_address(page: str, link: str) -> None:
    address = urlsplit(link)
    assert address.scheme == "https", page
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", address.netloc), page
    assert not re.search(r"\s", link), page
