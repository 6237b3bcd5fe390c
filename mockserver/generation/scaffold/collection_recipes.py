"""A collection's records: those that the blueprint shows, and recipes for as many more as it takes to see pages."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mockserver.contract.record_types import Record
from mockserver.formats.exact_json import MOST_INTEGER
from mockserver.formats.json_schema import Validator
from mockserver.generation.recipes.timestamps import parse_timestamp
from mockserver.generation.scaffold import conventions
from mockserver.generation.scaffold.collections import InferredCollection
from mockserver.generation.scaffold.draft import CollectionDraft, OperationDraft
from mockserver.generation.scaffold.effects import UNPAGED
from mockserver.generation.scaffold.field_recipes import HEX, fields_of, in_order_of_time, timestamp_field
from mockserver.generation.scaffold.responses import ResponseShape
from mockserver.spec.description import Parameter

FEW, MANY, MOST = 12, 45, 250
"""How many records there are without paging, with, and at most."""

_WHOLE = re.compile(r"0|[1-9][0-9]{0,14}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER_AT_END = re.compile(r"(.*?)(0|[1-9][0-9]{0,14})")


def collection_of(
    group: InferredCollection, operations: Iterable[OperationDraft], parents: Mapping[str, CollectionDraft]
) -> CollectionDraft:
    """The draft of a collection; `parents` are those made before, by the variable that names one of their records."""
    operations = list(operations)
    answers = [each.response for each in operations if each.response and each.id in group.shown]
    members = {name: schema for answer in reversed(answers) for name, schema in answer.members.items()}
    examples, count = _merge_examples(group, answers), _count(operations)
    first = list(_first(group, examples, members))
    others = {name: recipe for name, recipe in _others(answers, members, examples).items() if name not in _field_names(group)}
    fields = _in_time({**_keys(group, members, first, parents, count), **others}, first)
    fields |= dict(_links(group.member, fields, examples))
    rule = {"key": group.key, "id_field": group.member, "parent": group.parent}
    rule = {name: value for name, value in rule.items() if value and (name, value) != ("id_field", "id")}
    return CollectionDraft(group.name, _reason(group, members), rule, count, first, fields, dict(_states(members)))


def _others(answers: Iterable[ResponseShape], members: Mapping[str, Any], examples: list[Record]) -> dict[str, Any]:
    """A recipe for each member that an example has, or some answer needs."""
    needed = {name for answer in answers for name in answer.item.get("required", ())}
    shown = {name: value for record in reversed(examples) for name, value in record.items()}
    return fields_of({"properties": members, "required": [*needed]}, shown or None)


def _in_time(fields: dict[str, Any], first: list[Record]) -> dict[str, Any]:
    """The same recipes, where a record is not changed before it is made; as far as the first ones say when that was."""
    created, changed = timestamp_field(fields, conventions.CREATED), timestamp_field(fields, conventions.CHANGED)
    known = created and all(_is_timestamp(each[created]) for each in first if created in each)
    return in_order_of_time(fields, created, changed) if created and changed and known else fields


def _links(member: str, fields: Record, examples: list[Record]) -> Iterator[tuple[str, Any]]:
    """Texts that lead to a record by its key, as `/questions/1` does."""
    shown = next((each for each in examples if member in each), {})
    for name, value in shown.items():
        start = value.removesuffix(f"/{shown[member]}") if isinstance(value, str) else value
        if start != value and fields.get(name) == value and not set("{}") & set(value):
            yield name, {"template": f"{start}/{{key}}", "with": {"key": {"copy": member}}}


def _field_names(group: InferredCollection) -> tuple[str, ...]:
    return (group.member, *([group.parent] if group.parent else []))


def _reason(group: InferredCollection, members: Mapping[str, Any]) -> str:
    unseen = "" if group.member in members else ", which no response contains"
    owner = f"; the variable {group.parent} names their parent" if group.parent else ""
    return f"the variable {group.key} is the member {group.member}{unseen}{owner}"


def _merge_examples(group: InferredCollection, answers: Iterable[ResponseShape]) -> list[Record]:
    """The records that the blueprint shows; what list and detail show of the same one is put together, the list's first."""
    found: dict[str, Record] = {}
    for answer in answers:
        for index, record in enumerate(answer.records):
            known = {name: value for name, value in record.items() if name in answer.members}
            key = str(known.get(group.member, index))
            found[key] = {**known, **found.get(key, {})}
    return list(found.values())


def _first(group: InferredCollection, examples: list[Record], members: Mapping[str, Any]) -> Iterator[Record]:
    """The records shown, and one with each key that a path shows, so that the blueprint's own requests find something."""
    within, keys = next(iter(_shown(group.parent, group, members.get(group.parent or ""))), None), set()
    named = _shown(group.key, group, members.get(group.member))
    owner = {group.parent: within} if group.parent and within is not None else {}
    for index, record in enumerate(examples):
        own = {name: value for name, value in record.items() if name not in _field_names(group) or value not in (None, "")}
        own = {**owner, **({group.member: named[0]} if named and index == 0 else {}), **own}
        keys.add((own.get(group.parent or ""), own.get(group.member)))
        yield {name: own[name] for name in (*_field_names(group), *record) if name in own}
    for key in named:
        if (within, key) not in keys:
            yield {**owner, group.member: key}


def _shown(variable: str | None, group: InferredCollection, schema: Mapping[str, Any] | None) -> list[Any]:
    """The values that the blueprint shows for a variable, as records have them: those that fit."""
    parameter: Parameter | None = group.parameters.get(variable or "")
    shown = group.named if variable == group.key else (parameter.example,) if parameter else ()
    fits = Validator(dict(schema or {"type": ["string", "integer"]})).accepts
    forms = [(each, int(each) if _WHOLE.fullmatch(str(each)) else each, str(each)) for each in shown if each is not None]
    found = [next((form for form in each if fits(form)), None) for each in forms]
    return [each for each in found if each is not None]


def _keys(
    group: InferredCollection, members: Mapping[str, Any], first: list[Record], parents: Mapping[str, CollectionDraft], count: int
) -> Mapping[str, Any]:
    """Recipes for what a record is found by."""
    shown = [record.get(group.member) for record in first]
    key = {group.member: _key(members.get(group.member, {}), shown)}
    if not group.parent or group.parent == group.member:
        return key
    parent = parents.get(group.parent)
    owners = _parent_values(group, members.get(group.parent), first, parent)
    if parent and len(owners) < 2:
        distribute = {"distribute": {parent.name: [count - 3, 2, 1]}, "field": parent.rule.get("id_field", "id")}
        return {group.parent: distribute, **key}
    return {group.parent: {"cycle": owners}, **key}


def _key(schema: Mapping[str, Any], first: list[Any]) -> Any:
    """A recipe of values that are never the same, nor any of the first records'."""
    shown = [each for each in first if each is not None]
    numbers = [each for each in shown if isinstance(each, int)]
    if schema.get("type") in ("integer", "number") or (not schema and (numbers or not shown)):
        return {"sequence": _start(numbers, first)}
    if schema.get("format") == "uuid":
        return {"faker": "uuid4"}
    example = str(shown[0]) if shown else "record-1"
    if HEX.fullmatch(example):
        return {"faker": {"hexify": {"text": "^" * len(example)}}}
    found = _NUMBER_AT_END.fullmatch(example)
    text = found[1] if found else f"{example}-"
    ends = [str(each).removeprefix(text) for each in shown if str(each).startswith(text)]
    start = _start([int(each) for each in ends if _WHOLE.fullmatch(each)], first)
    return {"template": f"{_safe(text)}{{number}}", "with": {"number": {"sequence": start}}}


def _start(taken: list[int], first: list[Any]) -> int:
    """Where to count from, so that what comes behind the first records is more than what these have."""
    return max(taken, default=0) + 1 - (0 if None in first else len(first))


def _safe(text: str) -> str:
    """A text in which a recipe sees no gap."""
    return text.replace("{", "").replace("}", "")


def _parent_values(
    group: InferredCollection, schema: Mapping[str, Any] | None, first: list[Record], parent: CollectionDraft | None
) -> list[Any]:
    """What records belong to: what the blueprint shows, and another; where records of that are known, only these."""
    variable = group.parent or ""
    shown = list(dict.fromkeys(record[variable] for record in first if record.get(variable) is not None))
    parameter = group.parameters.get(variable)
    if parent:
        keys = [record.get(parent.rule.get("id_field", "id")) for record in parent.examples]
        return list(dict.fromkeys([*shown, *(each for each in keys if each is not None)]))
    if parameter and parameter.values:
        return list(dict.fromkeys([*shown, *parameter.values]))
    numeric = (schema or {}).get("type") in ("integer", "number") or (parameter and parameter.type in ("integer", "number"))
    value = shown[0] if shown else 1 if numeric else "1"
    others = [_other(value), str(uuid5(NAMESPACE_URL, str(value)))]
    others = others[1:] if _UUID.fullmatch(str(value)) else others
    fits = Validator(dict(schema or {})).accepts
    return [value, *[each for each in others if fits(each)][:1]]


def _other(owner: Any) -> Any:
    """An owner that is not this one."""
    if not isinstance(owner, int):
        return f"{owner}-2"
    return owner + 1 if owner < MOST_INTEGER else owner - 1


def _count(operations: Iterable[OperationDraft]) -> int:
    """So many that paging shows."""
    lists = [each.effect for each in operations if each.effect and "list" in each.effect]
    limits = [each["limit"] for each in lists if each["limit"] < UNPAGED]
    return min(MOST, max(MANY, 2 * max(limits) + 5)) if limits else FEW


def _states(members: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for name, schema in members.items():
        values = [each for each in schema.get("enum", ()) if isinstance(each, str)]
        if conventions.snake_case(name) in conventions.STATES and len(values) > 1:
            yield name, values


def _is_timestamp(value: Any) -> bool:
    try:
        return bool(parse_timestamp(value))
    except ValueError:
        return False
