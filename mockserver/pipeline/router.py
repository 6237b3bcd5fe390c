"""From a request's method, path and query to the operation: URI templates, the more literal one first.

Templates with the same path are told apart by the query: the one whose literal parts the request has, else the one whose
required variables it has, else the one of whose variables it has most. Where all that is equal, the first one answers.
"""

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qsl

from mockserver.contract.model import ServedOperation
from mockserver.contract.routes import Match, Route, Segments, _route
from mockserver.errors import MethodNotAllowed, UnknownOperation

MAX_CACHED_MATCHES = 1024
"""Paths, and queries, whose reading is kept."""


class Router:
    """The operations of a contract, by path."""

    def __init__(self, served: Iterable[ServedOperation]) -> None:
        self._by_length: dict[int, list[Route]] = {}
        for each in served:
            route = _route(each)
            self._by_length.setdefault(len(route.literals), []).append(route)
        for routes in self._by_length.values():
            # A literal goes before a variable, segment by segment from the left.
            routes.sort(key=lambda route: [literal is None for literal in route.literals])
        self._cached_find = lru_cache(maxsize=MAX_CACHED_MATCHES)(self._find)
        self._cached_choose = lru_cache(maxsize=MAX_CACHED_MATCHES)(self._choose)

    def match(self, method: str, path: str, segments: Segments | None = None, query: str = "") -> Match:
        """Return the operation that answers. HEAD is answered by what answers GET, unless it is documented itself.

        `segments` are the decoded parts of a path in which a slash was percent-encoded (RFC 9110, section 9.3.2).

        Raises `UnknownOperation`, or `MethodNotAllowed` with the union of the methods of all templates that fit.
        """
        return self._cached_find(method, path, segments) or self._cached_choose(method, path, segments, query)

    def methods(self, path: str, segments: Segments | None = None) -> list[str]:
        """Return the methods of a path, sorted, with HEAD and OPTIONS; empty for a path that no template fits."""
        methods = {route.served.operation.method for route in self._fitting(_split(path, segments))}
        if not methods:
            return []
        heads = {"HEAD"} if "GET" in methods else set()
        return sorted(methods | heads | {"OPTIONS"})

    def documents(self, method: str, path: str, segments: Segments | None = None) -> bool:
        """Return whether the blueprint itself has this method for a path."""
        return any(route.served.operation.method == method for route in self._fitting(_split(path, segments)))

    def _fitting(self, segments: Segments) -> list[Route]:
        return [route for route in self._by_length.get(len(segments), ()) if route.matches(segments)]

    def _candidates(self, method: str, segments: Segments) -> list[Route]:
        """Return the operations that may answer, the most literal path first."""
        methods = ("HEAD", "GET") if method == "HEAD" else (method,)
        return [route for route in self._fitting(segments) if route.served.operation.method in methods]

    def _find(self, method: str, path: str, given: Segments | None) -> Match | None:
        """Return the operation that answers whatever the query is; `None` where the query has to decide.

        Raises `UnknownOperation` or `MethodNotAllowed`.
        """
        segments = _split(path, given)
        candidates = self._candidates(method, segments)
        if not candidates:
            raise self._problem(method, path, given)
        first = candidates[0]
        rivals = [route for route in candidates if route.literals == first.literals]
        return first.match(segments) if len(rivals) == 1 and not first.fixed else None

    def _choose(self, method: str, path: str, given: Segments | None, query: str) -> Match:
        """Return the operation that fits the query best. Raises `UnknownOperation` where none does."""
        segments = _split(path, given)
        pairs = set(parse_qsl(query, keep_blank_values=True))
        fitting = [route for route in self._candidates(method, segments) if route.fixed <= pairs]
        if not fitting:
            raise UnknownOperation(f"no operation of the blueprint has the path {path} with the query {query or 'that is empty'}")
        names = {name for name, _ in pairs}
        rivals = [route for route in fitting if route.literals == fitting[0].literals]
        return min(rivals, key=lambda route: route.distance(method, names)).match(segments)

    def _problem(self, method: str, path: str, given: Segments | None) -> UnknownOperation | MethodNotAllowed:
        allowed = self.methods(path, given)
        if not allowed:
            return UnknownOperation(f"no operation of the blueprint has the path {path}")
        headers = (("Allow", ", ".join(allowed)),)
        return MethodNotAllowed(f"{path} has {', '.join(allowed)}, not {method}", {"allowed": allowed}, headers)


def _split(path: str, segments: Segments | None) -> Segments:
    return tuple(path.split("/")[1:]) if segments is None else segments
