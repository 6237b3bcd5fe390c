"""Routes of WireMock that are not supported here, and the alternative to each."""

from dataclasses import dataclass

WRITES = ("POST", "PUT", "PATCH", "DELETE")
ALL = ("GET", *WRITES)


@dataclass(frozen=True, slots=True)
class UnsupportedRoute:
    """One group of WireMock's routes."""

    methods: tuple[str, ...]
    path: str
    """Below `/__admin`; includes all routes below it."""
    alternative: str
    """What to use instead, as the end of a sentence."""


_STUBS = (
    "responses come from the blueprint, not from stubs: switch on a scenario (GET /__admin/scenarios lists them), "
    "or choose one response with the header Prefer; GET /openapi.json lists the operations"
)
_FILES = "responses come from the blueprint and its fixtures"
_ONE = "single exchanges cannot be deleted: DELETE /__admin/requests empties the journal, a sandbox isolates tests"
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
"""The first row that matches a request counts."""


def alternative_to(method: str, path: str) -> str:
    """Return what to use instead of a route that does not exist; empty if WireMock has no such route either."""
    for route in UNSUPPORTED:
        route_path = f"/__admin{route.path}"
        is_below = path == route_path or path.startswith(f"{route_path}/")
        if is_below and method in route.methods:
            return route.alternative
    return ""
