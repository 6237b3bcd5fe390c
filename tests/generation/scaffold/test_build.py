"""`build` proves a created API, and removes the effects that fail, in a few rounds."""

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.blueprints import operation_text

from mockserver.cli.proof import prove_contract
from mockserver.contract import loader
from mockserver.contract.model import Contract
from mockserver.errors import FileMessage, Position
from mockserver.generation.proof import Failure
from mockserver.generation.scaffold import build
from mockserver.generation.scaffold.build import ScaffoldedApi
from mockserver.spec import blueprint
from mockserver.spec.description import Api

Prove = Callable[[Contract], list[Failure]]
BAD_REQUEST = """### Bad [POST /bad]

+ Request (application/json)
    + Attributes
        + n: 1 (number)
    + Body

            {"n": "x"}

+ Response 204

"""


def scaffolded(folder: Path, text: str, prove: Prove = prove_contract) -> ScaffoldedApi:
    source = folder / "a.apib"
    source.write_text(f"FORMAT: 1A\n\n# A\n\n## Things\n\n{text}")
    schema_folder, fixture_folder = folder / "schemas/a", folder / "fixtures/a"
    schema_folder.mkdir(parents=True)
    fixture_folder.mkdir(parents=True)
    api = blueprint.read_blueprint(source)
    return build.scaffold_api(api, schema_folder, fixture_folder, prove)


def test_records_are_checked_before_the_files_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading explains each violation of each record, which takes a second for some thousands."""
    loads = []
    load = loader.load_apis

    def counted_load(apis: list[Api], *folders: Path) -> Contract:
        loads.append(apis)
        return load(apis, *folders)

    monkeypatch.setattr(loader, "load_apis", counted_load)
    text = ""
    for number in range(20):
        path, more = f"/a{number}", f'"of": {{"x": 1, "y{number}": 2}}'
        text += operation_text(path, f'[{{"id": 1, {more}}}]', name=f"List {number}")
        text += operation_text(f"{path}/{{id}}", '{"id": 1, "of": {"x": 1}}', name=f"One {number}")
    draft = scaffolded(tmp_path, text).draft
    assert (len(draft.inferred), len(draft.not_inferred)) == (20, 20)
    assert len(loads) == 1


def failing(*operation_ids: str) -> Failure:
    return Failure(operation_ids[0], FileMessage(Position("a.apib"), "it fails"))


def test_all_operations_that_fail_in_one_proof_lose_their_effects_together(tmp_path: Path) -> None:
    proofs: list[Contract] = []

    def prove(contract: Contract) -> list[Failure]:
        proofs.append(contract)
        effects = [served for served in contract.served if served.effect.kind != "example"]
        return [failing(served.operation.id) for served in effects[1:]]

    text = "".join(operation_text(f"/a{n}", '[{"id": 1}]', name=f"List {n}") for n in range(6))
    draft = scaffolded(tmp_path, text, prove).draft
    assert len(proofs) == 2
    assert [operation.id for operation in draft.inferred] == ["list-0"]


def test_the_number_of_proofs_is_limited(tmp_path: Path) -> None:
    proofs: list[Contract] = []

    def prove(contract: Contract) -> list[Failure]:
        proofs.append(contract)
        effects = [served for served in contract.served if served.effect.kind != "example"]
        return [failing(served.operation.id) for served in effects[:1]]

    text = "".join(operation_text(f"/a{n}", '[{"id": 1}]', name=f"List {n}") for n in range(30))
    draft = scaffolded(tmp_path, text, prove).draft
    assert len(proofs) == 6
    assert not draft.inferred


def test_an_operation_that_fails_without_an_effect_does_not_refuse_the_others(
    tmp_path: Path,
) -> None:
    created = scaffolded(tmp_path, BAD_REQUEST + operation_text("/a", '[{"id": 1}]'))
    (failure,) = created.failures
    assert "the documented request POST /bad: the response is 400" in failure.problem.message
    assert failure.operation_id == "bad"
    kinds = [served.effect.kind for served in created.contract.served]
    assert kinds == ["example", "list"]
