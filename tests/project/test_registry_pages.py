"""tools/registry_pages.py leaves no relative link in a page of a registry."""

import re
from pathlib import Path

import pytest
from helpers.environments import load_tool
from helpers.repository import ROOT

page_for_registry = load_tool("registry_pages").page_for_registry

FILES = "https://git.example.com/mockserver/blob/v1"
RELATIVE = re.compile(r"\]\((?!https://|#)[^)]*\)")
PAGES = [ROOT / "README.md", *ROOT.glob("clients/*/README.md")]


@pytest.mark.parametrize(
    ("text", "without", "absolute"),
    [
        ("see [ci](docs/ci.md).", "see ci.", f"see [ci]({FILES}/clients/js/docs/ci.md)."),
        ("[a](../../docs/a.md#b)", "a", f"[a]({FILES}/docs/a.md#b)"),
        ("![panel](p.png)", "", f"![panel]({FILES}/clients/js/p.png)"),
        ("[a](x.md), [`b`](y.md)", "a, `b`", None),
        ("[web](https://example.com/a)", "[web](https://example.com/a)", None),
        ("[here](#limits)", "[here](#limits)", None),
        ("`tests[0](x.md)`", "`tests[0](x.md)`", "`tests[0](x.md)`"),
        ("```js\na[i](j)\n```\n[a](b)", "```js\na[i](j)\n```\na", None),
    ],
)
def test_a_link_becomes_text_or_absolute(text: str, without: str, absolute: str | None) -> None:
    assert page_for_registry(text, "clients/js", "") == without
    if absolute:
        assert page_for_registry(text, "clients/js", FILES) == absolute


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
@pytest.mark.parametrize("files", ["", FILES])
def test_the_pages_of_the_repository_have_no_relative_links_then(path: Path, files: str) -> None:
    folder = path.parent.relative_to(ROOT).as_posix()
    text = path.read_text()
    page = page_for_registry(text, folder, files)
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    assert RELATIVE.search(text)
    assert not RELATIVE.search(prose)
    for target in re.findall(rf"\]\({FILES}/([^)#]*)", prose):
        assert (ROOT / target).exists(), target
