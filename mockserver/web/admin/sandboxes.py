"""Control operations on sandboxes."""

from dataclasses import replace

from mockserver.config.sandbox_names import validate_sandbox_name
from mockserver.contract.model import Contract
from mockserver.contract.record_checks import record_violations
from mockserver.contract.record_types import Record
from mockserver.contract.scenarios.definition import OVERRIDES
from mockserver.errors import AdminRequestInvalid, UnknownSandbox, Violation
from mockserver.formats.json_schema import Schema, Validator
from mockserver.sandbox.active_scenarios import portable
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.store import SandboxInfo
from mockserver.web.admin.call import AdminCall, Json, raise_invalid
from mockserver.web.admin.scenarios import wrong_overrides
from mockserver.web.admin.schemas import COUNT, NUMBER, TEXT, TEXTS, array_of, map_of, nullable, object_of

_RECORDS = {
    "type": "array",
    "items": {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "string"}, {"type": ["object", "null"]}],
        "minItems": 3,
        "maxItems": 3,
    },
}
_CLOCK = object_of(
    ahead={"type": "number", "minimum": 0, "maximum": 3e10},
    since={"type": ["number", "null"], "minimum": 0, "maximum": 3e10},
    progression={"enum": ["manual", "time", "polls"]},
    progresses_from={"type": "number", "minimum": 0, "maximum": 3e10},
)
_SWITCHED = object_of(
    name=TEXT, overrides=OVERRIDES, since={"type": "number", "minimum": 0, "maximum": 3e10}, matched=COUNT, spoken=COUNT
)
_STATE = object_of(records=_RECORDS, overlaid=_RECORDS, scenarios=array_of(_SWITCHED), clock=_CLOCK)
_INFO = {"name": TEXT, "bytes": COUNT, "created": NUMBER, "used": NUMBER}
LISTED = object_of(sandboxes=array_of(object_of(**_INFO)), dropped=COUNT)
_USED = {"created": nullable(NUMBER), "used": nullable(NUMBER)}
SANDBOX_EXPORT = object_of(name=TEXT, bytes=COUNT, **_USED, blueprints=map_of(TEXT), state=_STATE)
VARIABLES: dict[str, Schema] = {"frozen": {"enum": ["0", "1"]}}
"""The query variables of `one`."""
EXPORTED = Validator({"type": "object", "required": ["state"], "properties": {"state": _STATE}})
"""What `put` takes: of what `one` tells the state, and the blueprints where they are given; the rest changes nothing."""
DROPPED = object_of(sandbox=TEXT, dropped={"const": True})
RESET = object_of(sandbox=TEXT, scenarios=TEXTS)


def list_sandboxes(call: AdminCall) -> Json:
    """Name, bytes, and Unix times of first and last use; and how many were dropped for want of room."""
    store = call.server.store
    return {"sandboxes": [sandbox_json(info) for info in store.sandboxes()], "dropped": store.evicted()}


def export_sandbox(call: AdminCall, name: str) -> Json:
    """A sandbox with its state, for `put`; one that was never used has the state that all start with.

    With `frozen=1` its clock is told as it stands at this moment: what runs on would show other records later. The addresses
    that are bound here are nobody else's business.
    """
    frozen = call.query_params(VARIABLES).get("frozen")
    info = _info(call, validate_sandbox_name(name))
    state = call.server.store.read(name)
    if frozen == "1":
        state = replace(state, clock=state.clock.frozen())
    # A scenario whose file is gone would be refused by whoever is given this.
    contract = call.server.contract
    kept = tuple(portable(contract, each) for each in state.scenarios if each.name in contract.scenarios)
    state = replace(state, scenarios=kept)
    told = {member: value for member, value in state.as_json().items() if member != "bindings"}
    about = sandbox_json(info) if info else {"name": name, "bytes": 0, "created": None, "used": None}
    return {**about, "blueprints": _blueprints(call), "state": told}


def import_sandbox(call: AdminCall, name: str) -> Json:
    """Give a sandbox the state that `one` told, here or of another server that serves the same blueprints.

    Raises `ControlRequestInvalid` for what is no such state, or is of other blueprints, collections or scenarios.
    """
    validate_sandbox_name(name)
    contract = call.server.contract
    if call.body.get("blueprints", _blueprints(call)) != _blueprints(call):
        raise AdminRequestInvalid("the sandbox was exported with other blueprints than those that are served here")
    state = SandboxState.from_json(call.body["state"])
    collections = {collection for collection, _ in (*state.records, *state.overlay)}
    switched = {each.name for each in state.scenarios}
    unknown = sorted((collections - set(contract.collections)) | (switched - set(contract.scenarios)))
    if unknown:
        raise AdminRequestInvalid(f"no such collections or scenarios here: {', '.join(unknown)}")
    for index, each in enumerate(state.scenarios):
        found = wrong_overrides(contract, contract.scenarios[each.name], each.overrides)
        raise_invalid([replace(wrong, pointer=f"/state/scenarios/{index}/overrides{wrong.pointer}") for wrong in found])
    if len(switched) < len(state.scenarios):
        raise AdminRequestInvalid("a scenario is on twice; expected each once")
    for collection, key in (*state.records, *state.overlay):
        for record in (state.records.get((collection, key)), state.overlay.get((collection, key))):
            raise_invalid(_record_violations(contract, collection, key, record))
    call.server.sandboxes.replace(name, state)
    return export_sandbox(call, name)


def _record_violations(contract: Contract, collection: str, key: str, record: Record | None) -> list[Violation]:
    """What keeps a record from being answered under its key."""
    if record is None:
        return []
    served = [each for each in contract.served if each.collection == collection and each.rule and each.envelope]
    if any(each.rule and each.rule.key_of(record) != key for each in served):
        return [Violation(f"/state/records/{collection}/{key}", "a record of that key", "a record of another")]
    schemas = [each.envelope.item_schema for each in served if each.envelope]
    return list(record_violations(record, schemas, contract.lifecycles.get(collection)))


def delete(call: AdminCall, name: str) -> Json:
    """Drop it; its next use starts afresh. Raises `UnknownSandbox`."""
    if _info(call, name) is None:
        raise UnknownSandbox(f"there is no sandbox {name}: it was not used yet, or was dropped")
    call.server.sandboxes.reset(name)
    return {"sandbox": name, "dropped": True}


def reset(call: AdminCall, name: str | None = None) -> Json:
    """Put the sandbox that is named, or that the call is for, back to how it started."""
    sandbox = validate_sandbox_name(name or call.sandbox)
    call.server.sandboxes.reset(sandbox)
    return {"sandbox": sandbox, "scenarios": [each.name for each in call.server.sandboxes.snapshot(sandbox).state.scenarios]}


def _info(call: AdminCall, name: str) -> SandboxInfo | None:
    return next((info for info in call.server.store.sandboxes() if info.name == name), None)


def _blueprints(call: AdminCall) -> dict[str, str]:
    return {api.id: api.sha256 for api in call.server.contract.apis}


def sandbox_json(info: SandboxInfo) -> Json:
    """The JSON of one sandbox."""
    return {"name": info.name, "bytes": info.bytes, "created": info.created, "used": info.last_used}
