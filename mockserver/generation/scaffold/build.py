"""Create the two folders of an API from its blueprint, and prove them.

The proof loads the folders and sends each documented request. The effects of all operations that
fail are removed together, and the proof is repeated. These operations return their documented
examples. The number of proofs is limited, so the time is proportional to the blueprint.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from mockserver.contract import loader
from mockserver.contract.model import Contract
from mockserver.contract.record_types import Record
from mockserver.contract.records import Head, render
from mockserver.errors import FileMessage, InvalidFiles
from mockserver.formats.files import write_text
from mockserver.formats.json_schema import Validator
from mockserver.generation import recipes, scaffold
from mockserver.generation.proof import Failure
from mockserver.generation.recipes import FAKER_VERSION
from mockserver.generation.scaffold import Draft, OperationDraft
from mockserver.spec import schemas
from mockserver.spec.description import Api

_SINGLE_REMOVALS = 3
"""The proofs after which only the effects of failing operations are removed.

The next proof removes the other effects of their collections too, and the one after it all effects.
"""

_INVALID_RECORD = "generated records would violate the blueprint: {}"


@dataclass(frozen=True, slots=True)
class ScaffoldedApi:
    """The created API, with the draft that it is based on."""

    draft: Draft
    contract: Contract
    failures: tuple[Failure, ...] = ()
    """The documented requests that fail in operations without an effect."""


def with_example_messages(api: Api) -> Api:
    """Return an API with messages about examples that break their schema."""
    invalid_examples = schemas.example_messages(api, schemas.derive(api))
    return replace(api, messages=(*api.messages, *invalid_examples))


def scaffold_api(
    api: Api,
    schema_folder: Path,
    folder: Path,
    prove: Callable[[Contract], list[Failure]],
) -> ScaffoldedApi:
    """Fill the two folders, and prove them. Their names are the id of the API.

    Args:
        api: The API description of the blueprint.
        schema_folder: Where the schemas go.
        folder: Where the effects, recipes and records go.
        prove: Sends the documented requests of a contract, and returns the failures.

    Raises:
        InvalidFiles: The API cannot be served, even without effects.
    """
    schemas.write(api, schema_folder)
    described, derived = schemas.with_examples(api), schemas.derive(api)
    without: dict[str, str] = {}
    proof_count = 0
    while True:
        draft = scaffold.draft(described, derived, without)
        proved = _prove_draft(api, draft, schema_folder.parent, folder, prove)
        proof_count += 1
        if isinstance(proved, ScaffoldedApi):
            return proved
        without |= _removals(draft, proved, proof_count)


def _prove_draft(
    api: Api,
    draft: Draft,
    schemas_folder: Path,
    folder: Path,
    prove: Callable[[Contract], list[Failure]],
) -> ScaffoldedApi | dict[str, str]:
    """Return the API of a draft, or the operations whose effects fail, each with the reason.

    Raises:
        InvalidFiles: The API cannot be served, and no effect is the cause.
    """
    drafted = _DraftedFiles(draft, folder)
    try:
        drafted.write(api)
        reasons = drafted.invalid_records()
        if reasons:
            return reasons
        contract = loader.load_apis([api], schemas_folder, folder.parent)
    except InvalidFiles as error:
        if not draft.inferred:
            raise
        return drafted.invalid_operations(error.errors)
    failures = prove(contract)
    with_effect = {operation.id for operation in draft.inferred}
    for failure in failures:
        if failure.operation_id in with_effect:
            reasons[failure.operation_id] = _failure_reason(failure)
    if reasons:
        return reasons
    return ScaffoldedApi(draft, contract, tuple(failures))


def _removals(draft: Draft, reasons: Mapping[str, str], proof_count: int) -> dict[str, str]:
    """Return the operations whose effects are removed after a proof, each with the reason."""
    removals = dict(reasons)
    if proof_count <= _SINGLE_REMOVALS:
        return removals
    failing = {operation.collection for operation in draft.inferred if operation.id in reasons}
    for operation in draft.inferred:
        if operation.collection in failing or proof_count > _SINGLE_REMOVALS + 1:
            reason = "the effects of related operations contradict the blueprint"
            removals.setdefault(operation.id, reason)
    return removals


def failure_message(api: Api, failure: Failure) -> FileMessage:
    """Return the message about a failure, at the position of the operation in the blueprint."""
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
        self._records: Mapping[str, Sequence[Record]] = {}

    def write(self, api: Api) -> None:
        """Write all files, and remove records that an earlier draft has generated.

        Raises:
            InvalidFiles: A recipe cannot generate its value.
        """
        for name, file in self._written.items():
            write_text(self._folder / name, file.text)
        for path in self._folder.glob("records/*.yaml"):
            path.unlink()
        recipes_path = self._folder / "recipes.yaml"
        api_recipes = recipes.read_recipes(recipes_path, str(recipes_path))
        seed, locale = api_recipes.settings.seed, api_recipes.settings.locale
        self._records = recipes.generate(api_recipes)
        for name, records in self._records.items():
            count = api_recipes.settings.counts[name]
            head = Head(seed, count, locale, FAKER_VERSION, api.sha256)
            write_text(self._folder / "records" / f"{name}.yaml", render(records, head))

    def invalid_records(self) -> dict[str, str]:
        """Return the operations whose responses cannot show a generated record, with the reason."""
        reasons: dict[str, str] = {}
        for operation in self._draft.inferred:
            violation = _violation(operation, self._records.get(operation.collection, ()))
            if violation:
                reasons[operation.id] = _INVALID_RECORD.format(violation)
        return reasons

    def invalid_operations(self, errors: Iterable[FileMessage]) -> dict[str, str]:
        """Return the operations that cause these errors, each with the first message.

        If an error belongs to no operation, all operations cause it.
        """
        reasons: dict[str, str] = {}
        for error in errors:
            reason = _INVALID_RECORD.format(error.message)
            for operation in self._operations_for(self._entry_of(error)):
                reasons.setdefault(operation.id, reason)
        return reasons

    def _entry_of(self, error: FileMessage) -> str:
        """Return the operation or collection with an error; empty if it is neither's."""
        path = Path(error.position.file)
        if path.name in self._written:
            return self._written[path.name].entry_at(error.position.line)
        return path.stem if path.parent.name == "records" else ""

    def _operations_for(self, entry: str) -> Sequence[OperationDraft]:
        """Return the operations with an effect that the error of an entry is about."""
        return self._causes.get(entry, self._draft.inferred)

    @cached_property
    def _causes(self) -> Mapping[str, Sequence[OperationDraft]]:
        """The operations of each entry: of an operation itself, and of a collection its users."""
        causes: dict[str, list[OperationDraft]] = {}
        for operation in self._draft.inferred:
            causes.setdefault(operation.collection, []).append(operation)
        for operation in self._draft.inferred:
            causes[operation.id] = [operation, *causes.get(operation.id, ())]
        return causes


def _violation(operation: OperationDraft, records: Sequence[Record]) -> str:
    """Return why the response of an operation cannot show one of these records; empty if it can."""
    if not operation.response:
        return ""
    item = operation.response.item
    properties = item.get("properties", {})
    validator = Validator(dict(item))
    for index, record in enumerate(records):
        shown_members = {name: value for name, value in record.items() if name in properties}
        if not validator.accepts(shown_members):
            violation = validator.violations(shown_members)[0]
            return f"/{index}{violation}"
    return ""
