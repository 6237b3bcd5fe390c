"""What WireMock's clients ask for and do not get here, with a sentence on what to use instead."""

from dataclasses import dataclass

WRITES = ("POST", "PUT", "PATCH", "DELETE")
ALL = ("GET", *WRITES)


@dataclass(frozen=True, slots=True)
class UnsupportedRoute:
    """One group of routes that WireMock has."""

    methods: tuple[str, ...]
    path: str
    """Below `/__admin`; the routes below it are meant too."""
    alternative: str
    """What to use, as the end of a sentence."""


_STUBS = (
    "answers come from the blueprint, not from stubs: switch on a scenario (GET /__admin/scenarios lists them), "
    "or ask for one answer with the header Prefer; GET /openapi.json lists the operations"
)
_ONE = "exchanges are not dropped one by one: DELETE /__admin/requests empties the journal, a sandbox keeps tests apart"
UNSUPPORTED = (
    UnsupportedRoute(ALL, "/mappings", _STUBS),
    UnsupportedRoute(("POST",), "/requests/remove", _ONE),
    UnsupportedRoute(("POST",), "/requests/remove-by-metadata", _ONE),
    UnsupportedRoute(("DELETE",), "/requests", _ONE),
    UnsupportedRoute(
        ("POST",), "/near-misses/request-pattern", "POST /__admin/requests/find lists the exchanges that fit a pattern"
    ),
    UnsupportedRoute(ALL, "/recordings", "nothing is recorded: what is answered comes from the blueprint and its fixtures"),
    UnsupportedRoute(
        ALL, "/files", "answers are not taken from files: what is answered comes from the blueprint and its fixtures"
    ),
    UnsupportedRoute(
        WRITES, "/settings", "settings are given at start; a scenario with a delay, or Prefer: delay=1, slows answers down"
    ),
    UnsupportedRoute(("POST",), "/shutdown", "the server ends with its process: send it SIGTERM"),
)
"""Of these the first that fits counts."""


def alternative_to(method: str, path: str) -> str:
    """What to use instead of a path that is not here; empty where it is no route of WireMock's."""
    for each in UNSUPPORTED:
        own = f"/__admin{each.path}"
        if method in each.methods and (path == own or path.startswith(f"{own}/")):
            return each.alternative
    return ""
