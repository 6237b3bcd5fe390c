"""Errors in recipes.yaml, with their positions."""

from pathlib import Path

import pytest
from helpers.recipes import read_recipe_text, recipe_file

from mockserver.errors import InvalidFiles

X = "collections/polls/fields/x"
KINDS_LISTED = (
    "value, faker, fields, sequence, probability, nullable, one_of, cycle, list, template, switch, "
    "copy, join, distribute, "
    "sample, time, history, counts"
)
FIELD_ERRORS = {
    "a list": (
        "[1, 2]",
        ["10: a list is not a recipe; expected {value: [1,2]} for a constant list"],
    ),
    "an empty mapping": (
        "{}",
        [f"10: the recipe is empty; expected one of the keys {KINDS_LISTED}"],
    ),
    "unknown kind": ("{fakr: word}", ["11: unknown kind of recipe 'fakr'; did you mean 'faker'?"]),
    "unknown kind with an option": (
        "{of: a, lits: 2}",
        ["18: unknown kind of recipe 'lits'; did you mean 'list'?"],
    ),
    "a kind that no other is like": (
        "{pick: {tags: 2}, some: one}",
        [f"11: unknown kind of recipe 'pick'; expected one of {KINDS_LISTED}"],
    ),
    "an unknown kind before a valid option": (
        "{pick: {tags: 2}, count: 1}",
        [f"11: unknown kind of recipe 'pick'; expected one of {KINDS_LISTED}"],
    ),
    "an unknown kind before the option of another kind": (
        '{phrase: "a", with: {}}',
        [f"11: unknown kind of recipe 'phrase'; expected one of {KINDS_LISTED}"],
    ),
    "an unknown kind after a valid option": (
        "{field: id, share: {tags: [1]}}",
        [f"22: unknown kind of recipe 'share'; expected one of {KINDS_LISTED}"],
    ),
    "options without a kind": (
        "{separator: a}",
        [f"11: unknown kind of recipe 'separator'; expected one of {KINDS_LISTED}"],
    ),
    "unknown option": (
        "{faker: word, lang: cs}",
        [f'24: /{X}/lang: expected no other member than "faker", got undocumented member "lang"'],
    ),
    "missing option": ("{list: 1-3}", [f'10: /{X}: expected member "of", got none of that name']),
    "unknown provider": (
        "{faker: uid4}",
        ["18: unknown Faker provider 'uid4' in en_US; did you mean 'uuid4'?"],
    ),
    "a method that is not a provider": (
        "{faker: add_provider}",
        [
            "18: unknown Faker provider 'add_provider' in en_US; "
            "did you mean 'credit_card_provider'?"
        ],
    ),
    "provider of some locales only": (
        "{faker: state_abbr}",
        ["18: unknown Faker provider 'state_abbr' in cs_CZ; did you mean 'state'?"],
    ),
    "provider that reads the clock": (
        "{faker: date}",
        ["18: Faker provider 'date' reads the clock; use a recipe of kind time"],
    ),
    "provider that leaks in a locale": (
        "{faker: birth_number}",
        ["18: unknown Faker provider 'birth_number' in en_US; did you mean 'port_number'?"],
    ),
    "provider of something else": (
        "{faker: pydecimal}",
        ["18: Faker provider 'pydecimal' returns a Decimal in en_US; expected a JSON value"],
    ),
    "unknown argument": (
        "{faker: {random_int: {mni: 1}}}",
        ["18: Faker provider 'random_int' has no argument 'mni'; expected one of min, max, step"],
    ),
    "arguments that are not a mapping": (
        "{faker: {random_int: [1]}}",
        ["31: expected the arguments as a mapping of names to values"],
    ),
    "two providers": (
        "{faker: {word: {}, name: {}}}",
        ["18: expected one provider with its arguments, got 2"],
    ),
    "probability of more than 1": (
        "{probability: 1.5}",
        [f"24: /{X}/probability: expected at most 1, got number 1.5"],
    ),
    "weights of nothing": (
        "{one_of: {a: 0}}",
        ["19: all weights are 0; expected at least one above 0"],
    ),
    "no weight": (
        "{one_of: {a: much}}",
        [f'23: /{X}/one_of/a: expected number, got string "much"'],
    ),
    "no range": (
        "{list: 3-1, of: a}",
        ["17: invalid range '3-1'; expected the smaller number first"],
    ),
    "no number": (
        "{list: few, of: a}",
        [
            f"17: /{X}/list: expected a string that matches "
            f'^[0-9]{{1,4}}(-[0-9]{{1,4}})?$, got string "few"'
        ],
    ),
    "gap without a recipe": (
        '{template: "{who}", with: {whom: a}}',
        [
            "21: 'with' has no recipe for {who}; did you mean 'whom'?",
            "43: the template does not use {whom}; did you mean 'who'?",
        ],
    ),
    "unknown member": (
        "{copy: nn}",
        ["17: collection 'polls' has no field 'nn'; did you mean 'n'?"],
    ),
    "member of a scalar": (
        "{copy: n.a}",
        ["17: 'n.a' may be missing in records of 'polls'; expected a member that every record has"],
    ),
    "item that may be missing": (
        "{copy: list.1}",
        [
            "17: 'list.1' may be missing in records of 'polls'; "
            "expected a member that every record has"
        ],
    ),
    "itself": ("{copy: x}", ["17: cycle of references: polls.x > polls.x"]),
    "unknown collection": (
        "{distribute: {peple: [1]}, field: id}",
        ["31: unknown collection 'peple'; did you mean 'people'?"],
    ),
    "unknown member of a collection": (
        "{distribute: {people: [1]}, field: ids}",
        ["45: collection 'people' has no field 'ids'; did you mean 'id'?"],
    ),
    "no share": (
        "{distribute: {people: [0]}, field: id}",
        ["32: all shares are 0; expected at least one above 0"],
    ),
    "a sample of more than there are": (
        "{sample: {tags: 2}, count: 1-3}",
        ["37: cannot sample 3 of 2 records; expected at most 2"],
    ),
    "no span": (
        "{time: {before_now: 2 weeks}}",
        [
            f"30: /{X}/time/before_now: expected a string that matches "
            f"^[0-9]{{1,5}}(-[0-9]{{1,5}})? (s|min|h|d)$, "
            'got string "2 weeks"'
        ],
    ),
    "a span the wrong way round": (
        "{time: {before_now: 3-1 d}}",
        ["30: invalid time span '3-1 d'; expected the shorter time first"],
    ),
    "a time that is not a mapping": (
        "{time: 5}",
        [f"17: /{X}/time: expected object, got integer 5"],
    ),
    "two times": (
        "{time: {before_now: 1 d, before: n}}",
        ["17: expected `before_now`, or one of `before` and `after` with `by`"],
    ),
    "history without a lifecycle": (
        "{history: 1 s}",
        ["20: collection 'polls' has no lifecycle in lifecycles.yaml; this recipe needs one"],
    ),
    "counts without a lifecycle": (
        "{counts: 100}",
        ["19: collection 'polls' has no lifecycle in lifecycles.yaml; this recipe needs one"],
    ),
}


@pytest.mark.parametrize(("recipe", "messages"), FIELD_ERRORS.values(), ids=FIELD_ERRORS)
def test_an_invalid_recipe_is_reported_with_its_line(
    tmp_path: Path, recipe: str, messages: list[str]
) -> None:
    text = recipe_file(f"x: {recipe}\n      n: {{sequence: 1}}\n      list: {{list: 1-2, of: a}}")
    with pytest.raises(InvalidFiles) as raised:
        read_recipe_text(tmp_path, text, "{}")
    assert [str(error) for error in raised.value.errors] == [
        f"recipes.yaml:10:{message}" for message in messages
    ]


def test_errors_of_the_head_and_of_recipes_are_reported_together(tmp_path: Path) -> None:
    text = (
        "now: today\nseed: 1\nlocale: [cs_CS]\ncollections:\n"
        "  a:\n    count: 1\n    examples: [{nmae: x}]\n"
    )
    text += "    fields: {name: {faker: nmae}, b: {copy: c}}\n"
    with pytest.raises(InvalidFiles) as raised:
        read_recipe_text(tmp_path, text, "a: {state: s, states: {x: {next: y}}}")
    assert [str(error) for error in raised.value.errors] == [
        "lifecycles.yaml:1:34: unknown state 'y'; expected one of x",
        "recipes.yaml:1:6: /now: expected a timestamp YYYY-MM-DD HH:MM:SS, "
        "not after 2999-12-31 23:59:59, "
        'got "today"',
        "recipes.yaml:3:10: unknown locale 'cs_CS'; did you mean 'cs_CZ'?",
        "recipes.yaml:7:17: collection 'a' has no field 'nmae'; did you mean 'name'?",
        "recipes.yaml:8:28: unknown Faker provider 'nmae' in en_US; did you mean 'name'?",
        "recipes.yaml:8:45: collection 'a' has no field 'c'",
    ]


OF_A = "now: a\nseed: 1\nlocale: [en_US]\ncollections: {{a: {{{}}}}}\n"
SHAPES = {
    "no mapping": ("[]", "1:1: /: expected object, got array"),
    "unknown key": (
        "now: a\nseed: 1\nlocale: [en_US]\ncollections: {}\nsed: 1\n",
        "5:1: /sed: expected no other member than",
    ),
    "a count below 0": (
        OF_A.format("count: -1, fields: {b: 1}"),
        "4:26: /collections/a/count: expected",
    ),
    "a count too large": (
        OF_A.format("count: 1000001, fields: {b: 1}"),
        "4:26: /collections/a/count: expected",
    ),
    "no fields": (OF_A.format("count: 1, fields: {}"), "4:37: /collections/a/fields: expected"),
    "a first record that is none": (
        OF_A.format("count: 1, examples: [1], fields: {b: 1}"),
        "4:40: /collections/a/examples/0: expected",
    ),
    "no locale": ("now: a\nseed: 1\nlocale: []\ncollections: {}\n", "3:9: /locale: expected"),
    "a seed in words": (
        "now: a\nseed: one\nlocale: [en_US]\ncollections: {}\n",
        "2:7: /seed: expected",
    ),
    "a name twice": (
        "now: 2026-01-01 00:00:00\nseed: 1\nlocale: [en_US]\n"
        "embedded: {a: {fields: {b: 1}}}\ncollections: {a: {count: 1, fields: {b: 1}}}\n",
        "4:12: duplicate name 'a': it is a collection too; expected another name",
    ),
    "no count": (
        "now: a\nseed: 1\nlocale: [en_US]\ncollections: {a: {fields: {b: 1}}}\n",
        '4:18: /collections/a: expected member "count"',
    ),
}
HEAD = {"now": "2026-11-02 09:00:00", "seed": 1, "locale": "[en_US]", "collections": "{}"}


@pytest.mark.parametrize("name", HEAD)
def test_each_member_of_the_head_is_required(tmp_path: Path, name: str) -> None:
    text = "".join(f"{member}: {value}\n" for member, value in HEAD.items() if member != name)
    with pytest.raises(InvalidFiles) as raised:
        read_recipe_text(tmp_path, text)
    (error,) = raised.value.errors
    assert str(error).startswith(f'recipes.yaml:1:1: /: expected member "{name}"')


@pytest.mark.parametrize(("text", "message"), SHAPES.values(), ids=SHAPES)
def test_an_invalid_structure_of_the_file_is_reported(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(InvalidFiles) as raised:
        read_recipe_text(tmp_path, text)
    assert str(raised.value).startswith(f"recipes.yaml:{message}")
