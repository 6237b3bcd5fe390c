"""Which operations are about the same collection, what it is called, and how one of its records is found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mockserver.description import Api, Operation, Parameter
from mockserver.inferring.answers import Answer, answer_of
from mockserver.inferring.places import Place, place_of
from mockserver.inferring.words import KEYS, joined, singular
from mockserver.schemas import Schemas


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
    named: tuple[Any, ...] = ()
    """What the blueprint shows for the variable that names one record, in any operation."""

    @property
    def members(self) -> dict[str, Any]:
        """The schema of each member that some GET shows."""
        answers = reversed(list(self.shown.values()))
        return {name: schema for answer in answers for name, schema in answer.members.items()}


def placed(api: Api) -> dict[str, Place | str]:
    """Operation id to its place, or to the sentence that says why it has none."""
    found: dict[str, Place | str] = {}
    for operation in api.operations:
        try:
            found[operation.id] = place_of(operation)
        except ValueError as error:
            found[operation.id] = str(error)
    return found


def groups(
    api: Api, derived: Schemas, places: Mapping[str, Place | str], without: Iterable[str]
) -> tuple[dict[str, Group], dict[str, str]]:
    """The collections that some GET shows, by the pattern of their path; and why each other GET shows none, by its id."""
    gets = [each for each in api.operations if each.method == "GET" and each.id not in set(without)]
    reasons: dict[str, str] = {}
    shown: dict[str, list[tuple[Operation, Answer]]] = {}
    for operation in gets:
        place = places[operation.id]
        if isinstance(place, str):
            reasons[operation.id] = place
            continue
        try:
            schema = derived.get((operation.id, operation.success or 0))
            answer = answer_of(operation, schema, place.many, place.literals[-1])
            shown.setdefault(place.pattern, []).append((operation, answer))
        except ValueError as error:
            reasons[operation.id] = str(error)
    names = _names({pattern: _literals(places, own) for pattern, own in shown.items()})
    keys = _keys(api, places)
    found = {pattern: _group(names[pattern], own, places, keys.get(pattern)) for pattern, own in shown.items()}
    return {pattern: _known(api, places, pattern, group) for pattern, group in found.items()}, reasons


def _known(api: Api, places: Mapping[str, Place | str], pattern: str, group: Group) -> Group:
    """The group with the variables of all its operations, those that the GETs have first."""
    own = [each for each in api.operations if isinstance(at := places[each.id], Place) and at.pattern == pattern]
    variables = [each for operation in own for each in operation.parameters if each.place == "path"]
    named = dict.fromkeys(each.example for each in variables if each.name == group.key and each.example is not None)
    parameters = {each.name: each for each in reversed(variables)} | dict(group.parameters)
    return replace(group, parameters=parameters, named=tuple(named))


def _keys(api: Api, places: Mapping[str, Place | str]) -> dict[str, str]:
    """The variable that names one record, by pattern: that of the GET, else that of the first operation that has one."""
    found: dict[str, str] = {}
    for operation in sorted(api.operations, key=lambda each: each.method != "GET"):
        place = places[operation.id]
        if isinstance(place, Place) and place.key:
            found.setdefault(place.pattern, place.key)
    return found


def _literals(places: Mapping[str, Place | str], own: Sequence[tuple[Operation, Answer]]) -> tuple[str, ...]:
    place = places[own[0][0].id]
    return place.literals if isinstance(place, Place) else ()


def _names(literals: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """A name for each pattern: its last text, with those before it where that is taken, else with a number."""
    names: dict[str, str] = {}
    for pattern, texts in literals.items():
        longer = ["_".join(filter(None, map(joined, texts[-n:]))) or "records" for n in range(1, len(texts) + 1)]
        numbered = [f"{longer[-1]}_{number}" for number in range(2, len(literals) + 2)]
        names[pattern] = next(each for each in [*longer, *numbered] if each not in names.values())
    return names


def _group(name: str, own: list[tuple[Operation, Answer]], places: Mapping[str, Place | str], key: str | None) -> Group:
    own = sorted(own, key=lambda each: bool(_place(places, each[0]).key))
    first = _place(places, own[0][0])
    parameters = {each.name: each for operation, _ in reversed(own) for each in operation.parameters if each.place == "path"}
    shown = {operation.id: answer for operation, answer in own}
    item = own[-1][1]
    variable = key or f"{singular(name)}_id"
    member = _key_member(variable, name, item.members, parameters.get(variable))
    return Group(name, variable, member, first.within, shown, parameters)


def _place(places: Mapping[str, Place | str], operation: Operation) -> Place:
    place = places[operation.id]
    assert isinstance(place, Place)  # noqa: S101  those without one have no answer here
    return place


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
