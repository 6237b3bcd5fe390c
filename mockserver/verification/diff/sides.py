"""The two sides of a comparison: API descriptions with the schemas that are served."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mockserver.errors import FileMessage, InvalidFiles, Position
from mockserver.formats.files import display_path
from mockserver.formats.json_equality import value_key
from mockserver.formats.json_schema import Schema
from mockserver.spec import schemas
from mockserver.spec.blueprint_files import read_folder
from mockserver.spec.description import Api
from mockserver.spec.schemas import Schemas
from mockserver.verification.diff.refusals import Refusal, refusals


@dataclass(frozen=True, slots=True, eq=False)
class DescribedApi:
    """One API of a side."""

    api: Api
    responses: Schemas
    """The schema in use for each response: the one of its file, else the derived one."""
    requests: Mapping[str, Schema]
    """By operation id."""
    schema_files: Mapping[tuple[str, int], str]
    """The files of schemas that differ from the blueprint, which has no position for them."""
    refused: tuple[Refusal, ...]
    """The operations and responses that the blueprint has, but that are not served."""


@dataclass(frozen=True, slots=True)
class Side:
    """OLD or NEW."""

    name: str
    """As the user named it: a file, a folder, or `REVISION:PATH`."""
    apis: tuple[DescribedApi, ...]
    shown: Callable[[Position], Position]
    """Return a position with the name of its file for people."""
    prefix: str = ""
    """The start of these names that is not part of a path: `main:`."""

    @property
    def messages(self) -> list[FileMessage]:
        """Return the messages about its blueprints."""
        messages: list[FileMessage] = []
        for described in self.apis:
            messages += described.api.messages
        return messages


def describe(api: Api, files: Schemas | None = None, folder: str = "") -> DescribedApi:
    """Return an API with its schemas.

    Args:
        api: The API description.
        files: The schemas in files, which replace those of the blueprint.
        folder: The name of the folder of these files.
    """
    responses = schemas.derive(api)
    schema_files: dict[tuple[str, int], str] = {}
    for key in responses:
        schema = (files or {}).get(key)
        if schema is not None and value_key(schema) != value_key(responses[key]):
            responses[key] = schema
            schema_files[key] = f"{folder}/{schemas.file_name(*key)}"
    requests = schemas.derive_requests(api)
    return DescribedApi(
        schemas.with_examples(api), responses, requests, schema_files, tuple(refusals(api))
    )


def described_folders(folders: Sequence[Path]) -> tuple[DescribedApi, ...]:
    """Read folders such as `schemas/API`: a blueprint of the same name, and schema files.

    Raises:
        InvalidFiles: At least one file is invalid. The exception has the errors of all files.
    """
    apis: list[DescribedApi] = []
    errors: list[FileMessage] = []
    for folder in folders:
        try:
            apis.append(_described_folder(folder))
        except InvalidFiles as error:
            errors += error.errors
    if errors:
        raise InvalidFiles(errors)
    return tuple(apis)


def _described_folder(folder: Path) -> DescribedApi:
    name = display_path(folder)
    errors: list[FileMessage] = []
    api: Api | None = None
    files = Schemas()
    try:
        api = read_folder(folder)
    except InvalidFiles as error:
        errors += error.errors
    try:
        files = schemas.read_schemas(folder, name)
    except InvalidFiles as error:
        errors += error.errors
    if errors or api is None:
        raise InvalidFiles(errors)
    return describe(api, files, name)


def described_apis(apis: Iterable[Api]) -> tuple[DescribedApi, ...]:
    """Return APIs that have no schema files."""
    return tuple(describe(api) for api in apis)
