"""Errors of several files together: routes of two APIs, and the date of the fixtures."""

import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from helpers.processes import run_command
from helpers.shipped_api import load_from_files, shipped_contract

from mockserver.contract import loader, records
from mockserver.errors import InvalidFiles

API = "push_notifications"
OK = '+ Response 200 (application/json)\n\n        {"a": 1}\n'


def errors(folder: Path, blueprints: dict[str, str]) -> list[str]:
    """Return the errors of APIs. Each has a name, the path of its HOST and a heading."""
    for name, text in blueprints.items():
        (folder / "schemas" / name).mkdir(parents=True)
        host, _, heading = text.partition(" ")
        blueprint = f"FORMAT: 1A\nHOST: https://x.test{host}\n\n# {name}\n\n# {heading}\n\n{OK}"
        (folder / "schemas" / name / f"{name}.apib").write_text(blueprint)
    (folder / "fixtures").mkdir()
    try:
        loader.load_contract(folder / "schemas", folder / "fixtures")
    except InvalidFiles as invalid:
        return [str(error).removeprefix(f"{folder}/schemas/") for error in invalid.errors]
    return []


def test_two_apis_cannot_have_the_same_route(tmp_path: Path) -> None:
    messages = errors(tmp_path, {"one": "/api GET /users/{id}", "two": "/api GET /users/{name}"})
    assert [
        each.partition(":6:")[0] for each in messages if "is already an operation of" in each
    ] == ["two/two.apib"]
    assert [each for each in messages if "GET /api/users/{name} is already an operation of" in each]


def test_the_base_path_of_one_api_cannot_make_its_routes_those_of_another(tmp_path: Path) -> None:
    messages = errors(tmp_path, {"one": "/api GET /v2/users", "two": "/api/v2 GET /users"})
    assert [each for each in messages if "GET /api/v2/users is already an operation of" in each]


@pytest.mark.parametrize(
    "second", ["/api POST /users", "/api GET /users/all", "/api/v2 GET /users", "/api2 GET /users"]
)
def test_two_apis_may_have_different_routes_below_one_path(tmp_path: Path, second: str) -> None:
    messages = errors(tmp_path, {"one": "/api GET /users", "two": second})
    assert [each for each in messages if "is already an operation of" in each] == []


INVALID_DATES = [
    "9999-12-31 23:59:59",
    "3000-01-01 00:00:00",
    "0000-01-01 00:00:00",
    "2026-02-30 00:00:00",
    "2026-11-02 25:00:00",
    "2026-11-02T09:00:00+02:00",
    "2026-11-02 09:00:00Z",
    "10000-01-01 00:00:00",
]


@pytest.mark.parametrize("date", INVALID_DATES)
def test_an_invalid_date_of_the_fixtures_is_an_error(shipped: Path, date: str) -> None:
    recipes = shipped / "fixtures/push_notifications/recipes.yaml"
    text = recipes.read_text()
    line = next(
        number for number, line in enumerate(text.splitlines(), 1) if line.startswith("now:")
    )
    recipes.write_text(text.replace("2026-11-02 09:00:00", date, 1))
    error = "/now: expected a timestamp YYYY-MM-DD HH:MM:SS, not after 2999-12-31 23:59:59, got"
    for call, label in (("check", "error: "), ("fixtures", "")):
        result = run_command(
            call, "--schemas", str(shipped / "schemas"), "--fixtures", str(shipped / "fixtures")
        )
        assert result.returncode == 1
        assert f"recipes.yaml:{line}:6: {label}{error}" in result.stderr


@pytest.mark.parametrize("offset", [1e12, 1e300, -1e12])
def test_a_sandbox_whose_clock_has_no_valid_date_is_rejected(
    client: FlaskClient, offset: float
) -> None:
    sandbox = client.get("/__admin/sandboxes/default").get_json()
    sandbox["state"]["clock"]["offset_seconds"] = offset
    assert client.put("/__admin/sandboxes/default", json=sandbox).status_code == 400
    assert client.get("/__admin/clock").status_code == 200


def load_calls(folder: Path, count: int) -> int:
    """Return the number of Python calls while a contract with this number of exports is loaded."""
    path = folder / f"fixtures/{API}/records/exports.yaml"
    model = {**next(iter(shipped_contract().collections[f"{API}/exports"].values()))}
    path.write_text(records.render({**model, "id": number} for number in range(count)))
    calls = 0

    def counted(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        load_from_files(folder / "schemas", folder / "fixtures")
    finally:
        sys.setprofile(before)
    return calls


def test_the_calls_to_load_records_grow_in_proportion_to_their_number(shipped: Path) -> None:
    calls = [load_calls(shipped, count) for count in (50, 150, 350)]
    assert calls[2] - calls[1] <= 2.1 * (calls[1] - calls[0])
