"""Every store keeps the coverage of all processes until it is cleared."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from helpers.processes import clean_environ
from helpers.stores import MakeStore, encoder_of, increment, open_store_at

from mockserver.errors import StoreUnavailable
from mockserver.sandbox import coverage
from mockserver.sandbox.coverage import CoverageKey
from mockserver.sandbox.stores import coverage_files, redis_coverage
from mockserver.sandbox.stores.coverage_files import CoverageFiles
from mockserver.sandbox.stores.store import Store

SHARED = pytest.mark.parametrize("make", ["sqlite", "redis"], indirect=True)
ONE, OTHER = CoverageKey("", "a", "cancels: é"), CoverageKey("next", "a", "")


def covered(store: Store) -> dict[CoverageKey, set[str]]:
    """Return the coverage, which is complete."""
    stored = store.coverage()
    assert stored.is_complete
    return {key: set(items) for key, items in stored.items.items()}


def test_items_of_equal_keys_are_united(store: Store) -> None:
    assert covered(store) == {}
    store.add_coverage(ONE, ("x 200", 'x query limit "a"'))
    store.add_coverage(OTHER, ("x 200",))
    store.add_coverage(ONE, ("x 404", "x 200"))
    assert covered(store) == {ONE: {"x 200", 'x query limit "a"', "x 404"}, OTHER: {"x 200"}}


@SHARED
def test_a_process_reads_the_coverage_of_others(two: tuple[Store, Store]) -> None:
    one, other = two
    one.add_coverage(ONE, ("x 200",))
    other.add_coverage(ONE, ("x 404",))
    assert covered(one) == covered(other) == {ONE: {"x 200", "x 404"}}


def test_reset_deletion_and_eviction_of_a_sandbox_keep_its_coverage(make: MakeStore) -> None:
    store = make(sandboxes=1)
    store.add_coverage(ONE, ("x 200",))
    store.change("a", increment)
    assert store.delete("a")
    store.change("a", increment)
    store.append("b", encoder_of(b"{}"))
    assert [info.name for info in store.sandboxes()] == ["b"]
    assert covered(store) == {ONE: {"x 200"}}


def test_clearing_starts_another_generation(store: Store) -> None:
    store.add_coverage(ONE, ("x 200",))
    store.clear_coverage()
    generation = store.coverage_generation()
    assert covered(store) == {}
    store.add_coverage(ONE, ("x 404",))
    assert covered(store) == {ONE: {"x 404"}}
    store.clear_coverage()
    assert store.coverage_generation() != generation
    assert covered(store) == {}


@SHARED
def test_every_process_knows_that_the_coverage_was_cleared(two: tuple[Store, Store]) -> None:
    one, other = two
    other.add_coverage(ONE, ("x 200",))
    one.clear_coverage()
    assert one.coverage_generation() == other.coverage_generation()
    before = other.coverage_generation()
    one.clear_coverage()
    assert other.coverage_generation() != before
    assert covered(other) == {}


def test_clearing_twice_at_once_keeps_what_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    delete_others = CoverageFiles.delete_others
    with open_store_at(url) as one, open_store_at(url) as other:

        def clear_and_add() -> None:
            other.clear_coverage()
            other.add_coverage(ONE, ("x 200",))

        second = Thread(target=clear_and_add)

        def delete_late(files: CoverageFiles, generation: int) -> None:
            if second.ident is None:
                second.start()
                second.join(0.2)
            delete_others(files, generation)

        monkeypatch.setattr(CoverageFiles, "delete_others", delete_late)
        one.clear_coverage()
        second.join()
        assert covered(one) == {ONE: {"x 200"}}


def test_coverage_survives_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    with open_store_at(url) as store:
        store.add_coverage(ONE, ("x 200",))
        store.clear_coverage()
        store.add_coverage(ONE, ("x 404",))
    with open_store_at(url) as store:
        assert covered(store) == {ONE: {"x 404"}}


def test_the_oldest_keys_are_merged_into_a_rest(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (coverage, redis_coverage):
        monkeypatch.setattr(module, "MAX_KEYS", 3)
    monkeypatch.setattr(coverage, "_SLACK", 0)
    monkeypatch.setattr(coverage.CoverageTable.__init__, "__defaults__", (3,))
    store.clear_coverage()
    keys = [CoverageKey("", "s", f"test {number}") for number in range(5)]
    for number, key in enumerate(keys):
        store.add_coverage(key, (f"x {number}",))
        store.add_coverage(keys[0], (f"y {number}",))
    newest = {keys[3]: {"x 3"}, keys[4]: {"x 4"}}
    oldest = {keys[0]: {"x 0", *(f"y {number}" for number in range(5))}}
    assert covered(store) == {CoverageKey("", "", ""): {"x 1", "x 2"}, **oldest, **newest}


ADD = """
import os, signal, sys
from mockserver.sandbox.coverage import CoverageKey
from mockserver.sandbox.state import SandboxState
from mockserver.sandbox.stores.open import open_store
from mockserver.sandbox.stores.store import StoreLimits
store = open_store(sys.argv[1], SandboxState(), StoreLimits())
store.open()
store.add_coverage(CoverageKey("", "a", "killed"), ("x 200", "x 404"))
os.kill(os.getpid(), signal.SIGKILL)
"""


@SHARED
def test_a_killed_process_loses_nothing(
    make: MakeStore, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    store = make()
    url = f"sqlite:///{tmp_path}/s.sqlite"
    if "redis" in request.node.name:
        url = request.getfixturevalue("redis_url")
    killed = subprocess.run([sys.executable, "-c", ADD, url], env=clean_environ(), check=False)
    assert killed.returncode == -9
    assert covered(store) == {CoverageKey("", "a", "killed"): {"x 200", "x 404"}}


def coverage_paths(folder: Path) -> list[Path]:
    return list(folder.glob("*-coverage-*"))


@pytest.fixture
def files(tmp_path: Path) -> CoverageFiles:
    """The files of a process. The name of the database has characters of patterns."""
    return CoverageFiles(tmp_path / "a[b]*.sqlite")


def test_files_without_a_writer_are_merged(
    files: CoverageFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage_files, "MAX_FILES", 3)
    writer = CoverageFiles(tmp_path / "a[b]*.sqlite")
    writer.add(1, OTHER, ("kept",))
    for number in range(5):
        files.add(1, ONE, (f"x {number}",))
        files.close()
    expected = {ONE: [f"x {number}" for number in range(5)], OTHER: ["kept"]}
    for _ in range(2):
        items = files.read(1).items()
        assert {key: sorted(value) for key, value in items.items()} == expected
        assert len(coverage_paths(tmp_path)) == 2
    writer.add(1, OTHER, ("kept too",))
    assert files.read(1).items()[OTHER] == ("kept", "kept too")
    files.delete_others(2)
    assert coverage_paths(tmp_path) == []


def test_a_full_file_is_followed_by_another(
    files: CoverageFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage_files, "MAX_FILE_BYTES", 1)
    for number in range(3):
        files.add(1, ONE, (f"x {number}",))
    assert len(coverage_paths(tmp_path)) == 3
    assert sorted(files.read(1).items()[ONE]) == ["x 0", "x 1", "x 2"]


def test_a_line_after_an_incomplete_one_is_read(files: CoverageFiles, tmp_path: Path) -> None:
    files.add(1, ONE, ("x 1",))
    [path] = coverage_paths(tmp_path)
    with path.open("ab") as file:
        file.write(b'\n[17.5,["","a')
    files.add(1, ONE, ("x 2",))
    assert files.read(1).items() == {ONE: ("x 1", "x 2")}


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """Let no file of this process grow above the limit."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_coverage_is_incomplete_after_a_full_disk_until_it_is_cleared(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    with open_store_at(url) as store, open_store_at(url) as other:
        store.add_coverage(ONE, ("x 1",))
        [path] = coverage_paths(tmp_path)
        with full_disk(path.stat().st_size + 3), pytest.raises(StoreUnavailable):
            store.add_coverage(ONE, ("x 2",))
        store.add_coverage(ONE, ("x 3",))
        assert other.coverage() == ({ONE: ("x 1", "x 3")}, False)
        other.clear_coverage()
        assert store.coverage() == ({}, True)


def test_coverage_is_incomplete_after_redis_rejected_items(redis_url: str) -> None:
    with open_store_at(redis_url) as store, open_store_at(redis_url) as other:
        store.clear_coverage()
        client = store._client
        client.config_set("maxmemory", "1")
        try:
            with pytest.raises(StoreUnavailable):
                store.add_coverage(ONE, ("x 1",))
        finally:
            client.config_set("maxmemory", "0")
        assert not store.coverage().is_complete
        store.add_coverage(ONE, ("x 2",))
        assert other.coverage() == ({ONE: ["x 2"]}, False)
        other.clear_coverage()
        assert covered(store) == {}
