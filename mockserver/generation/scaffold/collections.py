"""Which operations are about the same collection, what it is called, and how one of its records is found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.generation.scaffold.conventions import KEYS, joined, singular
from mockserver.generation.scaffold.path_positions import Place, place_of
from mockserver.generation.scaffold.responses import Answer, answer_of
from mockserver.spec.description import Api, Operation, Parameter
from mockserver.spec.schemas import Schemas


@dataclass(frozen=True, slots=True)
class Group:
    """One collection in the making: what its GET operations show of it."""

    name: str
    key: str
    """The variable that names one record."""
    member: str
    """The record's member that it is held against."""
    within: str | None
    shown: Mapping[str, Answer]
    """Operation id to what it answers, of each GET that shows records; the list comes first."""
    parameters: Mapping[str, Parameter]
    """The variables of the paths that lead to it."""
    named: tuple[Any, ...]
    """What the blueprint shows for the variable that names one record, in any operation."""

    @property
    def members(self) -> dict[str, Any]:
        """The schema of each member that some GET shows."""
        answers = reversed(list(self.shown.values()))
        return {name: schema for answer in answers for name, schema in answer.members.items()}


Places = Mapping[str, Place]
"""Operation id to its place, of those that have one."""


def placed(api: Api) -> tuple[dict[str, Place], dict[str, str]]:
    """The place of each operation, by its id; and why the others have none."""
    found: dict[str, Place] = {}
    reasons: dict[str, str] = {}
    for operation in api.operations:
        try:
            found[operation.id] = place_of(operation)
        except ValueError as error:
            reasons[operation.id] = str(error)
    return found, reasons


def groups(api: Api, derived: Schemas, places: Places, without: Iterable[str]) -> tuple[dict[str, Group], dict[str, str]]:
    """The collections that some GET shows, by the pattern of their path; and why each other GET shows none, by its id."""
    asked = [each for each in api.operations if each.method == "GET" and each.id in places.keys() - set(without)]
    reasons: dict[str, str] = {}
    shown: dict[str, list[tuple[Operation, Answer]]] = {}
    for operation in asked:
        place = places[operation.id]
        try:
            schema = derived.get((operation.id, operation.success or 0))
            answer = answer_of(operation, schema, place.many, place.literals[-1])
            shown.setdefault(place.pattern, []).append((operation, answer))
        except ValueError as error:
            reasons[operation.id] = str(error)
    names = _names({pattern: places[own[0][0].id].literals for pattern, own in shown.items()})
    return {pattern: _group(api, places, pattern, names[pattern], own) for pattern, own in shown.items()}, reasons


def _names(literals: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """A name for each pattern: its last text, with those before it where that is taken, else with a number."""
    names: dict[str, str] = {}
    for pattern, texts in literals.items():
        longer = ["_".join(filter(None, map(joined, texts[-n:]))) or "records" for n in range(1, len(texts) + 1)]
        numbered = [f"{longer[-1]}_{number}" for number in range(2, len(literals) + 2)]
        names[pattern] = next(each for each in [*longer, *numbered] if each not in names.values())
    return names


def _group(api: Api, places: Places, pattern: str, name: str, own: list[tuple[Operation, Answer]]) -> Group:
    """What the operations of one pattern say together; the GETs, and of these the list, before others."""
    gets = sorted(own, key=lambda each: not places[each[0].id].many)
    others = [each for each in api.operations if each.id in places and places[each.id].pattern == pattern]
    operations = list(dict.fromkeys([*(operation for operation, _ in gets), *others]))
    key = next((variable for each in operations if (variable := places[each.id].key)), f"{singular(name)}_id")
    variables = [variable for each in operations for variable in each.parameters if variable.place == "path"]
    parameters = {each.name: each for each in reversed(variables)}
    member = _key_member(key, name, gets[-1][1].members, parameters.get(key))
    named = dict.fromkeys(each.example for each in variables if each.name == key and each.example is not None)
    shown = {operation.id: answer for operation, answer in gets}
    return Group(name, key, member, places[gets[0][0].id].within, shown, parameters, tuple(named))


def _key_member(variable: str, name: str, members: Mapping[str, Any], parameter: Parameter | None) -> str:
    """The member that the variable means: of its name, of its last word, or one that tells records apart; else `id`, unseen."""
    last = joined(variable).rpartition("_")[2]
    wanted = [joined(variable), last, f"{singular(joined(name))}_id", *KEYS]
    for each in wanted:
        found = next((member for member in members if joined(member) == joined(each)), None)
        if found and _can_tell(members[found], parameter):
            return found
    return "id" if "id" not in members else f"{joined(name)}_key"


def _can_tell(schema: Mapping[str, Any], parameter: Parameter | None) -> bool:
    """Whether values of this schema can be keys that the parameter can name."""
    numeric = schema.get("type") in ("integer", "number")
    asks_number = parameter is not None and parameter.type in ("number", "integer")
    return numeric or (schema.get("type") == "string" and "enum" not in schema and not asks_number)
