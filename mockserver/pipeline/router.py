"""Find the operation for a request's method, path and query.

Among URI templates that match, one with more literal segments wins. Among templates with equal
paths, the query decides: first the literal parts that the request has, then the required variables
that it has, then the number of its variables. If all are equal, the first one wins.
"""

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qsl

from mockserver.contract.model import ServedOperation
from mockserver.contract.routes import Match, Route, Segments, route_of
from mockserver.errors import MethodNotAllowed, UnknownOperation

MAX_CACHED_MATCHES = 1024
"""Requests whose match is cached."""

_Shape = tuple[bool, ...]
"""For each segment of a path, whether it is a variable."""
_ShapeRoutes = tuple[_Shape, dict[Segments, list[Route]]]
"""The routes with one shape, by their literal segments."""


class Router:
    """The operations of a contract, by path."""

    def __init__(self, served: Iterable[ServedOperation]) -> None:
        by_shape: dict[_Shape, dict[Segments, list[Route]]] = {}
        for operation in served:
            route = route_of(operation)
            shape = tuple(literal is None for literal in route.literals)
            literals = tuple(literal for literal in route.literals if literal is not None)
            routes_by_literals = by_shape.setdefault(shape, {})
            routes_by_literals.setdefault(literals, []).append(route)
        self._by_length: dict[int, list[_ShapeRoutes]] = {}
        # `False` sorts before `True`, so a literal comes before a variable, from left to right.
        for shape in sorted(by_shape):
            self._by_length.setdefault(len(shape), []).append((shape, by_shape[shape]))
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

        This takes one dictionary access for each shape, not for each route.
        """
        matching: list[Route] = []
        for shape, routes in self._by_length.get(len(segments), ()):
            candidates = routes.get(_literals_at(shape, segments))
            if candidates and candidates[0].matches(segments):
                matching += candidates
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
        rivals = [route for route in candidates if route.literals == first.literals]
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
        rivals = [route for route in matching if route.literals == matching[0].literals]
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


def served_methods(method: str) -> tuple[str, ...]:
    """Return the methods of operations that may serve a request. GET operations also serve HEAD."""
    if method == "HEAD":
        return ("HEAD", "GET")
    return (method,)


def _split(path: str, segments: Segments | None) -> Segments:
    if segments is None:
        return tuple(path.split("/")[1:])
    return segments


def _literals_at(shape: _Shape, segments: Segments) -> Segments:
    """Return the segments of a path that are literals in a shape."""
    literals = []
    for segment, is_variable in zip(segments, shape, strict=True):
        if not is_variable:
            literals.append(segment)
    return tuple(literals)
