"""Load the contract from the folders of schemas and fixtures: read and check everything, and report all errors at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mockserver.contract import effects_file, lifecycles, scenarios
from mockserver.contract.effects import Effects
from mockserver.contract.model import Contract, ServedOperation
from mockserver.contract.operations import _Reading, _served_operations
from mockserver.contract.record_checks import (
    RecordCheck,
    key_errors,
    override_errors,
    record_errors,
)
from mockserver.contract.records import read_collections, read_now
from mockserver.contract.routes import ambiguities
from mockserver.contract.shipped_records import ShippedRecords
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
"""Suffixes of files that may be API descriptions in other formats."""


def load_contract(schemas_folder: Path, fixtures_folder: Path) -> Contract:
    """Read and check every API of the two folders.

    Raises `InvalidFiles` with the errors of all files.
    """
    errors: list[FileError] = []
    parts: list[Contract] = []
    names = list_apis(schemas_folder)
    if not names:
        errors += no_api_errors(schemas_folder)
    for name in names:
        try:
            parts.append(_load_api(schemas_folder / name, fixtures_folder / name))
        except InvalidFiles as error:
            errors += error.errors
    errors += _duplicate_ids(parts)
    errors += _shared_routes(parts)
    if errors:
        raise InvalidFiles(errors)
    return _combine(parts)


def list_apis(schemas_folder: Path) -> list[str]:
    """Return the names of the APIs: each sub-folder with a blueprint of the same name."""
    return [
        each.name
        for each in visible_paths(schemas_folder.glob("*"))
        if (each / f"{each.name}.apib").exists()
    ]


def no_api_errors(schemas_folder: Path) -> Iterator[FileError]:
    """Yield errors for a folder without an API: one for the folder, and one for each misplaced file."""
    yield FileError(
        Position(display_path(schemas_folder)),
        "no API found; expected a folder NAME with the blueprint NAME.apib",
    )
    for path in sorted([*schemas_folder.glob("*"), *schemas_folder.glob("*/*")]):
        if path.suffix == ".apib":
            advice = f"move it to {path.stem}/{path.name}, or run `mockserver init`"
            message = f"this blueprint is not in a folder of the same name; {advice}"
            yield FileError(Position(display_path(path)), message)
        elif (
            path.is_file()
            and path.suffix in _FOREIGN
            and (other := other_formats.foreign_format_error(path.read_bytes()))
        ):
            yield FileError(Position(display_path(path)), other)


def _load_api(schema_folder: Path, folder: Path) -> Contract:
    path = schema_folder / f"{schema_folder.name}.apib"
    name_error = invalid_name(path.name)
    if name_error:
        raise InvalidFiles([FileError(Position(display_path(path)), name_error)])
    api = blueprint.read_blueprint(path, display_path(path))
    reading = _Reading(api, folder, display_path(folder), [])
    request_schemas: dict[str, dict[str, Any]] = reading.attempt(
        lambda: schemas.derive_requests(api), {}
    )
    files, derived = _read_schemas(reading, schema_folder)
    in_use = _schemas_in_use(files, derived)
    drift = [f"{display_path(schema_folder)}: {line}" for line in _schema_drift(files, derived)]
    api = reading.api = with_local_urls(schemas.with_examples(api))
    reading.errors += schemas.example_errors(api, in_use)
    _read_fixtures(reading)
    served = tuple(_served_operations(reading, in_use, request_schemas))
    collections = _collections(reading, served)
    if reading.errors:
        raise InvalidFiles(reading.errors)
    lifecycles_by_id = {
        f"{api.id}/{name}": lifecycle for name, lifecycle in reading.lifecycles.items()
    }
    all_scenarios = {**scenarios.response_scenarios(api), **reading.scenarios}
    with_records = {
        (each.operation.id, each.operation.success_status) for each in served if each.envelope
    }
    missing_bodies = schemas.missing_bodies(api, in_use.keys() - with_records)
    # An operation with an effect may never send a generated example, so an invalid one is only a warning.
    invalid_examples = map(str, schemas.example_errors(api, in_use, generated=True))
    warnings = (
        *map(str, api.warnings),
        *drift,
        *missing_bodies,
        *invalid_examples,
        *_unused_files(reading),
    )
    now = {api.id: reading.now}
    return Contract(
        (api,), served, collections, lifecycles_by_id, all_scenarios, reading.tokens, now, warnings
    )


def _read_schemas(reading: _Reading, schema_folder: Path) -> tuple[Schemas, Schemas]:
    """Return the schemas in files, and the schemas derived from the blueprint."""
    files = reading.attempt(
        lambda: schemas.read_schemas(schema_folder, display_path(schema_folder)), Schemas()
    )
    derived = reading.attempt(lambda: schemas.derive(reading.api), Schemas())
    return files, derived


def _schemas_in_use(files: Schemas, derived: Schemas) -> Schemas:
    """Return the schema of each documented response: the one of its file, else the derived one."""
    return {key: files.get(key, schema) for key, schema in derived.items()}


def _schema_drift(files: Schemas, derived: Schemas) -> Iterator[str]:
    """Yield a warning for each difference between the files and the blueprint."""
    for operation_id, status in sorted(files.keys() | derived.keys()):
        key, name = (operation_id, status), schemas.file_name(operation_id, status)
        if key not in files:
            yield f"{name} is missing; using the schema from the blueprint (run `mockserver schemas` to write it)"
        elif key not in derived:
            yield f"{name} does not belong to a response of the blueprint; it is not used"
        elif files[key] != derived[key]:
            yield f"{name} differs from the blueprint; the file is used (see `mockserver schemas --check`)"


def _unused_files(reading: _Reading) -> Iterator[str]:
    """Yield a warning for each unknown file, unused lifecycle and missing record file: probably a typo."""
    for path in files_below(reading.folder):
        relative_path = path.relative_to(reading.folder)
        if len(relative_path.parts) == 1:
            is_known = relative_path.name in _FILES
        else:
            is_known = relative_path.parent.name in _FOLDERS and path.suffix == ".yaml"
        if path.is_file() and not is_known and path.suffix in (".yaml", ".yml", ".json"):
            expected = f"{', '.join(_FILES)}, or *.yaml in {' or '.join(_FOLDERS)}"
            yield f"{reading.display_name}/{relative_path}: unknown file, not read; expected {expected}"
    for name in (
        reading.lifecycles.keys() - reading.effects.collections.keys() - reading.collections.keys()
    ):
        file = f"{reading.display_name}/lifecycles.yaml"
        yield f"{file}: unknown collection {name!r} (not in effects.yaml); this lifecycle is not used"
    for name in reading.effects.collections:
        if name not in reading.collections:
            yield f"{reading.display_name}/records/{name}.yaml: no such file; the collection is empty"


def _read_fixtures(reading: _Reading) -> None:
    """Read effects, lifecycles, records, tokens and scenarios, as far as they exist: all are optional."""
    folder, api, name = reading.folder, reading.api, reading.display_name
    recipes, tokens = folder / "recipes.yaml", folder / "tokens.yaml"
    _read_rules(reading)
    if (folder / "records").is_dir():
        reading.collections = reading.attempt(lambda: read_collections(folder, name), {})
    if recipes.exists():
        reading.now = reading.attempt(lambda: read_now(recipes, f"{name}/recipes.yaml"), "")
    if tokens.exists():
        reading.tokens = reading.attempt(
            lambda: read_tokens(tokens, f"{name}/tokens.yaml", api), {}
        )
    collections = reading.effects.collections if reading.config_valid else None
    reading.scenarios = reading.attempt(
        lambda: scenarios.read_scenarios(
            folder / "scenarios", f"{name}/scenarios", api, collections
        ),
        {},
    )


def _read_rules(reading: _Reading) -> None:
    """Read effects and lifecycles, as far as they exist."""
    effects_path = reading.folder / "effects.yaml"
    lifecycles_path = reading.folder / "lifecycles.yaml"
    error_count = len(reading.errors)
    if effects_path.exists():
        reading.effects = reading.attempt(lambda: _read_effects(reading, effects_path), Effects())
    if lifecycles_path.exists():
        reading.lifecycles = reading.attempt(
            lambda: lifecycles.read_lifecycles(
                lifecycles_path, f"{reading.display_name}/lifecycles.yaml"
            ),
            {},
        )
    reading.config_valid = len(reading.errors) == error_count


def collection_checks(schema_folder: Path, folder: Path) -> dict[str, RecordCheck]:
    """Return the check for the records of each collection of an API, by name.

    Raises `InvalidFiles` for an invalid blueprint, schema or effects file.
    """
    path = schema_folder / f"{schema_folder.name}.apib"
    api = blueprint.read_blueprint(path, display_path(path))
    reading = _Reading(api, folder, display_path(folder), [])
    files, derived = _read_schemas(reading, schema_folder)
    reading.api = schemas.with_examples(api)
    _read_rules(reading)
    served = tuple(_served_operations(reading, _schemas_in_use(files, derived), {}))
    if reading.errors:
        raise InvalidFiles(reading.errors)
    return {
        name: RecordCheck(rule, _item_schemas(served, name))
        for name, rule in reading.effects.collections.items()
    }


def _item_schemas(served: Iterable[ServedOperation], name: str) -> list[Mapping[str, Any]]:
    """Return the schemas of the responses that contain a record of a collection."""
    return [
        each.envelope.item_schema
        for each in served
        if each.effect.collection == name and each.envelope
    ]


def _read_effects(reading: _Reading, path: Path) -> Effects:
    reading.document = strict_yaml.read_yaml(path, f"{reading.display_name}/effects.yaml")
    return effects_file.read_effects(reading.document, reading.api)


def _collections(reading: _Reading, served: Iterable[ServedOperation]) -> dict[str, ShippedRecords]:
    """Return the records of each collection that operations use, by key; errors go to `reading`."""
    collections: dict[str, ShippedRecords] = {}
    for name, rule in reading.effects.collections.items():
        collection = reading.collections.get(name)
        if collection is None:
            collections[f"{reading.api.id}/{name}"] = ShippedRecords({})
            continue
        item_schemas, lifecycle = _item_schemas(served, name), reading.lifecycles.get(name)
        errors = [
            *record_errors(collection, rule, item_schemas, lifecycle, reading.now),
            *key_errors(collection, rule),
        ]
        if not errors:
            # Overrides of invalid records would report the same errors again.
            for scenario in reading.scenarios.values():
                members = scenario.records.get(name)
                if members:
                    errors += override_errors(
                        scenario, members, collection, rule, item_schemas, lifecycle, reading.now
                    )
        reading.errors += errors
        shipped = ShippedRecords({rule.key_of(record): record for record in collection.records})
        _prepare_lists(shipped, name, served)
        collections[f"{reading.api.id}/{name}"] = shipped
    return collections


def _prepare_lists(shipped: ShippedRecords, name: str, served: Iterable[ServedOperation]) -> None:
    """Index the fields by which the operations find records of a collection."""
    for each in served:
        if each.effect.collection == name and each.effect.kind == "list":
            parent = each.rule.parent if each.rule else None
            filtered = [*filter(None, [parent]), *each.effect.filter.values()]
            shipped.prepare(filtered, each.effect.search.values())


def _duplicate_ids(parts: list[Contract]) -> Iterator[FileError]:
    """Yield an error for each id in two APIs: scenarios and the admin API know operations by id alone."""
    owner: dict[str, str] = {}
    for part in parts:
        file = part.apis[0].file
        ids = [served.operation.id for served in part.served]
        for name in [*ids, *part.scenarios]:
            if owner.setdefault(name, file) != file:
                message = f"duplicate name {name} (already in {owner[name]}); expected another name"
                yield FileError(Position(file), message)


def _shared_routes(parts: list[Contract]) -> Iterator[FileError]:
    """Yield an error for each method and path that two APIs have, by equal or nested base paths."""
    owner: dict[tuple[str | None, ...], Api] = {}
    for served in (each for part in parts for each in part.served):
        # A variable is the empty text: two routes that differ only in its name are equal.
        segments = [
            "" if segment.variable else segment.literal for segment in served.template.segments
        ]
        route = (served.operation.method, *served.api.base_path.split("/")[1:], *segments)
        first = owner.setdefault(route, served.api)
        if first is not served.api:
            message = f"{served.operation.method} {served.route} is already an operation of {first.file}; expected another HOST"
            yield FileError(served.operation.position, message)


def _combine(parts: list[Contract]) -> Contract:
    """Return the contract of all APIs, with the scenarios that apply to all of them."""
    apis = tuple(api for part in parts for api in part.apis)
    served = tuple(served for part in parts for served in part.served)
    contract = Contract(apis, served, {}, {}, {}, {}, {}, ())
    for part in parts:
        contract = replace(
            contract,
            collections={**contract.collections, **part.collections},
            lifecycles={**contract.lifecycles, **part.lifecycles},
            scenarios={**contract.scenarios, **part.scenarios},
            tokens={**contract.tokens, **part.tokens},
            now={**contract.now, **part.now},
            warnings=(*contract.warnings, *part.warnings),
        )
    all_scenarios = {**contract.scenarios, **scenarios.fault_scenarios(apis)}
    warnings = (*contract.warnings, *ambiguities(served))
    return replace(contract, scenarios=all_scenarios, warnings=warnings)
