"""Load the contract of all APIs from the folders of schemas and fixtures.

All files are read and checked, and all errors are reported at once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from mockserver.contract import scenarios
from mockserver.contract.api_loader import load_api
from mockserver.contract.lifecycles import Lifecycle
from mockserver.contract.model import Contract, ServedOperation
from mockserver.contract.routes import ambiguities
from mockserver.contract.scenarios.folders import misplaced_errors, scenario_folders
from mockserver.contract.scenarios.scenario import Scenario
from mockserver.contract.shipped_records import ShippedRecords
from mockserver.contract.tokens import TokenFeatures
from mockserver.errors import FileMessage, InvalidFiles, Position
from mockserver.formats.files import display_path, visible_paths
from mockserver.formats.uri_segment import Form
from mockserver.spec import other_formats
from mockserver.spec.description import Api

_FOREIGN = (".yaml", ".yml", ".json", ".raml", ".html")
"""Suffixes of files that may be API descriptions in other formats."""


def load_contract(
    schemas_folder: Path, fixtures_folder: Path, scenarios_folder: Path | None = None
) -> Contract:
    """Read and check every API of the two folders.

    Args:
        schemas_folder: The folder of all schemas.
        fixtures_folder: The folder of all fixtures.
        scenarios_folder: The folder of more scenarios; `None` without one.

    Raises:
        InvalidFiles: At least one file is invalid. The exception has the errors of all files.
    """
    errors: list[FileMessage] = []
    names = list_apis(schemas_folder)
    if not names:
        errors += no_api_errors(schemas_folder)
    errors += misplaced_errors(scenarios_folder, names)
    loads: list[Callable[[], Contract]] = []
    for name in names:
        more = scenario_folders(scenarios_folder, name, names)
        loads.append(partial(load_api, schemas_folder / name, fixtures_folder / name, more=more))
    return _load(loads, errors)


def load_apis(
    apis: Sequence[Api],
    schemas_folder: Path,
    fixtures_folder: Path,
    scenarios_folder: Path | None = None,
) -> Contract:
    """Check APIs whose blueprints were read before.

    Args:
        apis: The API descriptions. The folders of each API have its id as their name.
        schemas_folder: The folder of all schemas.
        fixtures_folder: The folder of all fixtures.
        scenarios_folder: The folder of more scenarios; `None` without one.

    Raises:
        InvalidFiles: At least one file is invalid. The exception has the errors of all files.
    """
    names = [api.id for api in apis]
    loads: list[Callable[[], Contract]] = []
    for api in apis:
        more = scenario_folders(scenarios_folder, api.id, names)
        folders = schemas_folder / api.id, fixtures_folder / api.id
        loads.append(partial(load_api, *folders, api, more=more))
    return _load(loads, list(misplaced_errors(scenarios_folder, names)))


def _load(loads: Iterable[Callable[[], Contract]], errors: list[FileMessage]) -> Contract:
    """Load all APIs, and return their contract. Raise all errors at once."""
    parts: list[Contract] = []
    for load in loads:
        try:
            parts.append(load())
        except InvalidFiles as error:
            errors += error.errors
    if errors:
        raise InvalidFiles([*errors, *_conflicts(parts)])
    return combine(parts)


def combine(parts: Sequence[Contract]) -> Contract:
    """Return the contract of several APIs, each loaded as a contract.

    Raises:
        InvalidFiles: Two APIs have the same name of an operation or scenario, or the same route.
            The errors are about the later one.
    """
    errors = list(_conflicts(parts))
    if errors:
        raise InvalidFiles(errors)
    return _combine(parts)


def _conflicts(parts: Sequence[Contract]) -> Iterator[FileMessage]:
    yield from _duplicate_ids(parts)
    yield from _shared_routes(parts)


def list_apis(schemas_folder: Path) -> list[str]:
    """Return the names of the APIs: each sub-folder with a blueprint of the same name."""
    names: list[str] = []
    for folder in visible_paths(schemas_folder.glob("*")):
        if (folder / f"{folder.name}.apib").exists():
            names.append(folder.name)
    return names


def no_api_errors(schemas_folder: Path) -> Iterator[FileMessage]:
    """Yield errors for a folder without an API: for the folder, and for each misplaced file."""
    message = "no API found; expected a folder NAME with the blueprint NAME.apib"
    yield FileMessage(Position(display_path(schemas_folder)), message)
    for path in sorted([*schemas_folder.glob("*"), *schemas_folder.glob("*/*")]):
        message = _misplaced_file_error(path)
        if message:
            yield FileMessage(Position(display_path(path)), message)


def _misplaced_file_error(path: Path) -> str:
    """Return the error of a file that looks like an API description; empty for other files."""
    if path.suffix == ".apib":
        return (
            "this blueprint is not in a folder of the same name; "
            f"move it to {path.stem}/{path.name}, or run `mockserver init`"
        )
    if path.is_file() and path.suffix in _FOREIGN:
        return other_formats.foreign_format_error(path.read_bytes()) or ""
    return ""


def _duplicate_ids(parts: Sequence[Contract]) -> Iterator[FileMessage]:
    """Yield an error for each name that two APIs have.

    Scenarios and the admin API identify operations by their id alone.
    """
    owner: dict[str, str] = {}
    for part in parts:
        file = part.apis[0].file
        ids = [served.operation.id for served in part.served]
        for name in [*ids, *part.scenarios]:
            if owner.setdefault(name, file) != file:
                message = (
                    f"duplicate name '{name}' (already in {owner[name]}); expected another name"
                )
                yield FileMessage(Position(file), message)


def _shared_routes(parts: Sequence[Contract]) -> Iterator[FileMessage]:
    """Yield an error for each method and path that two APIs have.

    Their base paths are equal, or one is within the other.
    """
    owner: dict[tuple[Form, ...], Api] = {}
    for part in parts:
        for served in part.served:
            first = owner.setdefault(_full_route(served), served.api)
            if first is not served.api:
                message = (
                    f"{served.operation.method} {served.route} is already an operation of "
                    f"{first.file}; expected another HOST"
                )
                yield FileMessage(served.operation.position, message)


def _full_route(served: ServedOperation) -> tuple[Form, ...]:
    """Return the method and the forms of the path's segments, with the base path."""
    base = served.api.base_path.split("/")[1:]
    return (served.operation.method, *base, *served.template.pattern)


def _combine(parts: Sequence[Contract]) -> Contract:
    """Return the contract of all APIs, with the scenarios that apply to all of them."""
    apis: list[Api] = []
    served: list[ServedOperation] = []
    collections: dict[str, ShippedRecords] = {}
    lifecycles: dict[str, Lifecycle] = {}
    all_scenarios: dict[str, Scenario] = {}
    tokens: dict[str, TokenFeatures] = {}
    now: dict[str, str] = {}
    messages: list[FileMessage] = []
    excluded: dict[str, str] = {}
    for part in parts:
        apis += part.apis
        served += part.served
        collections |= part.collections
        lifecycles |= part.lifecycles
        all_scenarios |= part.scenarios
        tokens |= part.tokens
        now |= part.now
        messages += part.messages
        excluded |= part.excluded
    all_scenarios |= scenarios.fault_scenarios(apis)
    messages += ambiguities(served)
    return Contract(
        apis=tuple(apis),
        served=tuple(served),
        collections=collections,
        lifecycles=lifecycles,
        scenarios=all_scenarios,
        tokens=tokens,
        now=now,
        messages=tuple(messages),
        excluded=excluded,
        parts=tuple(parts),
    )
