"""Records as requests write them: a new one made of a body, or one that is there changed by it."""

from collections.abc import Container, Iterable, Mapping
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mockserver.contract.examples import example
from mockserver.contract.model import ServedOperation
from mockserver.contract.parameters import BODY
from mockserver.contract.record_checks import record_response_violations
from mockserver.contract.records import Record
from mockserver.errors import RequestBreaksContract, ResponseBreaksContract, TransitionNotAllowed
from mockserver.formats.exact_json import MOST_INTEGER, is_exact
from mockserver.formats.merge_patch import merge_patch
from mockserver.sandbox.journal import Transition
from mockserver.sandbox.snapshot import Snapshot


def create_record(world: Snapshot, served: ServedOperation, arguments: Mapping[str, Any]) -> Record:
    """The record that a request makes.

    What its body does not say is null where answers may have null, left out where they may be without it, else as in the
    documented examples. Raises `RequestBreaksContract` or `ResponseBreaksContract` for one that could not be answered truthfully.
    """
    shown, rule = _response_fields(world, served), served.rule
    said = {name: value for name, value in _body_fields(served, arguments).items() if name in shown}
    record = {**_default_fields(shown, _example_record(world, served)), **said}
    if served.lifecycle:
        record = served.lifecycle.started(record, world.now)
    record |= _timestamps(world, served, shown)
    if rule and rule.parent:
        record[rule.parent] = _to_field_type(arguments[rule.parent], shown.get(rule.parent, ({}, False))[0])
    if rule and rule.id_field not in said:
        record[rule.id_field] = _next_key(world, served, shown.get(rule.id_field, {}))
    return _ensure_valid(world, served, record, said)


def update_record(
    world: Snapshot, served: ServedOperation, record: Record, arguments: Mapping[str, Any]
) -> tuple[Record, Transition | None]:
    """The record as a request changes it, and the change of state that it makes, if any.

    Raises `TransitionRefused` for a state that the present one does not lead to, and `RequestBreaksContract` or
    `ResponseBreaksContract` for a record that could not be answered truthfully.
    """
    shown, rule, lifecycle = _response_fields(world, served), served.rule, served.lifecycle
    fixed = set(rule.members.values()) if rule else set()
    said = {name: value for name, value in _body_fields(served, arguments).items() if name in shown and name not in fixed}
    put = merge_patch if served.operation.method == "PATCH" else _replace_fields
    move, after = None, put(record, said)
    if lifecycle and (to := lifecycle.state_of(after)) != (state := lifecycle.state_of(record)):
        if to not in lifecycle.next_of(record):
            moves = list(lifecycle.next_of(record))
            told = f"the record is {state}, which does not lead to {to}; expected {' or '.join(moves) or 'no other state'}"
            raise TransitionNotAllowed(told, {"moves": moves})
        after = put(lifecycle.transitioned(record, to, lifecycle.timestamp_after(record, world.now)), said)
        move = Transition(f"{served.collection}/{rule.key_of(record) if rule else ''}", str(state), str(to))
    # It was right before: whatever is wrong now came with the request.
    return _ensure_valid(world, served, {**after, **_timestamps(world, served, shown)}, after.keys()), move


def record_url(world: Snapshot, served: ServedOperation, record: Record) -> str | None:
    """The path, from the server's root, at which the record is read; `None` where no operation reads one."""
    for each in world.contract.served:
        if each.collection == served.collection and each.effect.kind == "retrieve" and each.rule:
            values = {variable: record[member] for variable, member in each.rule.members.items()}
            return each.api.base_path + each.template.expand(values) if values.keys() >= set(each.template.path) else None
    return None


def _body_fields(served: ServedOperation, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The members that the body gives; it may hold them as the answer does, in one member."""
    body = arguments.get(BODY)
    into = served.envelope.container if served.envelope else None
    if isinstance(body, dict) and into and body.keys() == {into}:
        body = body[into]
    return body if isinstance(body, dict) else {}


def _replace_fields(record: Record, said: Mapping[str, Any]) -> Record:
    return {**record, **said}


def _operations_showing(world: Snapshot, served: ServedOperation) -> Iterable[ServedOperation]:
    """The operations that show records of the same collection, this one first."""
    others = [each for each in world.contract.served if each.collection == served.collection and each is not served]
    return [each for each in (served, *others) if each.envelope]


def _response_fields(world: Snapshot, served: ServedOperation) -> dict[str, tuple[Mapping[str, Any], bool]]:
    """Each member that some answer shows of a record: its schema, and whether some answer needs it."""
    shown: dict[str, tuple[Mapping[str, Any], bool]] = {}
    for schema in [each.envelope.item_schema for each in _operations_showing(world, served) if each.envelope]:
        for name, member in schema.get("properties", {}).items():
            known, needed = shown.get(name, (member, False))
            shown[name] = known, needed or name in schema.get("required", ())
    return shown


def _example_record(world: Snapshot, served: ServedOperation) -> dict[str, Any]:
    """A record as the examples of the blueprint show it."""
    record: dict[str, Any] = {}
    for each in reversed(list(_operations_showing(world, served))):
        into = each.envelope.container if each.envelope else None
        body, _ = example(each.operation.json_response(each.operation.success or 200))
        held = body.get(into) if isinstance(body, dict) and into else body
        held = held[0] if isinstance(held, list) and held else held
        record |= held if isinstance(held, dict) else {}
    return record


def _default_fields(shown: Mapping[str, tuple[Mapping[str, Any], bool]], record: Mapping[str, Any]) -> dict[str, Any]:
    needed = {name: schema for name, (schema, needed) in shown.items() if needed}
    return {name: None if _nullable(schema) else record.get(name) for name, schema in needed.items()}


def _nullable(schema: Mapping[str, Any]) -> bool:
    return "null" in schema.get("type", ()) or {"type": "null"} in schema.get("anyOf", ())


def _to_field_type(value: Any, schema: Mapping[str, Any]) -> Any:
    """A variable's value as records have it: one that the blueprint says nothing of is a string."""
    text = str(value)
    is_integer = schema.get("type") == "integer" and text.isascii() and text.isdecimal() and is_exact(text)
    return int(text) if is_integer else value


def _timestamps(world: Snapshot, served: ServedOperation, shown: Mapping[str, tuple[Mapping[str, Any], bool]]) -> dict[str, str]:
    """What the sandbox's clock says for each member of `stamps`, in the notation that its schema has."""
    iso = world.now.replace(" ", "T") + "Z"
    formats = {name: shown[name][0].get("format") if name in shown else None for name in served.effect.timestamps}
    return {name: iso if form == "date-time" else world.now for name, form in formats.items()}


def _next_key(world: Snapshot, served: ServedOperation, shown: Any) -> Any:
    """A key that no record has or had: the next number, or a UUID, which is the same in each run."""
    name, schema = served.collection, shown[0] if shown else {}
    keys = {*world.contract.collections[name]}
    keys |= {key for collection, key in (*world.state.records, *world.state.overlay) if collection == name}
    if schema.get("type") in ("integer", "number"):
        ends = {int(end) for key in keys if (end := key.rpartition("/")[2]).isdecimal()}
        following = max(ends, default=0) + 1
        return following if following <= MOST_INTEGER else next(number for number in count(1) if number not in ends)
    return str(uuid5(NAMESPACE_URL, f"{name}/{len(keys)}"))


def _ensure_valid(world: Snapshot, served: ServedOperation, record: Record, said: Container[str]) -> Record:
    """The record, where each answer can show it; else the request is to blame, if it said what is wrong."""
    violations = record_response_violations(world.contract, served.collection, record)
    if not violations:
        return record
    text = f"{served.operation.name}: the record would break the contract: {'; '.join(map(str, violations))}"
    blamed = any(each.pointer.strip("/").split("/")[0] in said for each in violations)
    kind = RequestBreaksContract if blamed else ResponseBreaksContract
    raise kind(text, {"violations": [each.as_json() for each in violations]})
