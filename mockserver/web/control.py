"""The control plane: what testers and CI jobs steer the mock server with, as one table of routes.

Shaped after WireMock's admin API where that has the thing.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from mockserver import __version__
from mockserver.errors import ControlRequestInvalid, NotJson, UnknownScenario
from mockserver.pipeline import MockServer
from mockserver.sandbox import DEFAULT, World
from mockserver.scenarios import Scenario

Json = dict[str, Any]
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Route:
    """One control operation."""

    method: str
    path: str
    """As a Flask rule, below `/__admin`."""
    call: Callable[..., Json]
    """Given the server, the body (of POST and PUT) and the path's variables; returns the answer's JSON."""
    summary: str


def _health(server: MockServer) -> Json:
    operations = [served.operation.id for served in server.contract.served]
    return {"status": "healthy", "version": __version__, "operations": operations}


def _version(server: MockServer) -> Json:
    blueprints = {api.id: api.sha256 for api in server.contract.apis}
    return {"version": __version__, "blueprints": blueprints}


def _settings(server: MockServer) -> Json:
    return {name: str(value) if isinstance(value, Path) else value for name, value in asdict(server.settings).items()}


def _scenarios(server: MockServer) -> Json:
    world = server.sandboxes.open(DEFAULT)
    return {"scenarios": [_told(scenario, world) for scenario in server.contract.scenarios.values()]}


def _scenario(server: MockServer, name: str) -> Json:
    scenario = server.contract.scenarios.get(name)
    if scenario is None:
        raise UnknownScenario(f"there is no scenario {name}", {"scenarios": sorted(server.contract.scenarios)})
    return _told(scenario, server.sandboxes.open(DEFAULT))


def _switch_on(server: MockServer, body: Body, name: str) -> Json:
    if body:
        raise ControlRequestInvalid(f"a scenario takes no overrides, expected {{}}, got the members {', '.join(body)}")
    server.sandboxes.switch_on(DEFAULT, name)
    return _scenario(server, name)


def _switch_off(server: MockServer, name: str) -> Json:
    server.sandboxes.switch_off(DEFAULT, name)
    return _scenario(server, name)


def _reset(server: MockServer, body: Body) -> Json:
    server.sandboxes.reset(DEFAULT)
    return {"sandbox": DEFAULT, "scenarios": list(server.sandboxes.open(DEFAULT).state.scenarios)}


def _told(scenario: Scenario, world: World) -> Json:
    what = {"status": scenario.status, "cause": scenario.cause, "data": scenario.data, "delay": scenario.delay}
    return {
        "name": scenario.name,
        "title": scenario.title,
        "operations": list(scenario.operations),
        "on": scenario.name in world.state.scenarios,
        "file": scenario.at.file if scenario.at else None,
        **{key: value for key, value in what.items() if value},
    }


ROUTES: tuple[Route, ...] = (
    Route("GET", "/health", _health, "Whether the server can answer."),
    Route("GET", "/version", _version, "The version, and the hash of each blueprint."),
    Route("GET", "/settings", _settings, "What the server runs with."),
    Route("GET", "/scenarios", _scenarios, "Every scenario, what it does, and whether it is on."),
    Route("GET", "/scenarios/<name>", _scenario, "One scenario."),
    Route("PUT", "/scenarios/<name>", _switch_on, "Switch a scenario on."),
    Route("DELETE", "/scenarios/<name>", _switch_off, "Switch a scenario off."),
    Route("POST", "/reset", _reset, "Put records and scenarios back to how the server started."),
)
"""Every control operation."""


def read_body(method: str, content_type: str | None, data: bytes) -> tuple[Body, ...]:
    """The body as the argument that a route of this method takes.

    Raises `NotJson` for a body of another type: a form or a text is what other people's pages can send without asking.
    Raises `ControlRequestInvalid` for what is not a JSON object.
    """
    if method not in ("POST", "PUT", "PATCH"):
        return ()
    if (content_type or "").partition(";")[0].strip().lower() != "application/json":
        raise NotJson(f"expected Content-Type: application/json, got {content_type or 'none'}")
    try:
        body = orjson.loads(data or b"{}")
    except orjson.JSONDecodeError as error:
        raise ControlRequestInvalid(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise ControlRequestInvalid("expected a JSON object as the body")
    return (body,)
