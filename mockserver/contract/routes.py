"""Routes: an operation by its whole path, and which requests fit it. Routes that no query tells apart are a warning."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mockserver.contract.model import ServedOperation

Segments = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """An operation, and the path's variables as text."""

    served: ServedOperation
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """An operation by its whole path, from the server's root."""

    served: ServedOperation
    literals: tuple[str | None, ...]
    """The path's segments, `None` for a variable."""
    variables: tuple[str, ...]
    """The path's variables, in their order."""
    fixed: frozenset[tuple[str, str]]
    """The query's literal parts."""
    required: frozenset[str]
    """The query's variables that a request has to have."""
    query: frozenset[str]
    """All variables of the query."""

    def matches(self, segments: Segments) -> bool:
        """Return whether a path of as many segments is one of this template."""
        for segment, literal in zip(segments, self.literals, strict=True):
            if segment != literal and (literal is not None or segment == ""):
                return False
        return True

    def match(self, segments: Segments) -> Match:
        """Return the operation with the variables that a matching path has."""
        values = [value for value, literal in zip(segments, self.literals, strict=True) if literal is None]
        return Match(self.served, dict(zip(self.variables, values, strict=True)))

    def distance(self, method: str, names: set[str]) -> tuple[int, ...]:
        """Return how badly a request's method and query variables fit: the smallest is the best."""
        missing, unused = self.required - names, self.query - names
        other_method = self.served.operation.method != method
        return other_method, -len(self.fixed), len(missing), -len(self.query & names), len(unused)


def ambiguities(served: Iterable[ServedOperation]) -> Iterator[str]:
    """Yield a sentence, with file and line, for each operation whose requests another one before it may answer."""
    known: dict[object, list[Route]] = {}
    for route in map(route_of, served):
        alike = known.setdefault((route.served.operation.method, route.literals), [])
        rivals = [other for other in alike if _is_rival(other, route)]
        alike.append(route)
        for other in rivals[:1]:
            at, first = route.served.operation.position, other.served.operation.position
            place = f"line {first.line}" if first.file == at.file else str(first)
            head = f"{at}: {route.served.operation.method} {route.served.route}"
            if (route.query, route.fixed) == (other.query, other.fixed):
                yield f"{head} has the same route as the action in {place}; this one is never used"
            else:
                yield f"{head} matches the same queries as the action in {place}; that one is used for them"


def _is_rival(first: Route, second: Route) -> bool:
    """Return whether some request fits two operations of one method and path equally well."""
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
