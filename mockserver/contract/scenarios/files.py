"""Read scenarios from YAML files, and build those that every API has."""

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
    """Build one scenario for each documented response, named `OPERATION-ID-STATUS`."""
    scenarios: dict[str, Scenario] = {}
    for operation in api.operations:
        for status in operation.statuses:
            name = f"{operation.id}-{status}"
            definition = {
                "title": f"{operation.name} answers {status}",
                "operations": [operation.id],
                "status": status,
            }
            scenarios[name] = build_scenario(name, api.id, definition)
    return scenarios


def fault_scenarios(apis: Iterable[Api]) -> dict[str, Scenario]:
    """Build one scenario for each network fault, for every operation of every API, named `fault-NAME`."""
    operations = [operation.id for api in apis for operation in api.operations]
    scenarios: dict[str, Scenario] = {}
    for fault_name, fault in FAULTS.items():
        name = f"fault-{fault_name}"
        definition = {
            "title": fault.title,
            "operations": operations,
            "fault": fault_name,
            "breaks_contract": True,
        }
        scenarios[name] = build_scenario(name, "", definition)
    return scenarios


def read_scenarios(
    folder: Path, shown_as: str, api: Api, collections: Mapping[str, Any] | None
) -> dict[str, Scenario]:
    """Read the scenarios of a folder, by name; none if the folder does not exist.

    Args:
        folder: The folder.
        shown_as: The folder's name in errors.
        api: The API whose operations and features they may name.
        collections: The collections that `records` may name; `None` to skip this check.

    Raises:
        InvalidFiles: At least one file is invalid. The errors of all files are in it.
    """
    scenarios: dict[str, Scenario] = {}
    errors: list[FileError] = []
    reserved = {
        **dict.fromkeys(response_scenarios(api), "the scenario of a documented response"),
        **dict.fromkeys(fault_scenarios([api]), "the scenario of a network fault"),
    }
    for path in visible_paths(folder.glob("*.yaml")):
        file = f"{shown_as}/{path.name}"
        try:
            document = strict_yaml.read_yaml(path, file)
        except InvalidFiles as error:
            errors += error.errors
            continue
        errors += _errors(document, api, collections)
        if message := invalid_name(path.stem):
            errors.append(FileError(Position(file), message))
        if path.stem in reserved:
            message = (
                f"'{path.stem}' is the name of {reserved[path.stem]}; expected another file name"
            )
            errors.append(FileError(Position(file), message))
        if not errors:
            position = document.key_position(("records",))
            scenarios[path.stem] = build_scenario(path.stem, api.id, document.value, position)
    if errors:
        raise InvalidFiles(errors)
    return scenarios


def _errors(
    document: Document, api: Api, collections: Mapping[str, Any] | None
) -> Iterator[FileError]:
    if violations := _FILE.violations(document.value):
        yield from document.file_errors(violations)
        return
    for error in definition_errors(document.value, api, collections):
        position = (
            document.key_position(error.pointer)
            if error.of_key
            else document.position(error.pointer)
        )
        yield FileError(position, error.message)
