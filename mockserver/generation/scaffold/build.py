"""An API's two folders, made of its blueprint alone and proven: loaded as `serve` would, and each operation asked once.

What an operation cannot keep loses it its effect: it then answers its example, and the draft says why.
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
from mockserver.generation.proof import Application, Failure, prove
from mockserver.generation.recipes import FAKER_VERSION
from mockserver.generation.scaffold import Draft
from mockserver.spec import blueprint, schemas
from mockserver.spec.description import Api

_ENTRY = re.compile(r"  (\S.*):(?: .*)?")
_FORMS = ("effects.yaml", "recipes.yaml")


@dataclass(frozen=True, slots=True)
class ScaffoldedApi:
    """The API that was made, and what was not inferred of it."""

    draft: Draft
    contract: Contract


def read_blueprint(path: Path) -> Api:
    """The API description of a blueprint. Raises `FaultsFound` with all that keeps it from being served."""
    api = blueprint.read_blueprint(path, display_path(path))
    derived, _ = run_all(lambda: schemas.derive(api), lambda: schemas.derive_requests(api))
    if faults := schemas.example_errors(api, derived):
        raise InvalidFiles(faults)
    return api


def scaffold_api(
    api: Api, text: bytes, schema_folder: Path, folder: Path, application_of: Callable[[Contract], Application]
) -> ScaffoldedApi:
    """Write the two folders, which are there and empty, and prove them.

    Args:
        api: The API description of the blueprint.
        text: The blueprint's bytes, which are copied.
        schema_folder: Where the blueprint and its schemas go.
        folder: Where the effects, recipes and records go.
        application_of: Makes the WSGI application that the contract is proven with.

    Raises:
        FaultsFound: The API cannot be served, or a documented request is not answered as documented, with any effect or none.
    """
    (schema_folder / f"{schema_folder.name}.apib").write_bytes(text)
    schemas.write(api, schema_folder)
    without: dict[str, str] = {}
    while True:
        draft = scaffold.draft(schemas.with_examples(api), schemas.derive(api), without)
        try:
            _write(draft, api, folder)
            contract = loader.load_contract(schema_folder.parent, folder.parent)
            failures = prove(contract, application_of(contract))
            broken = {each.operation_id: _refused(each) for each in failures}
        except InvalidFiles as error:
            contract, broken = None, dict(_invalid_operations(draft, folder, error.errors))
            if not broken.keys() - without.keys():
                raise
        if contract and not broken.keys() - without.keys():
            if broken:
                raise InvalidFiles(replace(each.problem, position=api.operation(each.operation_id).position) for each in failures)
            return ScaffoldedApi(draft, contract)
        without |= broken


def _refused(failure: Failure) -> str:
    return f"the documented request would fail: {failure.problem.message}"


def _write(draft: Draft, api: Api, folder: Path) -> None:
    """Effects, recipes, and the records that these make."""
    write_text(folder / "effects.yaml", scaffold.effects_text(draft))
    write_text(folder / "recipes.yaml", scaffold.recipes_text(draft))
    for path in folder.glob("records/*.yaml"):
        path.unlink()
    made = recipes.read_recipes(folder / "recipes.yaml", str(folder / "recipes.yaml"))
    for name, records in recipes.generate(made).items():
        own = made.settings
        head = Head(own.seed, own.counts[name], own.locale, FAKER_VERSION, api.sha256)
        write_text(folder / "records" / f"{name}.yaml", render(records, head))


def _invalid_operations(draft: Draft, folder: Path, faults: tuple[FileError, ...]) -> Iterator[tuple[str, str]]:
    """The operations that faults in what was inferred are of, each with the fault's message."""
    read_records = cache(lambda: read_collections(folder, str(folder)))
    for fault in faults:
        path = Path(fault.position.file)
        if path.name in _FORMS:
            lines = (folder / path.name).read_text().splitlines()[: fault.position.line]
            named = next((each[1] for line in reversed(lines) if (each := _ENTRY.fullmatch(line))), "")
        else:
            named = path.stem if path.parent.name == "records" else ""
        is_read = (folder / "records" / f"{named}.yaml").exists()
        yield from _operations_for(draft, named, read_records()[named].records if is_read else (), fault.message)


def _operations_for(draft: Draft, named: str, records: Sequence[Mapping[str, Any]], message: str) -> Iterator[tuple[str, str]]:
    """An operation itself; of a collection those that cannot show its records, else all of them."""
    own = [each for each in draft.operations if each.collection == named]
    guilty = [each for each in own if each.response and not all(_shows(each.response.item, record) for record in records)]
    operations = [each for each in draft.operations if each.id == named and each.effect] + (guilty or own)
    yield from ((each.id, f"generated records would violate the blueprint: {message}") for each in operations)


def _shows(item: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    members = item.get("properties", {})
    return Validator(dict(item)).accepts({name: value for name, value in record.items() if name in members})
