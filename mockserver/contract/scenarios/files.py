"""Read scenarios from YAML files, and build those that every API has."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from mockserver.contract.effects import Effects
from mockserver.contract.scenarios.definition import SCHEMA, build_scenario
from mockserver.contract.scenarios.definition_rules import definition_errors
from mockserver.contract.scenarios.faults import FAULTS
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.errors import FileMessage, InvalidFiles, Position
from mockserver.formats import strict_yaml
from mockserver.formats.files import invalid_name, visible_paths
from mockserver.formats.json_pointer import pointer_steps
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
                "title": f"{operation.name} returns {status}",
                "operations": [operation.id],
                "status": status,
            }
            scenarios[name] = build_scenario(name, api.id, definition)
    return scenarios


def fault_scenarios(apis: Iterable[Api]) -> dict[str, Scenario]:
    """Build one scenario for each network fault, named `fault-NAME`.

    It applies to every operation of every API.
    """
    operations: list[str] = []
    for api in apis:
        operations += (operation.id for operation in api.operations)
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
    folder: Path, shown_as: str, api: Api, effects: Effects | None
) -> dict[str, Scenario]:
    """Read the scenarios of a folder, by name; none if the folder does not exist.

    Args:
        folder: The folder.
        shown_as: The folder's name in errors.
        api: The API whose operations and features they may name.
        effects: The effects of the API; `None` to skip the checks that need them.

    Raises:
        InvalidFiles: At least one file is invalid. The exception has the errors of all files.
    """
    scenarios: dict[str, Scenario] = {}
    errors: list[FileMessage] = []
    reserved = _reserved_names(api)
    for path in visible_paths(folder.glob("*.yaml")):
        file = f"{shown_as}/{path.name}"
        try:
            document = strict_yaml.read_yaml(path, file)
        except InvalidFiles as error:
            errors += error.errors
            continue
        errors += _errors(document, api, effects)
        errors += _name_errors(file, path.stem, reserved)
        if not errors:
            position = document.key_position(("records",))
            scenarios[path.stem] = build_scenario(path.stem, api.id, document.value, position)
    if errors:
        raise InvalidFiles(errors)
    return scenarios


def _reserved_names(api: Api) -> dict[str, str]:
    """Return the names of the scenarios that every API has, each with a description."""
    responses = dict.fromkeys(response_scenarios(api), "the scenario of a documented response")
    faults = dict.fromkeys(fault_scenarios([api]), "the scenario of a network fault")
    return responses | faults


def _name_errors(file: str, name: str, reserved: Mapping[str, str]) -> Iterator[FileMessage]:
    message = invalid_name(name)
    if message:
        yield FileMessage(Position(file), message)
    if name in reserved:
        message = f"'{name}' is the name of {reserved[name]}; expected another file name"
        yield FileMessage(Position(file), message)


def _errors(document: Document, api: Api, effects: Effects | None) -> Iterator[FileMessage]:
    violations = _FILE.violations(document.value)
    yield from document.file_errors(violations)
    if not isinstance(document.value, dict):
        return
    invalid = {pointer_steps(violation.pointer)[0] for violation in violations if violation.pointer}
    valid = {name: value for name, value in document.value.items() if name not in invalid}
    for error in definition_errors(valid, api, effects, invalid):
        if error.of_key:
            position = document.key_position(error.pointer)
        else:
            position = document.position(error.pointer)
        yield FileMessage(position, error.message)
