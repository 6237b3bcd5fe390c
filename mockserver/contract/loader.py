"""From the folders of schemas and fixtures to the contract: read, held against each other, every fault at once."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mockserver.contract import effects, lifecycles, scenarios
from mockserver.contract.effects import Effects
from mockserver.contract.model import Contract, ServedOperation
from mockserver.contract.operations import _Reading, _served_operations
from mockserver.contract.record_checks import RecordCheck, key_errors, override_errors, record_errors
from mockserver.contract.record_types import Record
from mockserver.contract.records import read_collections, read_now
from mockserver.contract.routes import ambiguities
from mockserver.contract.tokens import read_tokens
from mockserver.errors import FileError, InvalidFiles, Position
from mockserver.formats import strict_yaml
from mockserver.formats.files import display_path, files_below, invalid_name, visible_paths
from mockserver.spec import blueprint, other_formats, schemas
from mockserver.spec.description import Api
from mockserver.spec.locations import with_local_urls
from mockserver.spec.schemas import Schemas

_FILES = ("effects.yaml", "lifecycles.yaml", "recipes.yaml", "tokens.yaml")
_FOLDERS = ("records", "scenarios")
_FOREIGN = (".yaml", ".yml", ".json", ".raml", ".html")
"""Suffixes of API descriptions in other formats."""


def load_contract(schemas_folder: Path, fixtures_folder: Path) -> Contract:
    """Read and check every API of the two folders.

    Raises `FaultsFound` with all that is wrong in any file, when something is.
    """
    faults: list[FileError] = []
    parts: list[Contract] = []
    names = list_apis(schemas_folder)
    if not names:
        faults += no_api_errors(schemas_folder)
    for name in names:
        try:
            parts.append(_load_api(schemas_folder / name, fixtures_folder / name))
        except InvalidFiles as error:
            faults += error.errors
    faults += _duplicate_ids(parts)
    faults += _shared_routes(parts)
    if faults:
        raise InvalidFiles(faults)
    return _combine(parts)


def list_apis(schemas_folder: Path) -> list[str]:
    """The APIs of a folder: each sub-folder that holds a blueprint of its own name."""
    return [each.name for each in visible_paths(schemas_folder.glob("*")) if (each / f"{each.name}.apib").exists()]


def no_api_errors(schemas_folder: Path) -> Iterator[FileError]:
    """What to do about a folder without an API: a sentence for the folder, and one for each file that may have been meant."""
    yield FileError(Position(display_path(schemas_folder)), "no API found; expected a folder NAME with the blueprint NAME.apib")
    for path in sorted([*schemas_folder.glob("*"), *schemas_folder.glob("*/*")]):
        if path.suffix == ".apib":
            advice = f"move it to {path.stem}/{path.name}, or run `mockserver init`"
            message = f"this blueprint is not in a folder of the same name; {advice}"
            yield FileError(Position(display_path(path)), message)
        elif path.is_file() and path.suffix in _FOREIGN and (other := other_formats.foreign_format_error(path.read_bytes())):
            yield FileError(Position(display_path(path)), other)


def _load_api(schema_folder: Path, folder: Path) -> Contract:
    path = schema_folder / f"{schema_folder.name}.apib"
    if wrong := invalid_name(path.name):
        raise InvalidFiles([FileError(Position(display_path(path)), wrong)])
    api = blueprint.read_blueprint(path, display_path(path))
    reading = _Reading(api, folder, display_path(folder), [])
    none: Schemas = {}
    asked: dict[str, dict[str, Any]] = reading.attempt(lambda: schemas.derive_requests(api), {})
    written = reading.attempt(lambda: schemas.read_schemas(schema_folder, display_path(schema_folder)), none)
    derived = reading.attempt(lambda: schemas.derive(api), none)
    api = reading.api = with_local_urls(schemas.with_examples(api))
    in_use = {key: written.get(key, schema) for key, schema in derived.items()}
    reading.errors += schemas.example_errors(api, in_use)
    drift = [f"{display_path(schema_folder)}: {line}" for line in _schema_drift(written, derived)]
    _read_fixtures(reading)
    whole = tuple(_served_operations(reading, in_use, asked))
    collections = _collections(reading, whole)
    if reading.errors:
        raise InvalidFiles(reading.errors)
    own_lifecycles = {f"{api.id}/{name}": each for name, each in reading.lifecycles.items()}
    named = {**scenarios.response_scenarios(api), **reading.scenarios}
    shown_records = {(each.operation.id, each.operation.success) for each in whole if each.envelope}
    silent = schemas.missing_bodies(api, in_use.keys() - shown_records)
    # The operation may have an effect, and never need it: what is made and does not fit is no reason not to serve.
    unfit = map(str, schemas.example_errors(api, in_use, generated=True))
    warnings = (*map(str, api.warnings), *drift, *silent, *unfit, *_unused_files(reading))
    return Contract((api,), whole, collections, own_lifecycles, named, reading.tokens, {api.id: reading.now}, warnings)


def _schema_drift(written: Mapping[Any, Any], derived: Mapping[Any, Any]) -> Iterator[str]:
    for operation_id, status in sorted(written.keys() | derived.keys()):
        key, name = (operation_id, status), schemas.file_name(operation_id, status)
        if key not in written:
            yield f"{name} is missing; using the schema from the blueprint (run `mockserver schemas` to write it)"
        elif key not in derived:
            yield f"{name} does not belong to a response of the blueprint; it is not used"
        elif written[key] != derived[key]:
            yield f"{name} differs from the blueprint; the file is used (see `mockserver schemas --check`)"


def _unused_files(reading: _Reading) -> Iterator[str]:
    """What lies in the folder of fixtures, and means nothing there: a typo in a file's name, most likely."""
    for path in files_below(reading.folder):
        place = path.relative_to(reading.folder)
        known = place.name in _FILES if len(place.parts) == 1 else place.parent.name in _FOLDERS and path.suffix == ".yaml"
        if path.is_file() and not known and path.suffix in (".yaml", ".yml", ".json"):
            expected = f"{', '.join(_FILES)}, or *.yaml in {' or '.join(_FOLDERS)}"
            yield f"{reading.display_name}/{place}: unknown file, not read; expected {expected}"
    for name in reading.lifecycles.keys() - reading.effects.collections.keys() - reading.collections.keys():
        file = f"{reading.display_name}/lifecycles.yaml"
        yield f"{file}: unknown collection {name!r} (not in effects.yaml); this lifecycle is not used"
    for name in reading.effects.collections:
        if name not in reading.collections:
            yield f"{reading.display_name}/records/{name}.yaml: no such file; the collection is empty"


def _read_fixtures(reading: _Reading) -> None:
    """Effects, lifecycles, records and scenarios: each where it is there, since an API may go without."""
    folder, api, name, recipes = reading.folder, reading.api, reading.display_name, reading.folder / "recipes.yaml"
    _read_rules(reading)
    if (folder / "records").is_dir():
        reading.collections = reading.attempt(lambda: read_collections(folder, name), {})
    if recipes.exists():
        reading.now = reading.attempt(lambda: read_now(recipes, f"{name}/recipes.yaml"), "")
    if (tokens := folder / "tokens.yaml").exists():
        reading.tokens = reading.attempt(lambda: read_tokens(tokens, f"{name}/tokens.yaml", api), {})
    known = reading.effects.collections if reading.config_valid else None
    reading.scenarios = reading.attempt(
        lambda: scenarios.read_scenarios(folder / "scenarios", f"{name}/scenarios", api, known), {}
    )


def _read_rules(reading: _Reading) -> None:
    """Effects and lifecycles: what records have to be, whichever there are."""
    path, states, before = reading.folder / "effects.yaml", reading.folder / "lifecycles.yaml", len(reading.errors)
    if path.exists():
        reading.effects = reading.attempt(lambda: _read_effects(reading, path), Effects())
    if states.exists():
        reading.lifecycles = reading.attempt(
            lambda: lifecycles.read_lifecycles(states, f"{reading.display_name}/lifecycles.yaml"), {}
        )
    reading.config_valid = len(reading.errors) == before


def collection_checks(schema_folder: Path, folder: Path) -> dict[str, RecordCheck]:
    """What the records of each collection of an API have to be, by its name, before there are any.

    Raises `FaultsFound` for a blueprint, a schema or effects that cannot be used.
    """
    path, none = schema_folder / f"{schema_folder.name}.apib", Schemas()
    reading = _Reading(blueprint.read_blueprint(path, display_path(path)), folder, display_path(folder), [])
    written = reading.attempt(lambda: schemas.read_schemas(schema_folder, display_path(schema_folder)), none)
    derived = reading.attempt(lambda: schemas.derive(reading.api), none)
    reading.api = schemas.with_examples(reading.api)
    _read_rules(reading)
    whole = tuple(_served_operations(reading, {key: written.get(key, schema) for key, schema in derived.items()}, {}))
    if reading.errors:
        raise InvalidFiles(reading.errors)
    return {name: RecordCheck(rule, _item_schemas(whole, name)) for name, rule in reading.effects.collections.items()}


def _item_schemas(whole: Iterable[ServedOperation], name: str) -> list[Mapping[str, Any]]:
    """The schemas of the responses that show a record of a collection."""
    return [each.envelope.item_schema for each in whole if each.effect.collection == name and each.envelope]


def _read_effects(reading: _Reading, path: Path) -> Effects:
    reading.document = strict_yaml.read_yaml(path, f"{reading.display_name}/effects.yaml")
    return effects.read_effects(reading.document, reading.api)


def _collections(reading: _Reading, served: Iterable[ServedOperation]) -> dict[str, dict[str, Record]]:
    """The records of each collection that operations use, by key; what is wrong with them goes to the faults."""
    found: dict[str, dict[str, Record]] = {}
    for name, rule in reading.effects.collections.items():
        collection = reading.collections.get(name)
        if collection is None:
            found[f"{reading.api.id}/{name}"] = {}
            continue
        schemas_of = _item_schemas(served, name)
        before = len(reading.errors)
        reading.errors += record_errors(collection, rule, schemas_of, reading.lifecycles.get(name), reading.now)
        reading.errors += key_errors(collection, rule)
        # A cause is tried on records that are right: what it makes of others says nothing about it.
        for scenario in reading.scenarios.values() if len(reading.errors) == before else ():
            if members := scenario.records.get(name):
                lifecycle = reading.lifecycles.get(name)
                reading.errors += override_errors(scenario, members, collection, rule, schemas_of, lifecycle, reading.now)
        found[f"{reading.api.id}/{name}"] = {rule.key_of(record): record for record in collection.records}
    return found


def _duplicate_ids(parts: list[Contract]) -> Iterator[FileError]:
    """Ids that two APIs both have: scenarios and the control plane know operations by id alone."""
    owner: dict[str, str] = {}
    for part in parts:
        for name in [*(s.operation.id for s in part.served), *part.scenarios]:
            if owner.setdefault(name, part.apis[0].file) != part.apis[0].file:
                message = f"duplicate name {name} (already in {owner[name]}); expected another name"
                yield FileError(Position(part.apis[0].file), message)


def _shared_routes(parts: list[Contract]) -> Iterator[FileError]:
    """Operations of two APIs with one method and path, by equal base paths or by one within the other."""
    owner: dict[tuple[str | None, ...], Api] = {}
    for served in (each for part in parts for each in part.served):
        steps = ("" if each.variable else each.literal for each in served.template.segments)
        route = (served.operation.method, *served.api.base_path.split("/")[1:], *steps)
        first = owner.setdefault(route, served.api)
        if first is not served.api:
            message = f"{served.operation.method} {served.route} is already an operation of {first.file}; expected another HOST"
            yield FileError(served.operation.position, message)


def _combine(parts: list[Contract]) -> Contract:
    apis = tuple(api for part in parts for api in part.apis)
    served = tuple(served for part in parts for served in part.served)
    return Contract(
        apis,
        served,
        {name: records for part in parts for name, records in part.collections.items()},
        {name: each for part in parts for name, each in part.lifecycles.items()},
        {name: each for part in parts for name, each in part.scenarios.items()} | scenarios.fault_scenarios(apis),
        {name: each for part in parts for name, each in part.tokens.items()},
        {name: now for part in parts for name, now in part.now.items()},
        (*(warning for part in parts for warning in part.warnings), *ambiguities(served)),
    )
