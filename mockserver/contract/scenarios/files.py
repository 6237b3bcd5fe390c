"""Scenarios from YAML files, and those that an API has by itself."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mockserver.contract.scenarios.definition import SCHEMA, judged, made
from mockserver.contract.scenarios.faults import FAULTS
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.errors import Fault, FaultsFound, Position
from mockserver.formats import strict_yaml
from mockserver.formats.files import visible, wrong_name
from mockserver.formats.json_schema import Validator
from mockserver.formats.strict_yaml import Document
from mockserver.spec.description import Api

_FILE = Validator(SCHEMA)


def generated(api: Api) -> dict[str, Scenario]:
    """The scenarios that a blueprint has by itself: one for each documented response."""
    return {
        (name := f"{operation.id}-{status}"): made(
            name, api.id, {"title": f"{operation.name} answers {status}", "operations": [operation.id], "status": status}
        )
        for operation in api.operations
        for status in operation.statuses
    }


def of_faults(apis: Iterable[Api]) -> dict[str, Scenario]:
    """One scenario for each fault on the wire, for every operation of every API."""
    operations = [operation.id for api in apis for operation in api.operations]
    return {
        (own := f"fault-{name}"): made(
            own, "", {"title": fault.title, "operations": operations, "fault": name, "breaks_contract": True}
        )
        for name, fault in FAULTS.items()
    }


def read(folder: Path, shown_as: str, api: Api, collections: Mapping[str, Any] | None) -> dict[str, Scenario]:
    """The scenarios of a folder, by name; none where there is no folder. Without `collections` causes are not judged.

    Raises `FaultsFound` for all files at once: unknown keys, operations, statuses and collections.
    """
    found: dict[str, Scenario] = {}
    faults: list[Fault] = []
    own = {**dict.fromkeys(generated(api), "is made from the blueprint"), **dict.fromkeys(of_faults([api]), "is there by itself")}
    for path in visible(folder.glob("*.yaml")):
        file = f"{shown_as}/{path.name}"
        try:
            document = strict_yaml.read(path, file)
        except FaultsFound as error:
            faults += error.faults
            continue
        faults += list(_faults(document, api, collections))
        if wrong := wrong_name(path.stem):
            faults.append(Fault(Position(file), wrong))
        if path.stem in own:
            faults.append(Fault(Position(file), f"{path.stem} {own[path.stem]}; expected another file name"))
        if not faults:
            found[path.stem] = made(path.stem, api.id, document.value, document.at_key(("cause",)))
    if faults:
        raise FaultsFound(faults)
    return found


def _faults(document: Document, api: Api, collections: Mapping[str, Any] | None) -> Iterator[Fault]:
    if violations := _FILE.violations(document.value):
        yield from document.faults(violations)
        return
    for wrong in judged(document.value, api, collections):
        place = document.at_key if wrong.of_key else document.at
        yield Fault(place(wrong.pointer), wrong.message)
