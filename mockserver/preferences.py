"""What one request is to be answered with: its `Prefer` header (RFC 7240), else the scenarios that are on."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from mockserver.contract import Served
from mockserver.errors import PreferenceNotMet
from mockserver.sandbox import World
from mockserver.scenarios import Scenario

_PREFERENCE = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s,;"]*))?\s*(?:;[^,]*)?')
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
CODES = ("code", "status", "statuscode")
"""The spellings of the preference for a documented status."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How one request is to be answered, where it is not simply by what the records say."""

    status: int | None = None
    """A documented status."""
    data: str | None = None
    """A shape of the data, see `scenarios.DATA`."""
    delay: float | None = None
    """Seconds to wait before the answer is made; `None` where nothing says."""
    fault: str | None = None
    """What the wire is to do to the answer, see `faults.FAULTS`."""
    scenario: str | None = None
    """A scenario that is on for this request alone."""
    why: str = ""
    """What chose status, data or delay; empty where the records do."""
    spoke: str | None = None
    """The scenario that chose any of them."""
    applied: tuple[str, ...] = ()
    """The preferences that were met, as `Preference-Applied` says them."""


NOTHING = Wish()


def parse(header: str) -> dict[str, tuple[str, str]]:
    """Preferences by lower-case name: the name as it was written, and the value. The first of a name counts."""
    found: dict[str, tuple[str, str]] = {}
    for part in re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^,])+', header):
        if match := _PREFERENCE.fullmatch(part):
            name, value = match[1], match[2] or ""
            plain = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
            found.setdefault(name.lower(), (name, plain))
    return found


def choose(header: str | None, served: Served, world: World, max_delay: float) -> Wish:
    """What this request is to be answered with.

    Raises `PreferenceNotMet`, which lists what could be preferred, for a documented preference that cannot be met.
    """
    if not header and not world.scenarios:
        return NOTHING
    preferences = parse(header) if header else {}
    wish = _preferred(preferences, served, world, max_delay)
    named = world.contract.scenarios[wish.scenario] if wish.scenario else None
    return _filled(wish, [*filter(None, [named]), *reversed(world.scenarios)], served, max_delay)


def _preferred(preferences: dict[str, tuple[str, str]], served: Served, world: World, max_delay: float) -> Wish:
    wish = NOTHING
    for name, (written, value) in preferences.items():
        if name in CODES and wish.status is None:
            wish = replace(wish, status=_status(written, value, served))
        elif name == "scenario":
            wish = replace(wish, scenario=_scenario(value, served, world))
        elif name == "delay":
            wish = replace(wish, delay=_delay(value, max_delay))
        else:
            continue
        wish = replace(wish, applied=(*wish.applied, f"{written}={value}"))
    return replace(wish, why=f"Prefer: {', '.join(wish.applied)}") if wish.applied else wish


def _filled(wish: Wish, scenarios: Iterable[Scenario], served: Served, max_delay: float) -> Wish:
    """What the preferences leave open is filled by the scenarios that speak for the operation, the latest first."""
    for scenario in scenarios:
        if served.operation.id in scenario.operations:
            told = replace(
                wish,
                status=scenario.status if wish.status is None else wish.status,
                data=wish.data or scenario.data,
                fault=wish.fault or scenario.fault,
                delay=min(scenario.delay, max_delay) if wish.delay is None and scenario.delay else wish.delay,
            )
            if told != wish or scenario.cause:
                why = ", ".join(filter(None, [wish.why, f"scenario {scenario.name}"]))
                wish = replace(told, why=why, spoke=wish.spoke or scenario.name)
    return wish


def _status(written: str, value: str, served: Served) -> int:
    statuses = served.operation.statuses
    if value not in map(str, statuses):
        raise _not_met(f"{written}={value}", "documented", list(statuses), served)
    return int(value)


def _scenario(value: str, served: Served, world: World) -> str:
    speaking = {name for name, each in world.contract.scenarios.items() if served.operation.id in each.operations or each.cause}
    if value not in speaking:
        raise _not_met(f"scenario={value}", "scenarios", sorted(speaking), served)
    return value


def _delay(value: str, max_delay: float) -> float:
    if not _NUMBER.fullmatch(value) or float(value) > max_delay:
        raise PreferenceNotMet(f"delay={value}: expected seconds, a number from 0 to {max_delay:g}", {"most": max_delay})
    return float(value)


def _not_met(preference: str, kind: str, possible: list[Any], served: Served) -> PreferenceNotMet:
    listed = ", ".join(map(str, possible))
    return PreferenceNotMet(f"{preference}: {served.operation.name} has {listed}", {"preference": preference, kind: possible})
