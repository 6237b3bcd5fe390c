"""Compare two blueprints, as `mockserver diff` does."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from helpers.repository import ROOT
from mockserver.cli.comparison.inputs import read_sides
from mockserver.verification.diff.changes import Change, Options
from mockserver.verification.diff.comparison import compare
from mockserver.verification.diff.own_files import OwnFiles

GOLDEN = ROOT / "tests/golden/diff"
"""A folder for each rule, with the blueprints `old.apib` and `new.apib`."""

HEAD = "# Polls\n\n## Poll [/polls/{id}{?page}]\n\n"
VIEW = f"{HEAD}### View [GET]\n\n+ Response 204\n"


def changes_of(
    old: Path, new: Path, options: Options | None = None, fixtures: Path = Path("none")
) -> tuple[Change, ...]:
    """Return the changes between two files or folders that can be read."""
    sides, errors = read_sides([str(old), str(new)])
    assert errors == []
    return compare(sides[0], sides[1], options or Options(), OwnFiles(fixtures))


def text_changes(
    folder: Path, old: str, new: str, options: Options | None = None
) -> tuple[Change, ...]:
    """Return the changes between two texts of a blueprint."""
    paths = []
    for name, text in (("old", old), ("new", new)):
        path = folder / f"{name}.apib"
        path.write_text(text)
        paths.append(path)
    return changes_of(paths[0], paths[1], options)


def rules_of(changes: tuple[Change, ...]) -> list[str]:
    """Return the rules of the counted changes, in order."""
    return [change.rule.id for change in changes if change.rule.is_counted]


def coverage_document(items: Iterable[str], covered: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return a coverage document.

    Args:
        items: The ids of the items. The first word is the operation.
        covered: Id of an item to the titles of its tests.
    """
    titles: list[str] = []
    entries = []
    for item in items:
        for title in covered.get(item, []):
            if title not in titles:
                titles.append(title)
        indexes = [titles.index(title) for title in covered.get(item, [])]
        entry: dict[str, Any] = {
            "id": item,
            "kind": "status",
            "operation": item.split(" ")[0],
            "operations": [],
            "label": item,
            "file": "old.apib",
            "line": 1,
            "column": 1,
            "closed_by": "",
            "why_not": "",
            "excluded": None,
            "covered": bool(indexes),
            "tests": indexes,
        }
        entries.append(entry)
    counts = {"items": 0, "served": 0}
    return {
        "format": "mockserver-coverage/1",
        "contract": "",
        "fingerprint": "sha256:1",
        "complete": True,
        "apis": [],
        "items": entries,
        "tests": [{"sandbox": "w0", "test": title} for title in titles],
        "summary": {"contract": counts, "called": counts, "required": counts},
    }
