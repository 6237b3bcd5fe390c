"""The Python client has the surface of the JavaScript client, name for name, in snake_case."""

import re
import typing
from typing import Any

import apib_mockserver
import pytest
from apib_mockserver import connect
from helpers.repository import ROOT

SOURCES = ROOT / "clients/js/src"
CLASSES = {
    "MockServer": "connect.ts",
    "Sandbox": "sandbox.ts",
    "SandboxClock": "clock.ts",
    "SandboxRecords": "records.ts",
    "ProblemError": "errors.ts",
}
"""Each class, and the file that declares it."""
JAVASCRIPT_ONLY = {"Options"}
"""Python has keyword arguments."""
KEYWORDS = {"import_": "import"}
OBJECTS: dict[str, Any] = {
    "MockServer": connect("http://here"),
    "Sandbox": connect("http://here").sandbox("a"),
    "ProblemError": apib_mockserver.ProblemError(
        {"type": "t", "title": "t", "status": 400, "detail": "d"}
    ),
}
"""Objects of the classes with attributes that `dir` of the class does not have."""
TYPES = re.findall(r"^export interface (\w+)", (SOURCES / "types.ts").read_text(), re.M)


def snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()


def declaration(file: str, name: str) -> str:
    """Return the text of a class or an interface."""
    text = (SOURCES / file).read_text()
    match = re.search(rf"^export (?:class|interface) {name}\b.*?^}}", text, re.M | re.S)
    assert match, name
    return match[0]


def javascript_members(name: str) -> set[str]:
    """Return the public members of a class of the JavaScript client."""
    text = declaration(CLASSES[name], name)
    members = re.findall(r"^  (?:readonly |async |get )*([a-z]\w*)[(?:<]", text, re.M)
    members += re.findall(r"^    readonly (\w+):|\(readonly (\w+):", text, re.M)
    names = {"".join(member) for member in members}
    return names - {"constructor"}


def python_members(name: str) -> set[str]:
    value = OBJECTS.get(name, getattr(apib_mockserver, name))
    inherited = set(dir(Exception)) if name == "ProblemError" else set()
    return {KEYWORDS.get(each, each) for each in dir(value) if each[0] != "_"} - inherited


def test_both_clients_export_the_same_names() -> None:
    text = (SOURCES / "index.ts").read_text()
    names = set()
    for group in re.findall(r"export (?:type )?\{(.*?)\}", text, re.S):
        names |= set(re.findall(r"\w+", group))
    assert "sandboxFor" in names
    functions = {"sandboxFor": "sandbox_for"}
    expected = {functions.get(name, name) for name in names - JAVASCRIPT_ONLY}
    assert set(apib_mockserver.__all__) == expected
    for name in expected:
        assert getattr(apib_mockserver, name)
    with pytest.raises(AttributeError):
        apib_mockserver.nothing  # noqa: B018


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_has_the_same_members_in_both_clients(name: str) -> None:
    members = javascript_members(name)
    assert len(members) > 2
    assert python_members(name) == set(map(snake_case, members))


@pytest.mark.parametrize("name", TYPES)
def test_a_type_has_the_same_members_in_both_clients(name: str) -> None:
    text = declaration("types.ts", name)
    members = dict(re.findall(r"^  (\w+)(\??):", text, re.M))
    python_type = getattr(apib_mockserver, name)
    assert set(python_type.__annotations__) == members.keys()
    optional = {member for member, mark in members.items() if mark}
    assert python_type.__optional_keys__ == optional


def test_the_word_lists_agree() -> None:
    text = (SOURCES / "types.ts").read_text()
    words = re.findall(r'"(\w+)"', re.findall(r"type Progression = (.*);", text)[0])
    assert list(typing.get_args(apib_mockserver.Progression)) == words
