"""Group operations into collections, with a name and the key of a record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.formats import uri_template
from mockserver.generation.scaffold.conventions import KEYS, singular, snake_case
from mockserver.generation.scaffold.responses import ResponseShape, response_of
from mockserver.spec.description import Api, Operation, Parameter
from mockserver.spec.schemas import Schemas


@dataclass(frozen=True, slots=True)
class PathPosition:
    """The collection part of the path of an operation."""

    pattern: str
    """The path of the collection, each variable as `{}`. Operations with the same pattern share a collection."""
    literals: tuple[str, ...]
    """The literal segments of that path; the last one names the collection."""
    key: str | None
    """The variable with the key of a record; `None` for the collection itself."""
    parent: str | None
    """The last variable before it; `None` without one."""

    @property
    def is_collection(self) -> bool:
        """Whether the path is that of the collection, and not of one record."""
        return self.key is None


def position_of(operation: Operation) -> PathPosition:
    """Return the path position of an operation. Raises `ValueError` with the reason if its path names no collection."""
    segments = [
        each
        for each in uri_template.parse_template(operation.uri_template).segments
        if each.literal != ""
    ]
    key = segments.pop().variable if segments and segments[-1].variable else None
    if not segments or segments[-1].literal is None:
        raise ValueError(
            "the path does not name a collection; expected a literal segment, optionally followed by one variable"
        )
    variables = [each.variable for each in segments if each.variable]
    literals = tuple(each.literal for each in segments if each.literal is not None)
    pattern = ""
    for segment in segments:
        pattern += "/{}" if segment.literal is None else f"/{segment.literal}"
    return PathPosition(pattern, literals, key, variables[-1] if variables else None)


@dataclass(frozen=True, slots=True)
class InferredCollection:
    """A collection as inferred from its GET operations."""

    name: str
    key: str
    """The variable with the key of a record."""
    id_field: str
    """The member of a record that is compared with the key."""
    parent: str | None
    """The path variable with the key of the parent record; `None` without one."""
    responses: Mapping[str, ResponseShape]
    """Operation id to response shape, for each GET that returns records; the list comes first."""
    parameters: Mapping[str, Parameter]
    """The path variables of the collection."""
    example_keys: tuple[Any, ...]
    """The documented values of the key variable, in any operation."""

    @property
    def members(self) -> dict[str, Any]:
        """The schema of each member that a GET returns."""
        responses = reversed(list(self.responses.values()))
        return {name: schema for response in responses for name, schema in response.members.items()}


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
    """Return the collections that a GET returns, by path pattern, and the reasons of other GET operations, by id.

    Args:
        api: The API description.
        derived: Its JSON Schemas.
        positions: The path positions of its operations.
        without: The ids of operations that get no effect.
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
    names = _names(
        {pattern: positions[reads[0][0].id].literals for pattern, reads in reads_of.items()}
    )
    collections: dict[str, InferredCollection] = {}
    for pattern, reads in reads_of.items():
        collections[pattern] = _collection(api, positions, pattern, names[pattern], reads)
    return collections, reasons


def _names(literals: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return a unique name for each pattern: its last segment, if needed with earlier segments or a number."""
    names: dict[str, str] = {}
    for pattern, segments in literals.items():
        candidates = []
        for length in range(1, len(segments) + 1):
            words = filter(None, map(snake_case, segments[-length:]))
            candidates.append("_".join(words) or "records")
        candidates += [f"{candidates[-1]}_{number}" for number in range(2, len(literals) + 2)]
        used = set(names.values())
        names[pattern] = next(name for name in candidates if name not in used)
    return names


def _collection(
    api: Api, positions: Positions, pattern: str, name: str, reads: Reads
) -> InferredCollection:
    """Merge the operations of one pattern: first the list, then other GETs, then the rest."""
    reads = sorted(reads, key=lambda read: not positions[read[0].id].is_collection)
    read_operations = [operation for operation, _ in reads]
    others = [
        each
        for each in api.operations
        if each.id in positions and positions[each.id].pattern == pattern
    ]
    operations = list(dict.fromkeys([*read_operations, *others]))
    keys = [positions[operation.id].key for operation in operations]
    key = next(filter(None, keys), f"{singular(name)}_id")
    variables = [
        each for operation in operations for each in operation.parameters if each.location == "path"
    ]
    parameters = {variable.name: variable for variable in reversed(variables)}
    last_response = reads[-1][1]
    id_field = _id_field(key, name, last_response.members, parameters.get(key))
    examples = [variable.example for variable in variables if variable.name == key]
    example_keys = dict.fromkeys(example for example in examples if example is not None)
    return InferredCollection(
        name,
        key,
        id_field,
        parent=positions[read_operations[0].id].parent,
        responses={operation.id: response for operation, response in reads},
        parameters=parameters,
        example_keys=tuple(example_keys),
    )


def _id_field(
    variable: str, name: str, members: Mapping[str, Any], parameter: Parameter | None
) -> str:
    """Return the member for the variable: by its name, its last word, or a usual key; else an undocumented `id`."""
    last = snake_case(variable).rpartition("_")[2]
    candidates = [snake_case(variable), last, f"{singular(snake_case(name))}_id", *KEYS]
    for candidate in candidates:
        match = next(
            (member for member in members if snake_case(member) == snake_case(candidate)), None
        )
        if match and _can_be_key(members[match], parameter):
            return match
    return "id" if "id" not in members else f"{snake_case(name)}_key"


def _can_be_key(schema: Mapping[str, Any], parameter: Parameter | None) -> bool:
    """Return whether values of this schema can be keys, and fit the type of the parameter."""
    numeric = schema.get("type") in ("integer", "number")
    is_number_parameter = parameter is not None and parameter.type in ("number", "integer")
    return numeric or (
        schema.get("type") == "string" and "enum" not in schema and not is_number_parameter
    )
