"""Links of the pages: their files exist, and external links are web addresses.

`make docs` checks anchors too.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from helpers.repository import ROOT

PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    ROOT / "clients/js/README.md",
    ROOT / "examples/playwright/README.md",
    ROOT / "examples/ssr/README.md",
]


def links(expression: str) -> list[tuple[Path, str]]:
    """Return the links that match an expression, each with its page."""
    pairs = []
    for page in PAGES:
        for target in re.findall(rf"\]\(({expression})\)", page.read_text()):
            pairs.append((page, target))
    return pairs


EXTERNAL = links(r"[a-z+]+:[^)]*")


def test_each_linked_file_exists() -> None:
    internal = links(r"(?![a-z+]+:|#)[^)]+")
    assert len(internal) > 100
    missing = []
    for page, target in internal:
        path = page.parent / target.partition("#")[0]
        if not path.exists():
            missing.append(f"{page.name}: {target}")
    assert missing == []


def test_the_pages_have_external_links() -> None:
    assert len(EXTERNAL) > 4


@pytest.mark.parametrize(("page", "link"), EXTERNAL)
def test_an_external_link_is_a_web_address(page: Path, link: str) -> None:
    address = urlsplit(link)
    assert address.scheme == "https", page
    assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", address.netloc), page
    assert not re.search(r"\s", link), page
