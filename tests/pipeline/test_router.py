"""The router as a table: method and target, and the operation or the problem."""

import json

import pytest
from helpers.generated_apis import generated_contract, generated_server, send_request
from helpers.shop_api import SHOP, action_text
from werkzeug.test import create_environ

from mockserver.contract.routes import Match, Route
from mockserver.errors import Problem
from mockserver.pipeline.router import Router
from mockserver.web.wsgi import parse_request

UNKNOWN, METHOD = "unknown-operation", "method-not-allowed"
MATCHED = [
    # The query decides between templates of one path.
    ("GET", "/v1/users?name=Ann", "users-by-name", {}),
    ("GET", "/v1/users?city=Brno", "users-by-city", {}),
    ("GET", "/v1/users?x=1&city=Brno", "users-by-city", {}),
    ("HEAD", "/v1/users?city=Brno", "users-by-city", {}),
    ("GET", "/v1/users", "users-by-name", {}),
    ("GET", "/v1/users?x=1", "users-by-name", {}),
    ("GET", "/v1/users?name=A&city=B", "users-by-name", {}),
    ("GET", "/v1/orders", "all-orders", {}),
    ("GET", "/v1/orders?x=1", "all-orders", {}),
    ("GET", "/v1/orders?state=old", "some-orders", {}),
    ("GET", "/v1/orders?state=old&page=2", "some-orders", {}),
    ("GET", "/v1/orders?page=2", "pages-of-orders", {}),
    ("GET", "/v1/orders?state=new", "new-orders", {}),
    ("GET", "/v1/orders?page=3&state=new", "new-orders", {}),
    ("POST", "/v1/orders?state=new", "add-an-order", {}),
    ("GET", "/v1/halves?x=1", "first-half", {}),
    ("GET", "/v1/halves?x=2", "second-half", {}),
    ("GET", "/v1/halves?x=2&y=3", "second-half", {}),
    ("GET", "/v1/halves?exact=&x=1", "exact-half", {}),
    ("GET", "/v1/flags?q=a+b", "flags", {}),
    ("GET", "/v1/flags?r=1&q=a%20b", "flags", {}),
    ("GET", "/v1/renamed?user=5", "renamed", {}),
    ("GET", "/v1/renamed?page=5", "plain", {}),
    # An encoded slash is part of a value.
    ("GET", "/v1/files/a", "read", {"path": "a"}),
    ("GET", "/v1/files/a%2Fb", "read", {"path": "a/b"}),
    ("GET", "/v1/files/a%2fb%20c", "read", {"path": "a/b c"}),
    ("GET", "/v1/files/a/b", "read-a-version", {"path": "a", "version": "b"}),
    ("GET", "/v1/files/a%2Fb/c", "read-a-version", {"path": "a/b", "version": "c"}),
    ("GET", "/v1/files/%2F", "read", {"path": "/"}),
    ("GET", "/v1/files/%2Flist", "read", {"path": "/list"}),
    ("GET", "/v1/files/a%252Fb", "read", {"path": "a%2Fb"}),
    ("GET", "/v1/files/a%252Fb%2Fc", "read", {"path": "a%2Fb/c"}),
    ("GET", "/v1/files/%2E%2E", "read", {"path": ".."}),
    ("GET", "/v1/files/%2E%2E%2Fx", "read", {"path": "../x"}),
    ("GET", "/v1/files/%C5%99%2F%E2%82%AC", "read", {"path": "ř/€"}),
    ("GET", "/v1/files/a%3Fb%23c", "read", {"path": "a?b#c"}),
    ("GET", "/v1/files/a?x=%2F", "read", {"path": "a"}),
    ("GET", "/v1/a%2Fb", "slashed", {}),
    ("GET", "/v1/a%2Fc", "any", {"any": "a/c"}),
    # A literal goes before a variable.
    ("GET", "/v1/files/list", "read-the-list", {}),
    ("GET", "/v1/files/list/2", "read-a-version", {"path": "list", "version": "2"}),
    ("GET", "/v1/special?x=1", "special", {}),
    ("GET", "/v1/special?x=2", "any", {"any": "special"}),
    ("GET", "/v1/halves", "any", {"any": "halves"}),
    ("GET", "/v1/halves?x=3", "any", {"any": "halves"}),
    ("GET", "/v1/flags?q=a", "any", {"any": "flags"}),
    # Upper and lower case differ, in paths and in names of the query.
    ("GET", "/v1/Orders", "any", {"any": "Orders"}),
    ("GET", "/v1/users?NAME=Ann&city=Brno", "users-by-city", {}),
    # A template does not have the methods of another one.
    ("GET", "/v1/touch", "any", {"any": "touch"}),
    # HEAD and OPTIONS.
    ("HEAD", "/v1/files/a", "look", {"path": "a"}),
    ("HEAD", "/v1/files/list", "read-the-list", {}),
    ("HEAD", "/v1/files/a%2Fb", "look", {"path": "a/b"}),
    ("HEAD", "/v1/orders", "all-orders", {}),
    ("HEAD", "/v1/touch", "touch", {}),
    ("OPTIONS", "/v1/files/a", "ask", {"path": "a"}),
]
REFUSED = [
    ("GET", "/v1/files/", UNKNOWN, None),
    ("GET", "/v1/files/a/b/c", UNKNOWN, None),
    ("GET", "/v1%2Ffiles/a", UNKNOWN, None),
    ("GET", "/v1%2Forders", UNKNOWN, None),
    ("GET", "/v1/users/", UNKNOWN, None),
    ("GET", "//v1/users", UNKNOWN, None),
    ("GET", "/users?name=Ann", UNKNOWN, None),
    ("GET", "/v1", UNKNOWN, None),
    ("GET", "/v1/", UNKNOWN, None),
    ("GET", "/V1/orders", UNKNOWN, None),
    ("POST", "/v1/files/list", METHOD, ["GET", "HEAD", "OPTIONS"]),
    ("PATCH", "/v1/users?name=Ann", METHOD, ["GET", "HEAD", "OPTIONS"]),
    ("PUT", "/v1/orders", METHOD, ["GET", "HEAD", "OPTIONS", "POST"]),
    ("DELETE", "/v1/files/a%2Fb", METHOD, ["GET", "HEAD", "OPTIONS"]),
    ("POST", "/v1/files/a/b", METHOD, ["GET", "HEAD", "OPTIONS"]),
    ("HEAD", "/v1/a/b", UNKNOWN, None),
    ("POST", "/v1/touch", METHOD, ["GET", "HEAD", "OPTIONS"]),
]
WORDS = [f"word{number}" for number in range(60)]
MANY = "# A\n" + "".join(action_text(word, f"GET /{word}/{{id}}") for word in WORDS)
LITERAL = (
    "# A\n"
    + action_text("One", "GET /a?x=1")
    + action_text("Two", "GET /a?x=2")
    + action_text("Three", "POST /a?x=3")
)


def routed(source: str, method: str, target: str) -> Match:
    """Route a request from its target on the wire."""
    request = parse_request(create_environ(target, method=method), max_body=0)
    router = Router(generated_contract(source).served)
    match = router.match(request.method, request.path, request.segments, request.query)
    assert (
        router.match(request.method, request.path, request.segments, request.query).served
        is match.served
    )
    return match


@pytest.mark.parametrize(
    ("method", "target", "operation", "variables"),
    MATCHED,
    ids=[f"{m} {t}" for m, t, *_ in MATCHED],
)
def test_a_request_finds_its_operation(
    method: str, target: str, operation: str, variables: dict[str, str]
) -> None:
    match = routed(SHOP, method, target)
    assert (match.served.operation.id, match.variables) == (operation, variables)


@pytest.mark.parametrize(
    ("method", "target", "slug", "allowed"), REFUSED, ids=[f"{m} {t}" for m, t, *_ in REFUSED]
)
def test_a_request_that_matches_no_operation_is_a_problem(
    method: str, target: str, slug: str, allowed: list[str] | None
) -> None:
    with pytest.raises(Problem) as caught:
        routed(SHOP, method, target)
    assert (caught.value.slug, caught.value.extensions.get("allowed")) == (slug, allowed)


@pytest.mark.parametrize("target", ["/a", "/a?x=3", "/a?x=", "/a?x=11", "/a?y=1"])
def test_a_query_that_no_operation_has_matches_none(target: str) -> None:
    response = send_request(generated_server(LITERAL), "GET", target)
    problem = json.loads(response.body)
    assert (response.status, problem["type"]) == (404, f"urn:mockserver:problem:{UNKNOWN}")
    nearest = problem["near_misses"][0]
    assert (nearest["operation"], nearest["differences"]) == ("one", ["query: expected x=1"])


def test_a_request_is_not_compared_with_every_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    router = Router(generated_contract(MANY).served)
    compared: list[Route] = []
    matches = Route.matches

    def counted(route: Route, segments: tuple[str, ...]) -> bool:
        compared.append(route)
        return matches(route, segments)

    monkeypatch.setattr(Route, "matches", counted)
    match = router.match("GET", "/word59/1")
    assert (match.served.operation.id, match.variables, len(compared)) == ("word59", {"id": "1"}, 1)


AMBIGUOUS_OUTCOME = (
    "expected another path or query. The first action responds to these requests. [B603]"
)
AMBIGUOUS = [
    (
        ["GET /a{?x}", "GET /a{?y}"],
        [f":9:4: GET /a matches the same queries as the action in line 3; {AMBIGUOUS_OUTCOME}"],
    ),
    (
        ["GET /a/{x}", "GET /a/{y}"],
        [f":9:4: GET /a/{{y}} has the same route as the action in line 3; {AMBIGUOUS_OUTCOME}"],
    ),
    (
        ["GET /a?p=1", "GET /a?q=2"],
        [f":9:4: GET /a matches the same queries as the action in line 3; {AMBIGUOUS_OUTCOME}"],
    ),
    (["GET /a?p=1", "GET /a?p=2"], []),
    (["GET /a?p=1", "GET /a?p=2{&x}"], []),
    (["GET /a", "GET /a{?x}"], []),
    (["GET /a{?x}", "GET /a{?x,y}"], []),
    (["GET /a{?x}", "POST /a{?y}"], []),
    (["GET /a/{x}", "GET /a/b"], []),
]


@pytest.mark.parametrize(
    ("requests", "warnings"), AMBIGUOUS, ids=[" ".join(requests) for requests, _ in AMBIGUOUS]
)
def test_an_ambiguous_template_is_a_warning(requests: list[str], warnings: list[str]) -> None:
    source = "# A\n" + "".join(
        action_text(f"Action {index}", request) for index, request in enumerate(requests)
    )
    messages = generated_contract(source).messages
    assert [str(message).partition("a.apib")[2] for message in messages] == warnings


def test_operations_of_one_path_have_different_responses() -> None:
    server = generated_server(SHOP)
    for query, body in [("name=Ann", b"Users by name"), ("city=Brno", b"Users by city")] * 2:
        assert send_request(server, "GET", f"/v1/users?{query}").body == body


@pytest.mark.parametrize(
    ("query", "status"), [("name=Ann", 200), ("city=Brno", 200), ("", 400), ("x=1", 400)]
)
def test_the_query_chooses_between_two_searches(query: str, status: int) -> None:
    assert send_request(generated_server("sameuri"), "GET", f"/v1/users?{query}").status == status


@pytest.mark.parametrize("query", ["", "quarter=1", "quarter=1&prof=2", "prof=2"])
def test_a_literal_query_chooses_its_operation(query: str) -> None:
    assert (
        send_request(generated_server("literalquery"), "GET", f"/v1/courses?{query}").status == 200
    )
    assert (
        send_request(generated_server("literalquery"), "GET", "/v1/courses?quarter=x").status == 400
    )


def test_a_literal_query_does_not_change_the_methods_of_a_path() -> None:
    response = send_request(generated_server(LITERAL), "DELETE", "/a")
    assert (response.status, dict(response.headers)["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")
