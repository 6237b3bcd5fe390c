"""Find the tests that touch a change, in the coverage documents of the tests of an app."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mockserver.errors import FileMessage, InvalidFiles, Position
from mockserver.formats.files import display_path
from mockserver.verification.coverage.document import read_file
from mockserver.verification.coverage.model import Coverage, ServedTest
from mockserver.verification.diff.changes import Change, Use
from mockserver.verification.diff.findings import Touch
from mockserver.verification.diff.sides import Side


@dataclass(slots=True)
class _Item:
    """One item of the union of all documents."""

    words: str
    """The id without the id of the operation."""
    is_covered: bool = False
    tests: set[str] = field(default_factory=set)


class CoverageUse:
    """The union of coverage documents."""

    def __init__(self) -> None:
        self._items: dict[str, dict[str, _Item]] = {}
        """By operation id, then by item id."""
        self._fingerprints: dict[str, str] = {}
        """Fingerprint to the first file with it."""
        self._is_complete = True
        self.warnings: list[FileMessage] = []

    @classmethod
    def read(cls, paths: Iterable[Path]) -> "CoverageUse":
        """Return the union of some files.

        Raises:
            InvalidFiles: A file is not a coverage document.
        """
        use = cls()
        errors: list[FileMessage] = []
        for path in paths:
            try:
                use._add(read_file(path), display_path(path))
            except InvalidFiles as error:
                errors += error.errors
        if errors:
            raise InvalidFiles(errors)
        return use

    def _add(self, coverage: Coverage, file: str) -> None:
        self._fingerprints.setdefault(coverage.fingerprint, file)
        if not coverage.is_complete:
            self._is_complete = False
            text = "the coverage is not complete; a change without a test keeps its verdict"
            self._warn(file, text)
        for entry in coverage.items:
            if not entry.operation:
                continue  # a scenario
            words = entry.id.removeprefix(entry.operation).strip()
            items = self._items.setdefault(entry.operation, {})
            item = items.setdefault(entry.id, _Item(words))
            item.is_covered = item.is_covered or entry.covered
            item.tests |= set(map(_test_name, entry.tests))

    def check_belongs_to(self, old: Side) -> None:
        """Add a warning if the documents do not fit OLD."""
        file = next(iter(self._fingerprints.values()), "")
        if len(self._fingerprints) > 1:
            files = ", ".join(self._fingerprints.values())
            text = f"the coverage of {files} is of different contracts; expected that of OLD"
            self._warn(file, text)
        known: set[str] = set()
        for described in old.apis:
            known |= {operation.id for operation in described.api.operations}
        surplus = sorted(self._items.keys() - known)
        missing = sorted(known - self._items.keys())
        for names, fault in ((surplus, "that OLD does not have"), (missing, "less than OLD")):
            if names:
                listed = ", ".join(names[:3])
                message = f"the coverage has {len(names)} operations {fault}, such as {listed}"
                self._warn(file, f"{message}; expected the coverage of tests against OLD")

    def _warn(self, file: str, text: str) -> None:
        self.warnings.append(FileMessage(Position(file, 0), text, "warning"))

    def use_of(self, change: Change, operations: Iterable[str]) -> Use:
        """Return the tests that touch a change.

        Args:
            change: The change.
            operations: The ids of the operations of its API in OLD, for a change of the whole API.
        """
        ids = [change.subject.old_id]
        if not change.subject.method:
            ids = list(operations)
        known = [operation for operation in ids if operation in self._items]
        if not known:
            return Use(is_known=False)
        touched: list[_Item] = []
        for operation in known:
            touched += _touched(self._items[operation].values(), change.finding.touch)
        covered = [item for item in touched if item.is_covered]
        tests: set[str] = set()
        for item in covered:
            tests |= item.tests
        is_known = self._is_complete or bool(covered)
        return Use(is_known, bool(covered), tuple(sorted(tests, key=order_of_tests)))


def _test_name(test: ServedTest) -> str:
    """Return the title of a test; its sandbox if it has none."""
    return test.title or str(test)


def order_of_tests(name: str) -> list[tuple[str, int]]:
    """Return the key that sorts names of tests, with numbers in them by their value."""
    key: list[tuple[str, int]] = []
    for text, number in re.findall(r"([^0-9]*)([0-9]{0,18})", name):
        key.append((text, int(number or 0)))
    return key


def _touched(items: Iterable[_Item], touch: Touch) -> list[_Item]:
    """Return the items of the narrowest subject that has some; all without a subject."""
    all_items = list(items)
    for subject in touch.subjects:
        about = [item for item in all_items if _is_about(item, subject)]
        if about:
            return _narrowed(about, subject, touch)
    return all_items


def _narrowed(items: list[_Item], subject: str, touch: Touch) -> list[_Item]:
    """Return the items whose last words count. A value can have no item, such as an only value."""
    words = [item.words.removeprefix(f"{subject} ") for item in items]
    selected: list[_Item] = []
    for item, word in zip(items, words, strict=True):
        if word in touch.only or (not touch.only and word not in touch.without):
            selected.append(item)
    if selected:
        return selected
    return [item for item, word in zip(items, words, strict=True) if word != "absent"]


def _is_about(item: _Item, subject: str) -> bool:
    """Return whether an item has this subject, or a member below it."""
    return item.words == subject or item.words.startswith((f"{subject} ", f"{subject}/"))
