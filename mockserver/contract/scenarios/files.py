"""Scenarios from YAML files, and those that an API has by itself."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mockserver.contract.scenarios.definition import SCHEMA, build_scenario, definition_errors
from mockserver.contract.scenarios.faults import FAULTS
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.errors import FileError, InvalidFiles, Position
from mockserver.formats import strict_yaml
from mockserver.formats.files import invalid_name, visible_paths
from mockserver.formats.json_schema import Validator
from mockserver.formats.strict_yaml import Document
from mockserver.spec.description import Api

_FILE = Validator(SCHEMA)


def response_scenarios(api: Api) -> dict[str, Scenario]:
    """The scenarios that a blueprint has by itself: one for each documented response."""
    return {
        (name := f"{operation.id}-{status}"): build_scenario(
            name, api.id, {"title": f"{operation.name} answers {status}", "operations": [operation.id], "status": status}
        )
        for operation in api.operations
        for status in operation.statuses
    }


def fault_scenarios(apis: Iterable[Api]) -> dict[str, Scenario]:
    """One scenario for each fault on the wire, for every operation of every API."""
    operations = [operation.id for api in apis for operation in api.operations]
    return {
        (own := f"fault-{name}"): build_scenario(
            own, "", {"title": fault.title, "operations": operations, "fault": name, "breaks_contract": True}
        )
        for name, fault in FAULTS.items()
    }


def read_scenarios(folder: Path, shown_as: str, api: Api, collections: Mapping[str, Any] | None) -> dict[str, Scenario]:
    """The scenarios of a folder, by name; none where there is no folder. Without `collections` causes are not judged.

    Raises `FaultsFound` for all files at once: unknown keys, operations, statuses and collections.
    """
    found: dict[str, Scenario] = {}
    faults: list[FileError] = []
    own = {
        **dict.fromkeys(response_scenarios(api), "is made from the blueprint"),
        **dict.fromkeys(fault_scenarios([api]), "is there by itself"),
    }
    for path in visible_paths(folder.glob("*.yaml")):
        file = f"{shown_as}/{path.name}"
        try:
            document = strict_yaml.read_yaml(path, file)
        except InvalidFiles as error:
            faults += error.errors
            continue
        faults += list(_errors(document, api, collections))
        if wrong := invalid_name(path.stem):
            faults.append(FileError(Position(file), wrong))
        if path.stem in own:
            faults.append(FileError(Position(file), f"{path.stem} {own[path.stem]}; expected another file name"))
        if not faults:
            found[path.stem] = build_scenario(path.stem, api.id, document.value, document.key_position(("cause",)))
    if faults:
        raise InvalidFiles(faults)
    return found


def _errors(document: Document, api: Api, collections: Mapping[str, Any] | None) -> Iterator[FileError]:
    if violations := _FILE.violations(document.value):
        yield from document.file_errors(violations)
        return
    for wrong in definition_errors(document.value, api, collections):
        place = document.key_position if wrong.of_key else document.position
        yield FileError(place(wrong.pointer), wrong.message)
