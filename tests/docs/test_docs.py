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
from mockserver.contract.scenarios.definition import SCHEMA
from mockserver.contract.scenarios.list_lengths import DATA_NAMES
from mockserver.contract.scenarios.undocumented import SERVER_HEADERS, SERVER_PREFIXES
from mockserver.formats import strict_yaml
from mockserver.web.admin import ROUTES


def test_the_page_of_settings_has_the_table_of_the_code() -> None:
    assert table() in (ROOT / "docs/settings.md").read_text()


def first_yaml_block(name: str) -> str:
    match = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / name).read_text(), re.DOTALL)
    assert match
    return match[1]


def test_the_first_example_of_a_scenario_is_valid(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(first_yaml_block("scenarios.md"))
    loaded = loader.load_contract(SCHEMAS, FIXTURES)
    read = scenarios.read_scenarios(tmp_path, "scenarios", loaded.apis[0], None)["mine"]
    assert (read.response.status, read.response.delay) == (404, (0.2, 0.2))


def test_the_first_example_of_effects_is_valid() -> None:
    document = strict_yaml.parse_yaml(first_yaml_block("effects.md").encode(), "effects.yaml")
    api = loader.load_contract(SCHEMAS, FIXTURES).apis[0]
    assert effects_file.read_effects(document, api).access_token == "X-Access-Token"


@pytest.mark.parametrize("name", list(SCHEMA["properties"]))
def test_each_key_of_a_scenario_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs/scenarios.md").read_text()


@pytest.mark.parametrize("page", ["docs/scenarios.md", "README.md"])
@pytest.mark.parametrize("name", DATA_NAMES)
def test_each_data_variant_is_documented(name: str, page: str) -> None:
    assert re.search(rf"`(data=)?{name}`", (ROOT / page).read_text())


def test_each_header_that_a_response_cannot_set_is_documented() -> None:
    rows = []
    for name, reason in SERVER_HEADERS.items():
        rows.append(f"| `{name}` | {reason} |")
    for start, reason in SERVER_PREFIXES.items():
        rows.append(f"| `{start}...` | {reason} |")
    page = (ROOT / "docs/scenarios.md").read_text().casefold()
    assert [row for row in rows if row.casefold() not in page] == []


@pytest.mark.parametrize(
    "name",
    [*effects_file.KINDS, "access_token", "collections", "key", "id_field", "parent", "operations"],
)
def test_each_key_of_effects_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs/effects.md").read_text()


def admin_routes() -> list[tuple[str, str, str]]:
    """Return the rows of docs/admin-api.md: method and path, summary, and a call."""
    return re.findall(
        r"^\| `([A-Z]+ /\S*)` \| (.*?) \| `(curl .*)` \|$",
        (ROOT / "docs/admin-api.md").read_text(),
        re.MULTILINE,
    )


def test_the_page_of_the_admin_api_has_each_route_of_the_table() -> None:
    table = []
    for route in ROUTES:
        path = route.path.replace("<name>", "NAME").replace("<exchange>", "EXCHANGE")
        table.append((f"{route.method} {path}", route.summary))
    documented = [(operation, summary) for operation, summary, _ in admin_routes()]
    assert sorted(documented) == sorted(table)  # the page groups the routes by subject


def recorded_exchange(url: str) -> str:
    """Send a request, and return the id of its exchange."""
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
            exchange = recorded_exchange(f"{process.url}/~docs")
            variables = f"ADMIN={process.url}/~docs/__admin ID={exchange}"
            script = f"{variables}; {call.replace('curl ', f'exec {curl} -si ', 1)}"
            calling = subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE)
            assert calling.stdout
            assert calling.stdout.readline().split()[1] in (b"200", b"201"), operation
            calling.kill()  # a stream would go on
            calling.communicate()
