"""Scenarios: named variations that a tester switches on and off, from `fixtures/API/scenarios/NAME.yaml`.

Each documented response is one by itself, made from the blueprint and named `OPERATION-ID-STATUS`; so is each fault on the
wire, named `fault-NAME`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockserver import strict_yaml
from mockserver.description import Api
from mockserver.errors import Fault, FaultsFound, Position
from mockserver.faults import FAULTS
from mockserver.json_schema import Validator
from mockserver.strict_yaml import Document

DATA = ("empty",)
"""The shapes that a scenario may give to the data."""

_FILE = Validator(
    {
        "type": "object",
        "required": ["title", "operations"],
        "properties": {
            "title": {"type": "string", "minLength": 1},
            "operations": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "status": {"type": "integer", "minimum": 100, "maximum": 599},
            "cause": {"type": "object", "additionalProperties": {"type": "object", "minProperties": 1}},
            "data": {"enum": list(DATA)},
            "delay": {"type": "number", "minimum": 0, "maximum": 600},
            "fault": {"enum": list(FAULTS)},
            "breaks_contract": {"const": True},
        },
        "additionalProperties": False,
    }
)
_WHAT = ("status", "cause", "data", "delay", "fault")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One named variation."""

    name: str
    title: str
    api: str
    """Id of the API whose operations and collections it names; empty for one that is for all APIs."""
    operations: tuple[str, ...]
    """Ids of the operations that it speaks for. A cause holds for all, since the world is one."""
    status: int | None = None
    """The documented status that those operations answer with."""
    cause: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Collection to members that each of its records has while the scenario is on."""
    data: str | None = None
    """The shape of the data: a word of `DATA`."""
    delay: float = 0
    """Seconds that each answer is held back."""
    fault: str | None = None
    """What the wire does to the answer: a name of `faults.FAULTS`."""
    breaks_contract: bool = False
    """Whether it says that what it does is not in the contract; a fault has to say so."""
    at: Position | None = None
    """Where its file says what it does; `None` for one that was made from the blueprint."""


def generated(api: Api) -> dict[str, Scenario]:
    """The scenarios that a blueprint has by itself: one for each documented response."""
    return {
        (name := f"{operation.id}-{status}"): Scenario(
            name, f"{operation.name} answers {status}", api.id, (operation.id,), status
        )
        for operation in api.operations
        for status in operation.statuses
    }


def of_faults(apis: Iterable[Api]) -> dict[str, Scenario]:
    """One scenario for each fault on the wire, for every operation of every API."""
    operations = tuple(operation.id for api in apis for operation in api.operations)
    return {
        (own := f"fault-{name}"): Scenario(own, fault.title, "", operations, fault=name, breaks_contract=True)
        for name, fault in FAULTS.items()
    }


def read(folder: Path, shown_as: str, api: Api, collections: Mapping[str, Any] | None) -> dict[str, Scenario]:
    """The scenarios of a folder, by name; none where there is no folder. Without `collections` causes are not judged.

    Raises `FaultsFound` for all files at once: unknown keys, operations, statuses and collections.
    """
    found: dict[str, Scenario] = {}
    faults: list[Fault] = []
    own = {**dict.fromkeys(generated(api), "is made from the blueprint"), **dict.fromkeys(of_faults([api]), "is there by itself")}
    for path in sorted(folder.glob("*.yaml")):
        file = f"{shown_as}/{path.name}"
        try:
            document = strict_yaml.read(path, file)
        except FaultsFound as error:
            faults += error.faults
            continue
        faults += list(_faults(document, api, collections))
        if path.stem in own:
            faults.append(Fault(Position(file), f"{path.stem} {own[path.stem]}; expected another file name"))
        if not faults:
            found[path.stem] = _scenario(path.stem, api.id, document)
    if faults:
        raise FaultsFound(faults)
    return found


def _scenario(name: str, api: str, document: Document) -> Scenario:
    value = {**document.value, "operations": tuple(document.value["operations"])}
    return Scenario(name=name, api=api, at=document.at_key(("cause",)), **value)


def _faults(document: Document, api: Api, collections: Mapping[str, Any] | None) -> Iterator[Fault]:
    if violations := _FILE.violations(document.value):
        yield from document.faults(violations)
        return
    value, known = document.value, {operation.id: operation for operation in api.operations}
    if not any(key in value for key in _WHAT):
        yield document.fault((), f"the scenario changes nothing; expected one of {', '.join(_WHAT)}")
    for index, name in enumerate(value["operations"]):
        at = ("operations", index)
        if name not in known:
            yield document.fault(at, f"unknown operation {name}; expected one of {', '.join(known)}")
        elif "status" in value and value["status"] not in known[name].statuses:
            documented = ", ".join(map(str, known[name].statuses))
            yield document.fault(("status",), f"{name} documents no status {value['status']}; expected one of {documented}")
    if "fault" in value and "breaks_contract" not in value:
        yield document.fault(("fault",), "a fault breaks the contract; expected `breaks_contract: true` beside it")
    for name in value.get("cause", {}):
        if collections is not None and name not in collections:
            yield Fault(document.at_key(("cause", name)), f"unknown collection {name}; expected one of {', '.join(collections)}")
