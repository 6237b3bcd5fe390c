"""Group operations into collections, with a name and the key of a record."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.formats import uri_template
from mockserver.formats.files import RESERVED_NAMES
from mockserver.generation.scaffold.conventions import KEYS, first_match, singular, snake_case
from mockserver.generation.scaffold.responses import ResponseShape, merge_members, response_of
from mockserver.spec.description import Api, Operation, Parameter
from mockserver.spec.schemas import Schemas


@dataclass(frozen=True, slots=True)
class PathPosition:
    """The collection part of the path of an operation."""

    pattern: str
    """The path of the collection, each variable as `{}`.

    Operations with the same pattern share a collection.
    """
    literals: tuple[str, ...]
    """The literal segments of that path; the last one names the collection."""
    key: str | None
    """The variable with the key of a record; `None` for the collection itself."""
    parent: str | None
    """The last variable before it; `None` without one."""
    parent_literal: str = ""
    """The literal segment before this variable, which names the parents."""

    @property
    def is_collection(self) -> bool:
        """Whether the path is that of the collection, and not of one record."""
        return self.key is None


def position_of(operation: Operation) -> PathPosition:
    """Return the path position of an operation.

    Raises:
        ValueError: The path does not name a collection; the text has the reason.
    """
    template = uri_template.parse_template(operation.uri_template)
    segments = [segment for segment in template.segments if segment.literal != ""]
    key = None
    if segments and segments[-1].variable:
        key = segments.pop().variable
    if not segments or segments[-1].literal is None:
        raise ValueError(
            "the path does not name a collection; "
            "expected a literal segment, optionally followed by one variable"
        )
    pattern, parent, parent_literal = "", None, ""
    literals: list[str] = []
    for segment in segments:
        if segment.variable:
            parent, parent_literal = segment.variable, "".join(literals[-1:])
            pattern += "/{}"
        elif segment.literal is None:
            # A mixed segment, such as `v{version}`, is the same for all records.
            pattern += f"/{segment.display_text}"
        else:
            literals.append(segment.literal)
            pattern += f"/{segment.literal}"
    return PathPosition(pattern, tuple(literals), key, parent, parent_literal)


@dataclass(frozen=True, slots=True)
class InferredCollection:
    """A collection as inferred from its GET operations."""

    name: str
    key: str
    """The variable with the key of a record."""
    id_field: str
    """The member of a record that is compared with the key."""
    pattern: str
    """The path of the collection, each variable as `{}`."""
    parent: str | None
    """The path variable with the key of the parent record; `None` without one."""
    parent_field: str | None
    """The member of a record with that key; `None` without a parent."""
    responses: Mapping[str, ResponseShape]
    """Operation id to response shape, for each GET that returns records; the list comes first."""
    parameters: Mapping[str, Parameter]
    """The path variables of the collection."""
    example_keys: tuple[Any, ...]
    """The documented values of the key variable, in any operation."""

    @property
    def parent_pattern(self) -> str:
        """The path of the collection of the parents."""
        return self.pattern.rpartition("/{}/")[0]

    @property
    def members(self) -> dict[str, Any]:
        """The schema of each member that a GET returns."""
        return merge_members(self.responses.values())


Positions = Mapping[str, PathPosition]
"""Operation id to its path position, for operations that have one."""
Reads = list[tuple[Operation, ResponseShape]]
"""GET operations, each with the shape of its response."""


def operation_paths(api: Api) -> tuple[dict[str, PathPosition], dict[str, str]]:
    """Return the path position of each operation by id, and the reasons of those without one."""
    positions: dict[str, PathPosition] = {}
    reasons: dict[str, str] = {}
    for operation in api.operations:
        try:
            positions[operation.id] = position_of(operation)
        except ValueError as error:
            reasons[operation.id] = str(error)
    return positions, reasons


def infer_collections(
    api: Api, derived: Schemas, positions: Positions, without: Iterable[str]
) -> tuple[dict[str, InferredCollection], dict[str, str]]:
    """Infer the collections of an API from its GET operations.

    Args:
        api: The API description.
        derived: Its JSON Schemas.
        positions: The path positions of its operations.
        without: The ids of operations that get no effect.

    Returns:
        The collections, by path pattern, and the reasons of GET operations without one, by id.
    """
    ids = positions.keys() - set(without)
    reasons: dict[str, str] = {}
    reads_of: dict[str, Reads] = {}
    for operation in api.operations:
        if operation.method != "GET" or operation.id not in ids:
            continue
        position = positions[operation.id]
        try:
            schema = derived.get((operation.id, operation.success_status or 0))
            response = response_of(operation, schema, position.is_collection, position.literals[-1])
            reads_of.setdefault(position.pattern, []).append((operation, response))
        except ValueError as error:
            reasons[operation.id] = str(error)
    names = set(RESERVED_NAMES)
    collections: dict[str, InferredCollection] = {}
    operations_of = _operations_by_pattern(api, positions)
    for pattern, reads in reads_of.items():
        name = _unused_name(positions[reads[0][0].id].literals, names)
        names.add(name)
        collections[pattern] = _collection(operations_of[pattern], positions, name, reads)
    return collections, reasons


def _unused_name(segments: Sequence[str], used: Container[str]) -> str:
    """Return a name for a collection: the last segment, if needed with earlier ones or a number."""
    name = ""
    for length in range(1, len(segments) + 1):
        words = filter(None, map(snake_case, segments[-length:]))
        name = "_".join(words) or "records"
        if name not in used:
            return name
    number = 2
    while f"{name}_{number}" in used:
        number += 1
    return f"{name}_{number}"


def _operations_by_pattern(api: Api, positions: Positions) -> dict[str, list[Operation]]:
    """Return the operations of each path pattern, in the order of the blueprint."""
    operations_of: dict[str, list[Operation]] = {}
    for operation in api.operations:
        if operation.id in positions:
            operations_of.setdefault(positions[operation.id].pattern, []).append(operation)
    return operations_of


def _collection(
    operations: Iterable[Operation], positions: Positions, name: str, reads: Reads
) -> InferredCollection:
    """Merge the operations of one pattern: first the list, then other GETs, then the rest."""
    reads = sorted(reads, key=lambda read: not positions[read[0].id].is_collection)
    reading = [operation for operation, _ in reads]
    read_ids = {operation.id for operation in reading}
    operations = [*reading, *(each for each in operations if each.id not in read_ids)]
    keys = [positions[operation.id].key for operation in operations]
    key = next(filter(None, keys), f"{singular(name)}_id")
    parameters: dict[str, Parameter] = {}
    example_keys: dict[Any, None] = {}
    for variable in _path_variables(operations):
        parameters.setdefault(variable.name, variable)
        if variable.name == key and variable.example is not None:
            example_keys[variable.example] = None
    first_read, _ = reads[0]
    _, last_response = reads[-1]
    id_field = _id_field(key, name, last_response.members, parameters.get(key))
    members = merge_members(response for _, response in reads)
    position = positions[first_read.id]
    return InferredCollection(
        name,
        key,
        id_field,
        position.pattern,
        parent=position.parent,
        parent_field=_parent_field(position, id_field, members),
        responses={operation.id: response for operation, response in reads},
        parameters=parameters,
        example_keys=tuple(example_keys),
    )


def _path_variables(operations: Iterable[Operation]) -> Iterator[Parameter]:
    for operation in operations:
        for parameter in operation.parameters:
            if parameter.location == "path":
                yield parameter


def _parent_field(position: PathPosition, id_field: str, members: Mapping[str, Any]) -> str | None:
    """Return the member with the key of the parent: by the variable, or by the parents' name.

    Without such a member, it is an undocumented one. It differs from the key of the record itself.
    """
    if position.parent is None:
        return None
    by_name = f"{singular(snake_case(position.parent_literal))}_id"
    for candidate in (snake_case(position.parent), by_name):
        member = first_match(members, (candidate,))
        if member and member != id_field and _can_be_key(members[member], None):
            return member
    if position.parent in (*KEYS, id_field):
        return by_name
    return position.parent


def _id_field(
    variable: str, name: str, members: Mapping[str, Any], parameter: Parameter | None
) -> str:
    """Return the member for the variable: by its name, its last word, or a usual key.

    Without such a member, the key is an undocumented `id`.
    """
    last_word = snake_case(variable).rpartition("_")[2]
    candidates = (snake_case(variable), last_word, f"{singular(snake_case(name))}_id", *KEYS)
    for candidate in candidates:
        member = first_match(members, (candidate,))
        if member and _can_be_key(members[member], parameter):
            return member
    if "id" in members:
        return f"{snake_case(name)}_key"
    return "id"


def _can_be_key(schema: Mapping[str, Any], parameter: Parameter | None) -> bool:
    """Return whether values of this schema can be keys, and fit the type of the parameter."""
    if schema.get("type") in ("integer", "number"):
        return True
    if schema.get("type") != "string" or "enum" in schema:
        return False
    return parameter is None or parameter.type not in ("integer", "number")
