"""The URI templates in headings: absolute URIs, slashes, and warnings."""

import pytest
from helpers.blueprint_messages import OK, blueprint_messages

from mockserver.spec.blueprint import parse_blueprint

HOST = "FORMAT: 1A\nHOST: https://api.test/v1\n\n# A\n\n"
"""The start of a blueprint. The next line is line 6."""
FRAGMENT = "has the fragment '{#b}'; expected a path and a query"
TWICE = "has the variable 'a' more than once; expected each name once"

# Name of the case to the URI, the URI that is served, and the messages about it.
URIS: dict[str, tuple[str, str, list[str]]] = {
    "below HOST": ("https://api.test/v1/a{?b}", "/a{?b}", []),
    "HOST": ("https://api.test/v1", "/", []),
    "HOST in upper case": ("https://API.test/v1/a", "/a", []),
    "another host": (
        "https://other.test/a",
        "/a",
        ["the URI 'https://other.test/a' is not below HOST; expected https://api.test/v1"],
    ),
    "another path of HOST": (
        "https://api.test/v2/a",
        "/v2/a",
        ["the URI 'https://api.test/v2/a' is not below HOST; expected https://api.test/v1"],
    ),
    "a path that starts like that of HOST": (
        "https://api.test/v1x/a",
        "/v1x/a",
        ["the URI 'https://api.test/v1x/a' is not below HOST; expected https://api.test/v1"],
    ),
    "another host with the path of HOST": (
        "https://other.test/v1/a",
        "/v1/a",
        ["the URI 'https://other.test/v1/a' is not below HOST; expected https://api.test/v1"],
    ),
    "the query of HOST": ("https://api.test/v1{?q}", "/{?q}", []),
    "a literal query of HOST": ("https://api.test/v1?x=1", "/?x=1", []),
    "a variable below HOST": ("https://api.test/v1/{a}", "/{a}", []),
    "no slash": (
        "{?a}",
        "/{?a}",
        ["the URI template '{?a}' has no slash at its start; expected /{?a}"],
    ),
    "slash in an expression": ("{/a}", "{/a}", []),
    "a URL in the query": ("/a?to=http://b", "/a?to=http://b", []),
    "fragment": ("/a{#b}", "/a{#b}", [f"the URI template {FRAGMENT}"]),
    "duplicate variable": ("/{a}/{a}", "/{a}/{a}", [f"the URI template {TWICE}"]),
    "prefix": (
        "/{a:3}",
        "/{a:3}",
        ["the variable '{a:3}' is the start of a value; expected {name}"],
    ),
    "ignored text": (
        "/a{?b=1}",
        "/a{?b=1}",
        ["unexpected text '=1' in the query; expected {?name} or ?name={name}"],
    ),
    "name in braces": (
        "/a?{b}=1",
        "/a?{b}=1",
        ["the name 'b' of a part of the query is in braces; expected ?name=value"],
    ),
    "character": (
        "/a b",
        "/a b",
        ["the URI template has the character ' '; expected it percent-encoded"],
    ),
}


@pytest.mark.parametrize(("uri", "served", "texts"), URIS.values(), ids=URIS)
def test_a_uri_is_served_with_a_warning_where_it_is_changed(
    uri: str, served: str, texts: list[str]
) -> None:
    text = f"{HOST}# R [{uri}]\n\n## L [GET]\n\n{OK}"
    [operation] = parse_blueprint(text, "f", "x").operations
    assert operation.uri_template == served
    assert blueprint_messages(text) == [f"6:6: {message}" for message in texts]


def test_an_invalid_uri_is_an_error_of_its_operations_only() -> None:
    text = f"{HOST}# R [/a/{{b]\n\n## L [GET]\n\n{OK}\n# S [/s]\n\n## M [GET]\n\n{OK}"
    api = parse_blueprint(text, "f", "x")
    assert [operation.uri_template for operation in api.operations] == ["/s"]
    assert [(str(m.position), m.severity, m.code) for m in api.messages] == [
        ("f:6:6", "error", "B201")
    ]
