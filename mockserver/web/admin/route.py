"""One row of the table of control operations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mockserver.errors import Problem
from mockserver.formats.json_schema import Schema, Validator
from mockserver.web.admin.call import AdminCall, EventStream, Json, Text


@dataclass(frozen=True, slots=True)
class Route:
    """One control operation: what it does, and all that `/__admin/openapi.json` says of it."""

    method: str
    path: str
    """As a Flask rule, below `/__admin`."""
    response: Callable[..., Json | EventStream | Text]
    """Given the call and the path's variables; returns the answer's JSON, its stream, or its text."""
    summary: str
    response_schema: Schema | None = None
    """The answer's schema; a test names the routes that have none."""
    request_schema: Validator | None = None
    """What the body has to be; for POST, PUT and PATCH."""
    query: Mapping[str, Schema] = field(default_factory=dict)
    """The schema of each query variable, by name; the operation asks for them with `Call.asked`."""
    problems: tuple[type[Problem], ...] = ()
    """The problems that it has beside those of every control operation."""
    media: str = "application/json"
    """The media type of its answer."""

    def call(self, call: AdminCall, **variables: str) -> Json | EventStream | Text:
        """The answer to one call. Raises `ControlRequestInvalid` for a body that it does not take, and what `answer` raises."""
        if self.request_schema is not None:
            call.validate_body(self.request_schema)
        return self.response(call, **variables)
