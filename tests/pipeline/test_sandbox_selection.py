"""How a request selects its sandbox."""

import pytest

from mockserver.config.sandbox_names import split_sandbox_path, strip_sandbox_suffix
from mockserver.errors import SandboxNameInvalid
from mockserver.pipeline.messages import Request
from mockserver.pipeline.sandbox_selection import requested_sandbox, resolve_sandbox

TOKEN = "x-access-token"
CHOSEN = [
    ("nothing", None, {}, "default"),
    ("a token without one", None, {TOKEN: "abc"}, "default"),
    ("the token", None, {TOKEN: "abc@a"}, "a"),
    ("the last @ of the token", None, {TOKEN: "me@example.com@b"}, "b"),
    ("header over token", None, {TOKEN: "abc@a", "x-mock-sandbox": "h"}, "h"),
    ("base URL over header and token", "u", {TOKEN: "abc@a", "x-mock-sandbox": "h"}, "u"),
]


@pytest.mark.parametrize(
    ("sandbox", "headers", "name"), [case[1:] for case in CHOSEN], ids=[case[0] for case in CHOSEN]
)
def test_how_a_sandbox_is_chosen(sandbox: str | None, headers: dict[str, str], name: str) -> None:
    assert resolve_sandbox(Request("GET", "/", headers=headers, sandbox=sandbox), [TOKEN]) == name


@pytest.mark.parametrize(
    ("headers", "name"),
    [({}, None), ({TOKEN: "abc"}, None), ({"x-mock-sandbox": "default"}, "default")],
)
def test_naming_none_is_not_naming_the_default(headers: dict[str, str], name: str | None) -> None:
    assert requested_sandbox(Request("GET", "/", headers=headers), [TOKEN]) == name


@pytest.mark.parametrize("name", ["", " ", "a b", "-a", ".", "a/b", "x" * 65, "ž", "a\n"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(SandboxNameInvalid, match="expected 1 to 64 letters, digits"):
        resolve_sandbox(Request("GET", "/", headers={"x-mock-sandbox": name}), [TOKEN])


@pytest.mark.parametrize(
    ("path", "found"),
    [("/~a/api/x", ("a", "/api/x")), ("/~a", ("a", "")), ("/api/~a", None), ("/~", ("", ""))],
)
def test_the_base_url(path: str, found: object) -> None:
    assert split_sandbox_path(path) == found


def test_the_token_without_its_sandbox() -> None:
    assert [strip_sandbox_suffix(token) for token in ("abc", "abc@a", "a@b@c", "@a")] == [
        "abc",
        "abc",
        "a@b",
        "",
    ]
