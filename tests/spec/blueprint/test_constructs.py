"""The constructs of API Blueprint and MSON, one a file: each is read, with these messages.

The files are not in the repository. Without them the tests are skipped.
"""

import pytest
from helpers.repository import ROOT

from mockserver.contract.api_loader import blueprint_messages
from mockserver.errors import FileMessage, InvalidFiles
from mockserver.spec.blueprint import read_blueprint

FOLDER = ROOT.parent / "shared" / "cases" / "constructs"
COUNT = 89
# Name of the file to its messages: LINE CODE. Other files have none.
MESSAGES: dict[str, list[str]] = {
    "abbrev-lower": ["5 B110"],
    "attributes-boolean-upper": ["11 B421"],
    "attributes-enum-values-in-type": ["11 B419"],
    "attributes-integer": ["11 B418"],
    "attributes-number-thousands": ["11 B421"],
    "attributes-object-value": ["11 B406"],
    "attributes-string-nested": ["12 B415"],
    "attributes-unknown-type": ["10 B410"],
    "body-breaks-attributes": ["15 B601"],
    "body-breaks-schema": ["13 B601"],
    "description-after-params": ["12 B112"],
    "ds-two-names": ["18 B404"],
    "format-1b": ["1 B104"],
    "headers-no-colon": ["12 B316"],
    "host-no-scheme": ["2 B125"],
    "include-colon": ["5 B130"],
    "json-trailing-comma": ["11 B311"],
    "json-two": ["12 B312"],
    "json-word": ["11 B312"],
    "list-after": ["13 B112"],
    "method-lower": ["7 B110"],
    "method-two": ["7 B118"],
    "params-dup": ["9 B204"],
    "params-not-in-uri": ["8 B202"],
    "request-json-broken": ["11 B312"],
    "request-only": ["3 B101", "7 B501"],
    "response-directly-in-resource": ["7 B123"],
    "response-none": ["3 B101", "7 B501"],
    "response-text-status": ["9 B510"],
    "same-method-path": ["13 B507"],
    "schema-broken": ["13 B313"],
    "uri-absolute": ["5 B208"],
    "uri-fragment": ["5 B207"],
    "xml-in-json": ["11 B312"],
}
WITHOUT_OPERATION = ("request-only", "response-none")
"""Files without a response, so no operation can be served."""

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the constructs are not here")


def read(name: str) -> tuple[int, list[FileMessage]]:
    """Return the number of operations, and the messages."""
    path = FOLDER / f"{name}.apib"
    try:
        api = read_blueprint(path, path.name)
    except InvalidFiles as error:
        return 0, list(error.errors)
    return len(api.operations), list(blueprint_messages(api))


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.apib"))


def test_all_constructs_are_here() -> None:
    assert len(names()) == COUNT
    assert set(MESSAGES) <= set(names())


@pytest.mark.parametrize("name", names())
def test_a_construct_is_read_with_its_messages(name: str) -> None:
    operations, messages = read(name)
    texts = [f"{message.position.line} {message.code}" for message in messages]
    assert texts == MESSAGES.get(name, [])
    assert bool(operations) == (name not in WITHOUT_OPERATION)
