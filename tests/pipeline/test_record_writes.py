"""Requests that create, change and delete records, in the API of docs/own-api.md."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.own_api import OWN_API_BLOCKS, OWN_API_PAGE
from helpers.processes import run_command

from mockserver.config.settings import Settings
from mockserver.web.app import create_app

STORY = re.findall(
    r"^    ([A-Z]+) (/\S+)(?: (\{.*\}))? -> (\d+)(?: (.+))?$", OWN_API_PAGE, re.MULTILINE
)
TOKEN = {"Authorization": "Bearer abc"}
DRAFT = {
    "title": "Mine",
    "currency": "EUR",
    "lines": [{"sku": "B-2", "quantity": 1, "unit_price": 3.5}],
}
INVOICES = "/v2/customers/7/invoices"


@pytest.fixture(scope="module")
def api_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the files of the page, with schemas and records, and return their folder."""
    folder = tmp_path_factory.mktemp("own_api")
    for blueprint, yaml, text in OWN_API_BLOCKS:
        path = folder / (blueprint or yaml)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    folders = ("--schemas", str(folder / "schemas"), "--fixtures", str(folder / "fixtures"))
    for command in ("schemas", "fixtures"):
        assert run_command(command, *folders).returncode == 0
    check = run_command("check", *folders)
    assert (check.returncode, check.stderr) == (0, "")
    assert check.stdout.replace(f"{folder}/", "") in OWN_API_PAGE
    return folder


@pytest.fixture(scope="module")
def shared_client(api_folder: Path) -> FlaskClient:
    settings = Settings(
        schemas=api_folder / "schemas", fixtures=api_folder / "fixtures", store="memory:"
    )
    return create_app(settings).test_client()


@pytest.fixture
def client(shared_client: FlaskClient) -> FlaskClient:
    shared_client.post("/__admin/reset", json={})
    return shared_client


def ask(client: FlaskClient, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    response = client.open(path, method=method, json=body, headers=TOKEN)
    return response.status_code, response.get_json(silent=True)


def create(client: FlaskClient, **members: Any) -> dict[str, Any]:
    status, body = ask(client, "POST", INVOICES, {**DRAFT, **members})
    assert status == 201
    invoice: dict[str, Any] = body["invoice"]
    return invoice


def test_the_documented_responses_are_sent(client: FlaskClient) -> None:
    assert len(OWN_API_BLOCKS) == 5
    assert len(STORY) == 11
    for method, path, body, status, text in STORY:
        response = client.open(
            path, method=method, json=json.loads(body) if body else None, headers=TOKEN
        )
        assert (response.status_code, text in response.text) == (int(status), True), (
            f"{method} {path}: {response.text}"
        )


def test_a_created_record_is_in_list_and_detail(client: FlaskClient) -> None:
    invoice = create(client)
    assert {name: invoice[name] for name in DRAFT} == DRAFT
    assert ask(client, "GET", f"{INVOICES}/{invoice['id']}") == (200, {"invoice": invoice})
    assert invoice in ask(client, "GET", f"{INVOICES}?limit=1000")[1]["invoices"]
    assert ask(client, "GET", f"/v2/customers/8/invoices/{invoice['id']}")[0] == 404, (
        "it belongs to the customer of the path"
    )


def test_a_key_of_a_deleted_record_is_not_used_again(client: FlaskClient) -> None:
    first = create(client)["id"]
    ask(client, "DELETE", f"{INVOICES}/{first}")
    assert create(client)["id"] == first + 1


def test_a_created_record_is_in_one_sandbox_and_a_reset_deletes_it(client: FlaskClient) -> None:
    invoice = create(client)
    assert ask(client, "GET", f"/~other{INVOICES}/{invoice['id']}")[0] == 404
    client.post("/__admin/reset", json={})
    assert ask(client, "GET", f"{INVOICES}/{invoice['id']}")[0] == 404
    assert create(client) == invoice


def test_a_patch_keeps_the_fields_that_it_does_not_contain(client: FlaskClient) -> None:
    before = create(client)
    path = f"{INVOICES}/{before['id']}"
    address = {"city": "Praha", "zip": "11000"}
    assert ask(client, "PATCH", path, {"address": address}) == (
        200,
        {"invoice": {**before, "address": address}},
    )
    assert ask(client, "GET", path)[1]["invoice"]["address"] == address


def test_a_missing_record_is_the_documented_404(client: FlaskClient) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        assert ask(client, method, f"{INVOICES}/999", {} if method == "PATCH" else None) == (
            404,
            {"error": "No such invoice"},
        )


def test_a_deletion_with_a_bodiless_response_deletes_the_record(client: FlaskClient) -> None:
    assert ask(client, "DELETE", f"{INVOICES}/1") == (204, None)
    assert ask(client, "DELETE", f"{INVOICES}/1")[0] == 404


def test_a_rejected_body_changes_nothing(client: FlaskClient) -> None:
    before = ask(client, "GET", f"{INVOICES}?limit=1000")
    assert ask(client, "POST", INVOICES, {**DRAFT, "currency": "USD"})[0] == 400
    assert ask(client, "PATCH", f"{INVOICES}/1", {"status": "paid"})[0] == 400
    assert ask(client, "GET", f"{INVOICES}?limit=1000") == before


def test_the_token_of_authorization_follows_its_scheme(api_folder: Path) -> None:
    settings = Settings(
        schemas=api_folder / "schemas",
        fixtures=api_folder / "fixtures",
        store="memory:",
        tokens=("old=expired",),
    )
    client = create_app(settings).test_client()
    for value, status in {
        "Bearer new": 200,
        "Bearer old": 401,
        "old": 401,
        "bearer old@anna": 401,
        "": 401,
        "new": 200,
    }.items():
        response = client.get(INVOICES, headers={"Authorization": value})
        assert (value, response.status_code) == (value, status)
    assert client.get(INVOICES).headers["WWW-Authenticate"] == 'Bearer realm="invoices"'


def test_an_undescribed_path_variable_matches_numbers(api_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "schemas/invoices/invoices.apib"
    path.parent.mkdir(parents=True)
    path.write_text(
        (api_folder / "schemas/invoices/invoices.apib")
        .read_text()
        .replace("    + customer_id: 7 (number, required)\n", "")
    )
    path.write_text(re.sub(r"\+ Parameters\n\n", "", path.read_text()))
    client = create_app(
        Settings(schemas=tmp_path / "schemas", fixtures=api_folder / "fixtures", store="memory:")
    ).test_client()
    assert len(ask(client, "GET", INVOICES)[1]["invoices"]) == 20
    assert create(client)["customer_id"] == 7
    assert len(ask(client, "GET", f"{INVOICES}?limit=100")[1]["invoices"]) == 21


@pytest.mark.parametrize("base", ["", "/~anna"])
@pytest.mark.parametrize(
    "documented",
    ["/v2/customers/7/invoices/1", "https://billing.example.com/v2/customers/7/invoices/1"],
)
def test_the_location_of_a_new_record_can_be_read(
    api_folder: Path, tmp_path: Path, base: str, documented: str
) -> None:
    shutil.copytree(api_folder, tmp_path, dirs_exist_ok=True)
    blueprint = tmp_path / "schemas/invoices/invoices.apib"
    text = blueprint.read_text()
    head = "+ Response 201 (application/json)\n"
    assert text.count(head) == 1
    blueprint.write_text(
        text.replace(head, f"{head}    + Headers\n\n            Location: {documented}\n\n")
    )
    folders = Settings(
        schemas=tmp_path / "schemas", fixtures=tmp_path / "fixtures", store="memory:"
    )
    client = create_app(folders).test_client()
    response = client.post(f"{base}{INVOICES}", json=DRAFT, headers=TOKEN)
    path = response.headers["Location"]
    assert path.startswith(f"{base}{INVOICES}/")
    assert client.get(path, headers=TOKEN).json == response.json
