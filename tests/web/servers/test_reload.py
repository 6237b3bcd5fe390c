"""`--reload`: detected changes of files, step by step without a server."""

import logging
from pathlib import Path

import pytest

from mockserver.cli.blueprints.sources import contract_source
from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.web.servers.reload import FileWatcher


def watcher_of(settings: Settings) -> FileWatcher:
    """Return the watcher of a contract that was loaded."""
    watcher = FileWatcher(contract_source(settings), "mockserver check")
    watcher.load()
    return watcher


NEW = "title: New\noperations: [list-all-trashed-push-notifications]\ndata: {}\n"


def test_a_valid_change_is_loaded_and_an_invalid_one_keeps_the_contract(
    shipped: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(schemas=shipped / "schemas", fixtures=shipped / "fixtures", store="memory:")
    server = MockServer(
        loader.load_contract(settings.schemas, settings.fixtures),
        settings,
        MemoryStore(SandboxState()),
    )
    watcher = watcher_of(settings)
    scenario = shipped / "fixtures/push_notifications/scenarios/new.yaml"
    caplog.set_level(logging.WARNING)
    assert not watcher.poll(server)
    assert caplog.record_tuples == []

    scenario.write_text(NEW.format("empty"))
    assert watcher.poll(server)
    assert "new" in server.contracts.main.contract.scenarios
    assert caplog.record_tuples == [("mockserver", logging.WARNING, "reloaded")]

    caplog.clear()
    right = server.contracts.main.contract
    scenario.write_text(NEW.format("everything"))
    assert not watcher.poll(server)
    assert server.contracts.main.contract is right
    ((logger, _, message),) = caplog.record_tuples
    assert logger == "mockserver"
    assert message.startswith("reload failed, still serving the previous contract:\n")
    assert 'new.yaml:3:7: /data: expected "empty", ' in message
    assert server.reload_errors.all == tuple(message.splitlines()[1:])
    assert not watcher.poll(server), "an error is logged once"
    assert server.reload_errors.all != ()

    scenario.unlink()
    assert watcher.poll(server)
    assert "new" not in server.contracts.main.contract.scenarios
    assert server.reload_errors.all == ()


def test_a_reload_that_removes_the_feature_of_a_token_keeps_the_contract(
    shipped: Path, caplog: pytest.LogCaptureFixture
) -> None:
    token = "qa=push_notifications/view"
    settings = Settings(
        schemas=shipped / "schemas", fixtures=shipped / "fixtures", store="memory:", tokens=(token,)
    )
    server = MockServer(
        loader.load_contract(settings.schemas, settings.fixtures),
        settings,
        MemoryStore(SandboxState()),
    )
    watcher, before = (
        watcher_of(settings),
        (server.contracts, server.sandboxes),
    )
    caplog.set_level(logging.WARNING)
    blueprint = shipped / "schemas/push_notifications/push_notifications.apib"
    blueprint.write_text(
        blueprint.read_text().replace("push_notifications/view", "push_notifications/read")
    )
    (shipped / "fixtures/push_notifications/tokens.yaml").unlink()

    assert not watcher.poll(server)
    assert (server.contracts, server.sandboxes) == before
    ((_, _, message),) = caplog.record_tuples
    assert message.startswith("reload failed, still serving the previous contract:\n--token qa: ")
