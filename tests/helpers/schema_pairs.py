"""Random pairs of JSON Schemas, and the values that decide between them."""

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from helpers.repository import ROOT
from helpers.schema_changes import CHANGES, small_schema
from helpers.schema_values import ValueSource
from mockserver.config.shipped import SCHEMAS
from mockserver.formats.json_schema import Schema, Validator, schema_violations
from mockserver.spec import blueprint, schemas

VALUES = 200
"""How many values of each schema are validated against the other one."""
ROUNDS, ROUND = 8, 100
"""Up to eight rounds of values are generated until there are enough that fit."""
MAX_LENGTH = 6000
"""Longer schemas are not used: their values take too long."""


@dataclass(frozen=True)
class SchemaPair:
    changes: tuple[str, ...]
    old: Schema
    new: Schema


@cache
def real_schemas() -> tuple[bytes, ...]:
    """Return the schemas of the repository's blueprints, as JSON."""
    documents: list[Any] = []
    for path in sorted(SCHEMAS.rglob("*.json")):
        documents.append(orjson.loads(path.read_bytes()))
    for path in sorted((ROOT / "tests" / "golden" / "blueprint").glob("*.apib")):
        api = blueprint.parse_blueprint(path.read_text(encoding="utf-8"), path.name, "any")
        documents += [*schemas.derive(api).values(), *schemas.derive_requests(api).values()]
    texts = dict.fromkeys(orjson.dumps(document) for document in documents)
    return tuple(text for text in texts if len(text) <= MAX_LENGTH)


def random_schema(source: random.Random, depth: int = 0) -> Any:
    """Return a random schema with up to three levels."""
    kind = source.randrange(9)
    if depth > 2 or kind == 0:
        return copy.deepcopy(small_schema(source))
    if kind < 5:
        names = source.sample(["a", "b", "c", "id", "status"], source.randrange(1, 4))
        schema: Schema = {
            "type": "object",
            "properties": {name: random_schema(source, depth + 1) for name in names},
            "required": names[: source.randrange(len(names) + 1)],
        }
        if source.random() < 0.6:
            schema["additionalProperties"] = False
        return schema
    if kind == 5:
        return {"type": "array", "items": random_schema(source, depth + 1)}
    keyword = source.choice(["anyOf", "oneOf", "allOf"])
    inner = [random_schema(source, depth + 1) for _ in range(source.randrange(1, 4))]
    if kind == 6:
        return {keyword: inner}
    if kind == 7:
        return {"type": ["object", "string"], "required": ["a"], keyword: inner}
    definitions = {"T": random_schema(source, depth + 1)}
    if depth:
        return random_schema(source, depth + 1)
    return {"properties": {"a": {"$ref": "#/$defs/T"}, "b": {"$ref": "#"}}, "$defs": definitions}


def base_schema(source: random.Random) -> Schema:
    if source.random() < 0.4:
        schema: Any = orjson.loads(source.choice(real_schemas()))
    else:
        schema = random_schema(source)
    return schema if isinstance(schema, dict) else {}


def schema_pairs(seed: int, count: int, changes: tuple[str, ...] = ()) -> Iterator[SchemaPair]:
    """Yield pairs of valid schemas: one with changes, or two random ones.

    Args:
        seed: The same seed gives the same pairs.
        count: The number of pairs.
        changes: The kinds of changes, in turn; a pair has one. By default, random ones.
    """
    source = random.Random(seed)
    number = 0
    while number < count:
        names = source.sample(list(CHANGES), source.choice((1, 1, 2, 3)))
        if changes:
            names = [changes[number % len(changes)]]
        pair = changed_pair(source, names)
        if not changes and source.random() < 0.1:
            pair = SchemaPair(("another schema",), base_schema(source), base_schema(source))
        if pair is not None and is_usable(pair):
            number += 1
            yield pair


def changed_pair(source: random.Random, names: list[str]) -> SchemaPair | None:
    """Return a schema before and after some changes, in any order; `None` if nothing changed."""
    old = base_schema(source)
    new = copy.deepcopy(old)
    applied = tuple(name for name in names if CHANGES[name](source, new))
    if not applied or old == new:
        return None
    # The schemas share no objects, as those of two files.
    new = copy.deepcopy(new)
    if source.random() < 0.5:
        old, new = new, old
    return SchemaPair(applied, old, new)


def is_usable(pair: SchemaPair) -> bool:
    """Return whether both schemas are valid."""
    return not schema_violations(pair.old) and not schema_violations(pair.new)


@dataclass(frozen=True)
class Samples:
    """Values of two schemas, and those that the other schema rejects."""

    old_count: int
    new_count: int
    only_old: list[Any]
    only_new: list[Any]


def sample(pair: SchemaPair, seed: int) -> Samples:
    """Return up to 200 values of each schema, validated against the other one."""
    values = ValueSource(random.Random(seed), pair.old, pair.new)
    old, new = Validator(pair.old), Validator(pair.new)
    old_count = new_count = 0
    only_old: list[Any] = []
    only_new: list[Any] = []
    for _ in range(ROUNDS):
        for value in values.candidates([pair.old, pair.new], ROUND):
            in_old, in_new = old.accepts(value), new.accepts(value)
            old_count += in_old
            new_count += in_new
            if in_old and not in_new:
                only_old.append(value)
            if in_new and not in_old:
                only_new.append(value)
        if min(old_count, new_count) >= VALUES:
            break
    return Samples(old_count, new_count, only_old, only_new)
