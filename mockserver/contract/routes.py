"""Routes: match requests to operations by their full path.

Routes that no query distinguishes are a warning.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mockserver.contract.model import ServedOperation
from mockserver.errors import FileMessage
from mockserver.formats.uri_segment import Form, MixedForm, Segment
from mockserver.spec.blueprint.messages import AMBIGUOUS_ROUTE

Segments = tuple[str, ...]

TEXT, MIXED, VARIABLE, REST = range(4)
"""The kinds of segments, in the order of their precedence."""

# Stands for a slash in a segment, which was percent-encoded. No path contains it.
_ENCODED_SLASH = "\0"


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """An operation, and the path variables as text."""

    served: ServedOperation
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """An operation with its full path from the server root."""

    served: ServedOperation
    forms: tuple[Form, ...]
    """What the segments of the path match: a text, `None` for any, or a mixed form."""
    variables: tuple[str, ...]
    """The path variables, in order. A name can be there more than once."""
    fixed: frozenset[tuple[str, str]]
    """The literal parts of the query."""
    required: frozenset[str]
    """The required query variables."""
    query: frozenset[str]
    """All query variables."""
    mixed_path: MixedForm | None
    """The form of the whole path, if a segment is mixed or a rest; else `None`."""

    @property
    def has_rest(self) -> bool:
        """Whether a variable may contain slashes."""
        return self.mixed_path is not None and any(self.mixed_path.rests)

    @property
    def precedence(self) -> tuple[tuple[int, int], ...]:
        """The order of routes that match the same path, from the left: the smallest is first.

        A text comes before a mixed segment, a variable and a rest. Of two mixed segments, the one
        with more text comes first.
        """
        return tuple(map(_form_precedence, self.forms))

    def values(self, segments: Segments) -> tuple[str, ...] | None:
        """Return the values of the path variables; `None` if the path does not match."""
        if self.mixed_path:
            return _mixed_values(self.mixed_path, segments)
        values: list[str] = []
        for segment, form in zip(segments, self.forms, strict=True):
            if form is None and segment:
                values.append(segment)
            elif form != segment:
                return None
        return tuple(values)

    def matches(self, segments: Segments) -> bool:
        """Return whether a path matches. Without a rest, it has the same number of segments."""
        return self.values(segments) is not None

    def match(self, segments: Segments) -> Match:
        """Return the operation with the variables of a matching path."""
        return Match(
            self.served, dict(zip(self.variables, self.values(segments) or (), strict=True))
        )

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
        same_path = by_path.setdefault((route.served.operation.method, route.forms), [])
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
    base = served.api.base_path.split("/")[1:]
    forms = (*base, *template.pattern)
    variables: list[str] = []
    for segment in template.segments:
        variables += [variable.name for variable in segment.variables]
    mixed_path = None
    if any(isinstance(form, MixedForm) for form in forms):
        mixed_path = _mixed_path(base, template.segments)
    return Route(
        served,
        forms,
        tuple(variables),
        frozenset(template.fixed),
        frozenset(parameter.name for parameter in query if parameter.required),
        frozenset(template.query),
        mixed_path,
    )


def _mixed_path(base: list[str], segments: tuple[Segment, ...]) -> MixedForm:
    """Return the form of a whole path, without its first slash."""
    texts, rests = [_joined(base)], list[bool]()
    for index, segment in enumerate(segments):
        if base or index:
            texts[-1] += "/"
        first, *others = [text.replace("/", _ENCODED_SLASH) for text in segment.texts]
        texts[-1] += first
        texts += others
        rests += segment.mixed_form.rests
    return MixedForm(tuple(texts), tuple(rests))


def _form_precedence(form: Form) -> tuple[int, int]:
    """Return the precedence of a segment: its kind, then its length of text if it is mixed."""
    if form is None:
        return VARIABLE, 0
    if isinstance(form, str):
        return TEXT, 0
    texts, rests = form
    length = sum(map(len, texts))
    if any(rests):
        return REST, -length
    return MIXED, -length


def _mixed_values(form: MixedForm, segments: Segments) -> tuple[str, ...] | None:
    """Return the values of the variables in a path; `None` if it does not match."""
    values = form.values(_joined(segments))
    if values is None:
        return None
    return tuple(value.replace(_ENCODED_SLASH, "/") for value in values)


def _joined(segments: Iterable[str]) -> str:
    """Return a path without its first slash. Slashes in a segment stay distinct."""
    return "/".join(segment.replace("/", _ENCODED_SLASH) for segment in segments)
