"""Hidden files, links and FIFOs in the folders of a contract, and files of killed servers."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.processes import run_command, run_process

from mockserver.cli.blueprints.sources import contract_source
from mockserver.config.settings import Settings
from mockserver.contract import loader
from mockserver.errors import InvalidFiles, StartError
from mockserver.pipeline.mock_server import MockServer
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.memory import MemoryStore
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import StoreLimits
from mockserver.web.servers.reload import FileWatcher

NAME = "push_notifications"
SCENARIO = "title: {}\noperations: [list-all-trashed-push-notifications]\ndata: empty\n"


def hide_files(folder: Path) -> None:
    """Create the files that editors, macOS and git leave in a folder."""
    (folder / ".#x.yaml").symlink_to("somebody@host.123:456")
    for name in (
        "._x.yaml",
        ".x.yaml.swp",
        "x.yaml~",
        "#x.yaml#",
        "._x.200.json",
        f"._{NAME}.apib",
    ):
        (folder / name).write_bytes(b"\x00\x05\x16\x07")
    (folder / ".git").mkdir()
    (folder / ".git/x.yaml").write_text("{")


def errors(folder: Path) -> list[str]:
    with pytest.raises(InvalidFiles) as raised:
        loader.load_contract(folder / "schemas", folder / "fixtures")
    return [str(error) for error in raised.value.errors]


def test_hidden_files_are_ignored_without_a_warning(shipped: Path) -> None:
    api = shipped / "fixtures" / NAME
    for folder in (api, api / "records", api / "scenarios", shipped / "schemas" / NAME):
        hide_files(folder)
    for folder in (shipped / "fixtures", shipped / "schemas"):
        hide_files(folder)
        (folder / ".git/recipes.yaml").write_text("{")
        (folder / ".git/.git.apib").write_text("{")
    assert loader.load_contract(shipped / "schemas", shipped / "fixtures").messages == ()
    for call in (
        ["check"],
        ["schemas", "--check"],
        ["fixtures", "--check"],
        ["schemas"],
        ["fixtures"],
    ):
        process = run_command(
            *call, "--schemas", str(shipped / "schemas"), "--fixtures", str(shipped / "fixtures")
        )
        assert (process.returncode, process.stderr) == (0, "")
    assert (shipped / "schemas" / NAME / "._x.200.json").exists()


@pytest.fixture
def poll(shipped: Path) -> Callable[[], bool]:
    """Return a function that polls the files once, and returns whether a change was loaded."""
    settings = Settings(schemas=shipped / "schemas", fixtures=shipped / "fixtures")
    watcher = FileWatcher(contract_source(settings), "mockserver check")
    server = MockServer(watcher.load(), settings, MemoryStore(SandboxState()))
    return lambda: watcher.poll(server)


def test_reload_ignores_hidden_files(shipped: Path, poll: Callable[[], bool]) -> None:
    hide_files(shipped / "fixtures" / NAME / "scenarios")
    assert not poll()


def replace_with_link(folder: Path, place: Path) -> None:
    """Move a folder, and create a link to it."""
    folder.rename(place)
    folder.symlink_to(place)


@pytest.mark.parametrize(
    "part",
    [f"fixtures/{NAME}", f"fixtures/{NAME}/scenarios", f"fixtures/{NAME}/records", "fixtures"],
)
def test_reload_follows_linked_folders(
    shipped: Path, tmp_path_factory: pytest.TempPathFactory, part: str
) -> None:
    place = tmp_path_factory.mktemp("elsewhere") / "folder"
    replace_with_link(shipped / part, place)
    settings = Settings(schemas=shipped / "schemas", fixtures=shipped / "fixtures")
    watcher = FileWatcher(contract_source(settings), "mockserver check")
    server = MockServer(watcher.load(), settings, MemoryStore(SandboxState()))
    name = "records/trash.yaml" if part.endswith("records") else "scenarios/new.yaml"
    changed = shipped / "fixtures" / NAME / name
    changed.write_text("[]\n" if part.endswith("records") else SCENARIO.format("New"))
    assert watcher.poll(server)
    assert not watcher.poll(server)


def test_reload_detects_a_change_of_a_linked_file(
    shipped: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "new.yaml"
    elsewhere.write_text(SCENARIO.format("One"))
    (shipped / "fixtures" / NAME / "scenarios/new.yaml").symlink_to(elsewhere)
    settings = Settings(schemas=shipped / "schemas", fixtures=shipped / "fixtures")
    watcher = FileWatcher(contract_source(settings), "mockserver check")
    server = MockServer(watcher.load(), settings, MemoryStore(SandboxState()))
    elsewhere.write_text(SCENARIO.format("Another"))
    assert watcher.poll(server)
    assert server.contracts.main.contract.scenarios["new"].title == "Another"


def test_reload_detects_a_link_with_another_target_as_in_kubernetes(shipped: Path) -> None:
    """The files of a ConfigMap are links through `..data`, which is replaced at once.

    Both versions have the same age and size.
    """
    folder = shipped / "fixtures" / NAME / "scenarios"
    for version, title in (("..1", "One"), ("..2", "Two")):
        (folder / version).mkdir()
        (folder / version / "new.yaml").write_text(SCENARIO.format(title))
        os.utime(folder / version / "new.yaml", (1, 1))
    (folder / "..data").symlink_to("..1")
    (folder / "new.yaml").symlink_to("..data/new.yaml")
    settings = Settings(schemas=shipped / "schemas", fixtures=shipped / "fixtures")
    watcher = FileWatcher(contract_source(settings), "mockserver check")
    server = MockServer(watcher.load(), settings, MemoryStore(SandboxState()))
    assert server.contracts.main.contract.messages == ()
    (folder / "..new").symlink_to("..2")
    (folder / "..new").rename(folder / "..data")
    assert watcher.poll(server)
    assert server.contracts.main.contract.scenarios["new"].title == "Two"


def test_a_link_to_a_parent_folder_is_not_followed_forever(
    shipped: Path, poll: Callable[[], bool]
) -> None:
    (shipped / "fixtures" / NAME / "scenarios/loop").symlink_to(shipped / "fixtures")
    assert not poll()
    assert loader.load_contract(shipped / "schemas", shipped / "fixtures").messages == ()


@pytest.mark.parametrize(
    "name",
    [
        f"fixtures/{NAME}/records/x.yaml",
        f"fixtures/{NAME}/scenarios/x.yaml",
        f"fixtures/{NAME}/tokens.yaml",
        f"fixtures/{NAME}/recipes.yaml",
        f"schemas/{NAME}/x.200.json",
        f"schemas/{NAME}/{NAME}.apib",
    ],
)
def test_a_fifo_or_a_device_is_an_error(shipped: Path, name: str) -> None:
    (shipped / name).unlink(missing_ok=True)
    os.mkfifo(shipped / name)
    reason = "not a regular file (FIFO, socket or device)"
    error = f"{shipped / name}:1:1: the file cannot be read: {reason}"
    assert error in errors(shipped)
    (shipped / name).unlink()
    (shipped / name).symlink_to("/dev/zero")
    assert error in errors(shipped)


@pytest.mark.parametrize(
    "call", [["init"], ["fixtures", "--fixtures"], ["schemas", "--schemas"]], ids=" ".join
)
def test_no_command_waits_for_a_fifo(shipped: Path, call: list[str]) -> None:
    fifos = {
        "init": (shipped / "new.apib", shipped / "new.apib"),
        "fixtures": (shipped / "fixtures" / NAME / "recipes.yaml", shipped / "fixtures"),
        "schemas": (shipped / "schemas" / NAME / f"{NAME}.apib", shipped / "schemas"),
    }
    fifo, argument = fifos[call[0]]
    fifo.unlink(missing_ok=True)
    os.mkfifo(fifo)
    process = run_process(*call, str(argument), cwd=shipped)
    assert process.returncode == 1
    assert "not a regular file (FIFO" in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("suffix", ["", "-journal.sqlite", "-processes"])
def test_a_fifo_as_store_is_rejected(tmp_path: Path, suffix: str) -> None:
    os.mkfifo(tmp_path / f"store.sqlite{suffix}")
    with pytest.raises(
        StartError,
        match=f"store.sqlite{suffix} is a FIFO, a socket or a device; expected a file, or none",
    ):
        open_store(f"sqlite:///{tmp_path}/store.sqlite", SandboxState(), StoreLimits())


def test_other_files_in_the_temporary_folder_do_not_block_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for name in ("fifo", "folder", "left", "locked", "others"):
        (tmp_path / f"mockserver-{name}").mkdir()
    os.mkfifo(tmp_path / "mockserver-fifo/owner")
    (tmp_path / "mockserver-folder/owner").mkdir()
    os.mkfifo(tmp_path / "mockserver-itself")
    (tmp_path / "mockserver-device").symlink_to("/dev/zero")
    for name in ("left", "locked", "others"):
        (tmp_path / f"mockserver-{name}/owner").touch()
    (tmp_path / "mockserver-left/sandboxes.sqlite").touch()
    (tmp_path / "mockserver-others/thesis.txt").touch()
    with (tmp_path / "mockserver-locked/owner").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        open_store("sqlite:", SandboxState(), StoreLimits())
    left = {path.name for path in tmp_path.iterdir()}
    assert "mockserver-left" not in left
    assert {
        f"mockserver-{name}" for name in ("fifo", "folder", "itself", "device", "locked", "others")
    } <= left
    assert (tmp_path / "mockserver-others/thesis.txt").exists()


def test_a_lock_that_is_not_released_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockserver.sandbox.stores.shared_memory.LOCK_SECONDS", 0.0)
    store = open_store(f"sqlite:///{tmp_path}/store.sqlite", SandboxState(), StoreLimits())
    with (tmp_path / "store.sqlite-processes").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Exception, match="another process holds the lock of the store"):
            store.open()
