"""The control plane: what testers and CI jobs steer the mock server with, as one table of routes.

Shaped after WireMock's admin API where that has the thing. Every operation is for one sandbox, chosen as for the API: the base
URL `/~NAME/__admin/...`, else the header `X-Mock-Sandbox`, else `default`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.web.control import about, bindings, clock, events, records, requests, sandboxes, scenarios
from mockserver.web.control.call import Json, Stream

__all__ = ["ROUTES", "Route"]


@dataclass(frozen=True, slots=True)
class Route:
    """One control operation."""

    method: str
    path: str
    """As a Flask rule, below `/__admin`."""
    answer: Callable[..., Json | Stream]
    """Given the call and the path's variables; returns the answer's JSON, or its stream."""
    summary: str


ROUTES: tuple[Route, ...] = (
    Route("GET", "/health", about.health, "Whether the server and its store answer."),
    Route("GET", "/version", about.version, "The version, and the hash of each blueprint."),
    Route("GET", "/settings", about.settings, "What the server runs with."),
    Route("POST", "/reset", sandboxes.reset, "Put records, scenarios, clock and journal back to how the server started."),
    Route("GET", "/scenarios", scenarios.every, "Every scenario, what it does, and whether it is on."),
    Route("GET", "/scenarios/<name>", scenarios.one, "One scenario."),
    Route("PUT", "/scenarios/<name>", scenarios.switch_on, "Switch a scenario on."),
    Route("DELETE", "/scenarios/<name>", scenarios.switch_off, "Switch a scenario off."),
    Route("GET", "/clock", clock.shown, "What the sandbox's clock shows, and what moves records on."),
    Route("PUT", "/clock", clock.put, "Set, freeze or run the clock; choose what moves records on."),
    Route("POST", "/clock/advance", clock.advance, "Put the clock forward by some seconds."),
    Route("GET", "/records", records.every, "The records as they are now, by collection, and where each can be moved."),
    Route("POST", "/records/move", records.move, "Move one record along its lifecycle."),
    Route("POST", "/records/restore", records.restore, "Put one record back as shipped."),
    Route("GET", "/sandboxes", sandboxes.every, "The sandboxes that are kept, the one used last first."),
    Route("GET", "/sandboxes/<name>", sandboxes.one, "One sandbox, whole: what `PUT` takes to make it again."),
    Route("PUT", "/sandboxes/<name>", sandboxes.put, "Make a sandbox what another was."),
    Route("DELETE", "/sandboxes/<name>", sandboxes.delete, "Drop a sandbox."),
    Route("POST", "/sandboxes/<name>/reset", sandboxes.reset, "Put a sandbox back to how it started."),
    Route("GET", "/bindings", bindings.shown, "The caller's address, and which sandboxes addresses are bound to."),
    Route("PUT", "/bindings", bindings.put, "Bind the caller's address to a sandbox."),
    Route("DELETE", "/bindings", bindings.delete, "Bind the caller's address to none."),
    Route("GET", "/requests", requests.every, "The journal, the last exchange first; filtered by query variables."),
    Route("DELETE", "/requests", requests.clear, "Empty the journal."),
    Route("POST", "/requests/count", requests.count, "How many exchanges of the journal fit a filter."),
    Route("GET", "/requests/unmatched/near-misses", requests.near_misses, "What unmatched requests came closest to."),
    Route("GET", "/events", events.stream, "Each exchange, and each change of the world, while it happens (server-sent events)."),
)
"""Every control operation."""
