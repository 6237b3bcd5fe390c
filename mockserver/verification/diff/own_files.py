"""Name the files of a mock server that a change concerns: effects, scenarios and records."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mockserver.errors import InvalidFiles
from mockserver.formats import strict_yaml
from mockserver.formats.files import display_path, visible_paths
from mockserver.verification.diff.changes import Subject
from mockserver.verification.diff.findings import Finding
from mockserver.verification.diff.rules import BY_ID

_VERBS = ("list", "retrieve", "transition", "create", "update", "remove")
"""The keys of an effect whose value is the name of a collection."""


class OwnFiles:
    """The folder of fixtures, such as `fixtures`, with a folder for each API.

    A file that is missing or invalid is not named. `mockserver check` reports it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._documents: dict[Path, Any] = {}

    def files_of(self, subject: Subject, finding: Finding) -> tuple[str, ...] | None:
        """Return the files that need an edit after a change, each with the place in it.

        `None` if there is no folder of the API.
        """
        folder = self._folder / subject.api
        if not folder.is_dir():
            return None
        if finding.rule == "OP-ADDED":
            return (display_path(folder / "effects.yaml"),)
        effect = self._effect(folder, subject.old_id)
        files: list[str] = []
        for letter in BY_ID[finding.rule].mock:
            files += _FINDERS[letter](self, folder, subject.old_id, effect, finding)
        return tuple(dict.fromkeys(files))

    def _effect(self, folder: Path, operation_id: str) -> Mapping[str, Any]:
        operations = _mapping(self._value(folder / "effects.yaml"), "operations")
        return _mapping(operations, operation_id)

    def _effects(
        self, folder: Path, operation_id: str, effect: Mapping[str, Any], finding: Finding
    ) -> Iterator[str]:
        is_about_status = finding.rule in ("STATUS-REMOVED", "ERROR-REMOVED")
        if effect and not (is_about_status and finding.status not in _values(effect)):
            yield f"{display_path(folder / 'effects.yaml')}: {operation_id}"

    def _records(
        self, folder: Path, operation_id: str, effect: Mapping[str, Any], finding: Finding
    ) -> Iterator[str]:
        for verb in _VERBS:
            path = folder / "records" / f"{effect.get(verb)}.yaml"
            if verb in effect and path.exists():
                yield display_path(path)

    def _scenarios(
        self, folder: Path, operation_id: str, effect: Mapping[str, Any], finding: Finding
    ) -> Iterator[str]:
        tokens = folder / "tokens.yaml"
        if finding.rule.startswith("FEATURE-") and tokens.exists():
            yield display_path(tokens)
        for path in visible_paths((folder / "scenarios").glob("*.yaml")):
            value = self._value(path)
            if operation_id in _sequence(value, "operations") and _concerns(value, finding):
                yield display_path(path)

    def _value(self, path: Path) -> Any:
        """Return the contents of a YAML file; `None` if it cannot be used."""
        if path not in self._documents:
            try:
                self._documents[path] = strict_yaml.read_yaml(path, str(path)).value
            except InvalidFiles:
                self._documents[path] = None
        return self._documents[path]


_FINDERS = {"F": OwnFiles._records, "S": OwnFiles._scenarios, "E": OwnFiles._effects}


def _concerns(scenario: Any, finding: Finding) -> bool:
    """Return whether a scenario has what changed: the status, or the name of the response."""
    steps = [scenario, *_sequence(scenario, "sequence")]
    if finding.rule in ("STATUS-REMOVED", "ERROR-REMOVED"):
        return any(step == finding.status or _has(step, "status", finding.status) for step in steps)
    if finding.rule == "RESPONSE-RENAMED":
        return any(_has(step, "example", finding.old) for step in steps)
    if finding.rule.startswith("FEATURE-"):
        return "token_features" in scenario
    return True


def _values(effect: Mapping[str, Any]) -> list[Any]:
    """Return the values of an effect, such as statuses, and those of its objects."""
    values: list[Any] = []
    for value in effect.values():
        values.append(value)
        if isinstance(value, Mapping):
            values += value.values()
    return values


def _has(step: Any, key: str, value: Any) -> bool:
    return isinstance(step, Mapping) and step.get(key) == value


def _mapping(value: Any, key: str) -> Mapping[str, Any]:
    """Return a member that is an object, else an empty one."""
    if not isinstance(value, Mapping):
        return {}
    member = value.get(key)
    if not isinstance(member, Mapping):
        return {}
    return member


def _sequence(value: Any, key: str) -> list[Any]:
    """Return a member that is a list, else an empty one."""
    if not isinstance(value, Mapping):
        return []
    member = value.get(key)
    if not isinstance(member, list):
        return []
    return member
