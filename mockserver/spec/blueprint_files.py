"""Read several blueprints: the files of one HOST are one API.

Types and models belong to their file. Ids of operations are unique in all APIs together. If two
files have the same method and path, the operation of the first file is served.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from mockserver.errors import FileMessage, InvalidFiles, Position
from mockserver.formats import uri_template
from mockserver.formats.files import RESERVED_NAMES, display_path, visible_paths
from mockserver.spec import blueprint
from mockserver.spec.blueprint import messages
from mockserver.spec.blueprint.operation_ids import slug, with_unique_ids
from mockserver.spec.description import Api, DataType, Operation

_MAX_ID = 64
"""Maximum length of an API's id, which is the name of a folder."""


@dataclass(frozen=True, slots=True)
class BlueprintFile:
    """A file that may be a blueprint."""

    path: Path
    named: bool
    """Whether the user named this file. Otherwise it is skipped if it has no operation."""


def read_apis(files: Sequence[BlueprintFile]) -> tuple[Api, ...]:
    """Read all files, and return an API for each HOST.

    Raises:
        InvalidFiles: A named file cannot be read, or no file has an operation that can be served.
    """
    parts: list[Api] = []
    errors: list[FileMessage] = []
    is_readable = True
    for file in files_to_read(files):
        try:
            parts.append(blueprint.read_blueprint(file.path, display_path(file.path)))
        except InvalidFiles as error:
            if file.named or is_reported(file, error.errors):
                errors += error.errors
            is_readable = is_readable and not _is_unreadable(file, error.errors)
    if not parts or not is_readable:
        raise InvalidFiles(errors or [no_operation(files)])
    parts[0] = replace(parts[0], messages=(*parts[0].messages, *errors))
    return merged_apis(parts)


def merged_apis(parts: Sequence[Api]) -> tuple[Api, ...]:
    """Return an API for each HOST of some files, which have at least one operation."""
    groups = _without_repeated_routes(_by_host(parts))
    apis = _without_empty([_merged(group) for group in groups])
    return tuple(_with_api_ids(_with_operation_ids(apis)))


def read_folder(folder: Path) -> Api:
    """Return the API of a folder: its blueprint of the same name, then its other blueprints.

    Raises:
        InvalidFiles: The blueprint of the same name cannot be read, or no operation can be served,
            or the blueprints have different HOSTs.
    """
    first = folder / f"{folder.name}.apib"
    others = [path for path in visible_paths(folder.glob("*.apib")) if path != first]
    if not others:
        return blueprint.read_blueprint(first, display_path(first))
    files = [BlueprintFile(path, named=False) for path in others]
    apis = read_apis([BlueprintFile(first, named=True), *files])
    errors: list[FileMessage] = []
    for api in apis[1:]:
        message = f"the HOST differs from {apis[0].file}; expected one HOST in a folder"
        errors.append(FileMessage(Position(api.file), message))
    if errors:
        raise InvalidFiles(errors)
    return replace(apis[0], id=folder.name)


def is_reported(file: BlueprintFile, errors: Iterable[FileMessage]) -> bool:
    """Return whether a file without an operation is more than prose."""
    codes = {error.code for error in errors if error.is_error}
    if file.path.suffix == ".apib" and "" in codes:
        return True  # it cannot be read
    return bool(codes - {"", messages.NO_OPERATION.code})


def _is_unreadable(file: BlueprintFile, errors: Iterable[FileMessage]) -> bool:
    """Return whether a named file is missing or has another format. Such a message has no code."""
    return file.named and any(not error.code for error in errors)


def no_operation(files: Sequence[BlueprintFile]) -> FileMessage:
    """Return the error of a folder or a pattern that selects prose only."""
    names = ", ".join(display_path(file.path) for file in files[:3])
    expected = "expected a heading such as `## List [GET /items]`"
    return FileMessage(Position(names, 0), f"no file has an operation; {expected}")


def files_to_read(files: Sequence[BlueprintFile]) -> Sequence[BlueprintFile]:
    """Return the files without those that another file includes, except named files."""
    if all(file.named for file in files):
        return files
    includes: dict[Path, set[Path]] = {}
    for file in files:
        includes[file.path.resolve()] = _included_paths(file)
    return [file for file in files if file.named or not _is_part(file.path.resolve(), includes)]


def _included_paths(file: BlueprintFile) -> set[Path]:
    """Return the files that a file includes, directly or not."""
    try:
        text = blueprint.read_text(file.path)
    except InvalidFiles:
        return set()
    return {path.resolve() for path in text.paths}


def _is_part(path: Path, includes: Mapping[Path, set[Path]]) -> bool:
    """Return whether another file includes a file. The first file of a cycle is not a part."""
    is_later = False
    for other, included in includes.items():
        if other == path:
            is_later = True
        elif path in included and not (is_later and other in includes[path]):
            return True
    return False


def _by_host(parts: Iterable[Api]) -> list[list[Api]]:
    """Return the files of each HOST, in order. Files without a HOST belong to the first HOST."""
    parts = list(parts)
    hosts = [_host(part) for part in parts if part.host]
    groups: dict[Host, list[Api]] = {}
    for part in parts:
        host = ("", "")
        if part.host:
            host = _host(part)
        elif hosts:
            host = hosts[0]
        groups.setdefault(host, []).append(part)
    return list(groups.values())


Host = tuple[str, str]
"""What makes two HOSTs differ: the name with its port, and the path."""


def _host(api: Api) -> Host:
    return urlsplit(api.host).netloc.lower(), api.base_path


def _merged(parts: Sequence[Api]) -> Api:
    """Return one API with the operations of all parts. The first part with a HOST describes it."""
    if len(parts) == 1:
        return parts[0]
    described = _described(parts)
    operations: list[Operation] = []
    all_messages: list[FileMessage] = []
    paths: list[Path] = []
    included: list[Path] = []
    types: dict[Position, DataType] = {}
    for part in parts:
        types |= part.types
        paths += part.parts
        operations += part.operations
        all_messages += part.messages
        included += part.included
    digests = "".join(part.sha256 for part in parts)
    return replace(
        described,
        operations=tuple(operations),
        messages=tuple(all_messages),
        refused=sum(part.refused for part in parts),
        parts=tuple(paths),
        included=tuple(included),
        types=types,
        sha256=sha256(digests.encode()).hexdigest(),
    )


def _described(parts: Sequence[Api]) -> Api:
    """Return the part that gives the API its name and HOST."""
    return next((part for part in parts if part.host), parts[0])


@dataclass(frozen=True, slots=True)
class _ServedRoute:
    """A method and path that is served, and where it is documented."""

    group: int
    part: Api
    operation: Operation


def _without_repeated_routes(groups: Iterable[Sequence[Api]]) -> list[list[Api]]:
    """Return the files without operations whose method and path an earlier file has."""
    earlier: dict[tuple[Hashable, ...], list[_ServedRoute]] = {}
    results: list[list[Api]] = []
    for group, parts in enumerate(groups):
        results.append([])
        for part in parts:
            kept: list[Operation] = []
            reports: list[FileMessage] = []
            for operation in part.operations:
                same_route = earlier.setdefault(_route(parts, operation), [])
                served = _ServedRoute(group, part, operation)
                first = _first_with_route(same_route, served)
                if first is None:
                    same_route.append(served)
                    kept.append(operation)
                else:
                    reports.append(_repeated(operation, first))
            messages_of_part = (*part.messages, *reports)
            results[-1].append(replace(part, operations=tuple(kept), messages=messages_of_part))
    return results


def _route(parts: Sequence[Api], operation: Operation) -> tuple[Hashable, ...]:
    """Return the method and the segments of the path, with `None` for each variable."""
    base_path = _described(parts).base_path
    template = uri_template.parse_template(operation.uri_template)
    return (operation.method, *base_path.split("/")[1:], *template.pattern)


def _first_with_route(same_route: Iterable[_ServedRoute], served: _ServedRoute) -> Operation | None:
    """Return the operation of another file that answers the same requests; `None` without one.

    The reader reports operations of the same file. In one API the query can decide.
    """
    for first in same_route:
        if first.part is served.part:
            continue
        is_same_api = first.group == served.group
        if not is_same_api or _query(first.operation) == _query(served.operation):
            return first.operation
    return None


def _query(operation: Operation) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    template = uri_template.parse_template(operation.uri_template)
    return frozenset(template.query), frozenset(template.fixed)


def _repeated(operation: Operation, first: Operation) -> FileMessage:
    name = f"{operation.method} {operation.uri_template}"
    place = f"{first.position.file}:{first.position.line}"
    text = f"duplicate action {name!r} (first defined at {place})"
    expected = "expected another method or path, or another HOST with another path"
    return messages.ROUTE_IN_TWO_FILES.message(operation.position, f"{text}; {expected}")


def _without_empty(apis: Sequence[Api]) -> list[Api]:
    """Return the APIs with operations. The first one gets the messages of the others."""
    served = [api for api in apis if api.operations]
    lost: list[FileMessage] = []
    for api in apis:
        if not api.operations:
            lost += api.messages
    served[0] = replace(served[0], messages=(*served[0].messages, *lost))
    return served


def _with_operation_ids(apis: Sequence[Api]) -> Iterator[Api]:
    """Yield the APIs with ids of operations that are unique in all of them."""
    operations: list[Operation] = []
    for api in apis:
        operations += api.operations
    numbered = iter(with_unique_ids(operations))
    for api in apis:
        yield replace(api, operations=tuple(next(numbered) for _ in api.operations))


def _with_api_ids(apis: Iterable[Api]) -> Iterator[Api]:
    """Yield the APIs with unique ids, which are names of folders."""
    used = set(RESERVED_NAMES)
    for api in apis:
        base = api_id(api.id) or "api"
        name, number = base, 2
        while name in used:
            name = f"{base}_{number}"
            number += 1
        used.add(name)
        yield replace(api, id=name)


def api_id(name: str) -> str:
    """Return a name of a file as the id of an API; empty if it has no letters and digits."""
    ascii_name = name.encode("ascii", "ignore").decode()
    return slug(ascii_name, _MAX_ID - 4).replace("-", "_")
