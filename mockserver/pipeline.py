"""The journey of one request, on one screen."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from mockserver.config import Settings
from mockserver.contract import Contract, Served
from mockserver.errors import InternalFault, Problem
from mockserver.message import Request, Response
from mockserver.preferences import Wish, choose
from mockserver.responder import respond, told
from mockserver.router import Router
from mockserver.sandbox import DEFAULT, Sandboxes, World
from mockserver.stores import State, Store
from mockserver.validation import check_request

log = logging.getLogger("mockserver")


class MockServer:
    """A contract, served. Safe to call from many threads or greenlets at once."""

    def __init__(self, contract: Contract, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.use(contract, store)

    def use(self, contract: Contract, store: Store) -> None:
        """Serve this contract from now on."""
        self.contract, self.store = contract, store
        self.sandboxes, self.router = Sandboxes(contract, store), Router(contract.served)

    def handle(self, request: Request) -> Response:
        """Answer one request: with what the contract says, or with a problem that says why not. Raises nothing."""
        try:
            world = self.sandboxes.open(DEFAULT)
            match = self.router.match(request.method, request.path)
            arguments = check_request(match, request)
            wish = choose(request.headers.get("prefer"), match.served, world, self.settings.max_delay)
            if wish.delay:
                time.sleep(wish.delay)
            return self._answer(request, match.served, arguments, wish)
        except Problem as problem:
            return told(problem)
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return told(InternalFault("the log of the mock server says what happened; please report it"))

    def _answer(self, request: Request, served: Served, arguments: Mapping[str, Any], wish: Wish) -> Response:
        """Reads are answered from the world as it is; what writes is one step that no other change can part."""

        def step(world: World) -> tuple[State, Response]:
            seen = world.preferring(wish.scenario) if wish.scenario else world
            return respond(seen, served, arguments, wish, self.settings.on_violation)

        if served.effect.writes:
            return self.sandboxes.change(DEFAULT, step)
        world, key = self.sandboxes.open(DEFAULT), (request.path, request.query, wish)
        if (response := world.kept(key)) is None:
            _, response = step(world)
            if not response.violations:
                world.keep(key, response)
        return response
