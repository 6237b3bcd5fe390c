"""A contract from blueprints alone: generated, kept in the cache, and reloaded."""

import logging
import shutil
from pathlib import Path

import pytest
from helpers.blueprint_folders import ITEMS, USERS, write_files

from mockserver.cli.blueprints import scaffolding, sources
from mockserver.cli.blueprints.sources import BlueprintSource, contract_source
from mockserver.config.settings import Settings
from mockserver.contract.model import Contract
from mockserver.errors import InvalidFiles, UsageError
from mockserver.pipeline.messages import Request
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.web.app import create_app
from mockserver.web.servers.reload import FileWatcher


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    return write_files(tmp_path / "api", items=ITEMS)


def load(folder: Path, *, use_cache: bool = True) -> Contract:
    return BlueprintSource([str(folder)], use_cache=use_cache).load()


def entries(folder: Path) -> list[Path]:
    """Return the entries of the cache."""
    return sorted((folder.parent / "xdg/mockserver").glob("*"))


def summary(contract: Contract) -> object:
    """Return what two contracts of the same blueprint have in common."""
    effects = [(served.operation.id, served.effect) for served in contract.served]
    records = {name: list(contract.collections[name].items()) for name in contract.collections}
    return effects, records, contract.messages, contract.now


def test_the_kept_contract_equals_the_generated_one(folder: Path) -> None:
    first = load(folder)
    assert [served.effect.kind for served in first.served] == [
        "list",
        "create",
        "retrieve",
        "example",
    ]
    assert len(entries(folder)) == 1
    assert summary(load(folder)) == summary(first)
    assert summary(load(folder, use_cache=False)) == summary(first)


def test_a_kept_contract_is_not_generated_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(folder)
    monkeypatch.delattr(scaffolding, "scaffold")
    load(folder)
    write_files(folder, items=ITEMS.replace("Pen", "Ink"))
    with pytest.raises(ImportError):
        load(folder)


def test_the_same_files_in_another_folder_use_the_same_entry(folder: Path) -> None:
    load(folder)
    other = write_files(folder.parent / "other", items=ITEMS)
    (message,) = load(other).messages
    assert message.position.file == str(other / "items.apib")
    assert len(entries(folder)) == 1


def test_messages_name_the_files_of_the_user(folder: Path) -> None:
    for use_cache in (False, True, True):
        (message,) = load(folder, use_cache=use_cache).messages
        assert str(message).startswith(f"{folder / 'items.apib'}:43:9: unknown type 'Unknown'")


def test_nothing_is_kept_without_the_cache(folder: Path) -> None:
    load(folder, use_cache=False)
    assert entries(folder) == []


def test_an_entry_that_is_removed_during_the_load_is_generated_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = summary(load(folder))
    load_apis = sources.loader.load_apis

    def load_removed(apis: object, schemas: Path, fixtures: Path, more: None) -> Contract:
        shutil.rmtree(schemas.parent)
        return load_apis(apis, schemas, fixtures, more)  # type: ignore[arg-type]

    monkeypatch.setattr(sources.loader, "load_apis", load_removed)
    kept = sources._kept
    monkeypatch.setattr(sources, "_kept", lambda *args: (kept(*args), monkeypatch.undo())[0])
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent / "xdg"))
    assert summary(load(folder)) == expected


def test_a_full_disk_prevents_only_the_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def add(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sources.Cache, "add", add)
    assert len(load(folder).served) == 4
    assert entries(folder) == []


BROKEN_REQUEST = """# A

## POST /a

+ Request (application/json)
    + Attributes
        + age: 1 (number, required)

    + Body

            {"age": "old"}

+ Response 201 (application/json)

        {"id": 1}
"""


def test_an_operation_whose_documented_request_fails_is_served_with_a_warning(
    folder: Path,
) -> None:
    write_files(folder, items=BROKEN_REQUEST)
    for _ in range(2):
        contract = load(folder)
        assert [served.operation.id for served in contract.served] == ["post-a"]
        (failure,) = [each for each in contract.messages if "request fails" in each.message]
        assert failure.severity == "warning"
        assert failure.position.file == str(folder / "items.apib")
        assert "request-breaks-contract" in failure.message


def test_two_hosts_are_two_apis_of_one_contract(folder: Path) -> None:
    write_files(folder, users=USERS.replace("# Users", "HOST: https://b.example.com\n\n# Users"))
    for _ in range(2):
        contract = load(folder)
        assert [api.id for api in contract.apis] == ["items", "users"]
        assert [served.route for served in contract.served][-1] == "/users"


def server_of(folder: Path) -> tuple[MockServer, FileWatcher]:
    """Return a server of the blueprints in a folder, and its watcher."""
    settings = Settings(files=(str(folder),), store="memory:")
    watcher = FileWatcher(contract_source(settings), "mockserver check")
    server = MockServer(watcher.load(), settings, MemoryStore(SandboxState()))
    assert not watcher.poll(server)
    return server, watcher


def test_changed_new_and_removed_files_are_reloaded(folder: Path) -> None:
    server, watcher = server_of(folder)
    write_files(folder, users=USERS)
    assert watcher.poll(server)
    assert server.respond(Request("GET", "/v1/users")).status == 200
    write_files(folder, users=USERS.replace("/users", "/people"))
    assert watcher.poll(server)
    assert server.respond(Request("GET", "/v1/people")).status == 200
    (folder / "users.apib").unlink()
    assert watcher.poll(server)
    assert server.respond(Request("GET", "/v1/people")).status == 404
    assert not watcher.poll(server)


def test_a_change_during_the_load_is_reloaded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(files=(str(folder / "items.apib"),), store="memory:")
    source = contract_source(settings)
    load_once = source.load

    def load_and_change() -> Contract:
        contract = load_once()
        write_files(folder, items=USERS)
        return contract

    monkeypatch.setattr(source, "load", load_and_change)
    watcher = FileWatcher(source, "mockserver check")
    server = MockServer(watcher.load(), settings, MemoryStore(SandboxState()))
    monkeypatch.undo()
    assert watcher.poll(server)
    assert server.respond(Request("GET", "/users")).status == 200


def test_an_included_file_is_reloaded(folder: Path) -> None:
    server, watcher = server_of(folder)
    write_files(folder, items=f"{ITEMS}\n<!-- include(parts/users.md) -->\n")
    assert watcher.poll(server)
    assert not watcher.poll(server)
    (folder / "parts").mkdir()
    (folder / "parts/users.md").write_text(USERS)
    assert watcher.poll(server)
    assert server.respond(Request("GET", "/v1/users")).status == 200
    (folder / "parts/users.md").write_text(USERS.replace("/users", "/people"))
    assert watcher.poll(server)
    assert server.respond(Request("GET", "/v1/people")).status == 200
    assert not watcher.poll(server)


def test_a_faulty_reload_keeps_the_contract_and_reports_why(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server, watcher = server_of(folder)
    before = server.contracts.main.contract
    caplog.set_level(logging.WARNING)
    (folder / "items.apib").write_text("# Nothing\n")
    assert not watcher.poll(server)
    assert server.contracts.main.contract is before
    assert "no file has an operation" in server.reload_errors.all[0]
    (folder / "items.apib").unlink()
    assert not watcher.poll(server)
    assert "no blueprint matches" in server.reload_errors.all[0]
    write_files(folder, items=ITEMS)
    assert watcher.poll(server)
    assert server.reload_errors.all == ()


def test_a_named_file_that_is_removed_keeps_the_contract(folder: Path) -> None:
    source = BlueprintSource([str(folder / "items.apib")], use_cache=False)
    source.load()
    (folder / "items.apib").unlink()
    with pytest.raises(InvalidFiles, match="cannot be read"):
        source.load()


def test_an_embedded_application_explains_that_it_needs_folders(folder: Path) -> None:
    with pytest.raises(
        UsageError, match="MOCKSERVER_FILES: an embedded application serves folders"
    ):
        create_app(Settings(files=(str(folder),)))
