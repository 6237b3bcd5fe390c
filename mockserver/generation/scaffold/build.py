"""Create the two folders of an API from its blueprint, and prove them: load them, and send each documented request.

If an operation fails, its effect is removed, and all is proven again. The operation then returns its documented example.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from mockserver.contract import loader
from mockserver.contract.model import Contract
from mockserver.contract.records import Head, read_collections, render
from mockserver.errors import FileError, InvalidFiles, run_all
from mockserver.formats.files import display_path, write_text
from mockserver.formats.json_schema import Validator
from mockserver.generation import recipes, scaffold
from mockserver.generation.proof import Failure
from mockserver.generation.recipes import FAKER_VERSION
from mockserver.generation.scaffold import Draft, OperationDraft
from mockserver.spec import blueprint, schemas
from mockserver.spec.description import Api

_ENTRY = re.compile(r"  (\S.*):(?: .*)?")
"""The first line of an entry in one of `_FORMS`, as `yaml_files` writes it."""
_FORMS = ("effects.yaml", "recipes.yaml")
"""The written files with an entry for each operation or collection."""


@dataclass(frozen=True, slots=True)
class ScaffoldedApi:
    """The created API, with the draft that it is based on."""

    draft: Draft
    contract: Contract


def read_blueprint(path: Path) -> Api:
    """Return the API description of a blueprint. Raises `InvalidFiles` with all errors that prevent serving."""
    api = blueprint.read_blueprint(path, display_path(path))
    derived, _ = run_all(lambda: schemas.derive(api), lambda: schemas.derive_requests(api))
    errors = schemas.example_errors(api, derived)
    if errors:
        raise InvalidFiles(errors)
    return api


def scaffold_api(
    api: Api,
    text: bytes,
    schema_folder: Path,
    folder: Path,
    prove: Callable[[Contract], list[Failure]],
) -> ScaffoldedApi:
    """Fill the two empty folders, and prove them.

    Args:
        api: The API description of the blueprint.
        text: The blueprint's bytes, which are copied.
        schema_folder: Where the blueprint and its schemas go.
        folder: Where the effects, recipes and records go.
        application_of: Creates the WSGI application for a contract.

    Raises:
        InvalidFiles: The API cannot be served, or a documented request fails even without an effect.
    """
    (schema_folder / f"{schema_folder.name}.apib").write_bytes(text)
    schemas.write(api, schema_folder)
    without: dict[str, str] = {}
    while True:
        draft = scaffold.draft(schemas.with_examples(api), schemas.derive(api), without)
        try:
            _write(draft, api, folder)
            contract = loader.load_contract(schema_folder.parent, folder.parent)
        except InvalidFiles as error:
            reasons = dict(_invalid_operations(draft, folder, error.errors))
            if reasons.keys() <= without.keys():
                raise
            without |= reasons
            continue
        failures = prove(contract)
        if not failures:
            return ScaffoldedApi(draft, contract)
        reasons = {failure.operation_id: _failure_reason(failure) for failure in failures}
        if reasons.keys() <= without.keys():
            raise InvalidFiles(_at_operation(api, failure) for failure in failures)
        without |= reasons


def _at_operation(api: Api, failure: Failure) -> FileError:
    """Return the error of a failure, at the position of the operation in the blueprint."""
    return replace(failure.problem, position=api.operation(failure.operation_id).position)


def _failure_reason(failure: Failure) -> str:
    return f"the documented request would fail: {failure.problem.message}"


def _write(draft: Draft, api: Api, folder: Path) -> None:
    """Write effects, recipes, and the records that these generate."""
    write_text(folder / "effects.yaml", scaffold.effects_text(draft))
    write_text(folder / "recipes.yaml", scaffold.recipes_text(draft))
    for path in folder.glob("records/*.yaml"):
        path.unlink()
    api_recipes = recipes.read_recipes(folder / "recipes.yaml", str(folder / "recipes.yaml"))
    settings = api_recipes.settings
    for name, records in recipes.generate(api_recipes).items():
        head = Head(
            settings.seed, settings.counts[name], settings.locale, FAKER_VERSION, api.sha256
        )
        write_text(folder / "records" / f"{name}.yaml", render(records, head))


def _invalid_operations(
    draft: Draft, folder: Path, errors: tuple[FileError, ...]
) -> Iterator[tuple[str, str]]:
    """Yield the operations that cause these errors, each with the message."""
    read_records = cache(lambda: read_collections(folder, str(folder)))
    for error in errors:
        path = Path(error.position.file)
        name = ""
        if path.name in _FORMS:
            name = _entry_at(folder / path.name, error.position.line)
        elif path.parent.name == "records":
            name = path.stem
        records: Sequence[Mapping[str, Any]] = ()
        if (folder / "records" / f"{name}.yaml").exists():
            records = read_records()[name].records
        yield from _operations_for(draft, name, records, error.message)


def _entry_at(path: Path, line: int) -> str:
    """Return the name of the operation or collection whose entry contains a line; empty without one.

    Only the lines count: the file may be invalid YAML.
    """
    for text in reversed(path.read_text().splitlines()[:line]):
        match = _ENTRY.fullmatch(text)
        if match:
            return match[1]
    return ""


def _operations_for(
    draft: Draft, name: str, records: Sequence[Mapping[str, Any]], message: str
) -> Iterator[tuple[str, str]]:
    """Yield the operation with this name, and the operations of the collection with this name.

    If some operations of the collection cannot show its records, only these are yielded.
    """
    named = [each for each in draft.operations if each.id == name and each.effect]
    candidates = [each for each in draft.operations if each.collection == name]
    failing = [each for each in candidates if not _shows_all(each, records)]
    for operation in named + (failing or candidates):
        yield operation.id, f"generated records would violate the blueprint: {message}"


def _shows_all(operation: OperationDraft, records: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether the response of an operation, if it has records, can show all of these."""
    if not operation.response:
        return True
    item = operation.response.item
    return all(_shows(item, record) for record in records)


def _shows(item: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    members = item.get("properties", {})
    return Validator(dict(item)).accepts(
        {name: value for name, value in record.items() if name in members}
    )
