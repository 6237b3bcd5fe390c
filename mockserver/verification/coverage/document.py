"""The coverage document: JSON that the server returns, and that shards save as a file."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from mockserver.contract.coverage.document import FORMAT
from mockserver.contract.coverage.item import KINDS
from mockserver.errors import FileMessage, InvalidFiles, Position
from mockserver.formats.files import display_path, read_bytes
from mockserver.formats.json_schema import NAME, Schema, Validator, closed_object
from mockserver.verification.coverage.model import Coverage, ReportItem, ServedTest

_ADVICE = "write the file with `mockserver coverage --report json=FILE`"
_SOURCES = "expected a file, or a URL such as http://localhost:8080"
_MAX_REPORTED = 10

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_INDEXES: Schema = {"type": "array", "items": _COUNT}
_COUNTS = closed_object(["items", "served"], items=_COUNT, served=_COUNT)
_API = closed_object(
    ["name", "title", "blueprint", "lines"], name=NAME, title=_TEXT, blueprint=_TEXT, lines=_COUNT
)
_ITEM = closed_object(
    [
        *("id", "kind", "operation", "operations", "label", "file", "line", "column"),
        *("closed_by", "why_not", "excluded", "covered", "tests"),
    ],
    id=NAME,
    kind={"enum": list(KINDS)},
    operation=_TEXT,
    operations={"type": "array", "items": NAME},
    label=_TEXT,
    file=_TEXT,
    line=_COUNT,
    column=_COUNT,
    closed_by=_TEXT,
    why_not=_TEXT,
    excluded={"type": ["string", "null"]},
    covered={"type": "boolean"},
    tests=_INDEXES,
)
_TEST = closed_object(["sandbox", "test"], sandbox=_TEXT, test=_TEXT)
_SUMMARY = closed_object(
    ["contract", "called", "required"], contract=_COUNTS, called=_COUNTS, required=_COUNTS
)
SCHEMA = closed_object(
    ["format", "contract", "fingerprint", "complete", "apis", "items", "tests", "summary"],
    format={"const": FORMAT},
    contract=_TEXT,
    fingerprint={"type": "string", "pattern": "^sha256:[0-9a-f]+$"},
    complete={"type": "boolean"},
    apis={"type": "array", "items": _API},
    items={"type": "array", "items": _ITEM},
    tests={"type": "array", "items": _TEST},
    summary=_SUMMARY,
)
_VALIDATOR = Validator(SCHEMA)


def read_file(path: Path) -> Coverage:
    """Return the coverage in a file.

    Raises:
        InvalidFiles: The file cannot be read, or is not a coverage document.
    """
    name = display_path(path)
    try:
        document = orjson.loads(read_bytes(path))
    except OSError as error:
        message = f"cannot be read: {error.strerror}; {_SOURCES}"
        raise _invalid(name, [message]) from error
    except orjson.JSONDecodeError as error:
        position = Position(name, error.lineno, error.colno)
        message = f"invalid JSON: {error.msg}; {_ADVICE}"
        raise InvalidFiles([FileMessage(position, message)]) from error
    return from_json(document, name)


def from_json(document: Any, name: str) -> Coverage:
    """Return the coverage in a JSON value of the file or the server `name`.

    The summary is not used, because it is computed from the items.

    Raises:
        InvalidFiles: The value is not a coverage document.
    """
    messages = list(_form_errors(document)) or list(_content_errors(document))
    if messages:
        raise _invalid(name, messages[:_MAX_REPORTED])
    tests = [ServedTest(test["sandbox"], test["test"]) for test in document["tests"]]
    items = []
    for item in document["items"]:
        served_to = frozenset(tests[index] for index in item["tests"])
        members = {**item, "operations": tuple(item["operations"]), "tests": served_to}
        items.append(ReportItem(**members))
    return Coverage(
        document["contract"],
        document["fingerprint"],
        document["complete"],
        tuple(document["apis"]),
        tuple(items),
        tuple(sorted(set(tests))),
    )


def to_json(coverage: Coverage) -> dict[str, Any]:
    """Return the document of a coverage."""
    indexes = {test: index for index, test in enumerate(coverage.tests)}
    return {
        "format": FORMAT,
        "contract": coverage.contract,
        "fingerprint": coverage.fingerprint,
        "complete": coverage.is_complete,
        "apis": list(coverage.apis),
        "items": [_item_json(item, indexes) for item in coverage.items],
        "tests": [{"sandbox": test.sandbox, "test": test.title} for test in coverage.tests],
        "summary": coverage.summary,
    }


def json_text(coverage: Coverage, _created: float) -> str:
    """Return the document as text, a member a line."""
    return orjson.dumps(to_json(coverage), option=orjson.OPT_INDENT_2).decode() + "\n"


def _item_json(item: ReportItem, indexes: Mapping[ServedTest, int]) -> dict[str, Any]:
    members = {name: getattr(item, name) for name in _ITEM["required"]}
    members["tests"] = sorted(indexes[test] for test in item.tests)
    return members


def _invalid(name: str, messages: Iterable[str]) -> InvalidFiles:
    position = Position(name, 0)
    return InvalidFiles(FileMessage(position, message) for message in messages)


def _form_errors(document: Any) -> Iterator[str]:
    """Yield how a value differs from the schema of a coverage document."""
    if not isinstance(document, dict) or "format" not in document:
        yield f'not a coverage document: it has no member "format"; {_ADVICE}'
        return
    for violation in _VALIDATOR.violations(document, _MAX_REPORTED):
        yield f"{violation}; {_ADVICE}"


def _content_errors(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield which items of a document contradict the rest of it."""
    ids = set()
    for index, item in enumerate(document["items"]):
        pointer = f"/items/{index}"
        if item["id"] in ids:
            yield f"{pointer}/id: repeated item {item['id']!r}; {_ADVICE}"
        ids.add(item["id"])
        if item["tests"] and max(item["tests"]) >= len(document["tests"]):
            expected = f"expected indexes below {len(document['tests'])}, the length of /tests"
            yield f"{pointer}/tests: {expected}; {_ADVICE}"
        if bool(item["tests"]) != item["covered"]:
            expected = "expected true with tests, and false without"
            yield f"{pointer}/covered: {expected}; {_ADVICE}"
