"""Errors in recipes.yaml, with their positions."""

from pathlib import Path

import pytest
from helpers.recipes import read_recipe_text, recipe_file

from mockserver.errors import InvalidFiles

X = "collections/polls/fields/x"
KINDS_LISTED = (
    "value, faker, fields, sequence, chance, maybe, one_of, cycle, some, text, by, same_as, join, shares, pick, time, "
    "history, counts"
)
FIELD_FAULTS = {
    "a list": ("[1, 2]", ["10: a list is no recipe; expected {value: [1,2]} for one that is always the same"]),
    "an empty mapping": ("{}", [f"10: no kind of recipe; expected one of {KINDS_LISTED}"]),
    "unknown kind": ("{fakr: word}", ["11: unknown kind of recipe fakr; expected faker?"]),
    "unknown option": (
        "{faker: word, lang: cs}",
        [f'24: /{X}/lang: expected no other member than "faker", got undocumented member "lang"'],
    ),
    "missing option": ("{some: 1-3}", [f'10: /{X}: expected member "of", got none of that name']),
    "unknown provider": ("{faker: uid4}", ["18: Faker has no provider uid4 in en_US; expected uuid4?"]),
    "a method that is no provider": (
        "{faker: add_provider}",
        ["18: Faker has no provider add_provider in en_US; expected credit_card_provider?"],
    ),
    "provider of some locales only": (
        "{faker: state_abbr}",
        ["18: Faker has no provider state_abbr in cs_CZ; expected state?"],
    ),
    "provider that reads the clock": ("{faker: date}", ["18: Faker's date reads the clock; expected a recipe of kind time"]),
    "provider that leaks in a locale": (
        "{faker: birth_number}",
        ["18: Faker has no provider birth_number in en_US; expected port_number?"],
    ),
    "provider of something else": (
        "{faker: pydecimal}",
        ["18: Faker's pydecimal gives a Decimal in en_US; expected a value of JSON"],
    ),
    "unknown argument": (
        "{faker: {random_int: {mni: 1}}}",
        ["18: Faker's random_int has no argument mni; expected min, max, step"],
    ),
    "arguments that are no mapping": (
        "{faker: {random_int: [1]}}",
        ["31: expected the arguments as a mapping of names to values"],
    ),
    "two providers": ("{faker: {word: {}, name: {}}}", ["18: 2 providers; expected one, with its arguments"]),
    "chance of more than 1": ("{chance: 1.5}", [f"19: /{X}/chance: expected at most 1, got number 1.5"]),
    "weights of nothing": ("{one_of: {a: 0}}", ["19: every weight is 0; expected one that is more"]),
    "no weight": ("{one_of: {a: much}}", [f'23: /{X}/one_of/a: expected number, got string "much"']),
    "no range": ("{some: 3-1, of: a}", ["17: 3-1 is no range; expected the smaller number first"]),
    "no number": (
        "{some: few, of: a}",
        [f'17: /{X}/some: expected a string that matches ^[0-9]{{1,4}}(-[0-9]{{1,4}})?$, got string "few"'],
    ),
    "gap without a recipe": (
        '{text: "{who}", with: {whom: a}}',
        ["17: no recipe for {who}; expected whom?", "39: the text has no {whom}; expected who?"],
    ),
    "unknown member": ("{same_as: nn}", ["20: polls has no field nn; expected n?"]),
    "member of a scalar": ("{same_as: n.a}", ["20: n.a need not be in each record of polls; expected a member that always is"]),
    "item that may be missing": (
        "{same_as: list.1}",
        ["20: list.1 need not be in each record of polls; expected a member that always is"],
    ),
    "itself": ("{same_as: x}", ["20: polls.x > polls.x is a circle; expected a member that can be made before the others"]),
    "unknown collection": ("{shares: {peple: [1]}, member: id}", ["27: unknown collection peple; expected people?"]),
    "unknown member of a collection": ("{shares: {people: [1]}, member: ids}", ["42: people has no field ids; expected id?"]),
    "no share": ("{shares: {people: [0]}, member: id}", ["28: every share is 0; expected one that is more"]),
    "more than there are to pick": ("{pick: {tags: 2}, some: 1-3}", ["34: 3 of 2 records; expected at most 2"]),
    "no span": (
        "{time: {before_now: 2 weeks}}",
        [
            f"30: /{X}/time/before_now: expected a string that matches ^[0-9]{{1,5}}(-[0-9]{{1,5}})? (s|min|h|d)$, "
            'got string "2 weeks"'
        ],
    ),
    "a span the wrong way round": (
        "{time: {before_now: 3-1 d}}",
        ["30: 3-1 d is no span; expected the shorter one first"],
    ),
    "a time that is no mapping": ("{time: 5}", [f"17: /{X}/time: expected object, got integer 5"]),
    "two times": (
        "{time: {before_now: 1 d, before: n}}",
        ["17: expected before_now with a span, or before or after with a member and by with a span"],
    ),
    "history without a lifecycle": ("{history: 1 s}", ["20: lifecycles.yaml has no lifecycle of polls; expected one"]),
    "counts without a lifecycle": ("{counts: 100}", ["19: lifecycles.yaml has no lifecycle of polls; expected one"]),
}


@pytest.mark.parametrize(("recipe", "messages"), FIELD_FAULTS.values(), ids=FIELD_FAULTS)
def test_faults_of_a_recipe(tmp_path: Path, recipe: str, messages: list[str]) -> None:
    text = recipe_file(f"x: {recipe}\n      n: {{sequence: 1}}\n      list: {{some: 1-2, of: a}}")
    with pytest.raises(InvalidFiles) as raised:
        read_recipe_text(tmp_path, text, "{}")
    assert [str(fault) for fault in raised.value.errors] == [f"recipes.yaml:10:{message}" for message in messages]


def test_faults_of_the_head_and_of_everything_else_are_told_at_once(tmp_path: Path) -> None:
    text = "now: today\nseed: 1\nlocale: [cs_CS]\ncollections:\n  a:\n    count: 1\n    first: [{nmae: x}]\n"
    text += "    fields: {name: {faker: nmae}, b: {same_as: c}}\n"
    with pytest.raises(InvalidFiles) as raised:
        read_recipe_text(tmp_path, text, "a: {state: s, states: {x: {next: y}}}")
    assert [str(fault) for fault in raised.value.errors] == [
        "lifecycles.yaml:1:34: unknown state 'y'; expected one of x",
        'recipes.yaml:1:6: /now: expected the fixtures\' date, YYYY-MM-DD HH:MM:SS, not after 2999-12-31 23:59:59, got "today"',
        "recipes.yaml:3:10: unknown locale cs_CS; expected cs_CZ?",
        "recipes.yaml:7:14: a has no field nmae; expected name?",
        "recipes.yaml:8:28: Faker has no provider nmae in en_US; expected name?",
        "recipes.yaml:8:48: a has no field c",
    ]


OF_A = "now: a\nseed: 1\nlocale: [en_US]\ncollections: {{a: {{{}}}}}\n"
SHAPES = {
    "no mapping": ("[]", "1:1: /: expected object, got array"),
    "unknown key": ("now: a\nseed: 1\nlocale: [en_US]\ncollections: {}\nsed: 1\n", "5:1: /sed: expected no other member than"),
    "a count below 0": (OF_A.format("count: -1, fields: {b: 1}"), "4:26: /collections/a/count: expected"),
    "a count too large": (OF_A.format("count: 1000001, fields: {b: 1}"), "4:26: /collections/a/count: expected"),
    "no fields": (OF_A.format("count: 1, fields: {}"), "4:37: /collections/a/fields: expected"),
    "a first record that is none": (
        OF_A.format("count: 1, first: [1], fields: {b: 1}"),
        "4:37: /collections/a/first/0: expected",
    ),
    "no locale": ("now: a\nseed: 1\nlocale: []\ncollections: {}\n", "3:9: /locale: expected"),
    "a seed in words": ("now: a\nseed: one\nlocale: [en_US]\ncollections: {}\n", "2:7: /seed: expected"),
    "a name twice": (
        "now: 2026-01-01 00:00:00\nseed: 1\nlocale: [en_US]\n"
        "ingredients: {a: {fields: {b: 1}}}\ncollections: {a: {count: 1, fields: {b: 1}}}\n",
        "4:15: a is a collection too; expected another name for one of them",
    ),
    "no count": (
        "now: a\nseed: 1\nlocale: [en_US]\ncollections: {a: {fields: {b: 1}}}\n",
        '4:18: /collections/a: expected member "count"',
    ),
}
HEAD = {"now": "2026-11-02 09:00:00", "seed": 1, "locale": "[en_US]", "collections": "{}"}


@pytest.mark.parametrize("name", HEAD)
def test_each_member_of_the_head_is_needed(tmp_path: Path, name: str) -> None:
    text = "".join(f"{member}: {value}\n" for member, value in HEAD.items() if member != name)
    with pytest.raises(InvalidFiles) as raised:
        read_recipe_text(tmp_path, text)
    (fault,) = raised.value.errors
    assert str(fault).startswith(f'recipes.yaml:1:1: /: expected member "{name}"')


@pytest.mark.parametrize(("text", "message"), SHAPES.values(), ids=SHAPES)
def test_faults_of_the_shape(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidFiles) as raised:
        read_recipe_text(tmp_path, text)
    assert str(raised.value).startswith(f"recipes.yaml:{message}")
