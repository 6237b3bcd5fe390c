"""Routes of WireMock that are not supported, each with an alternative."""

from dataclasses import dataclass

WRITES = ("POST", "PUT", "PATCH", "DELETE")
ALL = ("GET", *WRITES)


@dataclass(frozen=True, slots=True)
class UnsupportedRoute:
    """One group of WireMock's routes."""

    methods: tuple[str, ...]
    path: str
    """The path of the route, relative to `/__admin`. It includes all routes below."""
    alternative: str
    """The reason and the alternative, as the end of a sentence."""


_STUBS = (
    "responses come from the blueprint, not from stubs: switch on a scenario "
    "(GET /__admin/scenarios lists them), or choose one response with the header Prefer; "
    "GET /openapi.json lists the operations"
)
_FILES = "responses come from the blueprint and its fixtures"
_ONE = (
    "single exchanges cannot be deleted: DELETE /__admin/requests empties the journal, "
    "and a sandbox isolates tests"
)
UNSUPPORTED = (
    UnsupportedRoute(ALL, "/mappings", _STUBS),
    UnsupportedRoute(("POST",), "/requests/remove", _ONE),
    UnsupportedRoute(("POST",), "/requests/remove-by-metadata", _ONE),
    UnsupportedRoute(("DELETE",), "/requests", _ONE),
    UnsupportedRoute(
        ("POST",),
        "/near-misses/request-pattern",
        "POST /__admin/requests/find lists the exchanges that match a pattern",
    ),
    UnsupportedRoute(ALL, "/recordings", f"nothing is recorded: {_FILES}"),
    UnsupportedRoute(ALL, "/files", f"response bodies are not files: {_FILES}"),
    UnsupportedRoute(
        WRITES,
        "/settings",
        "settings are set at start; a scenario with a delay, or Prefer: delay=1, delays responses",
    ),
    UnsupportedRoute(("POST",), "/shutdown", "the server stops with its process: send it SIGTERM"),
)
"""The first row that matches a request applies."""


def alternative_to(method: str, path: str) -> str:
    """Return the alternative to an unsupported route of WireMock; empty for any other route."""
    for route in UNSUPPORTED:
        route_path = f"/__admin{route.path}"
        is_below = path == route_path or path.startswith(f"{route_path}/")
        if is_below and method in route.methods:
            return route.alternative
    return ""
