"""Each kind of recipe, and rules for the records of every seed, locale and count."""

import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers.processes import clean_environ
from helpers.recipes import (
    SHIPPED_LIFECYCLE,
    SHIPPED_RECIPES,
    generate_polls,
    generate_values,
    read_recipe_text,
    recipe_file,
)
from helpers.repository import ROOT
from helpers.shipped_api import BUSY
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.config.shipped import FIXTURES
from mockserver.contract import records as fixtures
from mockserver.errors import InvalidFiles
from mockserver.generation import recipes
from mockserver.generation.recipes import Recipes

STATES = {"waiting", "running", "finished", "error", "canceled"}
CASES = {
    "a text": ("hello", lambda xs: set(xs) == {"hello"}),
    "a stamp is a text": ("2026-01-01 10:00:00", lambda xs: set(xs) == {"2026-01-01 10:00:00"}),
    "null": ("null", lambda xs: set(xs) == {None}),
    "value": ("{value: [1, {a: b}]}", lambda xs: all(x == [1, {"a": "b"}] for x in xs)),
    "faker": (
        "{faker: uuid4}",
        lambda xs: len(set(xs)) == 60 and all(re.fullmatch(r"[0-9a-f-]{36}", x) for x in xs),
    ),
    "faker with arguments": (
        "{faker: {random_int: {min: 3, max: 5}}}",
        lambda xs: set(xs) == {3, 4, 5},
    ),
    "fields": (
        "{fields: {a: 1, b: {fields: {c: {sequence: 1}}}}}",
        lambda xs: xs[4] == {"a": 1, "b": {"c": 5}},
    ),
    "sequence": ("{sequence: 100}", lambda xs: xs == list(range(100, 160))),
    "probability": ("{probability: 0.5}", lambda xs: set(xs) == {True, False}),
    "no probability": ("{probability: 0}", lambda xs: set(xs) == {False}),
    "probability 1": ("{probability: 1}", lambda xs: set(xs) == {True}),
    "nullable": ("{nullable: x, probability: 0.5}", lambda xs: set(xs) == {None, "x"}),
    "one_of": ("{one_of: [a, 1, {value: null}]}", lambda xs: set(xs) == {"a", 1, None}),
    "one_of by weight": (
        "{one_of: {a: 9, b: 1, c: 0}}",
        lambda xs: Counter(xs)["a"] > Counter(xs)["b"] > Counter(xs)["c"] == 0,
    ),
    "cycle": ("{cycle: [a, b, {sequence: 1}]}", lambda xs: xs[:6] == ["a", "b", 3, "a", "b", 6]),
    "list": ("{list: 1-3, of: {faker: word}}", lambda xs: {len(x) for x in xs} == {1, 2, 3}),
    "list of a number": (
        "{list: 2, of: {faker: uuid4}}",
        lambda xs: all(len(set(x)) == 2 for x in xs),
    ),
    "template": (
        '{template: "{a}/{b}/{a}", with: {a: {sequence: 1}, b: x}}',
        lambda xs: xs[:2] == ["1/x/1", "2/x/2"],
    ),
    "switch": (
        "{switch: n, cases: {1: one}, default: more}",
        lambda xs: xs[:3] == ["one", "more", "more"],
    ),
    "copy": ("{copy: n}", lambda xs: xs == list(range(1, 61))),
    "sample": ("{sample: {tags: 4}, count: 0-3}", lambda xs: {len(x) for x in xs} == {0, 1, 2, 3}),
    "sampled once at most": (
        "{sample: {tags: 2}, count: 2}",
        lambda xs: all([tag["id"] for tag in x] == [1, 2] for x in xs),
    ),
    "time before now": (
        "{time: {before_now: 1-2 h}}",
        lambda xs: all("2026-11-02 07" <= x <= "2026-11-02 08:00:00" for x in xs),
    ),
    "time as iso": (
        "{time: {before_now: 0 s, format: iso}}",
        lambda xs: set(xs) == {"2026-11-02T09:00:00Z"},
    ),
}


@pytest.mark.parametrize(("recipe", "holds"), CASES.values(), ids=CASES)
def test_each_kind_of_recipe_generates_its_values(tmp_path: Path, recipe: str, holds: Any) -> None:
    generated = generate_values(tmp_path, recipe)
    assert holds(generated), generated


def test_join_and_copy_read_values_inside_lists(tmp_path: Path) -> None:
    fields = (
        "{all: {join: tags.*.name, separator: +}, first: {copy: tags.0.name}, "
        "tags: {sample: {tags: 9}, count: 1-3}}"
    )
    generated = generate_polls(tmp_path, fields)
    assert len(generated) == 60
    for record in generated:
        assert record["all"] == "+".join(tag["name"] for tag in record["tags"])
        assert record["first"] == record["tags"][0]["name"]


def test_distribute_assigns_records_to_owners_by_their_shares(tmp_path: Path) -> None:
    generated = recipes.generate(
        read_recipe_text(
            tmp_path, recipe_file("{owner: {distribute: {people: [3, 0, 1]}, field: id}}", 8), "{}"
        )
    )
    one, _, three = [person["id"] for person in generated["people"]]
    assert [poll["owner"] for poll in generated["polls"]] == [one, one, one, three] * 2


def test_a_time_is_before_or_after_that_of_another_member(tmp_path: Path) -> None:
    fields = (
        "{a: {time: {before_now: 0-2 h}}, b: {time: {before: a, by: 1-9 s, format: iso}}, "
        "c: {time: {after: b, by: 1 h}}}"
    )
    generated = generate_polls(tmp_path, fields)
    for record in generated:
        assert record["b"].replace("T", " ") < record["a"]
        assert record["a"] <= record["c"] <= "2026-11-02 09:00:00"
    assert {record["c"] for record in generated} > {"2026-11-02 09:00:00"}


def test_members_of_examples_are_kept_and_used_by_other_recipes(tmp_path: Path) -> None:
    text = recipe_file(
        "{id: {sequence: 1}, same: {copy: id}}\n    examples: [{id: 50}, {}, {id: 70}]", 4
    )
    assert [
        (r["id"], r["same"])
        for r in recipes.generate(read_recipe_text(tmp_path, text, "{}"))["polls"]
    ] == [
        (50, 50),
        (2, 2),
        (70, 70),
        (4, 4),
    ]


# The laws


def with_seed(read: Recipes, seed: int) -> Recipes:
    return read.with_settings(replace(read.settings, seed=seed))


@settings(max_examples=25, deadline=None)
@given(
    st.integers(),
    st.lists(
        st.sampled_from(["en_US", "cs_CZ", "fr_FR", "de_DE", "ja_JP", "el_GR"]),
        min_size=1,
        unique=True,
    ),
)
def test_records_are_valid_for_any_seed_and_locale(seed: int, locale: list[str]) -> None:
    generated = recipes.generate(
        SHIPPED_RECIPES.with_settings(
            replace(SHIPPED_RECIPES.settings, seed=seed, locale=tuple(locale))
        )
    )
    exports = [record for record in generated["exports"] if record["push_notification_id"] == BUSY]
    assert len(exports) > 40
    assert {record["status"] for record in exports} == STATES
    for record in generated["exports"]:
        assert SHIPPED_LIFECYCLE.violations(record, SHIPPED_RECIPES.now) == []
        counts = record["message_counts"]
        parts = [counts["sent"], counts["excluded_invalid"], counts["excluded_by_frequency_cap"]]
        if record["status"] == "waiting":
            assert parts == [0, 0, 0]
        if record["status"] == "running" and record["id"] != 100:
            assert counts["sent"] > 0
            assert sum(parts) < counts["total"]
    assert len({record["id"] for record in generated["trash"]}) == 31


def text_of(read: Recipes) -> str:
    return "".join(fixtures.render(records) for records in recipes.generate(read).values())


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    program = (
        "import random; random.seed(); from pathlib import Path; "
        "from mockserver.contract import records; from mockserver.generation import recipes; "
        f"path = Path({str(FIXTURES / 'push_notifications/recipes.yaml')!r}); "
        "read = recipes.read_recipes(path, 'x'); "
        "texts = [records.render(generated) for generated in recipes.generate(read).values()]; "
        "print(''.join(texts), end='')"
    )
    for hash_seed in ("0", "5"):
        environ = {
            **clean_environ(),
            "PYTHONHASHSEED": hash_seed,
            "TZ": "Asia/Tokyo",
            "PYTHONUTF8": "1",
        }
        ended = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=environ, capture_output=True, check=True
        )
        assert ended.stdout.decode() == text_of(SHIPPED_RECIPES)


def test_another_seed_gives_other_records() -> None:
    assert text_of(with_seed(SHIPPED_RECIPES, 2)) != text_of(SHIPPED_RECIPES)


@settings(max_examples=10, deadline=None)
@given(st.integers(4, 70), st.integers(0, 70), st.integers(0, 40))
def test_the_count_changes_no_record(notifications: int, exports: int, trash: int) -> None:
    counts = {"push_notifications": notifications, "exports": exports, "trash": trash}
    generated = recipes.generate(
        SHIPPED_RECIPES.with_settings(replace(SHIPPED_RECIPES.settings, counts=counts))
    )
    whole = recipes.generate(SHIPPED_RECIPES)
    for name, records in generated.items():
        assert len(records) == counts[name]
        shorter = min(len(records), len(whole[name]))
        assert records[:shorter] == whole[name][:shorter]


FIELDS = {
    "id": "{faker: uuid4}",
    "name": "{faker: name}",
    "tags": "{sample: {tags: 9}, count: 1-3}",
    "list": "{list: 1-3, of: {fields: {a: {faker: word}, b: {one_of: [x, {faker: city}]}}}}",
    "at": "{time: {before_now: 1-90 d}}",
    "n": "{nullable: {faker: random_int}, probability: 0.5}",
}


@settings(max_examples=15, deadline=None)
@given(st.permutations(list(FIELDS)), st.integers(1, len(FIELDS)))
def test_a_new_field_does_not_change_the_values_of_other_fields(
    tmp_path_factory: pytest.TempPathFactory, order: list[str], many: int
) -> None:
    folder = tmp_path_factory.mktemp("recipes")

    def generated(names: list[str]) -> list[dict[str, Any]]:
        return generate_polls(
            folder, "{" + ", ".join(f"{name}: {FIELDS[name]}" for name in names) + "}", 8
        )

    whole = generated(list(FIELDS))
    for record, other in zip(generated(order[:many]), whole, strict=True):
        assert list(record) == order[:many]
        assert record == {name: other[name] for name in order[:many]}


GENERATION_ERRORS = {
    "an unknown state": (
        "{status: {cycle: [open, shut]}, created: {time: {before_now: 1 d}}, log: {history: 1 s}}",
        '10:80: polls.log: unknown state "shut"; expected one of open, closed, gone',
    ),
    "a record that does not live so": (
        "{status: open, created: {time: {before_now: 1 d}}, log: {value: {}}}",
        "10:63: polls: /log: expected the states on a path to open: open, got none",
    ),
    "a value that no case covers": (
        "{a: {cycle: [x, y]}, b: {switch: a, cases: {x: 1}}}",
        "10:31: polls.b: 'a' is 'y'; expected one of x, or a `default`",
    ),
    "a time before no stamp": (
        "{a: x, b: {time: {before: a, by: 1 d}}}",
        "10:17: polls.b: invalid timestamp 'x'; "
        "expected YYYY-MM-DD HH:MM:SS or YYYY-MM-DDTHH:MM:SSZ",
    ),
    "a stamp after now": (
        "{a: 2026-11-02T09:00:01Z}",
        "10:11: polls.a: timestamp 2026-11-02T09:00:01Z is after `now` (2026-11-02 09:00:00)",
    ),
    "a share of a record that is not generated": (
        "{a: {distribute: {people: [1, 1, 1, 1]}, field: id}}",
        "10:11: polls.a: reference to record 4 of 'people', which has only 3 records",
    ),
}


@pytest.mark.parametrize(("fields", "message"), GENERATION_ERRORS.values(), ids=GENERATION_ERRORS)
def test_an_error_during_generation_is_reported_at_its_recipe(
    tmp_path: Path, fields: str, message: str
) -> None:
    lives = (
        "polls: {state: status, history: log, created_at: created, "
        "states: {open: {next: [closed, gone]}, closed: {}, gone: {}}}"
    )
    read = read_recipe_text(tmp_path, recipe_file(fields), lives if "status" in fields else "{}")
    with pytest.raises(InvalidFiles) as raised:
        recipes.generate(read)
    assert [str(error) for error in raised.value.errors] == [f"recipes.yaml:{message}"]
