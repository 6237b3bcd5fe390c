"""Statements of the documents, checked against the code."""

import json
import re
import subprocess
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from helpers.processes import running_server
from helpers.repository import ROOT
from helpers.shipped_api import TOKEN, TRASH
from helpers.tools import require_tool

from mockserver.cli.options import table
from mockserver.config.shipped import FIXTURES, SCHEMAS
from mockserver.contract import effects_file, loader, scenarios
from mockserver.contract.scenarios.data_variants import VARIANTS
from mockserver.contract.scenarios.definition import SCHEMA
from mockserver.formats import strict_yaml
from mockserver.web.admin import ROUTES


def test_the_settings_are_those_of_the_table() -> None:
    assert table() in (ROOT / "docs/settings.md").read_text()


def example(name: str) -> str:
    found = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / name).read_text(), re.DOTALL)
    assert found
    return found[1]


def test_the_example_of_a_scenario_is_one(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(example("scenarios.md"))
    loaded = loader.load_contract(SCHEMAS, FIXTURES)
    read = scenarios.read_scenarios(tmp_path, "scenarios", loaded.apis[0], {})["mine"]
    assert (read.response.status, read.response.delay) == (404, (0.2, 0.2))


def test_the_example_of_effects_is_one() -> None:
    document = strict_yaml.parse_yaml(example("effects.md").encode(), "effects.yaml")
    assert (
        effects_file.read_effects(
            document, loader.load_contract(SCHEMAS, FIXTURES).apis[0]
        ).access_token
        == "X-Access-Token"
    )


@pytest.mark.parametrize("name", list(SCHEMA["properties"]))
def test_each_key_of_a_scenario_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs/scenarios.md").read_text()


@pytest.mark.parametrize("page", ["docs/scenarios.md", "README.md"])
@pytest.mark.parametrize("name", list(VARIANTS))
def test_each_data_variant_is_documented(name: str, page: str) -> None:
    assert re.search(rf"`(data=)?{name}`", (ROOT / page).read_text())


@pytest.mark.parametrize(
    "name",
    [*effects_file.KINDS, "access_token", "collections", "key", "id_field", "parent", "operations"],
)
def test_each_key_of_effects_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs/effects.md").read_text()


def admin_routes() -> list[tuple[str, str, str]]:
    """What docs/admin-api.md says of each: the operation, what it does, and a call."""
    return re.findall(
        r"^\| `([A-Z]+ /\S*)` \| (.*?) \| `(curl .*)` \|$",
        (ROOT / "docs/admin-api.md").read_text(),
        re.MULTILINE,
    )


def test_every_admin_route_is_documented_as_its_table_has_it() -> None:
    table = [
        (
            f"{route.method} {re.sub('<(name|exchange)>', lambda found: found[1].upper(), route.path)}",
            route.summary,
        )
        for route in ROUTES
    ]
    documented = [(operation, summary) for operation, summary, _ in admin_routes()]
    assert sorted(documented) == sorted(table)  # the page groups the routes by subject


def an_exchange(url: str) -> str:
    """The id of an exchange that is in the journal."""
    with (
        urlopen(Request(f"{url}{TRASH}", headers={**TOKEN, "Prefer": "delay=0"})),
        urlopen(f"{url}/__admin/requests?limit=1") as journal,
    ):
        return str(json.load(journal)["requests"][0]["id"])


@pytest.mark.server
def test_each_documented_admin_call_works() -> None:
    curl = require_tool("curl")
    with running_server("--workers", "1") as process:
        for operation, _, call in admin_routes():
            known = f"ADMIN={process.url}/~docs/__admin ID={an_exchange(f'{process.url}/~docs')}"
            script = f"{known}; {call.replace('curl ', f'exec {curl} -si ', 1)}"
            calling = subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE)
            assert calling.stdout
            assert calling.stdout.readline().split()[1:] == [b"200", b"OK"], operation
            calling.kill()  # a stream would go on
            calling.communicate()


def test_no_document_links_to_what_is_not_there() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    links = [
        (page, link)
        for page in pages
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    ]
    assert len(links) > 30
    assert [
        f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()
    ] == []
