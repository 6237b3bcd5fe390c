"""Generate the folders of APIs from their blueprints, and prove them as `mockserver init` does."""

from collections.abc import Sequence
from pathlib import Path

from mockserver.cli.proof import prove_contract
from mockserver.contract.loader import load_apis
from mockserver.contract.model import Contract
from mockserver.generation.proof import Failure
from mockserver.generation.scaffold.build import scaffold_api
from mockserver.spec.description import Api


def scaffold(
    apis: Sequence[Api],
    schemas_folder: Path,
    fixtures_folder: Path,
    scenarios_folder: Path | None = None,
) -> tuple[Contract, list[Failure]]:
    """Fill the two folders, and return the contract with the failures of its proof.

    Raises:
        InvalidFiles: An API cannot be served.
    """
    failures: list[Failure] = []
    for api in apis:
        schema_folder = schemas_folder / api.id
        folder = fixtures_folder / api.id
        schema_folder.mkdir(parents=True)
        folder.mkdir(parents=True)
        scaffolded = scaffold_api(api, schema_folder, folder, prove_contract)
        failures += scaffolded.failures
    contract = load_apis(apis, schemas_folder, fixtures_folder, scenarios_folder)
    return contract, failures
