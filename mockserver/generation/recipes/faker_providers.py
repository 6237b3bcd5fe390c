"""Call Faker's providers by name and arguments, with one seed for each value. Values must be JSON.

The value of a provider must depend on the seed alone. Providers that read the clock, Python's
global random numbers or the order of a set are rejected by name (`REJECTED`, `REJECTED_IN`).

Both tables were measured with Faker 40.54.0: each provider of each locale, with 25 seeds, two
clocks, two hash seeds and two orders of calls. The test
`tests/generation/recipes/test_faker_providers.py` repeats this for the shipped locales.
"""

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from faker import VERSION, Factory
from faker.config import AVAILABLE_LOCALES
from faker.generator import Generator

from mockserver.config.similar_names import similar_name
from mockserver.formats.exact_json import LEAST_INTEGER, MOST_INTEGER

__all__ = [
    "REJECTED",
    "REJECTED_IN",
    "VERSION",
    "Fakers",
    "argument_error",
    "locale_error",
    "name_error",
]

_RANDOM = "does not depend on the seed alone"

_DATES = """
am_pm date date_between date_between_dates date_object date_of_birth date_this_century
date_this_decade date_this_month date_this_year date_time date_time_ad date_time_between
date_time_between_dates date_time_this_century date_time_this_decade date_time_this_month
date_time_this_year day_of_month day_of_week future_date future_datetime iso8601 month month_name
past_date past_datetime time time_object time_series unix_time year
"""
_WITH_DATES = """
credit_card_expire credit_card_full firefox passport_dates passport_dob profile pydict pyiterable
pylist pystruct simple_profile user_agent zip
"""

REJECTED: dict[str, str] = {
    **dict.fromkeys(_DATES.split(), "reads the clock; use a recipe of kind time"),
    **dict.fromkeys(_WITH_DATES.split(), "reads the clock"),
    **dict.fromkeys(["passport_full", "passport_gender", "pyset", "pytuple", "uuid1"], _RANDOM),
    **dict.fromkeys(["image", "xml"], "needs a library that is not installed"),
}
"""Providers whose values differ at another time or in another process, in any locale, and why."""

_EMAILS = """
email user_name ascii_email ascii_free_email ascii_safe_email ascii_company_email company_email
free_email safe_email
"""

REJECTED_IN: dict[str, str] = {
    _EMAILS: "az_AZ bg_BG mk_MK ru_RU",
    "ssn": "de_AT el_GR et_EE fi_FI lv_LV nl_BE no_NO pl_PL sr_BA sv_SE th th_TH uk_UA zh_CN",
    "birth_number": "cs_CZ sk_SK",
    "rvnr": "de de_DE",
    "cif nie nif nuss": "es es_CA es_ES",
    "curp elector_code rfc": "es_MX",
    "businesses_ogrn individuals_ogrn": "ru_RU",
    "tin": "el_GR",
    "vat_id": "el_GR sv_SE th th_TH",
    "org_id org_and_vat_id": "sv_SE",
    "pesel": "pl_PL",
    "city": "it_IT",
    "license_plate diplomatic_license_plate plate_letter_prefix plate_region_code": "uk_UA",
    "day_of_week_in_guj month_in_guj month_name_in_guj": "gu_IN",
    "minguo_year": "zh_TW",
    "traditional_month_name": "ja_JP",
}
"""Names of providers whose values differ in some locales only, to these locales."""

_SEEDS_TRIED = (0, 1, 2)


def _rejected_in(locale: str) -> dict[str, str]:
    """Return the rejected providers of a locale, each with the reason."""
    rejected = dict(REJECTED)
    for names, locales in REJECTED_IN.items():
        if locale in locales.split():
            rejected |= dict.fromkeys(names.split(), f"{_RANDOM} in {locale}")
    return rejected


@cache
def _generator(locale: str) -> tuple[Generator, frozenset[str]]:
    """Return a generator of one locale, and its providers' names.

    A rejected provider raises `ValueError`, also if another provider calls it.
    """
    generator = Factory.create(locale)
    names = set()
    for provider in generator.providers:
        for name in dir(provider):
            if not name.startswith("_") and callable(getattr(provider, name)):
                names.add(name)
    for name, reason in _rejected_in(locale).items():
        generator.set_formatter(name, _rejecting(name, reason))
    return generator, frozenset(names)


def _rejecting(name: str, reason: str) -> Callable[..., Any]:
    def reject(*_: Any, **__: Any) -> Any:
        raise ValueError(f"'{name}' {reason}")

    return reject


class Fakers:
    """Faker in several locales."""

    def __init__(self, locale: Iterable[str]) -> None:
        self._by_locale = {name: _generator(name)[0] for name in locale}

    def generate(self, locale: str, seed: int, name: str, arguments: Mapping[str, Any]) -> Any:
        """Return a provider's value for a seed.

        Raises:
            ValueError: Faker raised an error, or the value is not JSON.
        """
        generator = self._by_locale[locale]
        generator.seed_instance(seed)
        try:
            value = getattr(generator, name)(**arguments)
        except Exception as error:  # Faker's providers raise what they like
            reason = " ".join(str(error).split())
            raise ValueError(f"Faker provider '{name}' fails in {locale}: {reason}") from error
        if not _is_json(value):
            kind = type(value).__name__
            raise ValueError(
                f"Faker provider '{name}' returns a {kind} in {locale}; expected a JSON value"
            )
        return value


def _is_json(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_json, value))
    if isinstance(value, dict):
        return all(map(_is_text, value)) and all(map(_is_json, value.values()))
    # Faker has subclasses of str and int. YAML would not keep the subclass.
    if type(value) is int:
        return LEAST_INTEGER <= value <= MOST_INTEGER
    if type(value) is float:
        return math.isfinite(value)
    return type(value) in (str, bool, type(None))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def locale_error(name: str) -> str:
    """Return why a locale cannot be used; an empty text if it can."""
    if name in AVAILABLE_LOCALES:
        return ""
    return f"unknown locale '{name}'{did_you_mean(name, AVAILABLE_LOCALES)}"


def name_error(name: str, locales: Iterable[str]) -> str:
    """Return why a provider cannot be used in these locales; an empty text if it can."""
    for locale in locales:
        rejected = _rejected_in(locale)
        if name in rejected:
            return f"Faker provider '{name}' {rejected[name]}"
        _, providers = _generator(locale)
        if name not in providers:
            hint = did_you_mean(name, providers - rejected.keys())
            return f"unknown Faker provider '{name}' in {locale}{hint}"
    return ""


def argument_error(name: str, arguments: Mapping[str, Any], locales: Iterable[str]) -> str:
    """Return why a provider cannot be called with these arguments; an empty text if it can.

    The provider is called with a few seeds.
    """
    fakers = Fakers(locales)
    for locale in locales:
        message = _unknown_argument_error(name, arguments, locale)
        if message:
            return message
        try:
            for seed in _SEEDS_TRIED:
                fakers.generate(locale, seed, name, arguments)
        except ValueError as error:
            return str(error)
    return ""


def _unknown_argument_error(name: str, arguments: Iterable[str], locale: str) -> str:
    generator, _ = _generator(locale)
    parameters = inspect.signature(getattr(generator, name)).parameters
    kinds = [parameter.kind for parameter in parameters.values()]
    if inspect.Parameter.VAR_KEYWORD in kinds:
        return ""
    for argument in arguments:
        if argument not in parameters:
            expected = ", ".join(parameters) or "none"
            message = f"Faker provider '{name}' has no argument '{argument}'"
            return f"{message}; expected one of {expected}"
    return ""


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return `; did you mean 'NAME'?` for the most similar name; an empty text without one."""
    similar = similar_name(name, names, 0.66)
    return f"; did you mean '{similar}'?" if similar else ""
