"""From the folders of schemas and fixtures to the contract: read, held against each other, every fault at once."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import orjson

from mockserver.contract import effects, lifecycles, scenarios
from mockserver.contract import records as fixtures
from mockserver.contract import tokens as rights
from mockserver.contract.effects import CollectionRule, Effect, Effects
from mockserver.contract.envelope import Envelope, Told, envelope
from mockserver.contract.examples import example
from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.model import Contract, Served
from mockserver.contract.negotiation import media_types
from mockserver.contract.parameters import checks
from mockserver.contract.record_checks import RecordCheck, cause_faults, key_faults, record_faults
from mockserver.contract.records import Collection, Record
from mockserver.contract.routes import ambiguities
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.contract.tokens import Rights
from mockserver.errors import Fault, FaultsFound, Position
from mockserver.formats import strict_yaml, uri_template
from mockserver.formats.files import below, shown, visible, wrong_name
from mockserver.formats.json_schema import Validator
from mockserver.formats.strict_yaml import Document, Pointer
from mockserver.spec import blueprint, other_formats, schemas
from mockserver.spec.description import Api, Operation
from mockserver.spec.locations import with_local_urls
from mockserver.spec.schemas import Schemas

T = TypeVar("T")
_FILES = ("effects.yaml", "lifecycles.yaml", "recipes.yaml", "tokens.yaml")
_FOLDERS = ("records", "scenarios")
_FOREIGN = (".yaml", ".yml", ".json", ".raml", ".html")
"""Suffixes of API descriptions in other formats."""


@dataclass(slots=True)
class _Reading:
    """What one API's folders gave so far; faults are collected, so that all are told at once."""

    api: Api
    folder: Path
    shown: str
    faults: list[Fault]
    effects: Effects = field(default_factory=Effects)
    lifecycles: dict[str, Lifecycle] = field(default_factory=dict)
    collections: dict[str, Collection] = field(default_factory=dict)
    scenarios: dict[str, Scenario] = field(default_factory=dict)
    tokens: dict[str, Rights] = field(default_factory=dict)
    now: str = ""
    document: Document | None = None
    """The effects, for the places of what is wrong in them."""
    sound: bool = True
    """Whether effects and lifecycles are right; what is held against them is not judged where they are not."""

    def attempt(self, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except FaultsFound as error:
            self.faults += error.faults
            return otherwise


def load(schemas_folder: Path, fixtures_folder: Path) -> Contract:
    """Read and check every API of the two folders.

    Raises `FaultsFound` with all that is wrong in any file, when something is.
    """
    faults: list[Fault] = []
    parts: list[Contract] = []
    names = api_names(schemas_folder)
    if not names:
        faults += no_api_faults(schemas_folder)
    for name in names:
        try:
            parts.append(_load_api(schemas_folder / name, fixtures_folder / name))
        except FaultsFound as error:
            faults += error.faults
    faults += _clashes(parts)
    faults += _shared_routes(parts)
    if faults:
        raise FaultsFound(faults)
    return _joined(parts)


def api_names(schemas_folder: Path) -> list[str]:
    """The APIs of a folder: each sub-folder that holds a blueprint of its own name."""
    return [each.name for each in visible(schemas_folder.glob("*")) if (each / f"{each.name}.apib").exists()]


def no_api_faults(schemas_folder: Path) -> Iterator[Fault]:
    """What to do about a folder without an API: a sentence for the folder, and one for each file that may have been meant."""
    yield Fault(Position(shown(schemas_folder)), "no API here; expected a folder NAME with its blueprint NAME.apib")
    for path in sorted([*schemas_folder.glob("*"), *schemas_folder.glob("*/*")]):
        if path.suffix == ".apib":
            message = f"no folder has the name of this blueprint; expected {path.stem}/{path.name}, or `mockserver init`"
            yield Fault(Position(shown(path)), message)
        elif path.is_file() and path.suffix in _FOREIGN and (other := other_formats.recognized(path.read_bytes())):
            yield Fault(Position(shown(path)), other)


def _load_api(schema_folder: Path, folder: Path) -> Contract:
    path = schema_folder / f"{schema_folder.name}.apib"
    if wrong := wrong_name(path.name):
        raise FaultsFound([Fault(Position(shown(path)), wrong)])
    api = blueprint.read(path, shown(path))
    reading = _Reading(api, folder, shown(folder), [])
    none: Schemas = {}
    asked: dict[str, dict[str, Any]] = reading.attempt(lambda: schemas.derive_requests(api), {})
    written = reading.attempt(lambda: schemas.read(schema_folder, shown(schema_folder)), none)
    derived = reading.attempt(lambda: schemas.derive(api), none)
    api = reading.api = with_local_urls(schemas.with_examples(api))
    in_use = {key: written.get(key, schema) for key, schema in derived.items()}
    reading.faults += schemas.example_faults(api, in_use)
    drift = [f"{shown(schema_folder)}: {line}" for line in _drifted(written, derived)]
    _read_fixtures(reading)
    whole = tuple(_each_served(reading, in_use, asked))
    collections = _collections(reading, whole)
    if reading.faults:
        raise FaultsFound(reading.faults)
    own_lifecycles = {f"{api.id}/{name}": each for name, each in reading.lifecycles.items()}
    named = {**scenarios.generated(api), **reading.scenarios}
    shown_records = {(each.operation.id, each.operation.success) for each in whole if each.envelope}
    silent = schemas.unanswerable(api, in_use.keys() - shown_records)
    # The operation may have an effect, and never need it: what is made and does not fit is no reason not to serve.
    unfit = map(str, schemas.example_faults(api, in_use, made=True))
    warnings = (*map(str, api.warnings), *drift, *silent, *unfit, *_unread(reading))
    return Contract((api,), whole, collections, own_lifecycles, named, reading.tokens, {api.id: reading.now}, warnings)


def _drifted(written: Mapping[Any, Any], derived: Mapping[Any, Any]) -> Iterator[str]:
    for operation_id, status in sorted(written.keys() | derived.keys()):
        key, name = (operation_id, status), schemas.file_name(operation_id, status)
        if key not in written:
            yield f"{name} is missing; what the blueprint says is used (`mockserver schemas` writes it)"
        elif key not in derived:
            yield f"{name} is of no response of the blueprint, and is not used"
        elif written[key] != derived[key]:
            yield f"{name} is not what the blueprint says now, and is used as it is; see `mockserver schemas --check`"


def _unread(reading: _Reading) -> Iterator[str]:
    """What lies in the folder of fixtures, and means nothing there: a typo in a file's name, most likely."""
    for path in below(reading.folder):
        place = path.relative_to(reading.folder)
        known = place.name in _FILES if len(place.parts) == 1 else place.parent.name in _FOLDERS and path.suffix == ".yaml"
        if path.is_file() and not known and path.suffix in (".yaml", ".yml", ".json"):
            yield f"{reading.shown}/{place} is not read; expected {', '.join(_FILES)}, or *.yaml in {' or '.join(_FOLDERS)}"
    for name in reading.lifecycles.keys() - reading.effects.collections.keys() - reading.collections.keys():
        yield f"{reading.shown}/lifecycles.yaml: {name} is no collection of effects.yaml, and nothing lives so"
    for name in reading.effects.collections:
        if name not in reading.collections:
            yield f"{reading.shown}/records/{name}.yaml is missing; the collection is empty"


def _read_fixtures(reading: _Reading) -> None:
    """Effects, lifecycles, records and scenarios: each where it is there, since an API may go without."""
    folder, api, name, recipes = reading.folder, reading.api, reading.shown, reading.folder / "recipes.yaml"
    _read_rules(reading)
    if (folder / "records").is_dir():
        reading.collections = reading.attempt(lambda: fixtures.read(folder, name), {})
    if recipes.exists():
        reading.now = reading.attempt(lambda: fixtures.read_now(recipes, f"{name}/recipes.yaml"), "")
    if (tokens := folder / "tokens.yaml").exists():
        reading.tokens = reading.attempt(lambda: rights.read(tokens, f"{name}/tokens.yaml", api), {})
    known = reading.effects.collections if reading.sound else None
    reading.scenarios = reading.attempt(lambda: scenarios.read(folder / "scenarios", f"{name}/scenarios", api, known), {})


def _read_rules(reading: _Reading) -> None:
    """Effects and lifecycles: what records have to be, whichever there are."""
    path, states, before = reading.folder / "effects.yaml", reading.folder / "lifecycles.yaml", len(reading.faults)
    if path.exists():
        reading.effects = reading.attempt(lambda: _read_effects(reading, path), Effects())
    if states.exists():
        reading.lifecycles = reading.attempt(lambda: lifecycles.read(states, f"{reading.shown}/lifecycles.yaml"), {})
    reading.sound = len(reading.faults) == before


def collection_checks(schema_folder: Path, folder: Path) -> dict[str, RecordCheck]:
    """What the records of each collection of an API have to be, by its name, before there are any.

    Raises `FaultsFound` for a blueprint, a schema or effects that cannot be used.
    """
    path, none = schema_folder / f"{schema_folder.name}.apib", Schemas()
    reading = _Reading(blueprint.read(path, shown(path)), folder, shown(folder), [])
    written = reading.attempt(lambda: schemas.read(schema_folder, shown(schema_folder)), none)
    derived = reading.attempt(lambda: schemas.derive(reading.api), none)
    reading.api = schemas.with_examples(reading.api)
    _read_rules(reading)
    whole = tuple(_each_served(reading, {key: written.get(key, schema) for key, schema in derived.items()}, {}))
    if reading.faults:
        raise FaultsFound(reading.faults)
    return {name: RecordCheck(rule, _item_schemas(whole, name)) for name, rule in reading.effects.collections.items()}


def _item_schemas(whole: Iterable[Served], name: str) -> list[Mapping[str, Any]]:
    """The schemas of the responses that show a record of a collection."""
    return [each.envelope.item_schema for each in whole if each.effect.collection == name and each.envelope]


def _read_effects(reading: _Reading, path: Path) -> Effects:
    reading.document = strict_yaml.read(path, f"{reading.shown}/effects.yaml")
    return effects.read(reading.document, reading.api)


def _each_served(reading: _Reading, in_use: Schemas, asked: Mapping[str, dict[str, Any]]) -> Iterator[Served]:
    for operation in reading.api.operations:
        try:
            yield _served(reading, operation, in_use, asked.get(operation.id))
        except FaultsFound as error:
            reading.faults += error.faults


def _served(reading: _Reading, operation: Operation, in_use: Schemas, asked: dict[str, Any] | None) -> Served:
    effect = reading.effects.of(operation.id)
    rule = reading.effects.collections.get(effect.collection)
    reading.faults += _transition_faults(reading, operation, effect)
    validators = {status: Validator(schema) for (name, status), schema in in_use.items() if name == operation.id}
    shape = _envelope(operation, effect, validators, reading) if rule else None
    reading.faults += _member_faults(reading, operation, effect, shape)
    required = _required_headers(operation)
    token = (reading.effects.access_token or "").lower()
    return Served(
        api=reading.api,
        operation=operation,
        template=uri_template.parse(operation.uri_template),
        effect=effect,
        rule=rule,
        collection=f"{reading.api.id}/{effect.collection}" if rule else "",
        lifecycle=reading.lifecycles.get(effect.collection),
        envelope=shape,
        parameters=checks(operation.parameters, paged=effect.kind == "list", size=effect.size, page=effect.page),
        validators=validators,
        access_token=token if token in required else None,
        headers=tuple(name for name in required if name != token and not _OF_CLIENTS.fullmatch(name)),
        media=media_types(operation),
        body=Validator(asked) if asked is not None else None,
        example_keys=frozenset(_example_keys(operation, rule, shape)) if rule and effect.kind == "create" else frozenset(),
    )


def _example_keys(operation: Operation, rule: CollectionRule, shape: Envelope | None) -> Iterator[str]:
    """The keys, as text, that the documented requests of a creation give; they may hold the record as the response does."""
    for request in operation.requests:
        body = orjson.loads(request.body) if request.is_json and request.body else None
        if isinstance(body, dict) and shape and shape.into and body.keys() == {shape.into}:
            body = body[shape.into]
        if isinstance(body, dict) and rule.member in body:
            yield str(body[rule.member])


def _envelope(operation: Operation, effect: Effect, validators: Mapping[int, Validator], reading: _Reading) -> Envelope | None:
    variables = [p.name for p in operation.parameters if p.place == "query"]
    if effect.writes and (effect.answers == "example" or operation.success not in validators):
        return None  # a 204, say, or {"message": "Deleted"}: nothing of the record is shown
    at = reading.document.at_key(("operations", operation.id)) if reading.document else Position(reading.shown)
    try:
        if validator := validators.get(operation.success or 200):
            told = Told(effect.into, effect.total, example(operation.json_response(operation.success or 200))[0])
            return envelope(validator.schema, variables, effect.kind == "list", told)
        raise ValueError(f"its {operation.success} shows no JSON; expected some, for the records to go into")
    except ValueError as error:
        raise FaultsFound([Fault(at, f"{operation.id}: {error}")]) from error


def _transition_faults(reading: _Reading, operation: Operation, effect: Effect) -> Iterator[Fault]:
    """A transition needs a lifecycle that has its states, and leads from each of them to the new one."""
    if effect.kind != "transition" or reading.document is None or not reading.sound:
        return
    document, pointer = reading.document, ("operations", operation.id)
    lifecycle = reading.lifecycles.get(effect.collection)
    if lifecycle is None:
        message = f"{effect.collection} has no lifecycle; expected one in lifecycles.yaml for its transition"
        yield Fault(document.at_key(pointer), message)
        return
    named: list[tuple[Pointer, str]] = [((*pointer, "to"), effect.to)]
    named += [((*pointer, "from", index), state) for index, state in enumerate(effect.come_from)]
    named += [((*pointer, "refuse", state), state) for state in effect.refuse]
    unknown = [(at, state) for at, state in named if state not in lifecycle.states]
    for at, state in unknown:
        message = f"{effect.collection} has no state {state}; expected one of {', '.join(lifecycle.states)}"
        yield Fault(document.at_key(at) if at[-2] == "refuse" else document.at(at), message)
    for index, state in enumerate(effect.come_from):
        if not unknown and effect.to not in lifecycle.states[state].next:
            yield document.fault((*pointer, "from", index), f"lifecycles.yaml does not lead from {state} to {effect.to}")


def _member_faults(reading: _Reading, operation: Operation, effect: Effect, shape: Envelope | None) -> Iterator[Fault]:
    """What is searched, compared or stamped has to be shown; text, where it is searched or stamped."""
    members = shape.item_schema.get("properties", {}) if shape else {}
    texts = [name for name, schema in members.items() if "string" in str(schema.get("type"))]
    for index, member in enumerate(effect.stamps):
        if shape and reading.document and member not in texts:
            message = f"{effect.collection} shows no text {member} to stamp; expected one of {', '.join(texts)}"
            yield reading.document.fault(("operations", operation.id, "stamps", index), message)
    for variable, member in effect.where.items():
        if shape and reading.document and member not in members:
            message = f"{effect.collection} shows no {member} to compare; expected one of {', '.join(members)}"
            yield reading.document.fault(("operations", operation.id, "where", variable), message)
    for variable, member in effect.search.items():
        if shape and reading.document and member not in texts:
            at: Pointer = ("operations", operation.id, "search", variable)
            message = f"{effect.collection} shows no text {member} to search; expected one of {', '.join(texts)}"
            yield reading.document.fault(at, message)


_OF_CLIENTS = re.compile(
    r"accept|accept-.*|access-control-request-.*|baggage|cache-control|connection|content-(encoding|length|type)|date|dnt|expect"
    r"|forwarded|from|host|if-.*|keep-alive|max-forwards|origin|postman-token|pragma|prefer|priority|proxy-.*|range|referer|sec-.*"
    r"|te|traceparent|tracestate|trailer|transfer-encoding|upgrade|upgrade-insecure-requests|user-agent|via|x-forwarded-.*"
    r"|x-real-ip|x-requested-with"
)
"""Headers by which an HTTP client describes itself, its connection or its message: an example request merely shows them."""


def _required_headers(operation: Operation) -> list[str]:
    """The headers that every request of the operation shows, in lower case."""
    shown_by = [{name.lower() for name, _ in t.request.headers} for t in operation.transactions if t.request]
    return sorted(set.intersection(*shown_by)) if shown_by else []


def _collections(reading: _Reading, served: Iterable[Served]) -> dict[str, dict[str, Record]]:
    """The records of each collection that operations use, by key; what is wrong with them goes to the faults."""
    found: dict[str, dict[str, Record]] = {}
    for name, rule in reading.effects.collections.items():
        collection = reading.collections.get(name)
        if collection is None:
            found[f"{reading.api.id}/{name}"] = {}
            continue
        schemas_of = _item_schemas(served, name)
        before = len(reading.faults)
        reading.faults += record_faults(collection, rule, schemas_of, reading.lifecycles.get(name), reading.now)
        reading.faults += key_faults(collection, rule)
        # A cause is tried on records that are right: what it makes of others says nothing about it.
        for scenario in reading.scenarios.values() if len(reading.faults) == before else ():
            if members := scenario.cause.get(name):
                lifecycle = reading.lifecycles.get(name)
                reading.faults += cause_faults(scenario, members, collection, rule, schemas_of, lifecycle, reading.now)
        found[f"{reading.api.id}/{name}"] = {rule.key_of(record): record for record in collection.records}
    return found


def _clashes(parts: list[Contract]) -> Iterator[Fault]:
    """Ids that two APIs both have: scenarios and the control plane know operations by id alone."""
    owner: dict[str, str] = {}
    for part in parts:
        for name in [*(s.operation.id for s in part.served), *part.scenarios]:
            if owner.setdefault(name, part.apis[0].file) != part.apis[0].file:
                yield Fault(Position(part.apis[0].file), f"{name} is in {owner[name]} too; expected another name")


def _shared_routes(parts: list[Contract]) -> Iterator[Fault]:
    """Operations of two APIs with one method and path, by equal base paths or by one within the other."""
    owner: dict[tuple[str | None, ...], Api] = {}
    for served in (each for part in parts for each in part.served):
        steps = ("" if each.variable else each.literal for each in served.template.segments)
        route = (served.operation.method, *served.api.base_path.split("/")[1:], *steps)
        first = owner.setdefault(route, served.api)
        if first is not served.api:
            message = f"{served.operation.method} {served.route} is an operation of {first.file} too; expected another HOST"
            yield Fault(served.operation.at, message)


def _joined(parts: list[Contract]) -> Contract:
    apis = tuple(api for part in parts for api in part.apis)
    served = tuple(served for part in parts for served in part.served)
    return Contract(
        apis,
        served,
        {name: records for part in parts for name, records in part.collections.items()},
        {name: each for part in parts for name, each in part.lifecycles.items()},
        {name: each for part in parts for name, each in part.scenarios.items()} | scenarios.of_faults(apis),
        {name: each for part in parts for name, each in part.tokens.items()},
        {name: now for part in parts for name, now in part.now.items()},
        (*(warning for part in parts for warning in part.warnings), *ambiguities(served)),
    )
