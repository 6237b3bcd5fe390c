"""Messages about files as a SARIF log, which code scanners exchange.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from mockserver import __version__
from mockserver.errors import FileMessage
from mockserver.spec.blueprint.messages import KINDS, MessageKind

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_PAGE = "docs/blueprint-messages.md"
_OTHER_RULE = {
    "id": "invalid-file",
    "name": "InvalidFile",
    "shortDescription": {"text": "A file cannot be used as it is."},
    "help": {
        "text": "Correct the file as the message describes.",
        "markdown": "Correct the file as the message describes. See `docs/troubleshooting.md`.",
    },
    "defaultConfiguration": {"level": "error"},
}
"""The rule of messages without a code: those about schemas and fixtures."""


def log(messages: Sequence[FileMessage]) -> dict[str, Any]:
    """Return the SARIF log of these messages, with the rules that they use."""
    rules = _rules(messages)
    indexes = {rule["id"]: index for index, rule in enumerate(rules)}
    driver = {"name": "mockserver", "version": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(message, indexes) for message in messages],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rules(messages: Iterable[FileMessage]) -> list[dict[str, Any]]:
    codes = {message.code for message in messages}
    rules = [_rule(kind) for kind in KINDS if kind.code in codes]
    if "" in codes:
        rules.append(_OTHER_RULE)
    return rules


def _rule(kind: MessageKind) -> dict[str, Any]:
    title = f"{kind.slug.replace('-', ' ').capitalize()}. {kind.outcome}"
    anchor = f"{_PAGE}#{kind.code.lower()}-{kind.slug}"
    return {
        "id": kind.code,
        "name": kind.slug.title().replace("-", ""),
        "shortDescription": {"text": title},
        "help": {
            "text": f"{title} See {anchor} for an example and how to fix it.",
            "markdown": f"{title} See `{anchor}` for an example and how to fix it.",
        },
        "defaultConfiguration": {"level": kind.severity},
    }


def _result(message: FileMessage, indexes: dict[str, int]) -> dict[str, Any]:
    rule = message.code or str(_OTHER_RULE["id"])
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(PurePath(message.position.file))}}
    if message.position.line:
        location["region"] = {
            "startLine": message.position.line,
            "startColumn": message.position.column,
        }
    return {
        "ruleId": rule,
        "ruleIndex": indexes[rule],
        "level": message.severity,
        "message": {"text": message.explanation},
        "locations": [{"physicalLocation": location}],
    }


def _uri(path: PurePath) -> str:
    """Return the URI of a file: a relative one if its name is relative."""
    if path.is_absolute():
        return path.as_uri()
    return quote(path.as_posix(), errors="surrogateescape")
