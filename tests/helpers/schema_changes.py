"""Random changes of JSON Schemas: a function a kind of change."""

import random
from collections.abc import Callable
from typing import Any

from helpers.schema_values import TYPES, subschemas

Schema = dict[str, Any]
Change = Callable[[random.Random, Schema], bool]
"""Changes a schema in place, and returns whether it could."""

NAMES = ["a", "b", "c", "status", "id"]
VALUES: list[Any] = ["waiting", "running", "x", 1, 2, True, None, 1.5]
PATTERNS = ["^a", "^[a-z]+$", "[0-9]"]
FORMATS = ["date-time", "date", "uuid", "email", "custom"]


def types_of(schema: Schema) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def is_plain(schema: Schema) -> bool:
    return "$ref" not in schema and not {"anyOf", "oneOf", "allOf"} & schema.keys()


def part(source: random.Random, root: Schema, kind: str = "") -> Schema | None:
    """Return a random subschema with a type, or `None`."""
    parts = [each for each in subschemas(root) if not kind or kind in types_of(each)]
    return source.choice(parts) if parts else None


def small_schema(source: random.Random) -> Any:
    """Return a random schema without inner schemas."""
    return source.choice(
        [
            {"type": "string"},
            {"type": "integer"},
            {"type": "number", "minimum": source.randrange(3)},
            {"type": ["string", "null"]},
            {"type": "boolean"},
            {"enum": source.sample(VALUES, 2)},
            {"const": source.choice(VALUES)},
            {"type": "string", "minLength": 1, "maxLength": source.randrange(1, 4)},
            {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"type": "array", "items": {"type": "integer"}},
            {},
            True,
        ]
    )


def set_keyword(kind: str, keyword: str, values: list[Any]) -> Change:
    """Return the change that sets a keyword of a schema of this type, or removes it."""

    def change(source: random.Random, root: Schema) -> bool:
        schema = part(source, root, kind)
        if schema is None:
            return False
        old = schema.pop(keyword, None)
        value = source.choice([value for value in [*values, None] if value != old] or [None])
        if value is not None:
            schema[keyword] = value
        return value is not None or old is not None

    return change


def on_object(edit: Callable[[random.Random, Schema], None]) -> Change:
    def change(source: random.Random, root: Schema) -> bool:
        schema = part(source, root, "object")
        if schema is not None:
            edit(source, schema)
        return schema is not None

    return change


def add_member(source: random.Random, schema: Schema) -> None:
    name = source.choice([*NAMES, "new"])
    schema.setdefault("properties", {})[name] = small_schema(source)


def add_required(source: random.Random, schema: Schema) -> None:
    name = source.choice([*NAMES, "new"])
    schema.setdefault("properties", {})[name] = small_schema(source)
    schema["required"] = sorted({*schema.get("required", []), name})


def remove_member(source: random.Random, schema: Schema) -> None:
    if schema.get("properties"):
        name = source.choice(sorted(schema["properties"]))
        del schema["properties"][name]
        schema["required"] = [each for each in schema.get("required", []) if each != name]


def remove_property_only(source: random.Random, schema: Schema) -> None:
    if schema.get("properties"):
        del schema["properties"][source.choice(sorted(schema["properties"]))]


def rename_member(source: random.Random, schema: Schema) -> None:
    if schema.get("properties"):
        name = source.choice(sorted(schema["properties"]))
        schema["properties"]["renamed"] = schema["properties"].pop(name)


def forbid_member(source: random.Random, schema: Schema) -> None:
    name = source.choice([*NAMES, *schema.get("properties", [])])
    schema.setdefault("properties", {})[name] = False


def toggle_required(source: random.Random, schema: Schema) -> None:
    name = source.choice([*schema.get("properties", []), "a"])
    schema["required"] = sorted({*schema.get("required", [])} ^ {name})


def toggle_closed(source: random.Random, schema: Schema) -> None:
    if schema.get("additionalProperties") is False:
        del schema["additionalProperties"]
    else:
        schema["additionalProperties"] = False


def other_members(source: random.Random, schema: Schema) -> None:
    schema["additionalProperties"] = small_schema(source)


def pattern_members(source: random.Random, schema: Schema) -> None:
    schema["patternProperties"] = {source.choice(PATTERNS): small_schema(source)}


def depend(source: random.Random, schema: Schema) -> None:
    schema["dependentRequired"] = {source.choice(NAMES): [source.choice(NAMES)]}


def depend_schema(source: random.Random, schema: Schema) -> None:
    schema["dependentSchemas"] = {source.choice(NAMES): {"required": [source.choice(NAMES)]}}


def limit_names(source: random.Random, schema: Schema) -> None:
    schema["propertyNames"] = {"maxLength": source.randrange(1, 8)}


def unevaluated(source: random.Random, schema: Schema) -> None:
    schema["unevaluatedProperties"] = source.choice([False, {"type": "string"}])


def refer_to_root(source: random.Random, schema: Schema) -> None:
    """Let a member be like the whole body. A reference elsewhere could refer to itself."""
    name = source.choice(NAMES)
    old = schema.setdefault("properties", {}).get(name, {"type": "null"})
    schema["properties"][name] = {"anyOf": [old, {"$ref": "#"}]}


def toggle_null(source: random.Random, root: Schema) -> bool:
    parts = [each for each in subschemas(root) if "type" in each]
    if not parts:
        return False
    schema = source.choice(parts)
    types = types_of(schema)
    if "null" in types and len(types) > 1:
        schema["type"] = [each for each in types if each != "null"]
    else:
        schema["type"] = [*types, "null"] if "null" not in types else types
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return True


def swap_number(source: random.Random, root: Schema) -> bool:
    swaps = {"integer": "number", "number": "integer"}
    parts = [each for each in subschemas(root) if each.get("type") in ("integer", "number")]
    if parts:
        schema = source.choice(parts)
        schema["type"] = swaps[schema["type"]]
    return bool(parts)


def replace_type(source: random.Random, root: Schema) -> bool:
    schema = part(source, root)
    if schema is None or "$ref" in schema:
        return False
    schema["type"] = source.choice(TYPES)
    return True


def add_type(source: random.Random, root: Schema) -> bool:
    parts = [each for each in subschemas(root) if "type" in each]
    if parts:
        schema = source.choice(parts)
        schema["type"] = sorted({*types_of(schema), source.choice(TYPES)})
    return bool(parts)


def drop_type(source: random.Random, root: Schema) -> bool:
    parts = [each for each in subschemas(root) if "type" in each]
    if parts:
        del source.choice(parts)["type"]
    return bool(parts)


def change_enum(source: random.Random, root: Schema) -> bool:
    parts = [each for each in subschemas(root) if each.get("enum")]
    if not parts:
        return False
    schema = source.choice(parts)
    values = list(schema["enum"])
    action = source.randrange(3)
    if action == 0:
        values.append(source.choice([value for value in ["added", *VALUES] if value not in values]))
    elif action == 1 and len(values) > 1:
        values.pop(source.randrange(len(values)))
    else:
        del schema["enum"]
        return True
    schema["enum"] = values
    return True


def list_values(source: random.Random, root: Schema) -> bool:
    schema = part(source, root)
    if schema is None:
        return False
    schema["enum"] = source.sample(VALUES, source.randrange(1, 4))
    return True


def one_value(source: random.Random, root: Schema) -> bool:
    schema = part(source, root)
    if schema is not None:
        schema["const"] = source.choice(VALUES)
    return schema is not None


def place(source: random.Random, root: Schema) -> tuple[Any, Any] | None:
    """Return an object or array of schemas, and the key of one of them."""
    places: list[tuple[Any, Any]] = []
    for schema in subschemas(root):
        properties = schema.get("properties", {})
        places += [(properties, name) for name in properties]
        if "items" in schema:
            places.append((schema, "items"))
        for keyword in ("anyOf", "oneOf", "allOf", "prefixItems"):
            listed = schema.get(keyword, [])
            places += [(listed, index) for index in range(len(listed))]
    return source.choice(places) if places else None


def replaced(build: Callable[[random.Random, Any], Any]) -> Change:
    """Return the change that replaces an inner schema by one that is built from it."""

    def change(source: random.Random, root: Schema) -> bool:
        found_place = place(source, root)
        if found_place is None:
            return False
        holder, key = found_place
        holder[key] = build(source, holder[key])
        return True

    return change


def alternatives(keyword: str, *, add: bool) -> Change:
    def change(source: random.Random, root: Schema) -> bool:
        parts = [each for each in subschemas(root) if each.get(keyword)]
        if not parts:
            return False
        schemas = source.choice(parts)[keyword]
        if add:
            schemas.insert(source.randrange(len(schemas) + 1), small_schema(source))
        elif len(schemas) > 1:
            schemas.pop(source.randrange(len(schemas)))
        return True

    return change


def annotate(source: random.Random, root: Schema) -> bool:
    schema = part(source, root)
    if schema is not None:
        schema[source.choice(["description", "title", "default", "x-note"])] = "text"
    return schema is not None


CHANGES: dict[str, Change] = {
    "add optional member": on_object(add_member),
    "add required member": on_object(add_required),
    "remove member": on_object(remove_member),
    "remove from properties": on_object(remove_property_only),
    "rename member": on_object(rename_member),
    "forbid member": on_object(forbid_member),
    "toggle required": on_object(toggle_required),
    "toggle closed": on_object(toggle_closed),
    "type of other members": on_object(other_members),
    "patternProperties": on_object(pattern_members),
    "dependentRequired": on_object(depend),
    "dependentSchemas": on_object(depend_schema),
    "propertyNames": on_object(limit_names),
    "unevaluatedProperties": on_object(unevaluated),
    "minProperties": set_keyword("object", "minProperties", [1, 2, 3]),
    "maxProperties": set_keyword("object", "maxProperties", [0, 1, 2, 4]),
    "toggle null": toggle_null,
    "integer or number": swap_number,
    "replace type": replace_type,
    "add type": add_type,
    "drop type": drop_type,
    "change enum": change_enum,
    "list values": list_values,
    "const": one_value,
    "minLength": set_keyword("string", "minLength", [1, 2, 3]),
    "maxLength": set_keyword("string", "maxLength", [0, 1, 2, 5]),
    "pattern": set_keyword("string", "pattern", PATTERNS),
    "format": set_keyword("string", "format", FORMATS),
    "minimum": set_keyword("integer", "minimum", [0, 1, 1.5, 5]),
    "maximum": set_keyword("integer", "maximum", [1, 2.5, 5, 10]),
    "minimum of numbers": set_keyword("number", "minimum", [0, 1, 1.5]),
    "exclusiveMinimum": set_keyword("number", "exclusiveMinimum", [0, 1, 1.5]),
    "exclusiveMaximum": set_keyword("integer", "exclusiveMaximum", [2, 5]),
    "multipleOf": set_keyword("integer", "multipleOf", [1, 2, 3, 6]),
    "multipleOf of numbers": set_keyword("number", "multipleOf", [0.5, 1, 2]),
    "minItems": set_keyword("array", "minItems", [1, 2]),
    "maxItems": set_keyword("array", "maxItems", [0, 1, 2]),
    "uniqueItems": set_keyword("array", "uniqueItems", [True, False]),
    "prefixItems": set_keyword("array", "prefixItems", [[{"type": "string"}], [True, {}]]),
    "closed array": set_keyword("array", "items", [False, {"type": "integer"}, {}]),
    "contains": set_keyword("array", "contains", [{"type": "integer"}, {"const": "x"}]),
    "replace schema": replaced(lambda source, old: small_schema(source)),
    "anyOf with null": replaced(lambda source, old: {"anyOf": [old, {"type": "null"}]}),
    "anyOf": replaced(lambda source, old: {"anyOf": [old, small_schema(source)]}),
    "oneOf": replaced(lambda source, old: {"oneOf": [small_schema(source), old]}),
    "allOf": replaced(lambda source, old: {"allOf": [old, small_schema(source)]}),
    "not": replaced(lambda source, old: {"allOf": [old, {"not": small_schema(source)}]}),
    "if": replaced(lambda source, old: {"if": small_schema(source), "then": old}),
    "false": replaced(lambda source, old: False),
    "reference to the root": on_object(refer_to_root),
    "add to anyOf": alternatives("anyOf", add=True),
    "remove from anyOf": alternatives("anyOf", add=False),
    "add to oneOf": alternatives("oneOf", add=True),
    "remove from oneOf": alternatives("oneOf", add=False),
    "remove from allOf": alternatives("allOf", add=False),
    "annotate": annotate,
}
"""The kinds of changes by name."""
