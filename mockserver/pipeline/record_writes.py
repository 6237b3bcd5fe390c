"""Records as requests write them: a new one made of a body, or one that is there changed by it."""

from collections.abc import Container, Iterable, Mapping
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mockserver.contract.examples import example
from mockserver.contract.model import Served
from mockserver.contract.parameters import BODY
from mockserver.contract.record_checks import unanswerable
from mockserver.contract.records import Record
from mockserver.errors import RequestBreaksContract, ResponseBreaksContract, TransitionRefused
from mockserver.formats.exact_json import MOST_INTEGER, is_exact
from mockserver.formats.merge_patch import merged
from mockserver.sandbox.journal import Move
from mockserver.sandbox.snapshot import World


def created(world: World, served: Served, arguments: Mapping[str, Any]) -> Record:
    """The record that a request makes.

    What its body does not say is null where answers may have null, left out where they may be without it, else as in the
    documented examples. Raises `RequestBreaksContract` or `ResponseBreaksContract` for one that could not be answered truthfully.
    """
    shown, rule = _shown(world, served), served.rule
    said = {name: value for name, value in _said(served, arguments).items() if name in shown}
    record = {**_as_documented(shown, _examples(world, served)), **said}
    if served.lifecycle:
        record = served.lifecycle.begun(record, world.now)
    record |= _stamps(world, served, shown)
    if rule and rule.within:
        record[rule.within] = _typed(arguments[rule.within], shown.get(rule.within, ({}, False))[0])
    if rule and rule.member not in said:
        record[rule.member] = _next_key(world, served, shown.get(rule.member, {}))
    return _answerable(world, served, record, said)


def updated(world: World, served: Served, record: Record, arguments: Mapping[str, Any]) -> tuple[Record, Move | None]:
    """The record as a request changes it, and the change of state that it makes, if any.

    Raises `TransitionRefused` for a state that the present one does not lead to, and `RequestBreaksContract` or
    `ResponseBreaksContract` for a record that could not be answered truthfully.
    """
    shown, rule, lifecycle = _shown(world, served), served.rule, served.lifecycle
    fixed = set(rule.members.values()) if rule else set()
    said = {name: value for name, value in _said(served, arguments).items() if name in shown and name not in fixed}
    put = merged if served.operation.method == "PATCH" else _replaced
    move, after = None, put(record, said)
    if lifecycle and (to := lifecycle.state_of(after)) != (state := lifecycle.state_of(record)):
        if to not in lifecycle.next_of(record):
            moves = list(lifecycle.next_of(record))
            told = f"the record is {state}, which does not lead to {to}; expected {' or '.join(moves) or 'no other state'}"
            raise TransitionRefused(told, {"moves": moves})
        after = put(lifecycle.moved(record, to, lifecycle.stamp_after(record, world.now)), said)
        move = Move(f"{served.collection}/{rule.key_of(record) if rule else ''}", str(state), str(to))
    # It was right before: whatever is wrong now came with the request.
    return _answerable(world, served, {**after, **_stamps(world, served, shown)}, after.keys()), move


def located(world: World, served: Served, record: Record) -> str | None:
    """The path, from the server's root, at which the record is read; `None` where no operation reads one."""
    for each in world.contract.served:
        if each.collection == served.collection and each.effect.kind == "retrieve" and each.rule:
            values = {variable: record[member] for variable, member in each.rule.members.items()}
            return each.api.base_path + each.template.expand(values) if values.keys() >= set(each.template.path) else None
    return None


def _said(served: Served, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The members that the body gives; it may hold them as the answer does, in one member."""
    body = arguments.get(BODY)
    into = served.envelope.into if served.envelope else None
    if isinstance(body, dict) and into and body.keys() == {into}:
        body = body[into]
    return body if isinstance(body, dict) else {}


def _replaced(record: Record, said: Mapping[str, Any]) -> Record:
    return {**record, **said}


def _showing(world: World, served: Served) -> Iterable[Served]:
    """The operations that show records of the same collection, this one first."""
    others = [each for each in world.contract.served if each.collection == served.collection and each is not served]
    return [each for each in (served, *others) if each.envelope]


def _shown(world: World, served: Served) -> dict[str, tuple[Mapping[str, Any], bool]]:
    """Each member that some answer shows of a record: its schema, and whether some answer needs it."""
    shown: dict[str, tuple[Mapping[str, Any], bool]] = {}
    for schema in [each.envelope.item_schema for each in _showing(world, served) if each.envelope]:
        for name, member in schema.get("properties", {}).items():
            known, needed = shown.get(name, (member, False))
            shown[name] = known, needed or name in schema.get("required", ())
    return shown


def _examples(world: World, served: Served) -> dict[str, Any]:
    """A record as the examples of the blueprint show it."""
    record: dict[str, Any] = {}
    for each in reversed(list(_showing(world, served))):
        into = each.envelope.into if each.envelope else None
        body, _ = example(each.operation.json_response(each.operation.success or 200))
        held = body.get(into) if isinstance(body, dict) and into else body
        held = held[0] if isinstance(held, list) and held else held
        record |= held if isinstance(held, dict) else {}
    return record


def _as_documented(shown: Mapping[str, tuple[Mapping[str, Any], bool]], record: Mapping[str, Any]) -> dict[str, Any]:
    needed = {name: schema for name, (schema, needed) in shown.items() if needed}
    return {name: None if _nullable(schema) else record.get(name) for name, schema in needed.items()}


def _nullable(schema: Mapping[str, Any]) -> bool:
    return "null" in schema.get("type", ()) or {"type": "null"} in schema.get("anyOf", ())


def _typed(value: Any, schema: Mapping[str, Any]) -> Any:
    """A variable's value as records have it: one that the blueprint says nothing of is a string."""
    text = str(value)
    is_integer = schema.get("type") == "integer" and text.isascii() and text.isdecimal() and is_exact(text)
    return int(text) if is_integer else value


def _stamps(world: World, served: Served, shown: Mapping[str, tuple[Mapping[str, Any], bool]]) -> dict[str, str]:
    """What the sandbox's clock says for each member of `stamps`, in the notation that its schema has."""
    iso = world.now.replace(" ", "T") + "Z"
    formats = {name: shown[name][0].get("format") if name in shown else None for name in served.effect.stamps}
    return {name: iso if form == "date-time" else world.now for name, form in formats.items()}


def _next_key(world: World, served: Served, shown: Any) -> Any:
    """A key that no record has or had: the next number, or a UUID, which is the same in each run."""
    name, schema = served.collection, shown[0] if shown else {}
    keys = {*world.contract.collections[name]}
    keys |= {key for collection, key in (*world.state.records, *world.state.overlaid) if collection == name}
    if schema.get("type") in ("integer", "number"):
        ends = {int(end) for key in keys if (end := key.rpartition("/")[2]).isdecimal()}
        following = max(ends, default=0) + 1
        return following if following <= MOST_INTEGER else next(number for number in count(1) if number not in ends)
    return str(uuid5(NAMESPACE_URL, f"{name}/{len(keys)}"))


def _answerable(world: World, served: Served, record: Record, said: Container[str]) -> Record:
    """The record, where each answer can show it; else the request is to blame, if it said what is wrong."""
    violations = unanswerable(world.contract, served.collection, record)
    if not violations:
        return record
    text = f"{served.operation.name}: the record would break the contract: {'; '.join(map(str, violations))}"
    blamed = any(each.pointer.strip("/").split("/")[0] in said for each in violations)
    kind = RequestBreaksContract if blamed else ResponseBreaksContract
    raise kind(text, {"violations": [each.as_json() for each in violations]})
