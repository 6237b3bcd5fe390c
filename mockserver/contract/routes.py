"""Routes: match requests to operations by their full path.

Routes that no query distinguishes are a warning.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mockserver.contract.model import ServedOperation
from mockserver.errors import FileMessage
from mockserver.spec.blueprint.messages import AMBIGUOUS_ROUTE

Segments = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """An operation, and the path variables as text."""

    served: ServedOperation
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """An operation with its full path from the server root."""

    served: ServedOperation
    literals: tuple[str | None, ...]
    """The segments of the path, `None` for a variable."""
    variables: tuple[str, ...]
    """The path variables, in order."""
    fixed: frozenset[tuple[str, str]]
    """The literal parts of the query."""
    required: frozenset[str]
    """The required query variables."""
    query: frozenset[str]
    """All query variables."""

    def matches(self, segments: Segments) -> bool:
        """Return whether a path with the same number of segments matches."""
        for segment, literal in zip(segments, self.literals, strict=True):
            if segment != literal and (literal is not None or segment == ""):
                return False
        return True

    def match(self, segments: Segments) -> Match:
        """Return the operation with the variables of a matching path."""
        values: list[str] = []
        for segment, literal in zip(segments, self.literals, strict=True):
            if literal is None:
                values.append(segment)
        return Match(self.served, dict(zip(self.variables, values, strict=True)))

    def distance(self, method: str, names: set[str]) -> tuple[int, ...]:
        """Return the distance to a request. The smallest is the best match.

        Args:
            method: The method of the request.
            names: Its query variables.
        """
        has_other_method = self.served.operation.method != method
        missing = self.required - names
        used = self.query & names
        unused = self.query - names
        return has_other_method, -len(self.fixed), len(missing), -len(used), len(unused)


def ambiguities(served: Iterable[ServedOperation]) -> Iterator[FileMessage]:
    """Yield a warning for each operation whose requests an earlier one may take."""
    by_path: dict[object, list[Route]] = {}
    for route in map(route_of, served):
        same_path = by_path.setdefault((route.served.operation.method, route.literals), [])
        for other in same_path:
            if _is_rival(other, route):
                yield _ambiguity(other, route)
                break
        same_path.append(route)


def _ambiguity(first: Route, second: Route) -> FileMessage:
    """Return the warning that an earlier route takes requests of a later one."""
    position = second.served.operation.position
    first_position = first.served.operation.position
    location = str(first_position)
    if first_position.file == position.file:
        location = f"line {first_position.line}"
    name = f"{second.served.operation.method} {second.served.route}"
    same = "matches the same queries as"
    if (second.query, second.fixed) == (first.query, first.fixed):
        same = "has the same route as"
    text = f"{name} {same} the action in {location}"
    return AMBIGUOUS_ROUTE.message(position, f"{text}; expected another path or query")


def _is_rival(first: Route, second: Route) -> bool:
    """Return whether a request can match two operations of one method and path equally well."""
    if (len(first.fixed), len(first.query)) != (len(second.fixed), len(second.query)):
        return False
    values = dict(first.fixed)
    return all(values.get(name, value) == value for name, value in second.fixed)


def route_of(served: ServedOperation) -> Route:
    """Return the route of an operation."""
    template = served.template
    query = [check.parameter for check in served.parameters if check.parameter.location == "query"]
    return Route(
        served,
        (*served.api.base_path.split("/")[1:], *template.pattern),
        template.path,
        frozenset(template.fixed),
        frozenset(parameter.name for parameter in query if parameter.required),
        frozenset(template.query),
    )
