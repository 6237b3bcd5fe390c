"""Integers from -2^63 to 2^64-1 are kept exactly.

Other integers are rejected with their position, and never rounded.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from helpers.generated_apis import CASES, ONE_ACTION, generate_client, generate_folders
from helpers.processes import run_command

from mockserver.contract import loader
from mockserver.errors import InvalidFiles
from mockserver.formats import exact_json
from mockserver.formats.exact_json import INEXACT
from mockserver.web.app import create_app

HUGE = "12345678901234567890123"
MINIMUM, MAXIMUM = -(2**63), 2**64 - 1
POSTS = "/v1/posts"
GENERATED_KEYS = range(1234567890123456789, 1234567890123456789 + 12)
"""The keys of the records that `init` generates, from the key in the blueprint."""


@pytest.mark.parametrize("number", [0, -1, 2**53 + 1, 1234567890123456789, MINIMUM, MAXIMUM])
def test_an_integer_in_the_range_is_read_exactly(number: int) -> None:
    assert exact_json.loads(f'{{"a": [{number}]}}') == {"a": [number]}
    assert exact_json.loads(str(number).encode()) == number


TEXTS = [
    '{"a": "12345678901234567890123"}',
    '["12345678901234567890123 \\\\", "\\"12345678901234567890123"]',
    '{"12345678901234567890123": 1}',
    "12345678901234567890123.5",
    "1.12345678901234567890123",
    "1e25",
    "12345678901234567890123E-2",
    "[1e0000000000000000000000001]",
]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_and_floats_can_have_many_digits(text: str) -> None:
    assert exact_json.loads(text) == exact_json.loads(text.encode()) == json.loads(text)


@pytest.mark.parametrize("number", [MAXIMUM + 1, MINIMUM - 1, 10**30, int("9" * 300)])
@pytest.mark.parametrize(
    "shape", ["{}", "[1, {}]", '{{"a": "12345678901234567890123", "b": [-0, {}]}}']
)
def test_an_integer_outside_the_range_is_rejected_with_its_position(
    shape: str, number: int
) -> None:
    text = shape.format(number)
    for data in (text, text.encode()):
        with pytest.raises(exact_json.InexactInteger) as caught:
            exact_json.loads(data)
        assert (caught.value.msg, caught.value.pos) == (INEXACT, text.index(str(number)))


@pytest.mark.parametrize("text", ["1e400", "-1e400", "NaN", "Infinity", "9" * 400, "[1,]"])
def test_a_number_that_json_does_not_have_is_rejected(text: str) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        exact_json.loads(text)


# Files.


def _in_records(folder: Path) -> None:
    _replace(folder / "fixtures/large_ids/records/posts.yaml", "1234567890123456790", HUGE)


def _in_recipes(folder: Path) -> None:
    _replace(folder / "fixtures/large_ids/recipes.yaml", "1234567890123456789", HUGE)


def _in_effects(folder: Path) -> None:
    _replace(
        folder / "fixtures/large_ids/effects.yaml",
        "list: posts, limit: 1000",
        f"list: posts, limit: {HUGE}",
    )


def _in_scenario(folder: Path) -> None:
    path = folder / "fixtures/large_ids/scenarios/big.yaml"
    path.parent.mkdir()
    path.write_text(
        f"title: Big\noperations: [read-a-post]\nresponse: {{status: 404}}\nseed: {HUGE}\n"
    )


def _in_schema_file(folder: Path) -> None:
    _replace(
        folder / "schemas/large_ids/read-a-post.200.json",
        '"type": "object"',
        f'"type": "object", "maxProperties": {HUGE}',
    )


def _in_blueprint(before: str, after: str) -> Callable[[Path], None]:
    return lambda folder: _replace(folder / "schemas/large_ids/large_ids.apib", before, after)


def _replace(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


BODY = '{"error": "none"}'
YAML_AND_JSON_FILES = {
    "records": (_in_records, f"records/posts.yaml:6:7: {INEXACT}"),
    "effects": (_in_effects, f": {INEXACT}"),
    "scenario": (_in_scenario, f"scenarios/big.yaml:4:7: {INEXACT}"),
    "schema file": (_in_schema_file, f"read-a-post.200.json:5:38: {INEXACT}"),
}
BLUEPRINT_PARTS = {
    "attributes": (
        _in_blueprint(
            "id: 1234567890123456789 (number, required)\n+ text", f"id: {HUGE} (number)\n+ text"
        ),
        INEXACT,
    ),
    "parameter": (
        _in_blueprint("    + id: 1234567890123456789", f"    + id: {HUGE}"),
        f"large_ids.apib:17:7: {INEXACT}",
    ),
    "body": (
        _in_blueprint(BODY, f'{{"error": {HUGE}}}'),
        f"large_ids.apib:26:19: the example body has a number that is not exact: {INEXACT}. "
        "The body is sent as it is, and is not validated. [B312]",
    ),
    "infinite": (
        _in_blueprint("    + id: 1234567890123456789", "    + id: 1e400"),
        "exceeds the range of a double",
    ),
}


@pytest.mark.parametrize(
    ("change", "message"), YAML_AND_JSON_FILES.values(), ids=YAML_AND_JSON_FILES
)
def test_the_loader_rejects_an_inexact_integer_in_each_file(
    tmp_path: Path, change: Callable[[Path], None], message: str
) -> None:
    settings = generate_folders(tmp_path, "large_ids")
    loader.load_contract(settings.schemas, settings.fixtures)
    change(tmp_path)
    with pytest.raises(InvalidFiles) as caught:
        loader.load_contract(settings.schemas, settings.fixtures)
    assert message in str(caught.value)


@pytest.mark.parametrize(("change", "text"), BLUEPRINT_PARTS.values(), ids=BLUEPRINT_PARTS)
def test_the_loader_reports_an_inexact_integer_in_each_part_of_a_blueprint(
    tmp_path: Path, change: Callable[[Path], None], text: str
) -> None:
    settings = generate_folders(tmp_path, "large_ids")
    assert loader.load_contract(settings.schemas, settings.fixtures).messages == ()
    change(tmp_path)
    messages = loader.load_contract(settings.schemas, settings.fixtures).messages
    assert text in "\n".join(map(str, messages))


def test_the_command_fixtures_rejects_an_inexact_integer_in_a_recipe(tmp_path: Path) -> None:
    settings = generate_folders(tmp_path, "large_ids")
    _in_recipes(tmp_path)
    result = run_command(
        "fixtures", "--schemas", str(settings.schemas), "--fixtures", str(settings.fixtures)
    )
    assert result.returncode == 1
    assert INEXACT in result.stderr
    assert "Traceback" not in result.stderr


def test_init_ignores_a_schema_section_with_an_inexact_integer(tmp_path: Path) -> None:
    file = tmp_path / "a.apib"
    schema = f'{{"type": "integer", "maximum": {HUGE}}}'
    file.write_text(
        "# A\n\n## T [GET /t]\n\n+ Response 200 (application/json)\n"
        f"    + Schema\n\n            {schema}\n"
    )
    result = run_command(
        "init", str(file), "--schemas", str(tmp_path / "s"), "--fixtures", str(tmp_path / "f")
    )
    assert result.returncode == 0
    assert (
        f"a.apib:8:44: warning: the schema has a number that is not exact: {INEXACT}"
        in result.stderr
    )
    assert "The schema is ignored. [B313]" in result.stderr


# Requests.


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    text = (CASES / "large_ids.apib").read_text()
    action = (
        "### Add a post [POST]\n\n+ Request (application/json)\n    + Attributes\n"
        "        + text: hi (string)\n        + count: 1 (number)\n\n"
        "+ Response 201 (application/json)\n    + Attributes (Post)\n\n"
    )
    resource = "## Post [/posts/{id}]"
    text = text.replace(resource, action + resource)
    return create_app(
        generate_folders(tmp_path, text.replace("hi (string, required)", "hi (string)"))
    ).test_client()


def admin(client: FlaskClient, method: str, path: str, text: str) -> Any:
    return client.open(f"/__admin{path}", method=method, data=text, content_type="application/json")


@pytest.mark.parametrize(
    "number", [1234567890123456789, 1234567890123456788, MINIMUM, MAXIMUM, 2**53 + 1]
)
def test_a_record_with_a_large_key_is_found_by_its_exact_key(
    client: FlaskClient, number: int
) -> None:
    record = f'{{"id": {number}, "text": "x"}}'
    assert (
        admin(client, "PUT", f"/records?collection=a/posts&key={number}", record).status_code == 200
    )
    response = client.get(f"{POSTS}/{number}")
    assert (response.status_code, json.loads(response.data)["id"]) == (200, number)
    neighbour = number + 10 if number < MAXIMUM - 10 else number - 10
    if neighbour not in GENERATED_KEYS:
        assert client.get(f"{POSTS}/{neighbour}").status_code == 404


@pytest.mark.parametrize("number", [MAXIMUM + 1, MINIMUM - 1, HUGE, "9" * 5000])
def test_an_integer_outside_the_range_in_a_path_is_a_violation(
    client: FlaskClient, number: object
) -> None:
    response = client.get(f"{POSTS}/{number}")
    assert (response.status_code, response.json["violations"][0]["pointer"]) == (400, "path/id")


@pytest.mark.parametrize("number", [HUGE, str(MAXIMUM + 1), str(MINIMUM - 1), "1e400", "NaN"])
def test_an_integer_outside_the_range_in_a_body_is_a_violation(
    client: FlaskClient, number: str
) -> None:
    response = client.post(POSTS, data=f'{{"text": {number}}}', content_type="application/json")
    assert (response.status_code, response.json["violations"][0]["pointer"]) == (400, "body")


ADMIN_REQUESTS = [
    ("PUT", "/records?collection=a/posts&key=1", '{"id": HUGE, "text": "x"}'),
    ("PATCH", "/records?collection=a/posts&key=1234567890123456789", '{"text": HUGE}'),
    ("PUT", "/scenarios/list-posts-200", '{"times": HUGE}'),
    ("PUT", "/sandboxes/anna", '{"records": {"a/posts": {"1": {"id": HUGE, "text": "x"}}}}'),
    ("POST", "/clock/advance", '{"seconds": HUGE}'),
    ("POST", "/requests/find", '{"status": HUGE}'),
]


@pytest.mark.parametrize("number", [HUGE, str(MAXIMUM + 1), "1e400", "-Infinity"])
@pytest.mark.parametrize(("method", "path", "text"), ADMIN_REQUESTS)
def test_the_admin_api_rejects_a_number_outside_the_range(
    client: FlaskClient, method: str, path: str, text: str, number: str
) -> None:
    response = admin(client, method, path, text.replace("HUGE", number))
    assert (response.status_code, response.json["type"]) == (
        400,
        "urn:mockserver:problem:admin-request-invalid",
    )


def test_a_new_key_is_in_the_range(client: FlaskClient) -> None:
    record = f'{{"id": {MAXIMUM}, "text": "x"}}'
    assert (
        admin(client, "PUT", f"/records?collection=a/posts&key={MAXIMUM}", record).status_code
        == 200
    )
    created = client.post(POSTS, json={"text": "new"})
    assert (created.status_code, created.json["id"]) == (201, 1)
    assert client.get(f"{POSTS}/1").json["text"] == "new"
    response = client.get(POSTS, headers={"Prefer": "data=max"})
    assert response.status_code == 200


def test_openapi_has_the_bounds_of_integers_in_requests(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]
    bounds = {"type": "integer", "minimum": MINIMUM, "maximum": MAXIMUM}
    assert paths["/v1/posts/{id}"]["get"]["parameters"][0]["schema"] == bounds
    body = paths[POSTS]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["count"] == bounds
    assert body["properties"]["text"] == {"type": "string"}


def test_a_sequence_that_exceeds_the_range_is_rejected(tmp_path: Path) -> None:
    settings = generate_folders(tmp_path, "large_ids")
    _replace(tmp_path / "fixtures/large_ids/recipes.yaml", "1234567890123456789", str(MAXIMUM - 5))
    result = run_command(
        "fixtures", "--schemas", str(settings.schemas), "--fixtures", str(settings.fixtures)
    )
    assert result.returncode == 1
    assert INEXACT in result.stderr
    assert "Traceback" not in result.stderr


EXTREMES = [
    str(2**63),
    str(2**64 - 1),
    str(-(2**63)),
    str(-(2**62) - 1),
    "1e30",
    "1e308",
    "-1.7e308",
]


@pytest.mark.parametrize("number", EXTREMES)
def test_init_keeps_each_number_that_a_blueprint_can_show(tmp_path: Path, number: str) -> None:
    record = f'{{"id": 1, "n": {number}}}'
    text = f"{ONE_ACTION}+ Response 200 (application/json)\n\n        [{record}]\n"
    first = generate_client(tmp_path, text).get("/v2/t").json[0]
    assert first == json.loads(record)
    assert isinstance(first["n"], type(json.loads(number)))


@pytest.mark.parametrize("owner", [2**64 - 2, 2**64 - 1, -(2**63)])
def test_init_generates_other_records_of_an_owner_with_an_extreme_id(
    tmp_path: Path, owner: int
) -> None:
    parameters = f"+ Parameters\n    + uid: {owner} (number, required)\n\n"
    body = f'[{{"id": 1, "uid": {owner}}}]'
    text = (
        f"# A\n\n## T [/u/{{uid}}/t]\n\n{parameters}### List [GET]\n\n"
        f"+ Response 200 (application/json)\n\n        {body}\n"
    )
    records = generate_client(tmp_path, text).get(f"/u/{owner}/t").json
    assert {"id": 1, "uid": owner} in records
    assert {record["uid"] for record in records} == {owner}
