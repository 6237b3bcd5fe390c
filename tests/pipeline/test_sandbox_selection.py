"""How a request selects its sandbox."""

import pytest

from mockserver.config.sandbox_names import split_sandbox_path, strip_sandbox_suffix
from mockserver.errors import SandboxNameInvalid
from mockserver.pipeline.messages import Request
from mockserver.pipeline.sandbox_selection import requested_sandbox, resolve_sandbox

TOKEN = "x-access-token"
BAGGAGE = "mock.sandbox=g"
CHOSEN = [
    ("nothing", None, {}, "default"),
    ("a token without one", None, {TOKEN: "abc"}, "default"),
    ("the token", None, {TOKEN: "abc@a"}, "a"),
    ("the last @ of the token", None, {TOKEN: "me@example.com@b"}, "b"),
    ("the baggage", None, {"baggage": "user=alice, mock.sandbox=g;x"}, "g"),
    ("other members of the baggage", None, {"baggage": "user=alice"}, "default"),
    ("token over baggage", None, {TOKEN: "abc@a", "baggage": BAGGAGE}, "a"),
    ("baggage with a token without a name", None, {TOKEN: "abc", "baggage": BAGGAGE}, "g"),
    ("header over baggage", None, {"x-mock-sandbox": "h", "baggage": BAGGAGE}, "h"),
    ("header over token", None, {TOKEN: "abc@a", "x-mock-sandbox": "h"}, "h"),
    ("base URL over header and token", "u", {TOKEN: "abc@a", "x-mock-sandbox": "h"}, "u"),
]


@pytest.mark.parametrize(
    ("sandbox", "headers", "name"), [case[1:] for case in CHOSEN], ids=[case[0] for case in CHOSEN]
)
def test_the_order_is_base_url_header_token_baggage(
    sandbox: str | None, headers: dict[str, str], name: str
) -> None:
    assert resolve_sandbox(Request("GET", "/", headers=headers, sandbox=sandbox), [TOKEN]) == name


@pytest.mark.parametrize(
    ("headers", "name"),
    [({}, None), ({TOKEN: "abc"}, None), ({"x-mock-sandbox": "default"}, "default")],
)
def test_a_request_without_a_sandbox_name_differs_from_one_that_names_default(
    headers: dict[str, str], name: str | None
) -> None:
    assert requested_sandbox(Request("GET", "/", headers=headers), [TOKEN]) == name


@pytest.mark.parametrize("name", ["", " ", "a b", "-a", ".", "a/b", "x" * 65, "ž", "a\n"])
def test_an_invalid_sandbox_name_is_rejected(name: str) -> None:
    with pytest.raises(SandboxNameInvalid, match="expected 1 to 64 letters, digits"):
        resolve_sandbox(Request("GET", "/", headers={"x-mock-sandbox": name}), [TOKEN])


@pytest.mark.parametrize(
    "baggage", ["mock.sandbox", "mock.sandbox=", "mock.sandbox=a%20b", "mock.sandbox=%FF"]
)
def test_an_invalid_sandbox_name_in_the_baggage_is_rejected(baggage: str) -> None:
    with pytest.raises(SandboxNameInvalid, match="expected 1 to 64 letters, digits"):
        resolve_sandbox(Request("GET", "/", headers={"baggage": baggage}), [TOKEN])


@pytest.mark.parametrize(
    ("path", "parts"),
    [("/~a/api/x", ("a", "/api/x")), ("/~a", ("a", "")), ("/api/~a", None), ("/~", ("", ""))],
)
def test_the_base_url_is_split_into_sandbox_and_path(path: str, parts: object) -> None:
    assert split_sandbox_path(path) == parts


def test_the_sandbox_suffix_is_removed_from_the_token() -> None:
    assert [strip_sandbox_suffix(token) for token in ("abc", "abc@a", "a@b@c", "@a")] == [
        "abc",
        "abc",
        "a@b",
        "",
    ]
