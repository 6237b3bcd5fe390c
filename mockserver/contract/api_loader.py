"""Load one API from its folders of schemas and fixtures, and check its parts together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from mockserver.contract import effects_file, lifecycles, scenarios
from mockserver.contract.api_reading import ApiReading
from mockserver.contract.effects import Effects, RecordLocator
from mockserver.contract.load_warnings import (
    missing_records,
    schema_drift,
    unused_files,
    unused_lifecycles,
)
from mockserver.contract.model import Contract, ServedOperation
from mockserver.contract.operations import served_operations
from mockserver.contract.record_checks import (
    RecordCheck,
    key_errors,
    override_errors,
    record_errors,
)
from mockserver.contract.records import Collection, read_collections, read_now
from mockserver.contract.routes import ambiguities
from mockserver.contract.scenarios.folders import ScenarioFolder, duplicate_errors
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.contract.shipped_records import ShippedRecords
from mockserver.contract.tokens import read_tokens
from mockserver.errors import FileMessage, InvalidFiles, Position
from mockserver.formats import strict_yaml
from mockserver.formats.files import display_path, invalid_name
from mockserver.spec import blueprint_files, schemas
from mockserver.spec.description import Api
from mockserver.spec.locations import with_local_urls
from mockserver.spec.schemas import Schemas


def load_api(
    schema_folder: Path,
    folder: Path,
    description: Api | None = None,
    more: Sequence[ScenarioFolder] = (),
) -> Contract:
    """Read and check one API.

    Args:
        schema_folder: The folder of the blueprint and its schemas.
        folder: The folder of the fixtures.
        description: The API description. Default: the one of the blueprint in the folder.
        more: The folders of more scenarios.

    Raises:
        InvalidFiles: At least one file is invalid. The exception has the errors of all files.
    """
    reading = _start(description or _read_blueprint(schema_folder), folder)
    request_schemas = schemas.derive_requests(reading.api)
    files, derived = _read_schemas(reading, schema_folder)
    in_use = _schemas_in_use(files, derived)
    reading.api = with_local_urls(schemas.with_examples(reading.api))
    _read_fixtures(reading, more)
    served = tuple(served_operations(reading, in_use, request_schemas))
    collections = _collections(reading, served)
    excluded = _read_exclusions(reading, served)
    api = reading.api
    if reading.errors:
        raise InvalidFiles([*reading.errors, *api.messages, *unused_files(reading)])
    messages = (
        *api.messages,
        *schema_drift(display_path(schema_folder), files, derived),
        *_example_messages(reading, served, in_use),
        *unused_files(reading),
        *unused_lifecycles(reading),
        *missing_records(reading),
    )
    return Contract(
        apis=(api,),
        served=served,
        collections=collections,
        lifecycles={f"{api.id}/{name}": value for name, value in reading.lifecycles.items()},
        scenarios={**scenarios.response_scenarios(api), **reading.scenarios},
        tokens=reading.tokens,
        now={api.id: reading.now},
        messages=messages,
        excluded=excluded,
    )


def blueprint_messages(api: Api) -> Iterator[FileMessage]:
    """Yield all messages about a blueprint, without schema files and fixtures."""
    derived = schemas.derive(api)
    reading = ApiReading(schemas.with_examples(api), Path(), api.file)
    served = tuple(served_operations(reading, derived, {}))
    yield from api.messages
    yield from _example_messages(reading, served, derived)
    yield from ambiguities(served)


def collection_checks(schema_folder: Path, folder: Path) -> dict[str, RecordCheck]:
    """Return the check for the records of each collection of an API, by name.

    Args:
        schema_folder: The folder of the blueprint and its schemas.
        folder: The folder of the fixtures.

    Raises:
        InvalidFiles: The blueprint, a schema, the effects or the lifecycles are invalid.
    """
    reading = _start(_read_blueprint(schema_folder), folder)
    files, derived = _read_schemas(reading, schema_folder)
    reading.api = schemas.with_examples(reading.api)
    _read_rules(reading)
    served = tuple(served_operations(reading, _schemas_in_use(files, derived), {}))
    if reading.errors:
        raise InvalidFiles(reading.errors)
    checks: dict[str, RecordCheck] = {}
    for name, rule in reading.effects.collections.items():
        checks[name] = RecordCheck(rule, _item_schemas(served, name))
    return checks


def _start(api: Api, folder: Path) -> ApiReading:
    return ApiReading(api, folder, display_path(folder))


def _read_blueprint(schema_folder: Path) -> Api:
    path = schema_folder / f"{schema_folder.name}.apib"
    name_error = invalid_name(path.name)
    if name_error:
        raise InvalidFiles([FileMessage(Position(display_path(path)), name_error)])
    return blueprint_files.read_folder(schema_folder)


def _read_schemas(reading: ApiReading, schema_folder: Path) -> tuple[Schemas, Schemas]:
    """Return the schemas in files, and the schemas derived from the blueprint."""
    name = display_path(schema_folder)
    files = reading.attempt(lambda: schemas.read_schemas(schema_folder, name), Schemas())
    return files, schemas.derive(reading.api)


def _schemas_in_use(files: Schemas, derived: Schemas) -> Schemas:
    """Return the schema of each documented response: the one of its file, else the derived one."""
    return {key: files.get(key, schema) for key, schema in derived.items()}


def _read_fixtures(reading: ApiReading, more: Sequence[ScenarioFolder]) -> None:
    """Read effects, lifecycles, records, tokens and scenarios. All are optional."""
    folder, api, name = reading.folder, reading.api, reading.display_name
    recipes = folder / "recipes.yaml"
    tokens = folder / "tokens.yaml"
    _read_rules(reading)
    if (folder / "records").is_dir():
        reading.collections = reading.attempt(lambda: read_collections(folder, name), {})
    if recipes.exists():
        reading.now = reading.attempt(lambda: read_now(recipes, f"{name}/recipes.yaml"), "")
    if tokens.exists():
        reading.tokens = reading.attempt(
            lambda: read_tokens(tokens, f"{name}/tokens.yaml", api), {}
        )
    _read_scenarios(reading, [ScenarioFolder(folder / "scenarios", f"{name}/scenarios"), *more])


def _read_scenarios(reading: ApiReading, folders: Sequence[ScenarioFolder]) -> None:
    effects: Effects | None = None
    if reading.config_valid:
        effects = reading.effects
    reading.errors += duplicate_errors(folders)
    unread: dict[str, Scenario] = {}
    for folder in folders:
        read = partial(scenarios.read_scenarios, *folder, reading.api, effects)
        reading.scenarios |= reading.attempt(read, unread)


def _read_exclusions(reading: ApiReading, served: tuple[ServedOperation, ...]) -> dict[str, str]:
    """Return the items that need no coverage, if the file exists."""
    path = reading.folder / "coverage.yaml"
    if not path.exists():
        return {}
    # Only an API with this file needs its items at the start.
    from mockserver.contract.coverage.exclusions import read_exclusions  # noqa: PLC0415

    operations: tuple[ServedOperation, ...] | None = served
    if reading.errors:
        # An error of another file can remove items.
        operations = None
    name = f"{reading.display_name}/coverage.yaml"
    return reading.attempt(lambda: read_exclusions(path, name, operations, reading.scenarios), {})


def _read_rules(reading: ApiReading) -> None:
    """Read effects and lifecycles, as far as they exist."""
    effects_path = reading.folder / "effects.yaml"
    lifecycles_path = reading.folder / "lifecycles.yaml"
    lifecycles_name = f"{reading.display_name}/lifecycles.yaml"
    error_count = len(reading.errors)
    if effects_path.exists():
        reading.effects = reading.attempt(lambda: _read_effects(reading, effects_path), Effects())
    if lifecycles_path.exists():
        reading.lifecycles = reading.attempt(
            lambda: lifecycles.read_lifecycles(lifecycles_path, lifecycles_name), {}
        )
    reading.config_valid = len(reading.errors) == error_count


def _read_effects(reading: ApiReading, path: Path) -> Effects:
    reading.document = strict_yaml.read_yaml(path, f"{reading.display_name}/effects.yaml")
    return effects_file.read_effects(reading.document, reading.api)


def _collections(
    reading: ApiReading, served: Iterable[ServedOperation]
) -> dict[str, ShippedRecords]:
    """Return the records of each collection that operations use; errors go to `reading`."""
    collections: dict[str, ShippedRecords] = {}
    for name, rule in reading.effects.collections.items():
        shipped = ShippedRecords({})
        collection = reading.collections.get(name)
        if collection is not None:
            reading.errors += _collection_errors(reading, served, rule, collection)
            shipped = ShippedRecords({rule.key_of(record): record for record in collection.records})
            _prepare_lists(shipped, name, served)
        collections[f"{reading.api.id}/{name}"] = shipped
    return collections


def _collection_errors(
    reading: ApiReading,
    served: Iterable[ServedOperation],
    rule: RecordLocator,
    collection: Collection,
) -> list[FileMessage]:
    """Return the errors of a collection's records, else of the scenarios that override them."""
    lifecycle = reading.lifecycles.get(collection.name)
    item_schemas = _item_schemas(served, collection.name)
    errors = list(record_errors(collection, rule, item_schemas, lifecycle, reading.now))
    errors += key_errors(collection, rule)
    if errors:
        # Overrides of invalid records would report the same errors again.
        return errors
    for scenario in reading.scenarios.values():
        members = scenario.records.get(collection.name)
        if members:
            errors += override_errors(
                scenario, members, collection, rule, item_schemas, lifecycle, reading.now
            )
    return errors


def _item_schemas(served: Iterable[ServedOperation], name: str) -> list[Mapping[str, Any]]:
    """Return the schemas of the responses that contain a record of a collection."""
    item_schemas: list[Mapping[str, Any]] = []
    for operation in served:
        if operation.effect.collection == name and operation.envelope:
            item_schemas.append(operation.envelope.item_schema)
    return item_schemas


def _prepare_lists(shipped: ShippedRecords, name: str, served: Iterable[ServedOperation]) -> None:
    """Index the fields by which the operations find records of a collection."""
    for operation in served:
        effect = operation.effect
        if effect.collection != name or effect.kind != "list":
            continue
        filtered = list(effect.filter.values())
        if operation.rule and operation.rule.parent_member:
            filtered.append(operation.rule.parent_member)
        shipped.prepare(filtered, effect.search.values())


def _example_messages(
    reading: ApiReading, served: Iterable[ServedOperation], in_use: Schemas
) -> Iterator[FileMessage]:
    """Yield a warning for each missing example, and for each example that breaks its schema."""
    with_records: set[tuple[str, int | None]] = set()
    for operation in served:
        if operation.envelope:
            with_records.add((operation.operation.id, operation.operation.success_status))
    yield from schemas.missing_bodies(reading.api, in_use.keys() - with_records)
    yield from schemas.example_messages(reading.api, in_use)
