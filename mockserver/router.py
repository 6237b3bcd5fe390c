"""From method and path to the operation: URI templates, the more literal one first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from mockserver.contract import Served
from mockserver.errors import MethodNotAllowed, UnknownOperation

REMEMBERED = 1024
"""Paths, and queries, whose reading is kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """An operation, and the path's variables as text."""

    served: Served
    variables: Mapping[str, str]


class Router:
    """The operations of a contract, by path."""

    def __init__(self, served: Iterable[Served]) -> None:
        self._by_length: dict[int, list[tuple[tuple[str | None, ...], tuple[str, ...], Served]]] = {}
        for each in served:
            literals, variables = _pattern(each)
            self._by_length.setdefault(len(literals), []).append((literals, variables, each))
        for routes in self._by_length.values():
            # A literal goes before a variable, segment by segment from the left.
            routes.sort(key=lambda route: [literal is None for literal in route[0]])
        self._found = lru_cache(maxsize=REMEMBERED)(self._find)

    def match(self, method: str, path: str) -> Match:
        """The operation that answers. HEAD is answered by what answers GET (RFC 9110, section 9.3.2).

        Raises `UnknownOperation`, or `MethodNotAllowed` with the union of the methods of all templates that fit.
        """
        return self._found("GET" if method == "HEAD" else method, path)

    def _find(self, method: str, path: str) -> Match:
        segments = path.split("/")[1:]
        for literals, variables, served in self._by_length.get(len(segments), ()):
            if served.operation.method == method and _fits(literals, segments):
                values = [segment for segment, literal in zip(segments, literals, strict=True) if literal is None]
                return Match(served, dict(zip(variables, values, strict=True)))
        allowed = self.methods(path)
        if not allowed:
            raise UnknownOperation(f"no operation of the blueprint has the path {path}")
        headers = (("Allow", ", ".join(allowed)),)
        raise MethodNotAllowed(f"{path} has {', '.join(allowed)}, not {method}", {"allowed": allowed}, headers)

    def methods(self, path: str) -> list[str]:
        """The methods of a path, sorted, with HEAD and OPTIONS; empty for a path that no template fits."""
        segments = path.split("/")[1:]
        routes = self._by_length.get(len(segments), ())
        found = {served.operation.method for literals, _, served in routes if _fits(literals, segments)}
        return sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set())) if found else []


def _pattern(served: Served) -> tuple[tuple[str | None, ...], tuple[str, ...]]:
    """Segments from the server's root, `None` for a variable; and the variables' names in their order."""
    prefix = tuple(served.api.base_path.split("/")[1:])
    literals = prefix + tuple(segment.literal for segment in served.template.segments)
    return literals, tuple(segment.variable for segment in served.template.segments if segment.variable)


def _fits(literals: tuple[str | None, ...], segments: list[str]) -> bool:
    return all(
        segment != "" if literal is None else literal == segment for literal, segment in zip(literals, segments, strict=True)
    )
