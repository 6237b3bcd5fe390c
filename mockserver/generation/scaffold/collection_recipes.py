"""The records of an inferred collection.

They are the documented examples, and recipes for enough further records to show paging.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mockserver.contract.record_links import split_link
from mockserver.contract.record_types import Record
from mockserver.formats.exact_json import MOST_INTEGER
from mockserver.formats.json_schema import Validator
from mockserver.generation.recipes.timestamps import parse_timestamp
from mockserver.generation.scaffold import conventions
from mockserver.generation.scaffold.collections import InferredCollection
from mockserver.generation.scaffold.draft import CollectionDraft, OperationDraft
from mockserver.generation.scaffold.effects import UNPAGED
from mockserver.generation.scaffold.field_recipes import (
    HEX,
    fields_of,
    in_order_of_time,
    timestamp_field,
)
from mockserver.generation.scaffold.key_values import INTEGER, fitting_values
from mockserver.generation.scaffold.references import References
from mockserver.generation.scaffold.responses import ResponseShape, merge_members
from mockserver.spec.description import Parameter

UNPAGED_COUNT, PAGED_COUNT, MAX_COUNT = 12, 45, 250
"""The number of records without paging, its minimum with paging, and its maximum."""
MAX_TOTAL = 3000
"""The number of records that all collections share, if `UNPAGED_COUNT` for each are fewer."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER_AT_END = re.compile(r"(.*?)(0|[1-9][0-9]{0,14})")


def collection_of(
    group: InferredCollection,
    operations: Iterable[OperationDraft],
    parent: CollectionDraft | None,
    references: References,
    share: int,
) -> CollectionDraft:
    """Return the draft of a collection.

    Args:
        group: The inferred collection.
        operations: The drafts of its operations.
        parent: The draft of the parents' collection; `None` without one.
        references: The members that name records of other collections.
        share: The maximum number of its records, but at least `UNPAGED_COUNT` are generated.
    """
    operations = list(operations)
    responses = [group.responses[each.id] for each in operations if each.id in group.responses]
    members = merge_members(responses)
    documented = _merge_examples(group, responses)
    count = max(UNPAGED_COUNT, min(share, _count(operations)))
    examples = list(_examples(group, documented, members))
    fields = dict(_key_recipes(group, members, examples, parent, count))
    for name, recipe in _field_recipes(responses, members, documented).items():
        if name not in _key_fields(group):
            fields[name] = recipe
    fields = _in_order_of_time(fields, examples)
    fields |= dict(_link_recipes(group.id_field, fields, documented))
    for name, target in references.items():
        if name in fields:
            fields[name] = _distribution(target.name, target.id_field, count)
    states = dict(_states(members))
    return CollectionDraft(
        group.name, _reason(group, members), _rule(group), count, examples, fields, states
    )


def _rule(group: InferredCollection) -> dict[str, Any]:
    """Return the entry of the collection in effects.yaml, without default values."""
    rule: dict[str, Any] = {"key": group.key}
    if group.id_field != "id":
        rule["id_field"] = group.id_field
    if group.parent:
        rule["parent"] = group.parent
    if group.parent_field != group.parent:
        rule["parent_field"] = group.parent_field
    return rule


def _field_recipes(
    responses: Iterable[ResponseShape], members: Mapping[str, Any], documented: list[Record]
) -> dict[str, Any]:
    """Return a recipe for each member that an example has or a response requires."""
    required: list[str] = []
    for response in responses:
        required += response.item.get("required", ())
    example: dict[str, Any] = {}
    for record in reversed(documented):
        example |= record
    return fields_of({"properties": members, "required": required}, example or None)


def _in_order_of_time(fields: dict[str, Any], examples: list[Record]) -> dict[str, Any]:
    """Return the recipes, if possible with a modification time after the creation time.

    This needs creation times in the examples that can be parsed.
    """
    created = timestamp_field(fields, conventions.CREATED)
    changed = timestamp_field(fields, conventions.CHANGED)
    if not created or not changed:
        return fields
    creation_times = [record[created] for record in examples if created in record]
    if not all(map(_is_timestamp, creation_times)):
        return fields
    return in_order_of_time(fields, created, changed)


def _link_recipes(
    id_field: str, fields: Record, documented: list[Record]
) -> Iterator[tuple[str, Any]]:
    """Yield recipes for the members with paths and URLs of the record: `/questions/1`."""
    example = next((record for record in documented if id_field in record), {})
    for name, value in example.items():
        recipe = fields.get(name)
        linking = _linking(recipe, value, example[id_field], id_field)
        if name != id_field and linking != recipe:
            yield name, linking


def _linking(recipe: Any, value: Any, key: Any, id_field: str) -> Any:
    """Return the recipe of a documented value, with the key of each record in its links."""
    if isinstance(value, dict) and isinstance(recipe, dict) and "fields" in recipe:
        members = {}
        for name, member in recipe["fields"].items():
            members[name] = _linking(member, value.get(name), key, id_field)
        return {**recipe, "fields": members}
    if not isinstance(value, str) or recipe != value or set("{}") & set(value):
        return recipe
    parts = split_link(value, key)
    if parts is None:
        return recipe
    return {"template": f"{parts[0]}{{key}}{parts[1]}", "with": {"key": {"copy": id_field}}}


def _key_fields(group: InferredCollection) -> tuple[str, ...]:
    """Return the fields that a record is found by."""
    return (group.id_field, group.parent_field) if group.parent_field else (group.id_field,)


def _reason(group: InferredCollection, members: Mapping[str, Any]) -> str:
    reason = f"the variable {group.key} is the member {group.id_field}"
    if group.id_field not in members:
        reason += ", which no response contains"
    if group.parent:
        reason += f"; the variable {group.parent} names their parent"
    return reason


def _merge_examples(group: InferredCollection, responses: Iterable[ResponseShape]) -> list[Record]:
    """Return the documented records.

    If several responses document the same record, its members are merged. The list comes first.
    """
    records: dict[str, Record] = {}
    for response in responses:
        for index, body in enumerate(response.records):
            record = {name: value for name, value in body.items() if name in response.members}
            key = str(record.get(group.id_field, index))
            records[key] = {**record, **records.get(key, {})}
    return list(records.values())


def _examples(
    group: InferredCollection, documented: list[Record], members: Mapping[str, Any]
) -> Iterator[Record]:
    """Yield the documented records, and one record for each other documented key.

    The documented requests then find their records.
    """
    keys = fitting_values(group.example_keys, members.get(group.id_field))
    parent = _documented_parent(group, members)
    key_fields = _key_fields(group)
    used_keys = set()
    for index, record in enumerate(documented):
        example = dict(parent)
        if keys and index == 0:
            example[group.id_field] = keys[0]
        for name, value in record.items():
            if name not in key_fields or value not in (None, ""):
                example[name] = value
        used_keys.add(tuple(example.get(name) for name in key_fields))
        yield {name: example[name] for name in (*key_fields, *record) if name in example}
    for key in keys:
        example = {**parent, group.id_field: key}
        if tuple(example.get(name) for name in key_fields) not in used_keys:
            yield example


def _documented_parent(group: InferredCollection, members: Mapping[str, Any]) -> Record:
    """Return the parent field with the documented value of its variable; empty without one."""
    if not group.parent:
        return {}
    documented = group.example_keys
    if group.parent != group.key:
        parameter = group.parameters.get(group.parent)
        documented = (parameter.example,) if parameter else ()
    values = fitting_values(documented, members.get(group.parent_field or ""))
    if not values or not group.parent_field:
        return {}
    return {group.parent_field: values[0]}


def _key_recipes(
    group: InferredCollection,
    members: Mapping[str, Any],
    examples: list[Record],
    parent: CollectionDraft | None,
    count: int,
) -> Mapping[str, Any]:
    """Return the recipes for the fields that a record is found by."""
    example_keys = [record.get(group.id_field) for record in examples]
    key = {group.id_field: _key_recipe(members.get(group.id_field, {}), example_keys)}
    if not group.parent_field or group.parent_field == group.id_field:
        return key
    values = _parent_values(group, members.get(group.parent_field), examples, parent)
    if parent and len(values) < 2:
        distribute = _distribution(parent.name, parent.id_field, count)
        return {group.parent_field: distribute, **key}
    return {group.parent_field: {"cycle": values}, **key}


def _distribution(collection: str, id_field: str, count: int) -> dict[str, Any]:
    """Return a recipe for the keys of the first records of a collection."""
    return {"distribute": {collection: [count - 3, 2, 1]}, "field": id_field}


def _key_recipe(schema: Mapping[str, Any], example_keys: list[Any]) -> Any:
    """Return a recipe for unique values, which differ from the keys of the examples."""
    documented = [key for key in example_keys if key is not None]
    numbers = [key for key in documented if isinstance(key, int)]
    is_numeric = schema.get("type") in ("integer", "number")
    if is_numeric or (not schema and (numbers or not documented)):
        return {"sequence": _start(numbers, example_keys)}
    if schema.get("format") == "uuid":
        return {"faker": "uuid4"}
    texts = [str(key) for key in documented]
    example = texts[0] if texts else "record-1"
    if HEX.fullmatch(example):
        return {"faker": {"hexify": {"text": "^" * len(example)}}}
    match = _NUMBER_AT_END.fullmatch(example)
    prefix = match[1] if match else f"{example}-"
    start = _start(_numbers_after(prefix, texts), example_keys)
    return {
        "template": f"{_without_braces(prefix)}{{number}}",
        "with": {"number": {"sequence": start}},
    }


def _numbers_after(prefix: str, texts: Iterable[str]) -> list[int]:
    """Return the number of each text that is this prefix and a number."""
    numbers = []
    for text in texts:
        ending = text.removeprefix(prefix)
        if text.startswith(prefix) and INTEGER.fullmatch(ending):
            numbers.append(int(ending))
    return numbers


def _start(numbers: list[int], example_keys: list[Any]) -> int:
    """Return the start of a sequence whose values after the examples exceed these numbers."""
    start = max(numbers, default=0) + 1
    if None in example_keys:
        return start
    return start - len(example_keys)


def _without_braces(text: str) -> str:
    """Return the text without braces, which would be variables of a template."""
    return text.replace("{", "").replace("}", "")


def _parent_values(
    group: InferredCollection,
    schema: Mapping[str, Any] | None,
    examples: list[Record],
    parent: CollectionDraft | None,
) -> list[Any]:
    """Return the values of the parent field: the documented ones and, if possible, another one.

    If the parent is a collection, all values are keys of its examples.
    """
    values = _field_values(examples, group.parent_field or "")
    parameter = group.parameters.get(group.parent or "")
    if parent:
        return _unique([*values, *_field_values(parent.examples, parent.id_field)])
    if parameter and parameter.values:
        return _unique([*values, *parameter.values])
    schema = schema or {}
    value = values[0] if values else _default_parent(schema, parameter)
    accepts = Validator(dict(schema)).accepts
    for other in _other_values(value):
        if accepts(other):
            return [value, other]
    return [value]


def _field_values(records: Iterable[Record], name: str) -> list[Any]:
    """Return the value of a field in each record that has one."""
    return [record[name] for record in records if record.get(name) is not None]


def _default_parent(schema: Mapping[str, Any], parameter: Parameter | None) -> Any:
    """Return 1, as a text if neither schema nor parameter are numeric."""
    numeric = ("integer", "number")
    if schema.get("type") in numeric or (parameter and parameter.type in numeric):
        return 1
    return "1"


def _unique(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


def _other_values(value: Any) -> Iterator[Any]:
    """Yield values that differ from this one, in the same notation if possible."""
    if isinstance(value, int):
        step = 1 if value < MOST_INTEGER else -1
        yield value + step
    elif not _UUID.fullmatch(str(value)):
        yield f"{value}-2"
    yield str(uuid5(NAMESPACE_URL, str(value)))


def _count(operations: Iterable[OperationDraft]) -> int:
    """Return a number of records that fills more than two pages."""
    largest = 0
    for operation in operations:
        if operation.effect and operation.effect.get("limit", UNPAGED) < UNPAGED:
            largest = max(largest, operation.effect["limit"])
    if not largest:
        return UNPAGED_COUNT
    return min(MAX_COUNT, max(PAGED_COUNT, 2 * largest + 5))


def _states(members: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield each member that may hold the state of a lifecycle, with its states."""
    for name, schema in members.items():
        states = [value for value in schema.get("enum", ()) if isinstance(value, str)]
        if conventions.snake_case(name) in conventions.STATES and len(states) > 1:
            yield name, states


def _is_timestamp(value: Any) -> bool:
    try:
        return bool(parse_timestamp(value))
    except ValueError:
        return False
