import json
import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from faker import Factory
from helpers.processes import clean_environ
from helpers.repository import ROOT
from helpers.shipped_api import BUSY
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.config.shipped import FIXTURES
from mockserver.contract import lifecycles
from mockserver.contract import records as fixtures
from mockserver.errors import InvalidFiles
from mockserver.generation import recipes
from mockserver.generation.recipes import KINDS, Recipes
from mockserver.generation.recipes.faker_providers import REFUSED, REFUSED_IN, _is_json, name_error

FOLDER = FIXTURES / "push_notifications"
SHIPPED = recipes.read_recipes(FOLDER / "recipes.yaml", "recipes.yaml")
LIFECYCLE = lifecycles.read_lifecycles(FOLDER / "lifecycles.yaml", "lifecycles.yaml")["exports"]
STATES = {"waiting", "running", "finished", "error", "canceled"}
DOCUMENT = (ROOT / "docs/fixtures.md").read_text()

LIVES = (
    "polls: {state: status, history: log, created: created, counts: {total: numbers.total, parts: [numbers.yes, numbers.no]}, "
)
LIVES += "states: {open: {next: [closed, gone], grows: numbers.yes}, closed: {}, gone: {}}}"


def recipe_file(fields: str, count: int = 60, extra: str = "", now: str = "2026-11-02 09:00:00") -> str:
    """A file of recipes: polls with these fields, a mapping in flow style, and two other collections."""
    head = f"now: {now}\nseed: 3\nlocale: [en_US, cs_CZ]\n{extra}"
    others = "ingredients: {tags: {fields: {id: {sequence: 1}, name: {faker: word}}}}\n"
    people = "  people: {count: 3, fields: {id: {faker: uuid4}, name: {faker: first_name}}}\n"
    return f"{head}{others}collections:\n{people}  polls:\n    count: {count}\n    fields:\n      {fields}\n"


def parse(folder: Path, text: str, lives: str = LIVES) -> Recipes:
    (folder / "lifecycles.yaml").write_text(lives)
    (folder / "recipes.yaml").write_text(text)
    return recipes.read_recipes(folder / "recipes.yaml", "recipes.yaml")


def polls(folder: Path, fields: str, count: int = 60) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = recipes.generate(parse(folder, recipe_file(fields, count), "{}"))["polls"]
    return made


def values(folder: Path, recipe: str, count: int = 60) -> list[Any]:
    return [record["x"] for record in polls(folder, f"{{x: {recipe}, n: {{sequence: 1}}}}", count)]


CASES = {
    "a text": ("hello", lambda xs: set(xs) == {"hello"}),
    "a stamp is a text": ("2026-01-01 10:00:00", lambda xs: set(xs) == {"2026-01-01 10:00:00"}),
    "null": ("null", lambda xs: set(xs) == {None}),
    "value": ("{value: [1, {a: b}]}", lambda xs: all(x == [1, {"a": "b"}] for x in xs)),
    "faker": ("{faker: uuid4}", lambda xs: len(set(xs)) == 60 and all(re.fullmatch(r"[0-9a-f-]{36}", x) for x in xs)),
    "faker with arguments": ("{faker: {random_int: {min: 3, max: 5}}}", lambda xs: set(xs) == {3, 4, 5}),
    "fields": ("{fields: {a: 1, b: {fields: {c: {sequence: 1}}}}}", lambda xs: xs[4] == {"a": 1, "b": {"c": 5}}),
    "sequence": ("{sequence: 100}", lambda xs: xs == list(range(100, 160))),
    "chance": ("{chance: 0.5}", lambda xs: set(xs) == {True, False}),
    "no chance": ("{chance: 0}", lambda xs: set(xs) == {False}),
    "every chance": ("{chance: 1}", lambda xs: set(xs) == {True}),
    "maybe": ("{maybe: x, chance: 0.5}", lambda xs: set(xs) == {None, "x"}),
    "one_of": ("{one_of: [a, 1, {value: null}]}", lambda xs: set(xs) == {"a", 1, None}),
    "one_of by weight": ("{one_of: {a: 9, b: 1, c: 0}}", lambda xs: Counter(xs)["a"] > Counter(xs)["b"] > Counter(xs)["c"] == 0),
    "cycle": ("{cycle: [a, b, {sequence: 1}]}", lambda xs: xs[:6] == ["a", "b", 3, "a", "b", 6]),
    "some": ("{some: 1-3, of: {faker: word}}", lambda xs: {len(x) for x in xs} == {1, 2, 3}),
    "some of a number": ("{some: 2, of: {faker: uuid4}}", lambda xs: all(len(set(x)) == 2 for x in xs)),
    "text": ('{text: "{a}/{b}/{a}", with: {a: {sequence: 1}, b: x}}', lambda xs: xs[:2] == ["1/x/1", "2/x/2"]),
    "by": ("{by: n, of: {1: one}, otherwise: more}", lambda xs: xs[:3] == ["one", "more", "more"]),
    "same_as": ("{same_as: n}", lambda xs: xs == list(range(1, 61))),
    "pick": ("{pick: {tags: 4}, some: 0-3}", lambda xs: {len(x) for x in xs} == {0, 1, 2, 3}),
    "picked once at most": ("{pick: {tags: 2}, some: 2}", lambda xs: all([tag["id"] for tag in x] == [1, 2] for x in xs)),
    "time before now": ("{time: {before_now: 1-2 h}}", lambda xs: all("2026-11-02 07" <= x <= "2026-11-02 08:00:00" for x in xs)),
    "time as iso": ("{time: {before_now: 0 s, format: iso}}", lambda xs: set(xs) == {"2026-11-02T09:00:00Z"}),
}


@pytest.mark.parametrize(("recipe", "holds"), CASES.values(), ids=CASES)
def test_each_kind_of_recipe(tmp_path: Path, recipe: str, holds: Any) -> None:
    made = values(tmp_path, recipe)
    assert holds(made), made


def test_join_and_paths_into_lists(tmp_path: Path) -> None:
    fields = "{all: {join: tags.*.name, between: +}, first: {same_as: tags.0.name}, tags: {pick: {tags: 9}, some: 1-3}}"
    made = polls(tmp_path, fields)
    assert len(made) == 60
    for record in made:
        assert record["all"] == "+".join(tag["name"] for tag in record["tags"])
        assert record["first"] == record["tags"][0]["name"]


def test_shares_say_whom_a_record_belongs_to(tmp_path: Path) -> None:
    made = recipes.generate(parse(tmp_path, recipe_file("{owner: {shares: {people: [3, 0, 1]}, member: id}}", 8), "{}"))
    one, _, three = [person["id"] for person in made["people"]]
    assert [poll["owner"] for poll in made["polls"]] == [one, one, one, three] * 2


def test_times_before_and_after_another_member(tmp_path: Path) -> None:
    fields = "{a: {time: {before_now: 0-2 h}}, b: {time: {before: a, by: 1-9 s, format: iso}}, c: {time: {after: b, by: 1 h}}}"
    made = polls(tmp_path, fields)
    for record in made:
        assert record["b"].replace("T", " ") < record["a"]
        assert record["a"] <= record["c"] <= "2026-11-02 09:00:00"
    assert {record["c"] for record in made} > {"2026-11-02 09:00:00"}


def test_history_and_counts_follow_the_lifecycle(tmp_path: Path) -> None:
    fields = "{status: {cycle: [open, closed, gone]}, created: {time: {before_now: 1-9 min}}, log: {history: 5 min}, "
    fields += "numbers: {counts: 8-9, weights: {yes: 1, no: 9}}}"
    read = parse(tmp_path, recipe_file(fields))
    lifecycle = lifecycles.read_lifecycles(tmp_path / "lifecycles.yaml", "x")["polls"]
    made = recipes.generate(read)["polls"]
    assert len(made) == 60
    assert [v for record in made for v in lifecycle.violations(record, read.now)] == []
    assert all(record["numbers"]["yes"] > 0 for record in made)


def test_pinned_members_are_taken_and_referred_to(tmp_path: Path) -> None:
    text = recipe_file("{id: {sequence: 1}, same: {same_as: id}}\n    first: [{id: 50}, {}, {id: 70}]", 4)
    assert [(r["id"], r["same"]) for r in recipes.generate(parse(tmp_path, text, "{}"))["polls"]] == [
        (50, 50),
        (2, 2),
        (70, 70),
        (4, 4),
    ]


# The laws


def with_seed(read: Recipes, seed: int) -> Recipes:
    return read.with_settings(replace(read.settings, seed=seed))


@settings(max_examples=25, deadline=None)
@given(st.integers(), st.lists(st.sampled_from(["en_US", "cs_CZ", "fr_FR", "de_DE", "ja_JP", "el_GR"]), min_size=1, unique=True))
def test_for_any_seed_and_locale_every_record_keeps_the_rules(seed: int, locale: list[str]) -> None:
    made = recipes.generate(SHIPPED.with_settings(replace(SHIPPED.settings, seed=seed, locale=tuple(locale))))
    exports = [record for record in made["exports"] if record["push_notification_id"] == BUSY]
    assert len(exports) > 40
    assert {record["status"] for record in exports} == STATES
    for record in made["exports"]:
        assert LIFECYCLE.violations(record, SHIPPED.now) == []
        counts = record["message_counts"]
        parts = [counts["sent"], counts["excluded_invalid"], counts["excluded_by_frequency_cap"]]
        if record["status"] == "waiting":
            assert parts == [0, 0, 0]
        if record["status"] == "running" and record["id"] != 100:
            assert counts["sent"] > 0
            assert sum(parts) < counts["total"]
    assert len({record["id"] for record in made["trash"]}) == 31


def text_of(read: Recipes) -> str:
    return "".join(fixtures.render(records) for records in recipes.generate(read).values())


def test_the_same_seed_gives_the_same_bytes_whatever_the_process() -> None:
    program = (
        "import random; random.seed(); from pathlib import Path; "
        "from mockserver.contract import records; from mockserver.generation import recipes; "
        f"read = recipes.read_recipes(Path({str(FOLDER / 'recipes.yaml')!r}), 'x'); "
        "print(''.join(records.render(made) for made in recipes.generate(read).values()), end='')"
    )
    for hash_seed in ("0", "5"):
        environ = {**clean_environ(), "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo", "PYTHONUTF8": "1"}
        ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environ, capture_output=True, check=True)
        assert ended.stdout.decode() == text_of(SHIPPED)


def test_another_seed_gives_other_records() -> None:
    assert text_of(with_seed(SHIPPED, 2)) != text_of(SHIPPED)


@settings(max_examples=10, deadline=None)
@given(st.integers(4, 70), st.integers(0, 70), st.integers(0, 40))
def test_the_count_changes_no_record(notifications: int, exports: int, trash: int) -> None:
    counts = {"push_notifications": notifications, "exports": exports, "trash": trash}
    made = recipes.generate(SHIPPED.with_settings(replace(SHIPPED.settings, counts=counts)))
    whole = recipes.generate(SHIPPED)
    for name, records in made.items():
        assert len(records) == counts[name]
        shorter = min(len(records), len(whole[name]))
        assert records[:shorter] == whole[name][:shorter]


FIELDS = {
    "id": "{faker: uuid4}",
    "name": "{faker: name}",
    "tags": "{pick: {tags: 9}, some: 1-3}",
    "list": "{some: 1-3, of: {fields: {a: {faker: word}, b: {one_of: [x, {faker: city}]}}}}",
    "at": "{time: {before_now: 1-90 d}}",
    "n": "{maybe: {faker: random_int}, chance: 0.5}",
}


@settings(max_examples=15, deadline=None)
@given(st.permutations(list(FIELDS)), st.integers(1, len(FIELDS)))
def test_fields_change_no_other_field(tmp_path_factory: pytest.TempPathFactory, order: list[str], many: int) -> None:
    folder = tmp_path_factory.mktemp("recipes")

    def made(names: list[str]) -> list[dict[str, Any]]:
        return polls(folder, "{" + ", ".join(f"{name}: {FIELDS[name]}" for name in names) + "}", 8)

    whole = made(list(FIELDS))
    for record, other in zip(made(order[:many]), whole, strict=True):
        assert list(record) == order[:many]
        assert record == {name: other[name] for name in order[:many]}


# Faker


def names_of(locale: str) -> list[str]:
    """The providers that recipes may use, of those that need no argument."""
    providers = Factory.create(locale).providers
    names = {n for p in providers for n in dir(p) if not n.startswith("_") and callable(getattr(p, n))}
    return sorted(name for name in names if not name_error(name, [locale]))


PROBE = """
import datetime, json, random, sys, warnings
from pathlib import Path
shift, locale = int(sys.argv[1]), sys.argv[2]
if shift:
    moment, day, delta = datetime.datetime, datetime.date, datetime.timedelta(days=shift)
    class Moment(moment):
        @classmethod
        def now(cls, tz=None): return moment.now(tz) + delta
        @classmethod
        def today(cls): return moment.today() + delta
    class Day(day):
        @classmethod
        def today(cls): return day.today() + delta
    datetime.datetime, datetime.date = Moment, Day
warnings.simplefilter("ignore")
from mockserver.generation.recipes.faker_providers import Fakers
random.seed(shift)
fakers, found = Fakers([locale]), {}
for name in json.loads(sys.stdin.read())[:: -1 if shift else 1]:
    for seed in range(3):
        try:
            found[f"{name} {seed}"] = fakers.generate(locale, seed, name, {})
        except ValueError as error:
            found[f"{name} {seed}"] = "refused"
print(json.dumps(found, sort_keys=True))
"""


def test_no_provider_reads_the_clock_or_draws_on_other_chance(request: pytest.FixtureRequest) -> None:
    """With `--thorough` in each locale: thousands of providers, all of the one version of Faker that tests are run with."""
    locales = SHIPPED.settings.locale if request.config.getoption("--thorough") else SHIPPED.settings.locale[:1]
    for locale in locales:
        names = json.dumps(names_of(locale))
        told = []
        for shift, hash_seed in ((0, "1"), (500, "2")):
            environ = {**clean_environ(), "PYTHONHASHSEED": hash_seed}
            call = [sys.executable, "-c", PROBE, str(shift), locale]
            told.append(
                subprocess.run(call, cwd=ROOT, env=environ, input=names, capture_output=True, text=True, check=True).stdout
            )
        one, other = map(json.loads, told)
        assert {name for name in one if one[name] != other[name]} == set(), locale
        given = [name for name in one if one[name] != "refused"]
        assert len(given) > 0.8 * len(one)


@pytest.mark.usefixtures("thorough")
def test_every_refused_name_is_one_of_fakers() -> None:
    """Only a new version of Faker changes this, and the lock has one version."""
    known = set(dir(Factory.create("en_US")))
    assert set(REFUSED) <= known
    for names, locales in REFUSED_IN.items():
        for locale in locales.split():
            assert set(names.split()) <= set(dir(Factory.create(locale))), (names, locale)


def test_a_provider_that_asks_a_refused_one_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(InvalidFiles, match=r"Faker's pystr_format fails in en_US: date reads the clock"):
        values(tmp_path, '{faker: {pystr_format: {string_format: "{{date}}"}}}')


def test_other_chance_is_left_alone() -> None:
    random.seed(5)
    before = random.getstate()
    recipes.generate(SHIPPED, ["trash"])
    assert random.getstate() == before


# The faults

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
        parse(tmp_path, text, "{}")
    assert [str(fault) for fault in raised.value.errors] == [f"recipes.yaml:10:{message}" for message in messages]


LIVING_FAULTS = {
    "a total that is too small": ("numbers: {counts: 7}", "25: a total of 7 is too small for 2 parts; expected at least 8"),
    "weights that are all 0": (
        "numbers: {counts: 70, weights: {yes: 0, no: 0}}",
        "38: every weight is 0; expected one that is more",
    ),
    "a weight too few": ("numbers: {counts: 70, weights: {yes: 1}}", "38: expected a weight for each part: yes, no; got yes"),
}


@pytest.mark.parametrize(("field", "message"), LIVING_FAULTS.values(), ids=LIVING_FAULTS)
def test_faults_of_recipes_that_follow_a_lifecycle(tmp_path: Path, field: str, message: str) -> None:
    rest = "status: open\n      created: {time: {before_now: 1 d}}\n      log: {history: 1 s}"
    with pytest.raises(InvalidFiles) as raised:
        parse(tmp_path, recipe_file(f"{field}\n      {rest}"))
    assert [str(fault) for fault in raised.value.errors] == [f"recipes.yaml:10:{message}"]


def test_a_total_may_be_as_small_as_its_parts_need(tmp_path: Path) -> None:
    rest = "status: open\n      created: {time: {before_now: 1 d}}\n      log: {history: 1 s}"
    parse(tmp_path, recipe_file(f"numbers: {{counts: 8, weights: {{yes: 1, no: 0}}}}\n      {rest}"))


UNLIVED = "polls: {state: status, created: created, states: {open: {next: closed}, closed: {}}}"
NO_CREATED = "polls: {state: status, history: log, states: {open: {next: closed}, closed: {}}}"


@pytest.mark.parametrize("lives", [UNLIVED, NO_CREATED])
def test_a_history_needs_a_lifecycle_with_a_history_and_created(tmp_path: Path, lives: str) -> None:
    with pytest.raises(InvalidFiles) as raised:
        parse(tmp_path, recipe_file("status: open\n      log: {history: 1 s}"), lives)
    message = "the lifecycle of polls has no history, or no created; expected both"
    assert [str(fault) for fault in raised.value.errors] == [f"recipes.yaml:11:22: {message}"]


def test_counts_need_a_lifecycle_with_counts(tmp_path: Path) -> None:
    with pytest.raises(InvalidFiles) as raised:
        parse(tmp_path, recipe_file("status: open\n      numbers: {counts: 70}"), UNLIVED)
    message = "the lifecycle of polls has no counts; expected some"
    assert [str(fault) for fault in raised.value.errors] == [f"recipes.yaml:11:25: {message}"]


COUNTED = """polls:
  state: status
  counts: {total: numbers.total, parts: [numbers.yes, numbers.no], complete: closed}
  states: {open: {next: run}, run: {next: closed, grows: numbers.yes}, closed: {}}
"""


def test_counts_without_a_history_follow_the_way_to_the_state(tmp_path: Path) -> None:
    fields = "status: {one_of: [open, run, closed]}\n      numbers: {counts: 70-90}"
    found = recipes.generate(parse(tmp_path, recipe_file(fields), COUNTED))["polls"]
    by_state = {each["status"]: each["numbers"] for each in found}
    assert by_state.keys() == {"open", "run", "closed"}
    assert (by_state["open"]["yes"], by_state["open"]["no"]) == (0, 0)
    assert 0 < by_state["run"]["yes"] < by_state["run"]["total"]
    assert by_state["run"]["no"] > 0
    assert by_state["closed"]["yes"] + by_state["closed"]["no"] == by_state["closed"]["total"]


def test_faults_of_the_head_and_of_everything_else_are_told_at_once(tmp_path: Path) -> None:
    text = "now: today\nseed: 1\nlocale: [cs_CS]\ncollections:\n  a:\n    count: 1\n    first: [{nmae: x}]\n"
    text += "    fields: {name: {faker: nmae}, b: {same_as: c}}\n"
    with pytest.raises(InvalidFiles) as raised:
        parse(tmp_path, text, "a: {state: s, states: {x: {next: y}}}")
    assert [str(fault) for fault in raised.value.errors] == [
        "lifecycles.yaml:1:34: no state y; expected one of x",
        'recipes.yaml:1:6: /now: expected the fixtures\' date, YYYY-MM-DD HH:MM:SS, not after 2999-12-31 23:59:59, got "today"',
        "recipes.yaml:3:10: unknown locale cs_CS; expected cs_CZ?",
        "recipes.yaml:7:14: a has no field nmae; expected name?",
        "recipes.yaml:8:28: Faker has no provider nmae in en_US; expected name?",
        "recipes.yaml:8:48: a has no field c",
    ]


NOT_JSON = {
    "a tuple": ("latlng", "tuple"),
    "a number that JSON does not have": ("pydecimal", "Decimal"),
    "bytes": ("binary: {length: 3}", "bytes"),
}
VALUES = {
    "a dict": ({"a": {"b": [1, "x", None, True, 0.5]}}, True),
    "a dict with a date": ({"a": 1, "b": date(2026, 1, 1)}, False),
    "a date within": ({"a": 1, "b": {"c": [date(2026, 1, 1)]}}, False),
    "a key that is a number": ({"a": 1, 2: "b"}, False),
    "a list with a tuple": ([1, (2,)], False),
    "infinity": ([1.0, float("inf")], False),
    "a kind of str": (type("Word", (str,), {})("a"), False),
}


@pytest.mark.parametrize(("value", "fits"), VALUES.values(), ids=VALUES)
def test_what_a_provider_gives_is_json_all_the_way_down(value: Any, fits: bool) -> None:
    assert _is_json(value) == fits


def test_a_provider_may_give_a_dict(tmp_path: Path) -> None:
    found = values(tmp_path, "{faker: {random_element: {elements: [{a: 1}, {a: [2]}]}}}")
    assert {json.dumps(each) for each in found} == {'{"a": 1}', '{"a": [2]}'}


@pytest.mark.parametrize(("provider", "kind"), NOT_JSON.values(), ids=NOT_JSON)
def test_a_provider_whose_values_are_not_json_is_a_fault(tmp_path: Path, provider: str, kind: str) -> None:
    recipe = f"{{{provider}}}" if ":" in provider else provider
    name = provider.partition(":")[0]
    with pytest.raises(InvalidFiles) as raised:
        parse(tmp_path, recipe_file(f"x: {{faker: {recipe}}}"), "{}")
    (fault,) = raised.value.errors
    assert fault.message == f"Faker's {name} gives a {kind} in en_US; expected a value of JSON"


ARGUMENTS = {"min: a": "invalid|concatenate|type", "min: 9, max: 1": "empty range"}


@pytest.mark.parametrize(("arguments", "reason"), ARGUMENTS.items(), ids=ARGUMENTS)
def test_arguments_that_faker_cannot_use_are_told_in_its_words(tmp_path: Path, arguments: str, reason: str) -> None:
    with pytest.raises(InvalidFiles, match=f"recipes.yaml:10:18: Faker's random_int fails in en_US: .*({reason})"):
        parse(tmp_path, recipe_file(f"x: {{faker: {{random_int: {{{arguments}}}}}}}"))


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
        parse(tmp_path, text)
    (fault,) = raised.value.errors
    assert str(fault).startswith(f'recipes.yaml:1:1: /: expected member "{name}"')


@pytest.mark.parametrize(("text", "message"), SHAPES.values(), ids=SHAPES)
def test_faults_of_the_shape(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidFiles) as raised:
        parse(tmp_path, text)
    assert str(raised.value).startswith(f"recipes.yaml:{message}")


MADE_FAULTS = {
    "an unknown state": (
        "{status: {cycle: [open, shut]}, created: {time: {before_now: 1 d}}, log: {history: 1 s}}",
        '10:80: polls.log: there is no state "shut"; expected one of open, closed, gone',
    ),
    "a record that does not live so": (
        "{status: open, created: {time: {before_now: 1 d}}, log: {value: {}}}",
        "10:63: polls: /log: expected the states on a way to open: open, got none",
    ),
    "a value that no case covers": (
        "{a: {cycle: [x, y]}, b: {by: a, of: {x: 1}}}",
        "10:31: polls.b: a is y; expected one of x, or a recipe under otherwise",
    ),
    "a time before no stamp": (
        "{a: x, b: {time: {before: a, by: 1 d}}}",
        "10:17: polls.b: 'x' is no stamp; expected YYYY-MM-DD HH:MM:SS, or YYYY-MM-DDTHH:MM:SSZ",
    ),
    "a stamp after now": (
        "{a: 2026-11-02T09:00:01Z}",
        "10:11: polls.a: 2026-11-02T09:00:01Z is after now; expected none after 2026-11-02 09:00:00",
    ),
    "a share of a record that is not made": (
        "{a: {shares: {people: [1, 1, 1, 1]}, member: id}}",
        "10:11: polls.a: it refers to record 4 of people, and there are 3; expected more of them",
    ),
}


@pytest.mark.parametrize(("fields", "message"), MADE_FAULTS.values(), ids=MADE_FAULTS)
def test_faults_that_show_when_records_are_made(tmp_path: Path, fields: str, message: str) -> None:
    lives = "polls: {state: status, history: log, created: created, states: {open: {next: [closed, gone]}, closed: {}, gone: {}}}"
    read = parse(tmp_path, recipe_file(fields), lives if "status" in fields else "{}")
    with pytest.raises(InvalidFiles) as raised:
        recipes.generate(read)
    assert [str(fault) for fault in raised.value.errors] == [f"recipes.yaml:{message}"]


# The documentation

SECTIONS = re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", DOCUMENT, re.M | re.S)


def test_every_kind_of_recipe_is_documented() -> None:
    assert sorted(name for name, _ in SECTIONS) == sorted(KINDS)


EXAMPLE_LIVES = """
exports:
  state: status
  history: log
  created: created
  counts:
    total: numbers.total
    parts: [numbers.sent, numbers.excluded_invalid, numbers.excluded_by_frequency_cap]
    complete: finished
  states: {waiting: {next: running}, running: {next: finished, grows: numbers.sent}, finished: {}}
"""
EXAMPLE_FIELDS = {
    "status": "{cycle: [waiting, running, finished]}",
    "created": "{time: {before_now: 1 d}}",
    "log": "{history: 1 s}",
    "numbers": "{counts: 100}",
    "name": "{faker: word}",
    "segments": "{pick: {segments: 24}, some: 1-3}",
}
EXAMPLE_FILE = """
now: 2026-11-02 09:00:00
seed: 1
locale: [en_US]
ingredients: {segments: {fields: {name: {faker: word}}}}
collections:
  push_notifications: {count: 4, fields: {id: {faker: uuid4}}}
  exports:
    count: 30
    fields:
"""


@pytest.mark.parametrize(("name", "section"), SECTIONS, ids=[name for name, _ in SECTIONS])
def test_the_examples_of_recipes_work(tmp_path: Path, name: str, section: str) -> None:
    example = re.search(r"```yaml\n(.*?)```", section, re.S)
    assert example
    named = re.findall(r"^(\w+): \{", example[1], re.M)
    lines = [*example[1].splitlines(), *(f"{field}: {recipe}" for field, recipe in EXAMPLE_FIELDS.items() if field not in named)]
    read = parse(tmp_path, EXAMPLE_FILE + "".join(f"      {line}\n" for line in lines), EXAMPLE_LIVES)
    assert all(field in record for record in recipes.generate(read)["exports"] for field in named)
    assert f"{{{name}: " in example[1]


def test_the_example_of_a_lifecycle_is_the_shipped_one(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(exports:\n.*?)```", DOCUMENT, re.S)
    assert example
    (tmp_path / "lifecycles.yaml").write_text(example[1])
    assert lifecycles.read_lifecycles(tmp_path / "lifecycles.yaml", "x")["exports"] == LIFECYCLE
