"""The admin API of sandboxes."""

from collections.abc import Iterator
from dataclasses import replace

from mockserver.config.sandbox_names import validate_sandbox_name
from mockserver.contract.lifecycles.progression import PROGRESSIONS
from mockserver.contract.model import Contract
from mockserver.contract.record_checks import record_response_violations
from mockserver.contract.record_types import Record
from mockserver.contract.scenarios.definition import OVERRIDES
from mockserver.errors import AdminRequestInvalid, UnknownSandbox, Violation
from mockserver.formats.json_schema import Schema, Validator
from mockserver.sandbox.active_scenarios import portable
from mockserver.sandbox.record_edits import record_key
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.store import SandboxInfo
from mockserver.web.admin.call import AdminCall
from mockserver.web.admin.scenarios import check_overrides
from mockserver.web.admin.schemas import (
    BOOLEAN,
    COUNT,
    NUMBER,
    TEXT,
    TEXTS,
    Json,
    array_of,
    map_of,
    nullable,
    object_of,
)
from mockserver.web.admin.violations import raise_invalid

_RECORDS = {
    "type": "array",
    "items": {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "string"}, {"type": ["object", "null"]}],
        "minItems": 3,
        "maxItems": 3,
    },
}
_SECONDS: Schema = {"type": "number", "minimum": 0, "maximum": 3e10}
_CLOCK = object_of(
    offset_seconds=_SECONDS,
    running_since={**_SECONDS, "type": ["number", "null"]},
    progression={"enum": list(PROGRESSIONS)},
    progression_started_at=_SECONDS,
)
_ACTIVATION = object_of(
    name=TEXT,
    overrides=OVERRIDES,
    activated_at=_SECONDS,
    matched_requests=COUNT,
    times_applied=COUNT,
)
_STATE = object_of(
    records=_RECORDS, overlay=_RECORDS, scenarios=array_of(_ACTIVATION), clock=_CLOCK
)
_SANDBOX = object_of(name=TEXT, bytes=COUNT, created=NUMBER, last_used=NUMBER)
SANDBOXES = object_of(sandboxes=array_of(_SANDBOX), evicted=COUNT)
EXPORT = object_of(
    name=TEXT,
    bytes=COUNT,
    created=nullable(NUMBER),
    last_used=nullable(NUMBER),
    blueprints=map_of(TEXT),
    state=_STATE,
)
EXPORT_QUERY = object_of({"frozen": {"enum": ["0", "1"]}})
"""The query parameters of `export_sandbox`."""
IMPORT = Validator({"type": "object", "required": ["state"], "properties": {"state": _STATE}})
"""An export. The member `blueprints` is optional, and unknown members are ignored."""
DELETED = object_of(sandbox=TEXT, deleted={"const": True})
RESET = object_of(sandbox=TEXT, scenarios=TEXTS)
ASSIGNED = object_of(sandbox=TEXT, test=TEXT, contract=TEXT, reset=BOOLEAN)
ASSIGNMENT = Validator(object_of({"test": {"type": "string", "maxLength": 1000}, "contract": TEXT}))


def list_sandboxes(call: AdminCall) -> Json:
    """Return all sandboxes and the number of evicted ones.

    Each sandbox has its name, its size in bytes, and the Unix times of its first and last use.
    """
    store = call.server.store
    return {
        "sandboxes": [sandbox_json(info) for info in store.sandboxes()],
        "evicted": store.evicted(),
    }


def export_sandbox(call: AdminCall, name: str) -> Json:
    """Return a sandbox with its state, for `import_sandbox`.

    An unused sandbox has the initial state. With the query parameter `frozen=1`, the exported
    clock is frozen, because a running clock would change the records later. Bound addresses,
    test and contract belong to this server and are not exported.
    """
    frozen = call.query_params(EXPORT_QUERY).get("frozen")
    info = _info(call, validate_sandbox_name(name))
    state = call.server.store.read(name)
    if frozen == "1":
        state = replace(state, clock=state.clock.frozen())
    # An import rejects scenarios whose file no longer exists.
    contract = call.server.sandboxes.snapshot(name).contract
    activations = []
    for activation in state.scenarios:
        if activation.name in contract.scenarios:
            activations.append(portable(contract, activation))
    state_json = replace(state, scenarios=tuple(activations)).data_json()
    members: Json = {"name": name, "bytes": 0, "created": None, "last_used": None}
    if info is not None:
        members = sandbox_json(info)
    return {**members, "blueprints": _blueprints(contract), "state": state_json}


def import_sandbox(call: AdminCall, name: str) -> Json:
    """Replace the state of a sandbox with an export of a server with the same blueprints.

    Raises:
        AdminRequestInvalid: the state is invalid, the blueprints are different, or a collection or
            scenario is unknown.
    """
    validate_sandbox_name(name)
    contract = call.server.sandboxes.snapshot(name).contract
    if call.body.get("blueprints", _blueprints(contract)) != _blueprints(contract):
        raise AdminRequestInvalid(
            "the blueprints of the export are not those of this server and of the sandbox's "
            f"contract {contract.choice!r}; export the sandbox again"
        )
    state = SandboxState.from_json(call.body["state"])
    _check_names(contract, state)
    _check_scenarios(contract, state)
    for collection, key, record in _records(state):
        raise_invalid(_record_violations(contract, collection, key, record))
    call.server.sandboxes.replace(name, state)
    return export_sandbox(call, name)


def _check_names(contract: Contract, state: SandboxState) -> None:
    """Check that the contract has the collections and scenarios of a state.

    Raises:
        AdminRequestInvalid: with the names that are unknown.
    """
    collections = {collection for collection, _ in (*state.records, *state.overlay)}
    scenarios = {activation.name for activation in state.scenarios}
    unknown = (collections - set(contract.collections)) | (scenarios - set(contract.scenarios))
    if unknown:
        raise AdminRequestInvalid(f"unknown collections or scenarios: {', '.join(sorted(unknown))}")


def _check_scenarios(contract: Contract, state: SandboxState) -> None:
    """Check the active scenarios of a state.

    Raises:
        AdminRequestInvalid: an override is invalid, or a scenario is listed twice.
    """
    for index, activation in enumerate(state.scenarios):
        scenario = contract.scenarios[activation.name]
        location = f"/state/scenarios/{index}/overrides"
        check_overrides(contract, scenario, activation.overrides, location)
    names = {activation.name for activation in state.scenarios}
    if len(names) < len(state.scenarios):
        raise AdminRequestInvalid("duplicate scenario: each may be on only once")


def _records(state: SandboxState) -> Iterator[tuple[str, str, Record | None]]:
    """Yield collection, key and content of all changed records; `None` for a deleted one."""
    for records in (state.records, state.overlay):
        for (collection, key), record in records.items():
            yield collection, key, record


def _record_violations(
    contract: Contract, collection: str, key: str, record: Record | None
) -> list[Violation]:
    """Return the reasons for which no response can contain the record with this key."""
    if record is None:
        return []
    own_key = record_key(contract, collection, record)
    if own_key != key:
        pointer = f"/state/records/{collection}/{key}"
        return [Violation(pointer, f"a record with the key {key}", f"the key {own_key}")]
    return record_response_violations(contract, collection, record)


def delete(call: AdminCall, name: str) -> Json:
    """Delete a sandbox. Its next use starts with the initial state.

    Raises:
        UnknownSandbox: the server does not store it.
    """
    if _info(call, name) is None:
        detail = f"unknown sandbox {name!r}: it was never used, or was deleted or evicted"
        raise UnknownSandbox(detail)
    call.server.sandboxes.delete(name)
    return {"sandbox": name, "deleted": True}


def assign(call: AdminCall, name: str) -> Json:
    """Set who uses a sandbox, the title of a test, and the contract that the sandbox has.

    Members that are missing do not change. `reset` in the response is whether another contract
    reset records, scenarios and clock.

    Raises:
        AdminRequestInvalid: the server does not serve the contract.
    """
    sandbox = validate_sandbox_name(name)
    is_reset = call.server.sandboxes.assign(sandbox, call.body)
    return {
        "sandbox": sandbox,
        "test": call.server.store.read(sandbox).test,
        "contract": call.server.sandboxes.snapshot(sandbox).contract.choice,
        "reset": is_reset,
    }


def reset(call: AdminCall, name: str | None = None) -> Json:
    """Reset a sandbox to its state at server start. The default is the sandbox of the call."""
    sandbox = validate_sandbox_name(name or call.sandbox)
    call.server.sandboxes.reset(sandbox)
    return {"sandbox": sandbox, "scenarios": call.server.sandboxes.snapshot(sandbox).activated}


def _info(call: AdminCall, name: str) -> SandboxInfo | None:
    """Return size and times of a sandbox; `None` for an unknown one."""
    for info in call.server.store.sandboxes():
        if info.name == name:
            return info
    return None


def _blueprints(contract: Contract) -> dict[str, str]:
    return {api.id: api.sha256 for api in contract.apis}


def sandbox_json(info: SandboxInfo) -> Json:
    """Return the JSON of one sandbox."""
    return {
        "name": info.name,
        "bytes": info.bytes,
        "created": info.created,
        "last_used": info.last_used,
    }
