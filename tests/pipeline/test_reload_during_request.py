"""A contract that is replaced while a request is handled."""

from typing import Any

import pytest
from helpers.generated_apis import generated_contract, send_request

from mockserver.config.settings import Settings
from mockserver.contract.routes import Match
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore

SOURCE = "# A\n\n## T [/t]\n\n### Show [GET]\n\n+ Response 200 (text/plain)\n\n        {}\n"


def test_a_response_of_the_former_contract_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    former, new = (generated_contract(SOURCE.format(text)) for text in ("former", "new"))
    server = MockServer(former, Settings(), MemoryStore(SandboxState()))
    match = server.contracts.main.router.match

    def reload(*arguments: Any) -> Match:
        result = match(*arguments)
        server.use(new)
        return result

    monkeypatch.setattr(server.contracts.main.router, "match", reload)
    exchange = Exchange(Request("GET", "/t"))
    response: Any = server.handle(exchange)
    assert response.body.strip() == b"former"
    snapshot: Any = exchange.repeatable_in
    assert not server.contracts.serve(snapshot.contract), "so the quick path does not keep it"
    assert send_request(server, "GET", "/t").body.strip() == b"new"
