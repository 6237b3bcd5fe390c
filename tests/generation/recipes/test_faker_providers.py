"""The providers of Faker that recipes may use, their arguments and their values."""

import json
import random
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from faker import Factory
from helpers.processes import clean_environ
from helpers.recipes import SHIPPED_RECIPES, generate_values, read_recipe_text, recipe_file
from helpers.repository import ROOT

from mockserver.errors import InvalidFiles
from mockserver.generation import recipes
from mockserver.generation.recipes.faker_providers import (
    REJECTED,
    REJECTED_IN,
    _is_json,
    name_error,
)


def names_of(locale: str) -> list[str]:
    """Return the accepted providers that need no argument."""
    providers = Factory.create(locale).providers
    names = {
        n for p in providers for n in dir(p) if not n.startswith("_") and callable(getattr(p, n))
    }
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
            found[f"{name} {seed}"] = "rejected"
print(json.dumps(found, sort_keys=True))
"""


def test_the_values_of_accepted_providers_depend_on_the_seed_alone(
    request: pytest.FixtureRequest,
) -> None:
    """With `--thorough` in each locale: thousands of providers of the installed Faker."""
    locales = SHIPPED_RECIPES.settings.locale
    if not request.config.getoption("--thorough"):
        locales = locales[:1]
    for locale in locales:
        names = json.dumps(names_of(locale))
        outputs = []
        for shift, hash_seed in ((0, "1"), (500, "2")):
            environ = {**clean_environ(), "PYTHONHASHSEED": hash_seed}
            call = [sys.executable, "-c", PROBE, str(shift), locale]
            process = subprocess.run(
                call,
                cwd=ROOT,
                env=environ,
                input=names,
                capture_output=True,
                text=True,
                check=True,
            )
            outputs.append(json.loads(process.stdout))
        one, other = outputs
        assert {name for name in one if one[name] != other[name]} == set(), locale
        accepted = [name for name in one if one[name] != "rejected"]
        assert len(accepted) > 0.8 * len(one)


@pytest.mark.usefixtures("thorough")
def test_every_rejected_name_is_a_provider_of_faker() -> None:
    """Only another version of Faker changes this, and the lock file has one version."""
    providers = set(dir(Factory.create("en_US")))
    assert set(REJECTED) <= providers
    for names, locales in REJECTED_IN.items():
        for locale in locales.split():
            assert set(names.split()) <= set(dir(Factory.create(locale))), (names, locale)


def test_a_provider_that_calls_a_rejected_one_is_rejected_too(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidFiles, match=r"Faker provider 'pystr_format' fails in en_US: 'date' reads the clock"
    ):
        generate_values(tmp_path, '{faker: {pystr_format: {string_format: "{{date}}"}}}')


def test_generation_does_not_change_the_global_random_numbers() -> None:
    random.seed(5)
    before = random.getstate()
    recipes.generate(SHIPPED_RECIPES, ["trash"])
    assert random.getstate() == before


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
def test_a_value_is_json_if_all_values_inside_it_are(value: Any, fits: bool) -> None:
    assert _is_json(value) == fits


def test_a_provider_may_return_a_dict(tmp_path: Path) -> None:
    values = generate_values(tmp_path, "{faker: {random_element: {elements: [{a: 1}, {a: [2]}]}}}")
    assert {json.dumps(each) for each in values} == {'{"a": 1}', '{"a": [2]}'}


@pytest.mark.parametrize(("provider", "kind"), NOT_JSON.values(), ids=NOT_JSON)
def test_a_provider_whose_values_are_not_json_is_an_error(
    tmp_path: Path, provider: str, kind: str
) -> None:
    recipe = f"{{{provider}}}" if ":" in provider else provider
    name = provider.partition(":")[0]
    with pytest.raises(InvalidFiles) as raised:
        read_recipe_text(tmp_path, recipe_file(f"x: {{faker: {recipe}}}"), "{}")
    (error,) = raised.value.errors
    assert (
        error.message == f"Faker provider '{name}' returns a {kind} in en_US; expected a JSON value"
    )


ARGUMENTS = {"min: a": "invalid|concatenate|type", "min: 9, max: 1": "empty range"}


@pytest.mark.parametrize(("arguments", "reason"), ARGUMENTS.items(), ids=ARGUMENTS)
def test_an_error_of_faker_is_reported_with_its_message(
    tmp_path: Path, arguments: str, reason: str
) -> None:
    with pytest.raises(
        InvalidFiles,
        match=f"recipes.yaml:10:18: Faker provider 'random_int' fails in en_US: .*({reason})",
    ):
        read_recipe_text(tmp_path, recipe_file(f"x: {{faker: {{random_int: {{{arguments}}}}}}}"))
