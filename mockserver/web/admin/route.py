"""One row of the table of admin routes."""

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.errors import Problem
from mockserver.formats.json_schema import Schema, Validator
from mockserver.web.admin.call import AdminCall, Created, EventStream, Text
from mockserver.web.admin.schemas import Json


@dataclass(frozen=True, slots=True)
class Route:
    """One route of the admin API: its view, and its description in `/__admin/openapi.json`."""

    method: str
    path: str
    """A Flask rule, relative to `/__admin`."""
    view: Callable[..., Json | Created | EventStream | Text]
    """Takes the call and the variables of the path. Returns JSON, a stream or a text."""
    summary: str
    response_schema: Schema | None = None
    """The schema of the response. A test lists the routes without one."""
    request_schema: Validator | None = None
    """The schema of the body of POST, PUT and PATCH."""
    query: Schema | None = None
    """The schema of the query as an object. The view uses it with `AdminCall.query_params`."""
    problems: tuple[type[Problem], ...] = ()
    """The problems of this route, in addition to those of all admin routes."""
    media: str = "application/json"
    """The media type of the response."""
    statuses: tuple[int, ...] = (200,)
    """The statuses of the response. A view returns `Created` for 201."""

    def call(self, call: AdminCall, **variables: str) -> Json | Created | EventStream | Text:
        """Return the result of one call.

        Raises:
            AdminRequestInvalid: the body is invalid.
            Problem: any problem of the view.
        """
        if self.request_schema is not None:
            call.validate_body(self.request_schema)
        return self.view(call, **variables)
