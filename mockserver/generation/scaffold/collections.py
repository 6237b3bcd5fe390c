"""Group operations into collections, with a name and the key of a record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.formats import uri_template
from mockserver.generation.scaffold.conventions import KEYS, singular, snake_case
from mockserver.generation.scaffold.responses import ResponseShape, response_of
from mockserver.spec.description import Api, Operation, Parameter
from mockserver.spec.schemas import Schemas


@dataclass(frozen=True, slots=True)
class PathPosition:
    """The collection part of the path of an operation."""

    pattern: str
    """The path of the collection, each variable as `{}`. Operations with the same pattern share a collection."""
    literals: tuple[str, ...]
    """The literal segments of that path; the last one names the collection."""
    key: str | None
    """The variable with the key of a record; `None` for the collection itself."""
    within: str | None
    """The last variable before it; `None` without one."""

    @property
    def many(self) -> bool:
        """Whether the path is that of the collection, and not of one record."""
        return self.key is None


def position_of(operation: Operation) -> PathPosition:
    """Return the path position of an operation. Raises `ValueError` with the reason if its path names no collection."""
    segments = [each for each in uri_template.parse_template(operation.uri_template).segments if each.literal != ""]
    key = segments.pop().variable if segments and segments[-1].variable else None
    if not segments or segments[-1].literal is None:
        raise ValueError("the path does not name a collection; expected a literal segment, optionally followed by one variable")
    variables = [each.variable for each in segments if each.variable]
    pattern = "".join(f"/{'{}' if each.literal is None else each.literal}" for each in segments)
    literals = tuple(each.literal for each in segments if each.literal is not None)
    return PathPosition(pattern, literals, key, variables[-1] if variables else None)


@dataclass(frozen=True, slots=True)
class InferredCollection:
    """A collection as inferred from its GET operations."""

    name: str
    key: str
    """The variable with the key of a record."""
    member: str
    """The member of the record that it is compared with."""
    parent: str | None
    shown: Mapping[str, ResponseShape]
    """Operation id to response shape, for each GET that returns records; the list comes first."""
    parameters: Mapping[str, Parameter]
    """The path variables of the collection."""
    named: tuple[Any, ...]
    """The documented values of the key variable, in any operation."""

    @property
    def members(self) -> dict[str, Any]:
        """The schema of each member that a GET returns."""
        answers = reversed(list(self.shown.values()))
        return {name: schema for answer in answers for name, schema in answer.members.items()}


Places = Mapping[str, PathPosition]
"""Operation id to its path position, of those that have one."""


def operation_paths(api: Api) -> tuple[dict[str, PathPosition], dict[str, str]]:
    """Return the path position of each operation by id, and the reasons of those without one."""
    positions: dict[str, PathPosition] = {}
    reasons: dict[str, str] = {}
    for operation in api.operations:
        try:
            positions[operation.id] = position_of(operation)
        except ValueError as error:
            reasons[operation.id] = str(error)
    return positions, reasons


def infer_collections(
    api: Api, derived: Schemas, places: Places, without: Iterable[str]
) -> tuple[dict[str, InferredCollection], dict[str, str]]:
    """Return the collections that a GET returns, by path pattern, and the reasons of other GET operations, by id."""
    reads = [each for each in api.operations if each.method == "GET" and each.id in places.keys() - set(without)]
    reasons: dict[str, str] = {}
    shown: dict[str, list[tuple[Operation, ResponseShape]]] = {}
    for operation in reads:
        place = places[operation.id]
        try:
            schema = derived.get((operation.id, operation.success_status or 0))
            answer = response_of(operation, schema, place.many, place.literals[-1])
            shown.setdefault(place.pattern, []).append((operation, answer))
        except ValueError as error:
            reasons[operation.id] = str(error)
    names = _names({pattern: places[own[0][0].id].literals for pattern, own in shown.items()})
    return {pattern: _group(api, places, pattern, names[pattern], own) for pattern, own in shown.items()}, reasons


def _names(literals: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return a unique name for each pattern: its last segment, if needed with earlier segments or a number."""
    names: dict[str, str] = {}
    for pattern, texts in literals.items():
        longer = ["_".join(filter(None, map(snake_case, texts[-n:]))) or "records" for n in range(1, len(texts) + 1)]
        numbered = [f"{longer[-1]}_{number}" for number in range(2, len(literals) + 2)]
        names[pattern] = next(each for each in [*longer, *numbered] if each not in names.values())
    return names


def _group(api: Api, places: Places, pattern: str, name: str, own: list[tuple[Operation, ResponseShape]]) -> InferredCollection:
    """Merge the operations of one pattern: first the list, then other GETs, then the rest."""
    gets = sorted(own, key=lambda each: not places[each[0].id].many)
    others = [each for each in api.operations if each.id in places and places[each.id].pattern == pattern]
    operations = list(dict.fromkeys([*(operation for operation, _ in gets), *others]))
    key = next((variable for each in operations if (variable := places[each.id].key)), f"{singular(name)}_id")
    variables = [variable for each in operations for variable in each.parameters if variable.location == "path"]
    parameters = {each.name: each for each in reversed(variables)}
    member = _key_member(key, name, gets[-1][1].members, parameters.get(key))
    named = dict.fromkeys(each.example for each in variables if each.name == key and each.example is not None)
    shown = {operation.id: answer for operation, answer in gets}
    return InferredCollection(name, key, member, places[gets[0][0].id].within, shown, parameters, tuple(named))


def _key_member(variable: str, name: str, members: Mapping[str, Any], parameter: Parameter | None) -> str:
    """Return the member for the variable: by its name, its last word, or a usual key; else an undocumented `id`."""
    last = snake_case(variable).rpartition("_")[2]
    candidates = [snake_case(variable), last, f"{singular(snake_case(name))}_id", *KEYS]
    for candidate in candidates:
        match = next((member for member in members if snake_case(member) == snake_case(candidate)), None)
        if match and _can_be_key(members[match], parameter):
            return match
    return "id" if "id" not in members else f"{snake_case(name)}_key"


def _can_be_key(schema: Mapping[str, Any], parameter: Parameter | None) -> bool:
    """Return whether values of this schema can be keys, and fit the type of the parameter."""
    numeric = schema.get("type") in ("integer", "number")
    asks_number = parameter is not None and parameter.type in ("number", "integer")
    return numeric or (schema.get("type") == "string" and "enum" not in schema and not asks_number)
