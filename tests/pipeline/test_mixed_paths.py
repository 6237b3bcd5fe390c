"""Paths with mixed segments and rests: routing, precedence, near misses, OpenAPI."""

import json
from typing import Any

import pytest
from helpers.generated_apis import (
    generate_client,
    generated_contract,
    generated_server,
    send_request,
)
from helpers.shop_api import action_text
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockserver.contract.openapi import openapi
from mockserver.pipeline.near_misses import NearMisses
from mockserver.pipeline.router import Router

API = "FORMAT: 1A\nHOST: http://h/v1\n\n# Files\n" + "".join(
    [
        # The order in the blueprint is the reverse of the precedence.
        action_text("Rest", "GET /docs/{+path}"),
        action_text("Variable", "GET /docs/{name}"),
        action_text("Mixed", "GET /docs/{name}.json"),
        action_text("More text", "GET /docs/doc-{name}.json"),
        action_text("Literal", "GET /docs/all.json"),
        action_text("Other method", "PUT /docs/{name}.json"),
        action_text("Raw", "GET /repos/{+path}/raw"),
        action_text("Files", "GET /files{/path*}", "path: a (array[string])"),
        action_text("After text", "GET /start{+path}"),
        action_text("Place", "GET /at/{lat},{lon}", "lat: 50.5 (number)", "lon: 14 (number)"),
        action_text("Pair", "GET /pairs/{a}-{b}"),
        action_text("Release", "GET /r{n}/items"),
        action_text("Label", "GET /label{.x,y}"),
        action_text("User", "GET /users{/user-id}{#top}"),
        action_text("Twice", "GET /twice/{id}/{id}"),
        action_text("Ids", "GET /ids{?ids*}"),
        action_text("Near", "GET /near?at={lat},{lon}", "lat: 1 (number)", "lon: 2 (number)"),
        action_text("Kind", "GET /kinds?kind=a&page=1", "kind: b (number) - The kind"),
        action_text("Brackets", "GET /<b>/{x}|"),
    ]
)
MATCHED: list[tuple[str, str, dict[str, str]]] = [
    ("/docs/all.json", "literal", {}),
    ("/docs/doc-1.json", "more-text", {"name": "1"}),
    ("/docs/a.json", "mixed", {"name": "a"}),
    ("/docs/a.b.json", "mixed", {"name": "a.b"}),
    ("/docs/a.xml", "variable", {"name": "a.xml"}),
    ("/docs/.json", "variable", {"name": ".json"}),
    ("/docs/a/b.json", "rest", {"path": "a/b.json"}),
    ("/docs/a//b", "rest", {"path": "a//b"}),
    ("/repos/a/raw", "raw", {"path": "a"}),
    ("/repos/a/b/raw", "raw", {"path": "a/b"}),
    ("/repos/raw/raw/raw", "raw", {"path": "raw/raw"}),
    ("/files/a", "files", {"path": "a"}),
    ("/files/a/b/", "files", {"path": "a/b/"}),
    ("/start/a/b", "after-text", {"path": "/a/b"}),
    ("/at/1,2", "place", {"lat": "1", "lon": "2"}),
    ("/pairs/a-b-c", "pair", {"a": "a-b", "b": "c"}),
    ("/r2/items", "release", {"n": "2"}),
    ("/label.a.b", "label", {"x": "a", "y": "b"}),
    ("/users/5", "user", {"user-id": "5"}),
    ("/twice/1/2", "twice", {"id": "2"}),
    ("/<b>/a|", "brackets", {"x": "a"}),
]


@pytest.mark.parametrize(
    ("path", "operation", "variables"), MATCHED, ids=[path for path, *_ in MATCHED]
)
def test_the_first_segment_with_another_form_decides(
    path: str, operation: str, variables: dict[str, str]
) -> None:
    match = Router(generated_contract(API).served).match("GET", f"/v1{path}")
    assert (match.served.operation.id, match.variables) == (operation, variables)


def test_an_encoded_slash_is_part_of_a_mixed_segment() -> None:
    router = Router(generated_contract(API).served)
    mixed = router.match("GET", "/v1/docs/a/b.json", ("v1", "docs", "a/b.json"))
    assert (mixed.served.operation.id, mixed.variables) == ("mixed", {"name": "a/b"})
    rest = router.match("GET", "/v1/files/a/b/c", ("v1", "files", "a/b", "c"))
    assert rest.variables == {"path": "a/b/c"}


def test_a_path_has_the_methods_of_all_its_templates() -> None:
    router = Router(generated_contract(API).served)
    assert router.methods("/v1/docs/a.json") == ["GET", "HEAD", "OPTIONS", "PUT"]
    assert router.methods("/v1/docs/a") == ["GET", "HEAD", "OPTIONS"]


NEAR_MISSES = [
    ("/pairs/ab", "pair", ["segment 3: expected {a}-{b}, got ab"]),
    ("/pair/a-b", "pair", ["segment 2: expected pairs, got pair"]),
    ("/at/1;2", "place", ["segment 3: expected {lat},{lon}, got 1;2"]),
    ("/filse/a/b/c", "files", ["segment 2: expected files, got filse"]),
    ("/r2/item", "release", ["segment 3: expected items, got item"]),
    ("/repos/a/b/rwa", "raw", ["segment 5: expected raw, got rwa"]),
    ("/users", "user", ["segment 3: expected {user-id}, got nothing"]),
]


@pytest.mark.parametrize(
    ("path", "operation", "differences"), NEAR_MISSES, ids=[path for path, *_ in NEAR_MISSES]
)
def test_a_near_miss_names_the_form_of_the_segment(
    path: str, operation: str, differences: list[str]
) -> None:
    nearest = NearMisses(generated_contract(API).served).nearest("GET", f"/v1{path}")[0]
    assert (nearest.operation, list(nearest.differences)) == (operation, differences)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi(generated_contract(API))


def test_openapi_lists_each_variable_of_a_path(document: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    [lat, lon, _sandbox] = document["paths"]["/v1/at/{lat},{lon}"]["get"]["parameters"]
    assert (lat["name"], lat["in"], lat["required"], lat["example"]) == ("lat", "path", True, 50.5)
    assert lon["schema"]["type"] == "integer"
    [rest, _sandbox] = document["paths"]["/v1/files/{path}"]["get"]["parameters"]
    assert (rest["schema"], rest["description"]) == ({"type": "string"}, "It may contain slashes.")


def test_openapi_repeats_the_items_of_an_exploded_list(document: dict[str, Any]) -> None:
    [ids, _sandbox] = document["paths"]["/v1/ids"]["get"]["parameters"]
    assert (ids["schema"]["type"], ids["style"], ids["explode"]) == ("array", "form", True)


def test_a_composed_value_is_one_query_variable(document: dict[str, Any]) -> None:
    [near, _sandbox] = document["paths"]["/v1/near"]["get"]["parameters"]
    assert (near["name"], near["example"], near["required"]) == ("at", "1,2", True)
    assert near["description"] == "The form is {lat},{lon}."


def test_a_documented_literal_part_of_a_query_is_one_parameter(document: dict[str, Any]) -> None:
    [kind, page, _sandbox] = document["paths"]["/v1/kinds"]["get"]["parameters"]
    assert (kind["name"], kind["schema"]) == ("kind", {"type": "string", "enum": ["a"]})
    assert (kind["description"], kind["required"]) == ("The kind", True)
    assert (page["name"], page["schema"]) == ("page", {"type": "string", "enum": ["1"]})
    assert send_request(generated_server(API), "GET", "/v1/kinds?kind=a&page=1").status == 200


@pytest.mark.parametrize(("path", "status"), [("/at/1,2", 200), ("/at/1,x", 400), ("/at/12", 404)])
def test_a_variable_of_a_mixed_segment_has_its_type(path: str, status: int) -> None:
    assert send_request(generated_server(API), "GET", f"/v1{path}").status == status


def test_flask_serves_mixed_paths_too(tmp_path: Any) -> None:
    client = generate_client(tmp_path, API)
    for path, operation, _ in MATCHED:
        response = client.get(f"/v1{path}")
        assert response.status_code == 200, path
        assert json.dumps(response.text.lower().replace(" ", "-")) == json.dumps(operation)
