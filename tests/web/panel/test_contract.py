"""The list of contracts in the control panel."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers.panel import Panel
from helpers.processes import healthy_server
from helpers.two_contracts import NEXT, TODAY
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("contracts")
    (folder / "today.apib").write_text(TODAY)
    (folder / "next.apib").write_text(NEXT)
    contracts = ("today.apib", "--contract", "next=next.apib")
    with healthy_server(*contracts, cwd=folder, XDG_CACHE_HOME=str(Path(folder, "c"))) as process:
        yield process.url


def test_the_list_chooses_the_contract_of_the_sandbox(
    open_panel: Callable[..., Panel], url: str
) -> None:
    page = open_panel(url).page
    contract = page.get_by_label("Contract")
    expect(contract).to_have_value("main")
    expect(contract.locator("option")).to_have_text(["main", "next"])
    contract.select_option("next")
    expect(page.locator("#scenarios")).to_contain_text("Remove an order")
    expect(contract).to_have_value("next")
    page.reload()
    expect(contract).to_have_value("next")


def test_a_server_with_one_contract_shows_no_list(open_panel: Callable[..., Panel]) -> None:
    expect(open_panel().page.get_by_label("Contract")).to_be_hidden()
