"""Effects, keys and recipes are inferred from a blueprint."""

import json
from typing import Any

import pytest
from helpers.blueprints import operation_text

from mockserver.formats import strict_yaml
from mockserver.generation import scaffold
from mockserver.generation.scaffold.conventions import singular
from mockserver.generation.scaffold.field_recipes import MISSING, recipe_of
from mockserver.spec import blueprint, schemas
from mockserver.spec.schemas.samples import TIMESTAMP_START

JSON = "+ Response 200 (application/json)\n\n        "
THINGS = f'### Things [GET /things]\n\n{JSON}[{{"id": 1, "name": "A", "status": "new"}}]\n\n'
ONE = f'### Thing [GET /things/{{id}}]\n\n{JSON}{{"id": 1, "name": "A"}}\n\n'


PARAMETER_TEXT = "+ Parameters\n    + id: `68a5` (string)\n\n"

INFERRED: dict[str, tuple[str, dict[str, Any] | None]] = {
    "a bare array": (operation_text("/a", '[{"id": 1}]'), {"list": "a", "limit": 1000}),
    "the one array": (
        operation_text("/a", '{"a": [{"id": 1}], "more": "x"}'),
        {"list": "a", "limit": 1000},
    ),
    "the array of the collection's name": (
        operation_text("/a", '{"a": [{"id": 1}], "b": [{"c": 1}]}'),
        {"list": "a", "limit": 1000, "container": "a"},
    ),
    "two arrays": (operation_text("/a", '{"x": [{"id": 1}], "y": [{"c": 1}]}'), None),
    "an array of texts": (operation_text("/a", '["x"]'), None),
    "an empty array": (operation_text("/a", "[]"), None),
    "limit and offset": (
        operation_text("/a{?limit,offset}", '[{"id": 1}]'),
        {"list": "a", "limit": 20, "offset": 0},
    ),
    "pages": (
        operation_text("/a{?page,per_page}", '{"a": [{"id": 1}], "total": 7}'),
        {"list": "a", "limit": 20, "page": "page", "size": "per_page", "total": "total"},
    ),
    "a total in what is echoed": (
        operation_text(
            "/a{?limit,offset}",
            '{"a": [{"id": 1}], "paging": {"limit": 5, "offset": null, "total": 7}}',
        ),
        {"list": "a", "limit": 5, "offset": None, "total": "total"},
    ),
    "a count of one page": (
        operation_text("/a", '{"a": [{"id": 1}], "count": 7}'),
        {"list": "a", "limit": 1000, "total": "count"},
    ),
    "a count together with the next page": (
        operation_text("/a{?page}", '{"results": [{"id": 1}], "count": 7, "next": "/a?page=2"}'),
        {"list": "a", "limit": 20, "page": "page", "total": "count"},
    ),
    "a count that may be the page's": (
        operation_text("/a{?page}", '{"results": [{"id": 1}], "count": 7}'),
        {"list": "a", "limit": 20, "page": "page"},
    ),
    "search and comparison": (
        operation_text("/a{?q,status}", '[{"id": 1, "title": "A", "status": "new"}]'),
        {"list": "a", "search": {"q": "title"}, "filter": {"status": "status"}, "limit": 1000},
    ),
    "nothing to search in": (operation_text("/a{?q}", '[{"id": 1}]'), {"list": "a", "limit": 1000}),
    "one record": (operation_text("/a/{id}", '{"id": 1}'), {"retrieve": "a"}),
    "one record in its member": (
        operation_text("/a/{id}", '{"a": {"id": 1}, "links": {"x": 1}}'),
        {"retrieve": "a", "container": "a"},
    ),
    "one record with an object": (
        operation_text("/a/{id}", '{"id": 1, "item": {"x": 1}}'),
        {"retrieve": "a"},
    ),
    "one record with an array, at a collection": (
        operation_text("/me", '{"id": 1, "roles": [{"x": 1}]}'),
        None,
    ),
    "one that is not an object": (operation_text("/a/{id}", '"x"'), None),
    "an object at a collection": (operation_text("/a", '{"id": 1}'), None),
    "the root": (operation_text("/", '[{"id": 1}]'), None),
    "a POST that returns a record": (
        THINGS + operation_text("/things", '{"id": 2, "name": "B"}', "POST"),
        {"create": "things"},
    ),
    "a POST whose name is an action": (
        THINGS + operation_text("/things", '{"done": true}', "POST"),
        {"create": "things", "respond_with": "example"},
    ),
    "a POST of nothing known": (operation_text("/login", '{"token": "x"}', "POST"), None),
    "a PUT": (
        ONE + operation_text("/things/{id}", '{"id": 1, "name": "B"}', "PUT"),
        {"update": "things"},
    ),
    "a PATCH": (
        ONE + operation_text("/things/{id}", '{"id": 1, "name": "B"}', "PATCH"),
        {"update": "things"},
    ),
    "a PATCH by another variable": (
        ONE + operation_text("/things/{thing}", '{"id": 1}', "PATCH"),
        None,
    ),
    "a GET whose documented key is of another kind": (
        operation_text("/a/{id}", '{"id": 1}').replace("+ Resp", PARAMETER_TEXT + "+ Resp", 1),
        None,
    ),
    "a DELETE": (
        ONE + operation_text("/things/{id}", '{"gone": true}', "DELETE"),
        {"remove": "things", "respond_with": "example"},
    ),
    "a DELETE that cancels": (
        ONE + operation_text("/things/{id}", '{"id": 1}', "DELETE", "Cancel it"),
        None,
    ),
    "a DELETE of all": (THINGS + operation_text("/things", '{"gone": true}', "DELETE"), None),
    "an action": (ONE + operation_text("/things/{id}/pay", '{"id": 1}', "POST"), None),
    "a POST of one": (ONE + operation_text("/things/{id}", '{"id": 1}', "POST"), None),
}


def drafted(text: str) -> scaffold.Draft:
    api = blueprint.parse_blueprint(f"FORMAT: 1A\n\n# A\n\n## Things\n\n{text}", "a.apib", "a")
    return scaffold.draft(schemas.with_examples(api), schemas.derive(api), {})


@pytest.mark.parametrize("case", INFERRED)
def test_an_effect_is_inferred_if_it_is_unambiguous(case: str) -> None:
    text, effect = INFERRED[case]
    last = drafted(text).operations[-1]
    assert last.effect == effect, last.reason
    assert last.reason


COLLECTIONS: dict[str, tuple[str, dict[str, str], dict[str, Any]]] = {
    "by id": (
        operation_text("/a/{a_id}", '{"id": 3, "n": 1}'),
        {"key": "a_id"},
        {"id": {"sequence": 3}},
    ),
    "by name": (
        operation_text("/a/{slug}", '{"slug": "x-7"}'),
        {"key": "slug", "id_field": "slug"},
        {},
    ),
    "unseen": (operation_text("/a/{id}", '{"n": 1}'), {"key": "id"}, {"id": {"sequence": 1}}),
    "within": (
        operation_text("/a/{a_id}/b/{id}", '{"id": 3}'),
        {"key": "id", "parent": "a_id"},
        {"a_id": {"cycle": ["1", "1-2"]}},
    ),
    "of a list": (
        operation_text("/boxes", '[{"id": 3}]'),
        {"key": "boxe_id"},
        {"id": {"sequence": 3}},
    ),
}


@pytest.mark.parametrize("case", COLLECTIONS)
def test_the_key_of_a_collection_is_inferred(case: str) -> None:
    text, rule, fields = COLLECTIONS[case]
    (collection,) = drafted(text).collections
    assert collection.rule == rule
    assert {name: collection.fields[name] for name in fields} == fields


PARAMETER = "+ Parameters\n    + id: `7` (number)\n\n"


def test_a_key_that_only_a_parameter_documents_gets_a_record() -> None:
    one = operation_text("/a/{id}", '{"id": 3}', name="One").replace(
        "+ Response", PARAMETER + "+ Response", 1
    )
    (collection,) = drafted(operation_text("/a", '[{"id": 3}, {"id": 4}]') + one).collections
    assert [each["id"] for each in collection.examples] == [3, 4, 7]
    listed = one.replace("`7`", "`4`")
    (collection,) = drafted(operation_text("/a", '[{"id": 3}, {"id": 4}]') + listed).collections
    assert [each["id"] for each in collection.examples] == [3, 4]
    one = operation_text("/b/{b_id}/a/{id}", '{"id": 3}', name="One").replace(
        "+ Response", PARAMETER + "+ Response", 1
    )
    (collection,) = drafted(
        operation_text("/b/{b_id}/a", '[{"id": 3}, {"id": 4}]') + one
    ).collections
    assert [each["id"] for each in collection.examples] == [3, 4, 7]


NESTED: dict[str, tuple[str, Any]] = {
    "one documented parent": ("/a/{a_id}", {"distribute": {"a": [9, 2, 1]}, "field": "id"}),
    "two documented parents": ("/a", {"cycle": [3, 4]}),
}


@pytest.mark.parametrize("case", NESTED)
def test_child_records_have_the_keys_of_existing_parents(case: str) -> None:
    path, recipe = NESTED[case]
    body = '{"id": 3}' if "{" in path else '[{"id": 3}, {"id": 4}]'
    more = operation_text("/a/{a_id}", '{"id": 3}', name="Parent") if path == "/a" else ""
    parent, child = drafted(
        operation_text(path, body)
        + more
        + operation_text("/a/{a_id}/b/{id}", '{"id": 1}', name="Child")
    ).collections
    assert (parent.name, child.name) == ("a", "b")
    assert child.fields["a_id"] == recipe


KEYS: list[tuple[str, list[Any], Any]] = [
    ("numbers", [3, 9], {"sequence": 8}),
    ("one without", [3, None], {"sequence": 4}),
    (
        "texts with a number",
        ["usr_1", "usr_9"],
        {"template": "usr_{number}", "with": {"number": {"sequence": 8}}},
    ),
    ("texts", ["anna"], {"template": "anna-{number}", "with": {"number": {"sequence": 0}}}),
]


@pytest.mark.parametrize(("name", "shown", "recipe"), KEYS, ids=[each[0] for each in KEYS])
def test_generated_keys_differ_from_documented_keys(
    name: str, shown: list[Any], recipe: Any
) -> None:
    listed = json.dumps([{"n": 1} if each is None else {"id": each, "n": 1} for each in shown])
    (collection,) = drafted(operation_text("/a", listed)).collections
    assert collection.fields["id"] == recipe


SINGULARS = {
    "invoices": "invoice",
    "categories": "category",
    "classes": "class",
    "address": "address",
    "status": "status",
    "data": "data",
}


@pytest.mark.parametrize(("name", "expected"), SINGULARS.items(), ids=SINGULARS)
def test_a_plural_is_compared_as_its_singular(name: str, expected: str) -> None:
    assert singular(name) == expected


TIME = {"time": {"before_now": "1-90 d", "format": "iso"}}
TEXT = {"type": "string"}
RECIPES: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("email", TEXT, "a@b.cz", {"faker": "email"}),
    ("contactEmail", TEXT, MISSING, {"faker": "email"}),
    ("title", TEXT, "A", {"faker": "catch_phrase"}),
    ("sku", TEXT, "A-12", {"faker": {"numerify": {"text": "A-##"}}}),
    ("etag", TEXT, "0a1b2c3d4e", {"faker": {"hexify": {"text": "^^^^^^^^^^"}}}),
    ("remark", TEXT, "It is so", {"faker": "sentence"}),
    ("day", TEXT, "2026-01-31", "2026-01-31"),
    ("colour", TEXT, "red", {"faker": "color_name"}),
    ("kind", TEXT, "plain", "plain"),
    ("author", TEXT, "https://x.cz/1", "https://x.cz/1"),
    ("id", {"type": "string", "format": "uuid"}, MISSING, {"faker": "uuid4"}),
    ("x", {"type": "string", "format": "email"}, "a@b.cz", {"faker": "email"}),
    ("x", {"type": "string", "format": "uri"}, "https://a.cz", {"faker": "url"}),
    ("x", {"type": "string", "format": "ipv4"}, "10.0.0.1", {"faker": "ipv4"}),
    ("x", {"type": "string", "format": "ipv6"}, "::1", {"faker": "ipv6"}),
    ("x", {"type": "string", "format": "hostname"}, "a.cz", {"faker": "domain_name"}),
    ("x", {"type": "string", "format": "duration"}, "P1D", "P1D"),
    ("at", {"type": "string", "format": "date-time"}, MISSING, TIME),
    (
        "at",
        {"type": "string", "pattern": TIMESTAMP_START},
        MISSING,
        {"time": {"before_now": "1-90 d", "format": "timestamp"}},
    ),
    ("code", {"type": "string", "pattern": "^x"}, "xy", "xy"),
    ("code", {"type": "string", "minLength": 3}, "abc", "abc"),
    ("status", {"type": "string", "enum": ["a", "b"]}, "a", {"one_of": ["a", "b"]}),
    (
        "status",
        {"type": ["string", "null"], "enum": ["a", None]},
        None,
        {"nullable": "a", "probability": 0.8},
    ),
    ("votes", {"type": "integer"}, 7, {"faker": {"random_int": {"min": 1, "max": 14}}}),
    (
        "votes",
        {"type": "integer", "maximum": 5},
        4,
        {"faker": {"random_int": {"min": 1, "max": 5}}},
    ),
    (
        "price",
        {"type": "number"},
        9.5,
        {"faker": {"pyfloat": {"min_value": 1, "max_value": 19, "right_digits": 2}}},
    ),
    ("on", {"type": "boolean"}, True, {"probability": 0.5}),
    ("tags", {"type": "array", "items": TEXT}, [], {"value": []}),
    ("tags", {"type": "array", "items": TEXT}, ["x"], {"list": "1-3", "of": "x"}),
    (
        "who",
        {"type": "object", "properties": {"email": TEXT}},
        {"email": "x"},
        {"fields": {"email": {"faker": "email"}}},
    ),
    ("any", {"anyOf": [TEXT, {"type": "integer"}]}, {"a": 1}, {"value": {"a": 1}}),
    ("any", {}, MISSING, None),
]


@pytest.mark.parametrize(("name", "schema", "shown", "recipe"), RECIPES)
def test_a_recipe_is_inferred_from_name_schema_and_example(
    name: str, schema: dict[str, Any], shown: Any, recipe: Any
) -> None:
    assert recipe_of(name, schema, shown) == recipe


def test_the_written_yaml_has_the_values_of_the_draft() -> None:
    """The text may have commas, colons, digits only, or characters that an editor hides."""
    text = [
        "a, b",
        "a: b",
        "12",
        "null",
        "[x]",
        "{y}",
        "- z",
        " ",
        "",
        "#",
        "\u2028",
        "😀",
        'quo"te',
        "x,",
        "1e3",
    ]
    body = json.dumps([{"id": 1, "a, b": text, "n: {x}": text[3]}], ensure_ascii=False)
    draft = drafted(operation_text("/a", body))
    read: Any = strict_yaml.parse_yaml(
        scaffold.recipes_file(draft).text.encode(), "recipes.yaml"
    ).value
    (collection,) = draft.collections
    assert read["collections"]["a"]["examples"] == list(collection.examples)
    assert read["collections"]["a"]["fields"] == collection.fields
    read = strict_yaml.parse_yaml(scaffold.effects_file(draft).text.encode(), "effects.yaml").value
    assert read["operations"] == {each.id: each.effect for each in draft.operations}


def test_an_entry_has_the_lines_from_its_key_to_the_next_entry() -> None:
    file = scaffold.effects_file(drafted(THINGS + ONE))
    lines = file.text.splitlines()
    names = [file.entry_at(number) for number in range(1, len(lines) + 1)]
    first_lines = [lines[names.index(name)] for name in ("things", "thing")]
    assert first_lines == ["  things: {key: id}", "  thing: {retrieve: things}"]
    assert (names[0], names[-1]) == ("", "thing")
