"""Read `coverage.yaml`: the items that need no coverage, each with a reason."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import translate
from pathlib import Path
from typing import Any

from mockserver.config.similar_names import similar_name
from mockserver.contract.coverage.operation_items import OperationItems, scenario_items
from mockserver.contract.model import ServedOperation
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.errors import FileMessage, InvalidFiles
from mockserver.formats import strict_yaml
from mockserver.formats.json_schema import NAME, Validator, closed_object
from mockserver.formats.strict_yaml import Document

_ENTRY = closed_object(["item", "reason"], item=NAME, reason=NAME)
_FILE = Validator(
    closed_object(["exclude"], exclude={"type": "array", "items": _ENTRY, "minItems": 1})
)
_ADVICE = "`mockserver coverage` lists the items"


def read_exclusions(
    path: Path,
    shown_as: str,
    served: tuple[ServedOperation, ...] | None,
    scenarios: Mapping[str, Scenario],
) -> dict[str, str]:
    """Return the id of each excluded item, with the reason.

    Args:
        path: The file.
        shown_as: Its name in errors.
        served: The operations of the API; `None` to match no items.
        scenarios: The scenarios of the API.

    Raises:
        InvalidFiles: The file is invalid, or one of its entries matches no item.
    """
    document = strict_yaml.read_yaml(path, shown_as)
    if violations := _FILE.violations(document.value):
        raise InvalidFiles(document.file_errors(violations))
    if served is None:
        return {}
    ids: list[str] = []
    for operation in served:
        ids += [item.id for item in OperationItems(operation).items()]
    ids += [item.id for item in scenario_items(scenarios)]
    excluded: dict[str, str] = {}
    errors: list[FileMessage] = []
    for index, entry in enumerate(document.value["exclude"]):
        matches = _matches(entry["item"], ids)
        errors += _entry_errors(document, index, entry, matches, ids)
        for item_id in matches:
            excluded.setdefault(item_id, entry["reason"])
    if errors:
        raise InvalidFiles(errors)
    return excluded


def _matches(pattern: str, ids: list[str]) -> list[str]:
    """Return the ids that a pattern matches: the equal one, else `*` stands for any text."""
    if pattern in ids:
        return [pattern]
    # The expression of fnmatch does not backtrack. Brackets and question marks are texts here.
    matches = re.compile(translate(re.sub(r"[\[?]", r"[\g<0>]", pattern))).match
    return list(filter(matches, ids))


def _entry_errors(
    document: Document, index: int, entry: Any, matches: list[str], ids: list[str]
) -> Iterator[FileMessage]:
    """Yield the error of an entry that matches no item, or that is repeated."""
    pattern = entry["item"]
    position = document.position(("exclude", index, "item"))
    if not matches:
        similar = similar_name(pattern, ids)
        hint = f"; {_ADVICE}"
        if similar:
            hint = f"; did you mean '{similar}'?"
        yield FileMessage(position, f"unknown item '{pattern}'{hint}")
    earlier = document.value["exclude"][:index]
    if any(other["item"] == pattern for other in earlier):
        yield FileMessage(position, f"'{pattern}' is already excluded; remove this entry")
