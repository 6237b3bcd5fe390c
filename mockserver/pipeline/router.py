"""Find the operation for a request's method, path and query.

Among URI templates that match, the segments are compared from the left: a text wins, then a mixed
segment such as `{id}.json`, a variable, and a rest such as `{+path}`. Among templates with equal
paths, the query decides: first the literal parts that the request has, then the required variables
that it has, then the number of its variables. If all are equal, the first one wins.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from mockserver.contract.model import ServedOperation
from mockserver.contract.routes import Match, Route, Segments, route_of
from mockserver.errors import MethodNotAllowed, UnknownOperation

MAX_CACHED_MATCHES = 1024
"""Requests whose match is cached."""

_Precedence = tuple[tuple[int, int], ...]


class _ShapeRoutes(NamedTuple):
    """The routes with one precedence."""

    literal_indexes: tuple[int, ...]
    """The segments that are texts."""
    routes: dict[Segments, list[list[Route]]]
    """The routes by their literal segments. Routes with the same forms are in one list."""


class Router:
    """The operations of a contract, by path."""

    def __init__(self, served: Iterable[ServedOperation]) -> None:
        by_precedence: dict[_Precedence, _ShapeRoutes] = {}
        rests: list[Route] = []
        for operation in served:
            route = route_of(operation)
            if route.has_rest:
                rests.append(route)
                continue
            precedence = route.precedence
            if precedence not in by_precedence:
                by_precedence[precedence] = _ShapeRoutes(_literal_indexes(route), {})
            literals = tuple([form for form in route.forms if isinstance(form, str)])
            _add_route(by_precedence[precedence].routes.setdefault(literals, []), route)
        self._by_length: dict[int, list[_ShapeRoutes]] = {}
        for precedence in sorted(by_precedence):
            self._by_length.setdefault(len(precedence), []).append(by_precedence[precedence])
        self._rests = tuple(sorted(rests, key=_precedence))
        self._cached_find = lru_cache(maxsize=MAX_CACHED_MATCHES)(self._find)
        self._cached_choose = lru_cache(maxsize=MAX_CACHED_MATCHES)(self._choose)

    def match(
        self, method: str, path: str, segments: Segments | None = None, query: str = ""
    ) -> Match:
        """Return the operation for a request. GET operations match HEAD, unless HEAD is documented.

        `segments` are the decoded segments of a path that contains a percent-encoded slash (RFC
        9110, section 9.3.2).

        Raises:
            UnknownOperation: no operation matches.
            MethodNotAllowed: the path has other methods. The problem lists the methods of all
                matching templates.
        """
        match = self._cached_find(method, path, segments)
        if match is None:
            return self._cached_choose(method, path, segments, query)
        return match

    def methods(self, path: str, segments: Segments | None = None) -> list[str]:
        """Return the sorted methods of a path, with HEAD and OPTIONS; empty for an unknown path."""
        routes = self._routes_of(_split(path, segments))
        methods = {route.served.operation.method for route in routes}
        if not methods:
            return []
        if "GET" in methods:
            methods.add("HEAD")
        return sorted(methods | {"OPTIONS"})

    def documents(self, method: str, path: str, segments: Segments | None = None) -> bool:
        """Return whether the blueprint documents this method for a path."""
        routes = self._routes_of(_split(path, segments))
        return any(route.served.operation.method == method for route in routes)

    def _routes_of(self, segments: Segments) -> list[Route]:
        """Return the routes whose path matches, the most literal path first.

        This takes one dictionary access for each shape, not for each route. Only routes with a
        rest are compared one by one.
        """
        matching: list[Route] = []
        for indexes, routes in self._by_length.get(len(segments), ()):
            literals = tuple([segments[index] for index in indexes])
            for candidates in routes.get(literals, ()):
                if candidates[0].matches(segments):
                    matching += candidates
        if self._rests:
            matching += [route for route in self._rests if route.matches(segments)]
            matching.sort(key=_precedence)
        return matching

    def _candidates(self, method: str, segments: Segments) -> list[Route]:
        """Return the routes for a method and path, the most literal path first."""
        routes = self._routes_of(segments)
        methods = served_methods(method)
        return [route for route in routes if route.served.operation.method in methods]

    def _find(self, method: str, path: str, encoded_segments: Segments | None) -> Match | None:
        """Return the operation that matches with any query; `None` if the query decides.

        Raises:
            UnknownOperation, MethodNotAllowed: no operation matches.
        """
        segments = _split(path, encoded_segments)
        candidates = self._candidates(method, segments)
        if not candidates:
            raise self._problem(method, path, encoded_segments)
        first = candidates[0]
        rivals = [route for route in candidates if route.forms == first.forms]
        if len(rivals) > 1 or first.fixed:
            return None
        return first.match(segments)

    def _choose(
        self, method: str, path: str, encoded_segments: Segments | None, query: str
    ) -> Match:
        """Return the operation that matches the query best.

        Raises:
            UnknownOperation: the request lacks the literal part of every query.
        """
        segments = _split(path, encoded_segments)
        pairs = set(parse_qsl(query, keep_blank_values=True))
        matching = [route for route in self._candidates(method, segments) if route.fixed <= pairs]
        if not matching:
            detail = f"no operation matches the path {path} without a query"
            if query:
                detail = f"no operation matches the path {path} with the query {query}"
            raise UnknownOperation(detail)
        names = {name for name, _ in pairs}
        rivals = [route for route in matching if route.forms == matching[0].forms]
        return min(rivals, key=lambda route: route.distance(method, names)).match(segments)

    def _problem(
        self, method: str, path: str, encoded_segments: Segments | None
    ) -> UnknownOperation | MethodNotAllowed:
        allowed = self.methods(path, encoded_segments)
        if not allowed:
            return UnknownOperation(f"no operation matches the path {path}")
        listed = ", ".join(allowed)
        detail = f"{path} supports {listed}, not {method}"
        return MethodNotAllowed(detail, {"allowed": allowed}, (("Allow", listed),))


def _literal_indexes(route: Route) -> tuple[int, ...]:
    return tuple(index for index, form in enumerate(route.forms) if isinstance(form, str))


def _add_route(same_literals: list[list[Route]], route: Route) -> None:
    """Add a route to those with the same forms."""
    for routes in same_literals:
        if routes[0].forms == route.forms:
            routes.append(route)
            return
    same_literals.append([route])


def _precedence(route: Route) -> _Precedence:
    return route.precedence


def served_methods(method: str) -> tuple[str, ...]:
    """Return the methods of operations that may serve a request. GET operations also serve HEAD."""
    if method == "HEAD":
        return ("HEAD", "GET")
    return (method,)


def _split(path: str, segments: Segments | None) -> Segments:
    if segments is None:
        return tuple(path.split("/")[1:])
    return segments
