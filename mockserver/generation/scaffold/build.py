"""Create the two folders of an API from its blueprint, and prove them.

The proof loads the folders and sends each documented request. If an operation fails, its effect is
removed, and the proof starts again. The operation then returns its documented example.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from mockserver.contract import loader
from mockserver.contract.model import Contract
from mockserver.contract.record_types import Record
from mockserver.contract.records import Head, read_collections, render
from mockserver.errors import FileMessage, InvalidFiles
from mockserver.formats.files import display_path, write_text
from mockserver.formats.json_schema import Validator
from mockserver.generation import recipes, scaffold
from mockserver.generation.proof import Failure
from mockserver.generation.recipes import FAKER_VERSION
from mockserver.generation.scaffold import Draft, OperationDraft
from mockserver.spec import blueprint, schemas
from mockserver.spec.description import Api


@dataclass(frozen=True, slots=True)
class ScaffoldedApi:
    """The created API, with the draft that it is based on."""

    draft: Draft
    contract: Contract


def read_blueprint(path: Path) -> Api:
    """Return the API description of a blueprint, with all messages about it.

    Raises:
        InvalidFiles: No operation of the blueprint can be served.
    """
    api = blueprint.read_blueprint(path, display_path(path))
    invalid_examples = schemas.example_messages(api, schemas.derive(api))
    return replace(api, messages=(*api.messages, *invalid_examples))


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
        prove: Sends the documented requests of a contract, and returns the failures.

    Raises:
        InvalidFiles: The API cannot be served, or a documented request fails without an effect.
    """
    (schema_folder / f"{schema_folder.name}.apib").write_bytes(text)
    schemas.write(api, schema_folder)
    without: dict[str, str] = {}
    while True:
        draft = scaffold.draft(schemas.with_examples(api), schemas.derive(api), without)
        drafted = _DraftedFiles(draft, folder)
        try:
            drafted.write(api)
            contract = loader.load_contract(schema_folder.parent, folder.parent)
        except InvalidFiles as error:
            reasons = dict(drafted.invalid_operations(error.errors))
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


def _at_operation(api: Api, failure: Failure) -> FileMessage:
    """Return the error of a failure, at the position of the operation in the blueprint."""
    return replace(failure.problem, position=api.operation(failure.operation_id).position)


def _failure_reason(failure: Failure) -> str:
    return f"the documented request would fail: {failure.problem.message}"


class _DraftedFiles:
    """The files of a draft: effects, recipes, and the records that the recipes generate."""

    def __init__(self, draft: Draft, folder: Path) -> None:
        self._draft = draft
        self._folder = folder
        self._written = {
            "effects.yaml": scaffold.effects_file(draft),
            "recipes.yaml": scaffold.recipes_file(draft),
        }

    def write(self, api: Api) -> None:
        """Write all files, and remove records that an earlier draft has generated."""
        for name, file in self._written.items():
            write_text(self._folder / name, file.text)
        for path in self._folder.glob("records/*.yaml"):
            path.unlink()
        recipes_path = self._folder / "recipes.yaml"
        api_recipes = recipes.read_recipes(recipes_path, str(recipes_path))
        seed, locale = api_recipes.settings.seed, api_recipes.settings.locale
        for name, records in recipes.generate(api_recipes).items():
            count = api_recipes.settings.counts[name]
            head = Head(seed, count, locale, FAKER_VERSION, api.sha256)
            write_text(self._folder / "records" / f"{name}.yaml", render(records, head))

    def invalid_operations(self, errors: Iterable[FileMessage]) -> Iterator[tuple[str, str]]:
        """Yield the operations that cause these errors, each with the message."""
        for error in errors:
            name = self._entry_of(error)
            records = self._generated_records.get(name, ())
            for operation in _operations_for(self._draft, name, records):
                message = f"generated records would violate the blueprint: {error.message}"
                yield operation.id, message

    def _entry_of(self, error: FileMessage) -> str:
        """Return the operation or collection with an error; empty if it is neither's."""
        path = Path(error.position.file)
        if path.name in self._written:
            return self._written[path.name].entry_at(error.position.line)
        return path.stem if path.parent.name == "records" else ""

    @cached_property
    def _generated_records(self) -> Mapping[str, Sequence[Record]]:
        """The written records of each collection."""
        collections = read_collections(self._folder, str(self._folder))
        return {name: collection.records for name, collection in collections.items()}


def _operations_for(draft: Draft, name: str, records: Sequence[Record]) -> Iterator[OperationDraft]:
    """Yield the operation with this name, and the operations of the collection with this name.

    If some operations of the collection cannot show its records, only these are yielded.
    """
    users = [operation for operation in draft.operations if operation.collection == name]
    failing = [operation for operation in users if not _shows_all(operation, records)]
    for operation in draft.inferred:
        if operation.id == name:
            yield operation
    yield from failing or users


def _shows_all(operation: OperationDraft, records: Sequence[Record]) -> bool:
    """Return whether the response of an operation, if it has records, can show all of these."""
    if not operation.response:
        return True
    item = operation.response.item
    return all(_shows(item, record) for record in records)


def _shows(item: Mapping[str, Any], record: Record) -> bool:
    properties = item.get("properties", {})
    shown_members = {name: value for name, value in record.items() if name in properties}
    return Validator(dict(item)).accepts(shown_members)
